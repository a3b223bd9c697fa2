"""Operations, addresses, parameters, bodies, answers: the verdict of each single edit."""

from __future__ import annotations

import pytest
from tests.pipeline.diff.base import (
    ADDITIVE,
    BREAKING,
    DOCUMENTATION,
    GENERATED,
    GET,
    GONE,
    HOOK,
    NEITHER,
    POST,
    REQUEST,
    RESPONSE,
    Case,
    check,
)

CASES: list[Case] = [
    # Operations, addresses, names.
    ("operation removed", {POST: GONE}, BREAKING, "operation-removed", NEITHER),
    (
        "operation added",
        {"/paths/~1jobs/get": {"responses": {}}},
        ADDITIVE,
        "operation-added",
        NEITHER,
    ),
    ("operation id", {POST + "/operationId": "send"}, GENERATED, "operation-id-changed", NEITHER),
    (
        "server moved (missed)",
        {"/servers/0/url": "https://b.example"},
        BREAKING,
        "server-removed",
        NEITHER,
    ),
    (
        "server added",
        {"/servers": [{"url": "https://api.example"}, {"url": "https://b.example"}]},
        ADDITIVE,
        "server-added",
        NEITHER,
    ),
    (
        "operation's own server (missed)",
        {POST + "/servers": [{"url": "https://b.example"}]},
        BREAKING,
        "server-removed",
        NEITHER,
    ),
    # Security.
    ("key no longer enough", {"/security": [{"Token": []}]}, BREAKING, "security-removed", REQUEST),
    (
        "another way in",
        {"/security": [{"Key": []}, {"Token": []}, {"Basic": []}]},
        ADDITIVE,
        "security-added",
        REQUEST,
    ),
    ("open to all", {POST + "/security": []}, ADDITIVE, "security-added", REQUEST),
    (
        "both needed at once",
        {"/security": [{"Key": [], "Token": []}]},
        BREAKING,
        "security-removed",
        REQUEST,
    ),
    (
        "header of the key renamed (missed)",
        {"/components/securitySchemes/Key/name": "x-key"},
        BREAKING,
        "security-scheme-changed",
        REQUEST,
    ),
    (
        "key moves to the query (missed)",
        {"/components/securitySchemes/Key/in": "query"},
        BREAKING,
        "security-scheme-changed",
        REQUEST,
    ),
    (
        "other kind of token (missed)",
        {"/components/securitySchemes/Token/scheme": "basic"},
        BREAKING,
        "security-scheme-changed",
        REQUEST,
    ),
    (
        "text of a scheme",
        {"/components/securitySchemes/Key/description": "New"},
        DOCUMENTATION,
        "text-changed",
        NEITHER,
    ),
    # Parameters.
    ("parameter gone", {GET + "/parameters/2": GONE}, BREAKING, "parameter-removed", REQUEST),
    (
        "optional parameter",
        {GET + "/parameters/-": {"name": "page", "in": "query", "schema": {}}},
        ADDITIVE,
        "parameter-added",
        REQUEST,
    ),
    (
        "required parameter",
        {GET + "/parameters/-": {"name": "page", "in": "query", "required": True, "schema": {}}},
        BREAKING,
        "parameter-added",
        REQUEST,
    ),
    (
        "parameter becomes required",
        {GET + "/parameters/0/required": True},
        BREAKING,
        "required-added",
        REQUEST,
    ),
    (
        "query parameter's type (missed)",
        {GET + "/parameters/0/schema/type": "integer"},
        BREAKING,
        "type-changed",
        REQUEST,
    ),
    (
        "default of a parameter",
        {GET + "/parameters/0/schema/default": True},
        BREAKING,
        "default-changed",
        REQUEST,
    ),
    (
        "how lists are written",
        {GET + "/parameters/1/explode": False},
        BREAKING,
        "serialization-changed",
        REQUEST,
    ),
    (
        "header parameter in other letters",
        {GET + "/parameters/2/name": "x-trace"},
        DOCUMENTATION,
        "detail-changed",
        NEITHER,
    ),
    # Request bodies.
    ("body gone", {POST + "/requestBody": GONE}, BREAKING, "body-removed", REQUEST),
    (
        "body for a call without one",
        {GET + "/requestBody": {"required": True, "content": {}}},
        BREAKING,
        "body-added",
        REQUEST,
    ),
    (
        "optional body",
        {GET + "/requestBody": {"content": {}}},
        ADDITIVE,
        "body-added",
        REQUEST,
    ),
    (
        "body becomes optional",
        {POST + "/requestBody/required": False},
        ADDITIVE,
        "required-removed",
        REQUEST,
    ),
    (
        "request in another format",
        {
            POST + "/requestBody/content": {
                "multipart/form-data": {"schema": {"$ref": "#/components/schemas/Request"}}
            }
        },
        BREAKING,
        "media-type-removed",
        REQUEST,
    ),
    # Callbacks: the service sends the request.
    (
        "callback value added",
        {HOOK + "/properties/state/enum": ["a", "b", "c"]},
        BREAKING,
        "enum-value-added",
        RESPONSE,
    ),
    (
        "callback field added",
        {HOOK + "/properties/more": {"type": "string"}},
        ADDITIVE,
        "property-added",
        RESPONSE,
    ),
    (
        "another callback",
        {POST + "/callbacks/failed": {"{$request.body#/hook}": {"post": {"responses": {}}}}},
        ADDITIVE,
        "callback-added",
        RESPONSE,
    ),
    ("callback gone", {POST + "/callbacks": GONE}, BREAKING, "callback-removed", RESPONSE),
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
