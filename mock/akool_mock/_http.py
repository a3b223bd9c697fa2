"""What goes into the simulator and what comes out: plain values, no socket.

A transport (ASGI server, httpx2 transport) makes a `Request`, hands it to `Simulator.handle` and
sends the `Response`: its bytes, with the delay or the broken connection that it asks for. Must not
know any operation.
"""

from __future__ import annotations

import ipaddress
import json
import re
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


_AUTHORITY = re.compile(rb"[A-Za-z0-9.:\[\]_-]{1,255}")
IN_PROCESS = "http://akool-mock.localhost"
"""Base URL for clients that use a transport. Nothing listens there, and it is no public host."""

Headers = tuple[tuple[bytes, bytes], ...]

JSON_HEADERS: Headers = ((b"content-type", b"application/json; charset=utf-8"),)
TEXT_HEADERS: Headers = ((b"content-type", b"text/plain; charset=utf-8"),)


class Request:
    """One HTTP request.

    Args:
        method: upper-case method.
        path: percent-decoded path.
        query: raw query string, without the question mark.
        headers: pairs with lower-case names.
        body: the whole body.
        origin: scheme and authority that the request was sent to; from the Host header if empty.
        secure: whether it came through TLS.
        peer: address of the client's end of the connection; empty if there is none.

    Attributes:
        head: what a simulator has read from everything except the body. Requests that differ only
            in their bodies share it.
    """

    __slots__ = (
        "_fields",
        "body",
        "head",
        "headers",
        "method",
        "origin",
        "path",
        "peer",
        "query",
        "secure",
    )

    def __init__(  # noqa: PLR0913 - an HTTP request has this many parts
        self,
        method: str,
        path: str,
        *,
        query: bytes = b"",
        headers: Iterable[tuple[bytes, bytes]] = (),
        body: bytes = b"",
        origin: str = "",
        secure: bool = False,
        peer: str = "",
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers if isinstance(headers, list | tuple) else tuple(headers)
        self.body = body
        self.origin = origin
        self.secure = secure
        self.peer = peer
        self.head: Any = None
        self._fields: dict[bytes, bytes] | None = None

    def again(self, body: bytes) -> Request:
        """The same request with another body."""
        other = Request.__new__(Request)
        other.method = self.method
        other.path = self.path
        other.query = self.query
        other.headers = self.headers
        other.body = body
        other.origin = self.origin
        other.secure = self.secure
        other.peer = self.peer
        other.head = self.head
        other._fields = self._fields
        return other

    def __repr__(self) -> str:
        """Never the headers or the body: they carry credentials."""
        return f"<Request {self.method} {self.path}>"

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header; `name` in lower case."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    @property
    def fields(self) -> dict[bytes, bytes]:
        """The headers by name; of several with one name the last."""
        if self._fields is None:
            self._fields = dict(self.headers)
        return self._fields

    def json(self) -> Any:  # noqa: ANN401 - whatever the JSON says
        """The body as JSON.

        Raises:
            ValueError: the body is not JSON.
        """
        return orjson.loads(self.body)


class Response:
    """One answer, and how the connection must behave while it is sent.

    Attributes:
        status: HTTP status.
        headers: pairs with lower-case names; content-length is the transport's business.
        body: the bytes, unless `render` makes them.
        delay_s: seconds to wait before the first byte.
        reset: reset the connection instead of answering.
        cut: send only this many bytes of the body, then close the connection.
        render: makes the body when it takes long (pictures), and may set status and headers of the
            answer that it is given; a server calls `content`, and so this, off its event loop.
    """

    __slots__ = ("body", "cut", "delay_s", "headers", "render", "reset", "status")

    def __init__(
        self,
        status: int = 200,
        body: bytes = b"",
        headers: Headers = JSON_HEADERS,
        *,
        render: Callable[[Response], bytes] | None = None,
    ) -> None:
        self.status = status
        self.body = body
        self.headers = headers
        self.render = render
        self.delay_s = 0.0
        self.reset = False
        self.cut: int | None = None

    def __repr__(self) -> str:
        """Status and size, enough for a failed assertion."""
        return f"<Response {self.status}, {len(self.body)} bytes>"

    @property
    def plain(self) -> bool:
        """Whether it is only bytes: no delay, nothing to render, no fault."""
        return not self.delay_s and not self.reset and self.cut is None and self.render is None

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header; `name` in lower case."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def content(self) -> bytes:
        """The body, rendered if necessary."""
        if self.render is not None:
            self.body, self.render = self.render(self), None
        return self.body

    def json(self) -> Any:  # noqa: ANN401 - whatever the JSON says
        """The body as JSON, as a client would read it."""
        return json.loads(self.content())


def json_response(payload: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(status, orjson.dumps(payload))


def text_response(status: int, text: str) -> Response:
    """A plain-text HTTP error, where the contract documents no answer."""
    return Response(status, text.encode(), TEXT_HEADERS)


def host_name(authority: str) -> str:
    """The host of `host:port`, lower case, without the brackets of IPv6."""
    host = authority.lower().rstrip(".")
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def is_address(host: str) -> bool:
    """Whether it is an IP address, and so no name that a foreign name server could resolve."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a host (without port) is this machine, without asking a name server."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return is_address(host) and ipaddress.ip_address(host).is_loopback


def base_of(request: Request, usual: str, *, trust_proxy: bool) -> str:
    """The scheme and authority that the client used. Every URL in an answer begins with them.

    Args:
        request: the request.
        usual: the server's own address, if the request names none.
        trust_proxy: trust `X-Forwarded-*` headers from a proxy on loopback.
    """
    if request.origin:
        return request.origin
    fields = request.fields
    host, scheme = fields.get(b"host"), "https" if request.secure else "http"
    if trust_proxy and (not request.peer or is_loopback(request.peer)):
        host = _first(fields.get(b"x-forwarded-host")) or host
        said = _first(fields.get(b"x-forwarded-proto")).lower()
        scheme = said.decode() if said in {b"http", b"https"} else scheme
    if host is None or not _AUTHORITY.fullmatch(host):
        return usual
    return f"{scheme}://{host.decode()}"


def _first(value: bytes | None) -> bytes:
    """The first of several values: that of the proxy nearest to the client."""
    return (value or b"").partition(b",")[0].strip()
