"""Saving a result file: connection and disk around the rules of `_core.download`."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Protocol

from akool_faceswap._core.download import DroppedError, SaveOrder, Transfer, file_name
from akool_faceswap._core.timing import SAVE_TIMEOUT, seconds_of
from akool_faceswap._http.files import ResultFile
from akool_faceswap._http.wire import bare_request

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    import httpx2

    from akool_faceswap._core.download import Progress
    from akool_faceswap._core.settings import Settings
    from akool_faceswap._core.timing import Clock
    from akool_faceswap._http.deadline import Deadline


class Sender(Protocol):
    """What saving needs of an engine."""

    clock: Clock
    deadline: Deadline
    settings: Settings

    def require_open(self) -> None: ...

    def transfer(self, order: SaveOrder) -> Transfer: ...

    def http(self) -> httpx2.Client: ...


def save(engine: Sender, order: SaveOrder) -> Path:
    """See `JobResult.save`."""
    transfer = engine.transfer(order)
    deadline = engine.clock.monotonic() + seconds_of(order.timeout, SAVE_TIMEOUT)
    target = ResultFile(order.path, file_name(order.url, order.state.id))
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
    engine: Sender,
    transfer: Transfer,
    target: ResultFile,
    progress: Progress | None,
    deadline: float,
) -> bool:
    """One request; whether the file is complete."""
    engine.require_open()
    request = bare_request(transfer.url, transfer.headers(), deadline)
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
def _opened(engine: Sender, request: httpx2.Request) -> Iterator[httpx2.Response]:
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
