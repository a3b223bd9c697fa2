"""What holds of every comparison, whatever the documents say."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline.diff.base import BASE, BREAKING, GENERATED, GONE, READ, edited, has, told
from tests.pipeline.diff.small import RESPONSE_SCHEMA, contract, ref, schemas

from akool_pipeline.diff import compare
from akool_pipeline.diff.contract import Comparison
from akool_pipeline.documents.pointer import join, resolve


def leaves(value: Any, pointer: str = "") -> list[str]:
    if isinstance(value, dict) and value:
        return [leaf for key, item in value.items() for leaf in leaves(item, join(pointer, key))]
    if isinstance(value, list) and value:
        return [leaf for i, item in enumerate(value) for leaf in leaves(item, join(pointer, i))]
    return [pointer]


def other_than(value: Any) -> Any:
    """Another value of the same type, so that the document keeps its shape."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return f"{value}x" if isinstance(value, str) else {"x-other": 1} if value == {} else ["other"]


LEAVES = [leaf for leaf in leaves(BASE) if "$ref" not in leaf]


@given(st.sampled_from(LEAVES), st.sampled_from(["removed", "changed"]))
def test_no_edit_goes_unreported_and_every_place_exists(pointer: str, how: str) -> None:
    new = edited(BASE, {pointer: GONE if how == "removed" else other_than(resolve(BASE, pointer))})
    changes = compare(BASE, new)
    assert changes
    assert len(set(changes)) == len(changes)
    for change in changes:
        assert any(has(document, change.pointer) for document in (BASE, new)), change


@given(st.sampled_from(LEAVES))
def test_a_way_and_its_way_back_report_at_the_same_places(pointer: str) -> None:
    new = edited(BASE, {pointer: other_than(resolve(BASE, pointer))})
    assert {c.pointer.rpartition("/")[0] for c in compare(BASE, new)} == {
        c.pointer.rpartition("/")[0] for c in compare(new, BASE)
    }


KEYWORDS: dict[str, tuple[Any, Any]] = {
    "type": ("string", "integer"),
    "format": ("date", "uri"),
    "pattern": ("^a", "^b"),
    "minLength": (1, 2),
    "maxLength": (9, 8),
    "minItems": (1, 2),
    "maxItems": (9, 8),
    "minProperties": (1, 2),
    "maxProperties": (9, 8),
    "minContains": (1, 2),
    "maxContains": (9, 8),
    "minimum": (1, 2),
    "maximum": (9, 8),
    "exclusiveMinimum": (1, 2),
    "exclusiveMaximum": (9, 8),
    "multipleOf": (2, 3),
    "uniqueItems": (False, True),
    "default": (1, 2),
    "const": (1, 2),
    "enum": ([1, 2], [1]),
    "required": ([], ["p"]),
    "properties": ({"p": {}}, {"p": {"type": "string"}}),
    "items": ({"type": "string"}, {"type": "integer"}),
    "additionalProperties": (True, False),
    "unevaluatedProperties": (True, False),
    "patternProperties": ({"a": {}}, {"a": {"type": "string"}}),
    "prefixItems": ([{}], [{"type": "string"}]),
    "not": ({"const": 1}, {"const": 2}),
    "if": ({"const": 1}, {"const": 2}),
    "then": ({"const": 1}, {"const": 2}),
    "else": ({"const": 1}, {"const": 2}),
    "contains": ({"const": 1}, {"const": 2}),
    "propertyNames": ({"const": 1}, {"const": 2}),
    "contentSchema": ({"const": 1}, {"const": 2}),
    "unevaluatedItems": ({"const": 1}, {"const": 2}),
    "dependentRequired": ({"a": ["b"]}, {"a": ["c"]}),
    "contentEncoding": ("gzip", "base64url"),
    "contentMediaType": ("text/csv", "text/plain"),
    "oneOf": ([{"maximum": 1}, {"type": "null"}], [{"maximum": 2}, {"type": "null"}]),
    "discriminator": ({"propertyName": "a"}, {"propertyName": "b"}),
    "x-decrypted": ({"type": "string"}, {"type": "integer"}),
    "title": ("A", "B"),
    "description": ("A", "B"),
    "$comment": ("A", "B"),
    "example": (1, 2),
    "examples": ([1], [2]),
    "deprecated": (False, True),
    "externalDocs": ({"url": "a"}, {"url": "b"}),
    "xml": ({"name": "a"}, {"name": "b"}),
    "x-other": (1, 2),
    "x-enum-varnames": (["A"], ["B"]),
}


