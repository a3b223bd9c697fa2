"""What a batch does next: when a row may be sent, and when no row may be. Pure.

The planner is told what happened and says what to do (`next`). It has no clock, no socket and no
journal: the time is an argument, in seconds from any start.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from akool_batch.budget import Budget


FIRST_PAUSE_S = 2.0
"""After the API said "too often" or could not be reached, no row is sent for this long."""
MAX_PAUSE_S = 120.0
"""The pause doubles up to this while it keeps saying so."""
MAX_UNCERTAIN = 5
"""After so many rows of unknown outcome in sequence, no more are sent: something is broken, and a
person would have to settle each further row.
"""
MAX_TRIES = 8
"""A row that was rejected so often without work is left to the next run."""


@dataclass(frozen=True, slots=True)
class Follow:
    """Wait for the job of a row that was sent before, and fetch its file."""

    key: str


@dataclass(frozen=True, slots=True)
class Submit:
    """Send this row."""

    key: str


@dataclass(frozen=True, slots=True)
class Measure:
    """Ask for the balance, tell the budget and say `measured`."""


@dataclass(frozen=True, slots=True)
class Sleep:
    """Nothing to do until something happens, or for at most N seconds (None: no limit)."""

    seconds: float | None


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing is running and nothing may be started."""


Step = Follow | Submit | Measure | Sleep | Done


class Pace:
    """At most so many per second, evenly: unused time is not saved up."""

    def __init__(self, per_second: float | None) -> None:
        self._gap = 1 / per_second if per_second else 0.0
        self._free_at = float("-inf")

    def wait(self, now: float) -> float:
        """Seconds until the next one may be sent."""
        return max(0.0, self._free_at - now)

    def take(self, now: float) -> None:
        """One is sent now."""
        # From when it was free, not from now: waking up late does not slow the batch down.
        late = now - self._free_at
        self._free_at = (self._free_at if late < self._gap else now) + self._gap

    def hold(self, until: float) -> None:
        """None may be sent before that time."""
        self._free_at = max(self._free_at, until)


class Planner:
    """The next step of a batch."""

    def __init__(
        self,
        *,
        follow: Iterable[str],
        submit: Mapping[str, float],
        concurrency: int,
        pace: Pace,
        budget: Budget,
    ) -> None:
        """Plan these rows.

        Args:
            follow: Keys of rows that were sent before and are not done.
            submit: Keys of the rows to send, in order, each with its price in credits.
            concurrency: Most rows that were started and have not ended.
            pace: How fast rows may be sent.
            budget: How much they may cost.
        """
        self._follow = deque(follow)
        self._ready = deque(submit)
        self._later: list[tuple[float, int, str]] = []
        self._order = itertools.count()
        self._prices = dict(submit)
        self._concurrency = concurrency
        self._pace = pace
        self._budget = budget
        self._running: set[str] = set()
        self._sending: set[str] = set()
        self._measuring = False
        self._tries: dict[str, int] = {}
        self._pauses = 0
        self._uncertain = 0
        self._abandoned = False
        self.stopped: str | None = None
        """Why no further row is sent."""

    @property
    def running(self) -> int:
        """Rows that were started and have not ended."""
        return len(self._running)

    def next(self, now: float) -> Step:
        """What to do now. A row that it names counts as started."""
        free = len(self._running) < self._concurrency
        if free and self._follow and not self._abandoned:
            self._running.add(self._follow[0])
            return Follow(self._follow.popleft())
        while self._later and self._later[0][0] <= now:
            self._ready.append(heapq.heappop(self._later)[2])
        step = self._next_to_send(now) if free and self.stopped is None else None
        if step is not None:
            return step
        return Sleep(None) if self._running or self._measuring else Done()

    def _next_to_send(self, now: float) -> Step | None:
        if not self._ready:
            return Sleep(self._later[0][0] - now) if self._later else None
        if self._budget.must_measure:
            return self._measure()
        key = self._ready[0]
        if not self._budget.allows(self._prices[key]):
            self.stop(f"the limit of {self._budget.limit:g} credits leaves no room for another row")
            return None
        wait = self._pace.wait(now)
        if wait > 0:
            return Sleep(wait)
        self._pace.take(now)
        self._budget.send(self._prices[key])
        self._running.add(key)
        self._sending.add(key)
        return Submit(self._ready.popleft())

    def _measure(self) -> Step | None:
        # A row in flight may be charged already or not: the balance would prove nothing.
        if self._measuring or self._sending:
            return None
        self._measuring = True
        return Measure()

    def measured(self) -> None:
        """The budget knows the balance, or the batch was stopped because it is not known."""
        self._measuring = False

    def accepted(self, key: str) -> None:
        """The row has its id; its job is being waited for."""
        self._sending.discard(key)
        self._pauses = self._uncertain = 0

    def uncertain(self, key: str) -> None:
        """The outcome of the row is unknown: it counts as paid and is not sent again."""
        self.settled(key)
        self._uncertain += 1
        if self._uncertain >= MAX_UNCERTAIN:
            self.stop(f"{MAX_UNCERTAIN} rows in a row ended without anybody knowing how")

    def turned_away(self, key: str, now: float) -> bool:
        """The API was busy and did not accept the row. Returns whether it is sent again later."""
        self._withdraw(key)
        self._tries[key] = self._tries.get(key, 0) + 1
        self._pauses += 1
        until = now + min(FIRST_PAUSE_S * 2 ** min(self._pauses - 1, 16), MAX_PAUSE_S)
        self._pace.hold(until)
        if self._tries[key] >= MAX_TRIES:
            return False
        heapq.heappush(self._later, (until, next(self._order), key))
        return True

    def refused(self, key: str) -> None:
        """The API refused this row: nothing was spent, and it is not sent again."""
        self._withdraw(key)

    def settled(self, key: str) -> None:
        """Nothing is left to do for this row in this run."""
        self._sending.discard(key)
        self._running.discard(key)

    def stop(self, why: str, *, abandon: bool = False) -> None:
        """Send no further row; with `abandon`, start waiting for none either."""
        self.stopped = self.stopped or why
        self._abandoned = self._abandoned or abandon

    def _withdraw(self, key: str) -> None:
        self.settled(key)
        self._budget.take_back(self._prices[key])
