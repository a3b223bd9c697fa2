"""What a caller sends may only come to be accepted more widely."""

from __future__ import annotations

import pytest
from tests.pipeline.diff.base import (
    ADDITIVE,
    BODY,
    BREAKING,
    GET,
    GONE,
    POST,
    REQUEST,
    Case,
    check,
)

CASES: list[Case] = [
    # Request schemas.
    (
        "new required field",
        {BODY + "/properties/new": {"type": "string"}, BODY + "/required": ["url", "new"]},
        BREAKING,
        "property-added",
        REQUEST,
    ),
    (
        "new optional field",
        {BODY + "/properties/new": {"type": "string"}},
        ADDITIVE,
        "property-added",
        REQUEST,
    ),
    ("field gone", {BODY + "/properties/note": GONE}, BREAKING, "property-removed", REQUEST),
    (
        "field becomes required",
        {BODY + "/required": ["url", "mode"]},
        BREAKING,
        "required-added",
        REQUEST,
    ),
    ("field becomes optional", {BODY + "/required": []}, ADDITIVE, "required-removed", REQUEST),
    (
        "request value added",
        {BODY + "/properties/mode/enum": ["fast", "good", "best"]},
        ADDITIVE,
        "enum-value-added",
        REQUEST,
    ),
    (
        "request value removed",
        {BODY + "/properties/mode/enum": ["fast"]},
        BREAKING,
        "enum-value-removed",
        REQUEST,
    ),
    (
        "request limited to values",
        {BODY + "/properties/url/enum": ["https://a.example"]},
        BREAKING,
        "enum-added",
        REQUEST,
    ),
    (
        "request default changed",
        {BODY + "/properties/mode/default": "good"},
        BREAKING,
        "default-changed",
        REQUEST,
    ),
    (
        "maxLength shrinks (missed)",
        {BODY + "/properties/note/maxLength": 50},
        BREAKING,
        "limit-tightened",
        REQUEST,
    ),
    (
        "maxLength appears (missed)",
        {BODY + "/properties/url/maxLength": 50},
        BREAKING,
        "limit-tightened",
        REQUEST,
    ),
    (
        "maxLength grows",
        {BODY + "/properties/note/maxLength": 500},
        ADDITIVE,
        "limit-loosened",
        REQUEST,
    ),
    (
        "minItems appears (missed)",
        {BODY + "/properties/faces/minItems": 1},
        BREAKING,
        "limit-tightened",
        REQUEST,
    ),
    (
        "maxItems appears (missed)",
        {BODY + "/properties/faces/maxItems": 50},
        BREAKING,
        "limit-tightened",
        REQUEST,
    ),
    (
        "items may no longer repeat",
        {BODY + "/properties/faces/uniqueItems": True},
        BREAKING,
        "unique-items-changed",
        REQUEST,
    ),
    (
        "limit of the items",
        {BODY + "/properties/faces/items/minimum": 1},
        BREAKING,
        "limit-tightened",
        REQUEST,
    ),
    (
        "limit itself excluded",
        {BODY + "/properties/faces/items/exclusiveMaximum": True},
        BREAKING,
        "limit-tightened",
        REQUEST,
    ),
    (
        "pattern appears",
        {BODY + "/properties/url/pattern": "^https"},
        BREAKING,
        "pattern-changed",
        REQUEST,
    ),
    (
        "pattern goes",
        {BODY + "/properties/note/pattern": GONE},
        ADDITIVE,
        "pattern-changed",
        REQUEST,
    ),
    (
        "format goes",
        {BODY + "/properties/url/format": GONE},
        ADDITIVE,
        "format-changed",
        REQUEST,
    ),
    (
        "number to integer",
        {BODY + "/properties/size/type": "integer"},
        BREAKING,
        "type-changed",
        REQUEST,
    ),
    (
        "multiple of a part",
        {BODY + "/properties/size/multipleOf": 1},
        ADDITIVE,
        "multiple-changed",
        REQUEST,
    ),
    (
        "null no longer taken",
        {BODY + "/properties/hook/nullable": GONE},
        BREAKING,
        "type-changed",
        REQUEST,
    ),
    (
        "unknown fields refused",
        {BODY + "/additionalProperties": False},
        BREAKING,
        "additionalProperties-changed",
        REQUEST,
    ),
    (
        "a keyword that is not known",
        {BODY + "/properties/note/contentEncoding": "gzip"},
        BREAKING,
        "keyword-changed",
        REQUEST,
    ),
    (
        "how a part is encoded",
        {
            POST + "/requestBody/content/application~1json/encoding": {
                "note": {"contentType": "text/csv"}
            }
        },
        BREAKING,
        "encoding-changed",
        REQUEST,
    ),
    (
        "a value ruled out",
        {BODY + "/properties/note/not": {"enum": ["a"]}},
        BREAKING,
        "not-changed",
        REQUEST,
    ),
    (
        "parameter in another form",
        {
            GET + "/parameters/2": {
                "name": "X-Trace",
                "in": "header",
                "content": {"application/json": {"schema": {"type": "string"}}},
            }
        },
        BREAKING,
        "serialization-changed",
        REQUEST,
    ),
    (
        "a condition over fields",
        {BODY + "/anyOf": [{"required": ["note"]}, {"required": ["size"]}]},
        BREAKING,
        "condition-changed",
        REQUEST,
    ),
    (
        "field only ever sent back",
        {BODY + "/properties/note/readOnly": True},
        BREAKING,
        "property-removed",
        REQUEST,
    ),
]


@pytest.mark.parametrize(
    ("edits", "severity", "rule", "direction"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_change_gets_the_verdict_of_the_table(edits, severity, rule, direction) -> None:
    check(edits, severity, rule, direction)


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({name for name, *_ in CASES}) == len(CASES)
