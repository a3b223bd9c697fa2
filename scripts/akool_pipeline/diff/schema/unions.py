"""Alternatives: `oneOf`, `anyOf` and the `discriminator` that tells them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.diff.model import Effect, Severity
from akool_pipeline.diff.reading import Node, Side, target_of
from akool_pipeline.diff.schema.views import (
    NOTES,
    View,
    alternatives_of,
    as_schema,
    component_name,
    name_of,
    place_of,
    view,
)
from akool_pipeline.documents.values import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from akool_pipeline.diff.visit import Visit

    Compare = Callable[[Visit, Sequence[Node], Sequence[Node]], None]
    Alternatives = list[list[Node]]

_UNION_ONLY: Final = frozenset(
    {"$ref", "allOf", "anyOf", "oneOf", "nullable", "discriminator", *NOTES}
)
_ALIKE: Final = 0.5
"""Share of properties from which two alternatives count as one that changed."""
_MOST_COMPARED: Final = 10_000
"""Pairs of alternatives that are compared by their properties before order has to do."""


def compare(visit: Visit, one: View, other: View, schemas: Compare) -> bool:
    """Compare alternatives; True when they are all that there is to compare.

    Beside other keywords `oneOf` and `anyOf` are a condition more. Alone they are the schema, and a
    schema without any counts as its own single alternative, so that `A` may grow into `A or B`.
    """
    before, after = alternatives_of(one), alternatives_of(other)
    _discriminator(visit, one, other)
    mine, theirs = (_mapping(w) for w in (one, other))
    if not before and not after:
        # A base schema, whose parts refer to it by `allOf`: only its mapping names them.
        was, now = (set().union(*mapping.values()) for mapping in (mine, theirs))
        _tags(visit, place_of(one, other, "discriminator"), (was, now), "one of the schemas")
        return False
    if bool(before) != bool(after) and not _is_only_union(one if before else other):
        place = (after or before)[0].pointer.rpartition("/")[0]
        what = "one of several conditions must hold" if after else "a condition is gone"
        effect = Effect.NARROWS if after else Effect.WIDENS
        visit.effect(effect, "condition-changed", place, what)
        return False
    left = [[node] for node in before] or [list(one.nodes)]
    right = [[node] for node in after] or [list(other.nodes)]
    pairs, gone, come = _match(visit, left, right)
    for old, new in pairs:
        schemas(visit, old, new)
        is_named = all("$ref" in nodes[0].value for nodes in (old, new))
        if is_named and _stated(one) and _stated(other):
            # Without a mapping the component's name itself goes over the wire.
            name, new_name = name_of(old[0]), name_of(new[0])
            tags = mine.get(name, {name}), theirs.get(new_name, {new_name})
            _tags(visit, place_of(one, other, "discriminator"), tags, new_name)
    for alternatives, effect, rule, verb in (
        (gone, Effect.NARROWS, "alternative-removed", "gone"),
        (come, Effect.WIDENS, "alternative-added", "new"),
    ):
        for nodes in alternatives:
            message = f"alternative {name_of(nodes[0])} is {verb}"
            visit.effect(effect, rule, nodes[0].pointer, message)
    was_one, is_one = (bool(w.values("oneOf")) for w in (one, other))
    if was_one != is_one and before and after:
        message = "exactly one alternative must fit" if is_one else "several alternatives may fit"
        effect = Effect.NARROWS if is_one else Effect.WIDENS
        visit.effect(effect, "union-changed", other.place("oneOf" if is_one else "anyOf"), message)
    return bool(before) != bool(after)


def _is_only_union(schema: View) -> bool:
    return not any(key not in _UNION_ONLY and not key.startswith("x-") for key in schema.keywords())


def _discriminator(visit: Visit, one: View, other: View) -> None:
    """The property that tells alternatives apart, and the words of a base schema's mapping."""
    was, now = (_stated(w).get("propertyName") for w in (one, other))
    if was != now:
        place = place_of(one, other, "discriminator")
        message = f"property that tells alternatives apart: {was or 'none'} became {now or 'none'}"
        severity = Severity.BREAKING if was else Severity.ADDITIVE
        visit.wire(severity, "discriminator-changed", place, message)


