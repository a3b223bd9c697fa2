"""Which failed polls may be repeated, and after how long. Pure."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from akool_faceswap._core.timing import retry_after_of
from akool_faceswap._errors import TransportError
from akool_faceswap.codes import RateLimitedError

if TYPE_CHECKING:
    from akool_faceswap._errors import AkoolError

MAX_HOLD = 60.0
"""Longest that a `Retry-After` holds back all looks, seconds."""


def hold_after(error: AkoolError, now: float, usual: float) -> float | None:
    """Seconds without any look after one that failed; None when it would fail again.

    Args:
        error: What the look failed with.
        now: Seconds since the epoch; `Retry-After` may be a date.
        usual: Seconds when the server is busy and does not say how long.
    """
    if not isinstance(error, RateLimitedError):
        return 0.0 if _may_pass(error) else None
    asked = retry_after_of(error.raw.headers, now) if error.raw else None
    return min(usual if asked is None else asked, MAX_HOLD)


def _may_pass(error: AkoolError) -> bool:
    status = error.http_status or 0
    server_fault = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    timed_out = status == HTTPStatus.REQUEST_TIMEOUT
    return isinstance(error, TransportError) or server_fault or timed_out
