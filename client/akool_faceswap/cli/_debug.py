"""`--debug`: every exchange on stderr, without anything secret in it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, cast

import httpx2

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

SECRET_HEADERS = frozenset({"authorization", "x-api-key", "cookie", "set-cookie"})
SECRET_FIELDS = frozenset({"token", "clientSecret", "clientId", "signature", "dataEncrypt"})
HIDDEN = "[hidden]"
MAX_SHOWN_CHARS = 4000


class ShownTransport(httpx2.AsyncBaseTransport):
    """Passes everything on, and writes it to stderr on the way."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, redact: Callable[[str], str]) -> None:
        self._inner = inner
        self._redact = redact

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Show the request, send it, show the answer."""
        self._show(">", f"{request.method} {request.url}", request.headers.multi_items())
        self._body(">", await request.aread())
        try:
            response = await self._inner.handle_async_request(request)
        except Exception as error:
            self._write("<", f"no answer: {type(error).__name__}: {error}")
            raise
        self._show("<", f"HTTP {response.status_code}", response.headers.multi_items())
        if "json" not in response.headers.get("content-type", ""):
            return response
        raw = await _raw(response)
        shown = httpx2.Response(response.status_code, headers=response.headers, content=raw)
        self._body("<", shown.content)
        # Hand on what was read as it came, still compressed if it was.
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Once(raw),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Close what it passes on to."""
        await self._inner.aclose()

    def _show(self, mark: str, first: str, headers: Iterable[tuple[str, str]]) -> None:
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
        sys.stderr.write("".join(f"{mark} {line}\n" for line in safe.splitlines()))


class _Once(httpx2.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content


async def _raw(response: httpx2.Response) -> bytes:
    try:
        stream = cast("httpx2.AsyncByteStream", response.stream)
        return b"".join([chunk async for chunk in stream])
    finally:
        await response.aclose()


def _hide(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {
            name: HIDDEN if name in SECRET_FIELDS else _hide(part) for name, part in value.items()
        }
    return [_hide(part) for part in value] if isinstance(value, list) else value
