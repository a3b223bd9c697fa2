"""Defects that are derived from the contract by deleting one constraint.

A server without a check accepts what only that constraint forbids; a server without a guarantee
answers what the constraint forbids. A constraint makes no defect if others forbid the same, or if
an answer need not have the member: nothing would show it.
"""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema_rs

import akool_openapi
from akool_contract._wire.contract import Contract
from akool_contract.oracle.credentials import Credentials
from akool_contract.oracle.samples import Pictures, sample_body
from akool_contract_proof.mutants._kit import defect, edit, operation_of, value
from akool_mock import sample
from akool_openapi.dialect import modern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from akool_contract._wire.contract import Operation
    from akool_contract._wire.http import Request, Response, Upstream

CONTRACT = Contract(akool_openapi.load())
EACH, GONE = "*", object()
"""In a path: every element of an array, every value of a map. And the value of a missing member."""
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
"""By keyword of JSON Schema: makes a value that breaks it, from the rule and the valid value."""


OPEN = {
    "opts-pattern": "How strictly points are read is not said.",
    "webhookUrl-pattern": "Whether an address is looked at before it is called is not said.",
    "target_face_info-minProperties": "What an empty one means is not said.",
    "detectFacesLegacy-single_face-required": "Clients that leave it out are answered.",
}
"""Constraints of requests that a correct server need not make, by the end of the name."""


class Constraint(NamedTuple):
    """One rule, at all places with the same rule: both face arrays have the same rules.

    Attributes:
        paths: where it holds in a value.
        keyword: of JSON Schema.
        rule: what the keyword says; for `required` one of the members.
        less: the whole schema without it.
    """

    paths: Sequence[tuple[str, ...]]
    keyword: str
    rule: Any
    less: Any

    def broken(self, good: Any) -> Any:  # noqa: ANN401 - JSON
        """A value with the constraint broken wherever it holds."""
        for path in self.paths:
            if self.keyword == "required":
                good = _put(good, (*path, self.rule), lambda _: GONE)
            else:
                good = _put(good, path, lambda now: BREAKS[self.keyword](self.rule, now))
        return good


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


class _Place(NamedTuple):
    at: tuple[str | int, ...]
    """In the schema."""
    path: tuple[str, ...]
    """In a value."""
    node: Any
    keyword: str
    member: str = ""

    def same(self) -> str:
        """A key that is equal for places with the same rule: all but texts for people."""
        words = {"description", "example", "default", "title"}
        rules = {key: part for key, part in self.node.items() if key not in words}
        return json.dumps([self.keyword, self.member, rules], sort_keys=True)


def _places(
    node: Any,  # noqa: ANN401 - JSON
    at: tuple[str | int, ...] = (),
    path: tuple[str, ...] = (),
    *,
    always: bool,
) -> Iterator[_Place]:
    # What is no object is not looked at as JSON.
    yield from (_Place(at, path, node, key) for key in BREAKS if path and key in node)
    required = node.get("required", [])
    yield from (_Place(at, path, node, "required", name) for name in required)
    inside = [
        (part, (*at, "properties", name), (*path, name))
        for name, part in node.get("properties", {}).items()
        if name in required or not always
    ]
    inside += [(part, (*at, "allOf", n), path) for n, part in enumerate(node.get("allOf", ()))]
    inside += [
        (node[key], (*at, key), (*path, EACH))
        for key in ("items", "additionalProperties")
        if isinstance(node.get(key), dict)
    ]
    for part, where, there in inside:
        yield from _places(part, where, there, always=always)


def constraints(whole: Any, *, always: bool) -> Iterator[Constraint]:  # noqa: ANN401 - JSON
    """Every constraint of a schema; `always`: only those on members that every value has."""
    groups: dict[str, list[_Place]] = {}
    for place in _places(whole, always=always):
        groups.setdefault(place.same(), []).append(place)
    for group in groups.values():
        less = copy.deepcopy(whole)
        for place in group:
            node = less
            for step in place.at:
                node = node[step]
            if place.member:
                node["required"].remove(place.member)
            else:
                del node[place.keyword]
        first = group[0]
        rule = first.member or first.node[first.keyword]
        yield Constraint([place.path for place in group], first.keyword, rule, less)


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
    place = ".".join([*one.paths[0], *member])
    text = f"{where}: `{place}` is held to no `{one.keyword}`"
    return f"{where}-{operation.id}-{place}-{one.keyword}", text


def _unchecked(operation: Operation, whole: Any, less: Any) -> Callable[[Upstream], Upstream]:  # noqa: ANN401 - JSON
    """A server that accepts what only the constraint forbids."""
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
                if name.endswith(tuple(OPEN)):
                    continue
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
