"""The shared poller of `AsyncFaceSwap`: tasks for threads, events for locks."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from akool_faceswap._core.polling import Ticket
from akool_faceswap._core.waiters import Desk
from akool_faceswap._errors import AkoolError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterator

    from akool_faceswap._core.polling import Event
    from akool_faceswap._core.timing import AsyncClock, Polling
    from akool_faceswap._models.job_state import JobState

    AsyncLook = Callable[[tuple[str, ...], float], Awaitable[dict[str, JobState]]]


class AsyncWait:
    """One waiter of an `AsyncPoller`."""

    def __init__(self, poller: AsyncPoller, ticket: Ticket, event: asyncio.Event) -> None:
        self._poller = poller
        self._event = event
        self.ticket = ticket

    async def next(self) -> tuple[str, Event] | None:
        """The next thing to know, after waiting for it; None when nothing more will come."""
        return await self._poller.serve(self.ticket, self._event)


class AsyncPoller:
    """The shared poller of one `AsyncFaceSwap`, for the tasks of one event loop."""

    def __init__(
        self, look: AsyncLook, polling: Polling, clock: AsyncClock, jitter: Callable[[], float]
    ) -> None:
        self._desk = Desk(polling, clock, jitter)
        self.core = self._desk.core
        self._look = look
        self._clock = clock
        self._leader: asyncio.Event | None = None
        self._blocked: dict[int, asyncio.Event] = {}

    @contextmanager
    def waiting(
        self, ids: Collection[str], timeout: float, *, every_change: bool
    ) -> Iterator[AsyncWait]:
        """Watch the ids, at most `timeout` seconds, as long as the block lasts."""
        event = asyncio.Event()

        def wake() -> None:
            self._blocked.pop(id(event), None)
            event.set()

        now = self._clock.monotonic()
        ticket = Ticket(now + timeout, every_change, wake)
        self.core.join(ids, ticket, now)
        if self._leader is not None:
            self._leader.set()  # a new id is looked at at once
        try:
            yield AsyncWait(self, ticket, event)
        finally:
            self.core.leave(ticket)

    async def serve(self, ticket: Ticket, event: asyncio.Event) -> tuple[str, Event] | None:
        """See `AsyncWait.next`."""
        try:
            while not ticket.ready:
                event.clear()
                if self._leader is None:
                    await self._lead(ticket, event)
                else:
                    self._blocked[id(event)] = event
                    await event.wait()
        finally:
            self._blocked.pop(id(event), None)
            self._promote()
        return self._desk.tell(ticket)

    def close(self) -> None:
        """Wake every waiter for good."""
        self.core.close()
        if self._leader is not None:
            self._leader.set()

    async def _lead(self, ticket: Ticket, event: asyncio.Event) -> None:
        """Work for everybody until this waiter's own ticket is ready."""
        self._leader = event
        try:
            while not ticket.ready:
                now = self._clock.monotonic()
                chunk = self.core.take(now)
                if chunk is not None:
                    await self._ask(chunk.ids, self._desk.look_timeout(now))
                    continue
                self.core.expire(now, idle=True)
                if not ticket.ready:
                    event.clear()
                    await self._clock.wait(event, self._desk.nap(now))
        finally:
            self._leader = None

    async def _ask(self, ids: tuple[str, ...], timeout: float) -> None:
        outcome: dict[str, JobState] | AkoolError | None = None
        try:
            outcome = await self._look(ids, timeout)
        except AkoolError as error:
            outcome = error
        finally:
            self._desk.record(outcome)

    def _promote(self) -> None:
        """Make sure that somebody leads if anybody waits."""
        if self._leader is None and self._blocked:
            _, event = self._blocked.popitem()
            event.set()
