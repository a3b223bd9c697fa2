"""How one client behaves: its timeout, retries, polling and hook, checked at construction. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from akool_faceswap._core.call import callback
from akool_faceswap._core.timing import CALL_TIMEOUT, Polling, RetryPolicy, Timeout, seconds_of
from akool_faceswap._errors import ConfigurationError, InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_faceswap._core.call import Attempt


@dataclass(frozen=True, slots=True)
class Settings:
    """How one client behaves."""

    timeout: float
    """Timeout of a call that sets none, in seconds; infinity: no timeout."""
    retry: RetryPolicy
    polling: Polling
    on_attempt: Callable[[Attempt], None] | None
    jitter: Callable[[], float]
    user_agent: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What every call of a client has in common."""

    retry: RetryPolicy
    monotonic: Callable[[], float]
    time: Callable[[], float]
    jitter: Callable[[], float]
    """Random numbers in [0, 1)."""
    redact: Callable[[str], str]
    observe: Callable[[Attempt], None]
    local_server: str | None = None
    """The base URL, if it names this machine: a mock, which runs or does not."""


def settings(
    timeout: Timeout,
    retry: RetryPolicy | None,
    polling: Polling | None,
    on_attempt: Callable[[Attempt], None] | None,
    jitter: Callable[[], float],
) -> Settings:
    """How a client behaves, with defaults where nothing is said.

    Raises:
        ConfigurationError: One of them is of the wrong kind.
    """
    for name, value, kind in (("retry", retry, RetryPolicy), ("polling", polling, Polling)):
        if value is not None and not isinstance(value, kind):
            raise ConfigurationError(f"{name} must be a {kind.__name__}, not {value!r:.80}")
    try:
        callback("on_attempt", on_attempt)
        seconds = seconds_of(timeout, CALL_TIMEOUT)
    except InvalidRequestError as error:
        raise ConfigurationError(str(error)) from None
    return Settings(
        timeout=seconds,
        retry=retry or RetryPolicy(),
        polling=polling or Polling(),
        on_attempt=on_attempt,
        jitter=jitter,
        user_agent=_user_agent(),
    )


@cache
def _user_agent() -> str:
    try:
        return f"akool-faceswap-python/{version('akool-faceswap')}"
    except PackageNotFoundError:
        return "akool-faceswap-python"
