"""What a rule of the comparison is given: the two documents, a direction, and where to report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from akool_pipeline.diff.graph import Finding, Graph, Pair
from akool_pipeline.diff.model import Direction, Effect, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from akool_pipeline.diff.reading import Node, Side

    Rule = Callable[["Visit", Node, Node], None]
    """Compares an old part with the new one and reports to the visit."""


@dataclass(frozen=True, slots=True)
class Visit:
    """The comparison of one pair of parts."""

    graph: Graph
    old: Side
    new: Side
    direction: Direction
    pair: Pair

    def add(  # noqa: PLR0913 - the fields of a finding
        self,
        severity: Severity,
        rule: str,
        pointer: str,
        message: str,
        direction: Direction = Direction.NONE,
        *,
        before: str | None = None,
        after: str | None = None,
    ) -> None:
        """Note a change."""
        self.pair.found.append(Finding(severity, rule, direction, pointer, message, before, after))

    def wire(self, severity: Severity, rule: str, pointer: str, message: str) -> None:
        """Note a change of what is sent in the direction of this visit."""
        self.add(severity, rule, pointer, message, self.direction)

    def generated(self, rule: str, pointer: str, message: str) -> None:
        """Note that generated code gets another name."""
        self.add(Severity.GENERATED, rule, pointer, message)

    def effect(self, effect: Effect, rule: str, pointer: str, message: str) -> None:
        """Note a change whose severity follows from what it does to what may be sent."""
        self.wire(effect.severity(self.direction), rule, pointer, message)

    def part(
        self, rule: Rule, before: Node, after: Node, direction: Direction | None = None
    ) -> None:
        """Compare two objects that are parts of these, once for each direction."""
        direction = self.direction if direction is None else direction
        key = (rule, before.key, after.key, direction)
        self.old.visited.add(before.pointer)
        self.new.visited.add(after.pointer)
        self.pair.parts.append(self._later(key, direction, lambda v: rule(v, before, after)))

    def keyed(
        self,
        key: Hashable,
        compare: Callable[[Visit], None],
        condition: tuple[str, str] | None = None,
    ) -> None:
        """Compare what `key` stands for; see `part`.

        With a `condition`, its keyword and pointer, what is found on the wire is one shift of that.
        """
        inner = self._later((key, self.direction), self.direction, compare)
        if condition is None:
            self.pair.parts.append(inner)
            return
        keyword, place = condition
        severity = Effect.SHIFTS.severity(self.direction)
        told = Finding(severity, f"{keyword}-changed", self.direction, place, f"{keyword} changed")
        self.pair.conditions.append((inner, told))

    def _later(
        self, key: Hashable, direction: Direction, compare: Callable[[Visit], None]
    ) -> Hashable:
        return self.graph.pair(
            key, lambda pair: compare(Visit(self.graph, self.old, self.new, direction, pair))
        )
