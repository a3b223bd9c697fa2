"""One change, wherever it stands in a document: told exactly once, in its own class."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline.diff.base import (
    ADDITIVE,
    BREAKING,
    DOCUMENTATION,
    READ,
    REQUEST,
    RESPONSE,
    has,
)
from tests.pipeline.diff.small import REQUEST_SCHEMA, contract, ref, schemas

from akool_pipeline.diff import Direction, Severity, compare
from akool_pipeline.diff.model import Effect

if TYPE_CHECKING:
    from collections.abc import Callable

    Schema = dict[str, Any]

NARROWS, WIDENS, SHIFTS = Effect
TEXT = {"type": "string"}

WIRE: dict[str, tuple[Schema, Schema, Effect]] = {
    "a type more": ({"type": "string"}, {"type": ["string", "integer"]}, WIDENS),
    "null too": ({"type": "string"}, {"type": ["string", "null"]}, WIDENS),
    "null too, as 3.0 says it": ({"type": "string"}, {"type": "string", "nullable": True}, WIDENS),
    "another type": ({"type": "string"}, {"type": "boolean"}, SHIFTS),
    "integers only": ({"type": "number"}, {"type": "integer"}, NARROWS),
    "a value more": ({"enum": ["a", "b"]}, {"enum": ["a", "b", "c"]}, WIDENS),
    "one value": ({"enum": ["a", "b"]}, {"const": "a"}, NARROWS),
    "another constant": ({"const": "a"}, {"const": "b"}, SHIFTS),
    "values at all": ({"type": "string"}, {"type": "string", "enum": ["a"]}, NARROWS),
    "a higher minimum": ({"minimum": 1}, {"minimum": 2}, NARROWS),
    "no maximum": ({"maximum": 1}, {}, WIDENS),
    "a limit that excludes itself": ({"maximum": 1.5}, {"exclusiveMaximum": 1.5}, NARROWS),
    "shorter": ({"maxLength": 9}, {"maxLength": 8}, NARROWS),
    "fewer at least": ({"minItems": 2}, {"minItems": 1}, WIDENS),
    "a multiple of the multiple": ({"multipleOf": 2}, {"multipleOf": 4}, NARROWS),
    "another multiple": ({"multipleOf": 2}, {"multipleOf": 3}, SHIFTS),
    "no repeats": ({"type": "array"}, {"type": "array", "uniqueItems": True}, NARROWS),
    "a pattern": ({}, {"pattern": "^a"}, NARROWS),
    "another pattern": ({"pattern": "^a"}, {"pattern": "^b"}, SHIFTS),
    "a wider format": ({"format": "int32"}, {"format": "int64"}, WIDENS),
    "needed": ({"properties": {"p": TEXT}}, {"properties": {"p": TEXT}, "required": ["p"]},
               NARROWS),
    "nothing else": ({"properties": {"p": TEXT}},
                     {"properties": {"p": TEXT}, "additionalProperties": False}, NARROWS),
    "alternatives": ({"oneOf": [ref("One"), ref("Two")]},
                     {"oneOf": [ref("One"), ref("Two"), ref("Three")]}, WIDENS),
    "one alternative less": ({"anyOf": [ref("One"), ref("Two"), {"type": "null"}]},
                             {"anyOf": [ref("One"), ref("Two")]}, NARROWS),
    "a condition": ({}, {"not": {"const": 1}}, NARROWS),
    "another condition": ({"not": {"const": 1}}, {"not": {"const": 2}}, SHIFTS),
    "another place in a list": ({"prefixItems": [TEXT]}, {"prefixItems": [{"type": "null"}]},
                                SHIFTS),
    "a keyword that is not known": ({"dependentRequired": {"a": ["b"]}},
                                    {"dependentRequired": {"a": ["c"]}}, SHIFTS),
}  # fmt: skip
WORDS: dict[str, tuple[Schema, Schema, Severity]] = {
    "a text": ({"description": "The NEW face"}, {"description": "The ORIGINAL face"},
               DOCUMENTATION),
    "a number in a text": ({"description": "Up to 50"}, {"description": "Up to 10"}, READ),
    "a text that comes": ({}, {"description": "It must be seen."}, READ),
    "a title": ({"title": "A"}, {"title": "B"}, DOCUMENTATION),
    "a comment": ({"$comment": "A"}, {}, DOCUMENTATION),
    "an example": ({"example": {"minimum": 1}}, {"example": {"minimum": 2}}, DOCUMENTATION),
    "deprecated": ({}, {"deprecated": True}, DOCUMENTATION),
    "an extension": ({"x-hint": {"required": ["a"]}}, {"x-hint": {"required": []}},
                     DOCUMENTATION),
}  # fmt: skip


@dataclass(frozen=True)
class Around:
    """How a schema stands inside another one."""

    put: Callable[[Schema], Schema]
    is_condition: bool = False


AROUND: dict[str, Around] = {
    "a property": Around(lambda s: {"type": "object", "properties": {"a": s, "b": TEXT}}),
    "a property that is needed": Around(lambda s: {"properties": {"a": s}, "required": ["a"]}),
    "items": Around(lambda s: {"type": "array", "items": s, "description": "Up to 3"}),
    "other properties": Around(lambda s: {"type": "object", "additionalProperties": s}),
    "properties by pattern": Around(lambda s: {"patternProperties": {"^a": s}}),
    "a place in a list": Around(lambda s: {"prefixItems": [TEXT, s]}),
    "a part": Around(lambda s: {"allOf": [ref("One"), {"properties": {"q": s}}]}),
    "the only part": Around(lambda s: {"allOf": [s], "description": "Must be seen"}),
    "an alternative": Around(lambda s: {"oneOf": [{"title": "T", "properties": {"z": s}},
                                                  ref("Two")]}),
    "an alternative to null": Around(lambda s: {"anyOf": [{"properties": {"y": s}},
                                                          {"type": "null"}]}),
    "a definition": Around(lambda s: {"properties": {"d": TEXT}, "$defs": {"D": s}}),
    "a condition": Around(lambda s: {"type": "object", "not": {"properties": {"n": s}}},
                          is_condition=True),
    "what follows": Around(lambda s: {"if": {"minProperties": 1}, "then": {"items": s}},
                           is_condition=True),
    "what a property brings": Around(lambda s: {"dependentSchemas": {"a": {"items": s}}},
                                     is_condition=True),
    "names": Around(lambda s: {"propertyNames": s}, is_condition=True),
}  # fmt: skip


def _parameter(schema: Schema, where: str = "query") -> Schema:
    return contract(parameters=[{"in": where, "name": "q", "schema": schema}])


def _answer(schema: Schema, status: str = "200") -> Schema:
    media = {"application/json": {"schema": schema}}
    answers = {"200": {"description": "Done"}} | {
        status: {"description": "Other", "content": media}
    }
    return contract(responses=answers)


def _called_back(request: Schema | None = None, response: Schema | None = None) -> Schema:
    inner = contract(request, response)["paths"]["/swap"]
    del inner["post"]["operationId"]
    return contract(callbacks={"done": {"{$request.body#/url}": inner}})


def _hook(schema: Schema) -> Schema:
    return contract(webhooks={"done": contract(schema)["paths"]["/swap"]})


PLACES: dict[str, tuple[Callable[[Schema], Schema], Direction]] = {
    "request": (contract, REQUEST),
    "query": (_parameter, REQUEST),
    "cookie": (lambda s: _parameter(s, "cookie"), REQUEST),
    "content of a parameter": (
        lambda s: contract(
            parameters=[{"in": "query", "name": "q", "content": {"text/json": {"schema": s}}}]
        ),
        REQUEST,
    ),
    "form": (
        lambda s: contract(
            requestBody={
                "content": {
                    "multipart/form-data": {"schema": {"properties": {"f": s, "g": TEXT}},
                                            "encoding": {"g": {"contentType": "image/png"}}}
                }
            }
        ),
        REQUEST,
    ),
    "response": (_answer, RESPONSE),
    "failure": (lambda s: _answer(s, "4XX"), RESPONSE),
    "header": (
        lambda s: contract(
            responses={"200": {"description": "Done", "headers": {"X-Left": {"schema": s}}}}
        ),
        RESPONSE,
    ),
    "callback": (_called_back, RESPONSE),
    "answer to a callback": (lambda s: _called_back(response=s), REQUEST),
    "webhook": (_hook, RESPONSE),
    "component that nobody uses": (lambda s: contract() | {"components": schemas(Z=s)}, RESPONSE),
}  # fmt: skip

COMPONENTS = {
    "One": {"type": "object", "properties": {"one": TEXT}},
    "Two": {"type": "object", "properties": {"two": TEXT}},
    "Three": {"type": "object", "properties": {"three": TEXT}},
}


def document(place: str, layers: list[tuple[str, bool]], leaf: Schema) -> Schema:
    """`leaf` inside `layers`, the innermost first, each of which may be a component of its own."""
    named = copy.deepcopy(COMPONENTS)
    schema = leaf
    for number, (layer, is_component) in enumerate(layers):
        schema = AROUND[layer].put(schema)
        if is_component:
            named[f"Layer{number}"] = schema
            schema = ref(f"Layer{number}")
    put, _ = PLACES[place]
    made = put(schema)
    made.setdefault("components", {}).setdefault("schemas", {}).update(named)
    return copy.deepcopy(made)


PLACED = st.sampled_from(sorted(PLACES))
LAYERS = st.lists(st.tuples(st.sampled_from(sorted(AROUND)), st.booleans()), max_size=4)


@given(PLACED, LAYERS, st.sampled_from(sorted(WIRE)), st.booleans())
def test_a_change_on_the_wire_is_told_once_wherever_it_stands(place, layers, what, is_back) -> None:
    before, after, effect = WIRE[what]
    if is_back:
        before, after = after, before
        effect = {NARROWS: WIDENS, WIDENS: NARROWS}.get(effect, effect)
    if any(AROUND[layer].is_condition for layer, _ in layers):
        effect = SHIFTS
    old, new = (document(place, layers, leaf) for leaf in (before, after))
    direction = PLACES[place][1]
    (change,) = compare(old, new)
    assert (change.severity, change.direction) == (effect.severity(direction), direction), change
    assert has(old, change.pointer) or has(new, change.pointer)


@given(PLACED, LAYERS, st.sampled_from(sorted(WORDS)), st.booleans())
def test_words_are_told_once_wherever_they_stand(place, layers, what, is_back) -> None:
    before, after, severity = WORDS[what]
    old, new = (
        document(place, layers, leaf) for leaf in ((after, before) if is_back else (before, after))
    )
    (change,) = compare(old, new)
    assert (change.severity, change.direction) == (severity, Direction.NONE), change
    assert has(old, change.pointer) or has(new, change.pointer)


def _form(version: str, schema: Schema, media: str | None) -> Schema:
    encoding = {} if media is None else {"encoding": {"f": {"contentType": media}}}
    content = {"schema": {"type": "object", "properties": {"f": schema}}} | encoding
    return contract(requestBody={"content": {"multipart/form-data": content}}, version=version)


@pytest.mark.parametrize(
    ("schema", "media"),
    [
        (TEXT, "text/plain"),
        ({"type": ["integer", "null"]}, "text/plain"),
        ({"type": "boolean"}, "Text/Plain"),
        ({"type": "string", "format": "binary"}, "application/octet-stream"),
        ({"type": "string", "format": "byte"}, "application/octet-stream"),
        ({"type": "string", "contentEncoding": "base64url"}, "application/octet-stream"),
        ({}, "application/octet-stream"),
        ({"type": ["string", "array"]}, "application/octet-stream"),
        ({"type": "object"}, "application/json"),
        ({"type": "array", "items": {"type": "object"}}, "application/json; charset=utf-8"),
        ({"type": "array", "items": {"type": "array", "items": TEXT}}, "text/plain"),
        ({"type": "array"}, "application/octet-stream"),
    ],
)
def test_the_media_type_of_a_part_may_be_written_out(schema, media) -> None:
    plain, said, other = (_form("3.1.0", schema, m) for m in (None, media, "image/png"))
    assert compare(plain, said) == compare(said, plain) == []
    for one, another in ((plain, other), (other, said), (said, other)):
        (change,) = compare(one, another)
        assert (change.severity, change.rule) == (BREAKING, "encoding-changed")
        assert "contentType" in change.message
        assert change.pointer.endswith("/encoding/f/contentType")


def test_the_media_type_of_a_part_that_nobody_describes_is_that_of_anything() -> None:
    without = contract(requestBody={"content": {"multipart/form-data": {"schema": {}}}})
    said = copy.deepcopy(without)
    media = said["paths"]["/swap"]["post"]["requestBody"]["content"]["multipart/form-data"]
    media["encoding"] = {"f": {"contentType": "application/octet-stream"}}
    assert compare(without, said) == []


def test_a_list_of_itself_has_some_media_type() -> None:
    old, new = (
        _form("3.1.0", ref("L"), media)
        | {"components": schemas(L={"type": "array", "items": ref("L")})}
        for media in (None, "text/csv")
    )
    assert [change.rule for change in compare(old, new)] == ["encoding-changed"]


def test_a_part_of_another_type_is_told_once() -> None:
    old, new = (_form("3.1.0", {"type": kind}, None) for kind in ("string", "object"))
    assert [change.rule for change in compare(old, new)] == ["type-changed"]
    said = _form("3.1.0", {"type": "object"}, "text/plain")
    assert [change.rule for change in compare(old, said)] == ["type-changed"]


class TestDefinitions:
    def using(self, definition: Schema | None, beside: Schema = TEXT) -> Schema:
        named = {} if definition is None else {"$defs": {"D": definition}}
        return contract({"type": "object", "properties": {"a": beside}} | named)

    @pytest.mark.parametrize("definition", [TEXT, {"description": "Must"}, True])
    def test_one_that_comes_or_goes_is_documentation(self, definition) -> None:
        one, other = self.using(None), self.using(definition)
        for pair, verb in (((one, other), "is new"), ((other, one), "is gone")):
            (change,) = compare(*pair)
            assert (change.severity, change.message) == (DOCUMENTATION, f"definition D {verb}")
            assert change.pointer == f"{REQUEST_SCHEMA}/$defs/D"

    def test_one_that_is_used_is_told_once(self) -> None:
        beside = {"$ref": f"#{REQUEST_SCHEMA}/$defs/D"}
        old, new = (self.using({"maxLength": n}, beside) for n in (9, 8))
        (change,) = compare(old, new)
        assert (change.severity, change.rule) == (BREAKING, "limit-tightened")


def test_a_property_that_only_the_service_sends_now_is_gone_from_requests() -> None:
    def using(place: Callable[[Schema], Schema], flag: str, *, is_set: bool) -> Schema:
        return place(
            {"type": "object", "properties": {"a": TEXT | ({flag: True} if is_set else {})}}
        )

    for place, flag in ((contract, "readOnly"), (_answer, "writeOnly")):
        (change,) = compare(using(place, flag, is_set=False), using(place, flag, is_set=True))
        assert (change.severity, change.rule) == (BREAKING, "property-removed")
        (change,) = compare(using(place, flag, is_set=True), using(place, flag, is_set=False))
        assert (change.severity, change.rule) == (ADDITIVE, "property-added")


def test_words_around_the_only_part_of_a_component_count_it_as_used() -> None:
    """Else it is told twice: for the operation, and as a component that nobody uses."""
    old, new = (
        contract(ref("A"), components=schemas(A={"allOf": [ref("B")], "description": "A"},
                                              B={"maxLength": n}))
        for n in (8, 9)
    )  # fmt: skip
    (change,) = compare(old, new)
    assert (change.severity, change.direction) == (ADDITIVE, REQUEST)


def test_a_component_that_only_an_unused_one_refers_to_is_told_by_that() -> None:
    old, new = (
        contract() | {"components": schemas(A={"maxLength": n}, B={"not": ref("A")})}
        for n in (8, 9)
    )
    (change,) = compare(old, new)
    assert change.pointer == "/components/schemas/B/not"
    circle = {"A": {"items": ref("B")}, "B": {"items": ref("A")}}
    old, new = (
        contract() | {"components": schemas(**circle | {"A": {"maxLength": n, **circle["A"]}})}
        for n in (8, 9)
    )
    assert [c.rule for c in compare(old, new)] == ["limit-loosened"]


@pytest.mark.parametrize("is_back", [False, True])
def test_a_part_that_is_written_another_way_is_told(is_back) -> None:
    def using(**encoding: Any) -> Schema:
        content = {"schema": {"properties": {"f": {"type": "array"}}}, "encoding": {"f": encoding}}
        return contract(requestBody={"content": {"multipart/form-data": content}})

    for key, value in (("style", "spaceDelimited"), ("explode", False)):
        pair = [using(), using(**{key: value})]
        (change,) = compare(*(pair[::-1] if is_back else pair))
        assert (change.severity, change.rule) == (BREAKING, "encoding-changed")
        assert change.pointer.endswith(f"/encoding/f/{key}")
    assert compare(using(), using(style="form", explode=True)) == []
    assert compare(using(explode=True), using()) == []


@pytest.mark.parametrize(
    ("keyword", "value", "said"),
    [
        ("format", "byte", "byte"),
        ("contentEncoding", "base64", "byte"),
        ("contentMediaType", "application/octet-stream", "binary"),
    ],
)
def test_a_format_is_told_where_it_is_written(keyword, value, said) -> None:
    old, new = contract(TEXT), contract(TEXT | {keyword: value})
    (change,) = compare(old, new)
    assert change.pointer == f"{REQUEST_SCHEMA}/{keyword}"
    assert change.message == f"format none became {said}"
    (change,) = compare(new, old)
    assert change.pointer == f"{REQUEST_SCHEMA}/{keyword}"


@pytest.mark.parametrize(
    ("media", "severity"),
    [
        ("application/xml", BREAKING),
        ("Text/XML; charset=utf-8", BREAKING),
        ("image/svg+xml", BREAKING),
        ("application/json", DOCUMENTATION),
        ("application/xmlish", DOCUMENTATION),
    ],
)
def test_how_xml_is_written_matters_where_something_is_sent_as_xml(media, severity) -> None:
    def using(**xml: Any) -> Schema:
        schema = {"type": "object", "properties": {"a": TEXT | ({"xml": xml} if xml else {})}}
        return contract(requestBody={"content": {media: {"schema": schema}}})

    for pair in ((using(name="a"), using(name="b")), (using(), using(attribute=True))):
        for old, new in (pair, pair[::-1]):
            (change,) = compare(old, new)
            assert change.severity is severity
            assert "/properties/a/xml" in change.pointer
    assert compare(using(name="a"), using(name="a")) == []
