"""Who looks at the jobs when many wait: one of the waiters, in threads and in asyncio alike.

There is no thread and no task of our own. The first waiter leads: it sleeps, asks for everybody and
hands out the answers. When it is served, interrupted or cancelled, another waiter takes over. What
to ask and when is decided by `_core.polling`; user code (callbacks) never runs while leading.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from akool_faceswap._core.polling import Ticket
from akool_faceswap._core.waiters import Desk
from akool_faceswap._errors import AkoolError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from akool_faceswap._core.polling import Event
    from akool_faceswap._core.timing import Clock, Polling
    from akool_faceswap._models.job_state import JobState

    Look = Callable[[tuple[str, ...], float], dict[str, JobState]]


class Wait:
    """One waiter of a `Poller`."""

    def __init__(self, poller: Poller, ticket: Ticket, condition: threading.Condition) -> None:
        self._poller = poller
        self._condition = condition
        self.ticket = ticket

    def next(self) -> tuple[str, Event] | None:
        """The next thing to know, after waiting for it; None when nothing more will come."""
        return self._poller.serve(self.ticket, self._condition)


class Poller:
    """The shared poller of one `FaceSwap`."""

    def __init__(
        self, look: Look, polling: Polling, clock: Clock, jitter: Callable[[], float]
    ) -> None:
        self._desk = Desk(polling, clock, jitter)
        self.core = self._desk.core
        self._look = look
        self._clock = clock
        self._lock = threading.Lock()
        self._leader: threading.Condition | None = None
        self._blocked: dict[int, threading.Condition] = {}
        """Waiters that sleep behind the leader and have not been woken."""

    @contextmanager
    def waiting(
        self, ids: Collection[str], timeout: float, *, every_change: bool
    ) -> Iterator[Wait]:
        """Watch the ids, at most `timeout` seconds, as long as the block lasts."""
        condition = threading.Condition(self._lock)

        def wake() -> None:
            self._blocked.pop(id(condition), None)
            condition.notify()

        now = self._clock.monotonic()
        ticket = Ticket(now + timeout, every_change, wake)
        with self._lock:
            self.core.join(ids, ticket, now)
            if self._leader is not None:
                self._leader.notify()  # a new id is looked at at once
        try:
            yield Wait(self, ticket, condition)
        finally:
            # Without the lock: a forgotten generator ends inside the garbage collector.
            self.core.leave(ticket)

    def serve(self, ticket: Ticket, condition: threading.Condition) -> tuple[str, Event] | None:
        """See `Wait.next`."""
        with self._lock:
            try:
                while not ticket.ready:
                    if self._leader is None:
                        self._lead(ticket, condition)
                    else:
                        self._blocked[id(condition)] = condition
                        condition.wait()
            finally:
                self._blocked.pop(id(condition), None)
                self._promote()
            return self._desk.tell(ticket)

    def close(self) -> None:
        """Wake every waiter for good."""
        with self._lock:
            self.core.close()
            if self._leader is not None:
                self._leader.notify()

    def _lead(self, ticket: Ticket, condition: threading.Condition) -> None:
        """Work for everybody until this waiter's own ticket is ready. The lock is held."""
        self._leader = condition
        try:
            while not ticket.ready:
                now = self._clock.monotonic()
                chunk = self.core.take(now)
                if chunk is not None:
                    self._ask(chunk.ids, self._desk.look_timeout(now))
                    continue
                self.core.expire(now, idle=True)
                if not ticket.ready:
                    self._clock.wait(condition, self._desk.nap(now))
        finally:
            self._leader = None

    def _ask(self, ids: tuple[str, ...], timeout: float) -> None:
        outcome: dict[str, JobState] | AkoolError | None = None
        self._lock.release()
        try:
            outcome = self._look(ids, timeout)
        except AkoolError as error:
            outcome = error
        finally:
            self._lock.acquire()
            self._desk.record(outcome)

    def _promote(self) -> None:
        """Make sure that somebody leads if anybody waits."""
        if self._leader is None and self._blocked:
            _, condition = self._blocked.popitem()
            condition.notify()
