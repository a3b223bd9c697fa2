"""Jobs of one kind: their `x-job` in the contract, and how to read their states. Pure.

Nothing here knows an operation. Docs: docs/contract.md, "What the extensions say".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from akool_faceswap._errors import InvalidRequestError
from akool_faceswap._models.job_state import JobState, JobStatus, whole_number
from akool_faceswap._text import on_one_line
from akool_openapi.operations import MISSING, Phase, at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akool_openapi.operations import JobSpec

_STATUS = {
    Phase.QUEUED: JobStatus.IN_QUEUE,
    Phase.RUNNING: JobStatus.PROCESSING,
    Phase.SUCCEEDED: JobStatus.SUCCESS,
    Phase.FAILED: JobStatus.FAILED,
}
OBJECT_ID_CHARS = 24
TIMESTAMP_CHARS = 8
MAX_ID_CHARS = 200


@dataclass(frozen=True, slots=True, eq=False)
class JobKind:
    """Jobs that are polled and understood alike. There is one object for each kind."""

    spec: JobSpec

    @property
    def looks(self) -> str:
        """The operation that polls the jobs."""
        return self.spec.poll.operation

    @property
    def alone(self) -> bool:
        """Whether a request can ask for one job only."""
        return self.spec.poll.separator is None

    def clean(self, job_id: object) -> str:
        """A job's id as a person gives it, without surrounding whitespace.

        Raises:
            InvalidRequestError: It cannot be one.
        """
        return clean_id(job_id, self.spec.poll.separator)

    def named_in(self, body: object, headers: Mapping[str, str]) -> str:
        """The id in the answer to a submit.

        Raises:
            InvalidRequestError: There is none that could be polled.
        """
        place = self.spec.id
        in_header = place.part == "header"
        return self.clean(
            _id(headers.get(place.name.lower()) if in_header else at(body, place.name))
        )

    def states(self, body: object, asked: Iterable[str]) -> dict[str, JobState]:
        """The states of the ids that were asked for; other jobs in the answer are ignored.

        If an id is there twice, a final state wins: jobs do not come back from one.

        Raises:
            TypeError: The answer has no jobs where the contract says.
        """
        wanted = list(asked)
        states: dict[str, JobState] = {}
        for item in self._jobs(body):
            job_id = self._named(item, wanted)
            if job_id is None:
                continue
            state = self.state(job_id, item)
            known = states.get(job_id)
            if known is None or (state.status.is_final and not known.status.is_final):
                states[job_id] = state
        return states

    def state(self, job_id: str, item: Mapping[str, Any]) -> JobState:
        """The state in one job's part of an answer. Never raises."""
        status = self.status(at(item, self.spec.status))
        created, expires = self._times(item, job_id)
        return JobState(
            id=job_id,
            status=status,
            urls=tuple(self.spec.results_of(item)) if status is JobStatus.SUCCESS else (),
            reason=self._reason(item),
            created_at=created,
            expires_at=expires,
            raw=item,
        )

    def unlisted(self, job_id: str) -> JobState:
        """The state of an id that the API does not list."""
        created, expires = self._times({}, job_id)
        return JobState(
            id=job_id,
            status=JobStatus.UNKNOWN,
            listed=False,
            created_at=created,
            expires_at=expires,
        )

    def status(self, value: object) -> JobStatus:
        """What a status means; one that the contract does not name counts as pending.

        Numbers come as texts and the other way round; both are understood.
        """
        named = self.named(value)
        if named is not None:
            return _STATUS[self.spec.phase(named) or Phase.RUNNING]
        number = whole_number(value)
        if number is None or JobStatus(number).is_documented:
            return JobStatus.UNKNOWN
        return JobStatus(number)

    def named(self, value: object) -> object | None:
        """A status as the contract writes it; None for one that it does not name."""
        number = whole_number(value)
        forms = (value, number, None if number is None else str(number))
        return next((form for form in forms if self.spec.phase(form) is not None), None)

    def _jobs(self, body: object) -> list[dict[str, Any]]:
        found = at(body, self.spec.jobs)
        if self.alone and (found is None or found is MISSING):
            return []
        items = [found] if self.alone and isinstance(found, dict) else found
        if not isinstance(items, list):
            raise TypeError(f"{self.spec.jobs or 'the body'} is not a list of jobs")
        return [item for item in items if isinstance(item, dict)]

    def _named(self, item: Mapping[str, Any], wanted: list[str]) -> str | None:
        if self.spec.job_id is None:
            return wanted[0] if len(wanted) == 1 else None
        job_id = _id(at(item, self.spec.job_id))
        return job_id if isinstance(job_id, str) and job_id in wanted else None

    def _reason(self, item: Mapping[str, Any]) -> str | None:
        reason = MISSING if self.spec.reason is None else at(item, self.spec.reason)
        return (on_one_line(reason) or None) if isinstance(reason, str) else None

    def _times(
        self, item: Mapping[str, Any], job_id: str
    ) -> tuple[datetime | None, datetime | None]:
        """When it was accepted, and when its result is deleted, UTC, as far as that is known."""
        said = MISSING if self.spec.created is None else at(item, self.spec.created)
        for moment in (_moment(said), self._second_of(job_id)):
            if moment is None:
                continue
            if self.spec.result_s is None:
                return moment, None
            try:  # a date near the ends of the calendar has no seven days after it
                return moment, moment + timedelta(seconds=self.spec.result_s)
            except OverflowError:
                continue
        return None, None

    def _second_of(self, job_id: str) -> datetime | None:
        """The second in which a MongoDB ObjectId was made: its first four bytes.

        `_id` is the name that MongoDB gives to it; ids of other names say nothing.
        """
        names = (self.spec.id.name, self.spec.job_id or "")
        if len(job_id) != OBJECT_ID_CHARS or not any(name.endswith("/_id") for name in names):
            return None
        try:
            return datetime.fromtimestamp(int(job_id[:TIMESTAMP_CHARS], 16), UTC)
        except (ValueError, OverflowError):
            return None


