"""What a comparison finds."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from akool_pipeline.documents.pointer import split


class Severity(enum.StrEnum):
    """How much a change matters, in the order in which changes are told."""

    BREAKING = "breaking"
    """A caller that kept to the old contract can fail, or mean something else."""
    GENERATED = "generated"
    """Nothing on the wire, but code that is generated from the contract gets other names."""
    READ = "read"
    """Words changed that say what must be, what is allowed or how many: a person has to read
    them, because a page may change what it means by its prose alone."""
    ADDITIVE = "additive"
    """There is more to use; who kept to the old contract is served as before."""
    DOCUMENTATION = "documentation"
    """Nothing on the wire and nothing that binds: text, examples, tags."""

    @property
    def breaks(self) -> bool:
        """Whether somebody's program breaks: on the wire, or where its code is generated."""
        return self in {Severity.BREAKING, Severity.GENERATED}


class Direction(enum.StrEnum):
    """Who sends the changed part."""

    REQUEST = "request"
    """The caller sends it: it may only be accepted more widely."""
    RESPONSE = "response"
    """The service sends it: it may only be promised more narrowly."""
    NONE = ""
    """Neither: text, names, whole operations."""

    @property
    def opposite(self) -> Direction:
        """The direction of the answer to what is sent in this one."""
        return {Direction.REQUEST: Direction.RESPONSE, Direction.RESPONSE: Direction.REQUEST}.get(
            self, self
        )


class Effect(enum.Enum):
    """What a change does to the set of values that may be sent."""

    NARROWS = enum.auto()
    WIDENS = enum.auto()
    SHIFTS = enum.auto()

    def severity(self, direction: Direction) -> Severity:
        """What it means for those on the other side."""
        harmless = Effect.WIDENS if direction is Direction.REQUEST else Effect.NARROWS
        return Severity.ADDITIVE if self is harmless else Severity.BREAKING


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        severity: How much it matters.
        rule: Short stable name of the kind of change, such as `enum-value-added`.
        direction: Who sends the changed part.
        operations: Operations it concerns, as `operationId (METHOD path)`; empty for the whole
            contract.
        pointer: JSON pointer of the part, in the new contract, or in the old where it is gone.
        message: What changed, in one line.
        before: The whole text that was, where words changed; None if there was none.
        after: The whole text that is, where words changed; None if there is none.
    """

    severity: Severity
    rule: str
    direction: Direction
    operations: tuple[str, ...]
    pointer: str
    message: str
    before: str | None = None
    after: str | None = None

    @property
    def subject(self) -> str:
        """Name of the part for people: `Request.faces[].path`; empty if it has none."""
        return subject(self.pointer)


def subject(pointer: str) -> str:
    """The component and property that `pointer` leads to, as a dotted path; empty if none."""
    parts = split(pointer)
    name = ""
    index = 0
    if parts[:1] == ["components"]:
        name, index = ".".join(parts[2:3]), _COMPONENT
    while index < len(parts):
        part = parts[index]
        if part == "properties" and index + 1 < len(parts):
            index += 1
            name += f".{parts[index]}"
        elif part == "items":
            name += "[]"
        index += 1
    return name.removeprefix(".")


_COMPONENT: Final = 3
"""Tokens in the pointer of a component."""
