"""What is a keyword, what a name and what data; and what of a document travels."""

from __future__ import annotations

from typing import Any

import pytest

from akool_pipeline.documents import grammar, pointer, values, words

THING = "#/components/schemas/Thing"


def test_a_reference_beside_another_is_met_too() -> None:
    schema = {"$ref": THING, "allOf": [{"$ref": "#/nowhere"}]}
    document = {"components": {"schemas": {"Box": schema}}}
    assert list(grammar.references(document)) == [
        ("/components/schemas/Box", THING),
        ("/components/schemas/Box/allOf/0", "#/nowhere"),
    ]


DATA = {
    "an example": {"example": {"$ref": THING}},
    "examples of a schema": {"examples": [{"$ref": THING}]},
    "an enum": {"enum": [{"$ref": THING}]},
    "a constant": {"const": {"$ref": THING}},
    "a default": {"default": {"$ref": THING}},
    "a property's name": {"properties": {"$ref": {"type": "string"}}},
}


@pytest.mark.parametrize("schema", DATA.values(), ids=DATA.keys())
def test_data_and_names_are_no_references(schema: dict[str, Any]) -> None:
    assert list(grammar.references({"components": {"schemas": {"A": schema}}})) == []


PLACES = {
    "a schema of a property called example": (
        "/components/schemas/A/properties/example",
        "schema",
    ),
    "a property called description": ("/components/schemas/A/properties/description", "schema"),
    "the text of a schema": ("/components/schemas/A/description", grammar.DATA),
    "a schema in a list": ("/components/schemas/A/allOf/0", "schema"),
    "one of a path's parameters": ("/paths/~1a/parameters/3", "parameter"),
    "an answer": ("/paths/~1a/get/responses/200", "response"),
    "an extension among answers": ("/paths/~1a/get/responses/x-any", grammar.EXTENSION),
    "an operation that is called back": (
        "/paths/~1a/get/callbacks/done/{$request.body#~1url}/post",
        "operation",
    ),
    "an operation of a webhook": ("/webhooks/done/post", "operation"),
    "a component's example": ("/components/examples/A/value", grammar.DATA),
    "something unknown": ("/paths/~1a/get/foo/bar", grammar.EXTENSION),
    "the whole": ("", "document"),
}


@pytest.mark.parametrize(("place", "kind"), PLACES.values(), ids=PLACES.keys())
def test_a_place_says_what_stands_there(place: str, kind: str) -> None:
    assert grammar.kind_at(place) == kind


def test_parts_come_in_document_order_parents_first() -> None:
    document = {
        "info": {"title": "T"},
        "paths": {"/b": {"get": {}}, "/a": {"parameters": [{"name": "x"}, {"name": "y"}]}},
    }
    assert [(part.pointer, part.kind) for part in grammar.parts(document)] == [
        ("", "document"),
        ("/info", "info"),
        ("/paths", "paths"),
        ("/paths/~1b", "pathItem"),
        ("/paths/~1b/get", "operation"),
        ("/paths/~1a", "pathItem"),
        ("/paths/~1a/parameters/0", "parameter"),
        ("/paths/~1a/parameters/1", "parameter"),
    ]


SAME = {
    "text": ("schema", {"description": "a"}, {"title": "b"}),
    "text in a property": (
        "schema",
        {"properties": {"a": {"description": "x"}}},
        {"properties": {"a": {}}},
    ),
    "an example": ("mediaType", {"example": 1}, {"examples": {"a": {"value": 2}}}),
    "the order of required": ("schema", {"required": ["a", "b"]}, {"required": ["b", "a"]}),
    "the order of an enum": ("schema", {"enum": [1, "a"]}, {"enum": ["a", 1]}),
    "the order of types": ("schema", {"type": ["null", "string"]}, {"type": ["string", "null"]}),
    "how a number is written": ("schema", {"maximum": 5}, {"maximum": 5.0}),
    "the order of a variable's enum": (
        "server",
        {"variables": {"v": {"enum": ["a", "b"]}}},
        {"variables": {"v": {"enum": ["b", "a"]}}},
    ),
    "what a scope is said to be": (
        "securityScheme",
        {"flows": {"implicit": {"scopes": {"read": "Read"}}}},
        {"flows": {"implicit": {"scopes": {"read": "Look"}}}},
    ),
    "where an operation's docs are": ("operation", {"externalDocs": {"url": "a"}}, {}),
    "the text of an answer": ("responses", {"200": {"description": "a"}}, {"200": {}}),
}
OTHER = {
    "a property called description": (
        "schema",
        {"properties": {"description": {"type": "string"}}},
        {"properties": {}},
    ),
    "a property called example": (
        "schema",
        {"properties": {"example": {"type": "string"}}},
        {"properties": {"example": {"type": "integer"}}},
    ),
    "a default that looks like words": (
        "schema",
        {"default": {"description": "a"}},
        {"default": {"description": "b"}},
    ),
    "an extension that looks like words": (
        "schema",
        {"x-a": {"description": "a"}},
        {"x-a": {"description": "b"}},
    ),
    "the order of a default": ("schema", {"default": [1, 2]}, {"default": [2, 1]}),
    "what is required": ("schema", {"required": ["a"]}, {"required": []}),
    "how often an enum says it": ("schema", {"enum": [1]}, {"enum": [1, 2]}),
    "true and one": ("schema", {"const": True}, {"const": 1}),
    "a scope": (
        "securityScheme",
        {"flows": {"implicit": {"scopes": {"read": ""}}}},
        {"flows": {"implicit": {"scopes": {"write": ""}}}},
    ),
    "the order of parameters": (
        "operation",
        {"parameters": [{"name": "a"}, {"name": "b"}]},
        {"parameters": [{"name": "b"}, {"name": "a"}]},
    ),
}


