"""What a schema says about one value, over all schemas that apply to that value together.

A schema is composed: allOf, anyOf, oneOf, if/then/else and `$ref` speak about the same value. What
one of them requires may be defined by another.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from akool_openapi.operations import MISSING, at
from akool_pipeline.checking.structure import follow
from akool_pipeline.documents.pointer import join, of, resolve, split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SAME_VALUE: Final = ("allOf", "anyOf", "oneOf")
_CONDITIONAL: Final = ("if", "then", "else")


def layers(
    data: dict[str, Any],
    schema: Any,  # noqa: ANN401 - any JSON value
    pointer: str = "",
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema that speaks about the same value as `schema`, itself included, with its place.

    `not` is left out: what it names is meant not to be there.
    """
    seen: set[str] = set()
    stack = [(pointer, schema)]
    while stack:
        here, value = stack.pop()
        if here in seen or not isinstance(value, dict):
            continue
        seen.add(here)
        yield here, value
        target = value.get("$ref")
        if isinstance(target, str) and target.startswith("#"):
            try:
                stack.append((of(target), resolve(data, of(target))))
            except KeyError:
                continue
        for key in _SAME_VALUE:
            parts = value.get(key)
            for index, part in enumerate(parts if isinstance(parts, list) else ()):
                stack.append((join(here, key, index), part))
        stack += [(join(here, key), value[key]) for key in _CONDITIONAL if key in value]
        dependent = value.get("dependentSchemas")
        for name, part in dependent.items() if isinstance(dependent, dict) else ():
            stack.append((join(here, "dependentSchemas", name), part))


def leads_to(data: dict[str, Any], schema: Any, pointer: str) -> list[Any]:  # noqa: ANN401 - any JSON value
    """The schemas of what `pointer` names in a value of `schema`; none where it cannot be.

    Args:
        data: The document.
        schema: A schema of it.
        pointer: JSON Pointer into a value of that schema.
    """
    found = [schema]
    for key in split(pointer):
        found = [part for one in found for part in _inside(data, one, key)]
    return found


def is_open(data: dict[str, Any], schema: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Whether a schema says nothing about what is in its value, so that anything may be there."""
    return not any(
        {"properties", "items", "prefixItems", "patternProperties", "enum", "const"} & part.keys()
        or isinstance(part.get("additionalProperties"), dict)
        or part.get("additionalProperties") is False
        or part.get("maxProperties") == 0
        or not {None, "object", "array"} & _types(part)
        for _, part in layers(data, schema)
    )


def _types(schema: dict[str, Any]) -> set[str | None]:
    """The types that a schema states, of which 3.1 takes a list; only None where it states none."""
    stated = schema.get("type")
    return set(stated) if isinstance(stated, list) else {stated}


def _inside(data: dict[str, Any], schema: Any, key: str) -> Iterator[Any]:  # noqa: ANN401 - any JSON value
    if is_open(data, schema):
        yield {}
        return
    for _, part in layers(data, schema):
        for inner in (*_members(part, key), *_elements(part, key), *_literal(part, key)):
            yield follow(data, inner)


def _members(schema: dict[str, Any], key: str) -> Iterator[Any]:
    """What a schema of an object says of the member `key`."""
    named = [
        *_those(schema.get("properties"), key.__eq__),
        *_those(schema.get("patternProperties"), lambda pattern: _matches(pattern, key)),
    ]
    rest = schema.get("additionalProperties")
    yield from named or ([rest] if isinstance(rest, dict) else [])


def _those(schemas: object, is_meant: Callable[[str], bool]) -> list[Any]:
    named = schemas if isinstance(schemas, dict) else {}
    return [part for name, part in named.items() if is_meant(str(name))]


def _matches(pattern: str, key: str) -> bool:
    """Whether a pattern, which may be one of another dialect, has this name."""
    try:
        return re.search(pattern, key) is not None
    except re.error:
        return True


def _elements(schema: dict[str, Any], key: str) -> Iterator[Any]:
    """What a schema of an array says of the element at `key`."""
    if not key.isdecimal():
        return
    first, rest = schema.get("prefixItems"), schema.get("items")
    first = first if isinstance(first, list) else []
    if int(key) < len(first):
        yield first[int(key)]
    elif isinstance(rest, dict):
        yield rest


def _literal(schema: dict[str, Any], key: str) -> Iterator[Any]:
    """The part at `key` of each value that a schema writes out."""
    values = schema.get("enum")
    for value in [*(values if isinstance(values, list) else []), schema.get("const")]:
        inner = at(value, join("", key))
        if inner is not MISSING:
            yield {"const": inner}
