"""What a change of one place of a contract is told to be, there and back: `told_changes.txt`.

Small contracts hold all of one area: parameters, bodies, schemas and so on. Each is changed at one
place at a time: a name or a value is another, or is gone.
A record and no proof: the code under test wrote it. It shows what a change does to the lines, and
does not say that they are right; that is held by the other tests of this folder.
`python -m tests.pipeline.diff.test_told_changes` writes the file anew; read what changed in it.
"""

from __future__ import annotations

import itertools
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.pipeline.diff.small import contract, ref, schemas
from tests.pipeline.diff.test_extensions import CODE, ENVELOPE, JOB, RULE
from tests.pipeline.diff.test_properties import KEYWORDS
from tests.pipeline.edits import edits, record, recorded

from akool_pipeline.diff import compare, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Document = dict[str, Any]

TOLD = Path(__file__).with_name("told_changes.txt")
TEXT = {"type": "string"}
LIST = {"type": "array", "items": TEXT}
OBJECT = {"type": "object", "properties": {"p": TEXT}}
OK = {"200": {"description": "d"}}


def calls(**operation: Any) -> Document:
    """A contract of one operation, which is all that is said of it."""
    whole = contract(**{k: operation.pop(k) for k in ("components", "webhooks") if k in operation})
    whole["paths"]["/swap"]["post"] |= operation
    return whole


PARAMETERS: list[Document] = [
    {"name": "one", "in": "query", "required": True, "schema": TEXT, "example": "e"},
    {"name": "list", "in": "query", "explode": False, "schema": LIST},
    {"name": "empty", "in": "query", "allowEmptyValue": True, "allowReserved": True},
    {"name": "X-Head", "in": "header", "explode": True, "schema": LIST},
    {"name": "deep", "in": "query", "style": "deepObject", "schema": OBJECT},
    {"name": "cookie", "in": "cookie", "deprecated": True, "schema": LIST},
    {"name": "json", "in": "query", "content": {"application/json": {"schema": TEXT}}},
    {
        "name": "said",
        "in": "query",
        "description": "It must be.",
        "examples": {"e": {"value": 1, "summary": "S"}, "f": {"externalValue": "https://e"}},
    },
]


def with_parameters() -> Document:
    """A contract of one operation and a path that have parameters."""
    of_path = [
        {"$ref": "https://else.example/parameter"},
        {"name": "a", "in": "path", "required": True, "schema": TEXT},
        {"$ref": "#/components/parameters/P"},
        {"name": "one", "in": "query", "schema": {"type": "integer"}},
    ]
    shared = {"name": "b", "in": "path", "required": True, "style": "label", "schema": LIST}
    whole = contract(components={"parameters": {"P": shared}}, parameters=PARAMETERS[:1])
    whole["paths"] = {"/{b}/{a}": {"parameters": of_path, **whole["paths"]["/swap"]}}
    return whole


SAID = {"contentType": "a/b"}
PARTS: dict[str, tuple[Any, Document]] = {
    "list": (LIST, {"explode": False, "contentType": "text/csv", "x-e": 1}),
    "object": (
        OBJECT,
        {
            "style": "deepObject",
            "contentType": "a/b",
            "headers": {"X-Part": {"description": "H", "required": True, "schema": LIST}},
        },
    ),
    "raw": ({"type": "string", "format": "binary"}, {"explode": True, **SAID}),
    "lists": ({"type": "array", "items": {"type": "array", "items": OBJECT}}, SAID),
    "encoded": ({"contentEncoding": "base64"}, {"contentType": "image/png; a=b; charset=UTF-8"}),
    "maybe": ({"type": ["string", "null"]}, SAID),
    "maybes": ({"type": ["array", "null"], "items": {"type": "object"}}, SAID),
    "any": ({}, SAID),
    "nothing": ({"type": "boolean"}, {}),
    "spaced": (LIST, {"style": "spaceDelimited", "explode": False}),
}


def form(name: str) -> Document:
    """A contract that takes a form of one part."""
    schema, encoding = PARTS[name]
    media = {"schema": {"properties": {name: schema}}, "encoding": {name: encoding}}
    return calls(requestBody={"content": {"multipart/form-data": media}})


