"""Where an OpenAPI document has its schemas, examples and operations; for 3.0 and 3.1.

What a `$ref` names is met where it stands, not again at each reference.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.documents import grammar
from akool_pipeline.documents.pointer import of, resolve, split

if TYPE_CHECKING:
    from collections.abc import Iterator


class Use(enum.StrEnum):
    """Who sends what an object describes."""

    REQUEST = "request"
    ANSWER = "answer"
    EITHER = "either"
    """A schema: whoever refers to it."""


_USES: Final = {
    "requestBody": Use.REQUEST,
    "parameter": Use.REQUEST,
    "response": Use.ANSWER,
    "header": Use.ANSWER,
}


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
            value = resolve(data, of(target))
        except KeyError:
            return {}
    return value


def schemas(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of the document and every schema inside one, parents first."""
    for part in grammar.parts(data):
        if part.kind == "schema":
            yield part.pointer, part.value


def holders(data: dict[str, Any]) -> Iterator[Holder]:
    """Every parameter, header and media type of the document."""
    for part in grammar.parts(data):
        if part.kind in {"parameter", "header", "mediaType"} and "$ref" not in part.value:
            media = split(part.pointer)[-1] if part.kind == "mediaType" else ""
            yield Holder(part.pointer, part.value, _use(part.pointer), media)


def operations(data: dict[str, Any]) -> Iterator[Operation]:
    """Every operation of paths, webhooks, path item components and callbacks."""
    for part in grammar.parts(data):
        if part.kind == "operation":
            yield Operation(part.pointer, part.value)


def path_items(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every path item, those inside callbacks too."""
    for part in grammar.parts(data):
        if part.kind == "pathItem":
            yield part.pointer, part.value


def _use(pointer: str) -> Use:
    """Who sends what is at `pointer`: the innermost request or answer that it is in."""
    found, kind = Use.EITHER, "document"
    for key in split(pointer):
        kind = grammar.each(kind) if kind.startswith("[") else grammar.below(kind, key)
        found = _USES.get(kind, found)
    return found
