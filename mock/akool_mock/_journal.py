"""What came in and what went out, for the last so many requests. Holds no credentials."""

from __future__ import annotations

import re
from collections import deque
from itertools import islice
from typing import Any, NamedTuple

from akool_mock._http import Request, Response

__all__ = ["Entry", "Journal"]

_SHOWN_BYTES = 4096
_KEPT_BYTES = 2 * _SHOWN_BYTES
_SECRET = re.compile(rb'("(?:clientSecret|token|api_?key)"\s*:\s*")(?:[^"\\]|\\.)*', re.IGNORECASE)


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
    # A secret may straddle the cut, so it goes first.
    head = _SECRET.sub(rb"\1***", body[:_KEPT_BYTES])[:_SHOWN_BYTES]
    return head.decode("utf-8", "replace")


class Journal:
    """A bounded list of exchanges; the oldest go first.

    Args:
        keep: number of exchanges kept; 0 keeps none.
    """

    def __init__(self, keep: int) -> None:
        self.entries: deque[Entry] = deque(maxlen=keep)
        self.last_number = 0

    def add(  # noqa: PLR0913 - the fields of an entry
        self,
        *,
        at: float,
        request: Request,
        response: Response,
        operation: str,
        account: str,
        fault: str,
    ) -> None:
        """Note one exchange."""
        if len(request.body) > _KEPT_BYTES:
            request = Request(
                request.method, request.path, query=request.query, body=request.body[:_KEPT_BYTES]
            )
        if len(response.body) > _KEPT_BYTES:
            response = Response(response.status, response.body[:_KEPT_BYTES], response.headers)
        self.last_number = number = self.last_number + 1
        self.entries.append(Entry(number, at, request, response, operation, account, fault))

    def since(self, number: int, limit: int = 1000) -> list[Entry]:
        """Entries with a higher number than this, oldest first."""
        skip = max(0, number - (self.last_number - len(self.entries)))
        return list(islice(self.entries, skip, skip + limit))
