"""Sends an answer over ASGI as it asks: late, cut short, or not at all.

ASGI cannot reset a connection or send a body that is shorter than announced. Our server offers the
extension `akool_mock.abort` for that. Under another server, there is at least no answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from akool_mock._http import Response


Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

ABORT = "akool_mock.abort"
EVENTS = "/_mock/events"


async def act_out(response: Response, scope: Scope, send: Send) -> None:
    """Send an answer as it asks: late, cut short, or not at all."""
    if response.delay_s:
        await asyncio.sleep(response.delay_s)
    abort = scope.get("extensions", {}).get(ABORT, {}).get("call")
    if response.reset:
        if abort is not None:
            abort(reset=True)
        return
    if response.render is not None:
        await asyncio.to_thread(response.content)
    body = response.body
    length = b"%d" % len(body)
    headers = [*response.headers, (b"content-length", length)]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if response.cut is None:
        await send({"type": "http.response.body", "body": body})
        return
    await send({"type": "http.response.body", "body": body[: response.cut], "more_body": True})
    if abort is not None:
        abort(reset=False)
