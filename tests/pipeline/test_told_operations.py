"""What is made of a contract with much in it, as it is made today: `told_operations.txt`.

A record, as `told.txt` is one: what the generator is given, the table of operations and the raw
methods. `python -m tests.pipeline.test_told_operations` writes it anew; read what changed in it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.pipeline.test_references import JOB, code
from tests.pipeline.test_told_generating import OTHERWISE_FINE, contract, parsed, refers

from akool_pipeline.documents.document import Document
from akool_pipeline.errors import PipelineError
from akool_pipeline.generating import prepare, raw, table

if TYPE_CHECKING:
    from collections.abc import Iterator

TOLD = Path(__file__).with_name("told_operations.txt")
TEXT = {"type": "string"}
OK = {"responses": {"200": {"description": "d"}}}


def body(schema: Any, *media: str) -> dict[str, Any]:
    kinds = media or ("application/json",)
    return {"description": "d", "content": {kind: {"schema": schema} for kind in kinds}}


def state(**schema: Any) -> dict[str, Any]:
    inner = {"type": "object", "properties": {"ok": schema}}
    return {"type": "object", "properties": {"state": inner}}


def plenty() -> dict[str, Any]:
    """A contract of 3.1 in which most things are said in more than one way."""
    schemas: dict[str, Any] = {
        "Yes": True,
        "No": False,
        "Thrice": {"enum": ["asc", "ASC", "Asc", "aSc"]},
        "Named": {"enum": [1, 2, 3, 4], "x-enum-varnames": ["1st", "", "-", "☃ x"]},
        "Flag": {"type": "boolean", "enum": [True]},
        "Conditions": {
            "type": "object",
            "properties": {"a": TEXT},
            "oneOf": [
                {"required": ["a"]},
                {
                    "required": [],
                    "not": {},
                    "minProperties": 1,
                    "maxProperties": 2,
                    "description": "d",
                    "title": "t",
                },
            ],
        },
        "Choice": {"properties": {"a": TEXT}, "anyOf": [True, {"required": ["a"]}]},
        "Base": {"type": "object", "required": ["a"], "properties": {"a": TEXT}},
        "EitherType1": TEXT,
        "EitherType1_2": TEXT,
        "Either": {
            "oneOf": [
                refers("Base"),
                {"allOf": [refers("Base"), {"type": "object", "properties": {"b": TEXT}}]},
                {"allOf": [True, {"type": "object"}]},
                True,
            ]
        },
        "Any": {"anyOf": [{"allOf": [refers("Base")]}, {"allOf": [{"type": "object"}]}]},
        "Good": state(**{"$ref": "#/components/schemas/Fine"}),
        "Fine": {"const": "yes"},
        "Bad": state(enum=["no", "never"]),
        "Silent": state(enum=[False]),
        "Open": {"type": "object", "properties": {"state": True}},
        "Pair": {"oneOf": [refers("Good"), refers("Bad")]},
    }
    envelope = {"success": "$response.body#/state/ok == 'yes'", "code": "/code", "text": "/why"}
    job = {**JOB, "poll": {**JOB["poll"], "operationId": "poll"}}
    return {
        "components": {"schemas": schemas, "callbacks": {"c": {}}},
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "https://b.example"}, {"url": "https://c.example"}],
        "x-business-codes": [code(1, retryable=True, operations=[])],
        "x-envelope": envelope,
        "paths": {
            "/start": {
                "post": {
                    "operationId": "start",
                    "servers": [{"url": "https://d.example"}],
                    "x-job": job,
                    "x-price": {"credits": 2},
                    "x-effect": "spends",
                    "responses": {
                        "404": body(refers("Bad")),
                        "200": body(refers("Pair")),
                        "201": body(refers("Base")),
                    },
                },
                "get": {
                    "operationId": "poll",
                    "responses": {"204": {"description": "d"}, "200": body({"type": "string"})},
                },
            },
            "/pair": {
                "get": {"operationId": "1st", "responses": {"200": body(refers("Pair"))}},
                "put": {
                    "responses": {
                        "200": body({"oneOf": [refers("Bad"), {"anyOf": [refers("Good")]}]}),
                        "201": body(refers("Bad")),
                    }
                },
            },
            "/{one}/two": {
                "parameters": [{"name": "one", "in": "path", "required": True, "schema": TEXT}],
                "get": {"responses": {"200": body(refers("Open"), "*/*", "text/plain")}},
                "put": {
                    "responses": {"200": body({"anyOf": [refers("Good"), refers("Open")]})},
                    "requestBody": {"content": {"multipart/form-data": {"schema": refers("Base")}}},
                },
                "delete": {
                    "x-envelope": {"success": "$response.body#/state == 'done'"},
                    "responses": {"200": body({"anyOf": [refers("Good"), {"const": 1}]})},
                },
            },
        },
    }


def lone() -> dict[str, Any]:
    """A contract without components, one place of which refers to another."""
    there = {"$ref": "#/paths/~1a/get/responses/200/content/application~1json/schema"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/a": {"get": {"responses": {"200": body({"type": "object", "properties": {}})}}},
            "/b": {"get": {"operationId": "b", "responses": {"200": body(there)}}},
        },
    }


def made(data: dict[str, Any]) -> Iterator[str]:
    prepared = prepare.prepare(data)
    yield from (f"{key} | {json.dumps(value)}" for key, value in prepared.items())
    document = Document("contract.yaml", data)
    found = parsed(document)
    yield table.source(document, found).partition("SERVER")[2]
    before, _, methods = raw.source(document, found).partition("if TYPE_CHECKING:")
    assert "{" not in before.partition('"""')[0]
    yield methods.partition("class AsyncRawOperations")[0]
    yield from map(str, found.left_out)


def lines() -> str:
    paths = {"paths": {"/a": OTHERWISE_FINE}}
    contracts = (plenty(), lone(), contract({}).data | paths)
    return "\n".join([line for data in contracts for line in made(data)] + [""])


def test_what_is_made_is_that_of_the_record() -> None:
    anew = "`python -m tests.pipeline.test_told_operations` writes it; read what changed in it"
    assert lines() == TOLD.read_text("utf-8"), anew


def test_an_extension_without_its_form_is_refused_with_the_contracts_name() -> None:
    data = contract({}, a={"get": {**OK, "operationId": "a", "x-effect": "free"}}).data
    document = Document("contract.yaml", data)
    with pytest.raises(PipelineError) as caught:
        table.source(document, parsed(document))
    assert str(caught.value).startswith("contract.yaml: ")


if __name__ == "__main__":
    TOLD.write_text(lines(), "utf-8")
