"""Names that only generated code knows: components, values of enums, tags, operationIds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.diff.schema.views import alternatives_of, component_name, place_of
from akool_pipeline.documents.pointer import join
from akool_pipeline.documents.values import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akool_pipeline.diff.reading import Node
    from akool_pipeline.diff.schema.views import View
    from akool_pipeline.diff.visit import Visit

ENUM_NAMES: Final = ("x-enum-varnames", "x-enumNames", "x-enum-names")


def component(visit: Visit, one: View, other: View, new: Sequence[Node]) -> None:
    """Report a schema that goes by the name of another component than it did."""
    before, after = (component_name(w) for w in (one, other))
    if before == after or bool(alternatives_of(one)) != bool(alternatives_of(other)):
        return  # the same, or alternatives came or went, which is told as that
    old_names, new_names = (side.components("schemas") for side in (visit.old, visit.new))
    here = new[0].pointer
    if after is None:
        if before in new_names and _makes_class(one):
            visit.generated("component-inlined", here, f"schema {before} is written out here")
        return  # one that is gone altogether is told for the whole contract
    place = join("/components/schemas", after)
    if before is None:
        if not _makes_class(other):
            return
        if after in old_names:
            visit.generated(
                "component-used", here, f"schema {after} takes the place of an inline one"
            )
        else:
            visit.new.named.add(after)
            visit.generated("component-named", place, f"an inline schema got the name {after}")
    elif before in new_names or after in old_names:
        visit.generated("component-replaced", here, f"schema {after} takes the place of {before}")
    else:
        visit.old.named.add(before)
        visit.new.named.add(after)
        visit.generated("component-renamed", place, f"schema {before} is called {after} now")


def _makes_class(schema: View) -> bool:
    return bool(schema.values("properties") or schema.values("enum"))


def enum_names(visit: Visit, one: View, other: View) -> None:
    """Report values whose names in generated code changed."""
    for keyword in ENUM_NAMES:
        before, after = (_names(w, keyword) for w in (one, other))
        if not before and not after:
            continue
        was_listed, is_listed = (_values(w) for w in (one, other))
        place = place_of(one, other, keyword)
        for value in sorted(was_listed & is_listed):
            was, now = before.get(value), after.get(value)
            if was != now:
                message = f"value {value} is called {now or 'by itself'}, was {was or 'by itself'}"
                visit.generated("enum-name-changed", place, message)


def _names(schema: View, keyword: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for node in schema.nodes:
        listed, called = node.value.get("enum"), node.value.get(keyword)
        if isinstance(listed, list) and isinstance(called, list):
            found.update(zip(map(canonical, listed), called, strict=False))
    return found


def _values(schema: View) -> set[str]:
    return {canonical(value) for values, _ in schema.values("enum") for value in values}
