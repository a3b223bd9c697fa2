"""What both ways of saving a result file share: the order, its checks, the bare request."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2

from akool_faceswap._core.arguments import callback
from akool_faceswap._core.download import Transfer, expired
from akool_faceswap._core.timing import CONNECT_TIMEOUT, READ_ATTEMPT_TIMEOUT
from akool_faceswap._errors import DownloadError, ResultExpired

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from akool_faceswap._async.engine import AsyncEngine
    from akool_faceswap._core.timing import Timeout
    from akool_faceswap._models.job_state import JobState
    from akool_faceswap._sync.engine import Engine

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
