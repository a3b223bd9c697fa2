"""Names that only generated code knows are a class of their own: they break it, not the wire."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from tests.pipeline.diff.base import (
    ANSWER,
    BASE,
    BREAKING,
    DOCUMENTATION,
    GENERATED,
    GONE,
    NEITHER,
    POST,
    edited,
    only,
    told,
)
from tests.pipeline.diff.small import RESPONSE_SCHEMA, contract, ref, schemas

from akool_pipeline.diff import compare

CLASS = {"type": "object", "properties": {"a": {"type": "string"}}}


def test_what_breaks_says_so() -> None:
    assert [severity.breaks for severity in type(BREAKING)] == [True, True, False, False, False]


def test_a_component_that_is_renamed() -> None:
    old = contract(
        CLASS | {"properties": {"x": ref("A"), "y": ref("A")}}, components=schemas(A=CLASS)
    )
    new = contract(
        CLASS | {"properties": {"x": ref("B"), "y": ref("B")}}, components=schemas(B=CLASS)
    )
    change = only(old, new)
    assert told([change]) == [(GENERATED, "component-renamed", NEITHER)]
    assert change.message == "schema A is called B now"
    assert change.pointer == "/components/schemas/B"


def test_a_component_that_takes_the_place_of_another() -> None:
    components = schemas(A=CLASS, B=CLASS)
    old, new = (contract(response=ref(name), components=components) for name in "AB")
    change = only(old, new)
    assert told([change]) == [(GENERATED, "component-replaced", NEITHER)]
    assert change.message == "schema B takes the place of A"
    assert change.pointer == RESPONSE_SCHEMA


def test_a_schema_that_gets_a_name() -> None:
    change = only(contract(CLASS), contract(ref("A"), components=schemas(A=CLASS)))
    assert told([change]) == [(GENERATED, "component-named", NEITHER)]
    assert change.message == "an inline schema got the name A"
    assert change.pointer == "/components/schemas/A"


def test_a_schema_that_takes_a_name_there_was() -> None:
    components = schemas(A=CLASS)
    old, new = (contract(response=s, components=components) for s in (CLASS, ref("A")))
    assert [(c.severity, c.rule, c.pointer) for c in compare(old, new)] == [
        (GENERATED, "component-used", RESPONSE_SCHEMA)
    ]
    assert [(c.severity, c.rule, c.pointer) for c in compare(new, old)] == [
        (GENERATED, "component-inlined", RESPONSE_SCHEMA)
    ]


def test_a_component_that_is_written_out_is_gone() -> None:
    change = only(contract(ref("A"), components=schemas(A=CLASS)), contract(CLASS))
    assert told([change]) == [(GENERATED, "component-removed", NEITHER)]
    assert change.message == "schema A is gone"


@pytest.mark.parametrize("plain", [{"type": "string"}, {"type": "array", "items": {}}])
def test_a_name_of_what_makes_no_class_is_documentation(plain) -> None:
    named = contract(ref("A"), components=schemas(A=plain))
    change = only(contract(plain), named)
    assert told([change]) == [(DOCUMENTATION, "component-added", NEITHER)]
    assert change.message == "schema A is new"
    other = contract(plain, components=schemas(A=plain))
    assert compare(named, other) == []
    assert compare(other, named) == []


def test_a_component_that_is_no_schema_has_no_name_in_code() -> None:
    old = contract(components={"parameters": {"A": {"in": "query", "name": "a", "schema": {}}}})
    for one, other, rule in (
        (old, contract(), "component-removed"),
        (contract(), old, "component-added"),
    ):
        change = only(one, other)
        assert told([change]) == [(DOCUMENTATION, rule, NEITHER)]
        assert change.message.startswith("A of components.parameters is ")


def test_moving_a_schema_into_a_component_changes_nothing_on_the_wire() -> None:
    status = BASE["components"]["schemas"]["Answer"]["properties"]["status"]
    new = edited(
        BASE,
        {
            "/components/schemas/Status": status,
            ANSWER + "/properties/status": {"$ref": "#/components/schemas/Status"},
        },
    )
    assert {change.severity for change in compare(BASE, new)} == {GENERATED}


class TestNamesOfValues:
    def using(self, values: list[Any], names: Any, key: str = "x-enum-varnames") -> dict[str, Any]:
        named = {} if names is None else {key: names}
        return contract(response={"type": "integer", "enum": values} | named)

    @pytest.mark.parametrize("key", ["x-enum-varnames", "x-enumNames", "x-enum-names"])
    def test_another_name_of_a_value_breaks_generated_code(self, key) -> None:
        old, new = (self.using([1, 2], ["A", name], key) for name in "BC")
        change = only(old, new)
        assert told([change]) == [(GENERATED, "enum-name-changed", NEITHER)]
        assert change.message == "value 2 is called C, was B"
        assert change.pointer == f"{RESPONSE_SCHEMA}/{key}"

    def test_names_that_come_or_go_break_generated_code(self) -> None:
        bare, named = self.using([1], None), self.using([1], ["A"])
        assert only(bare, named).message == "value 1 is called A, was by itself"
        assert only(named, bare).message == "value 1 is called by itself, was A"

    def test_names_move_with_their_values(self) -> None:
        assert compare(self.using([1, 2], ["A", "B"]), self.using([2, 1], ["B", "A"])) == []

    def test_a_value_more_with_its_name_is_no_other_name(self) -> None:
        changes = compare(self.using([1], ["A"]), self.using([1, 2], ["A", "B"]))
        assert [c.rule for c in changes] == ["enum-value-added"]


@pytest.mark.parametrize(
    ("edits", "rule", "message"),
    [
        (
            {POST + "/operationId": "send"},
            "operation-id-changed",
            "operationId submit became send: functions change name",
        ),
        (
            {POST + "/operationId": GONE},
            "operation-id-changed",
            "operationId submit became none: functions change name",
        ),
        ({POST + "/tags": ["Jobs", "A"]}, "tags-changed", "tags none became Jobs, A"),
    ],
)
def test_names_of_functions_and_modules(edits, rule, message) -> None:
    change = only(BASE, edited(BASE, edits))
    assert told([change]) == [(GENERATED, rule, NEITHER)]
    assert change.message == message


def test_an_operation_id_that_comes_changes_a_name_that_was_made_up() -> None:
    old = edited(BASE, {POST + "/operationId": GONE})
    change = only(old, BASE)
    assert change.pointer == POST + "/operationId"
    assert change.message == "operationId none became submit: functions change name"


def test_the_first_tag_names_the_module_and_the_order_of_the_rest_nothing() -> None:
    one, turned, rest = (contract() for _ in range(3))
    for document, tags in (
        (one, ["A", "B", "C"]),
        (turned, ["B", "A", "C"]),
        (rest, ["A", "C", "B"]),
    ):
        document["paths"]["/swap"]["post"]["tags"] = tags
    assert [c.rule for c in compare(one, turned)] == ["tags-changed"]
    assert compare(one, rest) == []


def test_the_name_of_a_path_parameter_is_that_of_an_argument() -> None:
    new = copy.deepcopy(BASE)
    item = new["paths"].pop("/jobs/{id}")
    item["parameters"][0]["name"] = "job"
    new["paths"]["/jobs/{job}"] = item
    change = only(BASE, new)
    assert told([change]) == [(GENERATED, "parameter-renamed", NEITHER)]
    assert change.message == "path parameter id is called job now"


def test_path_parameters_are_known_by_their_position() -> None:
    def using(path: str, *names: str) -> dict[str, Any]:
        document = contract()
        operation = document["paths"].pop("/swap")["post"]
        operation["parameters"] = [
            {"in": "path", "name": name, "required": True, "schema": {"type": kind}}
            for name, kind in zip(names, ("string", "integer"), strict=True)
        ]
        document["paths"][path] = {"post": operation}
        return document

    changes = compare(using("/{a}/{b}", "a", "b"), using("/{b}/{a}", "a", "b"))
    assert sorted({c.rule for c in changes}) == ["parameter-renamed", "type-changed"]
    changes = compare(using("/{a}/{b}", "a", "b"), using("/{b}/{a}", "b", "a"))
    assert {c.rule for c in changes} == {"parameter-renamed"}
