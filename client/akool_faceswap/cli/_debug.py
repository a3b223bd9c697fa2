"""`--debug`: every exchange on stderr, without anything secret in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2

from akool_faceswap.cli._output import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SECRET_HEADERS = frozenset({"authorization", "x-api-key", "cookie", "set-cookie"})
SECRET_FIELDS = frozenset({"token", "clientSecret", "clientId", "signature", "dataEncrypt"})
HIDDEN = "[hidden]"
MAX_SHOWN_CHARS = 4000


def shown_client(
    transport: httpx2.AsyncBaseTransport | None, redact: Callable[[str], str]
) -> httpx2.AsyncClient:
    """An HTTP client that writes what it sends and gets to stderr.

    Args:
        transport: What it sends with; None for the network.
        redact: Strikes out the secrets that are known.
    """
    shown = _Shown(redact)
    hooks: dict[str, list[Callable[..., Any]]] = {
        "request": [shown.request],
        "response": [shown.response],
    }
    return httpx2.AsyncClient(transport=transport, event_hooks=hooks)


class _Shown:
    def __init__(self, redact: Callable[[str], str]) -> None:
        self._redact = redact

    async def request(self, request: httpx2.Request) -> None:
        self._head(">", f"{request.method} {request.url}", request.headers.multi_items())
        self._body(">", await request.aread())

    async def response(self, response: httpx2.Response) -> None:
        self._head("<", f"HTTP {response.status_code}", response.headers.multi_items())
        if "json" in response.headers.get("content-type", ""):
            self._body("<", await response.aread())

    def _head(self, mark: str, first: str, headers: Iterable[tuple[str, str]]) -> None:
        lines = [first]
        for name, value in headers:
            lines.append(f"{name}: {HIDDEN if name.lower() in SECRET_HEADERS else value}")
        self._write(mark, "\n".join(lines))

    def _body(self, mark: str, body: bytes) -> None:
        if not body:
            return
        try:
            text = json.dumps(_hide(json.loads(body)), indent=2, ensure_ascii=False)
        except (ValueError, RecursionError):
            text = f"({len(body)} bytes that are not JSON)"
        self._write(mark, text)

    def _write(self, mark: str, text: str) -> None:
        safe = self._redact(text)[:MAX_SHOWN_CHARS]
        say("".join(f"{mark} {line}\n" for line in safe.splitlines()))


def _hide(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {
            name: HIDDEN if name in SECRET_FIELDS else _hide(part) for name, part in value.items()
        }
    return [_hide(part) for part in value] if isinstance(value, list) else value
