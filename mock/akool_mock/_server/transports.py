"""The simulator behind httpx2, without a socket: hand one of these to a client as its transport.

Every host is answered, so result addresses work too. Delays let mock time pass instead of waiting;
one that exceeds the request's read timeout raises what a slow server would make httpx2 raise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2

from akool_mock._http import Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from akool_mock._http import Response
    from akool_mock._service import Service


class _CutShort(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body that ends before its announced length."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def _fail(self) -> httpx2.RemoteProtocolError:
        return httpx2.RemoteProtocolError(
            "peer closed connection without sending complete message body "
            f"(received {len(self._data)} bytes)"
        )

    def __iter__(self) -> Iterator[bytes]:
        yield self._data
        raise self._fail()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._data
        raise self._fail()


def _request(request: httpx2.Request) -> Request:
    url = request.url
    path, _, query = url.raw_path.partition(b"?")
    return Request(
        request.method,
        url.path if b"%" in path else path.decode("ascii"),
        query=query,
        headers=[(name.lower(), value) for name, value in request.headers.raw],
        body=request.content,
        origin=f"{url.scheme}://{url.netloc.decode('ascii')}",
    )


def _response(sim: Service, answer: Response, request: httpx2.Request) -> httpx2.Response:
    if answer.delay_s:
        limit = request.extensions.get("timeout", {}).get("read")
        if limit is not None and answer.delay_s > limit:
            sim.world.clock.sleep(limit)
            raise httpx2.ReadTimeout("The read operation timed out", request=request)
        sim.world.clock.sleep(answer.delay_s)
    if answer.reset:
        raise httpx2.ReadError("[Errno 104] Connection reset by peer", request=request)
    body = b"" if request.method == "HEAD" else answer.content()
    if answer.cut is not None:
        headers = [*answer.headers, (b"content-length", b"%d" % len(body))]
        return httpx2.Response(answer.status, headers=headers, stream=_CutShort(body[: answer.cut]))
    return httpx2.Response(answer.status, headers=list(answer.headers), content=body)


class SyncTransport(httpx2.BaseTransport):
    """A simulator as the transport of an `httpx2.Client`.

    Args:
        sim: what answers.
    """

    def __init__(self, sim: Service) -> None:
        self.simulator = sim

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request. Webhooks that are due are sent before it returns."""
        request.read()
        answer = self.simulator.handle(_request(request))
        self.simulator.courier.keep_up()
        return _response(self.simulator, answer, request)


class AsyncTransport(httpx2.AsyncBaseTransport):
    """A simulator as the transport of an `httpx2.AsyncClient`.

    Args:
        sim: what answers.
    """

    def __init__(self, sim: Service) -> None:
        self.simulator = sim

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request; webhooks that fall due are sent, from a thread, before it returns."""
        await request.aread()
        answer = self.simulator.handle(_request(request))
        due = self.simulator.world.outbox.next_due
        if due is not None and due <= self.simulator.world.clock.time():
            import asyncio  # noqa: PLC0415 - most requests send no webhook

            await asyncio.to_thread(self.simulator.courier.keep_up)
        return _response(self.simulator, answer, request)
