"""Whether the schemas of a contract are schemas: told before the first request meets one."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import jsonschema_rs

from akool_openapi.dialect import LITERAL, modern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAMED = frozenset(
    {
        *("callbacks", "content", "encoding", "headers", "links", "parameters", "pathItems"),
        *("paths", "requestBodies", "responses", "securitySchemes", "variables", "webhooks"),
    }
)
"""Keywords of OpenAPI below which the contract's author chose the names."""
META = "https://json-schema.org/draft/2020-12/schema"


def unsound(document: Mapping[str, object]) -> str | None:
    """The first place where a schema says what no schema can, and what it says; None: nowhere."""
    is_old = str(document.get("openapi", "3.0")).startswith("3.0")
    for place, schema in _schemas(document, ""):
        error = next(_meta().iter_errors(modern(schema) if is_old else schema), None)
        if error is not None:
            inside = "".join(f"/{_escaped(part)}" for part in error.instance_path)
            return f"{place}{inside}: JSON Schema does not allow {_shortened(error.instance)} there"
    return None


@cache
def _meta() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"$ref": META}, validate_formats=True)


def _schemas(node: object, place: str) -> Iterator[tuple[str, object]]:
    """Each schema that stands in no other, with its place."""
    if isinstance(node, list):
        for number, part in enumerate(node):
            yield from _schemas(part, f"{place}/{number}")
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        here = f"{place}/{_escaped(key)}"
        if key == "schema":
            yield here, value
        elif key == "schemas" and isinstance(value, dict):
            yield from ((f"{here}/{_escaped(name)}", schema) for name, schema in value.items())
        elif key in NAMED and isinstance(value, dict):
            for name, part in value.items():
                yield from _schemas(part, f"{here}/{_escaped(name)}")
        elif key not in LITERAL and not key.startswith("x-"):
            yield from _schemas(value, here)


def _escaped(name: object) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."  # noqa: PLR2004 - one line
