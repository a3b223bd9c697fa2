"""What is told of an example or a default that does not fit: place, fault and keyword."""

from __future__ import annotations

from typing import Any

import pytest
from tests.pipeline.contracts import contract

from akool_pipeline import checking

NUMBER = {"type": "integer"}
TEXT = {"type": "string"}
NOT = "does not fit its schema"


def told(data: dict[str, Any]) -> list[str]:
    return [" | ".join([one.pointer, one.message, *one.because]) for one in checking.check(data)]


def holding(media: str, **holder: Any) -> dict[str, Any]:
    """An answer of a media type, with examples."""
    data = contract({"type": "object"})
    data["components"]["examples"] = {"Far": {"value": "far"}, "Odd": {"summary": "s"}}
    content = {media: {"schema": NUMBER, **holder}}
    data["paths"]["/p"]["post"]["responses"]["200"]["content"] = content
    return data


MEDIA = {
    "application/json": True,
    "Application/JSON ; charset=utf-8": True,
    "application/problem+json": True,
    "application/x-www-form-urlencoded": True,
    "multipart/form-data": True,
    "text/plain": False,
    "application/xml": False,
}


@pytest.mark.parametrize(("media", "is_data"), MEDIA.items())
def test_an_example_is_a_value_where_its_media_type_is_one_of_data(media, is_data) -> None:
    assert bool(told(holding(media, example="a"))) is is_data


def test_each_example_is_told_where_it_is_written() -> None:
    here = "/paths/~1p/post/responses/200/content/application~1json"
    not_one = "is not of type 'integer' | " + f"{here}/schema/type"
    fault = f"the example {NOT}: "
    examples = {
        "a/b": {"value": "own"},
        "far": {"$ref": "#/components/examples/Far"},
        "odd": {"$ref": "#/components/examples/Odd"},
        "none": {"$ref": "#/components/examples/None"},
        "fits": {"value": 3},
    }
    data = holding("application/json", example="one", examples=examples)
    assert told(data) == [
        f"{here}/example | {fault}'one' {not_one}",
        f"{here}/examples/a~1b/value | {fault}'own' {not_one}",
        f"{here}/examples/far | {fault}'far' {not_one}",
    ]


def test_a_part_of_an_example_that_is_written_elsewhere_is_told_where_it_is_used() -> None:
    data = holding("application/json", examples={"far": {"$ref": "#/components/examples/Far"}})
    here = "/paths/~1p/post/responses/200/content/application~1json"
    content = data["paths"]["/p"]["post"]["responses"]["200"]["content"]
    content["application/json"]["schema"] = {"properties": {"a": NUMBER}}
    data["components"]["examples"]["Far"]["value"] = {"a": "x"}
    assert told(data) == [
        (
            f"{here}/examples/far | the example {NOT} at /a: 'x' is not of type 'integer' | "
            f"{here}/schema/properties/a/type"
        )
    ]


def test_a_parameter_of_an_odd_path_is_held_to_its_schema() -> None:
    data = contract({"type": "object"})
    item = data["paths"].pop("/p")
    item["post"]["parameters"][0]["example"] = "a"
    path = "/p q/{é}%/«»"
    data["paths"][path] = item
    here = f"/paths/{path.replace('/', '~1')}/post/parameters/0"
    assert told(data) == [
        (f"{here}/example | the example {NOT}: 'a' is not of type 'integer' | {here}/schema/type")
    ]


