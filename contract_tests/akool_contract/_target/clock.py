"""The run's two clocks: the target's time, and how fast requests may follow each other."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_contract._target.target import Target


class Clock:
    """The target's time, in seconds. Readings are recorded, so that a replay repeats them."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.waiter: Callable[[float], None] = target.wait
        """What lets the time pass."""
        self.listeners: list[Callable[[float], None]] = []
        """Called with every reading."""

    def now(self) -> float:
        """The target's time."""
        reading = self._target.now()
        for listener in self.listeners:
            listener(reading)
        return reading

    def wait(self, seconds: float) -> None:
        """Lets the target's time pass."""
        self.waiter(seconds)


class Pace:
    """Delays requests so that there are at most `rate` a second; 0: no limit."""

    def __init__(self, rate: float, clock: Clock) -> None:
        self._rate, self._clock = rate, clock
        self._next = 0.0

    def hold(self) -> None:
        """Waits until the next request may be sent."""
        if self._rate <= 0:
            return
        now = time.monotonic()
        if self._next > now:
            self._clock.wait(self._next - now)
        self._next = max(now, self._next) + 1 / self._rate
