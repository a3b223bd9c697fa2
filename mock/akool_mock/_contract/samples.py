"""Answers made from the contract alone: from its examples, else from its schemas.

The same operation always answers the same: examples as they are written, made-up values the
plainest that keep the schema. No randomness and no state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akool_mock._contract.patterns import PatternError, matching
from akool_mock._contract.schema import Validator
from akool_openapi.pointer import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akool_mock._contract.compiled import Answer, Operation


_DEPTH = 12
_TURNS = 8
"""How many alternatives of a `oneOf` or `anyOf` are tried, the first one first."""
_MAX_PARTS = 10_000
_MAX_CHARS = 1 << 20
_SUCCESS_CLASS = 2
_OTHER_KINDS: tuple[Any, ...] = (None, "", 0, {})
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


class CannotAnswer(Exception):  # noqa: N818 - a limit of what can be made up
    """No answer could be made from the contract; the message says why."""


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
    """A body for a documented answer: its first valid example, else one made from the schema.

    Raises:
        CannotAnswer: there is no valid example, and what can be made up breaks the schema.
    """
    validator = answer.validator
    if validator is None:
        return next(iter(answer.examples), None)
    try:
        for example in answer.examples:
            if validator.is_valid(example):
                return example
        why = ""
        for maker in _makers(document):
            made = maker.value(validator.schema, 0)
            where, rule = validator.first_error(made) or ("", "")
            if not rule:
                return made
            why = why or f"what was made up breaks it: {where or 'the whole'}: {rule}"
    except (ValueError, KeyError) as error:
        raise CannotAnswer(f"its schema cannot be used: {error}") from error
    except RecursionError as error:
        raise CannotAnswer("its schema refers to itself without end") from error
    raise CannotAnswer(why)


def sample(
    document: Mapping[str, Any],
    schema: Any,  # noqa: ANN401 - JSON
    *,
    examples: bool = True,
    whole: bool = True,
) -> Any:  # noqa: ANN401 - JSON
    """The simplest value that fits a schema, for the keywords of JSON Schema that contracts use.

    Args:
        document: the document that references point into.
        schema: the schema.
        examples: use the examples and defaults inside the schema.
        whole: include optional parts too, not only required ones.

    Raises:
        CannotAnswer: the value would be too large, or a pattern is not understood.
    """
    return _Maker(document, examples=examples, whole=whole).value(schema, 0)


def _makers(document: Mapping[str, Any]) -> Iterator[_Maker]:
    """What may give a valid value, the nicest first: with examples, with all parts, with few."""
    for examples, whole in ((True, True), (False, True), (False, False)):
        yield _Maker(document, examples=examples, whole=whole)
    for turn in range(1, _TURNS):
        yield _Maker(document, examples=True, whole=True, turn=turn)
    for turn in range(_TURNS):
        yield _Maker(document, examples=False, whole=True, turn=turn, apart=True)


class _Maker:
    """Makes one value; counts its parts, so that a schema cannot make it grow without end.

    `turn` says which alternative it takes, and `apart` that an object must not fit another one.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        *,
        examples: bool,
        whole: bool,
        turn: int = 0,
        apart: bool = False,
    ) -> None:
        self._document = document
        self._turn, self._apart = turn, apart
        self._deepest = _DEPTH if whole else 0
        self._given = ("example", "default", "const") if examples else ("const",)
        self._lists = ("examples", "enum") if examples else ("enum",)
        self._parts = 0

    def value(self, schema: Any, depth: int) -> Any:  # noqa: ANN401 - JSON
        self._count(1)
        node = resolve(self._document, schema)
        if not isinstance(node, dict):
            return None
        for word in self._given:
            if word in node:
                return node[word]
        for word in self._lists:
            if node.get(word):
                return node[word][0]
        if "allOf" in node:
            return self.value(self._merged(node), depth)
        for word in ("oneOf", "anyOf"):
            if node.get(word):
                branches = [resolve(self._document, branch) for branch in node[word]]
                own = self._turn % len(branches)
                rest = {key: value for key, value in node.items() if key != word}
                made = self.value(self._merged({"allOf": [rest, branches[own]]}), depth)
                if self._apart and word == "oneOf" and isinstance(made, dict):
                    self._part(made, branches[:own] + branches[own + 1 :])
                return made
        return self._made(node, depth)

    def _part(self, made: dict[str, Any], others: list[Any]) -> None:
        """Adds what the other alternatives forbid: a property of theirs with a wrong value."""
        for other in others:
            if Validator(self._document, other).is_valid(made):
                rules = other.get("properties", {}) if isinstance(other, dict) else {}
                made.update(self._wrong({k: v for k, v in rules.items() if k not in made}))

    def _wrong(self, rules: Mapping[str, Any]) -> dict[str, Any]:
        for name, rule in rules.items():
            for value in _OTHER_KINDS:
                if not Validator(self._document, rule).is_valid(value):
                    return {name: value}
        return {}

    def _count(self, parts: int) -> None:
        self._parts += parts
        if self._parts > _MAX_PARTS:
            raise CannotAnswer(f"its schema asks for more than {_MAX_PARTS} values")

    def _merged(self, node: Mapping[str, Any]) -> dict[str, Any]:
        whole = {key: value for key, value in node.items() if key != "allOf"}
        for part in node["allOf"]:
            self._count(1)
            other = resolve(self._document, part)
            if not isinstance(other, dict):
                continue
            if "allOf" in other:
                other = self._merged(other)
            properties = {**whole.get("properties", {})}
            for name, rule in other.get("properties", {}).items():
                known = properties.get(name)
                properties[name] = rule if known is None else {"allOf": [known, rule]}
            required = [*whole.get("required", []), *other.get("required", [])]
            whole = {**other, **whole, "required": required}
            if properties:
                whole["properties"] = properties
        return whole

    def _made(self, node: Mapping[str, Any], depth: int) -> Any:  # noqa: ANN401 - JSON
        kind = node.get("type")
        if isinstance(kind, list):
            kind = next((name for name in kind if name != "null"), "null")
        if kind is None:
            kind = "object" if "properties" in node else "array" if "items" in node else None
        match kind:
            case "object":
                # Deep down, and in a value that is large already, only what must be there.
                sparse = depth >= self._deepest or self._parts > _MAX_PARTS // 10
                required = node.get("required", [])
                return {
                    name: self.value(rule, depth + 1)
                    for name, rule in node.get("properties", {}).items()
                    if not sparse or name in required
                }
            case "array":
                return self._array(node, depth)
            case "string":
                return _text(node)
            case "integer" | "number":
                return _number(node, whole=kind == "integer")
            case "boolean":
                return True
        return None

    def _array(self, node: Mapping[str, Any], depth: int) -> list[Any]:
        sparse = depth >= self._deepest or self._parts > _MAX_PARTS // 10
        count = max(node.get("minItems", 0 if sparse else 1), 0)
        count = min(count, node.get("maxItems", count))
        self._count(count)
        return [self.value(node.get("items", {}), depth + 1)] * count if count else []


def _text(node: Mapping[str, Any]) -> str:
    shortest, longest = node.get("minLength", 0), node.get("maxLength")
    if shortest > _MAX_CHARS:
        raise CannotAnswer(f"its schema asks for a text of {shortest} characters")
    text = _STRINGS.get(node.get("format", ""), "string").ljust(shortest, "x")[:longest]
    if "pattern" not in node:
        return text
    try:
        return matching(node["pattern"], shortest, longest)
    except PatternError as error:
        raise CannotAnswer(str(error)) from error


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
