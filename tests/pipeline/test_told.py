"""Every line that the checks, the pages and the generator tell, as it is written today: `told.txt`.

One sound contract is broken at one place at a time: a name or a value is another, an item is gone.
A record and no proof: the code under test wrote it. It shows what a change does to the lines, and
does not say that they are right; that is held by the other tests of this folder.
`python -m tests.pipeline.test_told` writes the file anew; read what changed in it.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.pipeline.contracts import contract
from tests.pipeline.edits import EDITS, edit, places
from tests.pipeline.test_checking import UNDEFINED
from tests.pipeline.test_pages import REFUSED, UNREAD
from tests.pipeline.test_references import DANGLING, ENVELOPE, JOB, code, rule

from akool_pipeline import checking
from akool_pipeline.documents.document import Document
from akool_pipeline.documents.pointer import join, resolve
from akool_pipeline.errors import PipelineError
from akool_pipeline.generating import parsing, prepare, raw, settings, table
from akool_pipeline.sources import pages

if TYPE_CHECKING:
    from collections.abc import Iterator

TOLD = Path(__file__).with_name("told.txt")
TEXT = {"type": "string"}
ANSWERED = {"responses": {"200": {"description": "d"}}}

SAYS_NOTHING = {"description", "info", "openapi", "title", "meaning", "name", "evidence", "text"}
"""Keys that nothing refers to."""
INVALID = {("changed", "type"), ("changed", "$ref")} | {
    ("renamed", name) for name in ("Kind", "Job", "State", "Made", "By")
}
"""What the check before these ones refuses: no type, and references to nothing."""


def sound() -> dict[str, Any]:
    """A contract that has of everything that refers to something else, and agrees with itself."""
    data = contract(
        {
            "type": "object",
            "required": ["a", "code"],
            "dependentRequired": {"a": ["code"]},
            "properties": {
                "a": {"$ref": "#/components/schemas/Kind"},
                "code": {"enum": [0, 5], "x-enum-varnames": ["Fine", "Busy"]},
                "list": {"type": "array", "items": {"$ref": "#/components/schemas/Job"}},
            },
            "example": {"a": "x", "code": 0, "list": [{"state": 1}]},
        },
        **{
            "x-job": {
                **JOB,
                "poll": {**JOB["poll"], "job": "$response.body#/list"},
                "delete": {"operationId": "drop", "parameter": "$request.body#/ids"},
                "fields": {"status": "/state", "result": "/made", "resultItem": "/url"},
            },
            "security": [{"Key": []}],
            "callbacks": {"moved": {"{$request.body#/a}/{$request.query.q}": {"post": ANSWERED}}},
        },
    )
    operation = data["paths"]["/p"]["post"]
    operation["responses"]["200"]["links"] = {
        "next": {"operationId": "drop", "requestBody": {"ids": "$response.body#/a"}},
        "same": {
            "operationRef": "#/paths/~1p/post",
            "parameters": {
                "q": "$response.header.Where",
                "query.q": "$request.header.x-by",
                "path.id": "$request.path.id",
            },
        },
    }
    by = {"name": "X-By", "in": "header", "schema": TEXT, "examples": {"one": {"value": "me"}}}
    identity = {"name": "id", "in": "path", "required": True, "schema": TEXT, "example": "i"}
    data["paths"]["/p"]["parameters"] = [{"$ref": "#/components/parameters/By"}, identity]
    ids = {"type": "object", "required": ["ids"], "properties": {"ids": TEXT}}
    data["paths"]["/drop"] = {
        "delete": {
            "operationId": "drop",
            "x-envelope": {"success": "$response.body#/ok == true", "text": "/why"},
            "requestBody": {"content": {"application/json": {"schema": ids}}},
            "responses": {"default": {"$ref": "#/components/responses/Done"}},
        }
    }
    done = {"ok": {"type": "boolean"}, "why": TEXT}
    shown = {"schema": {"properties": done}, "example": {"ok": True, "why": "so"}}
    data["components"] |= {
        "parameters": {"By": by},
        "responses": {"Done": {"description": "d", "content": {"application/json": shown}}},
        "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "k"}},
    }
    data["components"]["schemas"] |= {
        "Kind": {"type": "string", "default": "x"},
        "Job": {
            "allOf": [{"$ref": "#/components/schemas/State"}],
            "properties": {"made": {"allOf": [{"$ref": "#/components/schemas/Made"}]}},
        },
        "State": {"properties": {"state": {"type": "integer"}}},
        "Made": {"type": "array", "items": {"properties": {"url": TEXT}}},
        "Choice": {
            "oneOf": [{"$ref": "#/components/schemas/Job"}, {"$ref": "#/components/schemas/Base"}],
            "discriminator": {
                "propertyName": "a",
                "mapping": {"j": "Job", "b": "#/components/schemas/Base"},
            },
        },
    }
    return data | {
        "openapi": "3.1.0",
        "x-envelope": ENVELOPE,
        "x-business-codes": [code(5), code(0, operations=[])],
        "x-rules": [rule(code=5), rule(id="s", kind="behaviour")],
    }


def by_reference() -> dict[str, Any]:
    """A contract that disagrees with itself in what its operation only refers to."""
    job = {
        "poll": {**JOB["poll"], "operationId": "p"},
        "delete": {"operationId": "d", "parameter": "$request.query.q"},
    }
    data = contract({"properties": {"a": TEXT}}, **{"x-job": {**JOB, **job}})
    operation = data["paths"]["/p"]["post"]
    links = {"next": {"$ref": "#/components/links/L"}}
    data["components"] |= {
        "responses": {"R": {**operation["responses"]["200"], "links": links}},
        "links": {"L": {"operationId": "op", "parameters": {"q": "$request.body#/gone", "z": 1}}},
        "requestBodies": {"B": operation["requestBody"]},
        "callbacks": {"C": {"{$request.query.z}": {"post": ANSWERED}}},
    }
    operation["responses"]["200"] = {"$ref": "#/components/responses/R"}
    operation["requestBody"] = {"$ref": "#/components/requestBodies/B"}
    operation["callbacks"] = {"moved": {"$ref": "#/components/callbacks/C"}}
    return data


def edits(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The document with one name or value that is another, or gone; valid all the same."""
    for pointer, key in places(data):
        for what in EDITS:
            if (
                key in SAYS_NOTHING
                or (what, key) in INVALID
                or ("/x-" in pointer and what == "renamed")
            ):
                continue
            edited = copy.deepcopy(data)
            holder = resolve(edited, pointer)
            is_kept = what == "gone" and isinstance(holder, dict)
            if not is_kept and edit(holder, key, what):
                yield f"{join(pointer, key)} {what}", edited