class JobRef(NamedTuple):
    """One job among those of every kind."""

    kind: JobKind
    id: str


def _id(said: object) -> object:
    """An id as text, if it is a number."""
    return str(said) if isinstance(said, int) and not isinstance(said, bool) else said


def _moment(said: object) -> datetime | None:
    """A time as RFC 3339 text or in milliseconds since 1970, in UTC."""
    try:
        if isinstance(said, str):
            moment = datetime.fromisoformat(said)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(said, int | float) and not isinstance(said, bool):
            return datetime.fromtimestamp(said / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def clean_id(job_id: object, separator: str | None = ",") -> str:
    """A job id without surrounding whitespace.

    Args:
        job_id: What may be one.
        separator: What joins many ids in one request; None if each is asked for alone, where an id
            may be a path, as `projects/7/films/3`.

    Raises:
        InvalidRequestError: It cannot be an id; a comma would make it two.
    """
    text = job_id.strip() if isinstance(job_id, str) else ""
    forbidden = set(" \"'\\") | (set() if separator is None else {*separator, *",&?#/"})
    usable = text.isascii() and text.isprintable() and not set(text) & forbidden
    part_of_path = text not in {".", ".."} and "://" not in text
    if not text or not usable or not part_of_path or len(text) > MAX_ID_CHARS:
        raise InvalidRequestError(f"Not a job id: {job_id!r:.80}; it is the id of a submit's job")
    return text


def clean_ids(ids: object, separator: str | None = ",") -> list[str]:
    """Job ids without whitespace and repetitions, in their order.

    Raises:
        InvalidRequestError: It is not a collection of ids.
    """
    if isinstance(ids, str | bytes) or not isinstance(ids, Iterable):
        raise InvalidRequestError(f"Pass a list of job ids, not {type(ids).__name__}")
    return list(dict.fromkeys(clean_id(job_id, separator) for job_id in ids))
