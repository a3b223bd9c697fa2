"""Which change of a limit takes fewer values, which more, and which others."""

from __future__ import annotations

from typing import Any

import pytest
from tests.pipeline.diff.base import ADDITIVE, BREAKING, only
from tests.pipeline.diff.small import REQUEST_SCHEMA, contract

from akool_pipeline.diff import compare

NARROWER: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"minimum": 1}, "minimum none became 1"),
    ({"minimum": 1}, {"minimum": 2}, "minimum 1 became 2"),
    ({"minimum": 1}, {"exclusiveMinimum": 1}, "minimum 1 became 1 itself excluded"),
    ({"minimum": 1.5}, {"minimum": 1.75}, "minimum 1.5 became 1.75"),
    ({}, {"maximum": 9}, "maximum none became 9"),
    ({"maximum": 9}, {"maximum": 8}, "maximum 9 became 8"),
    ({"maximum": 9}, {"exclusiveMaximum": 9}, "maximum 9 became 9 itself excluded"),
    ({"maximum": 9}, {"allOf": [{"maximum": 9}, {"maximum": 7}]}, "maximum 9 became 7"),
    ({"minimum": 1}, {"allOf": [{"minimum": 1}, {"minimum": 3}]}, "minimum 1 became 3"),
    ({}, {"minLength": 1}, "minLength none became 1"),
    ({"minItems": 1}, {"minItems": 2}, "minItems 1 became 2"),
    ({"maxItems": 50}, {"maxItems": 10}, "maxItems 50 became 10"),
    ({}, {"maxItems": 0}, "maxItems none became 0"),
    ({"minLength": 1}, {"allOf": [{"minLength": 1}, {"minLength": 2}]}, "minLength 1 became 2"),
    ({"maxLength": 9}, {"allOf": [{"maxLength": 9}, {"maxLength": 8}]}, "maxLength 9 became 8"),
    ({}, {"multipleOf": 2}, "multipleOf none became 2"),
    ({"multipleOf": 2}, {"multipleOf": 4}, "multipleOf 2 became 4"),
    ({"multipleOf": 0.1}, {"multipleOf": 0.3}, "multipleOf 0.1 became 0.3"),
    ({}, {"uniqueItems": True}, "items must differ"),
    ({"format": "int64"}, {"format": "int32"}, "format int64 became int32"),
    ({}, {"pattern": "^a"}, "pattern none became ^a"),
    ({}, {"enum": ["a"]}, 'only "a" allowed'),
    ({"type": ["string", "null"]}, {"type": "string"}, "type null or string became string"),
    ({"type": "number"}, {"type": "integer"}, "type number became integer"),
]


@pytest.mark.parametrize(("wide", "narrow", "message"), NARROWER)
def test_fewer_values_break_requests_and_more_values_break_answers(wide, narrow, message) -> None:
    change = only(contract(wide), contract(narrow))
    assert (change.severity, change.message) == (BREAKING, message)
    assert only(contract(narrow), contract(wide)).severity is ADDITIVE
    assert only(contract(response=wide), contract(response=narrow)).severity is ADDITIVE
    assert only(contract(response=narrow), contract(response=wide)).severity is BREAKING


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"multipleOf": 2}, {"multipleOf": 3}),
        ({"multipleOf": 4}, {"multipleOf": 6}),
        ({"format": "date"}, {"format": "uri"}),
        ({"pattern": "^a"}, {"pattern": "^b"}),
        ({"type": "string"}, {"type": "integer"}),
        ({"const": 1}, {"const": 2}),
    ],
)
def test_other_values_break_both(one, other) -> None:
    for before, after in ((one, other), (other, one)):
        assert only(contract(before), contract(after)).severity is BREAKING
        assert only(contract(response=before), contract(response=after)).severity is BREAKING


@pytest.mark.parametrize(
    "schema",
    [
        {"minimum": 1, "exclusiveMaximum": 9},
        {"minLength": 1, "maxLength": 9},
        {"multipleOf": 0.1},
        {"allOf": [{"minimum": 1}, {"minimum": 2, "exclusiveMinimum": 2}]},
    ],
)
def test_a_limit_that_stays_is_no_change(schema) -> None:
    assert compare(contract(schema), contract(schema | {"$comment": "same"}))[0].rule == (
        "text-changed"
    )
    assert len(compare(contract(schema), contract(schema | {"$comment": "same"}))) == 1


def test_a_limit_that_is_no_number_limits_nothing() -> None:
    assert compare(contract({"minimum": True}), contract({"minimum": False})) == []


def test_a_limit_is_shown_where_it_is_written() -> None:
    old, new = contract({"minimum": 1, "exclusiveMaximum": 5}), contract({"exclusiveMaximum": 4})
    assert [change.pointer.rpartition("/")[2] for change in compare(old, new)] == [
        "exclusiveMaximum",
        "minimum",
    ]


@pytest.mark.parametrize("flag", [{}, {"exclusiveMinimum": False}])
def test_a_limit_that_a_type_moves_is_shown_where_it_is_written(flag: dict[str, Any]) -> None:
    """At an `exclusiveMinimum` that nobody wrote, once."""
    old, new = (contract({"type": t, "minimum": 2.5, **flag}) for t in ("integer", "number"))
    limit = next(c for c in compare(old, new) if c.rule == "limit-loosened")
    assert limit.pointer == f"{REQUEST_SCHEMA}/{next(iter(flag), 'minimum')}"
