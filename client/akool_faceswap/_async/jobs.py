"""Jobs and results for asyncio: what a paid submit gives you. The rules are in `_core.job`."""

from __future__ import annotations

import copy
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akool_faceswap._core.arguments import callback
from akool_faceswap._core.download import MAX_BYTES
from akool_faceswap._core.job import Group, Handle, J, _Result
from akool_faceswap._core.lazy import calls
from akool_faceswap._core.timing import DEFAULT, Timeout, seconds_of
from akool_faceswap._errors import AkoolError
from akool_faceswap._http.saving import Order
from akool_faceswap._models.job_state import JobState, JobStatus

if TYPE_CHECKING:
    import os
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Sequence,
    )
    from pathlib import Path

    from akool_faceswap._async.engine import AsyncEngine
    from akool_faceswap._core.job import OnUpdate
    from akool_faceswap._errors import RawAnswer
    from akool_faceswap._http.saving import Progress


@dataclass(frozen=True, slots=True)
class AsyncJobResult(_Result):
    """A finished job's file, as long as the vendor keeps it."""

    _engine: AsyncEngine = field(repr=False, compare=False)

    async def save(
        self,
        path: str | os.PathLike[str],
        *,
        progress: Progress | None = None,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - spans attempts, not a cancel scope
        max_bytes: int = MAX_BYTES,
    ) -> Path:
        """Save the file: whole under its name, or not at all. See `JobResult.save`."""
        from akool_faceswap._async.saving import asave  # noqa: PLC0415 - brings asyncio

        order = Order(self.state, self.url, path, progress, timeout, max_bytes)
        return await asave(self._engine, order)


async def aevents(
    engine: AsyncEngine,
    jobs: Sequence[J],
    timeout: Timeout,  # noqa: ASYNC109 - a deadline that is shared, not a cancel scope
    *,
    every: bool,
) -> AsyncGenerator[tuple[J, JobState | AkoolError]]:
    """`events`, for asyncio."""
    group = Group(jobs)
    for ended in group.ended():
        yield ended
    seconds = seconds_of(timeout, engine.settings.polling.timeout)
    engine.require_open()
    with engine.poller.waiting(group.ids, seconds, every_change=every) as wait:
        while wait.ticket.pending or wait.ticket.inbox:
            event = await wait.next()
            if event is None:
                raise group.time_out(wait.ticket, seconds)
            for told in group.told(*event):
                yield told


class AsyncJob(Handle[AsyncJobResult]):
    """A swap that was submitted. Make one by submitting, or from an id with `client.job(id)`."""

    def __init__(self, engine: AsyncEngine, job_id: str, raw: RawAnswer | None = None) -> None:
        super().__init__(job_id, raw, engine.rules.redact)
        self._engine = engine

    def belongs_to(self, engine: AsyncEngine) -> bool:
        """Whether that client made it."""
        return self._engine is engine

    async def status(self, *, timeout: Timeout = DEFAULT) -> JobStatus:  # noqa: ASYNC109 - the call's
        """Look once. See `Job.status`."""
        engine = self._engine
        if self.known.final_state is not None:
            return self.known.final_state.status
        states = await engine.run(calls.list_results_call([self.id]), timeout)
        now, grace = engine.clock.monotonic(), engine.settings.polling.grace
        return self.known.look(states.get(self.id), now, grace)

    async def wait(
        self,
        *,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - a deadline that is shared, not a cancel scope
        on_update: OnUpdate | None = None,
    ) -> AsyncJobResult:
        """Wait until the job is finished. See `Job.wait`."""
        every = callback("on_update", on_update)
        async with aclosing(aevents(self._engine, [self], timeout, every=every)) as changes:
            async for _, event in changes:
                if on_update is not None and isinstance(event, JobState):
                    on_update(event)
        return self._result(*self.known.success())

    async def updates(
        self,
        *,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - see `wait`
    ) -> AsyncIterator[JobState]:
        """Every change of state until the job is finished. See `Job.updates`."""
        async with aclosing(aevents(self._engine, [self], timeout, every=True)) as changes:
            async for _, event in changes:
                if isinstance(event, AkoolError):
                    raise copy.copy(event)
                yield event

    async def result(self) -> AsyncJobResult:
        """The file of a finished job, without waiting. See `Job.result`."""
        if self.known.end is None:
            return await self.wait(timeout=0)
        return self._result(*self.known.success())

    async def delete(self, *, timeout: Timeout = DEFAULT) -> None:  # noqa: ASYNC109 - the call's
        """Delete the result at the vendor. See `Job.delete`."""
        await self._engine.run(calls.delete_results_call([self.id]), timeout)

    def _result(self, state: JobState, url: str) -> AsyncJobResult:
        return AsyncJobResult(state, url, self._engine)
