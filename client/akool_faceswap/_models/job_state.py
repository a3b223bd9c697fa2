"""Where a job is: one item of the result list, read totally. Pure.

Docs: https://docs.akool.com/ai-tools-suite/faceswap/get-result
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from akool_faceswap._errors import InvalidRequestError
from akool_faceswap._text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Mapping


class JobStatus(IntEnum):
    """State of a job, `faceswap_status` on the wire.

    Open: a number that the docs do not know is kept as it is and counts as pending.
    Docs: https://docs.akool.com/ai-tools-suite/faceswap/get-result
    """

    UNKNOWN = 0
    """Not listed yet, or listed without a readable status. Counts as pending."""
    IN_QUEUE = 1
    PROCESSING = 2
    SUCCESS = 3
    FAILED = 4

    @classmethod
    def _missing_(cls, value: object) -> JobStatus | None:
        if isinstance(value, bool) or not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNDOCUMENTED_{value}"
        member._value_ = value
        return member

    @classmethod
    def read(cls, value: object) -> JobStatus:
        """The status in a foreign value; numbers in strings occur in the wild. Never raises."""
        if isinstance(value, str) and value.strip().isdecimal() and len(value) <= MAX_DIGITS:
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            return cls.UNKNOWN
        return cls(value)

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self in (JobStatus.SUCCESS, JobStatus.FAILED)

    @property
    def is_documented(self) -> bool:
        """Whether the docs know this number."""
        return JobStatus.IN_QUEUE <= self <= JobStatus.FAILED


MAX_DIGITS = 18
"""Longest number in a string that is read as a status; longer ones are noise."""

KEPT: Final = timedelta(days=7)
"""How long the vendor keeps a result."""
OBJECT_ID_CHARS = 24
TIMESTAMP_CHARS = 8
MAX_ID_CHARS = 200


@dataclass(frozen=True, slots=True)
class JobState:
    """What the API says about a job at one moment."""

    id: str
    """The job's `_id`."""
    status: JobStatus
    """Where it is; `status.is_final` says whether that will change."""
    listed: bool = True
    """Whether the API lists the id at all; fresh ones appear a little later."""
    url: str | None = None
    """The result, once the status is SUCCESS: the vendor fills it in before the work is done."""
    reason: str | None = None
    """Why it failed, in the vendor's words (`alg_msg`) on one line, when it says so."""
    created_at: datetime | None = None
    """When it was submitted, UTC. From the id itself when the answer does not say."""
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """The item as it came, with every field it had."""

    @property
    def expires_at(self) -> datetime | None:
        """When the vendor deletes the result: seven days after submission."""
        return None if self.created_at is None else self.created_at + KEPT


def read_states(items: Iterable[object], asked: Iterable[str]) -> dict[str, JobState]:
    """The states of the ids that were asked for; other items are ignored.

    If the API lists an id twice, a final state wins: jobs do not come back from one.
    """
    wanted = set(asked)
    states: dict[str, JobState] = {}
    for item in items:
        if not isinstance(item, dict):
            continue
        job_id = item.get("_id")
        if not isinstance(job_id, str) or job_id not in wanted:
            continue
        state = read_state(job_id, item)
        known = states.get(job_id)
        if known is None or (state.status.is_final and not known.status.is_final):
            states[job_id] = state
    return states


def read_state(job_id: str, item: Mapping[str, Any]) -> JobState:
    """The state in one item. Never raises."""
    status = JobStatus.read(item.get("faceswap_status"))
    url, reason = item.get("url"), item.get("alg_msg")
    return JobState(
        id=job_id,
        status=status,
        url=url if status is JobStatus.SUCCESS and isinstance(url, str) and url else None,
        reason=(on_one_line(reason) or None) if isinstance(reason, str) else None,
        created_at=_created_at(item.get("createdAt"), job_id),
        raw=item,
    )


def unlisted(job_id: str) -> JobState:
    """The state of an id that the API does not list."""
    return JobState(
        id=job_id, status=JobStatus.UNKNOWN, listed=False, created_at=_created_at(None, job_id)
    )


def _created_at(text: object, job_id: str) -> datetime | None:
    if isinstance(text, str):
        try:
            moment = datetime.fromisoformat(text)
            # A date near the ends of the calendar has no seven days after it, or no UTC.
            utc = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
            return utc if utc + KEPT else None
        except (ValueError, OverflowError):
            pass
    # An id is a MongoDB ObjectId: its first four bytes are the second of its creation.
    if len(job_id) != OBJECT_ID_CHARS:
        return None
    try:
        return datetime.fromtimestamp(int(job_id[:TIMESTAMP_CHARS], 16), UTC)
    except (ValueError, OverflowError):
        return None


def clean_id(job_id: object) -> str:
    """A job id without surrounding whitespace.

    Raises:
        InvalidRequestError: It cannot be an id; a comma would make it two.
    """
    text = job_id.strip() if isinstance(job_id, str) else ""
    usable = text.isascii() and text.isprintable() and not set(text) & set(", \"'&?#/\\")
    if not text or not usable or len(text) > MAX_ID_CHARS:
        raise InvalidRequestError(f"Not a job id: {job_id!r:.80}; it is the `_id` of a submit")
    return text


def clean_ids(ids: object) -> list[str]:
    """Job ids without whitespace and repetitions, in their order.

    Raises:
        InvalidRequestError: It is not a collection of ids.
    """
    if isinstance(ids, str | bytes) or not isinstance(ids, Iterable):
        raise InvalidRequestError(f"Pass a list of job ids, not {type(ids).__name__}")
    return list(dict.fromkeys(clean_id(job_id) for job_id in ids))
