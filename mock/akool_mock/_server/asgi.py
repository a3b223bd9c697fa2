"""The simulator as an ASGI application: contract, result files, control plane and its events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import orjson

from akool_mock._http import Request, text_response
from akool_mock._server.acting import EVENTS, Receive, Scope, Send, act_out

if TYPE_CHECKING:
    from akool_mock._service import Service


App = Callable[[Scope, Receive, Send], Awaitable[None]]

_EVENT_PAUSE_S = 0.25


def asgi_app(sim: Service, stop: asyncio.Event | None = None) -> App:
    """An ASGI application that serves the simulator: contract, result files and control plane.

    Args:
        sim: what answers.
        stop: ends event streams, which do not end by themselves.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        limit = sim.world.settings.max_body
        body = b"" if scope["method"] == "GET" else await _body(receive, limit)
        if body is None:
            # Too long; or the client has gone, and hears nothing of this.
            response = text_response(413, f"a body may have {limit} bytes")
            response.headers = (*response.headers, (b"connection", b"close"))
        else:
            request = Request(
                scope["method"],
                scope["path"],
                query=scope["query_string"],
                headers=scope["headers"],
                body=body,
                secure=scope["scheme"] == "https",
                peer=(scope.get("client") or ("",))[0],
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


async def _events(sim: Service, receive: Receive, send: Send, stop: asyncio.Event) -> None:
    """Server-sent events: the numbers of the latest changes, whenever they change."""
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    ends = [asyncio.ensure_future(_gone(receive)), asyncio.ensure_future(stop.wait())]
    last = -1
    try:
        while not any(end.done() for end in ends):
            if sim.world.revision != last:
                last = sim.world.revision
                numbers = {
                    "revision": last,
                    "request": sim.world.journal.last_number,
                    "webhook": sim.world.outbox.last_number,
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
