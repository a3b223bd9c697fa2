"""Defects that are one constraint less: derived from the contract by deleting it.

A server that does not make a check takes what the contract forbids by that constraint alone; one
that lost a guarantee answers what the constraint forbids. What other constraints forbid as well
makes no defect, and neither does a member that an answer need not have: nothing would show it.
"""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema_rs

import akool_openapi
from akool_contract._wire.contract import Contract, modern
from akool_contract.oracle.credentials import Credentials
from akool_contract.oracle.samples import Pictures, sample_body
from akool_contract_proof.mutants._kit import defect, edit, operation_of, value
from akool_mock import sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from akool_contract._wire.contract import Operation
    from akool_contract._wire.http import Request, Response, Upstream

CONTRACT = Contract(akool_openapi.load())
EACH, GONE = "*", object()
"""In a path: every element of an array, every value of a map. And what is put where nothing is."""
OTHER_TYPES = {"string": 7, "array": {}, "object": []}
BREAKS: dict[str, Callable[[Any, Any], Any]] = {
    "type": lambda rule, _: {} if isinstance(rule, list) else OTHER_TYPES.get(rule, "text"),
    "enum": lambda rule, _: max(rule) + 7 if isinstance(rule[0], int) else "no-such-word",
    "const": lambda rule, _: rule + 7 if isinstance(rule, int) else "no-such-word",
    "pattern": lambda _rule, _now: "?",
    "minLength": lambda _rule, _now: "",
    "minItems": lambda rule, now: now[: rule - 1],
    "maxItems": lambda rule, now: (now * (rule + 1))[: rule + 1],
    "minimum": lambda rule, _: rule - 1,
    "maximum": lambda rule, _: rule + 1,
    "minProperties": lambda _rule, _now: {},
}
"""Keyword of JSON Schema to what breaks it, by the rule and the value that is there."""


class Constraint(NamedTuple):
    """One rule: where it holds, its keyword, the member that is required or the rule, and the rest.

    Attributes:
        path: where it holds in a value.
        keyword: of JSON Schema.
        rule: what the keyword says; for `required` one of the members.
        less: the whole schema without it.
    """

    path: tuple[str, ...]
    keyword: str
    rule: Any
    less: Any

    def broken(self, good: Any) -> Any:  # noqa: ANN401 - JSON
        """A value with the constraint broken wherever it holds."""
        if self.keyword == "required":
            return _put(good, (*self.path, self.rule), lambda _: GONE)
        return _put(good, self.path, lambda now: BREAKS[self.keyword](self.rule, now))


def _put(now: Any, path: tuple[str, ...], change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - JSON
    if not path:
        return change(now)
    if isinstance(now, list):
        return [_put(part, path[1:], change) for part in now]
    if not isinstance(now, dict):
        return now
    made = {
        key: _put(part, path[1:], change) if path[0] in {EACH, key} else part
        for key, part in now.items()
    }
    return {key: part for key, part in made.items() if part is not GONE}


def expanded(node: Any) -> Any:  # noqa: ANN401 - JSON
    """A schema without references."""
    node = CONTRACT.resolve(node)
    if isinstance(node, dict):
        return {key: expanded(part) for key, part in node.items()}
    return [expanded(part) for part in node] if isinstance(node, list) else node


def _without(whole: Any, at: tuple[str | int, ...], keyword: str, member: str = "") -> Any:  # noqa: ANN401 - JSON
    """The schema without a keyword at a place, or without one of the members that it requires."""
    less = node = copy.deepcopy(whole)
    for step in at:
        node = node[step]
    if member:
        node[keyword].remove(member)
    else:
        del node[keyword]
    return less


def constraints(whole: Any, *, always: bool) -> Iterator[Constraint]:  # noqa: ANN401 - JSON
    """Every constraint of a schema; `always`: only on what every value has."""

    def walk(node: Any, at: tuple[str | int, ...], path: tuple[str, ...]) -> Iterator[Constraint]:  # noqa: ANN401 - JSON
        for key in BREAKS if path else ():  # what is no object is not looked at as JSON
            if key in node:
                yield Constraint(path, key, node[key], _without(whole, at, key))
        required = node.get("required", [])
        for name in required:
            less = _without(whole, at, "required", name)
            yield Constraint(path, "required", name, less)
        for name, part in node.get("properties", {}).items():
            if name in required or not always:
                yield from walk(part, (*at, "properties", name), (*path, name))
        for number, part in enumerate(node.get("allOf", ())):
            yield from walk(part, (*at, "allOf", number), path)
        for key in ("items", "additionalProperties"):
            if isinstance(node.get(key), dict):
                yield from walk(node[key], (*at, key), (*path, EACH))

    yield from walk(whole, (), ())


def _alone(whole: Any, *, always: bool) -> Iterator[Constraint]:  # noqa: ANN401 - JSON
    """The constraints that alone forbid something."""
    good = sample({}, whole)
    holds = jsonschema_rs.validator_for(whole).is_valid
    for one in constraints(whole, always=always):
        bad = one.broken(good)
        if holds(good) and not holds(bad) and jsonschema_rs.is_valid(one.less, bad):
            yield one


def _said(operation: Operation, one: Constraint, where: str) -> tuple[str, str]:
    """The name of a defect, and what is broken in words."""
    member = [one.rule] if one.keyword == "required" else []
    place = ".".join([*one.path, *member]) or "body"
    text = f"{where}: `{place}` is held to no `{one.keyword}`"
    return f"{where}-{operation.id}-{place}-{one.keyword}", text


def _unchecked(operation: Operation, whole: Any, less: Any) -> Callable[[Upstream], Upstream]:  # noqa: ANN401 - JSON
    """A server that takes what only the constraint forbids."""
    forbids = jsonschema_rs.validator_for(whole).is_valid
    takes = jsonschema_rs.validator_for(less).is_valid
    good = json.dumps(sample_body(operation, Pictures(), Credentials(), "0" * 24)).encode()

    def layer(upstream: Upstream) -> Upstream:
        def send(request: Request) -> Response:
            body = value(request.body)
            taken = operation_of(request) == operation.id and not forbids(body) and takes(body)
            return upstream(replace(request, body=good) if taken else request)

        return send

    return layer


def _register() -> None:
    for operation in CONTRACT.operations.values():
        if operation.request is not None and operation.id != "getToken":  # with whose credentials?
            whole = modern(expanded(operation.request))
            for one in _alone(whole, always=False):
                name, text = _said(operation, one, "request")
                defect("rules", operation.id, text, name=name)(
                    _unchecked(operation, whole, one.less)
                )
        answer = expanded(operation.responses["200"])
        whole = modern(answer.get("oneOf", [answer])[0])
        for one in _alone(whole, always=True):
            if CONTRACT.response_errors(operation, 200, one.broken(sample({}, whole))):
                name, text = _said(operation, one, "answer")
                defect("schema", operation.id, text, name=name)(edit(operation.id)(one.broken))


_register()
