"""Whether a contract's schemas and references are such: told before a request meets one."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import jsonschema_rs

from akool_openapi import dialect
from akool_openapi.pointer import escaped, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAMED = frozenset(
    {
        *("callbacks", "content", "encoding", "headers", "links", "parameters", "pathItems"),
        *("paths", "requestBodies", "responses", "securitySchemes", "variables", "webhooks"),
    }
)
"""Keywords of OpenAPI below which the contract's author chose the names."""
_ALL_NAMED = NAMED | dialect.NAMED | {"schemas"}
META = "https://json-schema.org/draft/2020-12/schema"


def unsound(document: Mapping[str, object]) -> str | None:
    """The first place where a schema or reference is none, and what is wrong; None: nowhere."""
    is_old = dialect.is_old(document)
    for place, schema in _schemas(document, ""):
        error = next(_meta().iter_errors(dialect.modern(schema) if is_old else schema), None)
        if error is not None:
            inside = "".join(f"/{escaped(str(part))}" for part in error.instance_path)
            return f"{place}{inside}: JSON Schema does not allow {_shortened(error.instance)} there"
    for place, node in _references(document, ""):
        try:
            resolve(document, node)
        except KeyError as error:
            return f"{place}/$ref: {error.args[0]}"
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
        here = f"{place}/{escaped(str(key))}"
        if key == "schema":
            yield here, value
        elif key == "schemas" and isinstance(value, dict):
            yield from ((f"{here}/{escaped(str(name))}", schema) for name, schema in value.items())
        elif key in NAMED and isinstance(value, dict):
            for name, part in value.items():
                yield from _schemas(part, f"{here}/{escaped(str(name))}")
        elif key not in dialect.LITERAL and not key.startswith("x-"):
            yield from _schemas(value, here)


def _references(node: object, place: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Each object with a `$ref`, with its place; what stands beside one counts as well."""
    if isinstance(node, list):
        for number, part in enumerate(node):
            yield from _references(part, f"{place}/{number}")
    if not isinstance(node, dict):
        return
    if isinstance(node.get("$ref"), str):
        yield place, node
    for key, value in node.items():
        here = f"{place}/{escaped(str(key))}"
        if key in _ALL_NAMED and isinstance(value, dict):
            for name, part in value.items():
                yield from _references(part, f"{here}/{escaped(str(name))}")
        elif key not in dialect.LITERAL and not str(key).startswith("x-"):
            yield from _references(value, here)


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."  # noqa: PLR2004 - one line
