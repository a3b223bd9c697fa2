"""Schemas of OpenAPI as a validator takes them, and what it finds, in lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jsonschema_rs

NAMED = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
"""Keywords of schemas below which the contract's author chose the names."""
LITERAL = frozenset({"enum", "const", "default"})


def modern(schema: Any) -> Any:  # noqa: ANN401 - any JSON value
    """An OpenAPI 3.0 schema as JSON Schema 2020-12: `nullable` and boolean limits translated."""
    if isinstance(schema, list):
        return [modern(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    out = {
        key: {name: modern(part) for name, part in value.items()}
        if key in NAMED and isinstance(value, dict)
        else value if key in LITERAL
        else modern(value)
        for key, value in schema.items()
        if key not in ("example", "examples")
    }  # fmt: skip
    for flag, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(out.get(flag), bool):
            strict = out.pop(flag)
            if strict and limit in out:
                out[flag] = out.pop(limit)
    if out.pop("nullable", False) is True:
        if "enum" in out:
            out["enum"] = [*out["enum"], None]
        if "type" in out:
            out["type"] = [out["type"], "null"]
        else:
            out = {"anyOf": [out, {"type": "null"}]}
    return out


def explain(error: jsonschema_rs.ValidationError, value: object) -> list[str]:
    """Lines for a person; for oneOf and anyOf, of the branch that the answer's code points at."""
    branches = getattr(error.kind, "context", None)
    if not branches:
        where = "/".join(str(part) for part in error.instance_path) or "the answer"
        return [f"{where}: {error.message[:200]}"]

    def misses(branch: list[jsonschema_rs.ValidationError]) -> tuple[bool, int]:
        return any(_at_code(inner) for inner in branch), len(branch)

    best = min(branches, key=misses)
    return [line for inner in best for line in explain(inner, value)]


def _at_code(error: jsonschema_rs.ValidationError) -> bool:
    path = [str(part) for part in error.instance_path]
    return path in (["code"], ["error_code"])
