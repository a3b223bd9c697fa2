"""What a comparison finds, and the collector that it reports to."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Severity(enum.StrEnum):
    """How much a change matters, worst first."""

    BREAKING = "breaking"
    """A caller that kept to the old contract can fail, or mean something else."""
    ADDITIVE = "additive"
    """There is more to use; who kept to the old contract is served as before."""
    DOCUMENTATION = "documentation"
    """Nothing on the wire: text, examples, names."""


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
        """The direction within a callback, where the service is the one that calls."""
        return {Direction.REQUEST: Direction.RESPONSE, Direction.RESPONSE: Direction.REQUEST}.get(
            self, self
        )


class Effect(enum.Enum):
    """What a change does to the set of values that a schema takes."""

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
    """

    severity: Severity
    rule: str
    direction: Direction
    operations: tuple[str, ...]
    pointer: str
    message: str


@dataclass(slots=True)
class Report:
    """Collects changes; one that several operations share is kept once, with all their names."""

    operation: str = ""
    found: dict[tuple[Severity, str, Direction, str, str], list[str]] = field(default_factory=dict)

    def add(
        self,
        severity: Severity,
        rule: str,
        pointer: str,
        message: str,
        direction: Direction = Direction.NONE,
    ) -> None:
        """Note a change of the current operation."""
        names = self.found.setdefault((severity, rule, direction, pointer, message), [])
        if self.operation and self.operation not in names:
            names.append(self.operation)

    def effect(
        self, effect: Effect, rule: str, pointer: str, message: str, direction: Direction
    ) -> None:
        """Note a change whose severity follows from what it does to the accepted values."""
        self.add(effect.severity(direction), rule, pointer, message, direction)

    def changes(self) -> list[Change]:
        """All of them, worst first, then by place."""
        order = list(Severity)
        changes = [
            Change(severity, rule, direction, tuple(sorted(names)), pointer, message)
            for (severity, rule, direction, pointer, message), names in self.found.items()
        ]
        return sorted(
            changes,
            key=lambda c: (order.index(c.severity), c.pointer, c.rule, c.direction, c.message),
        )
