"""Mock time.

A clock follows real time, stands still, or is moved forward. Nothing in this package sleeps to let
mock time pass. `time`, `monotonic` and `sleep` have the signatures of a client's clock: a client
that uses the simulator's clock waits for hours in no time.
"""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_FOREVER_S = 1e11


@dataclass(frozen=True, slots=True)
class ClockState:
    """The state of a clock.

    Attributes:
        now: mock time, seconds since 1970 (UTC).
        frozen: time stands still until it is advanced.
        offset_s: how far mock time runs ahead of real time.
    """

    now: float
    frozen: bool
    offset_s: float


class Clock:
    """A clock that can be frozen and advanced, never turned back.

    Args:
        start: mock time at the beginning, in seconds since 1970; default: the real time.
        frozen: stand still from the beginning.
        source: where real time comes from.
    """

    def __init__(
        self,
        start: float | None = None,
        *,
        frozen: bool = False,
        source: Callable[[], float] = time.time,
    ) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._offset = 0.0 if start is None else start - source()
        self._frozen_at = source() if start is None else start
        self._frozen = frozen
        self._latest = self._frozen_at
        self._listeners: list[Callable[[], None]] = []

    def time(self) -> float:
        """Mock time in seconds since 1970 (UTC)."""
        if self._frozen:
            return self._frozen_at
        return self._source() + self._offset

    def when_moved(self, tell: Callable[[], None]) -> None:
        """Call a function whenever time jumps, so that threads that wait for a time check again."""
        self._listeners.append(tell)

    def _moved(self) -> None:
        for tell in self._listeners:
            tell()

    def monotonic(self) -> float:
        """Mock time for measuring spans: does not go back even when `real` does."""
        self._latest = max(self._latest, self.time())
        return self._latest

    def sleep(self, seconds: float) -> None:
        """Let mock time pass at once: an injected clock's `sleep` is `advance`."""
        self.advance(max(0.0, seconds))

    def wait(self, condition: threading.Condition, seconds: float) -> None:  # noqa: ARG002 - a client's clock has this
        """Let that time pass at once, as `sleep` does. Does not wait for the condition."""
        self.sleep(seconds)

    @property
    def for_async(self) -> AsyncClock:
        """This clock for a client whose clock has coroutines."""
        return AsyncClock(self)

    def advance(self, seconds: float) -> None:
        """Move mock time forward.

        Raises:
            ValueError: the number is negative or not finite.
        """
        if not 0 <= seconds < _FOREVER_S:
            raise ValueError(f"time moves forward by a finite number of seconds, not by {seconds}")
        with self._lock:
            self._frozen_at += seconds
            self._offset += seconds
        self._moved()

    def freeze(self) -> None:
        """Stand still until advanced."""
        with self._lock:
            self._frozen_at = self.time()
            self._frozen = True
        self._moved()

    def resume(self) -> None:
        """Run again, from the current mock time."""
        with self._lock:
            if self._frozen:
                self._offset = self._frozen_at - self._source()
                self._frozen = False
        self._moved()

    def real(self) -> None:
        """Run with the real clock again; what was advanced is forgotten."""
        with self._lock:
            self._offset = 0.0
            self._frozen = False
        self._moved()

    def restore(self, state: ClockState) -> None:
        """Continue from a saved state (the state file)."""
        with self._lock:
            self._frozen = state.frozen
            self._frozen_at = state.now
            self._offset = state.offset_s

    @property
    def state(self) -> ClockState:
        """Mock time, and how it was set."""
        real = self._source()
        with self._lock:
            if self._frozen:
                return ClockState(self._frozen_at, frozen=True, offset_s=self._frozen_at - real)
            # Not the difference of two readings: between them real time goes on.
            return ClockState(real + self._offset, frozen=False, offset_s=self._offset)


class AsyncClock:
    """A `Clock` whose `sleep` and `wait` are coroutines; made by `Clock.for_async`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def time(self) -> float:
        return self._clock.time()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`; other tasks get their turn."""
        await asyncio.sleep(0)
        self._clock.sleep(seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Let that time pass at once, unless the event is set already."""
        await asyncio.sleep(0)
        if not event.is_set():
            self._clock.sleep(seconds)
