"""What is only spelled otherwise is no change."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from tests.pipeline.diff.base import BASE, DOCUMENTATION, edited
from tests.pipeline.diff.small import contract, ref, schemas

from akool_pipeline.diff import compare
from akool_pipeline.documents.pointer import resolve

TEXT = {"type": "string"}

SCHEMAS: dict[str, tuple[Any, Any]] = {
    "nullable and the type null": (
        {"type": "string", "nullable": True},
        {"type": ["string", "null"]},
    ),
    "one type and a list of one": (TEXT, {"type": ["string"]}),
    "nullable beside a reference": (
        {"allOf": [ref("A")], "nullable": True},
        {"oneOf": [ref("A"), {"type": "null"}]},
    ),
    "nullable beside alternatives": (
        {"oneOf": [ref("A"), ref("B")], "nullable": True},
        {"oneOf": [ref("A"), ref("B"), {"type": "null"}]},
    ),
    "null in anyOf and in oneOf": (
        {"anyOf": [TEXT, {"type": "null"}]},
        {"oneOf": [{"type": ["null"]}, TEXT]},
    ),
    "null as the one value of an enum": (
        {"anyOf": [TEXT, {"enum": [None]}]},
        {"type": ["string", "null"]},
    ),
    "an enum that may be null": (
        {"type": "string", "nullable": True, "enum": ["a"]},
        {"type": ["string", "null"], "enum": ["a", None]},
    ),
    "null in the enum of what is never null": (
        {"type": "string", "enum": ["a", None]},
        {"type": "string", "enum": ["a"]},
    ),
    "an enum of one and const": ({"enum": ["a"]}, {"const": "a"}),
    "a flag and a limit that excludes itself": (
        {"type": "number", "minimum": 5, "exclusiveMinimum": True},
        {"type": "number", "exclusiveMinimum": 5},
    ),
    "an upper one too": (
        {"type": "number", "maximum": 5, "exclusiveMaximum": True},
        {"type": "number", "exclusiveMaximum": 5},
    ),
    "more than 4 and at least 5 of integers": (
        {"type": "integer", "exclusiveMinimum": 4},
        {"type": "integer", "minimum": 5},
    ),
    "less than 5 and at most 4 of integers": (
        {"type": ["integer", "null"], "exclusiveMaximum": 5},
        {"type": ["integer", "null"], "maximum": 4.5},
    ),
    "5 and 5.0": (
        {"type": "number", "minimum": 5, "enum": [7], "default": 7, "multipleOf": 1},
        {"type": "number", "minimum": 5.0, "enum": [7.0], "default": 7.0, "multipleOf": 1.0},
    ),
    "at least none": (
        {"type": "array", "minItems": 0, "uniqueItems": False},
        {"type": "array"},
    ),
    "a flag that is not set": (
        {"type": "object", "deprecated": False, "nullable": False},
        {"type": "object"},
    ),
    "anything else is allowed": (
        {"type": "object", "additionalProperties": True, "unevaluatedProperties": {}},
        {"type": "object"},
    ),
    "a list of anything": ({"type": "array", "items": {}}, {"type": "array"}),
    "nothing is allowed": (
        {"type": "object", "additionalProperties": False},
        {"type": "object", "additionalProperties": {"not": {}}},
    ),
    "order of an enum, of required, of types": (
        {"type": ["string", "null"], "enum": ["a", "b", None], "required": ["x", "y"]},
        {"type": ["null", "string"], "enum": [None, "b", "a"], "required": ["y", "x"]},
    ),
    "an example and a list of one": (
        {"type": "string", "example": "a"},
        {"type": "string", "examples": ["a"]},
    ),
    "base64 and byte": (
        {"type": "string", "format": "byte"},
        {"type": "string", "contentEncoding": "base64"},
    ),
    "raw content and binary": (
        {"type": "string", "format": "binary"},
        {"type": "string", "contentMediaType": "application/octet-stream"},
    ),
    "one part of allOf": ({"allOf": [ref("A")]}, ref("A")),
    "words beside a reference": (
        {"allOf": [ref("A")], "description": "Here"},
        ref("A", description="Here"),
    ),
    "one alternative": ({"oneOf": [ref("A")]}, ref("A")),
    "order of alternatives": (
        {"oneOf": [ref("A"), ref("B")]},
        {"oneOf": [ref("B"), ref("A")]},
    ),
    "a reference to what is a reference": (ref("Alias"), ref("A")),
    "a pointer that is percent-encoded": (
        {"$ref": "#/components/schemas/A%20b"},
        {"$ref": "#/components/schemas/A b"},
    ),
    "properties in allOf and beside it": (
        {"allOf": [{"properties": {"a": TEXT}}, {"properties": {"b": TEXT}}]},
        {"properties": {"a": TEXT, "b": TEXT}},
    ),
    "multiples in allOf": (
        {"allOf": [{"multipleOf": 4}, {"multipleOf": 6}]},
        {"multipleOf": 12},
    ),
    "words broken into other lines": (
        {"description": "Must be\n  an image."},
        {"description": "Must be an image."},
    ),
}
COMPONENTS = schemas(
    A={"type": "object", "properties": {"a": TEXT}},
    B={"type": "object", "properties": {"b": TEXT}},
    Alias=ref("A"),
    **{"A b": TEXT},
)


@pytest.mark.parametrize(("one", "other"), SCHEMAS.values(), ids=SCHEMAS)
@pytest.mark.parametrize("is_request", [True, False], ids=["request", "response"])
def test_two_spellings_of_a_schema_are_the_same(one, other, is_request) -> None:
    def using(schema: Any) -> dict[str, Any]:
        return contract(
            request=schema if is_request else None,
            response=None if is_request else schema,
            components=COMPONENTS,
        )

    assert compare(using(one), using(other)) == []
    assert compare(using(other), using(one)) == []


def parameter(**keys: Any) -> dict[str, Any]:
    return contract(parameters=[{"in": "query", "name": "q", "schema": {"type": "array"}} | keys])


OTHERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "style and explode written out": (parameter(), parameter(style="form", explode=True)),
    "flags written out": (
        parameter(),
        parameter(required=False, allowReserved=False, allowEmptyValue=False, deprecated=False),
    ),
    "style of a header written out": (
        parameter(**{"in": "header"}),
        parameter(**{"in": "header"}, style="simple", explode=False),
    ),
    "style of a cookie written out": (
        parameter(**{"in": "cookie"}),
        parameter(**{"in": "cookie"}, style="form"),
    ),
    "explode of what is no list": (
        parameter(schema={"type": "string"}),
        parameter(schema={"type": "string"}, explode=False),
    ),
    "letters of the key's header": (
        BASE,
        edited(BASE, {"/components/securitySchemes/Key/name": "X-API-Key"}),
    ),
    "letters of an HTTP scheme": (
        BASE,
        edited(BASE, {"/components/securitySchemes/Token/scheme": "Bearer"}),
    ),
    "order of ways in": (BASE, edited(BASE, {"/security": [{"Token": []}, {"Key": []}]})),
    "the document's own server written out": (
        BASE,
        edited(BASE, {"/paths/~1jobs/post/servers": [{"url": "https://api.example"}]}),
    ),
    "letters and port of a server": (
        BASE,
        edited(BASE, {"/servers/0/url": "HTTPS://API.example:443/"}),
    ),
    "no server and the server /": (contract(), contract(servers=[{"url": "/"}])),
    "no security and none": (contract(), contract(security=[])),
    "effect written out": (contract(), contract(x_effect="spends")),
    "a body that is not needed": (
        contract(requestBody={"content": {}}),
        contract(requestBody={"content": {}, "required": False}),
    ),
}


@pytest.mark.parametrize(("one", "other"), OTHERS.values(), ids=OTHERS)
def test_two_spellings_are_the_same(one, other) -> None:
    assert compare(one, other) == []
    assert compare(other, one) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("application/json", "application/json; charset=utf-8"),
        ("application/json", 'Application/JSON;charset="UTF-8"'),
        ("application/vnd.a+json", "application/vnd.a+json;charset=utf-8"),
        ("text/plain; charset=utf-8; format=flowed", "text/plain;format=flowed;CHARSET=UTF-8"),
    ],
)
def test_two_spellings_of_a_media_type_are_the_same(one, other) -> None:
    def using(media: str) -> dict[str, Any]:
        return contract(requestBody={"content": {media: {"schema": TEXT}}})

    assert compare(using(one), using(other)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("text/plain", "text/plain; charset=utf-8"),
        ("application/json", "application/json; charset=latin-1"),
        ("application/json", "application/json; profile=a"),
        ("application/json; profile=A", "application/json; profile=a"),
    ],
)
def test_other_parameters_of_a_media_type_do_matter(one, other) -> None:
    def using(media: str) -> dict[str, Any]:
        return contract(requestBody={"content": {media: {"schema": TEXT}}})

    rules = {change.rule for change in compare(using(one), using(other))}
    assert rules == {"media-type-removed", "media-type-added"}


@pytest.mark.parametrize(
    "wrapped",
    [
        ref("Read"),
        {"allOf": [ref("Read")]},
        {"allOf": [{"type": "string"}, {"readOnly": True}]},
        {"type": "string", "readOnly": True},
        ref("Text", readOnly=True),
    ],
)
def test_what_only_the_service_sends_may_become_required(wrapped) -> None:
    components = schemas(Read={"type": "string", "readOnly": True}, Text=TEXT)
    schema = {"type": "object", "properties": {"id": wrapped, "a": TEXT}}
    old = contract(schema, components=components)
    assert compare(old, contract(schema | {"required": ["id"]}, components=components)) == []
    assert compare(old, contract(schema | {"required": ["a"]}, components=components)) != []


def test_a_reserved_character_may_be_sent_either_way() -> None:
    old, new = parameter(), parameter(allowReserved=True)
    assert {c.severity for c in [*compare(old, new), *compare(new, old)]} == {DOCUMENTATION}


def test_a_security_scheme_may_get_another_name() -> None:
    new = copy.deepcopy(BASE)
    schemes = new["components"]["securitySchemes"]
    schemes["ApiKey"] = schemes.pop("Key")
    new["security"] = [{"ApiKey": []}, {"Token": []}]
    assert {change.severity for change in compare(BASE, new)} == {DOCUMENTATION}


def test_the_version_of_openapi_itself_is_documentation() -> None:
    changes = compare(contract(version="3.0.3"), contract())
    assert [(c.severity, c.pointer) for c in changes] == [(DOCUMENTATION, "/openapi")]


def test_a_contract_is_the_same_whatever_the_order_of_its_keys() -> None:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(value)}
        return [turned(v) for v in value] if isinstance(value, list) else value

    assert compare(BASE, turned(BASE)) == []


@pytest.mark.parametrize("place", ["/paths/~1jobs/post", "/paths/~1jobs~1{id}"])
def test_what_stands_under_a_path_may_stand_in_a_component(place: str) -> None:
    path = place.split("/")[2].replace("~1", "/")
    new = copy.deepcopy(BASE)
    new["components"]["pathItems"] = {"Item": resolve(BASE, place.rpartition("/post")[0] or place)}
    new["paths"][path] = {"$ref": "#/components/pathItems/Item"}
    changes = compare(BASE, new)
    assert [(c.severity, c.rule) for c in changes] == [(DOCUMENTATION, "component-added")]
