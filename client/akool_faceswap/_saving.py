"""Saving a result file: connection and disk around the rules of `_download`."""

from __future__ import annotations

import math
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2

from akool_faceswap._download import DroppedError, Transfer, expired, file_name
from akool_faceswap._errors import DownloadError, ResultExpired
from akool_faceswap._files import Target
from akool_faceswap._timing import CONNECT_TIMEOUT, READ_ATTEMPT_TIMEOUT, SAVE_TIMEOUT, seconds_of
from akool_faceswap._waiting import callback

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from akool_faceswap._async_engine import AsyncEngine
    from akool_faceswap._engines import Engine
    from akool_faceswap._states import JobState
    from akool_faceswap._timing import Timeout

    Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What to save, where, and how."""

    state: JobState
    url: str
    path: str | os.PathLike[str]
    progress: Progress | None
    timeout: Timeout
    max_bytes: int


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


def begin(engine: Engine | AsyncEngine, order: Order) -> Transfer:
    engine.require_open()
    callback("progress", order.progress)
    state = order.state

    def gone() -> bool:
        return expired(state.expires_at, engine.server_clock.now())

    if gone():
        raise ResultExpired(
            f"The result expired at {state.expires_at}", job_id=state.id, operation="save"
        )
    return Transfer(order.url, state.id, engine.settings.retry, gone, order.max_bytes)


def bare_request(transfer: Transfer, deadline: float) -> httpx2.Request:
    """A bare request: whatever is configured on the client, no credential goes to the CDN."""
    endless = math.isinf(deadline)
    connect = None if endless else CONNECT_TIMEOUT
    read = None if endless else READ_ATTEMPT_TIMEOUT
    timeout = {"connect": connect, "read": read, "write": read, "pool": connect}
    try:
        return httpx2.Request(
            "GET", transfer.url, headers=transfer.headers(), extensions={"timeout": timeout}
        )
    except (httpx2.InvalidURL, ValueError, TypeError) as error:
        raise DownloadError(f"The result has no usable URL: {error}") from error
