"""What a contract refers to is there, however it is spelled; told where the reference stands."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from tests.pipeline.contracts import BASE, OBJECT, contract, found

from akool_pipeline.documents.pointer import resolve

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
    "a percent-encoded reference to an operation": referring(
        "#/paths/~1p/%70ost", parameters={"q": 1}
    ),
    "a percent-encoded reference to a schema": answering(
        {"allOf": [{"$ref": "#/components/schemas/%42ase"}]}, "/a"
    ),
    "a percent-encoded mapping": contract(
        {
            "discriminator": {
                "propertyName": "a",
                "mapping": {"b": "#/components/schemas/%42ase"},
            }
        }
    ),
    "a field named by a pattern": answering(
        {"type": "object", "patternProperties": {"^x-": OBJECT, "[": False}}, "/x-b/a"
    ),
    "a field that a constant has": answering({"const": {"a": [{"b": 1}]}}, "/a/0/b"),
    "a field of one of the values": answering({"enum": [1, {"a": None}]}, "/a"),
    "an element by its place": answering(
        {"type": "array", "prefixItems": [{"type": "string"}, OBJECT], "items": BASE}, "/1/a"
    ),
    "an element after those": answering({"prefixItems": [{"type": "null"}], "items": BASE}, "/1/a"),
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
    "a field that no pattern names": (
        answering({"patternProperties": {"^x-": OBJECT}}, "/y-b"),
        "op has no such field in its answer",
    ),
    "a field that the pattern's schema has not": (
        answering({"patternProperties": {"^x-": OBJECT}, "additionalProperties": BASE}, "/x-b/c"),
        "op has no such field in its answer",
    ),
    "a field that a constant has not": (
        answering({"const": {"a": 1}}, "/b"),
        "op has no such field in its answer",
    ),
    "an element that its place forbids": (
        answering({"prefixItems": [{"type": "string"}], "items": OBJECT}, "/0/a"),
        "op has no such field in its answer",
    ),
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
