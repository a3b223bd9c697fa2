"""The simulator as an ASGI application: reads a request, acts out the response.

What ASGI cannot say (a reset connection, a body shorter than announced) goes through the extension
`akool_mock.abort` that our server offers; under another server the connection is at least not
answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

import orjson

from akool_mock._http import Request, Response, text_response

if TYPE_CHECKING:
    from akool_mock._simulator import Simulator

__all__ = ["ABORT", "EVENTS", "act_out", "asgi_app"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

ABORT = "akool_mock.abort"
EVENTS = "/_mock/events"
_EVENT_PAUSE_S = 0.25


def asgi_app(sim: Simulator, stop: asyncio.Event | None = None) -> App:
    """An ASGI application that serves the simulator: contract, result files and control plane.

    Args:
        sim: what answers.
        stop: ends event streams, which have no end of their own.
    """

    async def app(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await _body(receive, sim.settings.max_body) if scope["method"] != "GET" else b""
        if body is None:
            # Too long; or the client has gone, and hears nothing of this.
            response = text_response(413, f"a body may have {sim.settings.max_body} bytes")
            response.headers = (*response.headers, (b"connection", b"close"))
        else:
            request = Request(
                scope["method"],
                scope["path"],
                query=scope["query_string"],
                headers=scope["headers"],
                body=body,
            )
            response = sim.handle(request)
            if request.path == EVENTS and response.status == 200:  # noqa: PLR2004 - the control plane agrees
                await _events(sim, receive, send, stop or asyncio.Event())
                return
        await act_out(response, scope, send)

    return app


async def _body(receive: Receive, limit: int) -> bytes | None:
    """The whole body; None if it is longer than allowed, or the client went away half way."""
    parts, size = [], 0
    while size <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body"):
            return b"".join(parts) if size <= limit else None
    return None


async def act_out(response: Response, scope: MutableMapping[str, Any], send: Send) -> None:
    """Give an answer the way that it wants to be given."""
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


async def _events(sim: Simulator, receive: Receive, send: Send, stop: asyncio.Event) -> None:
    """Server-sent events: the numbers of the latest changes, whenever they change."""
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    ends = [asyncio.ensure_future(_gone(receive)), asyncio.ensure_future(stop.wait())]
    last = -1
    try:
        while not any(end.done() for end in ends):
            if sim.revision != last:
                last = sim.revision
                numbers = {
                    "revision": last,
                    "request": sim.journal.last_number,
                    "webhook": sim.outbox.last_number,
                }
                event = b"data: " + orjson.dumps(numbers) + b"\n\n"
                await send({"type": "http.response.body", "body": event, "more_body": True})
            await asyncio.wait(ends, timeout=_EVENT_PAUSE_S, return_when=asyncio.FIRST_COMPLETED)
        await send({"type": "http.response.body", "body": b""})
    finally:
        for end in ends:
            end.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
