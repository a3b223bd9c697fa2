"""Words: every change of them is told, and those that bind are told apart, both texts whole."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline.diff.base import (
    ANSWER,
    BASE,
    BODY,
    BREAKING,
    DOCUMENTATION,
    GENERATED,
    GET,
    JSON_200,
    NEITHER,
    POST,
    READ,
    edited,
    only,
    told,
)
from tests.pipeline.diff.small import contract, ref, schemas

from akool_pipeline.diff import Change, compare
from akool_pipeline.documents.pointer import join, walk

TEXT = {"type": "string"}


def described(text: str | None, **keys: Any) -> dict[str, Any]:
    words = {} if text is None else {"description": text}
    return contract({"type": "object", "properties": {"a": TEXT | words | keys}})


def words(before: str | None, after: str | None, **keys: Any) -> Change:
    return only(described(before, **keys), described(after, **keys))


@pytest.mark.parametrize(
    ("edits", "rule"),
    [
        ({BODY + "/properties/url/description": "What, not where"}, "text-changed"),
        ({POST + "/summary": "Send"}, "text-changed"),
        ({POST + "/description": "Sends"}, "text-changed"),
        ({"/info/description": "Jobs"}, "text-changed"),
        ({"/components/securitySchemes/Key/description": "New"}, "text-changed"),
        ({POST + "/responses/200/description": "Finished"}, "text-changed"),
        ({GET + "/parameters/0/description": "All of it"}, "text-changed"),
        ({"/paths/~1jobs~1{id}/description": "One job"}, "text-changed"),
        ({POST + "/externalDocs": {"url": "https://a.example"}}, "detail-changed"),
        ({POST + "/deprecated": True}, "detail-changed"),
        ({ANSWER + "/properties/id/deprecated": True}, "detail-changed"),
        ({"/info/version": "2.0.0"}, "detail-changed"),
        ({"/tags": [{"name": "Jobs"}]}, "detail-changed"),
        ({POST + "/x-hint": [1]}, "detail-changed"),
        ({"/paths/x-hint": 1}, "detail-changed"),
        ({ANSWER + "/x-hint": {"a": 1}}, "detail-changed"),
        ({POST + "/responses/x-hint": 1}, "detail-changed"),
        ({POST + "/responses/200/links": {"a": {"operationId": "read"}}}, "detail-changed"),
        ({POST + JSON_200 + "/example/code": 1001}, "example-changed"),
        ({ANSWER + "/properties/id/example": "a"}, "example-changed"),
    ],
)
def test_what_binds_nobody_is_documentation(edits, rule) -> None:
    assert told([only(BASE, edited(BASE, edits))]) == [(DOCUMENTATION, rule, NEITHER)]
    assert told([only(edited(BASE, edits), BASE)]) == [(DOCUMENTATION, rule, NEITHER)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The face.", "The face must be seen."),
        ("A face is required.", "A face is welcome."),
        ("Requires a face", "Wants a face"),
        ("Any image", "Only images"),
        ("Up to 50 faces", "Up to 10 faces"),
        ("A few", "Two"),
        ("30s at most", "A while at most"),
        (None, "At most 3"),
        ("MUST be short", None),
        ("You must not send it.", "You must send it."),
        ("In seconds, 3 of them", "In minutes, 3 of them"),
    ],
)
def test_words_that_say_what_must_be_or_how_many_are_to_be_read(before, after) -> None:
    change = words(before, after)
    assert told([change]) == [(READ, "text-changed", NEITHER)]
    assert (change.before, change.after) == (before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The NEW face", "The ORIGINAL face"),
        ("A face. It must be seen.", "One face. It must be seen."),
        ("It must be seen. A face.", "A face. It must be seen."),
        ("See https://a.example/v1/4", "See https://a.example/v2/5"),
        ("H264", "H265"),
        ("Mustard", "Commonly"),
        (None, "A face"),
        ("A list:\n- 3 faces\n- one", "A list:\n- 3 faces\n- two of them".replace("two", "both")),
        ("First, 3 faces.\n\nThen a swap", "First, 3 faces.\n\nThen another swap"),
    ],
)
def test_other_words_are_told_and_no_more(before, after) -> None:
    change = words(before, after)
    assert told([change]) == [(DOCUMENTATION, "text-changed", NEITHER)]
    assert (change.before, change.after) == (before, after)


def test_words_that_name_a_value_are_to_be_read() -> None:
    values = {"enum": ["fast", "talking photo", "a"]}
    for after in ("Now fast", "Now Talking Photo"):
        assert words("Then", after, **values).severity is READ
    assert words("Then", "Now faster, a talk", **values).severity is DOCUMENTATION
    # The values of another part are common words: only in quotes they are meant.
    for quoted in ("`fast`", "'fast'", '"fast"', "'slow' or 'fast'"):
        old, new = (described(text) for text in ("Then", f"Now {quoted}"))
        for document in (old, new):
            document["components"] = schemas(Mode={"enum": ["fast"]}, One={"const": "slow"})
        assert only(old, new).severity is READ
    old, new = (described(text) for text in ("Then", "Now fast"))
    for document in (old, new):
        document["components"] = schemas(Mode={"enum": ["fast"]})
    assert only(old, new).severity is DOCUMENTATION


def test_words_of_an_object_may_name_the_values_of_its_properties() -> None:
    def using(text: str) -> dict[str, Any]:
        mode = {"type": "string", "enum": ["fast", 1]}
        return contract({"type": "object", "description": text, "properties": {"mode": mode}})

    assert only(using("Send it"), using("Send it fast")).severity is READ


def test_a_value_in_an_example_is_not_a_value_of_the_contract() -> None:
    old, new = (described(text) for text in ("Then", "Now 'fast'"))
    for document in (old, new):
        document["components"] = schemas(Mode={"example": {"enum": ["fast"]}})
    assert only(old, new).severity is DOCUMENTATION


def test_a_line_shows_the_words_that_changed_and_not_more() -> None:
    long = " ".join(f"w{i}" for i in range(40))
    assert words(f"{long} Old end", f"{long} New end").message == (
        "description changed: “w38 w39 Old end” became “w38 w39 New end”"
    )
    assert words("A b", "A b c d").message == "description changed: “A b” became “A b c d”"
    assert words("x x", "x x x").message == "description changed: “x x” became “x x x”"
    assert words(None, "A b").message == "description added: “A b”"
    assert words("A b", None).message == "description removed: “A b”"
    cut = words(None, "word " * 40).message
    assert cut.endswith("…”")
    assert len(cut) == len("description added: “”") + 60


class TestWhatTheWireHid:
    def test_a_renamed_component_keeps_its_words(self) -> None:
        def using(name: str, text: str, most: int) -> dict[str, Any]:
            face = {"type": "array", "maxItems": most, "description": text}
            schema = {"type": "object", "properties": {"faces": face}}
            return contract(ref(name), components=schemas(**{name: schema}))

        changes = compare(using("A", "The NEW face", 50), using("B", "The ORIGINAL face", 10))
        assert [(c.severity, c.rule) for c in changes] == [
            (BREAKING, "limit-tightened"),
            (GENERATED, "component-renamed"),
            (DOCUMENTATION, "text-changed"),
        ]
        assert changes[2].pointer == "/components/schemas/B/properties/faces/description"
        assert (changes[2].before, changes[2].after) == ("The NEW face", "The ORIGINAL face")

    @pytest.mark.parametrize(
        "edits",
        [
            {BODY + "/properties/url/type": "integer"},
            {BODY + "/properties/url/enum": ["a"]},
            {BODY + "/properties/url/maxLength": 9},
            {POST + "/operationId": "send"},
            {POST + "/requestBody/required": False},
            {BODY + "/required": ["url", "mode"]},
            {BODY + "/additionalProperties": False},
        ],
    )
    def test_words_at_and_below_what_changed_on_the_wire_are_told(self, edits) -> None:
        old = edited(BASE, {POST + "/requestBody/description": "A", BODY + "/description": "A"})
        new = edited(old, edits)
        worded = edited(
            new,
            {
                POST + "/requestBody/description": "B",
                BODY + "/description": "B",
                BODY + "/properties/url/description": "B",
                POST + "/summary": "B",
            },
        )
        told_before = compare(old, new)
        more = [change for change in compare(old, worded) if change not in told_before]
        assert [c.rule for c in more] == ["text-changed"] * 4
        assert [c for c in compare(old, worded) if c in told_before] == told_before

    def test_a_parameter_in_front_does_not_hide_the_words_of_the_others(self) -> None:
        new = copy.deepcopy(BASE)
        listed = new["paths"]["/jobs/{id}"]["get"]["parameters"]
        listed[0]["description"] = "All of it"
        listed.insert(0, {"name": "page", "in": "query", "schema": {}})
        assert [c.rule for c in compare(BASE, new)] == ["parameter-added", "text-changed"]

    def test_words_in_a_part_of_all_of_are_told_once(self) -> None:
        new = edited(BASE, {"/components/schemas/Envelope/description": "Around"})
        change = only(BASE, new)
        assert change.pointer == "/components/schemas/Envelope/description"
        assert change.operations == ("read (GET /jobs/{id})",)


class TestExamples:
    def test_each_example_is_one_line_with_the_places_that_changed(self) -> None:
        def using(**values: Any) -> dict[str, Any]:
            document = contract(response=TEXT)
            content = document["paths"]["/swap"]["post"]["responses"]["200"]["content"]
            content["application/json"]["example"] = values
            return document

        old = using(a=1, b={"c": 2}, d=[1, 2])
        assert only(old, using(a=2, b={"c": 3}, d=[2, 1])).message == (
            "example changed at /a, /b/c, /d/0, /d/1"
        )
        assert only(old, using(a=2, b={"c": 3, "e": 1}, d=[2, 1])).message == (
            "example changed at /a, /b/c, /b/e, /d/0 and 1 more"
        )
        assert only(old, using(a=1, b={"c": 2}, d=[1])).message == "example changed at /d"

    def test_an_example_that_comes_or_goes_is_one_line(self) -> None:
        old, new = contract(TEXT), contract(TEXT | {"example": {"a": [1, 2, 3]}})
        assert only(old, new).message == "example added"
        assert only(new, old).message == "example removed"

    def test_an_example_that_is_a_value_changed_as_a_whole(self) -> None:
        old, new = (contract(TEXT | {"examples": [value, "c"]}) for value in "ab")
        change = only(old, new)
        assert change.message == "example changed at /"
        assert change.pointer.endswith("/schema/examples/0")

    def test_named_examples_are_compared_by_value_and_word(self) -> None:
        def using(value: Any, text: str) -> dict[str, Any]:
            document = contract(response=TEXT)
            content = document["paths"]["/swap"]["post"]["responses"]["200"]["content"]
            content["application/json"]["examples"] = {"one": {"$ref": "#/components/examples/One"}}
            document["components"] = {"examples": {"One": {"summary": text, "value": value}}}
            return document

        assert [c.rule for c in compare(using(1, "A"), using(2, "B"))] == [
            "text-changed",
            "example-changed",
        ]


class TestDetails:
    @pytest.mark.parametrize(
        ("before", "after", "message"),
        [
            (None, "a", "x-a added: “a”"),
            (1, None, "x-a removed: 1"),
            (1, 2, "x-a changed: 1 became 2"),
            ("a b", "a c", "x-a changed: “a b” became “a c”"),
            (None, {"a": [1]}, "x-a added"),
            ({"a": [1]}, None, "x-a removed"),
            ([1], [1, 2], "x-a changed"),
            ([1], {"a": 1}, "x-a changed"),
            ({"b": 1}, {"b": 2}, "b changed: 1 became 2"),
            ({"b": 1}, {"b": None}, "b changed: 1 became null"),
            ({"b": True}, {}, "b removed: true"),
            ({"description": "A"}, {"description": "B"}, "description changed: “A” became “B”"),
        ],
    )
    def test_a_value_is_shown_and_a_structure_is_not(self, before, after, message) -> None:
        one, other = (
            contract() if value is None else contract(x_a=value) for value in (before, after)
        )
        assert only(one, other).message == message

    def test_a_tag_is_known_by_its_name(self) -> None:
        old = contract(tags=[{"name": "A", "description": "x"}, {"name": "B"}])
        new = contract(tags=[{"name": "C"}, {"name": "A", "description": "y"}])
        assert [(c.message, c.pointer) for c in compare(old, new)] == [
            ("tag C is new", "/tags/0"),
            ("tag B is gone", "/tags/1"),
            ("description changed: “x” became “y”", "/tags/1/description"),
        ]


DESCRIBABLE = [
    pointer
    for pointer, value in walk(BASE["components"]["schemas"])
    if isinstance(value, dict) and {"type", "$ref"} & value.keys()
]


@given(st.lists(st.sampled_from(DESCRIBABLE), unique=True, min_size=1, max_size=6))
def test_every_text_of_a_schema_is_told_exactly_once(places: list[str]) -> None:
    edits = {join("/components/schemas") + place + "/description": "Other" for place in places}
    old = edited(BASE, dict.fromkeys(edits, "Some"))
    changes = compare(old, edited(old, edits))
    assert sorted(c.pointer for c in changes) == sorted(edits)
