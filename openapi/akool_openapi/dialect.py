"""Schemas of OpenAPI 3.0 in the words of JSON Schema 2020-12, which are those of OpenAPI 3.1. Pure.

`nullable: true` beside a `type` adds null to it. Without a `type` OpenAPI 3.0.3 gives it no effect;
pages write it beside `$ref` and `allOf` all the same, and mean that null may come. It is read so
everywhere here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMED: Final = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
"""Keywords of schemas below which the contract's author chose the names."""
LITERAL: Final = frozenset({"enum", "const", "default", "example", "examples"})
"""Keywords of schemas that hold data."""
_LIMITS: Final = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))
_WORDS: Final = frozenset({"description", "summary"})


def modern(schema: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A schema and all that is in it, translated; what is no schema stays as it is."""
    if isinstance(schema, list):
        return [modern(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return one(
        {
            key: {name: modern(part) for name, part in value.items()}
            if key in NAMED and isinstance(value, dict)
            else value
            if key in LITERAL
            else modern(value)
            for key, value in schema.items()
        }
    )


def is_old(document: Mapping[str, Any]) -> bool:
    """Whether the schemas of a document are of OpenAPI 3.0, and want translation."""
    return str(document.get("openapi", "3.0")).startswith("3.0")


def one(schema: Mapping[str, Any]) -> dict[str, Any]:
    """One schema translated; the schemas in it stay as they are."""
    if "$ref" in schema:  # what stands beside it has no effect in 3.0
        return {key: value for key, value in schema.items() if key == "$ref" or key in _WORDS}
    out = dict(schema)
    for flag, limit in _LIMITS:
        if isinstance(out.get(flag), bool):
            strict = out.pop(flag)
            if strict and limit in out:
                out[flag] = out.pop(limit)
    if out.pop("nullable", False) is not True:
        return out
    if isinstance(out.get("enum"), list) and None not in out["enum"]:
        out["enum"] = [*out["enum"], None]
    if isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
        return out
    return out if "type" in out else _or_null(out)


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without a type that takes null too; its words and extensions stay outside."""
    outside = {k: v for k, v in schema.items() if k in _OUTSIDE or k.startswith("x-")}
    inside = {key: value for key, value in schema.items() if key not in outside}
    return {**outside, "anyOf": [inside, {"type": "null"}]} if inside else outside


_OUTSIDE: Final = _WORDS | {
    "title", "default", "deprecated", "readOnly", "writeOnly", "example", "examples",
    "externalDocs", "xml",
}  # fmt: skip
"""What a schema says about itself and not about values."""
