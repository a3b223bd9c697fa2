"""What is known of a job, and the events of a wait for one or several jobs."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from akool_faceswap._errors import (
    AkoolError,
    InvalidRequestError,
    JobFailed,
    JobNotFound,
    JobTimeout,
    UnreadableAnswerError,
    WebhookUnconfirmedError,
)
from akool_faceswap._models.job_state import JobState, JobStatus
from akool_faceswap._text import plain

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime

    from akool_faceswap._core.waiting.waiter import Waiter
    from akool_faceswap._errors import RawAnswer
    from akool_faceswap._models.job_kind import JobRef
    from akool_faceswap.webhooks import WebhookEvent

    OnUpdate = Callable[[JobState], None]


class JobRecord:
    """What has been seen of one job so far. Pure."""

    def __init__(self, ref: JobRef, redact: Callable[[str], str]) -> None:
        self._ref = ref
        self._redact = redact
        self.end: JobState | AkoolError | None = None
        """How it ended, once that was seen: a final state, or the error that ended a wait."""
        self._missing_since: float | None = None

    def note(self, event: JobState | AkoolError) -> None:
        """Keep what ends the job; the rest changes anyway."""
        if isinstance(event, AkoolError) or event.status.is_final:
            self.end = event

    @property
    def final_state(self) -> JobState | None:
        """The state that will not change any more, if it was seen."""
        return self.end if isinstance(self.end, JobState) else None

    def look(self, state: JobState | None, now: float, grace: float) -> JobStatus:
        """One look outside a wait: the status, or what its absence means.

        Raises:
            JobNotFound: Not listed for longer than the grace.
        """
        if state is not None:
            self._missing_since = None
            self.note(state)
            return state.status
        if self._missing_since is None:
            self._missing_since = now
        elif now - self._missing_since >= grace:
            raise JobNotFound("The API does not list this job", job_id=self._ref.id)
        return JobStatus.UNKNOWN

    def success(self) -> JobState:
        """The state of a job that succeeded.

        Raises:
            JobFailed: It failed.
            JobTimeout: Its end was not seen.
            AkoolError: The wait for it ended with an error.
        """
        end = self.end
        if end is None:
            job_id = self._ref.id
            raise JobTimeout("The job is not finished", job_id=job_id, pending=[job_id])
        if isinstance(end, AkoolError):
            raise copy.copy(end)
        if end.status is JobStatus.FAILED:
            reason = plain(self._redact(end.reason)) if end.reason else None
            raise JobFailed(
                f"The job failed: {reason or 'the vendor gives no reason'}",
                reason=reason,
                job_id=self._ref.id,
                operation=self._ref.kind.looks,
            )
        if self._ref.kind.spec.result is not None and not end.urls:
            raise UnreadableAnswerError("The job succeeded without a URL", job_id=self._ref.id)
        return end


def masked(states: dict[str, JobState], redact: Callable[[str], str]) -> dict[str, JobState]:
    """The states, without secrets that the vendor repeats as a reason; `raw` stays as it came."""
    return {
        job_id: replace(state, reason=redact(state.reason)) if state.reason else state
        for job_id, state in states.items()
    }


def unpicklable(advice: str) -> Any:  # noqa: ANN401 - the type of object.__reduce__, which no checker writes alike
    """A `__reduce__` that raises, and says what to send to another process instead."""

    def refuse(self: Any) -> NoReturn:  # noqa: ANN401 - any object
        raise TypeError(
            f"A {type(self).__name__} holds open connections, so it cannot be pickled "
            f"or copied. {advice}"
        )

    return refuse


class JobBase:
    """What both kinds of job have: an id, the answer to the submit, and a record."""

    def __init__(self, ref: JobRef, raw: RawAnswer | None, redact: Callable[[str], str]) -> None:
        self.ref = ref
        """The job among those of every kind."""
        self.id = ref.id
        """The job's id; `client.job(id)` continues from it, in any process, any time."""
        self.raw = raw
        """The answer to the submit; None for a job made from its id."""
        self.record = JobRecord(ref, redact)
        """What has been seen of it so far; nothing here asks the API."""

    def __repr__(self) -> str:
        state = self.record.final_state
        return f"<{type(self).__name__} {self.id}{f' {state.status.name}' if state else ''}>"


J = TypeVar("J", bound=JobBase)