@pytest.mark.parametrize(("kind", "one", "other"), SAME.values(), ids=SAME.keys())
def test_words_do_not_travel(kind: str, one: Any, other: Any) -> None:
    assert words.same_on_the_wire(one, other, kind)
    assert list(words.differences(one, other, kind)) != []


@pytest.mark.parametrize(("kind", "one", "other"), OTHER.values(), ids=OTHER.keys())
def test_what_travels_is_told_apart(kind: str, one: Any, other: Any) -> None:
    assert not words.same_on_the_wire(one, other, kind)


def test_differences_are_told_at_the_smallest_place_and_words_whole() -> None:
    one = {
        "properties": {"a": {"description": "x"}, "b": {"enum": [1, 2]}},
        "example": {"a": 1},
        "allOf": [{"title": "T"}, {"maximum": 5}],
        "maximum": 7,
    }
    other = {
        "properties": {"a": {"description": "y"}, "b": {"enum": [2, 1]}},
        "example": {"a": 2},
        "allOf": [{"title": "T"}, {"maximum": 5.0}],
        "minimum": 1,
    }
    assert list(words.differences(one, other, "schema")) == [
        ("/properties/a/description", "x", "y"),
        ("/properties/b/enum", [1, 2], [2, 1]),
        ("/example", {"a": 1}, {"a": 2}),
        ("/allOf/1/maximum", 5, 5.0),
        ("/maximum", 7, None),
        ("/minimum", None, 1),
    ]
    assert list(words.differences(one, dict(reversed(one.items())), "schema")) == []
    turned = {"example": {"a": 1, "b": 2}}, {"example": {"b": 2, "a": 1}}
    assert list(words.differences(*turned, "schema")) == []
    assert list(words.differences([1], [1, 2], grammar.DATA, "/x")) == [("/x", [1], [1, 2])]


def test_a_reference_is_read_as_a_uri_and_written_as_one() -> None:
    place = "/paths/~1a b~1{id}~1%~1ü/get"
    written = pointer.reference(place)
    assert written == "#/paths/~1a%20b~1%7Bid%7D~1%25~1%C3%BC/get"
    assert pointer.of(written) == place
    assert pointer.split("/a~0b/~1c") == ["a~b", "/c"]
    assert pointer.of("#/paths/~1{id}") == "/paths/~1{id}"
    assert pointer.reference("/a:b!$&'()*+,;=@?") == "#/a:b!$&'()*+,;=@?"
    assert pointer.reference("/components/schemas/A.b-c_d") == "#/components/schemas/A.b-c_d"


def test_only_an_index_finds_an_item() -> None:
    document = {"a": [10, 20, {"": 5}]}
    assert pointer.resolve(document, "") is document
    assert pointer.resolve(document, "/a/1") == 20
    assert pointer.resolve(document, "/a/2/") == 5
    for wrong in ("/a/3", "/a/01", "/a/²", "/a/-", "/a/-1", "/b", "a", "Anchor", "/a/1/x"):
        with pytest.raises(KeyError) as caught:
            pointer.resolve(document, wrong)
        assert caught.value.args == (wrong,)


def test_a_walk_meets_every_value_with_its_place_parents_first() -> None:
    document = {"a/b": [1, {"c": 2}], "d": {}}
    assert list(pointer.walk(document)) == [
        ("", document),
        ("/a~1b", [1, {"c": 2}]),
        ("/a~1b/0", 1),
        ("/a~1b/1", {"c": 2}),
        ("/a~1b/1/c", 2),
        ("/d", {}),
    ]
    assert [place for place, _ in pointer.walk([0], "/x")] == ["/x", "/x/0"]


def test_a_place_moves_with_the_nearest_part_around_it() -> None:
    moves = {"/a": "/b", "/a/x": "/y"}
    assert pointer.moved("/a/x/1", moves) == "/y/1"
    assert pointer.moved("/a/xx", moves) == "/b/xx"
    assert pointer.moved("/a", moves) == "/b"
    assert pointer.moved("/c/a", moves) == "/c/a"
    assert pointer.moved("", moves) == ""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [(5, 5.0, True), ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}, True), (True, 1, False),
     ([1, 2], [2, 1], False), ("5", 5, False), (None, {}, False), (0.5, 0.5, True)],
)  # fmt: skip
def test_values_are_the_same_where_json_says_so(one, other, same) -> None:
    assert (values.canonical([one]) == values.canonical([other])) is same
