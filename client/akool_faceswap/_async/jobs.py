"""Jobs and their results: what a paid submit gives you. The rules are in `_core.job`."""

from __future__ import annotations

import copy
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, overload

from akool_faceswap._async.saving import read, save, stream
from akool_faceswap._core.call import callback
from akool_faceswap._core.download import MAX_BYTES, MAX_READ_BYTES, Download, Fetched
from akool_faceswap._core.job import J, JobBase, JobGroup, _Result, file_paths, unpicklable
from akool_faceswap._core.job_calls import delete_call
from akool_faceswap._core.timing import DEFAULT, Timeout, seconds_of
from akool_faceswap._errors import AkoolError, InvalidRequestError
from akool_faceswap._models.job_state import JobState, JobStatus

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence
    from pathlib import Path

    from akool_faceswap._async.engine import AsyncEngine
    from akool_faceswap._core.download import Progress
    from akool_faceswap._core.job import OnUpdate
    from akool_faceswap._errors import RawAnswer
    from akool_faceswap._models.job_kind import JobRef


@dataclass(frozen=True, slots=True)
class AsyncJobResult(_Result):
    """The result of a finished job, as long as the vendor keeps it."""

    _engine: AsyncEngine = field(repr=False, compare=False)
    _seen: list[Fetched] = field(default_factory=list, repr=False, compare=False)

    __reduce__ = unpicklable("Send `result.state.id`, or save the file here")

    @property
    def fetched(self) -> Fetched | None:
        """What is known about the file, after it was saved, read or streamed to its end."""
        return self._seen[-1] if self._seen else None

    @overload
    async def save(
        self,
        path: str | os.PathLike[str],
        *,
        progress: Progress | None = ...,
        timeout: Timeout = ...,
        max_bytes: int = ...,
    ) -> Path: ...

    @overload
    async def save(
        self,
        path: BinaryIO,
        *,
        progress: Progress | None = ...,
        timeout: Timeout = ...,
        max_bytes: int = ...,
    ) -> None: ...

    async def save(
        self,
        path: str | os.PathLike[str] | BinaryIO,
        *,
        progress: Progress | None = None,
        timeout: Timeout = DEFAULT,
        max_bytes: int = MAX_BYTES,
    ) -> Path | None:
        """Save the file. It appears complete or not at all.

        If the connection drops, the download continues where it stopped, if the server can do that.
        The length is checked, and that the file is a picture or a video and complete. `fetched` has
        what was found.

        Args:
            path: The file to write; or a folder, where the file gets a name from its URL; or a
                binary file object, which is written from its current position and left open.
            progress: Called with the bytes so far and the total, None while that is unknown.
            timeout: Seconds for all attempts; default: 10 minutes. None: no timeout.
            max_bytes: Refuse larger files.

        Returns:
            The path of the file; None for an open file.

        Raises:
            ResultExpired: The vendor has deleted it.
            DownloadError: It could not be downloaded or stored, or is neither a picture nor a
                video. Nothing is left at the path.
            InvalidRequestError: The job made no file, or several: see `save_all`.
        """
        return await save(self._engine, self._download(progress, timeout, max_bytes), path)

    async def read(
        self,
        *,
        progress: Progress | None = None,
        timeout: Timeout = DEFAULT,
        max_bytes: int = MAX_READ_BYTES,
    ) -> bytes:
        """The file in memory, checked like a saved one.

        Args:
            progress: Called with the bytes so far and the total, None while that is unknown.
            timeout: Seconds for all attempts; default: 10 minutes. None: no timeout.
            max_bytes: Refuse larger files. Default: 1 GiB.

        Raises:
            ResultExpired: The vendor has deleted it.
            DownloadError: It could not be downloaded, or is neither a picture nor a video.
        """
        return await read(self._engine, self._download(progress, timeout, max_bytes))

    async def stream(
        self,
        *,
        progress: Progress | None = None,
        timeout: Timeout = DEFAULT,
        max_bytes: int = MAX_BYTES,
    ) -> AsyncGenerator[bytes]:
        """The file piece by piece, as it arrives. Only the end shows whether it is complete.

        Args:
            progress: Called with the bytes so far and the total, None while that is unknown.
            timeout: Seconds from first to last piece; default: 10 minutes. None: no timeout.
            max_bytes: Refuse larger files.

        Raises:
            ResultExpired: The vendor has deleted it.
            DownloadError: It could not be downloaded completely, or is neither a picture nor a
                video. Discard the earlier pieces.
        """
        download = self._download(progress, timeout, max_bytes)
        async with aclosing(stream(self._engine, download)) as pieces:
            async for piece in pieces:
                yield piece

    def _download(self, progress: Progress | None, timeout: Timeout, max_bytes: int) -> Download:
        if len(self.urls) > 1:
            raise InvalidRequestError(
                f"The job made {len(self.urls)} files; save_all(folder) saves each"
            )
        return Download(self.state, self.url, progress, timeout, max_bytes, self._note)

    def _note(self, fetched: Fetched) -> None:
        self._seen[:] = [fetched]

    async def save_all(
        self,
        folder: str | os.PathLike[str],
        *,
        progress: Progress | None = None,
        timeout: Timeout = DEFAULT,
        max_bytes: int = MAX_BYTES,
    ) -> list[Path]:
        """Save every file of the job, one after the other, under names from their URLs.

        Args:
            folder: A folder that exists.
            progress: As for `save`, separately for each file.
            timeout: Seconds for each file; default: 10 minutes. None: no timeout.
            max_bytes: Refuse larger files.

        Returns:
            Their paths, in the order of `urls`; an empty list if the job made none.

        Raises:
            ResultExpired: The vendor has deleted one; those before it are saved.
            DownloadError: One could not be fetched or stored; those before it are saved.
        """
        saved: list[Path] = []
        for url, path in zip(self.urls, file_paths(folder, self.state), strict=True):
            download = Download(self.state, url, progress, timeout, max_bytes, self._note)
            await save(self._engine, download, path)
            saved.append(path)
        return saved


