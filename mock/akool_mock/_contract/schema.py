"""OpenAPI 3.0 schemas as JSON Schema 2020-12, compiled by jsonschema-rs.

A 3.1 document needs no conversion. Each validator carries only the components it can reach:
compiling the whole document for each of them would cost more than the server's start may take.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from akool_openapi.dialect import LITERAL, NAMED, is_old, modern
from akool_openapi.pointer import pointed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def _refs(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        ref = node.get("$ref")
        if isinstance(ref, str):
            yield ref
        for key, value in node.items():
            if key in NAMED and isinstance(value, dict):  # its keys are names, `default` too
                for item in value.values():
                    yield from _refs(item)
            elif key not in LITERAL:
                yield from _refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from _refs(value)


def _reachable(document: Mapping[str, Any], schema: object) -> dict[str, Any]:
    found: dict[str, Any] = {}
    waiting = [schema]
    while waiting:
        for ref in _refs(waiting.pop()):
            if ref not in found:
                found[ref] = pointed(document, ref)
                waiting.append(found[ref])
    return found


def _renamed(node: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    """A schema whose references lead into the `$defs` that stand beside it."""
    if isinstance(node, list):
        return [_renamed(item, names) for item in node]
    if not isinstance(node, dict):
        return node
    out: dict[str, Any] = {}
    for key, value in node.items():
        if key == "$ref":
            out[key] = f"#/$defs/{names[value]}"
        elif key in LITERAL:
            out[key] = value
        elif key in NAMED and isinstance(value, dict):
            out[key] = {k: _renamed(v, names) for k, v in value.items()}
        else:
            out[key] = _renamed(value, names)
    return out


class Validator:
    """One schema of the contract, compiled when it is first asked.

    Args:
        document: the whole contract, for its components.
        schema: the schema, with local references.
    """

    def __init__(self, document: Mapping[str, Any], schema: object) -> None:
        self._document = document
        self.schema = schema

    @cached_property
    def compiled(self) -> jsonschema_rs.Draft202012Validator:
        """The compiled validator."""
        is_translated = is_old(self._document)
        found = _reachable(self._document, self.schema)
        names = {ref: f"{number}" for number, ref in enumerate(found)}

        def converted(schema: object) -> Any:  # noqa: ANN401 - JSON
            return _renamed(modern(schema) if is_translated else schema, names)

        whole = converted(self.schema)
        if found:
            parts = {names[ref]: converted(node) for ref, node in found.items()}
            whole = {"allOf": [whole], "$defs": parts}
        return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)

    @cached_property
    def is_valid(self) -> Callable[[object], bool]:
        """Whether a value keeps the schema; every request and every answer passes through it."""
        return self.compiled.is_valid

    def first_error(self, value: object) -> tuple[str, str] | None:
        """The most specific error as (path, rule); None if the value is valid."""
        best: tuple[int, str, str] | None = None
        for error in self.compiled.iter_errors(value):
            path = _dotted(error.instance_path)
            found = (len(error.instance_path), path, _bounded(_told(error)))
            if best is None or found[0] > best[0]:
                best = found
        return None if best is None else (best[1], best[2])


def _dotted(path: list[str | int]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _told(error: jsonschema_rs.ValidationError) -> str:
    """What is wrong, also where the library only says that no branch fits."""
    branches = error.kind.as_dict().get("context")
    if not branches:
        return str(error.message)
    told = " or ".join(dict.fromkeys(branch[0].message for branch in branches if branch))
    return told or "it fits several alternatives of which one alone must fit"


def _bounded(message: str, limit: int = 300) -> str:
    return message if len(message) <= limit else f"{message[: limit - 3]}..."
