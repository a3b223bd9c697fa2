"""The table of operations and the raw methods: what the contract says, and nothing by hand."""

from __future__ import annotations

import asyncio
import copy
import importlib
import inspect
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from akool_faceswap_api import operations as ours
from akool_openapi import load
from akool_openapi import operations as contract
from akool_pipeline.documents.document import Document
from akool_pipeline.errors import PipelineError
from akool_pipeline.generating.generate import generate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SPECS = {spec.name: spec for spec in contract.operations(load())}
ENVELOPE = {"success": "$response.body#/ok == true", "text": "/why"}
JOB = {
    "id": "$response.body#/job",
    "poll": {
        "operationId": "getMade",
        "parameter": "$request.path.id",
        "job": "$response.body#",
    },
    "fields": {"status": "/state"},
    "statuses": {"succeeded": ["done"], "failed": ["broken"]},
}


def body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "it", "content": {"application/json": {"schema": schema}}}


def flag(*words: str) -> dict[str, Any]:
    ok = {"type": "boolean", "enum": [word == "true" for word in words]}
    return {"type": "object", "required": ["ok"], "properties": {"ok": ok}}


@pytest.fixture
def made(things) -> dict[str, Any]:
    """A submit, its poll, a delete and a list: shapes that are not face swap's."""
    things["components"]["schemas"] |= {"Made": flag("true"), "No": flag("false")}
    either = {"oneOf": [{"$ref": "#/components/schemas/No"}, {"$ref": "#/components/schemas/Made"}]}
    identity = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    things["paths"] |= {
        "/made": {
            "servers": [{"url": "https://other.example"}],
            "post": {
                "operationId": "make",
                "security": [],
                "x-envelope": ENVELOPE,
                "x-job": JOB,
                "x-price": {"credits": 2},
                "parameters": [
                    {"name": "timeout", "in": "query", "schema": {"type": "integer"}},
                    {
                        "name": "X-Who",
                        "in": "header",
                        "required": True,
                        "schema": {"type": "string"},
                    },
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}
                    },
                },
                "responses": {"200": body(either)},
            },
        },
        "/made/{id}": {
            "parameters": [identity],
            "get": {"operationId": "getMade", "responses": {"200": body(flag("true", "false"))}},
            "delete": {
                "operationId": "dropMade",
                "x-effect": "deletes",
                "responses": {"204": {"description": "gone"}},
            },
        },
    }
    return things


@pytest.fixture
def package(made, tmp_path: Path, monkeypatch) -> Iterator[str]:
    generate(Document("contract", made), None, tmp_path / "made_api")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield "made_api"
    for name in [name for name in sys.modules if name.partition(".")[0] == "made_api"]:
        del sys.modules[name]


