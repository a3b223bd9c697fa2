"""Hostile and careless documents: each is refused with file, line and pointer, and quickly."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_pipeline.building import fragments
from akool_pipeline.documents import document
from akool_pipeline.errors import PipelineError

GOOD = b"""openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a:
    get:
      responses:
        200:
          description: ok
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/A'
components:
  schemas:
    A:
      type: object
"""
BOMB = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n".encode()
    for i in range(9)
)
REFUSED = {
    "tabs": (b"a:\n\tb: 1\n", "f:2: is not YAML: the line holds a tab, indent with spaces"),
    "a duplicate key": (
        b"a: 1\nb:\n  c: 1\n  c: 2\n",
        "f:4: #/b/c: the key 'c' was given before, on line 3",
    ),
    "anchors that explode": (BOMB, "expands to more than 200000 values: write its aliases out"),
    "an anchor in itself": (b"a: &a\n  b: *a\n", "an alias refers to a part that contains it"),
    "nesting without end": (b"[" * 100_000 + b"]" * 100_000, "f:1: is nested more than 100 deep"),
    "nesting through aliases": (
        b"a: &a " + b"[" * 90 + b"]" * 90 + b"\nb: " + b"[" * 90 + b"*a" + b"]" * 90,
        "is nested more than 100 deep",
    ),
    "a python object": (b"a: !!python/object/apply:os.system [x]\n", "f:1: #/a"),
    "a tagged scalar": (b"a: !mine x\n", "f:1: #/a: the tag !mine is not allowed"),
    "bytes": (b"a: !!binary aGk=\n", "is not allowed"),
    "a key that is a list": (b"? [a]\n: b\n", "a key must be a plain string"),
    "two documents": (b"a: 1\n---\nb: 2\n", "f:2: is not YAML"),
    "an open bracket": (b"a: [1,\nb: 2\n", "is not YAML"),
    "another encoding": ("a: ü\n".encode("latin-1"), "f:1: is not UTF-8"),
    "too many bytes": (b"#" * 5_000_001, "is larger than 5000000 bytes"),
    "a number that JSON does not have": (
        b"a: .inf\n",
        "f:1: #/a: JSON does not have the number .inf",
    ),
    "no number at all": (b"a: [-.NaN, .NaN]\n", "f:1: #/a/1: JSON does not have the number .NaN"),
    "a number too large for JSON": (
        b"a:\n- 1e999\n",
        "f:2: #/a/0: JSON does not have the number 1e999",
    ),
    "a number of 5000 digits": (b"a: " + b"9" * 5000, "f:1: #/a: is too long a number"),
    "a tag that does not fit": (b"a: !!int x\n", "f:1: #/a: is tagged int and is none: 'x'"),
    "a boolean of older YAML": (b"a: !!bool yes\n", "is tagged bool and is none: 'yes'"),
    "a merge key that brings no object": (
        b"a: &a [1]\nc:\n  <<: *a\n",
        "f:1: #/c: a merge key (`<<`) takes objects alone",
    ),
    "a merge key that brings what holds it": (
        b"a: &a\n  b: 1\n  <<: *a\n",
        "an alias refers to a part that contains it",
    ),
    "a control character": (b"a: \x01\n", "is not YAML"),
}


@pytest.mark.parametrize(("raw", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_document_that_cannot_be_trusted_is_refused(raw: bytes, message: str) -> None:
    with pytest.raises(PipelineError) as caught:
        document.parse(raw, "f")
    assert message in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_a_file_is_read_no_further_than_its_bound() -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int | None = -1) -> bytes:
            assert size == 5_000_001
            return b"#" * size

    path: Any = SimpleNamespace(open=lambda mode: {"rb": Endless()}[mode])
    with pytest.raises(PipelineError, match=r"^f: is larger than 5000000 bytes"):
        document.read(path, "f")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_a_pipeline_error(raw: bytes) -> None:
    try:
        parsed = document.parse(raw, "f")
    except PipelineError as error:
        message = str(error)
    else:
        message = parsed.name
    assert message.startswith("f")


@pytest.mark.parametrize("word", ["on", "yes", "12:30", "2024-01-02", "0b11", "1_000"])
def test_words_that_older_yaml_turns_into_something_else_stay_words(word: str) -> None:
    assert document.parse(f"a: {word}\n".encode(), "f").data == {"a": word}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("007", 7), ("-08", -8), ("+12", 12), ("0xFF", 255), ("0o17", 15), ("0", 0), ("1e3", 1e3),
        (".5", 0.5), ("1.", 1.0), ("-.5E+2", -50.0), ("+1.5e-1", 0.15), ("True", True),
        ("FALSE", False), ("~", None), ("Null", None), ("!!int 0x1F", 31), ("!!float 5", 5.0),
        ("!!str 5", "5"), ("!!bool TRUE", True), ("!!null ''", None), ("0o18", "0o18"),
        ("0xG", "0xG"), ("-0x1", "-0x1"), ("1e", "1e"), ("nan", "nan"), ("tRue", "tRue"),
        ("'007'", "007"), ("9" * 400, int("9" * 400)),
    ],
)  # fmt: skip
def test_a_plain_scalar_is_what_yaml_1_2_says(text: str, value: Any) -> None:
    found = document.parse(f"a: {text}\n".encode(), "f").data["a"]
    assert (found, type(found)) == (value, type(value))


def test_plain_values_have_their_json_types() -> None:
    text = b"a: true\nb: null\nc: 1\nd: 1.5\ne: '1'\nf: ~\ng:\nh: -2e3\n"
    assert document.parse(text, "f").data == {
        "a": True, "b": None, "c": 1, "d": 1.5, "e": "1", "f": None, "g": None, "h": -2000.0
    }  # fmt: skip


def test_status_codes_without_quotes_are_keys_like_any_other() -> None:
    data = document.parse(GOOD, "f").data
    assert list(data["paths"]["/a"]["get"]["responses"]) == ["200"]


def test_the_line_of_a_place_is_known_and_its_parents_stand_in_for_what_is_not() -> None:
    source = document.parse(GOOD, "f")
    assert source.line("/paths/~1a/get/responses/200/description") == 8
    assert source.line("/components/schemas/A/properties/x") == 15


UNFIT = {
    "nothing": (b"", "f: #/openapi: holds no `openapi: 3.x.y`"),
    "a list": (b"- 1\n", "holds no `openapi: 3.x.y`"),
    "a reference to an anchor": (
        GOOD.replace(b"#/components/schemas/A'", b"#A'"),
        "$ref to an anchor (#A): write a JSON pointer",
    ),
    "a reference to nowhere beside another": (
        GOOD.replace(b"type: object", b"$ref: '#/components'\n      allOf: [{$ref: '#/no'}]"),
        "#/components/schemas/A/allOf/0/$ref: $ref to nowhere: #/no",
    ),
    "components that are no map": (
        GOOD.replace(b"components:", b"components: {responses: []}\nx-c:"),
        "#/components/responses: must be an object",
    ),
    "a tag without a name": (GOOD + b"tags: [{description: x}]", "#/tags/0/name: must be a string"),
    "a webhook that is a list": (
        GOOD.replace(b"3.0.3", b"3.1.0") + b"webhooks: {a: []}",
        "#/webhooks/a: must be an object",
    ),
    "a shared path item whose operation is a list": (
        GOOD.replace(b"3.0.3", b"3.1.0") + b"  pathItems: {a: {get: []}}",
        "#/components/pathItems/a/get: must be an object",
    ),
    "another version": (GOOD.replace(b"3.0.3", b"2.0"), "f:1: #/openapi: says OpenAPI 2.0"),
    "a number for a version": (GOOD.replace(b"3.0.3", b"3.0"), "says OpenAPI 3.0"),
    "no operation": (b"openapi: 3.0.3\npaths: {}\n", "#/paths: describes no operation"),
    "paths that are a list": (b"openapi: 3.0.3\npaths: []\n", "#/paths: must be an object"),
    "a reference to nowhere": (
        GOOD.replace(b"schemas/A'", b"schemas/B'"),
        "1json/schema/$ref: $ref to nowhere: #/components/schemas/B",
    ),
    "a reference to a file": (
        GOOD.replace(b"'#/components/schemas/A'", b"other.yaml"),
        "$ref to another document (other.yaml)",
    ),
    "a reference to an address": (
        GOOD.replace(b"'#/comp", b"'https://a.example#/comp"),
        "$ref to another document",
    ),
}


@pytest.mark.parametrize(("raw", "message"), UNFIT.values(), ids=UNFIT.keys())
def test_what_is_no_fragment_is_refused_with_its_place(raw: bytes, message: str) -> None:
    with pytest.raises(PipelineError) as caught:
        fragments.check(document.parse(raw, "f"))
    assert message in str(caught.value)


def test_a_reference_in_an_example_is_data() -> None:
    text = GOOD.replace(b"type: object", b"type: object\n      example: {$ref: nowhere}")
    fragments.check(document.parse(text, "f"))


def test_a_percent_encoded_reference_is_followed() -> None:
    text = GOOD.replace(b"'#/components/schemas/A'", b"'#/components/schemas/%41%7Bb%7D'")
    fragments.check(document.parse(text.replace(b"    A:", b"    A{b}:"), "f"))


def test_a_merge_key_brings_what_is_not_written_and_keeps_the_lines_of_both() -> None:
    text = (
        b"a: &a {x: 1, y: {z: 1}}\nb: &b\n  x: 2\n  w: 2\n"
        b"c:\n  w: 3\n  <<: *a\nd:\n  <<: [*b, *a]\n"
    )
    found = document.parse(text, "f")
    assert found.data["c"] == {"w": 3, "x": 1, "y": {"z": 1}}
    assert found.data["d"] == {"x": 2, "w": 2, "y": {"z": 1}}
    places = ("/c", "/c/w", "/c/y/z", "/d/x", "/d/y")
    assert [found.line(place) for place in places] == [5, 6, 1, 3, 1]


def test_merge_keys_that_grow_without_end_are_refused() -> None:
    levels = "".join(
        f"a{n}: &a{n}\n" + "".join(f"  k{k}: {{<<: *a{n - 1}}}\n" for k in range(9))
        for n in range(1, 9)
    )
    with pytest.raises(PipelineError, match="expands to more than 200000 values"):
        document.parse(f"a0: &a0 {{x: 1}}\n{levels}".encode(), "f")


@pytest.mark.parametrize("version", ["1.0", "1.10", "2", "0x1", "2024-05-01", "true"])
def test_a_version_that_nobody_quoted_is_the_text_that_stands_there(version: str) -> None:
    text = f"info: {{version: {version}}}\nversion: 1.0\n"
    assert document.parse(text.encode(), "f").data == {"info": {"version": version}, "version": 1.0}


def test_a_quoted_key_like_a_merge_is_a_key() -> None:
    assert document.parse(b"'<<': 1\n", "f").data == {"<<": 1}


def test_a_property_named_like_a_reference_is_a_property() -> None:
    text = GOOD.replace(b"type: object", b"type: object\n      properties: {$ref: {type: string}}")
    fragments.check(document.parse(text, "f"))


def test_all_faults_of_a_document_are_told_at_once() -> None:
    text = GOOD.replace(b"type: object", b"allOf: [{$ref: '#/x'}, {$ref: '#/y'}]")
    with pytest.raises(PipelineError) as caught:
        fragments.check(document.parse(text, "f"))
    assert [problem.pointer for problem in caught.value.problems] == [
        "/components/schemas/A/allOf/0/$ref",
        "/components/schemas/A/allOf/1/$ref",
    ]


def test_a_folder_reports_the_faults_of_all_its_fragments(tmp_path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: [\n")
    (tmp_path / "b.yaml").write_bytes(b"swagger: '2.0'\n")
    (tmp_path / "c.yaml").write_bytes(GOOD)
    with pytest.raises(PipelineError) as caught:
        fragments.load_folder(tmp_path)
    assert {problem.file for problem in caught.value.problems} == {
        str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")
    }  # fmt: skip


def test_an_empty_folder_says_how_to_fill_it(tmp_path) -> None:
    with pytest.raises(PipelineError, match="contract import"):
        fragments.load_folder(tmp_path)
