"""The generated package under a user's `mypy --strict`, for more than our own contract."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

from akool_pipeline.documents.document import Document
from akool_pipeline.generating.generate import generate

if TYPE_CHECKING:
    from pathlib import Path

THING = {"$ref": "#/components/schemas/Thing"}
FIELDS: dict[str, Any] = {
    "text": {"type": "string", "default": "x"},
    "number": {"type": "number"},
    "day": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "date-time"},
    "uuid": {"type": "string", "format": "uuid"},
    "maybe": {"type": "string", "nullable": True},
    "list": {"type": "array", "items": THING},
    "d": {"type": "array", "items": {"type": "array", "items": THING}},
    "either": {"oneOf": [THING, {"type": "array", "items": THING}, {"type": "integer"}]},
    "order": {"type": "string", "enum": ["asc", "ASC"], "default": "asc"},
    "map": {"type": "object", "additionalProperties": THING},
    "data": {},
}
USER = """\
from typing_extensions import assert_type

from things_api import AuthenticatedClient
from things_api.api.operations import put_thing
from things_api.models import Thing, Whole

whole = Whole.from_dict({})
assert_type(whole, Whole)
with AuthenticatedClient(base_url="https://a.example", token="t") as client:
    answer = put_thing.sync(client=client, body=whole, id="x", limit=3)
    assert_type(answer, Thing | None)
"""


def test_a_users_strict_mypy_accepts_it(tmp_path: Path) -> None:
    schemas = {
        "Thing": {"type": "object", "properties": {"id": {"type": "string"}}},
        "Whole": {"type": "object", "properties": FIELDS, "required": list(FIELDS)[::2]},
    }
    put = {
        "operationId": "putThing",
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "limit", "in": "query", "schema": {"type": "integer"}},
            {"name": "X-Time", "in": "header", "schema": {"type": "string"}},
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Whole"}}},
        },
        "responses": {
            "200": {"description": "it", "content": {"application/json": {"schema": THING}}}
        },
    }
    contract = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/things/{id}": {"put": put}},
        "components": {"schemas": schemas},
    }
    generate(Document("contract", contract), None, tmp_path / "things_api")
    (tmp_path / "program.py").write_text(USER, "utf-8")
    options = ["--strict", "--config-file=", "--cache-dir", str(tmp_path / "cache")]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "-p", "things_api", "-m", "program"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    modules = len([*(tmp_path / "things_api").rglob("*.py")]) + 1
    assert f"no issues found in {modules} source files" in done.stdout
