"""How long, how often: timeouts, retries and polling as plain numbers. Pure.

Every duration is in seconds. If a timeout is left out, the default applies. Only `None` means no
timeout.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from akool_faceswap._errors import ConfigurationError, InvalidRequestError

if TYPE_CHECKING:
    import asyncio
    import threading
    from collections.abc import Callable, Mapping


class Default(Enum):
    """The type of `DEFAULT`."""

    DEFAULT = "default"

    def __repr__(self) -> str:
        return "DEFAULT"


DEFAULT: Final = Default.DEFAULT
"""Stands for an argument that was left out, where `None` means something of its own."""

Timeout = float | Default | None

FOREVER = 1e12
"""Longest finite timeout. More would overflow a float, so it means no timeout."""
CALL_TIMEOUT = 60.0
"""Default for one call: all its attempts, pauses and reading the answer."""
CONNECT_TIMEOUT = 10.0
"""Longest that one attempt waits for a connection, within the timeout of its call."""
READ_ATTEMPT_TIMEOUT = 20.0
"""Longest that one attempt of a read waits for bytes, so that a hanging server leaves time to ask
again.
"""
SAVE_TIMEOUT = 600.0
"""Default for saving one result file, resumptions included."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When a call is retried.

    Which calls may be retried is not a setting: a paid submit of unknown outcome is never retried.
    """

    attempts: int = 4
    """Most attempts of one call."""
    first_delay: float = 0.5
    """Pause before the second attempt; each further one is `factor` times as long."""
    factor: float = 2.0
    max_delay: float = 8.0
    max_retry_after: float = 60.0
    """Longest `Retry-After` that is obeyed; a server that asks for more gets this."""
    jitter: float = 0.25
    """Share of a pause that is cut at random, so that many clients do not come back at once."""

    def __post_init__(self) -> None:
        """Refuse what would never send, or wait a negative time.

        Raises:
            ConfigurationError: A value is out of its range.
        """
        sound = self.attempts >= 1 and self.factor >= 1 and 0 <= self.jitter <= 1
        delays = (self.first_delay, self.max_delay, self.max_retry_after)
        if not sound or not all(delay >= 0 for delay in delays):
            raise ConfigurationError(
                "RetryPolicy needs attempts >= 1, factor >= 1, delays >= 0 and a jitter from 0 to 1"
            )

    def delay(self, attempt: int, retry_after: float | None, jitter: Callable[[], float]) -> float:
        """The pause after this failed attempt (from 1); `jitter` gives numbers in [0, 1)."""
        if retry_after is not None:
            return min(retry_after, self.max_retry_after)
        full = min(self.first_delay * self.factor ** min(attempt - 1, 32), self.max_delay)
        return full * (1 - self.jitter * jitter())


@dataclass(frozen=True, slots=True)
class Polling:
    """How jobs are polled while you wait for them."""

    first_delay: float = 1.0
    """Pause after the first look, which comes at once; each further one is `factor` times as
    long.
    """
    factor: float = 1.5
    max_delay: float = 10.0
    jitter: float = 0.1
    """Share by which a pause may differ at random, either way."""
    chunk_size: int = 100
    """Ids per request at most. The API's limit is undocumented: a smaller one is found and kept."""
    grace: float = 30.0
    """How long an id may be missing from the list before it counts as not found."""
    timeout: float = 1800.0
    """Default for waiting: half an hour."""
    look_timeout: float = 20.0
    """Longest that one look may take."""

    def __post_init__(self) -> None:
        """Refuse what would ask without a pause, or for nothing.

        Raises:
            ConfigurationError: A value is out of its range.
        """
        sound = self.chunk_size >= 1 and self.factor >= 1 and self.first_delay > 0
        sound = sound and self.look_timeout > 0 and self.grace >= 0 and 0 <= self.jitter < 1
        if not sound or self.max_delay < self.first_delay:
            raise ConfigurationError(
                "Polling needs first_delay > 0, max_delay >= first_delay, factor >= 1, "
                "chunk_size >= 1, look_timeout > 0, grace >= 0 and a jitter from 0 to below 1"
            )

    def delay(self, looks: int) -> float:
        """The pause after that many polls, without jitter."""
        return min(self.first_delay * self.factor ** min(looks - 1, 64), self.max_delay)


def seconds_of(timeout: Timeout, default: float) -> float:
    """A timeout argument as seconds; no timeout is infinity.

    Raises:
        InvalidRequestError: It is neither a number of seconds nor None.
    """
    if timeout is DEFAULT:
        return default
    if timeout is None:
        return math.inf
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout >= 0:
        raise InvalidRequestError(
            f"A timeout is a number of seconds from 0, or None for no timeout; not {timeout!r}"
        )
    return float(min(timeout, FOREVER))


def finite(seconds: float) -> float | None:
    """Seconds as libraries want them: for them, None is no timeout."""
    return None if math.isinf(seconds) else seconds


def retry_after_of(headers: Mapping[str, str], now: float) -> float | None:
    """`Retry-After` in seconds from now, given as seconds or as a date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError, OSError):
        return None


class Clock(Protocol):
    """Time for `FaceSwap`. All in seconds."""

    def monotonic(self) -> float:
        """Time that never jumps; for deadlines."""
        ...

    def time(self) -> float:
        """Time since the epoch; for expiry dates."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return after that time."""
        ...

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """Return after that time or once notified. The condition is held by the caller."""
        ...


class AsyncClock(Protocol):
    """Time for `AsyncFaceSwap`. All in seconds."""

    def monotonic(self) -> float:
        """Time that never jumps; for deadlines."""
        ...

    def time(self) -> float:
        """Time since the epoch; for expiry dates."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that time."""
        ...

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Return after that time or once the event is set."""
        ...


AnyClock: TypeAlias = Clock | AsyncClock


def _real_monotonic() -> Callable[[], float]:
    """Time that passes even where a test has frozen `time.monotonic`: a deadline must come."""
    if not hasattr(time, "clock_gettime"):
        return time.monotonic  # Windows
    return partial(time.clock_gettime, time.CLOCK_MONOTONIC)


MONOTONIC: Final = _real_monotonic()


class ServerClock:
    """What time it is at the vendor, from the `Date` of its last answer.

    Result files expire by the vendor's clock; this machine's may be wrong.
    """

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self._date = ""
        self._noted_at: float

    def note(self, date: str | None) -> None:
        """Remember the `Date` header of an answer that has just come."""
        if date:
            self._date, self._noted_at = date, self._time()

    def now(self) -> float:
        """Seconds since the epoch."""
        try:
            at_note = parsedate_to_datetime(self._date).timestamp()
        except (ValueError, OverflowError, OSError):
            return self._time()
        return at_note + (self._time() - self._noted_at)