def body() -> Document:
    return calls(
        requestBody={
            "description": "Only one",
            "required": True,
            "content": {
                "Application/JSON; charset=UTF-8": {
                    "schema": TEXT,
                    "examples": {"e": {"value": {"a": [1, {"b": 2}]}, "description": "D"}},
                    "x-media": {"a": [1]},
                },
                "text/plain; Q=1; charset=UTF-8": {"schema": TEXT, "example": {"a": 1, "b": [2]}},
            },
        }
    )


def answers() -> Document:
    header = {"schema": TEXT, "description": "H"}
    link = {"operationId": "swap", "parameters": {"a": "$request.query.a"}, "description": "L"}
    content = {"application/json": {"schema": OBJECT}, "*/*": {"schema": TEXT}}
    return calls(
        responses={
            "200": {
                "description": "Three",
                "headers": {"X-One": {**header, "required": True}, "x-two": {"schema": LIST}},
                "content": content,
                "links": {"L": link},
            },
            "2XX": {"$ref": "#/components/responses/R"},
            "404": {"description": "None"},
            "default": {"description": "Else", "x-answer": [1]},
            "x-answers": {"a": {"description": "It must"}},
        },
        components={"responses": {"R": {"description": "R", "headers": {"H": {"$ref": "#/x"}}}}},
    )


def hooks(where: str) -> Document:
    hook = {
        "summary": "Calls 3 times",
        "post": {
            "operationId": "hear",
            "parameters": [{"name": "q", "in": "query", "schema": TEXT}],
            "requestBody": {"content": {"a/b": {"schema": OBJECT}}},
            "responses": {"200": {"description": "d", "content": {"a/b": {"schema": OBJECT}}}},
        },
    }
    if where == "webhooks":
        return calls(webhooks={"made": hook, "x-hooks": {"description": "Two"}})
    callback = {"{$url}": hook, "{$url}/x": {"put": {"responses": OK}}}
    shared = {"$ref": "#/components/callbacks/C"}
    return calls(
        callbacks={"done": callback, "shared": shared},
        components={"callbacks": {"C": {"{$url}": {"get": {"responses": OK}}}}},
    )


def secured() -> Document:
    flow = {
        "authorizationUrl": "https://a.example/a",
        "tokenUrl": "https://a.example/t",
        "refreshUrl": "https://a.example/r",
        "scopes": {"read": "Reads", "write": "Only `read` and more"},
        "x-flow": 1,
    }
    schemes = {
        "Key": {"type": "apiKey", "in": "header", "name": "X-Key", "description": "K"},
        "Query": {"type": "apiKey", "in": "query", "name": "Key"},
        "Basic": {"type": "http", "scheme": "Basic", "bearerFormat": "b"},
        "Open": {"type": "openIdConnect", "openIdConnectUrl": "https://a.example/o"},
        "OAuth": {"type": "oauth2", "flows": {"authorizationCode": flow, "implicit": flow}},
        "Same": {"$ref": "#/components/securitySchemes/Key"},
    }
    whole = contract(
        security=[
            {"Key": [], "OAuth": ["read"]},
            {"OAuth": ["read", "write"]},
            {"Basic": []},
            {"Query": []},
            {"Open": []},
            {"Same": [], "Gone": []},
        ],
        components={"securitySchemes": schemes},
    )
    own = {"operationId": "own", "security": [{"Basic": []}], "responses": OK}
    whole["paths"]["/own"] = {"get": own}
    return whole


def served() -> Document:
    variables = {
        "v": {"default": "a", "enum": ["a", "b"], "description": "Only two", "x-v": 1},
        "w": {"default": "c"},
    }
    whole = contract(
        servers=[
            {"url": "https://{v}.example/{w}", "variables": variables, "description": "Main"},
            {"url": "HTTP://B.Example:80/x/", "x-server": {"a": 1}},
            {"url": "/here/"},
        ]
    )
    operation = whole["paths"]["/swap"]["post"]
    whole["paths"]["/b"] = {
        "servers": [{"url": "https://item.example"}],
        "get": {"operationId": "b", "responses": OK},
        "put": {"servers": [{"url": "https://own.example:443"}], "responses": OK},
    }
    operation["x-none"] = False
    return whole


