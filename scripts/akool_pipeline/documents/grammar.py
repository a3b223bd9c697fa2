"""Which part of an OpenAPI document is what: keyword, name that the author chose, or mere data.

`description` below a schema is a keyword, below `properties` it is the name of a property, and in
an example it is data. Whatever looks for references, words or names must know which; the table here
says it once. Fields that OpenAPI does not know, extensions among them, are entered all the same, as
the kind `EXTENSION`: they may hold references, and nothing else in them is understood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from akool_openapi.operations import METHODS
from akool_pipeline.documents.pointer import join, split

if TYPE_CHECKING:
    from collections.abc import Iterator

EXTENSION: Final = "extension"
DATA: Final = "data"
"""Values that are not looked into: examples, enums, defaults, plain fields."""
_ANY_NAME: Final = "*"
"""In the table: every field but extensions, as in the maps of paths, responses and callbacks."""


def _data(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, DATA)


_DESCRIBED: Final = _data("description", "summary")
_SHOWN: Final = {**_DESCRIBED, "schema": "schema", "content": "{mediaType}", "example": DATA}

# Kind of object -> field -> what stands there: a kind, `[kind]` for an array, `{kind}` for a map
# whose keys are names.
_FIELDS: Final[dict[str, dict[str, str]]] = {
    "document": {
        "openapi": DATA,
        "jsonSchemaDialect": DATA,
        "info": "info",
        "servers": "[server]",
        "paths": "paths",
        "webhooks": "{pathItem}",
        "components": "components",
        "security": "[requirement]",
        "tags": "[tag]",
        "externalDocs": "docs",
    },
    "info": {
        **_DESCRIBED,
        **_data("title", "version", "termsOfService", "contact", "license"),
    },
    "docs": {**_DESCRIBED, **_data("url")},
    "tag": {**_DESCRIBED, **_data("name"), "externalDocs": "docs"},
    "server": {**_DESCRIBED, **_data("url"), "variables": "{serverVariable}"},
    "serverVariable": {**_DESCRIBED, **_data("enum", "default")},
    "paths": {_ANY_NAME: "pathItem"},
    "callback": {_ANY_NAME: "pathItem"},
    "responses": {_ANY_NAME: "response"},
    "requirement": {_ANY_NAME: DATA},
    "pathItem": {
        **_DESCRIBED,
        **dict.fromkeys(METHODS, "operation"),
        "servers": "[server]",
        "parameters": "[parameter]",
    },
    "operation": {
        **_DESCRIBED,
        **_data("tags", "operationId", "deprecated"),
        "externalDocs": "docs",
        "parameters": "[parameter]",
        "requestBody": "requestBody",
        "responses": "responses",
        "callbacks": "{callback}",
        "security": "[requirement]",
        "servers": "[server]",
    },
    "parameter": {**_SHOWN, "examples": "{example}"},
    "header": {**_SHOWN, "examples": "{example}"},
    "requestBody": {**_DESCRIBED, "content": "{mediaType}"},
    "mediaType": {
        "schema": "schema",
        "example": DATA,
        "examples": "{example}",
        "encoding": "{encoding}",
    },
    "encoding": {"headers": "{header}"},
    "response": {
        **_DESCRIBED,
        "headers": "{header}",
        "content": "{mediaType}",
        "links": "{link}",
    },
    "link": {**_DESCRIBED, **_data("parameters", "requestBody"), "server": "server"},
    "example": {**_DESCRIBED, **_data("value", "externalValue")},
    "securityScheme": {**_DESCRIBED, "flows": "flows"},
    "flows": {_ANY_NAME: "flow"},
    "flow": _data("scopes"),
    "components": {
        "schemas": "{schema}",
        "responses": "{response}",
        "parameters": "{parameter}",
        "examples": "{example}",
        "requestBodies": "{requestBody}",
        "headers": "{header}",
        "securitySchemes": "{securityScheme}",
        "links": "{link}",
        "callbacks": "{callback}",
        "pathItems": "{pathItem}",
    },
    "schema": {
        **_DESCRIBED,
        **_data("title", "example", "examples", "enum", "const", "default", "required", "type"),
        **dict.fromkeys(
            (
                "additionalItems",
                "additionalProperties",
                "contains",
                "contentSchema",
                "else",
                "if",
                "items",
                "not",
                "propertyNames",
                "then",
                "unevaluatedItems",
                "unevaluatedProperties",
            ),
            "schema",
        ),
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), "[schema]"),
        **dict.fromkeys(
            ("$defs", "definitions", "dependentSchemas", "patternProperties", "properties"),
            "{schema}",
        ),
        "discriminator": "discriminator",
        "externalDocs": "docs",
        "xml": "xml",
    },
    "discriminator": _data("propertyName", "mapping"),
    "xml": _data("name", "namespace", "prefix", "attribute", "wrapped"),
}
COMPONENTS: Final = tuple(_FIELDS["components"])
"""The sections of `components`, in the specification's order."""


class Part(NamedTuple):
    """One object of a document.

    Attributes:
        pointer: Where it stands.
        kind: What it is: `schema`, `operation`, ... or `EXTENSION`.
        value: The object itself.
    """

    pointer: str
    kind: str
    value: dict[str, Any]


def below(kind: str, key: str) -> str:
    """What stands in the field `key` of an object of `kind`.

    A kind, `[kind]` for an array or `{kind}` for a map by name.
    """
    if kind.startswith("{"):
        return kind[1:-1]
    fields = _FIELDS.get(kind, {})
    if key in fields:
        return fields[key]
    if _ANY_NAME in fields and not key.startswith("x-"):
        return fields[_ANY_NAME]
    return EXTENSION


def each(kind: str) -> str:
    """What stands in an array that is described as `kind`."""
    return kind[1:-1] if kind.startswith("[") else kind


def parts(value: Any, kind: str = "document", pointer: str = "") -> Iterator[Part]:  # noqa: ANN401 - any JSON value
    """Every object of a document that has a meaning, parents first, in document order.

    Maps by name and data are passed through without being parts themselves.
    """
    stack: list[tuple[str, str, Any]] = [(pointer, kind, value)]
    while stack:
        place, what, found = stack.pop()
        if what == DATA:
            continue
        if isinstance(found, list):
            stack += [(join(place, index), each(what), item) for index, item in enumerate(found)][
                ::-1
            ]
        elif isinstance(found, dict):
            if not what.startswith("{"):
                yield Part(place, what, found)
            stack += [(join(place, key), below(what, key), item) for key, item in found.items()][
                ::-1
            ]


def kind_at(pointer: str) -> str:
    """What the table says of the place `pointer` in an OpenAPI document."""
    kind = "document"
    for part in split(pointer):
        kind = each(kind) if kind.startswith("[") else below(kind, part)
    return kind


def references(value: Any, kind: str = "document") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON value
    """Every `$ref` in a part of `kind`: the pointer of its holder, from there, and its target.

    In document order. Data is not looked into: a key `$ref` in an example is not a reference.
    """
    for part in parts(value, kind):
        target = part.value.get("$ref")
        if isinstance(target, str):
            yield part.pointer, target
