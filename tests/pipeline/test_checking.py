"""What a contract says in one place it does not take back in another; told with file and line."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from typer.testing import CliRunner

from akool_openapi import load
from akool_pipeline import checking
from akool_pipeline.cli import app
from akool_pipeline.documents.pointer import resolve

OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}}


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


def test_the_committed_contract_agrees_with_itself() -> None:
    assert found(load()) == []


BASE = {"$ref": "#/components/schemas/Base"}
UNDEFINED = {
    "a name that is none": {**OBJECT, "required": ["a", "b"]},
    "none at all": {"type": "object", "required": ["b"]},
    "in an array": {"type": "array", "items": {**OBJECT, "required": ["b"]}},
    "in a property": {"properties": {"x": {**OBJECT, "required": ["b"]}}},
    "in a composition": {"allOf": [BASE, {"required": ["b"]}]},
    "in a choice": {**OBJECT, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
    "in what is additional": {"additionalProperties": {**OBJECT, "required": ["b"]}},
    "on a condition": {**OBJECT, "if": {"required": ["a"]}, "then": {"required": ["b"]}},
    "as soon as another is there": {**OBJECT, "dependentSchemas": {"a": {"required": ["b"]}}},
    "with another": {**OBJECT, "dependentRequired": {"a": ["a", "b"]}},
    "beside what must not be there": {**OBJECT, "not": {"required": ["c"]}, "required": ["b"]},
}


@pytest.mark.parametrize("schema", UNDEFINED.values(), ids=UNDEFINED.keys())
def test_a_required_name_that_no_schema_defines_is_found(schema: dict[str, Any]) -> None:
    (problem,) = found(contract(schema))
    assert "requires 'b', which is not among its properties" in problem


DEFINED = {
    "a property": {**OBJECT, "required": ["a"]},
    "a property of another part": {"allOf": [BASE, {"required": ["a"]}]},
    "a property of what is composed": {**OBJECT, "anyOf": [{"required": ["a"]}]},
    "a part inside a part": {"allOf": [{"allOf": [{"required": ["a"]}]}, BASE]},
    "a map's key": {"type": "object", "additionalProperties": {}, "required": ["any"]},
    "what must not be there": {**OBJECT, "not": {"required": ["b"]}},
    "a property called required": {"properties": {"required": {"type": "boolean"}}},
    "a key that a pattern allows": {"patternProperties": {"^.$": {}}, "required": ["b"]},
    "a word of 3.1 that 3.0 may use otherwise": {**OBJECT, "dependentRequired": {"a": "b"}},
}


@pytest.mark.parametrize("schema", DEFINED.values(), ids=DEFINED.keys())
def test_a_required_name_that_some_part_defines_is_fine(schema: dict[str, Any]) -> None:
    assert found(contract(schema)) == []


def test_a_component_that_only_requires_is_judged_where_it_is_used() -> None:
    data = contract({"allOf": [BASE, {"$ref": "#/components/schemas/Must"}]})
    data["components"]["schemas"]["Must"] = {"type": "object", "required": ["a"]}
    assert found(data) == []
    data["components"]["schemas"]["S"] = {"$ref": "#/components/schemas/Must"}
    assert len(found(data)) == 1


class TestExamples:
    @pytest.mark.parametrize(
        ("value", "is_good"), [(3, True), ("3", False), (True, False), (None, False)]
    )
    @pytest.mark.parametrize(
        "place",
        [
            "/paths/~/post/parameters/0/example",
            "/paths/~/post/requestBody/content/json/example",
            "/paths/~/post/responses/200/content/json/example",
            "/paths/~/post/responses/200/headers/Where/example",
            "/components/parameters/P/example",
            "/components/responses/R/content/json/example",
        ],
    )
    def test_are_held_to_the_schema_beside_them(self, place, value, is_good) -> None:
        data = contract({"type": "object"})
        *above, last = [
            {"~": "/p", "json": "application/json"}.get(part, part) for part in place.split("/")[1:]
        ]
        holder: Any = data
        for key in above:
            holder = holder[int(key)] if isinstance(holder, list) else holder.setdefault(key, {})
        holder.update({"schema": {"type": "integer"}, last: value})
        problems = found(data)
        assert (not problems) is is_good
        assert is_good or "does not fit its schema" in problems[0]
        del holder[last]
        holder["examples"] = {"one": {"value": value}, "two": {"externalValue": "x"}}
        assert (not found(data)) is is_good

    def test_of_schemas_are_held_to_them_at_any_depth(self) -> None:
        schema = {"properties": {"x": {"items": {"type": "integer", "example": "a"}}}}
        (problem,) = found(contract(schema))
        assert problem.startswith("/components/schemas/S/properties/x/items/example: ")

    def test_in_lists_belong_to_3_1(self) -> None:
        data = contract({"type": ["string", "null"], "examples": ["a", None, 3]})
        data["openapi"] = "3.1.0"
        (problem,) = found(data)
        assert problem.startswith("/components/schemas/S/examples/2: ")

    def test_follow_references_and_name_the_keyword_that_they_break(self) -> None:
        data = contract({"allOf": [{"$ref": "#/components/schemas/N"}], "example": {"n": "long"}})
        data["components"]["schemas"]["N"] = {"properties": {"n": {"maxLength": 3}}}
        (finding,) = checking.check(data)
        assert finding.pointer == "/components/schemas/S/example/n"
        assert finding.because == ("/components/schemas/N/properties/n/maxLength",)

    def test_of_alternatives_tell_the_fault_of_the_one_that_came_furthest(self) -> None:
        good = {"properties": {"d": {"properties": {"x": {"type": "integer"}}}}, "required": ["d"]}
        bad = {"properties": {"d": {"type": "object", "maxProperties": 0}}}
        data = contract({"oneOf": [good, bad], "example": {"d": {"x": "no"}}})
        (problem,) = found(data)
        assert problem.startswith("/components/schemas/S/example/d/x: ")

    def test_that_are_text_of_another_format_are_not_values_of_the_schema(self) -> None:
        data = contract({"type": "object"})
        content = {"text/xml": {"schema": OBJECT, "example": "<a/>"}}
        data["paths"]["/p"]["post"]["responses"]["200"]["content"] = content
        assert found(data) == []

    def test_may_leave_out_what_only_the_other_side_sends(self) -> None:
        data = contract(
            {
                "required": ["id", "secret"],
                "properties": {
                    "id": {"type": "string", "readOnly": True},
                    "secret": {"type": "string", "writeOnly": True},
                },
            }
        )
        operation = data["paths"]["/p"]["post"]
        reference = {"$ref": "#/components/schemas/S"}
        operation["requestBody"]["content"]["application/json"] = {
            "schema": reference,
            "example": {"secret": "s"},
        }
        operation["responses"]["200"]["content"]["application/json"]["example"] = {"id": "i"}
        assert found(data) == []


LINK = {"operationId": "op", "parameters": {"q": "$response.body#/a"}}
JOB = {
    "id": "$response.body#/a",
    "poll": {"operationId": "op", "parameter": "$request.query.q", "job": "$response.body#"},
    "fields": {"status": "/a"},
    "statuses": {"succeeded": [1], "failed": [2]},
}


def linked(**change: Any) -> dict[str, Any]:
    data = contract(OBJECT)
    data["paths"]["/p"]["post"]["responses"]["200"]["links"] = {"next": {**LINK, **change}}
    return data


def with_path_parameter() -> dict[str, Any]:
    data = linked(parameters={"z": "$request.query.z"})
    parameter = {"name": "z", "in": "query", "schema": {"type": "string"}}
    data["paths"]["/p"]["parameters"] = [parameter]
    return data


def referring(reference: str, **more: Any) -> dict[str, Any]:
    data = linked()
    link = {"operationRef": reference, **more}
    data["paths"]["/p"]["post"]["responses"]["200"]["links"] = {"next": link}
    return data


def answering(schema: dict[str, Any], pointer: str) -> dict[str, Any]:
    """A link that reads `pointer` from an answer of `schema`."""
    data = linked(parameters={"q": f"$response.body#{pointer}"})
    data["components"]["schemas"]["S"] = schema
    return data


def with_codes_elsewhere(number: int) -> dict[str, Any]:
    data = root(**{"x-envelope": ENVELOPE, "x-business-codes": [code(number)]})
    part = {"allOf": [{"$ref": "#/components/schemas/Code"}]}
    data["components"]["schemas"] |= {"S": {"properties": {"code": part}}, "Code": {"enum": [0, 5]}}
    return data


def in_a_circle() -> dict[str, Any]:
    data = linked(parameters={"q": "$request.body#/a"})
    bodies = {
        "A": {"$ref": "#/components/requestBodies/B"},
        "B": {"$ref": "#/components/requestBodies/A"},
    }
    data["components"]["requestBodies"] = bodies
    data["paths"]["/p"]["post"]["requestBody"] = bodies["A"]
    return data


def called(expression: str) -> dict[str, Any]:
    answered = {"responses": {"200": {"description": "d"}}}
    return contract(OBJECT, callbacks={"moved": {expression: {"post": answered}}})


def with_another_envelope() -> dict[str, Any]:
    data = root(**{"x-envelope": ENVELOPE})
    content = {"application/json": {"schema": OBJECT}}
    answers = {"200": {"description": "d", "content": content}}
    data["paths"]["/new"] = {"get": {"operationId": "newPage", "responses": answers}}
    return data


def job(path: str, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(JOB)
    *above, last = path.split(".")
    holder: Any = changed
    for key in above:
        holder = holder[key]
    holder[last] = value
    return contract(OBJECT, **{"x-job": changed})


def root(**more: Any) -> dict[str, Any]:
    return {**contract({"properties": {"code": {"enum": [0, 5]}}}), **more}


def rule(**change: Any) -> dict[str, Any]:
    row = {"id": "r", "kind": "request", "text": "t", "operations": ["op"], "evidence": "e"}
    return {**row, **change}


def code(number: int, **change: Any) -> dict[str, Any]:
    row = {"code": number, "name": f"C{number}", "meaning": "m", "retryable": False}
    return {**row, "operations": ["op"], **change}


ENVELOPE = {"success": "$response.body#/code == 0", "code": "/code"}
SOUND = {
    "a link": linked(),
    "a link by reference": linked(operationId=None) and contract(OBJECT),
    "a link's body": linked(requestBody={"a": "$request.body#/a"}),
    "a parameter of the path": with_path_parameter(),
    "a constant in a link": linked(parameters={"q": 3}),
    "a link to a parameter by place": linked(parameters={"query.q": "$response.header.where"}),
    "a callback": called("{$request.body#/a}/x?{$request.query.q}"),
    "a callback to a fixed address": called("https://a.example"),
    "a job": job("id", "$response.body#/a"),
    "a rule": root(**{"x-rules": [rule(code=5)], "x-business-codes": [code(5), code(0)]}),
    "an envelope": root(**{"x-envelope": ENVELOPE, "x-business-codes": [code(5)]}),
    "an envelope of any object or null": {
        **contract({"type": ["object", "null"]}, **{"x-envelope": ENVELOPE}),
        "openapi": "3.1.0",
    },
    "an envelope that a new page does not have": with_another_envelope(),
    "names of values": contract({"enum": [1, 2], "x-enum-varnames": ["A", "B"]}),
    "a link by reference to what takes its parameter": referring(
        "#/paths/~1p/post", parameters={"q": 1}, requestBody={"a": 1}
    ),
    "a link by an address of elsewhere": referring("https://a.example/x.yaml#/paths/~1q/get"),
    "a link that gets a whole body": linked(requestBody="$response.body"),
    "a field of a map": answering({"additionalProperties": {"$ref": BASE["$ref"]}}, "/any/a"),
    "a field of anything": answering({}, "/any/a"),
    "a code that is stated elsewhere": with_codes_elsewhere(5),
    "a discriminator": contract({"discriminator": {"propertyName": "a", "mapping": {"b": "Base"}}}),
}
DANGLING = {
    "a link's operation": (linked(operationId="gone"), "there is no operation 'gone'"),
    "a link's parameter": (linked(parameters={"z": 1}), "op has no parameter 'z'"),
    "a link's source": (
        linked(parameters={"q": "$response.body#/gone"}),
        "$response.body#/gone: op has no such field in its answer",
    ),
    "a link's header": (
        linked(parameters={"q": "$response.header.Gone"}),
        "op has no such header",
    ),
    "a link's field": (linked(requestBody={"z": 1}), "op takes no field 'z'"),
    "a link's reference": (
        linked(operationId=None, operationRef="#/paths/~1gone/get"),
        "there is no operation None",
    ),
    "a link's reference to nothing": (
        referring("#/paths/~1gone/get"),
        "#/paths/~1gone/get leads nowhere",
    ),
    "a parameter of a link by reference": (
        referring("#/paths/~1p/post", parameters={"z": 1}),
        "op has no parameter 'z'",
    ),
    "a field of a link by reference": (
        referring("#/paths/~1p/post", requestBody={"z": 1}),
        "op takes no field 'z'",
    ),
    "a link's whole body": (
        linked(requestBody="$response.body#/gone"),
        "$response.body#/gone: op has no such field in its answer",
    ),
    "a link's expression": (
        linked(parameters={"q": "$request.nonsense"}),
        "$request.nonsense is not a runtime expression",
    ),
    "a field of a text": (answering(OBJECT, "/a/x"), "op has no such field in its answer"),
    "a field of a text or null": (
        answering({"properties": {"a": {"type": ["string", "null"]}}}, "/a/x"),
        "op has no such field in its answer",
    ),
    "a field of an item of a map": (
        answering({"additionalProperties": {"$ref": BASE["$ref"]}}, "/any/z"),
        "op has no such field in its answer",
    ),
    "a field of an object that has none": (
        answering({"type": "object", "maxProperties": 0}, "/a"),
        "op has no such field in its answer",
    ),
    "a field of an object of no other fields": (
        answering({"type": "object", "additionalProperties": False}, "/a"),
        "op has no such field in its answer",
    ),
    **{
        f"a field of {word}": (answering(schema, "/a"), "op has no such field in its answer")
        for word, schema in {
            "one value": {"const": 3},
            "several values": {"enum": [3, 4]},
            "a tuple": {"prefixItems": [{}]},
            "names by a pattern": {"patternProperties": {"^b$": {}}},
        }.items()
    },
    "an item that has no number": (
        answering({"type": "array", "items": OBJECT}, "/first"),
        "op has no such field in its answer",
    ),
    "a field behind a circle of references": (
        in_a_circle(),
        "op has no such field in its request",
    ),
    "a callback's field": (called("{$request.body#/gone}"), "op has no such field in its request"),
    "a callback's parameter": (called("{$request.query.z}"), "op has no such query parameter"),
    "a job's id": (job("id", "$response.body#/gone"), "op has no such field in its answer"),
    "a job's operation": (job("poll.operationId", "gone"), "there is no operation 'gone'"),
    "a job's parameter": (job("poll.parameter", "$request.query.z"), "no such query parameter"),
    "a job's status": (job("fields.status", "/gone"), "op answers no job with /gone"),
    "a job that is not as its schema says": (job("fields", {}), "not what x-job can be"),
    "an effect that is none": (contract(OBJECT, **{"x-effect": "free"}), "what x-effect can be"),
    "a rule's operation": (root(**{"x-rules": [rule(operations=["no"])]}), "no operation 'no'"),
    "a rule's code": (
        root(**{"x-rules": [rule(code=9)], "x-business-codes": [code(5)]}),
        "code 9 is not in x-business-codes",
    ),
    "a rule's name": (root(**{"x-rules": [rule(), rule(kind="behaviour")]}), "r is given twice"),
    "a code's operation": (root(**{"x-business-codes": [code(5, operations=["no"])]}), "'no'"),
    "a code's number": (root(**{"x-business-codes": [code(5), code(5, name="D")]}), "given twice"),
    "a code's name": (
        root(**{"x-business-codes": [code(5), code(6, name="C5")]}),
        "name C5 is given twice",
    ),
    "a code that cannot come where it is stated elsewhere": (
        with_codes_elsewhere(7),
        "the answers of op have no code 7",
    ),
    "a code that cannot come": (
        root(**{"x-envelope": ENVELOPE, "x-business-codes": [code(7)]}),
        "the answers of op have no code 7",
    ),
    "an envelope's code": (
        root(**{"x-envelope": {**ENVELOPE, "code": "/gone"}}),
        "the answers of op have no /gone",
    ),
    "an envelope's criterion": (
        root(**{"x-envelope": {"success": "$response.body#/gone == 0"}}),
        "op has no such field in its answer",
    ),
    "a security scheme": (contract(OBJECT, security=[{"Gone": []}]), "no security scheme 'Gone'"),
    "a security scheme of all": (root(security=[{"Gone": []}]), "no security scheme 'Gone'"),
    "names of no values": (
        contract({"x-enum-varnames": ["A"]}),
        "there is no enum here whose values could be named: delete it",
    ),
    "names that are a text": (
        contract({"enum": [1, 2], "x-enum-varnames": "AB"}),
        "must name each of the 2 values of enum",
    ),
    "a discriminator's schema": (
        contract({"discriminator": {"propertyName": "a", "mapping": {"b": "Gone"}}}),
        "there is no schema 'Gone'",
    ),
    "a value without a name": (
        contract({"enum": [1, 2], "x-enum-varnames": ["A"]}),
        "must name each of the 2 values",
    ),
    "a name of two values": (
        contract({"enum": [1, 2], "x-enum-varnames": ["A", "A"]}),
        "gives one name twice",
    ),
}


@pytest.mark.parametrize("data", SOUND.values(), ids=SOUND.keys())
def test_a_reference_to_what_is_there_is_fine(data: dict[str, Any]) -> None:
    assert found(data) == []


@pytest.mark.parametrize(("data", "message"), DANGLING.values(), ids=DANGLING.keys())
def test_a_reference_to_nothing_is_found_where_it_stands(data, message: str) -> None:
    problems = found(data)
    assert len(problems) == 1
    assert message in problems[0]
    resolve(data, problems[0].partition(": ")[0])


class TestTheBuild:
    """It stops, and says which overlay action is to be changed."""

    OVERLAY = """\
