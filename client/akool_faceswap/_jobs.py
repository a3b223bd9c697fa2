"""Jobs: what a paid submit gives you. Two thin shells; what a state means is in `_waiting`."""

from __future__ import annotations

import copy
from contextlib import aclosing, closing
from typing import TYPE_CHECKING

from akool_faceswap._errors import AkoolError
from akool_faceswap._lazy import calls
from akool_faceswap._results import AsyncJobResult, JobResult
from akool_faceswap._states import JobState
from akool_faceswap._timing import DEFAULT, Timeout
from akool_faceswap._waiting import Handle, aevents, callback, events

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from akool_faceswap._async_engine import AsyncEngine
    from akool_faceswap._engines import Engine
    from akool_faceswap._errors import RawAnswer
    from akool_faceswap._status import JobStatus

    OnUpdate = Callable[[JobState], None]


class Job(Handle[JobResult]):
    """A swap that was submitted. Make one by submitting, or from an id with `client.job(id)`."""

    def __init__(self, engine: Engine, job_id: str, raw: RawAnswer | None = None) -> None:
        super().__init__(job_id, raw, engine.rules.redact)
        self._engine = engine

    def belongs_to(self, engine: Engine) -> bool:
        """Whether that client made it."""
        return self._engine is engine

    def status(self, *, timeout: Timeout = DEFAULT) -> JobStatus:
        """Look once. Does not ask again once the job is finished.

        An id that the API does not list is `UNKNOWN` at first: fresh ones appear a little later.

        Args:
            timeout: Seconds for the call; left out the client's, None for ever.

        Raises:
            JobNotFound: Still not listed after the grace (`Polling.grace`).
            AkoolError: The call failed.
        """
        engine = self._engine
        if self.known.final_state is not None:
            return self.known.final_state.status
        states = engine.run(calls.list_results_call([self.id]), timeout)
        now, grace = engine.clock.monotonic(), engine.settings.polling.grace
        return self.known.look(states.get(self.id), now, grace)

    def wait(self, *, timeout: Timeout = DEFAULT, on_update: OnUpdate | None = None) -> JobResult:
        """Wait until the job is finished.

        Looks at once, then in growing intervals, together with everybody else who waits on this
        client. Trouble on the way (a dropped connection, a busy server) is absorbed until the
        deadline.

        Args:
            timeout: Seconds; left out half an hour (`Polling.timeout`), None for ever, 0 one look.
            on_update: Called with every change of state.

        Raises:
            JobFailed: The vendor gave up; `reason` says why if it does.
            JobTimeout: Still pending; the job goes on, and so can you.
            JobNotFound: The API does not list the id.
            AkoolError: The API refuses to tell.
        """
        every = callback("on_update", on_update)
        with closing(events(self._engine, [self], timeout, every=every)) as changes:
            for _, event in changes:
                if on_update is not None and isinstance(event, JobState):
                    on_update(event)
        return self._result(*self.known.success())

    def updates(self, *, timeout: Timeout = DEFAULT) -> Iterator[JobState]:
        """Every change of state, the first look included, until the job is finished.

        Ends after a final state, be it SUCCESS or FAILED; `result()` then has the file or raises.

        Args:
            timeout: Seconds; left out half an hour (`Polling.timeout`), None for ever.

        Raises:
            JobTimeout: Still pending at the deadline.
            JobNotFound: The API does not list the id.
            AkoolError: The API refuses to tell.
        """
        with closing(events(self._engine, [self], timeout, every=True)) as changes:
            for _, event in changes:
                if isinstance(event, AkoolError):
                    raise copy.copy(event)
                yield event

    def result(self) -> JobResult:
        """The file of a finished job; without waiting, and without asking again once it was seen.

        Raises:
            JobTimeout: It is not finished.
            JobFailed: The vendor gave up.
            AkoolError: The wait for it ended with this error, or the call failed.
        """
        if self.known.end is None:
            return self.wait(timeout=0)
        return self._result(*self.known.success())

    def delete(self, *, timeout: Timeout = DEFAULT) -> None:
        """Delete the result at the vendor. It cannot be undone.

        Raises:
            AkoolError: The call failed.
        """
        self._engine.run(calls.delete_results_call([self.id]), timeout)

    def _result(self, state: JobState, url: str) -> JobResult:
        return JobResult(state, url, self._engine)


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