class TestTheTable:
    @pytest.mark.parametrize("name", SPECS)
    def test_says_of_every_operation_what_the_contract_says(self, name: str) -> None:
        spec, row = SPECS[name], ours.OPERATIONS[name]
        assert (row.method, row.path, row.effect) == (spec.method, spec.path, spec.effect)
        assert row.job == spec.data.get("x-job")
        assert row.price == spec.data.get("x-price")
        stated, read = row.envelope, spec.envelope
        assert (stated is None) == (read is None)
        if stated is not None and read is not None:
            for part in ("success", "value", "code", "text", "data"):
                assert getattr(stated, part) == getattr(read, part)

    def test_has_every_operation_and_no_other(self) -> None:
        assert list(ours.OPERATIONS) == list(SPECS)
        assert ours.LEFT_OUT == {}
        assert load()["servers"][0]["url"] == ours.SERVER

    def test_of_another_product_is_its_own(self, package: str) -> None:
        table = importlib.import_module(f"{package}.operations")
        make = table.OPERATIONS["make"]
        assert (make.effect, make.security, make.server) == ("spends", (), "https://other.example")
        assert (make.body, make.answer) == ("Thing", "Made")
        assert make.envelope == table.Envelope("/ok", value=True, code=None, text="/why")
        assert (make.job, make.price) == (JOB, {"credits": 2})
        assert make.parameters == (
            table.Parameter("timeout", "query", "timeout_query"),
            table.Parameter("X-Who", "header", "x_who", required=True),
        )
        assert table.OPERATIONS["getMade"].effect == "reads"
        assert table.OPERATIONS["getMade"].answer == "GetMadeResponse200"
        assert table.OPERATIONS["getMade"].security == (("Key",),)
        assert table.OPERATIONS["dropMade"].effect == "deletes"
        assert table.OPERATIONS["listThings"].answer is None
        for row in table.OPERATIONS.values():
            assert callable(importlib.import_module(row.module)._get_kwargs)

    def test_lists_what_is_left_out(self, made, tmp_path: Path) -> None:
        made["paths"]["/odd"] = {
            "get": {
                "operationId": "odd",
                "responses": {"200": {"description": "x", "content": {"application/xml": {}}}},
            }
        }
        generate(Document("contract", made), None, tmp_path / "odd_api")
        text = (tmp_path / "odd_api" / "operations.py").read_text("utf-8")
        assert '"GET /odd (odd)": ' in text

    def test_an_extension_of_another_form_is_one_line(self, made, tmp_path: Path) -> None:
        made["paths"]["/made"]["post"]["x-effect"] = "explodes"
        with pytest.raises(PipelineError, match="make: x-effect is 'explodes'"):
            generate(Document("contract", made), None, tmp_path / "odd_api")
        assert not (tmp_path / "odd_api").exists()

    def test_loads_no_model(self) -> None:
        code = (
            "import sys, akool_faceswap_api.operations, akool_faceswap_api.raw;"
            "print([m for m in sys.modules if '.models' in m or '.api.' in m])"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert done.stdout == "[]\n"


class TestTheRawMethods:
    def test_hand_operation_and_arguments_to_the_client(self, package: str) -> None:
        raw = importlib.import_module(f"{package}.raw")
        unset = importlib.import_module(f"{package}.types").UNSET

        class Blocking(raw.RawOperations):
            def _call(self, operation, arguments, timeout):
                return operation.name, arguments, timeout

        class Async(raw.AsyncRawOperations):
            async def _call(self, operation, arguments, timeout):  # noqa: ASYNC109 - the client's
                return operation.name, arguments, timeout

        given = {"timeout_query": unset, "x_who": "me", "body": "a body"}
        assert Blocking().make("me", "a body") == ("make", given, unset)
        told = asyncio.run(Async().make("me", "a body", timeout=3.0, timeout_query=7))
        assert told == ("make", {**given, "timeout_query": 7}, 3.0)
        assert Blocking().drop_made("x") == ("dropMade", {"id": "x"}, unset)

    def test_are_the_same_for_threads_and_for_asyncio(self, package: str) -> None:
        raw = importlib.import_module(f"{package}.raw")
        for name in ("list_things", "make", "get_made", "drop_made"):
            one, other = (getattr(c, name) for c in (raw.RawOperations, raw.AsyncRawOperations))
            assert inspect.signature(one) == inspect.signature(other)
            assert inspect.iscoroutinefunction(other)

    def test_answer_what_a_success_is(self, package: str) -> None:
        raw = importlib.import_module(f"{package}.raw")
        assert inspect.signature(raw.RawOperations.make).return_annotation == "Made"
        things = inspect.signature(raw.RawOperations.list_things).return_annotation
        assert things == "list[Thing]"


def test_an_envelope_decides_which_alternative_is_the_success(made, tmp_path: Path) -> None:
    """Turned round, the other class is the answer; without an envelope there is no single one."""
    for value, answer in (("false", "'No'"), (None, None)):
        document = copy.deepcopy(made)
        post = document["paths"]["/made"]["post"]
        del post["x-envelope"]
        if value:
            post["x-envelope"] = {"success": f"$response.body#/ok == {value}"}
        folder = tmp_path / f"{value}_api".lower()
        generate(Document("contract", document), None, folder)
        text = (folder / "operations.py").read_text("utf-8").partition('"make": ')[2]
        row = text.partition('"getMade"')[0].replace('"', "'")
        assert (f"answer={answer}" in row) if answer else ("answer=" not in row)


def test_an_operation_without_responses_is_generated(made, tmp_path: Path, monkeypatch) -> None:
    """OpenAPI 3.1 does not ask for them."""
    made["openapi"] = "3.1.0"
    made["paths"]["/silent"] = {"post": {"operationId": "silent"}}
    assert list(generate(Document("contract", made), None, tmp_path / "silent_api")) == []
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    module = importlib.import_module("silent_api.api.operations.silent")
    assert module._get_kwargs()["url"] == "/silent"


def test_callbacks_and_parameters_elsewhere_are_lawful(made, tmp_path: Path, monkeypatch) -> None:
    """The generator stops at a callback that is a `$ref`, and follows none into paths."""
    call = {"post": {"responses": {"200": {"description": "seen"}}}}
    made["components"]["callbacks"] = {"Done": {"{$request.body#/url}": call}}
    made["paths"]["/made"]["post"]["callbacks"] = {"done": {"$ref": "#/components/callbacks/Done"}}
    made["paths"]["/more/{id}"] = {
        "get": {
            "operationId": "more",
            "parameters": [{"$ref": "#/paths/~1more~1%7Bid%7D/delete/parameters/0"}],
            "responses": {"200": body({"type": "object"})},
        },
        "delete": {
            "operationId": "less",
            "parameters": [{"$ref": "#/paths/~1made~1%7Bid%7D/parameters/0"}],
            "responses": {"200": body({"type": "object"})},
        },
    }
    before = copy.deepcopy(made)
    assert list(generate(Document("contract", made), None, tmp_path / "called_api")) == []
    assert made == before
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    for name in ("more", "less"):
        function = importlib.import_module(f"called_api.api.operations.{name}")._get_kwargs
        assert function("a b")["url"] == "/more/a%20b"


def test_what_helps_the_generator_costs_no_part_of_the_contract(made, tmp_path: Path) -> None:
    """An answer of any type is read as JSON, and others refer to its schema where it was."""
    place = "#/paths/~1any/get/responses/200/content/*~1*/schema"
    of_any = {"description": "it", "content": {"*/*": {"schema": {"type": "object"}}}}
    made["openapi"] = "3.1.0"
    made["paths"]["/any"] = {"get": {"responses": {"200": of_any, "x-note": "of the vendor"}}}
    made["paths"]["/same"] = {"get": {"responses": {"200": body({"$ref": place})}}}
    state = {"enum": ["on", "off", None]}
    made["components"]["schemas"] |= {
        "Switch": {"type": "object", "properties": {"state": {"$ref": "#/components/schemas/S"}}},
        "S": state,
    }
    assert list(generate(Document("contract", made), None, tmp_path / "any_api")) == []