overlay: 1.0.0
info: {title: T, version: '1'}
actions:
  - target: $.components.schemas.Thing
    description: d
    x-evidence: e
    update:
      required:
        - made
      example:
        id: 3
  - target: $.paths['/things'].get
    description: d
    x-evidence: e
    update:
      x-effect: reads
"""

    def build(self, layout):
        root = ("--root", str(layout.root), "--name", "things")
        return CliRunner().invoke(app, ["build", *root])

    @pytest.fixture
    def layout(self, project, things):
        things["components"]["schemas"]["Thing"]["properties"]["made"] = {"type": "string"}
        layout = project(things=things)
        layout.overlays.mkdir()
        text = self.OVERLAY.replace("id: 3", "id: a\n        made: m")
        (layout.overlays / "10-own.yaml").write_text(text)
        return layout

    def test_passes_what_agrees(self, layout) -> None:
        done = self.build(layout)
        assert done.exit_code == 0, done.output

    def test_stops_at_a_renamed_field_and_names_the_action(self, layout) -> None:
        page = layout.fragments / "things.yaml"
        page.write_text(page.read_text().replace('"made"', '"made_at"'))
        done = self.build(layout)
        assert done.exit_code == 2
        assert (
            "10-own.yaml:9: #/components/schemas/Thing/required/1: requires 'made'" in done.stderr
        )
        assert "(overlay action on line 4, target $.components.schemas.Thing)" in done.stderr
        assert not layout.contract.exists()

    def test_stops_at_an_example_and_names_both_sides(self, layout) -> None:
        path = layout.overlays / "10-own.yaml"
        path.write_text(self.OVERLAY)
        done = self.build(layout)
        assert done.exit_code == 2
        assert (
            "10-own.yaml:11: #/components/schemas/Thing/example/id: the example does" in done.stderr
        )
        assert "against " in done.stderr
        assert "things.yaml:" in done.stderr

    def test_stops_at_an_extension_and_names_its_line(self, layout) -> None:
        path = layout.overlays / "10-own.yaml"
        path.write_text(path.read_text().replace("x-effect: reads", "x-effect: free"))
        done = self.build(layout)
        assert done.exit_code == 2
        assert "10-own.yaml:17: #/paths/~1things/get/x-effect: not what x-effect" in done.stderr