def extended() -> Document:
    whole = calls(
        **{
            "x-effect": "spends",
            "x-price": {"credits": 4, "perSeconds": 10},
            "x-envelope": {**ENVELOPE, "data": "/data", "text": "/msg", "deep": {"a": {"b": 1}}},
            "x-job": {
                **JOB,
                "resultLifetimeSeconds": 60,
                "statuses": {"queued": [0], "running": ["1"], "succeeded": [2], "failed": [3, 4]},
            },
        }
    )
    whole["paths"]["/swap"]["get"] = {"responses": OK, "operationId": "see", "x-effect": "changes"}
    return whole | {
        "x-envelope": ENVELOPE,
        "x-business-codes": [
            {**CODE, "operations": ["swap", "gone"], "meaning": "It must be", "evidence": "e"},
            {"code": 9, "name": "Nine", "retryable": True, "operations": ["see"], "x-c": 1},
            {"code": "10"},
            3,
        ],
        "x-rules": [
            {**RULE, "operations": ["swap", "see"], "text": "a  b", "code": 9, "evidence": "e"},
            {"id": "s", "kind": "behaviour", "operations": ["swap", "gone"], "text": "t"},
            {"id": "t", "kind": "request", "text": "u"},
        ],
    }


def named() -> Document:
    header = {"schema": TEXT}
    sealed = {"type": "object", "properties": {"s": {"enum": ["a"]}, "t": ref("Inner")}}
    return contract(
        response={"type": "object", "properties": {"a": ref("Used"), "b": {"enum": ["x"]}}},
        components={
            "x-components": {"description": "D"},
            "schemas": {"Used": OBJECT, "Sealed": sealed, "Inner": {"enum": [1]}, "Yes": True},
            "parameters": {"P": {"name": "p", "in": "query", "schema": TEXT}},
            "headers": {"H": header, "Ref": {"$ref": "#/components/headers/H"}},
            "requestBodies": {"B": {"content": {"a/b": {"schema": TEXT}}}},
            "responses": {"R": {"description": "d"}},
            "examples": {"E": {"value": 1}},
            "links": {"L": {"operationId": "swap", "description": "Must"}},
            "pathItems": {"I": {"get": {"responses": OK}}},
            "securitySchemes": {"K": {"type": "apiKey", "in": "query", "name": "k"}},
        },
    )


def said() -> Document:
    whole = contract(tags=[{"name": "A", "description": "Only 3"}, {"name": "B", "x-t": 1}])
    operation = whole["paths"]["/swap"]["post"]
    operation |= {
        "responses": {"200": {"description": "d", "content": {"a/b": {"schema": SPOKEN}}}},
        "tags": ["A", "B"],
        "summary": "Swaps 2 faces. And `x`.",
        "description": "A very long text of many words, which goes on and on and on, with 'x'. "
        * 2,
        "deprecated": True,
        "example": {"a": [1]},
        "externalDocs": {"url": "https://a.example", "description": "Two"},
        "x-own": {"list": [1, {"title": "T"}], "text": "a b"},
    }
    whole["paths"] |= {"x-paths": {"a": 1}, "/other": {"get": {"responses": OK}}}
    return whole | {
        "info": {"title": "Swaps", "version": "1", "summary": "S", "license": {"name": "L"}},
        "externalDocs": {"url": "https://a.example"},
        "jsonSchemaDialect": "https://d.example",
        "x-root": [1, 2],
    }


def as_xml() -> Document:
    """A contract that answers XML, where names and places of elements are sent."""
    whole = both(A={"properties": {"p": {"type": "string", "xml": {"attribute": True}}}})
    (answer,) = whole["paths"]["/swap"]["post"]["responses"].values()
    answer["content"]["Application/Swap+XML; a=b"] = {"schema": ref("A")}
    return whole


def both(**named: Any) -> Document:
    """A contract that takes and answers the schema A."""
    return contract(ref("A"), ref("A"), components=schemas(**named))


