"""The latest requests and answers. Holds no credentials."""

from __future__ import annotations

import re
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from akool_mock._http import Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


_SHOWN_BYTES = 4096
_KEPT_BYTES = 2 * _SHOWN_BYTES
_SECRET = re.compile(rb'("(?:clientSecret|token|api_?key)"\s*:\s*")(?:[^"\\]|\\.)*', re.IGNORECASE)


_Record = tuple[float, Request, Response, tuple[str, str, str]]


class Entry(NamedTuple):
    """One exchange.

    Attributes:
        number: counts from 1.
        at: mock time, seconds since 1970.
        request: as it came; its headers are never shown.
        response: as it went.
        operation: operationId, empty if the contract has no such path.
        account: clientId, empty if unknown.
        fault: the directives that applied, if any.
    """

    number: int
    at: float
    request: Request
    response: Response
    operation: str
    account: str
    fault: str

    def as_json(self) -> dict[str, Any]:
        """The entry as the control plane shows it, without secrets."""
        return {
            "number": self.number,
            "at": self.at,
            "method": self.request.method,
            "path": self.request.path,
            "query": self.request.query.decode("latin-1"),
            "operation": self.operation,
            "account": self.account,
            "fault": self.fault,
            "status": self.response.status,
            "reset": self.response.reset,
            "request": _shown(self.request.body),
            "response": _shown(self.response.body),
        }


def _shown(body: bytes) -> str:
    # Mask before cutting: a secret may lie across the cut.
    head = _SECRET.sub(rb"\1***", body[:_KEPT_BYTES])[:_SHOWN_BYTES]
    return head.decode("utf-8", "replace")


def _pair_bytes(pair: tuple[bytes, bytes]) -> int:
    return len(pair[0]) + len(pair[1])


def _cut(request: Request) -> Request:
    """A large request, cut to what is kept."""
    return Request(
        request.method,
        request.path[:_KEPT_BYTES],
        query=request.query[:_KEPT_BYTES],
        headers=tuple(_first(request.headers)),
        body=request.body[:_KEPT_BYTES],
        origin=request.origin,
        secure=request.secure,
    )


def _first(headers: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    left = _KEPT_BYTES
    for pair in headers:
        left -= _pair_bytes(pair)
        if left < 0:
            return
        yield pair


class Journal:
    """A bounded list of exchanges; the oldest go first.

    Args:
        keep: number of exchanges kept; 0 keeps none.
    """

    def __init__(self, keep: int) -> None:
        self._entries: deque[_Record] = deque(maxlen=keep)
        self.last_number = 0

    def add(
        self,
        at: float,
        request: Request,
        response: Response,
        trace: tuple[str, str, str],
    ) -> None:
        """Note one exchange; `trace` is operation, account and fault."""
        size = len(request.body) + len(request.query) + len(request.path)
        if size + sum(map(_pair_bytes, request.headers)) > _KEPT_BYTES:
            request = _cut(request)
        # A rendered body must not live as long as the journal, so it never gets into it.
        if response.render is not None or len(response.body) > _KEPT_BYTES:
            response = Response(response.status, response.body[:_KEPT_BYTES], response.headers)
        self.last_number += 1
        self._entries.append((at, request, response, trace))

    @property
    def entries(self) -> list[Entry]:
        """The exchanges that are still kept, oldest first."""
        return self.since(0, len(self._entries))

    def clear(self) -> None:
        """Forget the exchanges, not how many there were."""
        self._entries.clear()

    def since(self, number: int, limit: int = 1000) -> list[Entry]:
        """Entries with a higher number than this, oldest first."""
        first = self.last_number - len(self._entries) + 1
        skip = max(0, number + 1 - first)
        return [
            Entry(first + skip + index, at, request, response, *trace)
            for index, (at, request, response, trace) in enumerate(
                islice(self._entries, skip, skip + limit)
            )
        ]
