"""Saving a result file for asyncio: `_sync.saving`, with `await`, and the disk in threads."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

from akool_faceswap._core.download import DroppedError, SaveOrder, Transfer, file_name
from akool_faceswap._core.timing import SAVE_TIMEOUT, finite, seconds_of
from akool_faceswap._http.files import ResultFile
from akool_faceswap._http.wire import bare_request

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable
    from pathlib import Path

    import httpx2

    from akool_faceswap._core.download import Progress
    from akool_faceswap._core.settings import Settings
    from akool_faceswap._core.timing import AsyncClock


T = TypeVar("T")
WRITE_AT_ONCE = 1 << 20
"""Bytes that asyncio gathers before it bothers a thread with writing them."""


class AsyncSender(Protocol):
    """What saving needs of an engine."""

    clock: AsyncClock
    settings: Settings

    def require_open(self) -> None: ...

    def transfer(self, order: SaveOrder) -> Transfer: ...

    def http(self) -> httpx2.AsyncClient: ...


async def save(engine: AsyncSender, order: SaveOrder) -> Path:
    """See `AsyncJobResult.save`."""
    transfer = engine.transfer(order)
    deadline = engine.clock.monotonic() + seconds_of(order.timeout, SAVE_TIMEOUT)
    name = file_name(order.url, order.state.id)
    target = await _at_the_disk(ResultFile, order.path, name, undo=ResultFile.abandon)
    try:
        while True:
            try:
                if await _aattempt(engine, transfer, target, order.progress, deadline):
                    return await _at_the_disk(target.commit)
            except DroppedError as trouble:
                if transfer.complete:
                    return await _at_the_disk(target.commit)
                left = deadline - engine.clock.monotonic()
                await engine.clock.sleep(transfer.pause(trouble, left, engine.settings.jitter))
    finally:
        target.abandon()


async def _at_the_disk(
    work: Callable[..., T], *arguments: object, undo: Callable[[T], object] | None = None
) -> T:
    """Do it in a thread. If that is cancelled, the thread ends first.

    Nobody closes then what it still uses, and `undo` can take back what nobody waits for any more.
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


async def _aattempt(
    engine: AsyncSender,
    transfer: Transfer,
    target: ResultFile,
    progress: Progress | None,
    deadline: float,
) -> bool:
    """One request; whether the file is complete."""
    engine.require_open()
    scope = asyncio.timeout(finite(deadline - engine.clock.monotonic()))
    try:
        async with scope:
            return await _afetch(engine, transfer, target, progress, deadline)
    except TimeoutError as error:
        if scope.expired():
            raise transfer.late() from error
        raise  # of the progress callback


async def _afetch(
    engine: AsyncSender,
    transfer: Transfer,
    target: ResultFile,
    progress: Progress | None,
    deadline: float,
) -> bool:
    async with _aopened(
        engine, bare_request(transfer.url, transfer.headers(), deadline)
    ) as response:
        if not transfer.head(response.status_code, response.headers):
            return False
        await _at_the_disk(target.rewind, transfer.offset)
        gathered = bytearray()
        try:
            async with aclosing(_achunks(response)) as chunks:
                async for chunk in chunks:
                    gathered += chunk
                    transfer.add(len(chunk))
                    if len(gathered) >= WRITE_AT_ONCE:
                        await _at_the_disk(target.write, bytes(gathered))
                        gathered.clear()
                    if progress is not None:
                        progress(transfer.offset, transfer.total)
                    if engine.clock.monotonic() > deadline:
                        raise transfer.late()
        finally:
            # After a drop too: what `transfer` counted must be in the file.
            target.write(bytes(gathered))
        transfer.end()
    return True


@asynccontextmanager
async def _aopened(engine: AsyncSender, request: httpx2.Request) -> AsyncIterator[httpx2.Response]:
    try:
        response = await engine.http().send(request, stream=True, auth=None, follow_redirects=False)
    except Exception as error:
        raise DroppedError(type(error).__name__) from error
    try:
        yield response
    finally:
        await response.aclose()


async def _achunks(response: httpx2.Response) -> AsyncGenerator[bytes]:
    try:
        if response.is_stream_consumed:  # an in-memory transport
            yield response.content
        else:
            async for chunk in response.aiter_raw():
                yield chunk
    except Exception as error:
        raise DroppedError(type(error).__name__) from error
