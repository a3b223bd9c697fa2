"""Time, injected: nothing else in this package asks the machine what time it is, or sleeps."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    import threading
    from collections.abc import Callable


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


class SystemClock:
    """The machine's time."""

    def monotonic(self) -> float:
        """See `Clock`."""
        return time.monotonic()

    def time(self) -> float:
        """See `Clock`."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """See `Clock`."""
        time.sleep(seconds)

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """See `Clock`."""
        condition.wait(seconds)


class ServerClock:
    """What time it is at the vendor, from the `Date` of its last answer.

    Result files expire by the vendor's clock; this machine's may be wrong.
    """

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self._date: str | None = None
        self._noted_at = 0.0

    def note(self, date: str | None) -> None:
        """Remember the `Date` header of an answer that has just come."""
        if date:
            self._date, self._noted_at = date, self._time()

    def now(self) -> float:
        """Seconds since the epoch."""
        try:
            at_note = parsedate_to_datetime(self._date or "").timestamp()
        except (ValueError, OverflowError, OSError):
            return self._time()
        return at_note + (self._time() - self._noted_at)
