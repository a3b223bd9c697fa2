"""What a change of the contract breaks: a table of single edits, each with its verdict.

An edit is a JSON pointer and the value to put there; GONE deletes. Cases marked `missed` in their
name are those that the engines on PyPI and npm were measured to miss.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

from akool_pipeline.cli import app
from akool_pipeline.diff import Direction, Severity, compare, render
from akool_pipeline.documents.pointer import join, resolve, split

GONE = object()
BREAKING, ADDITIVE, DOCUMENTATION = Severity
REQUEST, RESPONSE, NEITHER = Direction

POST = "/paths/~1jobs/post"
GET = "/paths/~1jobs~1{id}/get"
BODY = "/components/schemas/Request"
ANSWER = "/components/schemas/Answer"
JSON_200 = "/responses/200/content/application~1json"

BASE: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Jobs", "version": "1.0.0"},
    "servers": [{"url": "https://api.example"}],
    "security": [{"Key": []}, {"Token": []}],
    "paths": {
        "/jobs": {
            "post": {
                "operationId": "submit",
                "summary": "Submit",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Request"}}
                    },
                },
                "responses": {
                    "200": {
                        "description": "Done",
                        "headers": {"X-Request-Id": {"schema": {"type": "string"}}},
                        "content": {
                            "application/json": {
                                "schema": {
                                    "oneOf": [
                                        {"$ref": "#/components/schemas/Answer"},
                                        {"$ref": "#/components/schemas/Failure"},
                                    ]
                                },
                                "example": {"code": 1000},
                            },
                            "text/plain": {"schema": {"type": "string"}},
                        },
                    },
                    "400": {"description": "Wrong"},
                },
                "callbacks": {
                    "done": {
                        "{$request.body#/hook}": {
                            "post": {
                                "requestBody": {
                                    "content": {
                                        "application/json": {
                                            "schema": {
                                                "type": "object",
                                                "required": ["id"],
                                                "properties": {
                                                    "id": {"type": "string"},
                                                    "state": {"type": "string", "enum": ["a", "b"]},
                                                },
                                            }
                                        }
                                    }
                                },
                                "responses": {"200": {"description": "Seen"}},
                            }
                        }
                    }
                },
            }
        },
        "/jobs/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "get": {
                "operationId": "read",
                "parameters": [
                    {
                        "name": "full",
                        "in": "query",
                        "schema": {"type": "boolean", "default": False},
                    },
                    {"name": "tags", "in": "query", "schema": {"type": "array", "items": {}}},
                    {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "description": "A job",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "allOf": [
                                        {"$ref": "#/components/schemas/Envelope"},
                                        {
                                            "type": "object",
                                            "properties": {
                                                "data": {"$ref": "#/components/schemas/Answer"}
                                            },
                                        },
                                    ]
                                }
                            }
                        },
                    }
                },
            },
        },
    },
    "components": {
        "schemas": {
            "Request": {
                "type": "object",
                "required": ["url"],
                "properties": {
                    "url": {"type": "string", "format": "uri", "description": "Where"},
                    "mode": {"type": "string", "enum": ["fast", "good"], "default": "fast"},
                    "faces": {
                        "type": "array",
                        "items": {"type": "integer", "minimum": 0, "maximum": 9},
                    },
                    "note": {"type": "string", "maxLength": 100, "pattern": "^a"},
                    "size": {"type": "number", "multipleOf": 2},
                    "hook": {"type": "string", "nullable": True},
                },
            },
            "Answer": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "status": {"type": "integer", "enum": [1, 2, 3]},
                    "url": {"type": "string"},
                    "cost": {"type": "integer"},
                    "closed": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"a": {"type": "string"}},
                    },
                },
            },
            "Failure": {"type": "object", "properties": {"error": {"type": "string"}}},
            "Envelope": {
                "type": "object",
                "required": ["code"],
                "properties": {"code": {"type": "integer"}, "msg": {"type": "string"}},
            },
            "Sealed": {
                "type": "object",
                "properties": {"status": {"type": "integer", "enum": [2, 3]}},
            },
        },
        "securitySchemes": {
            "Key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            "Token": {"type": "http", "scheme": "bearer"},
        },
    },
    "x-rules": [{"id": "aligned", "kind": "request", "operations": ["submit"], "text": "t"}],
}

CASES: list[tuple[str, dict[str, Any], Severity, str, Direction]] = [
    # Operations, addresses, names.
    ("operation removed", {POST: GONE}, BREAKING, "operation-removed", NEITHER),
    (
        "operation added",
        {"/paths/~1jobs/get": {"responses": {}}},
        ADDITIVE,
        "operation-added",
        NEITHER,
    ),
    ("operation id", {POST + "/operationId": "send"}, BREAKING, "operation-id-changed", NEITHER),
    ("path parameter renamed", {}, DOCUMENTATION, "detail-changed", NEITHER),
    (
        "server moved (missed)",
        {"/servers/0/url": "https://b.example"},
        BREAKING,
        "server-removed",
        NEITHER,
    ),
    (
        "server added",
        {"/servers": [{"url": "https://api.example"}, {"url": "https://b.example"}]},
        ADDITIVE,
        "server-added",
        NEITHER,
    ),
    (
        "operation's own server (missed)",
        {POST + "/servers": [{"url": "https://b.example"}]},
        BREAKING,
        "server-removed",
        NEITHER,
    ),
    # Security.
    ("key no longer enough", {"/security": [{"Token": []}]}, BREAKING, "security-removed", REQUEST),
    (
        "another way in",
        {"/security": [{"Key": []}, {"Token": []}, {"Basic": []}]},
        ADDITIVE,
        "security-added",
        REQUEST,
    ),
    ("open to all", {POST + "/security": []}, ADDITIVE, "security-added", REQUEST),
    (
        "both needed at once",
        {"/security": [{"Key": [], "Token": []}]},
        BREAKING,
        "security-removed",
        REQUEST,
    ),
    (
        "header of the key renamed (missed)",
        {"/components/securitySchemes/Key/name": "x-key"},
        BREAKING,
        "security-scheme-changed",
        REQUEST,
    ),
    (
        "key moves to the query (missed)",
        {"/components/securitySchemes/Key/in": "query"},
        BREAKING,
        "security-scheme-changed",
        REQUEST,
    ),
    (
        "other kind of token (missed)",
        {"/components/securitySchemes/Token/scheme": "basic"},
        BREAKING,
        "security-scheme-changed",
        REQUEST,
    ),
    (
        "text of a scheme",
        {"/components/securitySchemes/Key/description": "New"},
        DOCUMENTATION,
        "text-changed",
        NEITHER,
    ),
    # Parameters.
    ("parameter gone", {GET + "/parameters/2": GONE}, BREAKING, "parameter-removed", REQUEST),
    (
        "optional parameter",
        {GET + "/parameters/-": {"name": "page", "in": "query", "schema": {}}},
        ADDITIVE,
        "parameter-added",
        REQUEST,
    ),
    (
        "required parameter",
        {GET + "/parameters/-": {"name": "page", "in": "query", "required": True, "schema": {}}},
        BREAKING,
        "parameter-added",
        REQUEST,
    ),
    (
        "parameter becomes required",
        {GET + "/parameters/0/required": True},
        BREAKING,
        "required-added",
        REQUEST,
    ),
    (
        "query parameter's type (missed)",
        {GET + "/parameters/0/schema/type": "integer"},
        BREAKING,
        "type-changed",
        REQUEST,
    ),
    (
        "default of a parameter",
        {GET + "/parameters/0/schema/default": True},
        BREAKING,
        "default-changed",
        REQUEST,
    ),
    (
        "how lists are written",
        {GET + "/parameters/1/explode": False},
        BREAKING,
        "serialization-changed",
        REQUEST,
    ),
    (
        "header parameter in other letters",
        {GET + "/parameters/2/name": "x-trace"},
        DOCUMENTATION,
        "detail-changed",
        NEITHER,
    ),
    # Request bodies.
    ("body gone", {POST + "/requestBody": GONE}, BREAKING, "body-removed", REQUEST),
    (
        "body for a call without one",
        {GET + "/requestBody": {"required": True, "content": {}}},
        BREAKING,
        "body-added",
        REQUEST,
    ),
    (
        "optional body",
        {GET + "/requestBody": {"content": {}}},
        ADDITIVE,
        "body-added",
        REQUEST,
    ),
    (
        "body becomes optional",
        {POST + "/requestBody/required": False},
        ADDITIVE,
        "required-removed",
        REQUEST,
    ),
    (
        "request in another format",
        {
            POST + "/requestBody/content": {
                "multipart/form-data": {"schema": {"$ref": "#/components/schemas/Request"}}
            }
        },
        BREAKING,
        "media-type-removed",
        REQUEST,
    ),
    # Request schemas.
    (
        "new required field",
        {BODY + "/properties/new": {"type": "string"}, BODY + "/required": ["url", "new"]},
        BREAKING,
        "property-added",
        REQUEST,
    ),
    (
        "new optional field",
        {BODY + "/properties/new": {"type": "string"}},
        ADDITIVE,
        "property-added",
        REQUEST,
    ),
    ("field gone", {BODY + "/properties/note": GONE}, BREAKING, "property-removed", REQUEST),
    (
        "field becomes required",
        {BODY + "/required": ["url", "mode"]},
        BREAKING,
        "required-added",
        REQUEST,
    ),
    ("field becomes optional", {BODY + "/required": []}, ADDITIVE, "required-removed", REQUEST),
    (
        "request value added",
        {BODY + "/properties/mode/enum": ["fast", "good", "best"]},
        ADDITIVE,
        "enum-value-added",
        REQUEST,
    ),
    (
        "request value removed",
        {BODY + "/properties/mode/enum": ["fast"]},
        BREAKING,
        "enum-value-removed",
        REQUEST,
    ),
    (
        "request limited to values",
        {BODY + "/properties/url/enum": ["https://a.example"]},
        BREAKING,
        "enum-added",
        REQUEST,
    ),
    (
        "request default changed",
        {BODY + "/properties/mode/default": "good"},
        BREAKING,
        "default-changed",
        REQUEST,
    ),
    (
        "maxLength shrinks (missed)",
        {BODY + "/properties/note/maxLength": 50},
        BREAKING,
        "limit-tightened",
        REQUEST,
    ),
    (
        "maxLength appears (missed)",
        {BODY + "/properties/url/maxLength": 50},
        BREAKING,
        "limit-tightened",
        REQUEST,
    ),
    (
        "maxLength grows",
        {BODY + "/properties/note/maxLength": 500},
        ADDITIVE,
        "limit-loosened",
        REQUEST,
    ),
    (
        "minItems appears (missed)",
        {BODY + "/properties/faces/minItems": 1},
        BREAKING,
        "limit-tightened",
        REQUEST,
    ),
    (
        "minItems of nothing",
        {BODY + "/properties/faces/minItems": 0},
        DOCUMENTATION,
        "detail-changed",
        NEITHER,
    ),
    (
        "maxItems appears (missed)",
        {BODY + "/properties/faces/maxItems": 50},
        BREAKING,
        "limit-tightened",
        REQUEST,
    ),
    (
        "items may no longer repeat",
        {BODY + "/properties/faces/uniqueItems": True},
        BREAKING,
        "unique-items-changed",
        REQUEST,
    ),
    (
        "limit of the items",
        {BODY + "/properties/faces/items/minimum": 1},
        BREAKING,
        "limit-tightened",
        REQUEST,
    ),
    (
        "limit itself excluded",
        {BODY + "/properties/faces/items/exclusiveMaximum": True},
        BREAKING,
        "limit-tightened",
        REQUEST,
    ),
    (
        "pattern appears",
        {BODY + "/properties/url/pattern": "^https"},
        BREAKING,
        "pattern-changed",
        REQUEST,
    ),
    (
        "pattern goes",
        {BODY + "/properties/note/pattern": GONE},
        ADDITIVE,
        "pattern-changed",
        REQUEST,
    ),
    (
        "format goes",
        {BODY + "/properties/url/format": GONE},
        ADDITIVE,
        "format-changed",
        REQUEST,
    ),
    (
        "number to integer",
        {BODY + "/properties/size/type": "integer"},
        BREAKING,
        "type-changed",
        REQUEST,
    ),
    (
        "multiple of a part",
        {BODY + "/properties/size/multipleOf": 1},
        ADDITIVE,
        "multiple-changed",
        REQUEST,
    ),
    (
        "null no longer taken",
        {BODY + "/properties/hook/nullable": GONE},
        BREAKING,
        "type-changed",
        REQUEST,
    ),
    (
        "unknown fields refused",
        {BODY + "/additionalProperties": False},
        BREAKING,
        "additionalProperties-changed",
        REQUEST,
    ),
    (
        "a keyword that is not known",
        {BODY + "/properties/note/contentEncoding": "base64"},
        BREAKING,
        "keyword-changed",
        REQUEST,
    ),
    (
        "how a part is encoded",
        {
            POST + "/requestBody/content/application~1json/encoding": {
                "note": {"contentType": "text/csv"}
            }
        },
        BREAKING,
        "encoding-changed",
        REQUEST,
    ),
    (
        "a value ruled out",
        {BODY + "/properties/note/not": {"enum": ["a"]}},
        BREAKING,
        "not-changed",
        REQUEST,
    ),
    (
        "parameter in another form",
        {
            GET + "/parameters/2": {
                "name": "X-Trace",
                "in": "header",
                "content": {"application/json": {"schema": {"type": "string"}}},
            }
        },
        BREAKING,
        "serialization-changed",
        REQUEST,
    ),
    (
        "a condition over fields",
        {BODY + "/anyOf": [{"required": ["note"]}, {"required": ["size"]}]},
        BREAKING,
        "condition-changed",
        REQUEST,
    ),
    (
        "field only ever sent back",
        {BODY + "/properties/note/readOnly": True},
        BREAKING,
        "property-removed",
        REQUEST,
    ),
    # Responses.
    (
        "success answer gone",
        {GET + "/responses/200": GONE},
        BREAKING,
        "status-removed",
        RESPONSE,
    ),
    ("error answer gone", {POST + "/responses/400": GONE}, ADDITIVE, "status-removed", RESPONSE),
    (
        "another success",
        {POST + "/responses/202": {"description": "Later"}},
        BREAKING,
        "status-added",
        RESPONSE,
    ),
    (
        "another error",
        {POST + "/responses/429": {"description": "Slow down"}},
        ADDITIVE,
        "status-added",
        RESPONSE,
    ),
    (
        "answer in another format (missed)",
        {
            POST + "/responses/200/content": {
                "application/xml": {"schema": {"$ref": "#/components/schemas/Answer"}}
            }
        },
        BREAKING,
        "media-type-removed",
        RESPONSE,
    ),
    (
        "answer in one more format",
        {POST + "/responses/200/content/text~1csv": {}},
        ADDITIVE,
        "media-type-added",
        RESPONSE,
    ),
    (
        "header gone",
        {POST + "/responses/200/headers/X-Request-Id": GONE},
        BREAKING,
        "header-removed",
        RESPONSE,
    ),
    (
        "header added",
        {POST + "/responses/200/headers/X-Left": {"schema": {"type": "integer"}}},
        ADDITIVE,
        "header-added",
        RESPONSE,
    ),
    (
        "header's type",
        {POST + "/responses/200/headers/X-Request-Id/schema/type": "integer"},
        BREAKING,
        "type-changed",
        RESPONSE,
    ),
    (
        "several answers fit at once",
        {
            POST + JSON_200 + "/schema": {
                "anyOf": [
                    {"$ref": "#/components/schemas/Answer"},
                    {"$ref": "#/components/schemas/Failure"},
                ]
            }
        },
        BREAKING,
        "union-changed",
        RESPONSE,
    ),
    (
        "new answer field",
        {ANSWER + "/properties/more": {"type": "string"}},
        ADDITIVE,
        "property-added",
        RESPONSE,
    ),
    (
        "new field in a closed answer",
        {ANSWER + "/properties/closed/properties/b": {"type": "string"}},
        BREAKING,
        "property-added",
        RESPONSE,
    ),
    (
        "answer field gone",
        {ANSWER + "/properties/url": GONE},
        BREAKING,
        "property-removed",
        RESPONSE,
    ),
    (
        "field inside allOf gone (missed)",
        {GET + JSON_200 + "/schema/allOf/1/properties/data": GONE},
        BREAKING,
        "property-removed",
        RESPONSE,
    ),
    (
        "field behind allOf and $ref gone (missed)",
        {"/components/schemas/Envelope/properties/msg": GONE},
        BREAKING,
        "property-removed",
        RESPONSE,
    ),
    (
        "answer field no longer sure",
        {ANSWER + "/required": []},
        BREAKING,
        "required-removed",
        RESPONSE,
    ),
    (
        "answer field sure now",
        {ANSWER + "/required": ["id", "url"]},
        ADDITIVE,
        "required-added",
        RESPONSE,
    ),
    (
        "answer value added",
        {ANSWER + "/properties/status/enum": [1, 2, 3, 4]},
        BREAKING,
        "enum-value-added",
        RESPONSE,
    ),
    (
        "answer value removed",
        {ANSWER + "/properties/status/enum": [1, 2]},
        ADDITIVE,
        "enum-value-removed",
        RESPONSE,
    ),
    (
        "answer may be null",
        {ANSWER + "/properties/url/nullable": True},
        BREAKING,
        "type-changed",
        RESPONSE,
    ),
    (
        "integer becomes number",
        {ANSWER + "/properties/cost/type": "number"},
        BREAKING,
        "type-changed",
        RESPONSE,
    ),
    (
        "answer may be empty",
        {ANSWER + "/properties/id/minLength": GONE},
        BREAKING,
        "limit-loosened",
        RESPONSE,
    ),
    (
        "one more kind of answer",
        {POST + JSON_200 + "/schema/oneOf/-": {"$ref": "#/components/schemas/Envelope"}},
        BREAKING,
        "alternative-added",
        RESPONSE,
    ),
    (
        "one kind of answer less",
        {POST + JSON_200 + "/schema/oneOf/1": GONE},
        ADDITIVE,
        "alternative-removed",
        RESPONSE,
    ),
    (
        "one answer becomes two",
        {
            GET + JSON_200 + "/schema": {
                "oneOf": [
                    BASE["paths"]["/jobs/{id}"]["get"]["responses"]["200"]["content"][
                        "application/json"
                    ]["schema"],
                    {"$ref": "#/components/schemas/Failure"},
                ]
            }
        },
        BREAKING,
        "alternative-added",
        RESPONSE,
    ),
    # Callbacks: the service sends the request.
    (
        "callback value added",
        {
            POST
            + "/callbacks/done/{$request.body#~1hook}/post/requestBody/content/application~1json"
            + "/schema/properties/state/enum": ["a", "b", "c"]
        },
        BREAKING,
        "enum-value-added",
        RESPONSE,
    ),
    (
        "callback field added",
        {
            POST
            + "/callbacks/done/{$request.body#~1hook}/post/requestBody/content/application~1json"
            + "/schema/properties/more": {"type": "string"}
        },
        ADDITIVE,
        "property-added",
        RESPONSE,
    ),
    (
        "another callback",
        {POST + "/callbacks/failed": {"{$request.body#/hook}": {"post": {"responses": {}}}}},
        ADDITIVE,
        "callback-added",
        RESPONSE,
    ),
    ("callback gone", {POST + "/callbacks": GONE}, BREAKING, "callback-removed", RESPONSE),
    # Schemas that no operation refers to.
    (
        "sealed value added",
        {"/components/schemas/Sealed/properties/status/enum": [2, 3, 4]},
        BREAKING,
        "enum-value-added",
        RESPONSE,
    ),
    # Rules.
    (
        "new request rule",
        {"/x-rules/-": {"id": "many", "kind": "request", "operations": ["submit"], "text": "t"}},
        BREAKING,
        "rule-added",
        REQUEST,
    ),
    ("request rule gone", {"/x-rules/0": GONE}, ADDITIVE, "rule-removed", REQUEST),
    # Documentation, which the engines do not show at all.
    (
        "meaning in prose (missed)",
        {BODY + "/properties/url/description": "What, not where"},
        DOCUMENTATION,
        "text-changed",
        NEITHER,
    ),
    ("summary", {POST + "/summary": "Send"}, DOCUMENTATION, "text-changed", NEITHER),
    (
        "example",
        {POST + JSON_200 + "/example/code": 1001},
        DOCUMENTATION,
        "detail-changed",
        NEITHER,
    ),
    ("deprecated", {POST + "/deprecated": True}, DOCUMENTATION, "detail-changed", NEITHER),
    ("version", {"/info/version": "2.0.0"}, DOCUMENTATION, "detail-changed", NEITHER),
]


def edited(document: dict[str, Any], edits: dict[str, Any]) -> dict[str, Any]:
    result = copy.deepcopy(document)
    for pointer, value in edits.items():
        *way, last = split(pointer)
        holder: Any = result
        for part in way:
            holder = holder[int(part)] if isinstance(holder, list) else holder[part]
        if isinstance(holder, list):
            if last == "-":
                holder.append(value)
            elif value is GONE:
                del holder[int(last)]
            else:
                holder[int(last)] = value
        elif value is GONE:
            del holder[last]
        else:
            holder[last] = value
    return result


def renamed_path_parameter(document: dict[str, Any]) -> dict[str, Any]:
    result = copy.deepcopy(document)
    item = result["paths"].pop("/jobs/{id}")
    item["parameters"][0]["name"] = "job"
    result["paths"]["/jobs/{job}"] = item
    return result


@pytest.mark.parametrize(("name", "edits", "severity", "rule", "direction"), CASES)
def test_a_change_gets_the_verdict_of_the_table(name, edits, severity, rule, direction) -> None:
    new = renamed_path_parameter(BASE) if name == "path parameter renamed" else edited(BASE, edits)
    changes = compare(BASE, new)
    assert (severity, rule, direction) in {(c.severity, c.rule, c.direction) for c in changes}, [
        *changes
    ]
    # The table lists the worst that each edit does, so a harmless edit must not raise an alarm.
    assert changes[0].severity is severity, changes[0]


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len(CASES) >= 60
    assert len({name for name, *_ in CASES}) == len(CASES)


@pytest.mark.parametrize(("name", "edits"), [(case[0], case[1]) for case in CASES if case[1]])
def test_every_change_names_a_place_that_one_of_the_contracts_has(name, edits) -> None:
    new = edited(BASE, edits)
    for change in compare(BASE, new):
        assert any(has(document, change.pointer) for document in (BASE, new)), (name, change)


def has(document: Any, pointer: str) -> bool:
    for part in split(pointer):
        if isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        elif isinstance(document, dict) and part in document:
            document = document[part]
        else:
            return False
    return True


def other_than(value: Any) -> Any:
    """Another value of the same type, so that the document keeps its shape."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return f"{value}x" if isinstance(value, str) else {"x-other": 1} if value == {} else ["other"]


