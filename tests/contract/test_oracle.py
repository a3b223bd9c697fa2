"""The oracle's verdicts: what must be accepted, must be refused, and is left open."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_contract._options import Options
from akool_contract._wire.contract import Contract
from akool_contract._wire.errors import UnusableError
from akool_contract._wire.http import Request
from akool_contract.oracle.by_contract import sample_by_contract, sample_parameter
from akool_contract.oracle.credentials import Credentials
from akool_contract.oracle.operations import judge_request
from akool_contract.oracle.samples import Pictures, sample_body
from akool_contract.oracle.verdict import RULES, Outcome
from akool_openapi import load

KEY, TOKEN = "k" * 32, "t" * 40
KNOWN = Credentials(keys={KEY: "main"}, tokens={TOKEN: "main"}, banned={"b" * 32})
FACE = {"path": "https://a.example.com/x.png", "opts": "1,2:3,4:5,6:7,8"}
V3 = {"sourceImage": [FACE], "targetImage": [FACE], "modifyImage": "https://a.example.com/y.jpg"}
PLUS = {"source_url": FACE["path"], "target_url": FACE["path"]}
PAIR = {
    "source_face_info": {"face_url": FACE["path"]},
    "target_face_info": {"face_url": FACE["path"]},
}
BARE = {"path": FACE["path"]}
BOX, FOO = {"bbox": [1, 2, 30, 40]}, {"face_url": "foo"}
PRO = {"sourceImage": [BARE], "targetImage": [BARE]}
NO_PATHS = ("data:image/png;base64,iVBORw0KGgo=", "http://", "https://a.example.com/two words")


def judged(operation, body, headers=None):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    pairs = (("x-api-key", KEY),) if headers is None else tuple(headers.items())
    request = Request(
        "POST", "http://t/x", (*pairs, ("Content-Type", "application/json")), content, operation
    )
    return judge_request(request, KNOWN)[0]


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("swapImage", V3),
        ("swapImage", V3 | {"face_enhance": 0, "webhookUrl": ""}),
        ("swapImage", V3 | {"sourceImage": [BARE], "targetImage": [BARE]}),
        ("swapImage", V3 | {"sourceImage": [FACE] * 8, "targetImage": [FACE] * 8}),
        ("swapImagePro", {"sourceImage": [BARE], "targetImage": [BARE]}),
        ("swapPlus", PLUS | {"single_face_mode": True}),
        ("swapPlus", PLUS | {"face_mapping": [PAIR, PAIR]}),
        ("swapPlus", PLUS | {"face_mapping": [PAIR] * 8}),
        ("swapPlus", PLUS | {"face_mapping": [PAIR, PAIR | {"target_face_info": BOX}]}),
        ("swapPlus", PLUS | {"single_face_mode": True, "webhookUrl": ""}),
        ("swapImage", V3 | {"sourceImage": [FACE | {"opts": "-1,2.5:3,-4.25:5,6:7,8"}]}),
        ("swapImage", V3 | {"sourceImage": [{"path": "HTTPS://a.example.com/noend"}]}),
        ("swapImage", V3 | {"sourceImage": [{"path": "https://a.example.com/" + "x" * 300}]}),
        ("deleteResults", {"_ids": "a" * 24}),
        ("detectFaces", {"url": FACE["path"], "num_frames": 100}),
    ],
)
def test_what_keeps_every_rule_must_be_accepted(operation, body) -> None:
    assert judged(operation, body).outcome is Outcome.ACCEPT


@pytest.mark.parametrize(
    ("operation", "body", "codes"),
    [
        ("swapImage", {}, {1003}),
        ("swapImage", b"{", {1003}),
        ("swapImage", [], {1003}),
        ("swapImage", V3 | {"modifyImage": ""}, {1003}),
        ("swapImage", V3 | {"sourceImage": [{"path": "ftp://a.example.com/x"}]}, {1003}),
        ("swapImage", V3 | {"sourceImage": [FACE, FACE]}, {1003}),
        ("swapImagePro", PRO | {"targetImage": [FACE, FACE]}, {1003}),
        ("swapImage", V3 | {"sourceImage": [FACE] * 9, "targetImage": [FACE] * 9}, {1007}),
        ("swapImage", V3 | {"sourceImage": [BARE, FACE], "targetImage": [FACE, FACE]}, {1003}),
        ("swapImage", V3 | {"face_enhance": 2}, {1003}),
        ("swapImage", V3 | {"sourceImage": [FACE | {"opts": [1, 2]}]}, {1003}),
        ("swapImagePro", {"sourceImage": [BARE], "targetImage": [BARE], "face_enhance": 1}, {1003}),
        *(("swapImage", V3 | {"sourceImage": [{"path": bad}]}, {1003}) for bad in NO_PATHS),
        ("swapImagePro", PRO | {"single_face_mode": "true"}, {1003}),
        ("swapPlus", PLUS | {"single_face_mode": "true", "face_mapping": [PAIR] * 2}, {1003}),
        ("swapPlus", PLUS | {"single_face_mode": True, "face_enhance": 1}, {1003}),
        ("swapPlus", PLUS | {"face_mapping": [PAIR, PAIR | {"target_face_info": FOO}]}, {1003}),
        ("swapPlus", PLUS | {"face_mapping": [PAIR] * 9}, {1007}),
        ("swapPlus", PLUS, {1003}),
        ("swapPlus", PLUS | {"single_face_mode": True, "model_style": "anime"}, {1003}),
        ("deleteResults", {"_ids": ["a" * 24]}, {1003}),
    ],
)
def test_what_breaks_a_rule_must_be_refused_with_its_code(operation, body, codes) -> None:
    verdict = judged(operation, body)
    assert (verdict.outcome, verdict.codes) == (Outcome.REFUSE, codes)


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("swapImage", V3 | {"face_enhance": True}),
        ("swapImage", V3 | {"sourceImage": [FACE | {"opts": "1,2:3,4"}]}),
        ("swapImage", V3 | {"modifyImage": "not a url"}),
        ("swapImage", V3 | {"surprise": 1}),
        ("swapImagePro", {"sourceImage": [FACE] * 9, "targetImage": [FACE] * 9}),
        ("swapPlus", PLUS | {"face_mapping": [PAIR]}),
        ("deleteResults", {"_ids": "a b"}),
    ],
)
def test_what_the_documentation_leaves_open_is_left_open(operation, body) -> None:
    assert judged(operation, body).outcome is Outcome.OPEN


@pytest.mark.parametrize(
    ("headers", "outcome", "codes"),
    [
        ({}, Outcome.REFUSE, {1102}),
        ({"x-api-key": "wrong"}, Outcome.REFUSE, {1101}),
        ({"x-api-key": "b" * 32}, Outcome.REFUSE, {1200}),
        ({"X-API-Key": KEY}, Outcome.ACCEPT, set()),
        ({"Authorization": f"Bearer {TOKEN}"}, Outcome.ACCEPT, set()),
        ({"Authorization": f"Bearer {TOKEN}", "x-api-key": "wrong"}, Outcome.ACCEPT, set()),
        ({"Authorization": "Bearer wrong", "x-api-key": KEY}, Outcome.REFUSE, {1101}),
        ({"Authorization": f'Bearer "{TOKEN}"'}, Outcome.REFUSE, {1101, 1102}),
        ({"Authorization": f"Bearer {KEY}"}, Outcome.OPEN, set()),
        ({"Authorization": "", "x-api-key": KEY}, Outcome.OPEN, set()),
    ],
)
def test_credentials_follow_the_decision_table(headers, outcome, codes) -> None:
    verdict = judged("getCredit", b"", headers)
    assert verdict.outcome is outcome
    assert verdict.codes == codes


@given(
    st.sampled_from(["swapImage", "swapPlus", "deleteResults", "getToken", "detectFaces"]),
    st.binary(),
)
def test_any_bytes_get_a_verdict(operation, body) -> None:
    assert judged(operation, body).outcome in Outcome


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from([*V3, *PLUS, "face_mapping", "path"]), inner)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("operation", ["swapImage", "swapPlus"])
def test_whether_null_is_a_webhook_url_is_open(operation) -> None:
    body = (V3 if operation == "swapImage" else PLUS) | {"webhookUrl": None}
    assert judged(operation, body).outcome is not Outcome.ACCEPT
    assert "webhookUrl" not in str(judged(operation, body).rules)


@given(
    st.sampled_from(["swapImage", "swapImagePro", "swapPlus", "deleteResults", "detectFaces"]), JSON
)
def test_a_verdict_to_refuse_names_a_known_rule_and_a_code(operation, body) -> None:
    verdict = judged(operation, body)
    if verdict.outcome is Outcome.REFUSE:
        assert verdict.codes
        assert set(verdict.rules) <= set(RULES)


EDITS = {
    "sourceImage": ([], [FACE] * 9, [{}] * 9, [{"path": "x"}] * 3, "x", None),
    "targetImage": ([], [FACE] * 26, [None] * 9, [BARE, FACE], {}, None),
    "modifyImage": ("", None, 7),
    "face_enhance": (2, "x", []),
    "webhookUrl": (7, {}),
}
BREAKS = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(values) for name, values in EDITS.items()}
)


@given(BREAKS, st.sampled_from([{}, {"x-api-key": TOKEN}, {"x-api-key": "wrong"}]))
def test_a_request_that_breaks_several_rules_may_be_refused_for_any_of_them(edits, other) -> None:
    headers = other or None
    alone = [judged("swapImage", V3 | {name: value}).codes for name, value in edits.items()]
    together = judged("swapImage", V3 | edits, headers)
    assert together.codes >= frozenset().union(*alone)
    if edits and other:
        assert together.codes >= {1101}
    longest = max(
        len(value) if isinstance(value, list) else 0
        for value in (edits.get("sourceImage"), edits.get("targetImage"))
    )
    assert (1007 in together.codes) == (longest > 8)


@given(BREAKS, st.sampled_from(['"a": 1, "a": 2', '"a": 1e999', '"a": "\\ud800"']))
def test_json_that_readers_read_differently_may_be_refused_for_whatever_they_read(
    edits, odd
) -> None:
    body = json.dumps(V3 | edits)
    verdict = judged("swapImage", f"{body[:-1]}, {odd}}}".encode())
    assert verdict.outcome is Outcome.OPEN
    assert verdict.codes >= judged("swapImage", V3 | edits).codes


def asking(schema, **beside):
    """A contract of one operation that takes this body."""
    body = {"content": {"application/json": {"schema": schema, **beside}}} if schema else None
    operation = {"operationId": "ask", "responses": {"200": {"description": ""}}}
    operation |= {"requestBody": body} if body else {}
    contract = Contract({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"post": operation}},
        "components": {"schemas": {"Number": {"type": "integer", "minimum": 3}}},
    })  # fmt: skip
    return contract, contract.operations["ask"]


NUMBERED = {"type": "object", "required": ["n"],
            "properties": {"n": {"$ref": "#/components/schemas/Number"}}}  # fmt: skip


class TestSamplesByContract:
    def test_an_example_that_keeps_the_schema_is_sent(self) -> None:
        contract, operation = asking(NUMBERED, example={"n": 7})
        body = sample_by_contract(contract, operation)
        assert body == {"n": 7}
        body["n"] = 8  # the caller may change it
        assert sample_by_contract(contract, operation) == {"n": 7}

    @pytest.mark.parametrize("beside", [{}, {"example": {"n": 1}}, {"example": None}])
    def test_else_one_is_made_by_the_schema(self, beside) -> None:
        assert sample_by_contract(*asking(NUMBERED, **beside)) == {"n": 3}

    def test_what_takes_no_body_gets_none(self) -> None:
        assert sample_by_contract(*asking(None)) is None

    def test_what_cannot_be_made_up_is_said(self) -> None:
        with pytest.raises(UnusableError, match=r"^no example of a body of ask"):
            sample_by_contract(*asking({"type": "integer", "not": {"minimum": -5}}))
        with pytest.raises(UnusableError, match=r"^no value can be made from its schema"):
            sample_by_contract(*asking({"type": "string", "pattern": "^(?=x)y$"}))

    @pytest.mark.parametrize(
        ("parameter", "value"),
        [
            ({"example": 0, "schema": {"minimum": 5}}, 0),
            ({"examples": {"a": {"value": 4}, "b": {"value": 5}}}, 4),
            ({"examples": {"a": {"summary": "s"}}}, None),
            ({"schema": {"$ref": "#/components/schemas/Number"}}, 3),
            ({}, None),
        ],
    )
    def test_a_parameter_too(self, parameter, value) -> None:
        contract, _ = asking(None)
        assert sample_parameter(contract.document, parameter) == value


OPERATIONS = Contract(load()).operations
PICTURES = Pictures(
    *(f"https://a.example.com/{name}" for name in ("new", "old", "all", "film.mp4"))
)


@pytest.mark.parametrize("operation", ["swapImage", "swapVideo", "swapImagePro", "swapPlus",
                                       "deleteResults", "getToken", "detectFaces",
                                       "detectFacesLegacy"])  # fmt: skip
def test_a_sample_keeps_every_rule_and_names_the_pictures(operation) -> None:
    known = Credentials(keys={KEY: "main"}, client_id="me", client_secret="mine")
    body = sample_body(OPERATIONS[operation], PICTURES, known, "a" * 24)
    headers = (("x-api-key", KEY), ("Content-Type", "application/json"))
    request = Request("POST", "http://t/x", headers, json.dumps(body).encode(), operation)
    assert judge_request(request, known)[0].outcome is Outcome.ACCEPT
    named = {
        "swapImage": {"new", "old", "all"}, "swapVideo": {"new", "old", "film.mp4"},
        "swapImagePro": {"new", "all"}, "swapPlus": {"new", "all"}, "detectFaces": {"all"},
        "detectFacesLegacy": {"all"},
    }  # fmt: skip
    texts = json.dumps(body).split("https://a.example.com/")[1:]
    assert {text.partition('"')[0] for text in texts} == named.get(operation, set())
    assert body is not sample_body(OPERATIONS[operation], PICTURES, known, "a" * 24)


def test_an_operation_without_a_sample_gets_its_example() -> None:
    _, operation = asking(NUMBERED, example={"n": 7})
    assert sample_body(operation, PICTURES, KNOWN, "a") == {"n": 7}


def test_pictures_are_those_that_were_named() -> None:
    assert Pictures.of(Options()) == Pictures()
    assert Pictures.of(Options(source_url="s", target_url="t", video_url="v")) == Pictures(
        "s", "t", "t", "v"
    )
    assert len({Pictures().source, Pictures().old, Pictures().target, Pictures().video}) == 4
