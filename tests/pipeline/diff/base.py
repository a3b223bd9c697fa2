"""A made-up contract with one of everything, and how to edit it.

An edit is a JSON pointer and the value to put there; GONE deletes, and `-` appends to a list.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from akool_pipeline.diff import Change, Direction, Severity, compare
from akool_pipeline.documents.pointer import split

if TYPE_CHECKING:
    from collections.abc import Iterable

GONE = object()
BREAKING, GENERATED, READ, ADDITIVE, DOCUMENTATION = Severity
REQUEST, RESPONSE, NEITHER = Direction

Case = tuple[str, dict[str, Any], Severity, str, Direction]
"""A name, edits of `BASE`, and the worst change that they are."""

POST = "/paths/~1jobs/post"
GET = "/paths/~1jobs~1{id}/get"
BODY = "/components/schemas/Request"
ANSWER = "/components/schemas/Answer"
JSON_200 = "/responses/200/content/application~1json"
HOOK = (
    POST
    + "/callbacks/done/{$request.body#~1hook}/post/requestBody/content/application~1json/schema"
)

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
                    {
                        "name": "tags",
                        "in": "query",
                        "schema": {"type": "array", "items": {"type": "string"}},
                    },
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


def told(changes: Iterable[Change]) -> list[tuple[Severity, str, Direction]]:
    """The verdicts alone."""
    return [(change.severity, change.rule, change.direction) for change in changes]


def only(old: dict[str, Any], new: dict[str, Any]) -> Change:
    """The one change between two documents."""
    (change,) = compare(old, new)
    return change


def has(document: Any, pointer: str) -> bool:
    for part in split(pointer):
        if isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        elif isinstance(document, dict) and part in document:
            document = document[part]
        else:
            return False
    return True


def check(edits: dict[str, Any], severity: Severity, rule: str, direction: Direction) -> None:
    """The edits are this change, nothing worse, and every change names a place that there is."""
    new = edited(BASE, edits)
    changes = compare(BASE, new)
    assert (severity, rule, direction) in told(changes), changes
    assert changes[0].severity is severity, changes[0]
    for change in changes:
        assert any(has(document, change.pointer) for document in (BASE, new)), change
