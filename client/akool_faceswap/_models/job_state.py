"""The state of a job, in the same terms for every kind of job. Pure.

`_models.job_kind` says what the contract's words for it mean.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class JobStatus(IntEnum):
    """State of a job. The numbers are those of `faceswap_status`.

    Other kinds of job are mapped to these numbers. A number that the docs do not have is kept
    unchanged and counts as pending.

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
        """The status for any value; some servers send numbers as strings. Never raises."""
        number = whole_number(value)
        return cls.UNKNOWN if number is None else cls(number)

    @property
    def is_final(self) -> bool:
        """Whether the job has ended."""
        return self in (JobStatus.SUCCESS, JobStatus.FAILED)

    @property
    def is_documented(self) -> bool:
        """Whether the docs have this number."""
        return JobStatus.IN_QUEUE <= self <= JobStatus.FAILED


MAX_DIGITS = 18
"""Longest text that is read as a number."""


def whole_number(value: object) -> int | None:
    """A whole number however it is written: `1000`, `1000.0` and `"1000"` occur in the wild."""
    if isinstance(value, str) and value.isascii() and len(value) <= MAX_DIGITS:
        return int(value) if value.strip().isdecimal() else None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True)
class JobState:
    """What the API says about a job at one moment."""

    id: str
    """The job's id; `_id` for a face swap."""
    status: JobStatus
    """Where it is; `status.is_final` says whether that will change."""
    listed: bool = True
    """Whether the API lists the id at all; fresh ones appear a little later."""
    url: str | None = None
    """The result, once the status is SUCCESS: the vendor fills it in before the work is done."""
    reason: str | None = None
    """Why it failed, in the vendor's words on one line, when it says so."""
    created_at: datetime | None = None
    """When it was submitted, UTC. From the id itself when the answer does not say."""
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """The item as it came, with every field it had."""
    expires_at: datetime | None = None
    """When the vendor deletes the result, UTC: a face swap's seven days after submission. None if
    that is not known.
    """
    urls: tuple[str, ...] = ()
    """Every result, in the vendor's order; `url` is the first. A face swap has one."""

    def __post_init__(self) -> None:
        """Let `url` and `urls` say the same."""
        if self.url is not None and not self.urls:
            object.__setattr__(self, "urls", (self.url,))
        elif self.urls and self.url is None:
            object.__setattr__(self, "url", self.urls[0])
