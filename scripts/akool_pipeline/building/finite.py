"""Which schemas a finite value can fill.

A schema may contain itself, as a tree does, if the circle can end somewhere: at an optional
property, an empty array, null, another branch. What cannot end has no value at all.

Both questions are fixed points over pairs of a schema and a JSON type: `finite` grows from nothing
and holds what can be filled in finitely many steps; `possible` shrinks from everything and holds
what the keywords allow if circles do not matter. Only the circle is to blame for what stands in the
second and not in the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.documents import grammar, pointer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Fills = Callable[[str, str], bool]

TYPES: Final = ("array", "boolean", "null", "number", "object", "string")


def endless(data: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Schemas that no finite value can fill: the pointer of each and the circle, as names."""
    targets = {pointer.of(target) for _, target in grammar.references(data)}
    schemas = {
        place: pointer.resolve(data, place)
        for place in sorted(targets)
        if grammar.kind_at(place) == "schema"
    }
    finite = _grown(schemas)
    possible = _shrunk(schemas)
    told: set[str] = set()
    for place in schemas:
        lost = any((place, t) in possible for t in TYPES) and not any(
            (place, t) in finite for t in TYPES
        )
        way = _circle(place, schemas, finite) if lost else []
        if lost and told.isdisjoint(way):
            told.update(way)
            yield way[0], [pointer.split(here)[-1] for here in [*way, way[0]]]


def _grown(schemas: dict[str, Any]) -> set[tuple[str, str]]:
    filled: set[tuple[str, str]] = set()

    def fills(place: str, kind: str) -> bool:
        return place not in schemas or (place, kind) in filled

    before = -1
    while before < len(filled):
        before = len(filled)
        # What one schema gains, the next may use at once.
        for place, schema in schemas.items():
            filled.update((place, kind) for kind in TYPES if _can_be(schema, kind, fills))
    return filled


def _shrunk(schemas: dict[str, Any]) -> set[tuple[str, str]]:
    filled = {(place, kind) for place in schemas for kind in TYPES}

    def fills(place: str, kind: str) -> bool:
        return place not in schemas or (place, kind) in filled

    before = -1
    while before != len(filled):
        before = len(filled)
        for place, schema in schemas.items():
            filled.difference_update(
                [(place, kind) for kind in TYPES if not _can_be(schema, kind, fills)]
            )
    return filled


def _circle(start: str, schemas: dict[str, Any], finite: set[tuple[str, str]]) -> list[str]:
    """A circle of schemas that cannot be filled, found by going on from `start`."""
    way = [start]
    while True:
        following = [
            here
            for _, target in grammar.references(schemas[way[-1]], "schema")
            if (here := pointer.of(target)) in schemas
            and not any((here, kind) in finite for kind in TYPES)
        ]
        if not following:  # the circle leads through one type of a schema that has others
            return [start]
        if following[0] in way:
            return way[way.index(following[0]) :]
        way.append(following[0])


def _can_be(schema: object, kind: str, fills: Fills) -> bool:
    """Whether `schema` has a value of the type `kind`, if `fills` knows that of references.

    What is no schema, such as None where none stands, says nothing against it.
    """
    if not isinstance(schema, dict):
        return schema is not False
    target = schema.get("$ref")
    if isinstance(target, str) and not fills(pointer.of(target), kind):
        return False
    if kind not in _types(schema):
        return kind == "null" and schema.get("nullable") is True
    for keyword, enough in (("allOf", all), ("anyOf", any), ("oneOf", any)):
        branches = schema.get(keyword)
        if isinstance(branches, list) and not enough(_can_be(b, kind, fills) for b in branches):
            return False
    if kind == "object":
        return _object(schema, fills)
    return kind != "array" or _array(schema, fills)


def _types(schema: dict[str, Any]) -> set[str]:
    """The types that a schema's own `type`, `enum` and `const` leave open."""
    stated = schema.get("type", TYPES)
    types = {"number" if name == "integer" else name for name in _several(stated)}
    if "const" in schema:
        types &= {_type_of(schema["const"])}
    if isinstance(schema.get("enum"), list):
        types &= {_type_of(value) for value in schema["enum"]}
    return types


def _several(stated: object) -> list[str]:
    names = stated if isinstance(stated, list | tuple) else [stated]
    return [name for name in names if isinstance(name, str)]


def _type_of(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    by_class = {int: "number", float: "number", str: "string", list: "array"}
    return by_class.get(type(value), "object")


def _any_type(schema: object, fills: Fills) -> bool:
    return any(_can_be(schema, kind, fills) for kind in TYPES)


def _object(schema: dict[str, Any], fills: Fills) -> bool:
    required, properties = schema.get("required"), schema.get("properties")
    known = properties if isinstance(properties, dict) else {}
    return all(
        _any_type(known.get(name, schema.get("additionalProperties")), fills)
        for name in (required if isinstance(required, list) else ())
    )


def _array(schema: dict[str, Any], fills: Fills) -> bool:
    least = schema.get("minItems", 0)
    if not isinstance(least, int | float) or least <= 0:
        return True
    first = schema.get("prefixItems", [])
    first = first if isinstance(first, list) else []
    items = [*first[: int(least)]]
    if least > len(first):
        items.append(schema.get("items"))
    return all(_any_type(item, fills) for item in items)
