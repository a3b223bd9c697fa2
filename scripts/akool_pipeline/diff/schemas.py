"""Compare two schemas, keyword by keyword, for one direction.

`allOf` is flattened before comparing, so that a property is found wherever a document puts it. A
keyword that is not known here counts as a shift: unknown is never harmless.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akool_pipeline.diff.model import Direction, Effect, Report, Severity
from akool_pipeline.diff.views import (
    DOCUMENTATION,
    LOWER,
    NEVER,
    STRUCTURE,
    UPPER,
    WIDER_FORMATS,
    Node,
    View,
    as_schema,
    enum_of,
    is_only_union,
    limit_of,
    match,
    name_of,
    properties_of,
    required_of,
    show_types,
    type_effect,
    types_of,
    unions_of,
    view,
)
from akool_pipeline.documents.values import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable

NARROWS, WIDENS, SHIFTS = Effect.NARROWS, Effect.WIDENS, Effect.SHIFTS


class Schemas:
    """Compares schemas of an old and a new document and reports what it finds."""

    def __init__(self, old: dict[str, Any], new: dict[str, Any], report: Report) -> None:
        """Compare within these documents, into `report`."""
        self.old, self.new, self.report = old, new, report
        self.open: set[tuple[str, str, Direction]] = set()
        self.visited: set[str] = set()

    def compare(self, old: Iterable[Node], new: Iterable[Node], direction: Direction) -> None:
        """Report how the schema changed; several nodes on one side mean all of them at once."""
        one, other = view(self.old, old), view(self.new, new)
        key = (
            " ".join(n.pointer for n in one.nodes),
            " ".join(n.pointer for n in other.nodes),
            direction,
        )
        if key in self.open:  # a schema that contains itself
            return
        self.open.add(key)
        self.visited.update(node.pointer for node in other.nodes)
        try:
            if (unions_of(one) or unions_of(other)) and self._union(one, other, direction):
                return
            self._types(one, other, direction)
            self._enum(one, other, direction)
            self._limits(one, other, direction)
            self._strings(one, other, direction)
            self._object(one, other, direction)
            self._items(one, other, direction)
            self._default(one, other, direction)
            self._rest(one, other, direction)
        finally:
            self.open.discard(key)

    def _types(self, one: View, other: View, direction: Direction) -> None:
        before, after = types_of(one), types_of(other)
        if before == after:
            return
        effect = type_effect(before, after)
        place = other.place("nullable" if before ^ after == {"null"} else "type")
        self.report.effect(
            effect,
            "type-changed",
            place,
            f"type {show_types(before)} became {show_types(after)}",
            direction,
        )

    def _enum(self, one: View, other: View, direction: Direction) -> None:
        before, after = enum_of(one), enum_of(other)
        place = other.place("enum") if after is not None else one.place("enum")
        if before is None or after is None:
            if before is not None:
                self.report.effect(WIDENS, "enum-removed", place, "any value is allowed", direction)
            if after is not None:
                only = ", ".join(sorted(after))
                self.report.effect(NARROWS, "enum-added", place, f"only {only} allowed", direction)
            return
        for rule, effect, values in (
            ("enum-value-added", WIDENS, after - before),
            ("enum-value-removed", NARROWS, before - after),
        ):
            for value in sorted(values):
                verb = "allowed now" if effect is WIDENS else "no longer allowed"
                self.report.effect(effect, rule, place, f"value {value} is {verb}", direction)

    def _limits(self, one: View, other: View, direction: Direction) -> None:
        for keyword in (*LOWER, *UPPER):
            before, after = limit_of(one, keyword), limit_of(other, keyword)
            if before == after:
                continue
            is_tighter = before is None or (
                after is not None and (after > before if keyword in LOWER else after < before)
            )
            place = other.place(keyword) if after is not None else one.place(keyword)
            self.report.effect(
                NARROWS if is_tighter else WIDENS,
                "limit-tightened" if is_tighter else "limit-loosened",
                place,
                f"{keyword} {_or_none(before)} became {_or_none(after)}",
                direction,
            )
        self._multiples(one, other, direction)
        is_set, was_set = (any(v for v, _ in w.values("uniqueItems")) for w in (other, one))
        if is_set != was_set:
            what = "items must differ" if is_set else "items may repeat"
            effect = NARROWS if is_set else WIDENS
            self.report.effect(
                effect, "unique-items-changed", other.place("uniqueItems"), what, direction
            )

    def _multiples(self, one: View, other: View, direction: Direction) -> None:
        before, after = (next((v for v, _ in w.values("multipleOf")), None) for w in (one, other))
        if before != after:
            effect = (
                NARROWS if before is None else WIDENS if after is None
                else WIDENS if before % after == 0 else NARROWS if after % before == 0 else SHIFTS
            )  # fmt: skip
            self.report.effect(
                effect,
                "multiple-changed",
                other.place("multipleOf"),
                f"multipleOf {_or_none(before)} became {_or_none(after)}",
                direction,
            )

    def _strings(self, one: View, other: View, direction: Direction) -> None:
        for keyword in ("pattern", "format", "not"):
            before, after = (
                {canonical(value) for value, _ in w.values(keyword)} for w in (one, other)
            )
            if before == after:
                continue
            if keyword == "format" and before and after:
                pair = tuple(next(iter(s)).strip('"') for s in (before, after))
                effect = (
                    WIDENS if pair in WIDER_FORMATS
                    else NARROWS if pair[::-1] in WIDER_FORMATS else SHIFTS
                )  # fmt: skip
            else:
                effect = NARROWS if before < after else WIDENS if after < before else SHIFTS
            place = other.place(keyword) if after else one.place(keyword)
            was, now = (", ".join(sorted(s)) or "none" for s in (before, after))
            self.report.effect(
                effect, f"{keyword}-changed", place, f"{keyword} {was} became {now}", direction
            )

    def _object(self, one: View, other: View, direction: Direction) -> None:
        before, after = (properties_of(w, direction) for w in (one, other))
        needed_before, needed_after = (required_of(w, direction) for w in (one, other))
        closed = any(v is False for v, _ in one.values("additionalProperties"))
        for name in before.keys() | after.keys():
            if name not in after:
                self.report.add(
                    Severity.BREAKING,
                    "property-removed",
                    before[name][0].pointer,
                    f"property {name} is gone",
                    direction,
                )
            elif name not in before:
                is_needed = name in needed_after
                is_bad = closed if direction is Direction.RESPONSE else is_needed
                self.report.add(
                    Severity.BREAKING if is_bad else Severity.ADDITIVE,
                    "property-added",
                    after[name][0].pointer,
                    f"new {'required' if is_needed else 'optional'} property {name}",
                    direction,
                )
            else:
                self.compare(before[name], after[name], direction)
        for name in sorted(needed_before ^ needed_after):
            if (name in before) != (name in after):
                continue  # reported with the property itself
            is_now = name in needed_after
            self.report.effect(
                NARROWS if is_now else WIDENS,
                "required-added" if is_now else "required-removed",
                other.place("required") if is_now else one.place("required"),
                f"property {name} became {'required' if is_now else 'optional'}",
                direction,
            )
        self._inner(one, other, "additionalProperties", direction)

    def _items(self, one: View, other: View, direction: Direction) -> None:
        self._inner(one, other, "items", direction)

    def _inner(self, one: View, other: View, keyword: str, direction: Direction) -> None:
        """A keyword that holds one schema, or a boolean that stands for one."""
        before, after = (
            [Node(as_schema(value), place) for value, place in w.values(keyword)]
            for w in (one, other)
        )
        shut_before, shut_after = (any(n.schema == NEVER for n in s) for s in (before, after))
        if shut_before != shut_after:
            effect = NARROWS if shut_after else WIDENS
            what = "nothing else is" if shut_after else "anything else is"
            place = other.place(keyword) if shut_after else one.place(keyword)
            self.report.effect(effect, f"{keyword}-changed", place, f"{what} allowed", direction)
        elif not shut_before and (before or after):
            nothing = [Node({}, other.place(keyword))]
            self.compare(before or nothing, after or nothing, direction)

    def _default(self, one: View, other: View, direction: Direction) -> None:
        before, after = (
            next((canonical(v) for v, _ in w.values("default")), None) for w in (one, other)
        )
        if before == after:
            return
        is_bad = direction is Direction.REQUEST and before is not None
        self.report.add(
            Severity.BREAKING if is_bad else Severity.DOCUMENTATION,
            "default-changed",
            other.place("default") if after is not None else one.place("default"),
            f"default {_or_none(before)} became {_or_none(after)}",
            direction,
        )

    def _rest(self, one: View, other: View, direction: Direction) -> None:
        for keyword in sorted(one.keywords() | other.keywords()):
            if keyword in STRUCTURE or keyword in DOCUMENTATION or keyword.startswith("x-"):
                continue
            before, after = ({canonical(v) for v, _ in w.values(keyword)} for w in (one, other))
            if before != after:
                place = other.place(keyword) if after else one.place(keyword)
                message = f"{keyword} changed"
                self.report.effect(SHIFTS, "keyword-changed", place, message, direction)

    def _union(self, one: View, other: View, direction: Direction) -> bool:
        """Compare alternatives; True when they are all that there is to compare.

        Beside other keywords `oneOf` and `anyOf` are a condition more. Alone they are the schema,
        and a schema without any counts as its own single alternative, so that `A` may grow into `A
        or B`.
        """
        before, after = unions_of(one), unions_of(other)
        if bool(before) != bool(after) and not is_only_union(one if before else other):
            effect = NARROWS if after else WIDENS
            place = (after or before)[0][0].pointer.rpartition("/")[0]
            what = "one of several conditions must hold" if after else "a condition is gone"
            self.report.effect(effect, "condition-changed", place, what, direction)
            return False
        pairs, gone, come = match(self.old, self.new, before or [one.nodes], after or [other.nodes])
        for old, new in pairs:
            self.compare(old, new, direction)
        for alternatives, effect, verb in ((gone, NARROWS, "gone"), (come, WIDENS, "new")):
            for nodes in alternatives:
                rule = "alternative-removed" if effect is NARROWS else "alternative-added"
                message = f"alternative {name_of(nodes[0])} is {verb}"
                self.report.effect(effect, rule, nodes[0].pointer, message, direction)
        was, now = ("oneOf" in one.keywords(), "oneOf" in other.keywords())
        if was != now and before and after:
            effect = NARROWS if now else WIDENS
            place = other.place("oneOf" if now else "anyOf")
            message = "exactly one alternative must fit" if now else "several alternatives may fit"
            self.report.effect(effect, "union-changed", place, message, direction)
        return bool(before) != bool(after)


def _or_none(value: object) -> str:
    return "none" if value is None else str(value)
