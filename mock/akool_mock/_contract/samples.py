"""Answers for operations without a handler: from the contract's examples, else from its schemas.

The same operation always answers the same: examples as they are written, made-up values the
plainest that keep the schema. No randomness and no state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akool_mock._contract.schema import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akool_mock._contract.compiled import Answer, Operation

__all__ = ["best_answer", "sample"]

_DEPTH = 12
_SUCCESS_CLASS = 2
_STRINGS = {
    "date-time": "2026-01-02T03:04:05.000Z",
    "date": "2026-01-02",
    "time": "03:04:05Z",
    "uri": "https://example.com/mock",
    "url": "https://example.com/mock",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "email": "mock@example.com",
    "hostname": "example.com",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "byte": "bW9jaw==",
}


def best_answer(operation: Operation) -> Answer | None:
    """The documented answer that means success, else the first there is."""
    good = [
        status
        for status in operation.answers
        if status // 100 == _SUCCESS_CLASS or status in (-2, 0)
    ]
    if good:
        return operation.answers[min(good, key=lambda status: (status <= 0, status))]
    return next(iter(operation.answers.values()), None)


def body_of(document: Mapping[str, Any], answer: Answer) -> Any:  # noqa: ANN401 - JSON
    """A body for a documented answer: its first valid example, else one made from the schema."""
    for example in answer.examples:
        if answer.validator is None or answer.validator.is_valid(example):
            return example
    return None if answer.validator is None else sample(document, answer.validator.schema)


def sample(document: Mapping[str, Any], schema: Any, depth: int = 0) -> Any:  # noqa: ANN401 - JSON
    """The plainest value that keeps a schema, for the words of JSON Schema that contracts use."""
    node = resolve(document, schema)
    if not isinstance(node, dict):
        return None
    for word in ("example", "default", "const"):
        if word in node:
            return node[word]
    for word in ("examples", "enum"):
        if node.get(word):
            return node[word][0]
    if "allOf" in node:
        return sample(document, _merged(document, node), depth)
    for word in ("oneOf", "anyOf"):
        if node.get(word):
            branch = resolve(document, node[word][0])
            rest = {key: value for key, value in node.items() if key != word}
            return sample(document, _merged(document, {"allOf": [rest, branch]}), depth)
    return _made(document, node, depth)


def _merged(document: Mapping[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    whole = {key: value for key, value in node.items() if key != "allOf"}
    for part in node["allOf"]:
        other = resolve(document, part)
        if "allOf" in other:
            other = _merged(document, other)
        properties = {**whole.get("properties", {})}
        for name, rule in other.get("properties", {}).items():
            known = properties.get(name)
            properties[name] = rule if known is None else {"allOf": [known, rule]}
        required = [*whole.get("required", []), *other.get("required", [])]
        whole = {**other, **whole, "required": required}
        if properties:
            whole["properties"] = properties
    return whole


def _made(document: Mapping[str, Any], node: Mapping[str, Any], depth: int) -> Any:  # noqa: ANN401 - JSON
    kind = node.get("type")
    if isinstance(kind, list):
        kind = next((name for name in kind if name != "null"), "null")
    if kind is None:
        kind = "object" if "properties" in node else "array" if "items" in node else None
    match kind:
        case "object":
            required = node.get("required", [])
            return {
                name: sample(document, rule, depth + 1)
                for name, rule in node.get("properties", {}).items()
                if depth < _DEPTH or name in required
            }
        case "array":
            count = max(node.get("minItems", 1 if depth < _DEPTH else 0), 0)
            return [sample(document, node.get("items", {}), depth + 1)] * min(
                count, node.get("maxItems", count)
            )
        case "string":
            text = _STRINGS.get(node.get("format", ""), "string")
            return text.ljust(node.get("minLength", 0), "x")[: node.get("maxLength")]
        case "integer" | "number":
            return _number(node, whole=kind == "integer")
        case "boolean":
            return True
    return None


def _number(node: Mapping[str, Any], *, whole: bool) -> int | float:
    step = node.get("multipleOf", 1 if whole else 0)
    lowest, highest = node.get("minimum"), node.get("maximum")
    above, below = node.get("exclusiveMinimum"), node.get("exclusiveMaximum")
    if isinstance(above, bool):
        above = lowest if above else None
    if isinstance(below, bool):
        below = highest if below else None
    floor = max((item for item in (lowest, above) if item is not None), default=None)
    ceiling = min((item for item in (highest, below) if item is not None), default=None)
    if floor is not None:
        value = floor + (step or 0.5 if floor == above else 0)
    elif ceiling is not None:
        value = min(0, ceiling - (step or 0.5 if ceiling == below else 0))
    else:
        value = 0
    if step:
        value = -(-value // step) * step
    return int(value) if whole else value