@pytest.mark.parametrize("is_request", [True, False], ids=["request", "response"])
@pytest.mark.parametrize("keyword", KEYWORDS)
def test_an_edit_of_one_keyword_is_reported_exactly_once(keyword, is_request) -> None:
    around = {"x-enum-varnames": {"enum": [1]}, "minContains": {"contains": {}}}
    values = KEYWORDS[keyword]
    pair = [
        contract(
            **{"request" if is_request else "response": ref("A")},
            components=schemas(A=around.get(keyword, {}) | {keyword: value}),
        )
        for value in values
    ]
    for old, new in (pair, pair[::-1]):
        (change,) = compare(old, new)
        assert change.pointer.startswith(f"/components/schemas/A/{keyword}"), change


def test_a_list_of_all_types_but_null_that_goes_is_told_where_it_stood() -> None:
    """At a `nullable` that nobody wrote, once."""
    types = ["array", "boolean", "integer", "number", "object", "string"]
    old, new = (contract(response=schema) for schema in ({"type": types}, {}))
    for one, other in ((old, new), (new, old)):
        assert [change.pointer for change in compare(one, other)] == [f"{RESPONSE_SCHEMA}/type"]


@pytest.mark.parametrize("keyword", sorted(set(KEYWORDS) - {"properties", "x-enum-varnames"}))
def test_a_renamed_component_and_one_edit_are_both_told(keyword: str) -> None:
    one, other = (
        contract(
            response={"type": "object", "properties": {"p": ref(name)}},
            components=schemas(**{name: {keyword: value}}),
        )
        for name, value in zip("AB", KEYWORDS[keyword], strict=True)
    )
    rules = [change.rule for change in compare(one, other)]
    assert rules.count("component-renamed") == 1
    assert len(rules) == 2, rules


@given(st.permutations(sorted(KEYWORDS)[:12]), st.integers(1, 12))
def test_several_edits_are_as_many_changes(order: list[str], many: int) -> None:
    def using(index: int) -> dict[str, Any]:
        properties = {
            f"p-{keyword}": {keyword: KEYWORDS[keyword][index if i < many else 0]}
            for i, keyword in enumerate(order)
        }
        return contract(response={"type": "object", "properties": properties})

    assert len(compare(using(0), using(1))) == many


def levels(number: int, *, leaf: dict[str, Any]) -> dict[str, Any]:
    """Components, each of which refers to the next four times."""
    named = {
        f"L{n}": {
            "type": "object",
            "description": f"Level {n}",
            "properties": {f"p{k}": ref(f"L{n + 1}") for k in range(4)},
        }
        for n in range(number)
    }
    named[f"L{number}"] = leaf
    return contract(response=ref("L0"), components=schemas(**named))


def visits(old: dict[str, Any], new: dict[str, Any]) -> int:
    comparison = Comparison(old, new)
    comparison.changes()
    return len(comparison.graph.pairs)


def test_the_work_grows_with_the_document_and_not_with_the_ways_through_it() -> None:
    narrow, wide = {"maxLength": 9}, {"maxLength": 10}
    few, more, many = (visits(levels(n, leaf=narrow), levels(n, leaf=wide)) for n in (10, 20, 40))
    assert more - few == (many - more) / 2
    assert (more - few) / 10 <= 2


def test_a_chain_of_references_may_be_as_long_as_it_likes() -> None:
    old, new = (levels(3000, leaf={"maxLength": n}) for n in (9, 10))
    assert [change.rule for change in compare(old, new)] == ["limit-loosened"]


def test_operations_that_share_a_component_compare_it_once() -> None:
    def using(number: int, leaf: dict[str, Any]) -> dict[str, Any]:
        document = levels(5, leaf=leaf)
        item = document["paths"]["/swap"]
        for n in range(number):
            document["paths"][f"/swap{n}"] = copy.deepcopy(item)
            document["paths"][f"/swap{n}"]["post"]["operationId"] = f"swap{n}"
        return document

    narrow, wide = {"maxLength": 9}, {"maxLength": 10}
    few, more, many = (visits(using(n, narrow), using(n, wide)) for n in (5, 10, 20))
    assert more - few == (many - more) / 2
    (change,) = compare(using(5, narrow), using(5, wide))
    assert len(change.operations) == 6


def test_what_is_compared_is_not_changed() -> None:
    old, new = copy.deepcopy(BASE), edited(BASE, {"/info/version": "2.0.0"})
    before = copy.deepcopy([old, new])
    compare(old, new)
    assert [old, new] == before


def test_the_worst_comes_first() -> None:
    new = edited(
        BASE,
        {
            "/components/schemas/Answer/properties/url": GONE,
            "/paths/~1jobs/post/operationId": "send",
            "/paths/~1jobs/post/summary": "Must be sent",
            "/components/schemas/Answer/properties/more": {},
            "/info/version": "2.0.0",
        },
    )
    assert [severity for severity, _, _ in told(compare(BASE, new))] == list(type(BREAKING))
    assert list(type(BREAKING))[:3] == [BREAKING, GENERATED, READ]
