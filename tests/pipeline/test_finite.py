"""A schema may contain itself as long as some finite value can fill it."""

from __future__ import annotations

from typing import Any

import pytest

from akool_pipeline.building.finite import endless
from akool_pipeline.building.validate import validate
from akool_pipeline.errors import PipelineError

SELF: dict[str, Any] = {"$ref": "#/components/schemas/A"}
OTHER: dict[str, Any] = {"$ref": "#/components/schemas/B"}


def needs(schema: Any, **more: Any) -> dict[str, Any]:
    return {"type": "object", "required": ["x"], "properties": {"x": schema}, **more}


FINITE: dict[str, dict[str, Any]] = {
    "optional": {"A": {"type": "object", "properties": {"x": SELF}}},
    "an array that may be empty": {"A": needs({"type": "array", "items": SELF})},
    "an array that must hold nothing": {
        "A": needs({"type": "array", "items": SELF, "minItems": 0})
    },
    "additional properties": {"A": {"type": "object", "additionalProperties": SELF}},
    "nullable": {"A": needs(SELF, nullable=True)},
    "null as a type": {"A": {**needs(SELF), "type": ["object", "null"]}},
    "an integer as a type": {"A": {**needs(SELF), "type": ["object", "integer"]}},
    "another branch": {"A": needs({"oneOf": [SELF, {"type": "null"}]})},
    "another schema": {"A": needs({"anyOf": [SELF, OTHER]}), "B": {"type": "string"}},
    "no type at all": {"A": {"required": ["x"], "properties": {"x": SELF}}},
    "an enum beside it": {"A": {"enum": [1], "required": ["x"], "properties": {"x": SELF}}},
    "null among its values": {
        "A": {"enum": [None, {"x": 1}], "required": ["x"], "properties": {"x": SELF}}
    },
    "a constant beside it": {"A": {"const": "a", "required": ["x"], "properties": {"x": SELF}}},
    "a tuple that is shorter": {
        "A": {"type": "array", "prefixItems": [{}, SELF], "minItems": 1, "items": SELF}
    },
    "required, but not described": {"A": {"type": "object", "required": ["y"]}},
    "nothing at all, without a circle": {
        "A": {"type": "object", "required": ["x"], "properties": {"x": False}}
    },
    "no value in an enum": {"A": {"enum": []}},
    "a tree": {
        "A": {
            "type": "object",
            "required": ["id", "parts"],
            "properties": {"id": {"type": "integer"}, "parts": {"type": "array", "items": SELF}},
        }
    },
    "two that end in each other": {
        "A": needs(OTHER),
        "B": {"anyOf": [{"type": "boolean"}, SELF]},
    },
    "a circle only through one that is impossible anyway": {"A": {"allOf": [SELF, False]}},
}
ENDLESS: dict[str, dict[str, Any]] = {
    "required": {"A": needs(SELF)},
    "required through additional properties": {
        "A": {"type": "object", "required": ["y"], "additionalProperties": SELF}
    },
    "an array with an item": {"A": {"type": "array", "items": SELF, "minItems": 1}},
    "a tuple": {"A": {"type": "array", "prefixItems": [{}, SELF], "minItems": 2}},
    "a tuple and more": {"A": {"type": "array", "prefixItems": [{}], "items": SELF, "minItems": 2}},
    "all of": {"A": {"allOf": [needs(SELF)]}},
    "a type of it": {
        "A": {"type": "object", "allOf": [OTHER]},
        "B": {"anyOf": [{"type": "string"}, needs(SELF)]},
    },
    "every branch": {
        "A": {"oneOf": [needs(SELF), {"type": "array", "items": SELF, "minItems": 1}]}
    },
    "an enum of another type": {
        "A": {"enum": [{"x": 1}], "required": ["x"], "properties": {"x": SELF}}
    },
    "a constant object": {"A": {"const": {}, "required": ["x"], "properties": {"x": SELF}}},
    "several types, all endless": {
        "A": {**needs(SELF), "type": ["object", "array"], "items": SELF, "minItems": 1}
    },
    "a reference with more beside it": {"A": {**needs({**SELF, "title": "A"})}},
}


def told(schemas: dict[str, Any]) -> list[tuple[str, list[str]]]:
    used = {"User": {"properties": {"a": SELF, "b": OTHER if "B" in schemas else {}}}}
    return list(endless({"components": {"schemas": schemas | used}}))


@pytest.mark.parametrize("schemas", FINITE.values(), ids=FINITE.keys())
def test_what_can_end_is_lawful(schemas: dict[str, Any]) -> None:
    assert told(schemas) == []


@pytest.mark.parametrize("schemas", ENDLESS.values(), ids=ENDLESS.keys())
def test_what_cannot_end_is_told(schemas: dict[str, Any]) -> None:
    assert told(schemas) == [("/components/schemas/A", ["A", "A"])]


def test_a_circle_of_three_is_told_once_and_from_its_first() -> None:
    names = {"A": "C", "C": "B", "B": "A", "D": "B"}
    schemas = {n: needs({"$ref": f"#/components/schemas/{to}"}) for n, to in names.items()}
    assert told(schemas) == [("/components/schemas/A", ["A", "C", "B", "A"])]


