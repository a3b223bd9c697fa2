"""The program's name and its exit codes: what `--help`, the docs and the commands share."""

from __future__ import annotations

from enum import IntEnum
from typing import Self

PROGRAM = "akool-faceswap"


class Exit(IntEnum):
    """How the process ends. `meaning` is the wording of `--help`."""

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Self:
        """A code and what it means."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    DONE = 0, "done"
    REFUSED = 1, "the API or a job said no, or could not be reached"
    USAGE = 2, "wrong usage: nothing was sent"
    UNCERTAIN = 3, "outcome unknown: a paid request may have been accepted"
    INTERRUPTED = 130, "interrupted; the command that resumes was printed"


def table() -> str:
    """The codes, one per line."""
    return "\n".join(["Exit codes:", *(f"{code.value:>5}  {code.meaning}" for code in Exit)])
