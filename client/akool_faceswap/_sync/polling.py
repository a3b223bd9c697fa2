"""The shared poller: of all waiters one polls for the others, in threads and in asyncio alike.

There is no thread and no task of our own. The first waiter leads: it sleeps, polls for all and
hands out the answers. When it is done, interrupted or cancelled, another waiter takes over.
`_core.waiting` decides what to poll and when. User code (callbacks) never runs in the leader.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from akool_faceswap._core.waiting.schedule import PollSchedule
from akool_faceswap._core.waiting.trouble import hold_after
from akool_faceswap._core.waiting.waiter import Waiter
from akool_faceswap._errors import AkoolError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from akool_faceswap._core.timing import Clock, Polling
    from akool_faceswap._core.waiting.waiter import Event, LookResult
    from akool_faceswap._models.job_kind import JobRef
    from akool_faceswap._models.job_state import JobState

    Look = Callable[[tuple[JobRef, ...], float], dict[str, JobState]]


class Subscription:
    """The events of one waiter of a `Poller`."""

    def __init__(
        self, poller: Poller, waiter: Waiter[JobRef], condition: threading.Condition
    ) -> None:
        self._poller = poller
        self._condition = condition
        self.waiter = waiter

    def next(self) -> tuple[JobRef, Event] | None:
        """Wait for the next event; None if no more will come."""
        return self._poller.serve(self.waiter, self._condition)


class Poller:
    """The shared poller of one `FaceSwap`."""

    def __init__(
        self, look: Look, polling: Polling, clock: Clock, jitter: Callable[[], float]
    ) -> None:
        self.schedule = PollSchedule(polling, jitter)
        self._look = look
        self._clock = clock
        self._lock = threading.Lock()
        self._leader: threading.Condition | None = None
        self._blocked: dict[int, threading.Condition] = {}
        """Waiters that sleep behind the leader and have not been woken."""

    @contextmanager
    def waiting(
        self, ids: Collection[JobRef], timeout: float, *, every_change: bool
    ) -> Iterator[Subscription]:
        """Wait for the ids, at most `timeout` seconds, as long as the block lasts."""
        condition = threading.Condition(self._lock)

        def wake() -> None:
            self._blocked.pop(id(condition), None)
            condition.notify()

        now = self._clock.monotonic()
        waiter: Waiter[JobRef] = Waiter(now + timeout, every_change, wake)
        with self._lock:
            self.schedule.join(ids, waiter, now)
            if self._leader is not None:
                self._leader.notify()  # a new id is looked at at once
        try:
            yield Subscription(self, waiter, condition)
        finally:
            # Without the lock: a forgotten generator ends inside the garbage collector.
            self.schedule.leave(waiter)

    def serve(
        self, waiter: Waiter[JobRef], condition: threading.Condition
    ) -> tuple[JobRef, Event] | None:
        with self._lock:
            try:
                while not waiter.ready:
                    if self._leader is None:
                        self._lead(waiter, condition)
                    else:
                        self._blocked[id(condition)] = condition
                        condition.wait()
            finally:
                self._blocked.pop(id(condition), None)
                self._promote()
            return waiter.next_event()

    def close(self) -> None:
        """Wake every waiter for good."""
        with self._lock:
            self.schedule.close()
            if self._leader is not None:
                self._leader.notify()

    def _lead(self, waiter: Waiter[JobRef], condition: threading.Condition) -> None:
        """Poll for all waiters until this one is ready. The lock is held."""
        self._leader = condition
        try:
            while not waiter.ready:
                now = self._clock.monotonic()
                chunk = self.schedule.take(now)
                if chunk is not None:
                    self._ask(chunk.ids, self.schedule.look_timeout(now))
                    continue
                self.schedule.expire(now, idle=True)
                if not waiter.ready:
                    self._clock.wait(condition, self.schedule.nap(now))
        finally:
            self._leader = None

    def _ask(self, ids: tuple[JobRef, ...], timeout: float) -> None:
        outcome: LookResult = None
        self._lock.release()
        try:
            outcome = self._look(ids, timeout)
        except AkoolError as error:
            outcome = error
        finally:
            self._lock.acquire()
            self._record(outcome)

    def _record(self, outcome: LookResult) -> None:
        hold = None
        if isinstance(outcome, AkoolError):
            usual = self.schedule.polling.first_delay
            hold = hold_after(outcome, self._clock.time(), usual)
        self.schedule.record(outcome, hold, self._clock.monotonic())

    def _promote(self) -> None:
        """Make sure that one of the waiters leads."""
        if self._leader is None and self._blocked:
            _, condition = self._blocked.popitem()
            condition.notify()
