"""What the pipeline raises: one error type, which says where and what to do.

A `PipelineError` may stand for several problems at once (all conflicts of a merge, say):
`problems` holds each, and `str()` is one line per problem.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the input.

    Attributes:
        message: What is wrong and what to do about it, in one line.
        file: Name of the file as the user gave it, if there is one.
        line: Line in that file, counted from 1.
        pointer: JSON pointer (RFC 6901) into the document.
    """

    message: str
    file: str | None = None
    line: int | None = None
    pointer: str | None = None

    def __str__(self) -> str:
        """`file:line: #/pointer: message`, leaving out what is not known."""
        parts = []
        if self.file is not None:
            parts.append(self.file if self.line is None else f"{self.file}:{self.line}")
        if self.pointer is not None:
            parts.append(f"#{self.pointer}")
        return ": ".join([*parts, " ".join(self.message.split())])


class PipelineError(Exception):
    """The input cannot be used; nothing was written."""

    def __init__(
        self,
        message: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        pointer: str | None = None,
    ) -> None:
        """Report a single problem; see `PipelineError.of` for several."""
        self.problems: tuple[Problem, ...] = (
            Problem(message, None if file is None else str(file), line, pointer),
        )
        super().__init__(str(self.problems[0]))

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> PipelineError:
        """One error for all of `problems`, in their order."""
        found = tuple(problems)
        error = cls(found[0].message)
        error.problems = found
        error.args = ("\n".join(map(str, found)),)
        return error
