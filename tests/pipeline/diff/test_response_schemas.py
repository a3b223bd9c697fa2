"""What the service sends may only come to be promised more narrowly."""

from __future__ import annotations

import pytest
from tests.pipeline.diff.base import (
    ADDITIVE,
    ANSWER,
    BASE,
    BREAKING,
    GET,
    GONE,
    JSON_200,
    POST,
    RESPONSE,
    Case,
    check,
)

CASES: list[Case] = [
    # Responses.
    (
        "success answer gone",
        {GET + "/responses/200": GONE},
        BREAKING,
        "status-removed",
        RESPONSE,
    ),
    ("error answer gone", {POST + "/responses/400": GONE}, ADDITIVE, "status-removed", RESPONSE),
    (
        "another success",
        {POST + "/responses/202": {"description": "Later"}},
        BREAKING,
        "status-added",
        RESPONSE,
    ),
    (
        "another error",
        {POST + "/responses/429": {"description": "Slow down"}},
        ADDITIVE,
        "status-added",
        RESPONSE,
    ),
    (
        "answer in another format (missed)",
        {
            POST + "/responses/200/content": {
                "application/xml": {"schema": {"$ref": "#/components/schemas/Answer"}}
            }
        },
        BREAKING,
        "media-type-removed",
        RESPONSE,
    ),
    (
        "answer in one more format",
        {POST + "/responses/200/content/text~1csv": {}},
        ADDITIVE,
        "media-type-added",
        RESPONSE,
    ),
    (
        "header gone",
        {POST + "/responses/200/headers/X-Request-Id": GONE},
        BREAKING,
        "header-removed",
        RESPONSE,
    ),
    (
        "header added",
        {POST + "/responses/200/headers/X-Left": {"schema": {"type": "integer"}}},
        ADDITIVE,
        "header-added",
        RESPONSE,
    ),
    (
        "header's type",
        {POST + "/responses/200/headers/X-Request-Id/schema/type": "integer"},
        BREAKING,
        "type-changed",
        RESPONSE,
    ),
    (
        "several answers fit at once",
        {
            POST + JSON_200 + "/schema": {
                "anyOf": [
                    {"$ref": "#/components/schemas/Answer"},
                    {"$ref": "#/components/schemas/Failure"},
                ]
            }
        },
        BREAKING,
        "union-changed",
        RESPONSE,
    ),
    (
        "new answer field",
        {ANSWER + "/properties/more": {"type": "string"}},
        ADDITIVE,
        "property-added",
        RESPONSE,
    ),
    (
        "new field in a closed answer",
        {ANSWER + "/properties/closed/properties/b": {"type": "string"}},
        BREAKING,
        "property-added",
        RESPONSE,
    ),
    (
        "answer field gone",
        {ANSWER + "/properties/url": GONE},
        BREAKING,
        "property-removed",
        RESPONSE,
    ),
    (
        "field inside allOf gone (missed)",
        {GET + JSON_200 + "/schema/allOf/1/properties/data": GONE},
        BREAKING,
        "property-removed",
        RESPONSE,
    ),
    (
        "field behind allOf and $ref gone (missed)",
        {"/components/schemas/Envelope/properties/msg": GONE},
        BREAKING,
        "property-removed",
        RESPONSE,
    ),
    (
        "answer field no longer sure",
        {ANSWER + "/required": []},
        BREAKING,
        "required-removed",
        RESPONSE,
    ),
    (
        "answer field sure now",
        {ANSWER + "/required": ["id", "url"]},
        ADDITIVE,
        "required-added",
        RESPONSE,
    ),
    (
        "answer value added",
        {ANSWER + "/properties/status/enum": [1, 2, 3, 4]},
        BREAKING,
        "enum-value-added",
        RESPONSE,
    ),
    (
        "answer value removed",
        {ANSWER + "/properties/status/enum": [1, 2]},
        ADDITIVE,
        "enum-value-removed",
        RESPONSE,
    ),
    (
        "answer may be null",
        {ANSWER + "/properties/url/nullable": True},
        BREAKING,
        "type-changed",
        RESPONSE,
    ),
    (
        "integer becomes number",
        {ANSWER + "/properties/cost/type": "number"},
        BREAKING,
        "type-changed",
        RESPONSE,
    ),
    (
        "answer may be empty",
        {ANSWER + "/properties/id/minLength": GONE},
        BREAKING,
        "limit-loosened",
        RESPONSE,
    ),
    (
        "one more kind of answer",
        {POST + JSON_200 + "/schema/oneOf/-": {"$ref": "#/components/schemas/Envelope"}},
        BREAKING,
        "alternative-added",
        RESPONSE,
    ),
    (
        "one kind of answer less",
        {POST + JSON_200 + "/schema/oneOf/1": GONE},
        ADDITIVE,
        "alternative-removed",
        RESPONSE,
    ),
    (
        "one answer becomes two",
        {
            GET + JSON_200 + "/schema": {
                "oneOf": [
                    BASE["paths"]["/jobs/{id}"]["get"]["responses"]["200"]["content"][
                        "application/json"
                    ]["schema"],
                    {"$ref": "#/components/schemas/Failure"},
                ]
            }
        },
        BREAKING,
        "alternative-added",
        RESPONSE,
    ),
    # Schemas that no operation refers to.
    (
        "sealed value added",
        {"/components/schemas/Sealed/properties/status/enum": [2, 3, 4]},
        BREAKING,
        "enum-value-added",
        RESPONSE,
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