def test_a_schema_inside_another_may_be_the_circle() -> None:
    inner = {"$ref": "#/components/schemas/A/properties/x"}
    schemas = {"A": {"type": "object", "properties": {"x": needs(inner)}}}
    found = list(endless({"components": {"schemas": schemas}}))
    assert found == [("/components/schemas/A/properties/x", ["x", "x"])]


def document(**components: Any) -> dict[str, Any]:
    return {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "paths": {},
        "components": components,
    }


def faults(data: dict[str, Any]) -> list[str]:
    try:
        validate(data, "whole", lambda place: ("f", 7) if "/schemas/A" in place else (None, None))
    except PipelineError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_a_tree_is_valid() -> None:
    assert faults(document(schemas=FINITE["a tree"])) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            document(responses={"A": {"$ref": "#/components/responses/A"}}),
            "whole: #/components/responses/A: the reference leads back to itself",
        ),
        (
            document(schemas={"A": OTHER, "B": SELF}),
            "f:7: #/components/schemas/A: the reference leads back to itself",
        ),
        (
            document(schemas={"A": {"$ref": "#/nowhere"}}),
            "f:7: #/components/schemas/A: $ref to nowhere: #/nowhere is not in this document",
        ),
        (
            document(schemas={"A": {"$ref": "other.yaml"}}),
            "f:7: #/components/schemas/A: $ref to another document (other.yaml)",
        ),
        (
            document(schemas={"A": {"discriminator": {"mapping": {"a": "B"}}}}),
            "f:7: #/components/schemas/A/discriminator/mapping/a: the mapping names no schema",
        ),
        (
            document(
                schemas={"A": {"discriminator": {"mapping": {"a": "#/components/schemas/B"}}}}
            ),
            "f:7: #/components/schemas/A/discriminator/mapping/a: the mapping names no schema",
        ),
        (
            document(schemas={"A": {"discriminator": {"mapping": {"a": 1}}}}),
            "f:7: #/components/schemas/A/discriminator/mapping/a: a discriminator's mapping must",
        ),
        (document(schemas={"A": needs(SELF)}), "f:7: #/components/schemas/A: no finite value can"),
        (
            document(schemas={"A": {"type": "strange"}}),
            "f:7: #/components/schemas/A/type: not valid OpenAPI: 'strange' is not one of",
        ),
        (
            document(schemas={"A": {"oneOf": [{"type": "string"}, {"minimum": "3"}]}}),
            "f:7: #/components/schemas/A/oneOf/1/minimum: not valid OpenAPI: '3' is not of type",
        ),
    ],
)
def test_what_cannot_be_used_is_told_with_its_place(data: dict[str, Any], message: str) -> None:
    found = faults(data)
    assert found[0].startswith(message)
    assert all(len(fault) < 600 for fault in found)


def test_every_wrong_schema_of_a_body_is_told_by_itself() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "int"}, "b": {"oneOf": [{"minLength": "1"}]}},
    }
    pointers = ["/properties/a/type", "/properties/b/oneOf/0/minLength"]
    found = faults(document(schemas={"A": schema}))
    assert [fault.split(": ")[1] for fault in found] == [
        f"#/components/schemas/A{pointer}" for pointer in pointers
    ]


BODY = {"application/json": {"schema": {"properties": {"x": {"examples": {"not": "a list"}}}}}}
ANSWERS = {"200": {"description": "Yes."}}


@pytest.mark.parametrize(
    ("operation", "place"),
    [
        ({"requestBody": {"content": BODY}}, "/requestBody"),
        ({"responses": {"200": {"description": "Yes.", "content": BODY}}}, "/responses/200"),
        (
            {"responses": {"200": {"description": "Yes.", "headers": {"X": {"content": BODY}}}}},
            "/responses/200/headers/X",
        ),
        (
            {"callbacks": {"c": {"{$url}": {"post": {"requestBody": {"content": BODY}}}}}},
            "/callbacks/c/{$url}/post/requestBody",
        ),
    ],
)
def test_a_wrong_schema_of_3_1_is_told_with_its_whole_place(operation, place) -> None:
    paths = {"/a": {"post": {"operationId": "a", "responses": ANSWERS, **operation}}}
    info = {"title": "t", "version": "1"}
    found = faults({"openapi": "3.1.0", "info": info, "paths": paths})
    inner = "/content/application~1json/schema/properties/x/examples"
    assert [fault.split(": ")[1] for fault in found] == [f"#/paths/~1a/post{place}{inner}"]


def test_wrong_schemas_of_3_1_are_told_in_the_order_of_their_places() -> None:
    """By chance once: in an order that was another in each process."""
    properties = {f"p{number}": {"type": "odd", "enum": number} for number in range(5)}
    data = document(schemas={"A": {"properties": properties}}) | {"openapi": "3.1.0"}
    pointers = [fault.split(": ")[1] for fault in faults(data)]
    assert len(pointers) == 10
    assert pointers == sorted(pointers)


def test_a_mapping_by_name_and_by_reference_is_followed() -> None:
    mapping = {"a": "A", "b": "#/components/schemas/%41"}
    holder = {"propertyName": "k", "mapping": mapping}
    schema = {"type": "object", "discriminator": holder}
    assert faults(document(schemas={"A": schema})) == []


def test_a_long_message_of_the_validator_is_cut() -> None:
    found = faults(document(schemas={"A": {"type": "x" * 1000}}))
    assert found[0].endswith("…")
    assert len(found[0]) < 400
