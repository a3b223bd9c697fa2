"""The shared poller of `AsyncFaceSwap`: tasks for threads, events for locks."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from akool_faceswap._core.waiting.schedule import PollSchedule
from akool_faceswap._core.waiting.trouble import hold_after
from akool_faceswap._core.waiting.waiter import Waiter
from akool_faceswap._errors import AkoolError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterator

    from akool_faceswap._core.timing import AsyncClock, Polling
    from akool_faceswap._core.waiting.waiter import Event, LookResult
    from akool_faceswap._models.job_kind import JobRef
    from akool_faceswap._models.job_state import JobState

    AsyncLook = Callable[[tuple[JobRef, ...], float], Awaitable[dict[str, JobState]]]


class AsyncSubscription:
    """The events of one waiter of an `AsyncPoller`."""

    def __init__(self, poller: AsyncPoller, waiter: Waiter[JobRef], event: asyncio.Event) -> None:
        self._poller = poller
        self._event = event
        self.waiter = waiter

    async def next(self) -> tuple[JobRef, Event] | None:
        """Wait for the next event; None if no more will come."""
        return await self._poller.serve(self.waiter, self._event)


class AsyncPoller:
    """The shared poller of one `AsyncFaceSwap`, for the tasks of one event loop."""

    def __init__(
        self, look: AsyncLook, polling: Polling, clock: AsyncClock, jitter: Callable[[], float]
    ) -> None:
        self.schedule = PollSchedule(polling, jitter)
        self._look = look
        self._clock = clock
        self._leader: asyncio.Event | None = None
        self._blocked: dict[int, asyncio.Event] = {}

    @contextmanager
    def waiting(
        self, ids: Collection[JobRef], timeout: float, *, every_change: bool
    ) -> Iterator[AsyncSubscription]:
        """Wait for the ids, at most `timeout` seconds, as long as the block lasts."""
        event = asyncio.Event()

        def wake() -> None:
            self._blocked.pop(id(event), None)
            event.set()

        now = self._clock.monotonic()
        waiter: Waiter[JobRef] = Waiter(now + timeout, every_change, wake)
        self.schedule.join(ids, waiter, now)
        if self._leader is not None:
            self._leader.set()  # a new id is looked at at once
        try:
            yield AsyncSubscription(self, waiter, event)
        finally:
            self.schedule.leave(waiter)

    async def serve(
        self, waiter: Waiter[JobRef], event: asyncio.Event
    ) -> tuple[JobRef, Event] | None:
        try:
            while not waiter.ready:
                event.clear()
                if self._leader is None:
                    await self._lead(waiter, event)
                else:
                    self._blocked[id(event)] = event
                    await event.wait()
        finally:
            self._blocked.pop(id(event), None)
            self._promote()
        return waiter.next_event()

    def close(self) -> None:
        """Wake every waiter for good."""
        self.schedule.close()
        if self._leader is not None:
            self._leader.set()

    async def _lead(self, waiter: Waiter[JobRef], event: asyncio.Event) -> None:
        """Poll for all waiters until this one is ready."""
        self._leader = event
        try:
            while not waiter.ready:
                now = self._clock.monotonic()
                chunk = self.schedule.take(now)
                if chunk is not None:
                    await self._ask(chunk.ids, self.schedule.look_timeout(now))
                    continue
                self.schedule.expire(now, idle=True)
                if not waiter.ready:
                    event.clear()
                    await self._clock.wait(event, self.schedule.nap(now))
        finally:
            self._leader = None

    async def _ask(self, ids: tuple[JobRef, ...], timeout: float) -> None:
        outcome: LookResult = None
        try:
            outcome = await self._look(ids, timeout)
        except AkoolError as error:
            outcome = error
        finally:
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
            _, event = self._blocked.popitem()
            event.set()
