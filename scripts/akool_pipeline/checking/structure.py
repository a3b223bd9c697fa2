"""Where an OpenAPI document has its schemas, examples and operations; for 3.0 and 3.1.

Walks by the specification's objects, so that example values and extensions are never taken for
parts of the document. What a `$ref` names is met where it stands, not again at each reference.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from akool_openapi.operations import METHODS
from akool_pipeline.documents.pointer import join, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

_LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS: Final = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
_SINGLE: Final = (
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
)


class Use(enum.StrEnum):
    """Who sends what an object describes."""

    REQUEST = "request"
    ANSWER = "answer"
    EITHER = "either"
    """A component: whoever refers to it."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A parameter, header or media type: an object with a schema and examples.

    Attributes:
        pointer: Where it is.
        value: The object.
        use: Who sends it.
        media: Its media type; empty for parameters and headers.
    """

    pointer: str
    value: dict[str, Any]
    use: Use
    media: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation, those of callbacks and webhooks too."""

    pointer: str
    value: dict[str, Any]


def follow(data: dict[str, Any], value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """`value`, or what its `$ref` leads to in the end; a circle of references leads nowhere."""
    seen: set[str] = set()
    while isinstance(value, dict) and isinstance(value.get("$ref"), str):
        target = value["$ref"]
        if target in seen or not target.startswith("#"):
            return {}
        seen.add(target)
        try:
            value = resolve(data, target[1:])
        except KeyError:
            return {}
    return value


def children(schema: Any, pointer: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any JSON value
    """The schemas directly inside `schema`."""
    if not isinstance(schema, dict):
        return
    for key in _LISTS:
        for index, item in enumerate(_list(schema.get(key))):
            yield join(pointer, key, index), item
    for key in _MAPS:
        for name, item in _dict(schema.get(key)).items():
            yield join(pointer, key, name), item
    for key in _SINGLE:
        item = schema.get(key)
        if isinstance(item, dict):
            yield join(pointer, key), item
        for index, part in enumerate(_list(item)):
            yield join(pointer, key, index), part


def schemas(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of the document and every schema inside one, parents first."""
    roots = [
        (join("/components/schemas", name), schema)
        for name, schema in _dict(_dict(data.get("components")).get("schemas")).items()
    ]
    roots += [
        (join(holder.pointer, "schema"), holder.value["schema"])
        for holder in holders(data)
        if "schema" in holder.value
    ]
    while roots:
        pointer, schema = roots.pop()
        if isinstance(schema, dict):
            yield pointer, schema
            roots.extend(children(schema, pointer))


def holders(data: dict[str, Any]) -> Iterator[Holder]:
    """Every parameter, header and media type of the document."""
    for pointer, item in path_items(data):
        yield from _parameters(item.get("parameters"), join(pointer, "parameters"))
    for operation in operations(data):
        yield from _operation(operation)
    components = _dict(data.get("components"))
    for name, value in _dict(components.get("parameters")).items():
        yield from _holder(value, join("/components/parameters", name), Use.REQUEST)
    for name, value in _dict(components.get("headers")).items():
        yield from _holder(value, join("/components/headers", name), Use.ANSWER)
    for name, value in _dict(components.get("requestBodies")).items():
        yield from _content(value, join("/components/requestBodies", name), Use.REQUEST)
    for name, value in _dict(components.get("responses")).items():
        yield from _response(value, join("/components/responses", name))


def operations(data: dict[str, Any]) -> Iterator[Operation]:
    """Every operation of paths, webhooks, path item components and callbacks."""
    for pointer, item in path_items(data):
        for method in METHODS:
            if isinstance(item.get(method), dict):
                yield Operation(join(pointer, method), item[method])


def path_items(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every path item, those inside callbacks too."""
    components = _dict(data.get("components"))
    sections = (
        ("/paths", data.get("paths")),
        ("/webhooks", data.get("webhooks")),
        ("/components/pathItems", components.get("pathItems")),
    )
    stack = [
        (join(place, name), item)
        for place, items in sections
        for name, item in _dict(items).items()
        if not name.startswith("x-")
    ]
    for name, callback in _dict(components.get("callbacks")).items():
        stack += _callback(callback, join("/components/callbacks", name))
    while stack:
        pointer, item = stack.pop()
        if not isinstance(item, dict):
            continue
        yield pointer, item
        for method in METHODS:
            for name, callback in _dict(_dict(item.get(method)).get("callbacks")).items():
                stack += _callback(callback, join(pointer, method, "callbacks", name))


def _callback(callback: object, pointer: str) -> list[tuple[str, Any]]:
    return [
        (join(pointer, expression), item)
        for expression, item in _dict(callback).items()
        if expression != "$ref" and not expression.startswith("x-")
    ]


def _operation(operation: Operation) -> Iterator[Holder]:
    here, value = operation.pointer, operation.value
    yield from _parameters(value.get("parameters"), join(here, "parameters"))
    yield from _content(value.get("requestBody"), join(here, "requestBody"), Use.REQUEST)
    for status, response in _dict(value.get("responses")).items():
        yield from _response(response, join(here, "responses", status))


def _response(response: object, pointer: str) -> Iterator[Holder]:
    yield from _content(response, pointer, Use.ANSWER)
    for name, header in _dict(_dict(response).get("headers")).items():
        yield from _holder(header, join(pointer, "headers", name), Use.ANSWER)


def _parameters(value: object, pointer: str) -> Iterator[Holder]:
    for index, parameter in enumerate(_list(value)):
        yield from _holder(parameter, join(pointer, index), Use.REQUEST)


def _holder(value: object, pointer: str, use: Use) -> Iterator[Holder]:
    if isinstance(value, dict) and "$ref" not in value:
        yield Holder(pointer, value, use)
        yield from _content(value, pointer, use)


def _content(value: object, pointer: str, use: Use) -> Iterator[Holder]:
    for media, holder in _dict(_dict(value).get("content")).items():
        if isinstance(holder, dict):
            yield Holder(join(pointer, "content", media), holder, use, media)
            for name, part in _dict(holder.get("encoding")).items():
                for key, header in _dict(_dict(part).get("headers")).items():
                    there = join(pointer, "content", media, "encoding", name, "headers", key)
                    yield from _holder(header, there, use)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
