"""The smallest contract that holds a schema: one call, what it takes and what it answers."""

from __future__ import annotations

import copy
from typing import Any

NAME = "swap (POST /swap)"
REQUEST_SCHEMA = "/paths/~1swap/post/requestBody/content/application~1json/schema"
RESPONSE_SCHEMA = "/paths/~1swap/post/responses/200/content/application~1json/schema"


def contract(
    request: Any = None, response: Any = None, *, version: str = "3.1.0", **more: Any
) -> dict[str, Any]:
    """One call with these schemas; `more` are keys of the operation, or of the document.

    Keys of the document are `components`, `servers`, `security`, `tags`, `webhooks` and, with `_`
    for `-`, its extensions.
    """
    operation: dict[str, Any] = {
        "operationId": "swap",
        "responses": {"200": {"description": "Done"}},
    }
    if request is not None:
        body = {"required": True, "content": {"application/json": {"schema": request}}}
        operation["requestBody"] = body
    if response is not None:
        operation["responses"]["200"]["content"] = {"application/json": {"schema": response}}
    document: dict[str, Any] = {
        "openapi": version,
        "info": {"title": "Swaps", "version": "1.0.0"},
        "paths": {"/swap": {"post": operation}},
    }
    for key, value in more.items():
        name = key.replace("_", "-")
        is_of_document = key in OF_DOCUMENT or name in {"x-rules", "x-business-codes"}
        (document if is_of_document else operation)[name] = value
    return copy.deepcopy(document)


OF_DOCUMENT = {"components", "servers", "security", "tags", "webhooks", "paths"}


def schemas(**named: Any) -> dict[str, Any]:
    """Components that are schemas."""
    return {"schemas": named}


def ref(name: str, **beside: Any) -> dict[str, Any]:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}", **beside}