def _stated(schema: View) -> dict[str, Any]:
    return next((as_schema(value) for value, _ in schema.values("discriminator")), {})


def _mapping(schema: View) -> dict[str, set[str]]:
    """Values of the discriminator that name each schema, by the schema's own name."""
    found: dict[str, set[str]] = {}
    for value, target in _stated(schema).get("mapping", {}).items():
        found.setdefault(target_of(str(target)).rpartition("/")[2], set()).add(str(value))
    return found


def _tags(visit: Visit, place: str, tags: tuple[set[str], set[str]], what: str) -> None:
    was, now = tags
    for values, effect, rule, verb in (
        (was - now, Effect.NARROWS, "removed", "no longer means"),
        (now - was, Effect.WIDENS, "added", "means"),
    ):
        for value in sorted(values):
            visit.effect(effect, f"discriminator-value-{rule}", place, f"{value} {verb} {what}")


def _match(
    visit: Visit, before: Alternatives, after: Alternatives
) -> tuple[list[tuple[list[Node], list[Node]]], Alternatives, Alternatives]:
    """Which alternatives belong together: by component, content, name, likeness, order."""
    left, right = before, after
    pairs: list[tuple[list[Node], list[Node]]] = []
    for key in (_component, _content, _name, None, _order):
        used = _alike(visit, left, right) if key is None else _equal(visit, left, right, key)
        pairs += [(left[i], right[k]) for i, k in used.items()]
        left = [nodes for i, nodes in enumerate(left) if i not in used]
        taken = set(used.values())
        right = [nodes for k, nodes in enumerate(right) if k not in taken]
    return pairs, left, right


def _equal(
    visit: Visit, left: Alternatives, right: Alternatives, key: Callable[[Side, list[Node]], str]
) -> dict[int, int]:
    """Positions of those that have the same key, first come first served; an empty key is none."""
    open_keys: dict[str, list[int]] = {}
    for k, nodes in reversed(list(enumerate(right))):
        open_keys.setdefault(key(visit.new, nodes), []).append(k)
    used: dict[int, int] = {}
    for i, nodes in enumerate(left):
        mine = key(visit.old, nodes)
        if mine and open_keys.get(mine):
            used[i] = open_keys[mine].pop()
    return used


def _component(side: Side, nodes: list[Node]) -> str:
    return component_name(view(side, nodes)) or ""


def _content(side: Side, nodes: list[Node]) -> str:
    return canonical([node.value for node in view(side, nodes).nodes])


def _name(_: Side, nodes: list[Node]) -> str:
    return "" if "$ref" in nodes[0].value else name_of(nodes[0])


def _order(_: Side, nodes: list[Node]) -> str:
    return nodes[0].pointer.rpartition("/")[2]


def _alike(visit: Visit, left: Alternatives, right: Alternatives) -> dict[int, int]:
    """Positions of those with most properties in common: a component may be renamed and moved."""
    if len(left) * len(right) > _MOST_COMPARED:
        return {}
    mine, theirs = (
        [{n for properties, _ in view(side, nodes).values("properties") for n in properties}
         for nodes in alternatives]
        for side, alternatives in ((visit.old, left), (visit.new, right))
    )  # fmt: skip
    likeness = sorted(
        (-len(one & other) / len(one | other), i, k)
        for i, one in enumerate(mine)
        for k, other in enumerate(theirs)
        if one & other
    )
    used: dict[int, int] = {}
    taken: set[int] = set()
    for share, i, k in likeness:
        if -share >= _ALIKE and i not in used and k not in taken:
            used[i] = k
            taken.add(k)
    return used
