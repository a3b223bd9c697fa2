"""Fetching a result file for asyncio: `_sync.saving`, with `await`, and the disk in threads."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

import httpx2

from akool_faceswap._core.download import Download, DroppedError, Transfer, file_name
from akool_faceswap._core.timing import SAVE_TIMEOUT, finite, seconds_of
from akool_faceswap._http.files import Memory, OpenFile, ResultFile, target_of
from akool_faceswap._http.wire import bare_request, peer

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
    from pathlib import Path
    from typing import BinaryIO

    from akool_faceswap._core.settings import Settings
    from akool_faceswap._core.timing import AsyncClock

    Pieces = AsyncGenerator[tuple[int, bytes]]


T = TypeVar("T")
WRITE_AT_ONCE = 1 << 20
"""Bytes that are gathered before a thread writes them."""


class AsyncSender(Protocol):
    """What fetching needs of an engine."""

    clock: AsyncClock
    settings: Settings

    def require_open(self) -> None: ...

    def transfer(self, download: Download) -> Transfer: ...

    def http(self) -> httpx2.AsyncClient: ...


async def save(
    engine: AsyncSender, download: Download, place: str | os.PathLike[str] | BinaryIO
) -> Path | None:
    transfer = engine.transfer(download)
    name = file_name(download.url, download.state.id)
    target = await _at_the_disk(target_of, place, name, undo=_abandon)
    gathered, at = bytearray(), 0
    try:
        async with aclosing(_apieces(engine, download, transfer)) as pieces:
            async for position, chunk in pieces:
                if position != at + len(gathered):
                    gathered.clear()
                    at = position
                gathered += chunk
                if len(gathered) >= WRITE_AT_ONCE:
                    await _at_the_disk(target.write, at, bytes(gathered))
                    at += len(gathered)
                    gathered.clear()
        if gathered:
            await _at_the_disk(target.write, at, bytes(gathered))
        stored = await _at_the_disk(target.commit)
    finally:
        target.abandon()
    transfer.done()
    return stored


async def require_place(path: str | os.PathLike[str]) -> None:
    """Refuse a path where no file can be written, before anything is paid."""
    target = await _at_the_disk(ResultFile, path, "result", undo=ResultFile.abandon)
    await _at_the_disk(target.abandon)


async def read(engine: AsyncSender, download: Download) -> bytes:
    transfer, target = engine.transfer(download), Memory()
    async with aclosing(_apieces(engine, download, transfer)) as pieces:
        async for position, chunk in pieces:
            target.write(position, chunk)
    transfer.done()
    return target.commit()


async def stream(engine: AsyncSender, download: Download) -> AsyncGenerator[bytes]:
    transfer = engine.transfer(download)
    given = 0
    async with aclosing(_apieces(engine, download, transfer)) as pieces:
        async for position, chunk in pieces:
            if position != given:
                raise transfer.anew()
            given += len(chunk)
            yield chunk
    transfer.done()


def _abandon(target: ResultFile | OpenFile) -> None:
    target.abandon()


async def _at_the_disk(
    work: Callable[..., T], *arguments: object, undo: Callable[[T], object] | None = None
) -> T:
    """Run it in a thread. If that is cancelled, wait for the thread first.

    So nothing is closed while the thread uses it, and `undo` can take back its result.
    """
    await asyncio.sleep(0)  # a cancellation that was asked for already comes before the work
    thread = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait({thread})
        if thread.exception() is None and undo is not None:
            undo(thread.result())
        raise


async def _apieces(engine: AsyncSender, download: Download, transfer: Transfer) -> Pieces:
    """Bytes and their positions, over as many attempts as it takes; a position may go back."""
    deadline = engine.clock.monotonic() + seconds_of(download.timeout, SAVE_TIMEOUT)
    while True:
        try:
            async with aclosing(_aattempt(engine, download, transfer, deadline)) as attempt:
                async for piece in attempt:
                    yield piece
        except DroppedError as trouble:
            if transfer.complete:
                return
            left = deadline - engine.clock.monotonic()
            await engine.clock.sleep(transfer.pause(trouble, left, engine.settings.jitter))
        else:
            if transfer.ended:
                return


async def _aattempt(
    engine: AsyncSender, download: Download, transfer: Transfer, deadline: float
) -> Pieces:
    """One request."""
    engine.require_open()
    request = bare_request(transfer.url, transfer.headers(), deadline)
    loop, left = asyncio.get_running_loop(), finite(deadline - engine.clock.monotonic())
    end = None if left is None else loop.time() + left
    async with _aopened(engine, request, transfer, end) as response:
        transfer.reached(peer(response))
        if not transfer.head(response.status_code, response.headers):
            return
        async with aclosing(_achunks(response, transfer, end)) as chunks:
            async for chunk in chunks:
                position, passed = transfer.written, transfer.add(chunk)
                if passed:
                    yield position, passed
                if download.progress is not None:
                    download.progress(transfer.offset, transfer.total)
                if engine.clock.monotonic() > deadline or (end and loop.time() > end):
                    raise transfer.late()
        position, rest = transfer.written, transfer.end(response.num_bytes_downloaded)
        if rest:
            yield position, rest


async def _within(transfer: Transfer, end: float | None, step: Awaitable[T]) -> T:
    """One step of a transfer, held to its deadline in the event loop's time."""
    scope = asyncio.timeout_at(end)
    try:
        async with scope:
            return await step
    except TimeoutError as error:
        if scope.expired():
            raise transfer.late() from error
        raise


@asynccontextmanager
async def _aopened(
    engine: AsyncSender, request: httpx2.Request, transfer: Transfer, end: float | None
) -> AsyncIterator[httpx2.Response]:
    response = await _within(transfer, end, _asend(engine, request))
    try:
        yield response
    finally:
        await response.aclose()


async def _asend(engine: AsyncSender, request: httpx2.Request) -> httpx2.Response:
    try:
        return await engine.http().send(request, stream=True, auth=None, follow_redirects=False)
    except Exception as error:
        raise DroppedError(type(error).__name__) from error


async def _achunks(
    response: httpx2.Response, transfer: Transfer, end: float | None
) -> AsyncGenerator[bytes]:
    """The body, decoded if need be. The deadline holds while this waits, not while others work."""
    if response.is_stream_consumed:  # an in-memory transport
        yield response.content
        return
    response.headers["content-encoding"] = transfer.coding
    body = response.aiter_bytes() if transfer.coding else response.aiter_raw()
    async with aclosing(body):
        while True:
            chunk = await _within(transfer, end, _anext(body, transfer))
            if chunk is None:
                return
            yield chunk


async def _anext(body: AsyncGenerator[bytes], transfer: Transfer) -> bytes | None:
    try:
        return await anext(body, None)
    except httpx2.DecodingError as error:
        raise transfer.undecodable() from error
    except Exception as error:
        raise DroppedError(type(error).__name__) from error