async def events(
    engine: AsyncEngine,
    jobs: Sequence[J],
    timeout: Timeout,
    *,
    every: bool,
) -> AsyncGenerator[tuple[J, JobState | AkoolError]]:
    """What happens to the jobs until all have ended: their ends, and with `every` the way there."""
    group = JobGroup(jobs)
    for ended in group.ended():
        yield ended
    seconds = seconds_of(timeout, engine.settings.polling.timeout)
    engine.require_open()
    with engine.poller.waiting(group.refs, seconds, every_change=every) as subscription:
        waiter = subscription.waiter
        while waiter.pending or waiter.inbox:
            event = await subscription.next()
            if event is None:
                raise group.time_out(waiter, seconds)
            for told in group.told(*event):
                yield told


class AsyncJob(JobBase):
    """Work that was submitted. Make one by submitting, or from an id with `client.job(id)`."""

    def __init__(self, engine: AsyncEngine, ref: JobRef, raw: RawAnswer | None = None) -> None:
        super().__init__(ref, raw, engine.rules.redact)
        self._engine = engine

    __reduce__ = unpicklable("Send `job.id`, and go on with `client.job(id)` there")

    def belongs_to(self, engine: AsyncEngine) -> bool:
        """Whether that client made it."""
        return self._engine is engine

    async def status(self, *, timeout: Timeout = DEFAULT) -> JobStatus:
        """Poll once. If the job is known to be finished, send nothing.

        An id that the API does not list is `UNKNOWN` at first, because new ids appear a little
        later.

        Args:
            timeout: Seconds for the call; default: the client's timeout. None: no timeout.

        Raises:
            JobNotFound: Still not listed after the grace period (`Polling.grace`).
            AkoolError: The call failed.
        """
        engine = self._engine
        if self.record.final_state is not None:
            return self.record.final_state.status
        states = await engine.states(self.ref.kind, [self.id], timeout)
        now, grace = engine.clock.monotonic(), engine.settings.polling.grace
        return self.record.look(states.get(self.id), now, grace)

    async def wait(
        self,
        *,
        timeout: Timeout = DEFAULT,
        on_update: OnUpdate | None = None,
    ) -> AsyncJobResult:
        """Wait until the job is finished.

        Polls at once, and then less and less often, together with all other waits on this client.
        It retries after a dropped connection or a busy server, until the deadline.

        Args:
            timeout: Seconds. Default: 30 minutes (`Polling.timeout`). None: no timeout. 0: one
                poll.
            on_update: Called with every change of state.

        Raises:
            JobFailed: The job failed; `reason` says why, if the vendor says so.
            JobTimeout: Still pending. The job goes on, and you can wait again.
            JobNotFound: The API does not list the id.
            AkoolError: The API refused the poll.
        """
        every = callback("on_update", on_update)
        async with aclosing(events(self._engine, [self], timeout, every=every)) as changes:
            async for _, event in changes:
                if on_update is not None and isinstance(event, JobState):
                    on_update(event)
        return self._result(self.record.success())

    async def updates(
        self,
        *,
        timeout: Timeout = DEFAULT,
    ) -> AsyncIterator[JobState]:
        """Every change of state, starting with the first poll, until the job is finished.

        Ends after SUCCESS or FAILED. Then `result()` returns the file or raises.

        Args:
            timeout: Seconds; default: 30 minutes (`Polling.timeout`). None: no timeout.

        Raises:
            JobTimeout: Still pending at the deadline.
            JobNotFound: The API does not list the id.
            AkoolError: The API refused the poll.
        """
        async with aclosing(events(self._engine, [self], timeout, every=True)) as changes:
            async for _, event in changes:
                if isinstance(event, AkoolError):
                    raise copy.copy(event)
                yield event

    async def result(self) -> AsyncJobResult:
        """The file of a finished job. Does not wait.

        Sends nothing if the job is known to be finished.

        Raises:
            JobTimeout: It is not finished.
            JobFailed: The job failed.
            AkoolError: The wait for the job ended with this error, or the call failed.
        """
        if self.record.end is None:
            return await self.wait(timeout=0)
        return self._result(self.record.success())

    async def delete(self, *, timeout: Timeout = DEFAULT) -> None:
        """Delete the result at the vendor. It cannot be undone.

        Raises:
            InvalidRequestError: The contract has no way to delete jobs of this kind.
            AkoolError: The call failed.
        """
        await self._engine.run(delete_call(self.ref.kind, [self.id]), timeout)

    def outcome(self) -> AsyncJobResult | AkoolError:
        """What `result()` would return or raise, as far as known. Sends nothing."""
        try:
            return self._result(self.record.success())
        except AkoolError as error:
            return error

    def _result(self, state: JobState) -> AsyncJobResult:
        return AsyncJobResult(state, self._engine)
