"""A small contract and what is found in it, for the tests of the checks."""

from __future__ import annotations

import copy
from typing import Any

from akool_pipeline import checking

OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}}
BASE = {"$ref": "#/components/schemas/Base"}


def contract(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A contract with one operation, whose answer is `S`."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/S"}}}
    operation = {
        "operationId": "op",
        "parameters": [{"name": "q", "in": "query", "schema": {"type": "integer"}}],
        "requestBody": {"content": {"application/json": {"schema": OBJECT}}},
        "responses": {
            "200": {"description": "d", "content": content, "headers": {"Where": {"schema": {}}}}
        },
        **more,
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1.0.0"},
        "paths": {"/p": {"post": operation}},
        "components": {"schemas": {"S": schema, "Base": OBJECT}},
    }


def found(data: dict[str, Any]) -> list[str]:
    before = copy.deepcopy(data)
    findings = checking.check(data)
    assert data == before
    return [f"{finding.pointer}: {finding.message}" for finding in findings]
