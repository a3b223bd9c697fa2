"""What an answer means by the envelope that the contract states, whatever product it is of."""

from __future__ import annotations

import json
from typing import Any

import pytest

from akool_faceswap import ApiError, HttpStatusError, RateLimitedError, UnreadableAnswerError
from akool_faceswap._core.answer import DETECTION, judge, parse_object
from akool_faceswap._core.call import Fate, Operation
from akool_faceswap._errors import RawAnswer
from akool_faceswap.codes import BY_CODE, UnknownCodeError
from akool_openapi.operations import Envelope

NESTED = Envelope("/meta/code", 0, "/meta/code", "/meta/why")
FLAG = Envelope("/ok", value=True, text="/why")
WORD = Envelope("/state", "fine")
DETECT = Envelope(DETECTION, 0, DETECTION, "/error_msg")


def verdict(envelope: Envelope | None, body: Any, status: int = 200):
    raw = RawAnswer(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode())
    return judge(raw, Operation("x", envelope), {"operation": "x"}, lambda text: text)


@pytest.mark.parametrize(
    ("envelope", "body"),
    [
        (NESTED, {"meta": {"code": 0}, "data": 1}),
        (NESTED, {"meta": {"code": "0"}}),
        (FLAG, {"ok": True}),
        (WORD, {"state": "fine"}),
        (None, {"anything": 1}),
    ],
)
def test_a_success_is_what_the_envelope_says(envelope, body) -> None:
    found = verdict(envelope, body)
    assert (found.fate, found.value) == (Fate.DONE, body)


@pytest.mark.parametrize(
    ("envelope", "body", "code", "msg"),
    [
        (NESTED, {"meta": {"code": 1000, "why": "no"}}, 1000, "no"),
        (NESTED, {"meta": {"code": 1003, "why": "no"}}, 1003, "no"),
        (FLAG, {"ok": False, "why": "no"}, None, "no"),
        (FLAG, {"ok": 1, "message": "no"}, None, "no"),
        (WORD, {"state": "bad"}, None, "no reason given"),
    ],
)
def test_all_else_is_a_refusal(envelope, body, code, msg) -> None:
    found = verdict(envelope, body)
    assert found.fate is Fate.REJECTED
    assert isinstance(found.error, ApiError)
    assert type(found.error) is BY_CODE.get(code, UnknownCodeError)
    assert (found.error.code, found.error.msg) == (code, msg)


def test_what_is_worth_a_repetition_is_what_the_contract_says_of_the_operation() -> None:
    raw = RawAnswer(200, {}, b'{"meta": {"code": 77}}')
    for codes, fate in (({77}, Fate.BUSY), ({1005}, Fate.REJECTED), (set[int](), Fate.REJECTED)):
        operation = Operation("x", NESTED, busy_codes=frozenset(codes))
        assert judge(raw, operation, {"operation": "x"}, str).fate is fate


@pytest.mark.parametrize("envelope", [NESTED, FLAG, WORD])
def test_an_answer_without_what_decides_is_neither(envelope) -> None:
    found = verdict(envelope, {"data": {"_id": "a"}})
    assert found.fate is Fate.UNKNOWN
    assert isinstance(found.error, UnreadableAnswerError)


@pytest.mark.parametrize("envelope", [NESTED, FLAG, WORD])
def test_a_failed_server_may_have_begun_whatever_its_body_says(envelope) -> None:
    for body in ({"meta": {"code": 5}, "ok": False, "state": "bad"}, {}, b"<html>"):
        assert verdict(envelope, body, 502).fate is Fate.UNKNOWN


def test_without_an_envelope_the_status_decides() -> None:
    assert verdict(None, b"[1, 2]").value == {}
    assert verdict(None, b"", 204).fate is Fate.DONE
    assert isinstance(verdict(None, {}, 429).error, RateLimitedError)
    assert isinstance(verdict(None, {}, 404).error, HttpStatusError)
    assert verdict(None, {}, 404).fate is Fate.REJECTED
    assert verdict(None, {}, 500).fate is Fate.UNKNOWN


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"error_code": 0}, None),
        ({"landmarks": []}, None),
        ({"landmarks": "1,2"}, None),
        ({"landmarks_str": []}, None),
        ({"landmarks_str": "1,2"}, None),
        ({"landmarks": None, "landmarks_str": {}}, "The answer carries no code"),
        ({"error_code": None, "landmarks": []}, "The answer carries no code"),
        ({"region": []}, "The answer carries no code"),
        ({"code": 1000, "msg": "OK"}, "The answer carries no code"),
        ({"error_code": 7, "error_msg": "dark", "landmarks": []}, "Detection failed: dark"),
        ({"code": 1003, "msg": "no", "message": "so"}, "The API refused: no"),
        ({"code": 1003, "message": "so"}, "The API refused: so"),
        ({"code": 1003}, "The API refused: no reason given"),
    ],
)
def test_a_detection_succeeds_if_it_says_so_or_says_what_it_found(body, says) -> None:
    found = verdict(DETECT, body)
    assert (found.fate is Fate.DONE) == (says is None)
    assert found.value == (body if says is None else None)
    assert (found.error.args[0] if found.error else None) == says


@pytest.mark.parametrize(
    "body", [b"NaN", b"Infinity", b"-Infinity", b"1", b"[1]", b"<", b"[" * 99999]
)
def test_what_is_no_object_of_json_is_none(body) -> None:
    assert parse_object(body) is None
    assert parse_object(b'{"a": ' + body + b"}") == (
        {"a": json.loads(body)} if body in {b"1", b"[1]"} else None
    )
