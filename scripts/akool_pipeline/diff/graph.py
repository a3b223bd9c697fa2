"""The walk over two documents: every pair of parts is compared once, whoever refers to it.

A pair is a part of the old document and the part of the new one that takes its place, in one
direction. What a rule finds on a pair stays with the pair; which operations it concerns is known
only when all pairs are: those from which a chain of pairs leads to it. So a component that many
operations share costs one comparison, and a schema that contains itself ends.

Nothing here knows OpenAPI, and nothing recurses: a chain of references may be as long as it likes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akool_pipeline.diff.model import Change, Direction, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

_WIRE = frozenset({Severity.BREAKING, Severity.ADDITIVE})


@dataclass(frozen=True, slots=True)
class Finding:
    """A change whose operations are not known yet."""

    severity: Severity
    rule: str
    direction: Direction
    pointer: str
    message: str
    before: str | None = None
    after: str | None = None


@dataclass(slots=True)
class Pair:
    """What comparing one pair found, and the pairs that it led to.

    Attributes:
        found: The changes of this pair itself.
        parts: Pairs that are parts of it: what they find, it finds.
        conditions: Pairs inside a condition, such as `not`, each with the one change that stands
            for all of theirs on the wire: narrower inside can be wider outside.
    """

    found: list[Finding] = field(default_factory=list)
    parts: list[Hashable] = field(default_factory=list)
    conditions: list[tuple[Hashable, Finding]] = field(default_factory=list)


class Graph:
    """All pairs that were met, and the operations that they were met from."""

    def __init__(self) -> None:
        """Start empty."""
        self.pairs: dict[Hashable, Pair] = {}
        self.roots: list[tuple[str, Hashable]] = []
        self._waiting: list[Callable[[], None]] = []

    def pair(self, key: Hashable, compare: Callable[[Pair], None]) -> Hashable:
        """The pair `key`; `compare` is called for it once, by `run`."""
        if key not in self.pairs:
            pair = self.pairs[key] = Pair()
            self._waiting.append(lambda: compare(pair))
        return key

    def run(self) -> None:
        """Compare all pairs that wait, and those that they lead to."""
        while self._waiting:
            self._waiting.pop()()

    def changes(self) -> list[Change]:
        """Every finding with all operations that it concerns, worst first, then by place."""
        self._resolve_conditions()
        operations: dict[Finding, set[str]] = {}
        leading = self._leading_to(key for key, pair in self.pairs.items() if pair.found)
        for label, root in self.roots:
            for finding in self._findings(root, leading):
                names = operations.setdefault(finding, set())
                if label:
                    names.add(label)
        order = list(Severity)
        changes = [
            Change(f.severity, f.rule, f.direction, tuple(sorted(names)), f.pointer, f.message,
                   f.before, f.after)
            for f, names in operations.items()
        ]  # fmt: skip
        return sorted(
            changes,
            key=lambda c: (order.index(c.severity), c.pointer, c.rule, c.direction, c.message),
        )

    def _resolve_conditions(self) -> None:
        """Note the change of each condition inside which something changed on the wire."""
        changed = self._leading_to(
            key
            for key, pair in self.pairs.items()
            if any(finding.severity in _WIRE for finding in pair.found)
        )
        for pair in self.pairs.values():
            pair.found += [finding for key, finding in pair.conditions if key in changed]

    def _leading_to(self, targets: Iterable[Hashable]) -> set[Hashable]:
        """The pairs from which a chain leads to one of `targets`, those included."""
        above: defaultdict[Hashable, list[Hashable]] = defaultdict(list)
        for key, pair in self.pairs.items():
            for part in (*pair.parts, *(inner for inner, _ in pair.conditions)):
                above[part].append(key)
        seen = set(targets)
        stack = list(seen)
        while stack:
            fresh = [key for key in above[stack.pop()] if key not in seen]
            seen.update(fresh)
            stack += fresh
        return seen

    def _findings(self, root: Hashable, leading: set[Hashable]) -> Iterable[Finding]:
        """What is found from `root`; inside a condition only what is not of the wire."""
        seen: set[tuple[Hashable, bool]] = set()
        stack = [(root, False)]
        while stack:
            state = stack.pop()
            key, is_inside = state
            if state in seen or key not in leading:
                continue
            seen.add(state)
            pair = self.pairs[key]
            yield from (f for f in pair.found if not (is_inside and f.severity in _WIRE))
            stack += [(part, is_inside) for part in pair.parts]
            stack += [(part, True) for part, _ in pair.conditions]
