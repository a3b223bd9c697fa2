"""Looking at many jobs for many waiters, without a socket, a clock or a thread. Pure state machine.

A *job* is one that somebody waits for; a *waiter* has a set of them and a deadline. Those of one
kind (`JobKind`) are asked for together, as far as the contract allows it. The schedule says which
to ask for next (`take`), gets the result (`answered`, `refused`,
`troubled`, `given_up`) and says when to come back (`next_time`). It keeps these promises:

- a new id is looked at once; further looks grow apart (`Polling`); final jobs are never looked at;
- jobs due at about the same time share a round, and a round takes one request per chunk of a kind;
- a waiter ends at its deadline: after it at most one more request begins, first looks excepted;
- an id that is not listed is pending for a grace, and is asked for alone before it is given up;
- a chunk that the server refuses is halved until the culprit or the server's limit is found.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import deque
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from akool_faceswap._core.waiting.calendar import Calendar
from akool_faceswap._errors import AkoolError, JobNotFound
from akool_faceswap.codes import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from akool_faceswap._core.timing import Polling
    from akool_faceswap._core.waiting.waiter import Event, LookResult, Waiter
    from akool_faceswap._models.job_kind import JobKind, JobRef
    from akool_faceswap._models.job_state import JobState


LONGEST_NAP = 3600.0
"""Longest sleep at once, seconds; with nothing planned there is nothing to wake up for."""
SHORTEST_NAP = 0.001
"""Shortest sleep, seconds: one that a clock cannot resolve would be repeated without end."""
SHORTEST_LOOK = 5.0
"""A look gets at least this long, even close to a deadline, seconds."""
FRESH = 0.5
"""Seconds for which a look is fresh enough for a second waiter on the same id."""
NEAR = 0.25
"""A look joins a round that is planned within this share of its pause."""
MAX_STALE = 64
"""Deadlines of ended waits that are kept before they are cleared away."""
MAX_ALONE = 8
"""Missing ids per answer that are asked for alone next, at most."""

# A list of ids that is too long may be refused as a bad parameter or as a bad request line.
_TOO_MANY = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.REQUEST_URI_TOO_LONG,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
}


@dataclass(eq=False, slots=True)
class _PolledJob:
    """One job that somebody waits for."""

    ref: JobRef
    waiters: list[Waiter[JobRef]] = field(default_factory=list)
    looks: int = 0
    looked_at: float = -math.inf
    state: JobState | None = None
    missing_since: float | None = None
    listed_beside: int | None = None
    """Set when the next look asks for this one alone: how many others were listed without it."""


@dataclass(eq=False, slots=True)
class Chunk:
    """Jobs of one kind that go into one request."""

    ids: tuple[JobRef, ...]
    parent: Chunk | None = None
    accepted_parts: int = 0


class PollSchedule:
    """See the module's docstring. Not safe for threads: the shell locks."""

    def __init__(self, polling: Polling, jitter: Callable[[], float]) -> None:
        self.polling = polling
        self._sizes: dict[JobKind, int] = {}
        """Jobs per request, where the server turned out to take or to list fewer."""
        self._jitter = jitter
        self._jobs: dict[JobRef, _PolledJob] = {}
        self._calendar: Calendar[JobRef] = Calendar()
        self._due: deque[JobRef] = deque()
        self._parts: deque[Chunk] = deque()
        self._in_flight: Chunk | None = None
        self._deadlines: list[tuple[float, int, Waiter[JobRef]]] = []
        self._count = itertools.count()
        self._late: list[Waiter[JobRef]] = []
        self._gone: deque[Waiter[JobRef]] = deque()
        self._held_until = -math.inf

    def chunk_size(self, kind: JobKind) -> int:
        """How many jobs of a kind go into one request."""
        return 1 if kind.alone else self._sizes.get(kind, self.polling.chunk_size)

    # Waiters come and go.

    def join(self, ids: Iterable[JobRef], waiter: Waiter[JobRef], now: float) -> None:
        """Begin to look at the jobs for a waiter."""
        self._sweep()
        for ref in ids:
            job = self._jobs.get(ref)
            is_new = job is None
            if job is None:
                job = self._jobs[ref] = _PolledJob(ref)
            job.waiters.append(waiter)
            waiter.pending.add(ref)
            if now - job.looked_at < FRESH:
                if job.state is not None and waiter.every_change:
                    waiter.inbox.append((ref, job.state))
                continue
            waiter.unseen.add(ref)
            if is_new or not self._is_coming(ref):
                self._calendar.plan(ref, now)
        if math.isfinite(waiter.deadline):
            heapq.heappush(self._deadlines, (waiter.deadline, next(self._count), waiter))

    def leave(self, waiter: Waiter[JobRef]) -> None:
        """The waiter is gone. Touches nothing that is not atomic: a generator's end may call it."""
        self._gone.append(waiter)

    def close(self) -> None:
        """Wake every waiter for good."""
        for job in list(self._jobs.values()):
            for waiter in job.waiters:
                waiter.closed = True
                waiter.wake()

    # What to ask, and when.

    def take(self, now: float) -> Chunk | None:
        """The next ids to ask for, or None when nothing is due. One chunk at a time."""
        self._sweep()
        if now < self._held_until:
            return None
        while self._parts:
            part = self._parts.popleft()
            part.ids = tuple(ref for ref in part.ids if ref in self._jobs)
            if part.ids and len(part.ids) > self.chunk_size(part.ids[0].kind):
                # The limit was found meanwhile.
                self._due.extendleft(reversed(part.ids))
            elif part.ids:
                self._in_flight = part
                return part
        self._due.extend(self._calendar.pop_due(now))
        ids = self._next_of_a_kind()
        self._in_flight = Chunk(tuple(ids)) if ids else None
        return self._in_flight

    def _next_of_a_kind(self) -> list[JobRef]:
        """The first that is due, and those of its kind that go into the same request."""
        ids: list[JobRef] = []
        others: list[JobRef] = []
        while self._due and (not ids or len(ids) < self.chunk_size(ids[0].kind)):
            job = self._jobs.get(self._due[0])
            if job is not None and job.listed_beside is not None and ids:
                break
            self._due.popleft()
            if job is None:
                continue
            if ids and job.ref.kind is not ids[0].kind:
                others.append(job.ref)
                continue
            ids.append(job.ref)
            if job.listed_beside is not None:
                break
        self._due.extendleft(reversed(others))
        return ids

    def next_time(self, now: float) -> float:
        """When there is something to do again, monotonic; infinity when there is nobody."""
        look = now if self._due or self._parts else self._calendar.next
        return min(max(look, self._held_until), self.next_deadline())

    def nap(self, now: float) -> float:
        """How long to sleep when nothing is due."""
        return max(SHORTEST_NAP, min(self.next_time(now) - now, LONGEST_NAP))

    def look_timeout(self, now: float) -> float:
        """How long the next look may take: not far beyond the next deadline."""
        left = max(self.next_deadline() - now, SHORTEST_LOOK)
        return min(left, self.polling.look_timeout)

    def next_deadline(self) -> float:
        """The first deadline of somebody who still waits, or infinity."""
        while self._deadlines and not self._deadlines[0][2].pending:
            heapq.heappop(self._deadlines)
        return self._deadlines[0][0] if self._deadlines else math.inf

    def expire(self, now: float, *, idle: bool) -> None:
        """End the waiters whose deadline is over; `idle` says that nothing more is due."""
        self._sweep()
        while self._deadlines and self._deadlines[0][0] <= now:
            self._late.append(heapq.heappop(self._deadlines)[2])
        waiting: list[Waiter[JobRef]] = []
        for waiter in self._late:
            if waiter.unseen and not idle:
                waiting.append(waiter)
            elif waiter.pending:
                waiter.expired = True
                self._detach(waiter)
                waiter.wake()
        self._late = waiting

    # Results.

    def record(self, outcome: LookResult, hold: float | None, now: float) -> None:
        """The look at the chunk in flight is over.

        Args:
            outcome: The states that were listed, or the error; None if the poll was interrupted.
            hold: After an error that may pass, seconds without another look; None if it will not.
            now: Monotonic time.
        """
        if outcome is None:
            self.given_up(now)
        elif not isinstance(outcome, AkoolError):
            self.answered(outcome, now)
        elif self._is_absent(outcome):
            self.answered({}, now)
        elif hold is None:
            self.refused(outcome, now)
        else:
            self.troubled(outcome, now, hold)
        self.expire(now, idle=False)

    def answered(self, states: Mapping[str, JobState], now: float) -> None:
        """The server listed these of the ids in flight."""
        chunk = self._land()
        if chunk.parent is not None:
            chunk.parent.accepted_parts += 1
            if chunk.parent.accepted_parts == 2:  # noqa: PLR2004 - both halves: size was the fault
                self._shrink(chunk.ids[0].kind, (len(chunk.parent.ids) + 1) // 2)
        alone = 0
        for job in self._looked_at(chunk, now):
            state = states.get(job.ref.id)
            if state is not None:
                self._listed(job, state, now)
                continue
            if job.missing_since is None:
                job.missing_since = now
            left = job.missing_since + self.polling.grace - now
            if left > 0:
                self._tell(job, job.ref.kind.unlisted(job.ref.id))
                self._plan(job, now, at_most=left)
            elif len(chunk.ids) == 1:
                self._finish(
                    job,
                    JobNotFound(
                        "The API does not list this job",
                        job_id=job.ref.id,
                        operation=job.ref.kind.looks,
                    ),
                )
            elif alone < MAX_ALONE:
                alone += 1
                job.listed_beside = len(states)
                self._calendar.plan(job.ref, now)
            else:
                self._plan(job, now)

    def refused(self, error: AkoolError, now: float) -> None:
        """The server refused the chunk in flight for good."""
        chunk = self._land()
        size_may_be_it = isinstance(error, InvalidParameterError) or error.http_status in _TOO_MANY
        if size_may_be_it and len(chunk.ids) > 1:
            middle = (len(chunk.ids) + 1) // 2
            halves = chunk.ids[:middle], chunk.ids[middle:]
            self._parts.extendleft(Chunk(ids, chunk) for ids in reversed(halves))
            return
        for job in self._looked_at(chunk, now):
            self._finish(job, error)

    def troubled(self, error: AkoolError, now: float, hold: float) -> None:
        """The poll failed, but may be repeated, after at least `hold` seconds."""
        self._held_until = now + hold
        for job in self._looked_at(self._land(), now):
            for waiter in job.waiters:
                waiter.trouble = error
            self._plan(job, now)

    def given_up(self, now: float) -> None:
        """The poll was interrupted: another waiter has to repeat it."""
        for ref in self._land().ids:
            if ref in self._jobs:
                self._calendar.plan(ref, now)

    # Inside.

    def _is_absent(self, error: AkoolError) -> bool:
        """Whether the server says so that it does not know the one job that was asked for."""
        chunk = self._in_flight
        alone = chunk is not None and chunk.ids[0].kind.alone
        return alone and error.http_status == HTTPStatus.NOT_FOUND

    def _land(self) -> Chunk:
        chunk, self._in_flight = self._in_flight, None
        if chunk is None:
            raise RuntimeError("no chunk is in flight")
        return chunk

    def _looked_at(self, chunk: Chunk, now: float) -> Iterable[_PolledJob]:
        for ref in chunk.ids:
            job = self._jobs.get(ref)
            if job is None:
                continue
            job.looks += 1
            job.looked_at = now
            for waiter in job.waiters:
                waiter.unseen.discard(ref)
            yield job

    def _listed(self, job: _PolledJob, state: JobState, now: float) -> None:
        if job.listed_beside:
            # Listed alone but not among others: the server lists only so many at once.
            self._shrink(job.ref.kind, job.listed_beside)
        job.missing_since = job.listed_beside = None
        if state.status.is_final:
            self._finish(job, state)
            return
        for waiter in job.waiters:
            waiter.trouble = None
        self._tell(job, state)
        self._plan(job, now)

    def _tell(self, job: _PolledJob, state: JobState) -> None:
        known, job.state = job.state, state
        if known is not None and (known.status, known.listed) == (state.status, state.listed):
            return
        for waiter in job.waiters:
            if waiter.every_change:
                waiter.inbox.append((job.ref, state))
                waiter.wake()

    def _finish(self, job: _PolledJob, event: Event) -> None:
        del self._jobs[job.ref]
        self._calendar.cancel(job.ref)
        for waiter in job.waiters:
            waiter.pending.discard(job.ref)
            waiter.inbox.append((job.ref, event))
            waiter.wake()

    def _shrink(self, kind: JobKind, size: int) -> None:
        self._sizes[kind] = min(self.chunk_size(kind), size)

    def _plan(self, job: _PolledJob, now: float, at_most: float = math.inf) -> None:
        pause = self.polling.delay(job.looks)
        deadline = min((t.deadline for t in job.waiters if t.deadline > now), default=math.inf)
        limit = min(at_most, deadline - now)
        if pause >= limit:
            self._calendar.plan(job.ref, now + limit)
            return
        varied = pause * (1 + self.polling.jitter * (2 * self._jitter() - 1))
        self._calendar.plan(job.ref, now + min(varied, limit), slack=pause * NEAR)

    def _is_coming(self, ref: JobRef) -> bool:
        """Whether a look is under way or at the head of the queue."""
        chunks = [*self._parts, *([self._in_flight] if self._in_flight else [])]
        return ref in self._due or any(ref in chunk.ids for chunk in chunks)

    def _sweep(self) -> None:
        while self._gone:
            waiter = self._gone.popleft()
            if not waiter.expired:
                self._detach(waiter)
            waiter.pending.clear()
        # Waits that ended before their deadline would pile up until it.
        if len(self._deadlines) > MAX_STALE + 2 * len(self._jobs):
            self._deadlines = [entry for entry in self._deadlines if entry[2].pending]
            heapq.heapify(self._deadlines)

    def _detach(self, waiter: Waiter[JobRef]) -> None:
        for ref in waiter.pending:
            job = self._jobs[ref]
            job.waiters.remove(waiter)
            if not job.waiters:
                del self._jobs[ref]
                self._calendar.cancel(ref)
