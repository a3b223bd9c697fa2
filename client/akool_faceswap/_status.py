"""What a job can be: the four documented states, open to more."""

from __future__ import annotations

from enum import IntEnum


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
