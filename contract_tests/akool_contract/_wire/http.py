"""What goes over the wire, as plain values.

Requests and responses here are bytes and header pairs, as they come: no decoding, no merging of
duplicate headers. Everything else in the suite reads these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `url` is absolute; `operation` is the contract's operationId, if any."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""
    operation: str = ""

    @property
    def path(self) -> str:
        """The path without the query."""
        return urlsplit(self.url).path or "/"

    @property
    def query(self) -> list[tuple[str, str]]:
        """Query pairs, decoded, blanks kept."""
        return parse_qsl(urlsplit(self.url).query, keep_blank_values=True)

    def header(self, name: str) -> str | None:
        """First header of that name, in any case; None when absent."""
        return first_header(self.headers, name)

    def with_headers(self, headers: Mapping[str, str | None]) -> Request:
        """A copy with these headers set, or removed where the value is None."""
        drop = {name.lower() for name in headers}
        kept = tuple((k, v) for k, v in self.headers if k.lower() not in drop)
        added = tuple((k, v) for k, v in headers.items() if v is not None)
        return replace(self, headers=kept + added)


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer as it came. `fault` says why there is none; the rest is then empty."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    fault: str = ""
    seconds: float | None = None
    """How long the answer took, where a recording says so."""
    at: float | None = None
    """When it came, in seconds since the epoch, where a recording says so."""
    starved: bool = False
    """There is no answer because this machine was too busy to read it: not the server's fault."""
    flaw: str | None = None
    """What a recording says of a body that it holds unpacked, or only the beginning of: what is
    wrong with it, empty for nothing. None: the body is here as it came."""

    def header(self, name: str) -> str | None:
        """First header of that name, in any case; None when absent."""
        return first_header(self.headers, name)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, its answer and how long that took (seconds, by the wall clock)."""

    number: int
    request: Request
    response: Response
    seconds: float = 0.0
    at: float = 0.0
    """Seconds since the epoch, by our clock."""
    together: int = 0
    """Exchanges with the same number were in flight at once: neither came first."""


Upstream = Callable[[Request], Response]
"""Anything that answers a request: a socket, a simulator in process, a recording."""


def first_header(headers: Headers, name: str) -> str | None:
    """First header of that name, in any case; None when absent."""
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)


def all_headers(headers: Headers, name: str) -> list[str]:
    """Every value of that header, in order."""
    wanted = name.lower()
    return [value for key, value in headers if key.lower() == wanted]
