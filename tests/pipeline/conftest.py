"""Made-up pages of products that are not face swap, small enough to read."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from akool_pipeline.building.fragments import Fragment
from akool_pipeline.documents.document import Document
from akool_pipeline.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

THINGS: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Things API", "version": "1.0.0"},
    "servers": [{"url": "https://api.example"}],
    "security": [{"Key": []}],
    "paths": {
        "/things": {
            "get": {
                "tags": ["Things"],
                "operationId": "listThings",
                "responses": {
                    "200": {
                        "description": "Things",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "array",
                                    "items": {"$ref": "#/components/schemas/Thing"},
                                }
                            }
                        },
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}},
            }
        },
        "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "x-api-key"}},
    },
}


@pytest.fixture
def things() -> dict[str, Any]:
    """A page's document, free to be changed."""
    return copy.deepcopy(THINGS)


@pytest.fixture
def other() -> dict[str, Any]:
    """A second page of the same product: another operation, the same components."""
    document = copy.deepcopy(THINGS)
    item = document["paths"].pop("/things")
    item["get"]["operationId"] = "listOthers"
    document["paths"]["/others"] = item
    return document


@pytest.fixture
def fragment() -> Callable[[str, dict[str, Any]], Fragment]:
    """Makes a fragment of a document, with lines as if each pointer stood on line 1."""

    def make(name: str, data: dict[str, Any]) -> Fragment:
        return Fragment(name, Document(f"{name}.yaml", data, {"": 1}))

    return make


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Layout]:
    """Lays documents out as the fragments of a project named `things`."""

    def lay(**documents: dict[str, Any]) -> Layout:
        layout = Layout(tmp_path, "things")
        layout.fragments.mkdir(parents=True, exist_ok=True)
        for name, document in documents.items():
            (layout.fragments / f"{name}.yaml").write_text(json.dumps(document, indent=1))
        return layout

    return lay
