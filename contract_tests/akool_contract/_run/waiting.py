"""Waits for jobs to end, and learns how long that takes here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from akool_contract._findings.job import Job
    from akool_contract._options import Options
    from akool_contract._run.observers import Observer
    from akool_contract._target.clock import Clock
    from akool_contract._target.target import Capabilities

TICK_S, MAX_TICK_S, GROWTH = 0.05, 2.0, 1.5
"""Pauses between looks: the first, the longest, and by how much each is longer."""
MOVED_TICK_S, MAX_MOVED_TICK_S = 0.5, 3600.0
"""The same where waiting costs no real time."""
SLOW_LIMIT_S = 0.2
ENOUGH_LOOKS = 8
"""Polls after which the wait for a listed job without a readable status ends."""


class Waiting:
    """`look` lists jobs, and says False when a list was refused."""

    def __init__(
        self,
        clock: Clock,
        options: Options,
        can: Capabilities,
        look: Callable[[Iterable[Job]], bool],
        observer: Observer,
    ) -> None:
        self._clock, self._options, self._can = clock, options, can
        self._look, self._observer = look, observer
        self.pace: float | None = None
        """Seconds that the slowest finished job took, once one has finished."""
        self.slow = False
        """No job finished in the time of a run: waiting for more is pointless."""

    def until_done(self, jobs: Iterable[Job], patience: float | None = None) -> bool:
        """Looks at jobs until all are finished or `patience` seconds have passed; True: all are."""
        every = list(jobs)
        waiting = [job for job in every if self._worth_waiting(job)]
        limit = self._limit(patience)
        start, looks = self._clock.now(), 0
        tick, longest = (
            (MOVED_TICK_S, MAX_MOVED_TICK_S) if self._can.clock else (TICK_S, MAX_TICK_S)
        )
        while waiting:
            looks += 1
            if not self._look(waiting):
                break
            self._seen(waiting)
            waiting = [job for job in waiting if self._worth_waiting(job)]
            unreadable = looks >= ENOUGH_LOOKS and all(
                job.listed and not job.status for job in waiting
            )
            if not waiting or unreadable or self._clock.now() - start > limit:
                break
            self._clock.wait(tick)
            tick = min(tick * GROWTH, longest)
        self._given_up(waiting, limit)
        return not any(not job.done and not job.deleted for job in every)

    def _limit(self, patience: float | None) -> float:
        limit = self._options.job_timeout if patience is None else patience
        if not self._can.clock:
            limit = min(limit, self._options.job_timeout)
        return min(limit, SLOW_LIMIT_S) if self.slow else limit

    def _seen(self, jobs: list[Job]) -> None:
        for job in jobs:
            if job.done:
                self.pace = max(self._clock.now() - job.submitted, self.pace or 0.0)
        for job in jobs:
            # Another check may have waited for it too, and deleted it since.
            if job.done and not job.may_be_gone:
                self._observer.ended(job)
        self._observer.looked()

    def _worth_waiting(self, job: Job) -> bool:
        """Whether to wait: not if it has ended, never appears, or an earlier wait failed."""
        lost = not job.listed and self._clock.now() - job.submitted > self._options.list_grace
        return not (job.done or job.deleted or job.given_up or lost)

    def _given_up(self, jobs: list[Job], limit: float) -> None:
        """The whole patience has passed and no job ever finished: do not wait again."""
        whole = limit >= self._options.job_timeout
        self.slow |= bool(jobs) and whole and self.pace is None
        for job in jobs if whole else ():
            job.given_up = True