S = "/components/schemas/S"
FAULTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an example": (
        {**NUMBER, "example": "a"},
        [f"example | the example {NOT}: 'a' is not of type 'integer' | {S}/type"],
    ),
    "a default": (
        {**NUMBER, "default": "a"},
        [f"default | the default {NOT}: 'a' is not of type 'integer' | {S}/type"],
    ),
    "both": (
        {**NUMBER, "example": "a", "default": "b"},
        [
            f"default | the default {NOT}: 'b' is not of type 'integer' | {S}/type",
            f"example | the example {NOT}: 'a' is not of type 'integer' | {S}/type",
        ],
    ),
    "an example of what is called default": (
        {"properties": {"default": {**NUMBER, "example": "a"}}},
        [
            (
                f"properties/default/example | the example {NOT}: 'a' is not of type "
                f"'integer' | {S}/properties/default/type"
            )
        ],
    ),
    "a part of it": (
        {"items": {"properties": {"a/b": NUMBER}}, "example": [{}, {"a/b": "x"}]},
        [
            (
                f"example/1/a~1b | the example {NOT} at /1/a~1b: 'x' is not of type "
                f"'integer' | {S}/items/properties/a~1b/type"
            )
        ],
    ),
    "what is not there": (
        {
            "items": {"type": "object", "required": ["a"], "properties": {"a": TEXT}},
            "example": [{}],
        },
        [(f"example/0 | the example {NOT} at /0: 'a' is a required property | {S}/items/required")],
    ),
    "a format": (
        {**TEXT, "format": "date", "example": "today"},
        [f"example | the example {NOT}: 'today' is not a 'date' | {S}/format"],
    ),
    "of alternatives the one that got furthest": (
        {
            "oneOf": [TEXT, {"properties": {"a": {"properties": {"b": NUMBER}}}}],
            "example": {"a": {"b": "x"}},
        },
        [
            (
                f"example/a/b | the example {NOT} at /a/b: 'x' is not of type "
                f"'integer' | {S}/oneOf/1/properties/a/properties/b/type"
            )
        ],
    ),
    "of alternatives as far as each other the one of the right kind": (
        {"anyOf": [{"enum": ["a"]}, {**TEXT, "maxLength": 2}, NUMBER], "example": "xyz"},
        [f"example | the example {NOT}: 'xyz' is too long | {S}/anyOf/1/maxLength"],
    ),
    "a long value": (
        {**NUMBER, "example": "x" * 200},
        [f"example | the example {NOT}: '{'x' * 156}... | {S}/type"],
    ),
    "a value whose fault has just 160 characters": (
        {**NUMBER, "example": "x" * 133},
        [(f"example | the example {NOT}: '{'x' * 133}' is not of type 'integer' | {S}/type")],
    ),
}


@pytest.mark.parametrize(("schema", "lines"), FAULTS.values(), ids=FAULTS.keys())
def test_what_does_not_fit_is_told_in_these_words(schema: dict[str, Any], lines: list[str]) -> None:
    for version in ("3.0.3", "3.1.0"):
        data = contract(schema) | {"openapi": version}
        assert told(data) == [f"{S}/{line}" for line in lines]


def test_a_fault_behind_references_names_the_keyword_where_it_is_written() -> None:
    data = contract({"allOf": [{"$ref": "#/components/schemas/A"}], "example": {"x": {"y": 3}}})
    data["components"]["schemas"] |= {
        "A": {"$ref": "#/components/schemas/B"},
        "B": {"properties": {"x": {"$ref": "#/components/schemas/C"}}},
        "C": {"additionalProperties": TEXT},
    }
    assert told(data) == [
        (
            f"{S}/example/x/y | the example {NOT} at /x/y: 3 is not of type 'string' "
            "| /components/schemas/C/additionalProperties/type"
        )
    ]


BESIDE = {"$ref": "#/components/schemas/Base", "example": 3, "default": 3}


@pytest.mark.parametrize(("version", "count"), [("3.0.3", 0), ("3.1.0", 2)])
def test_what_stands_beside_a_reference_is_read_in_3_1_only(version: str, count: int) -> None:
    assert len(told(contract(BESIDE) | {"openapi": version})) == count


def test_a_list_of_examples_is_held_item_by_item_and_a_table_is_none() -> None:
    data = contract({**NUMBER, "examples": [1, "a", "b"]}) | {"openapi": "3.1.0"}
    assert [line.partition(" | ")[0] for line in told(data)] == [
        f"{S}/examples/1",
        f"{S}/examples/2",
    ]
    assert told(contract({**NUMBER, "examples": {"one": {"value": "a"}}})) == []
    assert len(told(contract({**NUMBER, "examples": ["a"]}))) == 1


ONE_SIDED = {
    "type": "object",
    "required": ["id", "secret"],
    "properties": {"id": {**TEXT, "readOnly": True}, "secret": {**TEXT, "writeOnly": True}},
}


@pytest.mark.parametrize(
    ("side", "example", "fits"),
    [
        ("request", {"secret": "s"}, True),
        ("request", {"id": "i"}, False),
        ("answer", {"id": "i"}, True),
        ("answer", {"secret": "s"}, False),
        ("schema", {"id": "i", "secret": "s"}, True),
    ],
)
def test_a_value_is_held_to_what_its_own_side_sends(side: str, example: Any, fits) -> None:
    data = contract(ONE_SIDED)
    operation = data["paths"]["/p"]["post"]
    shown = {"schema": {"$ref": "#/components/schemas/S"}, "example": example}
    if side == "request":
        operation["requestBody"]["content"]["application/json"] = shown
    elif side == "answer":
        operation["responses"]["200"]["content"]["application/json"] = shown
    else:
        data["components"]["schemas"]["S"] = {**ONE_SIDED, "example": example}
    assert (not told(data)) is fits
