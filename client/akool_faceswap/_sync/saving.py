"""Fetching a result file: the connection around the rules of `_core.download`."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

import httpx2

from akool_faceswap._core.download import Download, DroppedError, Transfer, file_name
from akool_faceswap._core.timing import SAVE_TIMEOUT, seconds_of
from akool_faceswap._http.files import Destination, Memory, ResultFile, target_of
from akool_faceswap._http.wire import bare_request, peer

if TYPE_CHECKING:
    import os
    from collections.abc import Generator, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from akool_faceswap._core.settings import Settings
    from akool_faceswap._core.timing import Clock
    from akool_faceswap._http.deadline import Deadline

    Pieces = Generator[tuple[int, bytes], None, None]


R = TypeVar("R")


class Sender(Protocol):
    """What fetching needs of an engine."""

    clock: Clock
    deadline: Deadline
    settings: Settings

    def require_open(self) -> None: ...

    def transfer(self, download: Download) -> Transfer: ...

    def http(self) -> httpx2.Client: ...


def save(
    engine: Sender, download: Download, place: str | os.PathLike[str] | BinaryIO
) -> Path | None:
    transfer = engine.transfer(download)
    return _into(
        engine, download, transfer, target_of(place, file_name(download.url, download.state.id))
    )


def require_place(path: str | os.PathLike[str]) -> None:
    """Refuse a path where no file can be written, before anything is paid."""
    ResultFile(path, "result").abandon()


def read(engine: Sender, download: Download) -> bytes:
    return _into(engine, download, engine.transfer(download), Memory())


def stream(engine: Sender, download: Download) -> Generator[bytes]:
    transfer = engine.transfer(download)
    given = 0
    with closing(_pieces(engine, download, transfer)) as pieces:
        for position, chunk in pieces:
            if position != given:
                raise transfer.anew()
            given += len(chunk)
            yield chunk
    transfer.done()


def _into(engine: Sender, download: Download, transfer: Transfer, target: Destination[R]) -> R:
    try:
        with closing(_pieces(engine, download, transfer)) as pieces:
            for position, chunk in pieces:
                target.write(position, chunk)
        stored = target.commit()
    finally:
        target.abandon()
    transfer.done()
    return stored


def _pieces(engine: Sender, download: Download, transfer: Transfer) -> Pieces:
    """Bytes and their positions, over as many attempts as it takes; a position may go back."""
    deadline = engine.clock.monotonic() + seconds_of(download.timeout, SAVE_TIMEOUT)
    while True:
        try:
            if (yield from _attempt(engine, download, transfer, deadline)):
                return
        except DroppedError as trouble:
            if transfer.complete:
                return
            left = deadline - engine.clock.monotonic()
            engine.clock.sleep(transfer.pause(trouble, left, engine.settings.jitter))


def _attempt(
    engine: Sender, download: Download, transfer: Transfer, deadline: float
) -> Generator[tuple[int, bytes], None, bool]:
    """One request; whether the file is complete."""
    engine.require_open()
    request = bare_request(transfer.url, transfer.headers(), deadline)
    with _opened(engine, request, deadline) as response:
        transfer.reached(peer(response))
        if not transfer.head(response.status_code, response.headers):
            return False
        with closing(_chunks(engine, response, transfer, deadline)) as chunks:
            for chunk in chunks:
                position, passed = transfer.written, transfer.add(chunk)
                if passed:
                    yield position, passed
                if download.progress is not None:
                    download.progress(transfer.offset, transfer.total)
                if engine.clock.monotonic() > deadline:
                    raise transfer.late()
        position, rest = transfer.written, transfer.end(response.num_bytes_downloaded)
        if rest:
            yield position, rest
    return True


@contextmanager
def _opened(engine: Sender, request: httpx2.Request, deadline: float) -> Iterator[httpx2.Response]:
    try:
        with engine.deadline.at(deadline):
            response = engine.http().send(request, stream=True, auth=None, follow_redirects=False)
    except Exception as error:
        raise DroppedError(type(error).__name__) from error
    try:
        yield response
    finally:
        response.close()


def _chunks(
    engine: Sender, response: httpx2.Response, transfer: Transfer, deadline: float
) -> Generator[bytes]:
    """The body, decoded if need be. The deadline holds while this waits, not while others work."""
    try:
        if response.is_stream_consumed:  # an in-memory transport
            yield response.content
            return
        response.headers["content-encoding"] = transfer.coding
        body = response.iter_bytes() if transfer.coding else response.iter_raw()
        while True:
            with engine.deadline.at(deadline):
                chunk = next(body, None)
            if chunk is None:
                return
            yield chunk
    except httpx2.DecodingError as error:
        raise transfer.undecodable() from error
    except Exception as error:
        raise DroppedError(type(error).__name__) from error