def of_checks() -> Iterator[str]:
    for name, (data, _) in DANGLING.items():
        yield from (f"{name} | {line}" for line in found(data))
    for name, schema in UNDEFINED.items():
        yield from (f"{name} | {line}" for line in found(contract(schema)))
    yield from (f"by reference | {line}" for line in found(by_reference()))
    whole = sound()
    assert found(whole) == []
    for name, data in edits(whole):
        yield from (f"{name} | {line}" for line in found(data))


def found(data: dict[str, Any]) -> list[str]:
    return [": ".join([one.pointer, one.message, *one.because]) for one in checking.check(data)]


def of_pages() -> Iterator[str]:
    for name, (page, _) in {**UNREAD, **REFUSED}.items():
        try:
            pages.check_block(pages.find_block(page, "p.md"), "p.md")
        except PipelineError as error:
            yield f"{name} | {type(error).__name__}: {error}"


def odd() -> dict[str, Any]:
    """A contract with much that the generator must be helped with."""

    def body(schema: Any, media: str = "application/json") -> dict[str, Any]:
        return {"description": "d", "content": {media: {"schema": schema}}}

    enums: dict[str, Any] = {
        "Texts": {"enum": ["asc", "ASC", "asc", "", "a", "1st", "é x", "ß", None, "a_2", "-"]},
        "Numbers": {"enum": [0, -3, 12, 12]},
        "Named": {"enum": [1, 2, 3], "x-enum-varnames": ["One", "one", "try"]},
        "Misnamed": {"enum": [1, 2], "x-enum-varnames": ["One"]},
        "Mixed": {"enum": [1, "a"]},
        "Empty": {"enum": [None]},
    }
    shapes: dict[str, Any] = {
        "Lists": {
            "type": "object",
            "title": "Words",
            "properties": {
                "any": {"type": "array"},
                "maybe": {"type": ["array", "null"]},
                "pair": {"type": "array", "prefixItems": [TEXT, True], "items": False},
                "tuple": {"type": "array", "prefixItems": [False]},
                "yes": True,
                "no": False,
                "title": {"title": "Mine", "description": "Told"},
            },
            "additionalProperties": False,
        },
        "Parts": {"allOf": [True, {"type": "object"}], "not": False},
        "Conditions": {
            "properties": {"a": TEXT},
            "anyOf": [{"required": ["a"], "title": "t"}, {"not": {"required": ["b"]}}],
            "oneOf": [{"required": ["a"]}, {"type": "object"}],
        },
        "Nested": {
            "$defs": {"In-ner": {"type": "object", "properties": {"x": TEXT}}},
            "properties": {
                "one": {"$ref": "#/components/schemas/Nested/$defs/In-ner"},
                "two": {"$ref": "#/components/schemas/Nested/$defs/In-ner"},
                "far": {"$ref": "#/paths/~1a/get/responses/200/content/*~1*/schema"},
                "plain": {"$ref": "#/components/schemas/Lists"},
            },
        },
        "Nested_In_ner": TEXT,
        "Bell": {"properties": {"a\x07": TEXT, "b\x07": TEXT}},
        "Client": {"type": "object"},
    }
    x = {"name": "x", "in": "query", "required": True, "schema": {"type": "integer"}}
    shared = {"$ref": "#/paths/~1a/parameters/0"}
    circle = {"$ref": "#/paths/~1c/get/parameters/0"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "tags": [{"name": "T"}],
        "security": [{"K": [], "O": ["read"]}, {"K": []}],
        "webhooks": {"w": {"post": ANSWERED}},
        "x-business-codes": [
            code(1, retryable=True, operations=[]),
            code(2, retryable=True, operations=["send"]),
            code(3, retryable=True, operations=["other"]),
            code(4, operations=["send"]),
        ],
        "paths": {
            "/a": {
                "parameters": [x],
                "servers": [{"url": "https://a.example"}],
                "get": {
                    "tags": ["T"],
                    "summary": 'Gets "it"\n  and more',
                    "parameters": [{"name": "timeout", "in": "header", "schema": TEXT}],
                    "responses": {
                        "200": body({"type": "object", "properties": {"x": TEXT}}, "*/*"),
                        "404": body(TEXT, "image/png"),
                        "x-note": {},
                    },
                },
                "post": {
                    "operationId": "send",
                    "summary": "Sends",
                    "security": [{}],
                    "callbacks": {"c": {"$request.query.x": {"post": ANSWERED}}},
                    "x-envelope": ENVELOPE,
                    "x-effect": "changes",
                    "requestBody": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Lists"}},
                            "application/toml": {"schema": TEXT},
                        }
                    },
                    "responses": {
                        "201": body(
                            {
                                "anyOf": [
                                    {"$ref": "#/components/schemas/Good"},
                                    {"$ref": "#/components/schemas/Bad"},
                                    {"type": "object", "properties": {"code": {"const": 3}}},
                                ]
                            }
                        )
                    },
                },
            },
            "/b/{id}": {
                "put": {
                    "parameters": [
                        shared,
                        {"name": "id", "in": "path", "required": True, "schema": TEXT},
                    ],
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": {"type": "array"}}},
                    },
                    "responses": {"200": {"$ref": "#/components/responses/R"}},
                },
                "delete": {"operationId": "xml", "responses": {"200": body(TEXT, "text/xml")}},
            },
            "/c": {
                "get": {"operationId": "round", "parameters": [circle], **ANSWERED},
                "head": {"operationId": "bell", "parameters": [{**x, "name": "\x07"}], **ANSWERED},
                "post": {"operationId": "silent"},
            },
        },
        "components": {
            "callbacks": {"c": {}},
            "responses": {"R": body({"$ref": "#/components/schemas/Lists"}, "application/*")},
            "securitySchemes": {
                name: {"type": "apiKey", "in": "header", "name": name} for name in "KO"
            },
            "schemas": enums
            | shapes
            | {
                "Good": {"type": "object", "properties": {"code": {"const": 0}}},
                "Bad": {"type": "object", "properties": {"code": {"enum": [1, 2]}}},
            },
        },
    }


def of_generating() -> Iterator[str]:
    data = odd()
    prepared = prepare.prepare(data)
    assert data == odd()
    yield json.dumps({**prepared, "paths": ..., "components": ...}, default=str)
    for holder in (prepared["paths"], prepared["components"]["schemas"]):
        yield from (f"{name} | {json.dumps(made)}" for name, made in holder.items())
    contract = Document("contract.yaml", data)
    parsed = parsing.parse(contract, settings.effective(settings.read(None, Path("odd_api"))))
    yield table.source(contract, parsed).partition("SERVER")[2]
    yield raw.source(contract, parsed).partition("class RawOperations")[2]
    yield from map(str, parsed.left_out)
    made = [*parsed.data.models, *parsed.data.enums]
    yield ", ".join(f"{one.class_info.module_name}.{one.class_info.name}" for one in made)


def lines() -> str:
    return "\n".join([*of_checks(), *of_pages(), *of_generating(), ""])


def test_lines_are_those_of_the_record() -> None:
    anew = "`python -m tests.pipeline.test_told` writes told.txt; read what changed in it"
    assert lines() == TOLD.read_text("utf-8"), anew


if __name__ == "__main__":
    TOLD.write_text(lines(), "utf-8")