def leaves(value: Any, pointer: str = "") -> list[str]:
    if isinstance(value, dict) and value:
        return [leaf for key, item in value.items() for leaf in leaves(item, join(pointer, key))]
    if isinstance(value, list) and value:
        return [leaf for i, item in enumerate(value) for leaf in leaves(item, join(pointer, i))]
    return [pointer]


@given(
    st.sampled_from([leaf for leaf in leaves(BASE) if "$ref" not in leaf]),
    st.sampled_from(["removed", "changed"]),
)
def test_no_edit_goes_unreported(pointer: str, how: str) -> None:
    new = edited(BASE, {pointer: GONE if how == "removed" else other_than(resolve(BASE, pointer))})
    assert compare(BASE, new)


def test_equal_contracts_have_no_changes_whatever_the_order_of_their_keys() -> None:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(value)}
        return [turned(v) for v in value] if isinstance(value, list) else value

    assert compare(BASE, turned(BASE)) == []


def test_moving_a_schema_into_a_component_changes_nothing_on_the_wire() -> None:
    new = edited(
        BASE,
        {
            "/components/schemas/Status": BASE["components"]["schemas"]["Answer"]["properties"][
                "status"
            ],
            ANSWER + "/properties/status": {"$ref": "#/components/schemas/Status"},
        },
    )
    assert {change.severity for change in compare(BASE, new)} == {DOCUMENTATION}