class JobGroup(Generic[J]):
    """Jobs that are waited for together, of any kind; several may have the same id."""

    def __init__(self, jobs: Sequence[J]) -> None:
        self._done = [job for job in jobs if job.record.final_state is not None]
        self._by_ref: dict[JobRef, list[J]] = {}
        for job in jobs:
            if job.record.final_state is None:
                job.record.end = None  # an error ends a wait, not a job
                self._by_ref.setdefault(job.ref, []).append(job)

    @property
    def refs(self) -> Collection[JobRef]:
        return self._by_ref.keys()

    def ended(self) -> Iterator[tuple[J, JobState | AkoolError]]:
        """Those whose end was seen before."""
        for job in self._done:
            if job.record.end is not None:
                yield job, job.record.end

    def told(
        self, ref: JobRef, event: JobState | AkoolError
    ) -> Iterator[tuple[J, JobState | AkoolError]]:
        """An event, once for each job of that id and kind."""
        for job in self._by_ref[ref]:
            job.record.note(event)
            yield job, event

    def time_out(self, waiter: Waiter[JobRef], seconds: float) -> JobTimeout:
        """The error of a wait that ended at its deadline."""
        pending = [ref for ref in self._by_ref if ref in waiter.pending]
        count = f"{len(pending)} jobs are" if len(pending) > 1 else "The job is"
        error = JobTimeout(
            f"{count} still pending after {seconds:g} s",
            job=self._by_ref[pending[0]][0],
            pending=[ref.id for ref in pending],
            job_id=pending[0].id,
            operation=pending[0].kind.looks,
        )
        error.__cause__ = waiter.trouble
        return error


@dataclass(frozen=True, slots=True)
class _Result:
    """The result of a finished job, as long as the vendor keeps it."""

    state: JobState
    """What the API said about the job last; `state.raw` is the item as it came."""

    @property
    def id(self) -> str:
        """The job's id."""
        return self.state.id

    @property
    def url(self) -> str:
        """Where the file is; the first of several.

        Raises:
            InvalidRequestError: Jobs of this kind make no file; `state.raw` has what they bring.
        """
        if not self.state.urls:
            raise InvalidRequestError("This job makes no file; state.raw has what the API returned")
        return self.state.urls[0]

    @property
    def urls(self) -> tuple[str, ...]:
        """Where every file is, in the vendor's order."""
        return self.state.urls

    @property
    def created_at(self) -> datetime | None:
        """When the job was submitted, UTC."""
        return self.state.created_at

    @property
    def expires_at(self) -> datetime | None:
        """When the vendor deletes the file, UTC: a face swap's seven days after submission."""
        return self.state.expires_at


def own_jobs(
    jobs: object, kind: type[J], owns: Callable[[J], bool], make: Callable[[Any], J]
) -> list[J]:
    """Jobs and ids, all as jobs of this client.

    Raises:
        InvalidRequestError: Something is neither, or belongs to another client.
    """
    if not isinstance(jobs, Iterable) or isinstance(jobs, str | bytes):
        raise InvalidRequestError("Pass a list of jobs or of their ids")
    result: list[J] = []
    for job in jobs:
        if not isinstance(job, kind):
            result.append(make(job))
        elif owns(job):
            result.append(job)
        else:
            raise InvalidRequestError(f"{job!r} belongs to another client; pass its id")
    return result


def file_paths(folder: str | os.PathLike[str], state: JobState) -> list[Path]:
    """A path in the folder for each result of a job, under names from their URLs."""
    from akool_faceswap._core.download import file_name  # noqa: PLC0415 - few calls fetch a file

    paths: list[Path] = []
    for number, url in enumerate(state.urls, 1):
        path = Path(folder, file_name(url, state.id))
        if any(path.name.casefold() == other.name.casefold() for other in paths):
            path = path.with_name(f"{path.stem}-{number}{path.suffix}")
        paths.append(path)
    return paths


def confirmed(event: WebhookEvent, state: JobState, operation: str) -> WebhookEvent:
    """A webhook's event that the API confirms, with the URL that the API gives.

    Raises:
        WebhookUnconfirmedError: The API says otherwise.
    """
    if not state.listed or (event.status.is_final and event.status is not state.status):
        says = state.status.name if state.listed else "not listed"
        raise WebhookUnconfirmedError(
            f"The webhook says {event.status.name}, the API says {says}",
            job_id=event.id,
            operation=operation,
        )
    url = state.url if event.status is JobStatus.SUCCESS else None
    return replace(event, confirmed=True, url=url)
