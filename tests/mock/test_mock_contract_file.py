"""`mock --contract` takes what `akool-faceswap contract build` writes, in either form."""

from __future__ import annotations

import json
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_mock import MockError
from akool_mock._contract.compiled import Contract
from akool_mock._contract.file import contract_at, read_contract
from akool_openapi import json_path, load, yaml_path


def test_the_yaml_that_is_built_is_the_same_contract_as_the_json() -> None:
    assert yaml_path().suffix == ".yaml"
    assert read_contract(yaml_path().read_bytes()) == load()
    assert read_contract(json_path().read_bytes()) == load()


def test_keys_and_dates_are_texts_as_in_json() -> None:
    found = read_contract(b"paths: {/a: {get: {responses: {200: {example: 2023-08-15}}}}}")
    assert json.loads(json.dumps(found)) == found
    assert found["paths"]["/a"]["get"]["responses"] == {"200": {"example": "2023-08-15"}}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"[1]", "not an OpenAPI document"),
        (b"a: [", "neither JSON nor YAML"),
        (b"\xff\xfe\x00", "neither JSON nor YAML"),
        (b"!!python/object:os.system {}", "neither JSON nor YAML"),
    ],
)
def test_what_is_no_contract_is_told_in_one_line(raw: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        read_contract(raw)
    assert "\n" not in str(caught.value)


def test_without_a_yaml_reader_the_json_form_is_pointed_at(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ValueError, match="give the JSON that is built beside it"):
        read_contract(b"openapi: 3.0.3")


SCHEMAS = st.sampled_from(
    [
        ({"type": "strin"}, "/type: JSON Schema does not allow 'strin' there"),
        ({"minLength": -4}, "/minLength: JSON Schema does not allow -4 there"),
        ({"pattern": "[a"}, "/pattern: JSON Schema does not allow '[a' there"),
        ({"required": True}, "/required: JSON Schema does not allow True there"),
        ({"properties": {"schema": {"items": 3}}}, "/properties/schema/items: "),
    ]
)
BESIDE = {"description": "OK"}
PLACES = {
    "/components/schemas/Thing": lambda schema: {"components": {"schemas": {"Thing": schema}}},
    "/components/parameters/schema/schema": lambda schema: {
        "components": {"parameters": {"schema": {"name": "a", "in": "query", "schema": schema}}}
    },
    "/paths/~1a/get/parameters/0/schema": lambda schema: {
        "paths": {
            "/a": {
                "get": {
                    "parameters": [{"name": "a", "in": "query", "schema": schema}],
                    "responses": {"200": BESIDE},
                }
            }
        }
    },
    "/paths/~1a/post/requestBody/content/application~1json/schema": lambda schema: {
        "paths": {
            "/a": {
                "post": {
                    "requestBody": {"content": {"application/json": {"schema": schema}}},
                    "responses": {"200": BESIDE},
                }
            }
        }
    },
    "/paths/~1a/get/responses/200/headers/schema/schema": lambda schema: {
        "paths": {
            "/a": {
                "get": {"responses": {"200": {**BESIDE, "headers": {"schema": {"schema": schema}}}}}
            }
        }
    },
}


@given(st.sampled_from(sorted(PLACES)), SCHEMAS, st.sampled_from(["3.0.3", "3.1.0"]))
def test_a_schema_that_is_none_is_told_with_its_place_before_anything_is_served(
    tmp_path_factory, place, case, version
) -> None:
    schema, told = case
    document = {"openapi": version, "paths": {}, **PLACES[place](schema)}
    where = f"{place}{told}"
    file = tmp_path_factory.mktemp("contract") / "bad.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(MockError, match=re.escape(where)) as caught:
        contract_at(file)
    assert "\n" not in str(caught.value)
    with pytest.raises(MockError, match=re.escape(where)):
        Contract(document)


def test_names_and_data_are_not_taken_for_schemas() -> None:
    document = {
        "openapi": "3.0.3",
        "x-note": {"schema": {"type": 5}},
        "paths": {},
        "components": {
            "parameters": {"schema": {"name": "a", "in": "query", "required": True}},
            "schemas": {"A": {"example": {"schema": {"type": 5}}, "nullable": True, "enum": [1]}},
        },
    }
    assert Contract(document).operations == {}


LOST = st.sampled_from(
    [
        ({"$ref": "#/components/schemas/Gone"}, "/$ref: #/components/schemas/Gone leads nowhere"),
        ({"items": {"$ref": "#/paths/~1b"}}, "/items/$ref: #/paths/~1b leads nowhere"),
        ({"properties": {"enum": {"$ref": "#/no"}}}, "/properties/enum/$ref: #/no leads nowhere"),
        ({"allOf": [{"$ref": "b.yaml#/A"}]}, "/allOf/0/$ref: only references inside the contract"),
    ]
)


@given(st.sampled_from(sorted(PLACES)), LOST, st.sampled_from(["3.0.3", "3.1.0"]))
def test_a_reference_to_nowhere_is_told_with_its_place_before_anything_is_served(
    place, case, version
) -> None:
    schema, told = case
    document = {"openapi": version, "paths": {}, **PLACES[place](schema)}
    with pytest.raises(MockError, match=re.escape(f"{place}{told}")):
        Contract(document)


def test_references_that_only_lead_to_each_other_are_told() -> None:
    schemas = {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}
    document = {"openapi": "3.0.3", "paths": {}, "components": {"schemas": schemas}}
    with pytest.raises(MockError, match=r"schemas/A/\$ref: an endless chain of references"):
        Contract(document)


def test_what_only_looks_like_a_reference_is_none() -> None:
    schemas = {
        "A": {
            "properties": {"$ref": {"type": "string"}, "self": {"$ref": "#/components/schemas/A"}},
            "example": {"$ref": "#/nowhere"},
            "x-note": {"$ref": "#/nowhere"},
        }
    }
    document = {"openapi": "3.0.3", "paths": {}, "components": {"schemas": schemas}}
    assert Contract(document).operations == {}