def test_a_schema_that_contains_itself_is_compared_once() -> None:
    old = edited(BASE, {ANSWER + "/properties/parent": {"$ref": "#/components/schemas/Answer"}})
    new = edited(old, {ANSWER + "/properties/url": GONE})
    rules = {change.rule for change in compare(old, new) if change.severity is BREAKING}
    assert rules == {"property-removed"}


def test_a_change_shared_by_operations_is_told_once_with_all_their_names() -> None:
    changes = compare(BASE, edited(BASE, {ANSWER + "/properties/url": GONE}))
    assert [change.operations for change in changes] == [
        ("read (GET /jobs/{id})", "submit (POST /jobs)")
    ]


class TestTheCommand:
    @pytest.fixture
    def files(self, tmp_path: Path):
        def write(name: str, document: dict[str, Any]) -> str:
            path = tmp_path / name
            path.write_text(json.dumps(document))
            return str(path)

        return write

    def run(self, *arguments: str):
        return CliRunner().invoke(app, ["diff", *arguments])

    def test_exits_1_and_names_operation_and_pointer_on_a_breaking_change(self, files) -> None:
        old, new = files("a.json", BASE), files("b.json", edited(BASE, {POST: GONE}))
        done = self.run(old, new)
        assert done.exit_code == 1
        assert "submit (POST /jobs)" in done.stdout
        assert "#/paths/~1jobs/post" in done.stdout

    def test_exits_0_on_an_additive_change(self, files) -> None:
        new = edited(BASE, {BODY + "/properties/new": {"type": "string"}})
        assert self.run(files("a.json", BASE), files("b.json", new)).exit_code == 0

    def test_prints_json_that_programs_read(self, files) -> None:
        new = edited(BASE, {BODY + "/required": ["url", "mode"]})
        done = self.run(files("a.json", BASE), files("b.json", new), "--format", "json")
        told = json.loads(done.stdout)
        assert told["summary"] == {"breaking": 1, "additive": 0, "documentation": 0}
        assert told["changes"][0]["operations"] == ["submit (POST /jobs)"]
        assert told["changes"][0]["direction"] == "request"

    def test_prints_markdown_whose_cells_hold_pipes(self, files) -> None:
        new = edited(BASE, {BODY + "/properties/note/pattern": "^(a|b)"})
        done = self.run(files("a.json", BASE), files("b.json", new), "--format", "markdown")
        assert "## Breaking (1)" in done.stdout
        assert "^(a\\|b)" in done.stdout

    def test_refuses_what_is_no_contract_in_one_line_with_exit_code_2(self, files) -> None:
        done = self.run(files("a.json", BASE), files("b.json", {"swagger": "2.0"}))
        assert done.exit_code == 2
        assert done.stderr.count("\n") == 1
        assert "only OpenAPI 3.0 and 3.1" in done.stderr


def test_text_of_no_change_says_so_in_counts() -> None:
    assert render.text([]) == "0 breaking, 0 additive, 0 documentation\n"
    assert render.markdown([]) == "No changes.\n"
