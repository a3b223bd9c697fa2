"""Looking at many jobs for many waiters, without a socket, a clock or a thread. Pure state machine.

A *watch* is one id that somebody waits for; a *ticket* is one waiter with its ids and deadline. The
core says which ids to ask for next (`take`), is told what came of it (`answered`, `refused`,
`troubled`, `given_up`) and says when to come back (`next_time`). It keeps these promises:

- a new id is looked at once; further looks grow apart (`Polling`); final jobs are never looked at;
- ids due at about the same time share a round, and a round takes one request per chunk of ids;
- a ticket ends at its deadline: after it at most one more request begins, first looks excepted;
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
from typing import TYPE_CHECKING, TypeAlias

from akool_faceswap._core.calendar import Rounds
from akool_faceswap._errors import AkoolError, JobNotFound
from akool_faceswap._models.job_state import JobState, unlisted
from akool_faceswap.codes import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from akool_faceswap._core.timing import Polling


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

Event: TypeAlias = JobState | AkoolError
"""What a ticket is told about an id: a state, or an error that ends the wait for it."""


@dataclass(eq=False, slots=True)
class Ticket:
    """One waiter."""

    deadline: float
    """Monotonic time, may be infinite."""
    every_change: bool
    """Whether it wants to hear of states on the way, not only of the end."""
    wake: Callable[[], None]
    """Called when the ticket became ready."""
    pending: set[str] = field(default_factory=set[str])
    """Ids whose end it has not been told yet."""
    unseen: set[str] = field(default_factory=set[str])
    """Ids that it has not had a look at yet."""
    inbox: deque[tuple[str, Event]] = field(default_factory=deque[tuple[str, Event]])
    expired: bool = False
    closed: bool = False
    trouble: AkoolError | None = None
    """Why the last look at one of its ids failed, if it did; the cause of a timeout."""

    @property
    def ready(self) -> bool:
        """Whether there is something to tell, or nothing to wait for."""
        return bool(self.inbox) or self.expired or self.closed or not self.pending


@dataclass(eq=False, slots=True)
class _Watch:
    """One id that somebody waits for."""

    id: str
    tickets: list[Ticket] = field(default_factory=list[Ticket])
    looks: int = 0
    looked_at: float = -math.inf
    state: JobState | None = None
    missing_since: float | None = None
    listed_beside: int | None = None
    """Set when the next look asks for this id alone: how many others were listed without it."""


@dataclass(eq=False, slots=True)
class Chunk:
    """Ids that go into one request."""

    ids: tuple[str, ...]
    parent: Chunk | None = None
    accepted_parts: int = 0


class PollCore:
    """See the module's docstring. Not safe for threads: the shell locks."""

    def __init__(self, polling: Polling, jitter: Callable[[], float]) -> None:
        self.polling = polling
        self.chunk_size = polling.chunk_size
        """Ids per request; shrinks when the server turns out to take or to list fewer."""
        self._jitter = jitter
        self._watches: dict[str, _Watch] = {}
        self._rounds = Rounds()
        self._due: deque[str] = deque()
        self._parts: deque[Chunk] = deque()
        self._in_flight: Chunk | None = None
        self._deadlines: list[tuple[float, int, Ticket]] = []
        self._count = itertools.count()
        self._late: list[Ticket] = []
        self._gone: deque[Ticket] = deque()
        self._held_until = -math.inf

    # Waiters come and go.

    def join(self, ids: Iterable[str], ticket: Ticket, now: float) -> None:
        """Begin to watch the ids for a ticket."""
        self._sweep()
        for job_id in ids:
            watch = self._watches.get(job_id)
            is_new = watch is None
            if watch is None:
                watch = self._watches[job_id] = _Watch(job_id)
            watch.tickets.append(ticket)
            ticket.pending.add(job_id)
            if now - watch.looked_at < FRESH:
                if watch.state is not None and ticket.every_change:
                    ticket.inbox.append((job_id, watch.state))
                continue
            ticket.unseen.add(job_id)
            if is_new or not self._is_coming(job_id):
                self._rounds.plan(job_id, now)
        if math.isfinite(ticket.deadline):
            heapq.heappush(self._deadlines, (ticket.deadline, next(self._count), ticket))

    def leave(self, ticket: Ticket) -> None:
        """The waiter is gone. Touches nothing that is not atomic: a generator's end may call it."""
        self._gone.append(ticket)

    def close(self) -> None:
        """Wake every waiter for good."""
        for watch in list(self._watches.values()):
            for ticket in watch.tickets:
                ticket.closed = True
                ticket.wake()

    # What to ask, and when.

    def take(self, now: float) -> Chunk | None:
        """The next ids to ask for, or None when nothing is due. One chunk at a time."""
        self._sweep()
        if now < self._held_until:
            return None
        while self._parts:
            part = self._parts.popleft()
            part.ids = tuple(job_id for job_id in part.ids if job_id in self._watches)
            if len(part.ids) > self.chunk_size:  # the limit was found meanwhile
                self._due.extendleft(reversed(part.ids))
            elif part.ids:
                self._in_flight = part
                return part
        self._due.extend(self._rounds.pop_due(now))
        ids: list[str] = []
        while self._due and len(ids) < self.chunk_size:
            watch = self._watches.get(self._due[0])
            if watch is not None and watch.listed_beside is not None and ids:
                break
            self._due.popleft()
            if watch is None:
                continue
            ids.append(watch.id)
            if watch.listed_beside is not None:
                break
        self._in_flight = Chunk(tuple(ids)) if ids else None
        return self._in_flight

    def next_time(self, now: float) -> float:
        """When there is something to do again, monotonic; infinity when there is nobody."""
        look = now if self._due or self._parts else self._rounds.next
        return min(max(look, self._held_until), self.next_deadline())

    def next_deadline(self) -> float:
        """The first deadline of somebody who still waits, or infinity."""
        while self._deadlines and not self._deadlines[0][2].pending:
            heapq.heappop(self._deadlines)
        return self._deadlines[0][0] if self._deadlines else math.inf

    def expire(self, now: float, *, idle: bool) -> None:
        """End the tickets whose deadline is over; `idle` says that nothing more is due."""
        self._sweep()
        while self._deadlines and self._deadlines[0][0] <= now:
            self._late.append(heapq.heappop(self._deadlines)[2])
        waiting: list[Ticket] = []
        for ticket in self._late:
            if ticket.unseen and not idle:
                waiting.append(ticket)
            elif ticket.pending:
                ticket.expired = True
                self._detach(ticket)
                ticket.wake()
        self._late = waiting

    # What came of it.

    def answered(self, states: Mapping[str, JobState], now: float) -> None:
        """The server listed these of the ids in flight."""
        chunk = self._land()
        if chunk.parent is not None:
            chunk.parent.accepted_parts += 1
            if chunk.parent.accepted_parts == 2:  # noqa: PLR2004 - both halves: size was the fault
                self.chunk_size = min(self.chunk_size, (len(chunk.parent.ids) + 1) // 2)
        alone = 0
        for watch in self._looked_at(chunk, now):
            state = states.get(watch.id)
            if state is not None:
                self._listed(watch, state, now)
                continue
            if watch.missing_since is None:
                watch.missing_since = now
            left = watch.missing_since + self.polling.grace - now
            if left > 0:
                self._tell(watch, unlisted(watch.id))
                self._plan(watch, now, at_most=left)
            elif len(chunk.ids) == 1:
                text = "The API does not list this job"
                self._finish(watch, JobNotFound(text, job_id=watch.id, operation="listResults"))
            elif alone < MAX_ALONE:
                alone += 1
                watch.listed_beside = len(states)
                self._rounds.plan(watch.id, now)
            else:
                self._plan(watch, now)

    def refused(self, error: AkoolError, now: float) -> None:
        """The server refused the chunk in flight for good."""
        chunk = self._land()
        size_may_be_it = isinstance(error, InvalidParameterError) or error.http_status in _TOO_MANY
        if size_may_be_it and len(chunk.ids) > 1:
            middle = (len(chunk.ids) + 1) // 2
            halves = chunk.ids[:middle], chunk.ids[middle:]
            self._parts.extendleft(Chunk(ids, chunk) for ids in reversed(halves))
            return
        for watch in self._looked_at(chunk, now):
            self._finish(watch, error)

    def troubled(self, error: AkoolError, now: float, hold: float = 0.0) -> None:
        """The look failed in a way that may pass; `hold` seconds shall go by before the next."""
        self._held_until = max(self._held_until, now + hold)
        for watch in self._looked_at(self._land(), now):
            for ticket in watch.tickets:
                ticket.trouble = error
            self._plan(watch, now)

    def given_up(self, now: float) -> None:
        """Whoever asked was interrupted: somebody else shall ask."""
        for job_id in self._land().ids:
            if job_id in self._watches:
                self._rounds.plan(job_id, now)

    # Inside.

    def _land(self) -> Chunk:
        chunk, self._in_flight = self._in_flight, None
        if chunk is None:
            raise RuntimeError("no chunk is in flight")
        return chunk

    def _looked_at(self, chunk: Chunk, now: float) -> Iterable[_Watch]:
        for job_id in chunk.ids:
            watch = self._watches.get(job_id)
            if watch is None:
                continue
            watch.looks += 1
            watch.looked_at = now
            for ticket in watch.tickets:
                ticket.unseen.discard(job_id)
            yield watch

    def _listed(self, watch: _Watch, state: JobState, now: float) -> None:
        if watch.listed_beside:
            # Listed alone but not among others: the server lists only so many at once.
            self.chunk_size = min(self.chunk_size, watch.listed_beside)
        watch.missing_since = watch.listed_beside = None
        if state.status.is_final:
            self._finish(watch, state)
            return
        for ticket in watch.tickets:
            ticket.trouble = None
        self._tell(watch, state)
        self._plan(watch, now)

    def _tell(self, watch: _Watch, state: JobState) -> None:
        known, watch.state = watch.state, state
        if known is not None and (known.status, known.listed) == (state.status, state.listed):
            return
        for ticket in watch.tickets:
            if ticket.every_change:
                ticket.inbox.append((watch.id, state))
                ticket.wake()

    def _finish(self, watch: _Watch, event: Event) -> None:
        del self._watches[watch.id]
        self._rounds.cancel(watch.id)
        for ticket in watch.tickets:
            ticket.pending.discard(watch.id)
            ticket.inbox.append((watch.id, event))
            ticket.wake()

    def _plan(self, watch: _Watch, now: float, at_most: float = math.inf) -> None:
        pause = self.polling.delay(watch.looks)
        deadline = min((t.deadline for t in watch.tickets if t.deadline > now), default=math.inf)
        limit = min(at_most, deadline - now)
        if pause >= limit:
            self._rounds.plan(watch.id, now + limit)
            return
        varied = pause * (1 + self.polling.jitter * (2 * self._jitter() - 1))
        self._rounds.plan(watch.id, now + min(varied, limit), slack=pause * NEAR)

    def _is_coming(self, job_id: str) -> bool:
        """Whether a look is under way or at the head of the queue."""
        chunks = [*self._parts, *([self._in_flight] if self._in_flight else [])]
        return job_id in self._due or any(job_id in chunk.ids for chunk in chunks)

    def _sweep(self) -> None:
        while self._gone:
            ticket = self._gone.popleft()
            self._detach(ticket)
            ticket.pending.clear()
        # Waits that ended before their deadline would pile up until it.
        if len(self._deadlines) > MAX_STALE + 2 * len(self._watches):
            self._deadlines = [entry for entry in self._deadlines if entry[2].pending]
            heapq.heapify(self._deadlines)

    def _detach(self, ticket: Ticket) -> None:
        for job_id in ticket.pending:
            watch = self._watches.get(job_id)
            if watch is None or ticket not in watch.tickets:
                continue
            watch.tickets.remove(ticket)
            if not watch.tickets:
                del self._watches[job_id]
                self._rounds.cancel(job_id)
