"""A cache of parsed request heads: the same bytes mean the same request.

Clients repeat themselves: a submit has the head of the one before it, a poll is nothing but a head.
Looking one up costs a tenth of parsing it. Only a head that leaves no doubt about where it and its
body end is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from akool_mock._http import Request


END = b"\r\n\r\n"
_KEPT = 1024
_LONGEST = 8192


class Heads:
    """Parsed heads by their bytes, each with the length of the body that follows; bounded."""

    def __init__(self) -> None:
        self.known: dict[bytes, tuple[Request, int]] = {}

    def learn(self, begin: bytes, request: Request) -> None:
        """Remember the head of a request that began with these bytes, if they leave no doubt.

        A line that ends without a carriage return, or an empty one before the request, could mean
        that the parser saw the end of the head elsewhere than we do. A head with `X-Forwarded-*`
        is not kept: it is valid only for connections of that proxy.
        """
        head, end, _ = begin.partition(END)
        length = len(request.body)
        framing = [
            (name, value)
            for name, value in request.headers
            if name in (b"content-length", b"transfer-encoding")
        ]
        if (
            end
            and len(head) <= _LONGEST
            and head.startswith(request.method.encode() + b" ")
            and head.count(b"\n") == head.count(b"\r\n")
            and not any(name.startswith(b"x-forwarded-") for name, _ in request.headers)
            and framing in ([], [(b"content-length", b"%d" % length)])
            and (framing or not length)
        ):
            if len(self.known) >= _KEPT:
                self.known.clear()
            self.known[head + end] = request.again(b""), length