PART: Document = {"required": ["read", "write", "d"], "type": "object"}
PROPERTIES: Document = {
    "flag": {"type": "number", "minimum": 1, "exclusiveMinimum": True, "maximum": 2},
    "many": {"type": "array", "minItems": 2, "items": {"multipleOf": 0.5}},
    "none": {"minLength": 0, "maxLength": 0, "multipleOf": 2, "uniqueItems": True},
    "base": {"type": "string", "contentEncoding": "base64"},
    "raw": {"contentMediaType": "application/octet-stream"},
    "null": {"type": "string", "nullable": True, "enum": ["a", "b"]},
    "nulls": {"nullable": True, "allOf": [{"type": "string"}, {"enum": ["a", None]}]},
    "number": {"type": ["number", "null"], "const": 5.0},
    "list": {"prefixItems": [TEXT, False], "items": False, "contains": TEXT},
    "told": {"xml": {"name": "x"}, "deprecated": True, "externalDocs": {"description": "Must"}},
}
SCHEMAS: dict[str, Document] = {
    "limits": {
        "A": {
            "properties": {
                "id": {"type": "integer", "minimum": 1, "exclusiveMaximum": 9.5, "title": "Id"},
            },
            "allOf": [{"properties": {"id": {"multipleOf": 2, "minimum": 2.5, "maximum": 8}}}],
        },
    },
    "flags": {
        "A": {
            **PART,
            "properties": {
                "read": {"type": "string", "readOnly": True},
                "write": {"allOf": [{"writeOnly": True}, TEXT]},
            },
            "allOf": [ref("D"), {"required": ["d", "other"]}],
            "additionalProperties": False,
        },
        "D": {"properties": {"d": ref("E"), "more": {}}},
        "E": ref("F", maxLength=5),
        "F": {"readOnly": True, "examples": [1, {"a": 2}], "example": "e"},
    },
    "words beside a reference": {
        "A": {"properties": {"b": ref("B", description="Beside 1"), "c": {"allOf": [ref("C")],
              "title": "Wraps"}}, "patternProperties": {"^x": TEXT}},
        "B": {"type": "string", "minLength": 1, "maxLength": 9, "format": "int32"},
        "C": {"enum": ["x", "yy"], "x-enum-varnames": ["X", "Y"], "description": "One of yy"},
    },
    "inside": {
        "A": {
            "$defs": {"D": TEXT},
            "dependentSchemas": {"a": {"required": ["b"]}},
            "not": {"required": ["c"]},
            "x-decrypted": {"type": "string"},
            "propertyNames": {"maxLength": 3},
            "additionalProperties": {"type": "string"},
            "unevaluatedProperties": False,
            "dependentRequired": {"a": ["b"]},
            "default": {"a": 1},
            "x-own": {"a": [1]},
            "$ref": "https://else.example/schema",
        },
    },
    "one of": {
        "A": {
            "oneOf": [ref("B"), ref("C")],
            "discriminator": {
                "propertyName": "kind", "mapping": {"b": "B", "c": "#/components/schemas/C"}
            },
        },
        "B": {"type": "object", "properties": {"b": TEXT, "same": TEXT}},
        "C": {"type": "object", "properties": {"c": TEXT, "same": TEXT}},
    },
    "any of": {
        "A": {"anyOf": [ref("B"), {"title": "In line", "type": "integer"}, TEXT], "nullable": True},
        "B": {"type": "object", "properties": {"b": TEXT}},
    },
    "nulls": {
        "A": {"properties": {"one": {"oneOf": [ref("B"), {"type": "null"}]},
              "two": {"anyOf": [{"type": ["null"]}, ref("B"), {"enum": [None]}]}}},
        "B": {"type": "object", "properties": {"b": TEXT}},
    },
    "conditions": {"A": {"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}},
    "names that are values": {
        "A": {"oneOf": [ref("B"), ref("C")], "discriminator": {"propertyName": "k"}},
        "B": {"type": "object", "properties": {"b": TEXT}},
        "C": {"title": "See", "type": "object", "properties": {"c": TEXT}},
    },
    "a circle": {
        "A": {"allOf": [ref("B")], "type": "object"},
        "B": {"allOf": [ref("A")], "properties": {"b": TEXT}},
    },
    "a base": {
        "A": {"allOf": [ref("B"), {"properties": {"c": TEXT}}]},
        "B": {
            "type": "object",
            "discriminator": {"propertyName": "kind", "mapping": {"a": "A", "b": "B"}},
        },
    },
}  # fmt: skip
SPOKEN = {
    "enum": ["one", "other"],
    "description": "Either 'one' or other. See https://a.example/5 and more.\n\n- a list",
}

SWAP = "/paths/~1swap~1{a}/post"
FORM = f"{SWAP}/requestBody/content/multipart"
A = "/components/schemas/A/"
AREAS: dict[str, list[tuple[Document, str]]] = {
    "parameters": [
        (with_parameters(), ""),
        *((calls(parameters=[one]), f"{SWAP}/parameters/0/") for one in PARAMETERS),
    ],
    "bodies": [(body(), f"{SWAP}/requestBody"), *((form(name), FORM) for name in PARTS)],
    "answers": [(answers(), "")],
    "callbacks": [(hooks("callbacks"), f"{SWAP}/callbacks/")],
    "webhooks": [(hooks("webhooks"), "/webhooks/")],
    "security": [(secured(), "")],
    "servers": [(served(), "")],
    "extensions": [(extended(), "")],
    "components": [(named(), "/components/")],
    "words": [(said(), "")],
    "schemas": [
        *((both(**named), A) for named in SCHEMAS.values()),
        *((both(A=schema), A) for schema in PROPERTIES.values()),
        (as_xml(), A),
    ],
}
OPERATION = re.compile(r"swap \(POST /swap(/{.})?\)")
_MOST = 6
"""Most lines that the record shows of one change; of a whole part everything is told."""


def moved(whole: Document, old: str, new: str) -> Document:
    """The contract with a path that has another name; that of a parameter means nothing."""
    paths = {new if path == old else path: item for path, item in whole.get("paths", {}).items()}
    return whole | ({"paths": paths} if "paths" in whole else {})


def told(title: str, one: Document, other: Document, within: str = "") -> Iterator[str]:
    """What is told of a change, in a line each; a place or name that all have is left out."""
    place = title.partition(" ")[0]
    lines = render.text(compare(one, other)).split("\n")[:-2]
    shown = [OPERATION.sub("-", line.removesuffix(f"#{place}")) for line in lines[:_MOST]]
    shown += [f"and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    for line in shown:
        text = f"{title.removeprefix(within)}: {' '.join(line.split())}"
        text = text.replace(f"#{within}", "#…") if within else text
        yield text.replace("/paths/~1swap~1{", "{")


def of_area(area: list[tuple[Document, str]]) -> Iterator[str]:
    """What changes of a contract's places are, or of those below one."""
    for stated, within in area:
        whole = moved(stated, "/swap", "/swap/{a}")
        assert compare(whole, moved(whole, "/swap/{a}", "/swap/{b}")) == []
        for title, edited in edits(whole):
            other = moved(edited, "/swap/{a}", "/swap/{b}")
            if (
                title.count("/") < 3
                or not title.startswith(within)
                or ("/schema/" in title and within != FORM)
            ):
                continue
            if not title.endswith("renamed"):  # which is one thing gone and another there
                yield from told(title, whole, other, within)
            if title.endswith("gone"):
                yield from told(f"{title}, back", other, whole, within)


def of_keywords() -> Iterator[str]:
    """Every keyword that comes, goes, or has another value."""
    yes, no = (contract(components=schemas(A=value)) for value in (True, False))
    yield from (*told("yes", yes, no), *told("no", no, yes))
    for keyword, values in KEYWORDS.items():
        made = [both(A=schema) for schema in ({}, *({keyword: value} for value in values))]
        for number, (one, other) in enumerate(itertools.permutations(made, 2)):
            yield from told(f"{keyword} {number}", one, other)


SECTIONS: dict[str, Callable[[], Iterator[str]]] = {
    **{name: partial(of_area, area) for name, area in AREAS.items()},
    "keywords": of_keywords,
}


@pytest.mark.parametrize("name", SECTIONS)
def test_lines_are_those_of_the_record(name: str) -> None:
    anew = "`python -m tests.pipeline.diff.test_told_changes` writes told_changes.txt; read it"
    assert [*SECTIONS[name]()] == recorded(TOLD)[name], anew


if __name__ == "__main__":
    record(TOLD, SECTIONS)
