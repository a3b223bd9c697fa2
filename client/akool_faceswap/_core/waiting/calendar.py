"""A calendar of the looks at jobs; those due at about the same time are put together. Pure."""

from __future__ import annotations

import bisect
import math
from typing import Generic, TypeVar

K = TypeVar("K")
"""What names a job."""


class Calendar(Generic[K]):
    """Jobs and the monotonic time at which each is to be looked at next."""

    def __init__(self) -> None:
        self._times: list[float] = []
        """Planned times, sorted; each has at least one id."""
        self._ids: dict[float, dict[K, None]] = {}
        self._time_of: dict[K, float] = {}

    def plan(self, job: K, when: float, slack: float = 0.0) -> None:
        """Plan a look at `when`, or at the nearest round already planned within `slack` of it."""
        self.cancel(job)
        when = self._nearest(when, slack)
        if when not in self._ids:
            bisect.insort(self._times, when)
            self._ids[when] = {}
        self._ids[when][job] = None
        self._time_of[job] = when

    def cancel(self, job: K) -> None:
        """Forget this job's look, if one is planned."""
        when = self._time_of.pop(job, None)
        if when is None:
            return
        ids = self._ids[when]
        del ids[job]
        if not ids:
            del self._ids[when]
            del self._times[bisect.bisect_left(self._times, when)]

    def pop_due(self, now: float) -> list[K]:
        """Those that are due, in their order; they are no longer planned."""
        due: list[K] = []
        end = bisect.bisect_right(self._times, now)
        for when in self._times[:end]:
            due.extend(self._ids.pop(when))
        del self._times[:end]
        for job in due:
            del self._time_of[job]
        return due

    @property
    def next(self) -> float:
        """The next planned time, or infinity."""
        return self._times[0] if self._times else math.inf

    def _nearest(self, when: float, slack: float) -> float:
        at = bisect.bisect_left(self._times, when)
        near = [t for t in self._times[max(0, at - 1) : at + 1] if abs(t - when) <= slack]
        return min(near, key=lambda t: abs(t - when), default=when)
