"""Saving a result file: connection and disk around the rules of `_core.download`."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from akool_faceswap._core.download import DroppedError, Transfer, file_name
from akool_faceswap._core.timing import SAVE_TIMEOUT, seconds_of
from akool_faceswap._http.files import Target
from akool_faceswap._http.saving import Order, bare_request, begin

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    import httpx2

    from akool_faceswap._http.saving import Progress
    from akool_faceswap._sync.engine import Engine


def save(engine: Engine, order: Order) -> Path:
    """See `JobResult.save`."""
    transfer = begin(engine, order)
    deadline = engine.clock.monotonic() + seconds_of(order.timeout, SAVE_TIMEOUT)
    target = Target(order.path, file_name(order.url, order.state.id))
    try:
        while True:
            try:
                if _attempt(engine, transfer, target, order.progress, deadline):
                    return target.commit()
            except DroppedError as trouble:
                if transfer.complete:
                    return target.commit()
                left = deadline - engine.clock.monotonic()
                engine.clock.sleep(transfer.pause(trouble, left, engine.settings.jitter))
    finally:
        target.abandon()


def _attempt(
    engine: Engine, transfer: Transfer, target: Target, progress: Progress | None, deadline: float
) -> bool:
    """One request; whether the file is complete."""
    engine.require_open()
    request = bare_request(transfer, deadline)
    with engine.deadline.at(deadline), _opened(engine, request) as response:
        if not transfer.head(response.status_code, response.headers):
            return False
        target.rewind(transfer.offset)
        with closing(_chunks(response)) as chunks:
            for chunk in chunks:
                target.write(chunk)
                transfer.add(len(chunk))
                if progress is not None:
                    progress(transfer.offset, transfer.total)
                if engine.clock.monotonic() > deadline:
                    raise transfer.late()
        transfer.end()
    return True


@contextmanager
def _opened(engine: Engine, request: httpx2.Request) -> Iterator[httpx2.Response]:
    try:
        response = engine.http().send(request, stream=True, auth=None, follow_redirects=False)
    except Exception as error:
        raise DroppedError(type(error).__name__) from error
    try:
        yield response
    finally:
        response.close()


def _chunks(response: httpx2.Response) -> Generator[bytes]:
    try:
        if response.is_stream_consumed:  # an in-memory transport
            yield response.content
        else:
            yield from response.iter_raw()
    except Exception as error:
        raise DroppedError(type(error).__name__) from error
