"""What the generator's part tells, whole: names that give way, refusals, and what is left out.

`told.txt` records one odd contract; here is what one contract alone cannot show.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openapi_python_client.parser import openapi
from openapi_python_client.parser.errors import ParseError
from tests.pipeline.test_generate import OK, answer, json_body

from akool_pipeline.documents.document import Document
from akool_pipeline.errors import PipelineError
from akool_pipeline.generating import parsing, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

OK_200 = {"responses": {"200": OK}}
OTHERWISE_FINE = {"get": OK_200}
TEXT = {"type": "string"}
OBJECT = {"type": "object", "properties": {"a": TEXT}}


def contract(schemas: dict[str, Any], **paths: dict[str, Any]) -> Document:
    data = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {f"/{name}": item for name, item in paths.items()},
        "components": {"schemas": schemas},
    }
    return Document("c.yaml", data)


def parsed(document: Document) -> parsing.Parsed:
    return parsing.parse(document, settings.effective(settings.read(None, Path("p_api"))))


def refers(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def parameter(name: str, place: str, schema: Any = TEXT) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def inner(prop: Any) -> Iterator[str]:
    item = getattr(prop, "inner_property", None)
    for part in [item] if item is not None else getattr(prop, "inner_properties", ()):
        yield from (str(part.python_name), *inner(part))


def settled(*props: Any) -> list[str]:
    """Each name, and behind it those of what is inside."""
    return [" ".join([str(prop.python_name), *inner(prop)]) for prop in props if prop]


EITHER = {"oneOf": [refers("人"), {"type": "array", "items": refers("人")}]}
LISTS = {"type": "array", "items": {"type": "array", "items": refers("人")}}
HIDING = [
    *("d", "hide", "field_dict", "field_dict_", "class", "self", "x_type_0", "x_type_1_item_data"),
    *("y_item", "y_item_item_element", "additional_property", "additional_property_item"),
]


def test_a_name_that_hides_one_of_the_code_gets_an_ending_and_the_inner_ones_give_way() -> None:
    """Names of the code, of what it imports and of what it makes of others."""
    model = {
        "type": "object",
        "required": ["d", "人"],
        "properties": {
            **dict.fromkeys(HIDING, TEXT),
            "人": refers("人"),
            "数": refers("数"),
            "x": EITHER,
            "y": LISTS,
        },
        "additionalProperties": {"type": "array", "items": refers("人")},
    }
    closed = {
        "type": "object",
        "properties": {"x": {"type": "array", "items": refers("人")}, "x_item": TEXT},
        "additionalProperties": False,
    }
    schemas = {
        "人": OBJECT,
        "数": {"enum": ["a"]},
        "Hide": model,
        "Closed": closed,
        "Open": {**OBJECT, "additionalProperties": EITHER},
    }
    days = {"type": "array", "items": {"type": "string", "format": "date"}}
    numbers = {"type": "array", "items": refers("数")}
    operation = {
        "operationId": "hide",
        "parameters": [
            *(parameter(name, "path") for name in ("url", "b")),
            *(parameter(name, "query") for name in ("timeout", "b", "json_b", "人", "class")),
            *(parameter(name, "query") for name in ("json_timeout_query", "body_item")),
            *(parameter(name, "query") for name in ("x_type_0", "x_type_1_item", "c_item")),
            parameter("json", "query", numbers),
            parameter("c", "query", days),
            parameter("x", "query", EITHER),
            parameter("timeout", "header"),
            parameter("b", "cookie"),
        ],
        "requestBody": json_body({"type": "array", "items": refers("人")}),
        "responses": {"200": OK},
    }
    found = parsed(contract(schemas, **{"a/{url}/{b}": {"post": operation}}))
    models = {
        str(one.class_info.name): settled(
            *(one.required_properties or ()),
            *(one.optional_properties or ()),
            one.additional_properties,
        )
        for one in found.data.models
    }
    assert models == {
        "人": ["a", "additional"],
        "Hide": [
            *("d_", "人_", "hide_", "field_dict__", "field_dict_", "class_", "self_", "x_type_0"),
            *("x_type_1_item_data", "y_item", "y_item_item_element", "additional_property"),
            *("additional_property_item", "数_", "x x_type_0_ x_type_1 x_type_1_item_"),
            *("y y_item_ y_item_item_", "additional_property_ additional_property_item_"),
        ],
        "Closed": ["x x_item_", "x_item"],
        "Open": [
            "a",
            (
                "additional_property additional_property_type_0 additional_property_type_1 "
                "additional_property_type_1_item"
            ),
        ],
    }
    (endpoint,) = found.endpoints.values()
    assert endpoint.path.get_untrusted_value() == "/a/{url_path}/{b_path}"
    assert settled(*(prop for _, prop in endpoint.iter_all_parameters())) == [
        *("url_path", "b_path", "timeout_query", "b_query", "json_b_query_query", "人_query"),
        *("class_", "json_timeout_query_query", "body_item", "x_type_0", "x_type_1_item"),
        *("c_item", "json_query json_item", "c c_item_"),
        *("x x_type_0_ x_type_1 x_type_1_item_", "timeout_header", "b"),
    ]
    assert settled(*(body.prop for body in endpoint.bodies)) == ["body body_item_"]


def test_names_that_two_models_share_give_way_until_both_are_at_peace() -> None:
    """What is inside a component is one and the same in every model that refers to it."""
    inside = "componentsschemas_l_item"
    calm = {"type": "array", "items": TEXT}

    def model(*names: str) -> dict[str, Any]:
        fields = {"x": refers("L"), **dict.fromkeys(names, TEXT), "y": calm}
        return {"type": "object", "properties": fields, "additionalProperties": False}

    schemas = {
        "Leaf": OBJECT,
        "L": {"type": "array", "items": refers("Leaf")},
        "One": model(inside, f"{inside}__"),
        "Two": model(f"{inside}_", f"{inside}___"),
    }
    found = parsed(contract(schemas, a=OTHERWISE_FINE))
    shown = [settled(*(one.optional_properties or ())) for one in found.data.models]
    assert [fields[0] for fields in shown[1:]] == [f"x {inside}____"] * 2


BELL = parameter("\x07", "query")
CANNOT_BE_WRITTEN = "'\\x07' has a control character, which cannot be written"
PICTURE = answer("image/png", {"type": "string", "format": "binary"})
NO_PICTURE = (
    "Cannot parse response for status code (Unsupported content_type image/png), response will be "
    "omitted from generated client"
)


def answered(**responses: Any) -> dict[str, Any]:
    return {"get": {"responses": {key.strip("_"): value for key, value in responses.items()}}}


LEFT: dict[str, tuple[Document, list[str]]] = {
    "an answer for all else": (
        contract({}, a=answered(_200=OK, default=PICTURE), b=answered(_200=OK, default=OK)),
        [f"/paths/~1a/get GET /a: {NO_PICTURE}"],
    ),
    "two answers": (
        contract({}, a=answered(_200=PICTURE, _2XX=PICTURE), b=OTHERWISE_FINE),
        [f"/paths/~1a/get GET /a: {NO_PICTURE}; {NO_PICTURE}"],
    ),
    "an answer to a failure": (
        contract({}, a=answered(_200=OK, _500=PICTURE)),
        ["answer 500 of GET /a: its content or schema is not supported"],
    ),
    "a parameter that a path has for its operations": (
        contract({}, a={"parameters": [BELL], **OTHERWISE_FINE}, b=OTHERWISE_FINE),
        [f"/paths/~1a/get GET /a: {CANNOT_BE_WRITTEN}"],
    ),
    "a parameter that a path has, and another of an operation": (
        contract(
            {}, a={"parameters": [BELL], "get": {"parameters": [BELL], **OK_200}}, b=OTHERWISE_FINE
        ),
        [f"/paths/~1a/get GET /a: {CANNOT_BE_WRITTEN}"] * 2,
    ),
    "a parameter that an operation has": (
        contract({}, a={**OTHERWISE_FINE, "put": {"parameters": [BELL], "responses": {"200": OK}}}),
        [f"/paths/~1a/put PUT /a: {CANNOT_BE_WRITTEN}"],
    ),
    "a component": (
        contract(
            {
                "A": {"enum": [1, "b"]},
                "Bell": {"enum": ["\x07"]},
                "C": {"anyOf": [{"enum": [1, "b"]}, {"enum": [2]}]},
                "Door": {
                    "properties": {"x": {"properties": {"\x07": TEXT}}, "y": {"enum": ["\x07"]}}
                },
            },
            a=OTHERWISE_FINE,
        ),
        [
            f"/components/schemas/Bell component Bell: {CANNOT_BE_WRITTEN}",
            f"/components/schemas/Door component Door: {CANNOT_BE_WRITTEN}",
            (
                "component A: Enum values must all be the same type: its enum has values of "
                "several types"
            ),
            "component C: Invalid property in union",
        ],
    ),
    "a component whose name another takes": (
        contract(
            {"S": {"type": "object", "properties": {"x": OBJECT}}, "SX": OBJECT}, a=OTHERWISE_FINE
        ),
        [
            'component S: Attempted to generate duplicate models with name "SX"',
            "component SX: the generator makes no class of it, and does not say why",
        ],
    ),
    "what needs what is left out, itself or by another": (
        contract(
            {
                "Many": {"type": "array", "items": refers("Needs")},
                "Needs": {"type": "object", "properties": {"t": refers("Bad")}},
                "Bad": {"type": "object", "properties": {"p": {"enum": [1, "a"]}}},
                "May": {
                    "type": "object",
                    "properties": {"v": {"anyOf": [refers("Needs"), TEXT]}},
                },
                "Far": {"type": "object", "properties": {"m": refers("May"), "n": TEXT}},
                "Both": {"type": "object", "properties": {"f": refers("Far"), "m": refers("May")}},
            },
            a=answered(_200=OK, _404=answer("application/json", {"anyOf": [refers("Far"), TEXT]})),
            b=OTHERWISE_FINE,
        ),
        [
            "/components/schemas/May component May: it needs what the generator leaves out: Needs",
            "/components/schemas/Far component Far: it needs what the generator leaves out: May",
            (
                "/components/schemas/Both component Both: it needs what the generator leaves out: "
                "Far, May"
            ),
            "/paths/~1a/get GET /a: it needs what the generator leaves out: Far",
            "component Bad: its enum has values of several types",
            "component Needs: it needs what the generator leaves out: Bad",
        ],
    ),
    "components that are no classes": (
        contract(
            {
                "Thing": OBJECT,
                "Same": {"type": "object", "allOf": [refers("Thing")]},
                "Only": {"type": "object", "anyOf": [refers("Thing")]},
                "One": {"type": "object", "oneOf": [refers("Thing")]},
                "Either": {"type": "object", "oneOf": [refers("Thing"), TEXT]},
                "Any": {"type": "object", "anyOf": [refers("Thing"), TEXT]},
                "Yes": {"type": "boolean", "enum": [True]},
                "Maybe": {"enum": ["a", None]},
                "None": {"type": "object", "enum": [None]},
                "Words": TEXT,
            },
            a=OTHERWISE_FINE,
        ),
        [],
    ),
}


@pytest.mark.parametrize(("document", "lines"), LEFT.values(), ids=LEFT.keys())
def test_what_is_left_out_is_told_in_these_words(document: Document, lines: list[str]) -> None:
    before = copy.deepcopy(document.data)
    found = [f"{one.pointer or ''} {one}".strip() for one in parsed(document).left_out]
    assert found == lines
    assert document.data == before


def test_a_contract_without_components_is_parsed() -> None:
    document = contract({}, a=OTHERWISE_FINE)
    for rest in ({}, None):
        document.data["components"] = rest
        if rest is None:
            del document.data["components"]
        assert parsed(document).left_out == ()


@pytest.mark.parametrize(("length", "end"), [(299, ""), (300, ""), (301, "...")])
def test_what_the_generator_raises_while_reading_is_told_in_300_characters(
    monkeypatch, length: int, end: str
) -> None:
    text = "ValueError: not today ".ljust(length, "x")

    def breaking(**_: object) -> None:
        raise ValueError(text.removeprefix("ValueError: "))

    monkeypatch.setattr(openapi, "build_schemas", breaking)
    with pytest.raises(parsing.BrokenPackageError) as caught:
        parsed(contract({"A": OBJECT}, a=OTHERWISE_FINE))
    assert str(caught.value) == f"c.yaml: the generator breaks on it: {text[:300]}{end}"


def test_a_fault_in_new_words_of_the_generator_is_told_as_it_is(monkeypatch) -> None:
    def new(*, components, parameters, config):  # noqa: ARG001 - as the generator calls it
        parameters.errors.append(ParseError(header="New words", detail="of it"))
        return parameters

    monkeypatch.setattr(openapi, "build_parameters", new)
    document = contract({"A": OBJECT}, a=OTHERWISE_FINE)
    document.data["components"]["parameters"] = {"P": parameter("p", "query")}
    assert [str(one) for one in parsed(document).left_out] == ["component : New words of it"]


TWIN = {"get": {"operationId": "getThings", "responses": {"200": OK}}}
REFUSED: dict[str, tuple[Document, list[str]]] = {
    "nothing that can be said": (
        contract({}, a=answered(_200=PICTURE), b={"parameters": [BELL], **OTHERWISE_FINE}),
        [
            (
                "c.yaml: the generator can express no operation of it, so there is no client: "
                "describe one in JSON with an overlay; the mock and the suite take the contract "
                "as it is"
            ),
            f"c.yaml: left out: GET /b: {CANNOT_BE_WRITTEN}",
            f"c.yaml: left out: GET /a: {NO_PICTURE}",
        ],
    ),
    "two operations of one name": (
        contract({}, **{"things": OTHERWISE_FINE, "{get}/things/": TWIN, "x": TWIN}),
        [
            (
                "c.yaml: #/paths/~1{get}~1things~1/get: GET /things and GET /{get}/things/ "
                "(getThings) both become the Python name get_things: give one of them another "
                "operationId with an overlay"
            ),
            (
                "c.yaml: #/paths/~1x/get: GET /things and GET /x (getThings) both become the "
                "Python name get_things: give one of them another operationId with an overlay"
            ),
        ],
    ),
    "two classes of one module": (
        contract(
            {"HttpThing": OBJECT, "HTTPThing": OBJECT, "ﬁ": OBJECT, "fi": OBJECT}, a=OTHERWISE_FINE
        ),
        [
            (
                "c.yaml: the classes HTTPThing and HttpThing both become the module http_thing: "
                "give one of them another module_name under class_overrides in "
                "openapi/generator.yaml"
            ),
        ],
    ),
    "what the generator cannot read": (
        Document("c.yaml", {**contract({}).data, "servers": 5}),
        [
            (
                "c.yaml: the generator cannot read it: Failed to parse OpenAPI document 1 "
                "validation error for OpenAPI servers Input should be a valid list"
            )
        ],
    ),
}


@pytest.mark.parametrize(("document", "lines"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_generated_is_refused_in_these_words(document, lines: list[str]) -> None:
    with pytest.raises(PipelineError) as caught:
        parsed(document)
    # The generator's own words end with those of its libraries, of whatever version.
    assert [line.partition(" [type=")[0] for line in str(caught.value).splitlines()] == lines
