"""Faults: each of them on request, by header, by order and by file name."""

import dataclasses
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import akool_openapi
from akool_mock import DIRECTIVES, MockError, Rule, Settings
from akool_mock._world.directives import NONE, from_name, parse

ROOT = Path(__file__).resolve().parents[2]
CODES = [
    entry["code"] for entry in akool_openapi.load()["x-business-codes"] if entry["code"] != 1000
]


def magic(words, extension="jpg"):
    return f"https://example.com/mock.{words}.{extension}"


def ask(api, words, way):
    """A submit that suffers the words, asked for in one of the three ways."""
    if way == "header":
        return api.raw("POST", api.IMAGE, body(api), x_akool_mock=words.replace(".", ","))
    if way == "rule":
        api.server.control.add_fault(words.replace(".", ","), operation="swapImage")
        return api.raw("POST", api.IMAGE, body(api))
    return api.raw("POST", api.IMAGE, body(api, magic(words)))


def body(api, modify="https://example.com/a.jpg"):
    return json.dumps(api.image(modify)).encode()


ways = pytest.mark.parametrize("way", ["header", "rule", "file name"])


@ways
@pytest.mark.parametrize("status", [429, 500, 502, 520, 599])
def test_an_http_error_comes_instead_of_the_answer(api, way, status):
    answer = ask(api, f"http={status}", way)
    assert answer.status == status
    assert answer.header(b"content-type") == b"text/html; charset=utf-8"
    assert len(api.sim.jobs) == 0
    assert api.credit() == 1000


@ways
def test_an_http_error_can_come_after_the_work_was_accepted(api, way):
    assert ask(api, "http-after=502", way).status == 502
    assert len(api.sim.jobs) == 1
    assert api.credit() == 996


@ways
def test_a_connection_can_be_reset_before_and_after_processing(api, way):
    assert ask(api, "reset=before", way).reset
    assert len(api.sim.jobs) == 0
    api.server.reset()
    assert ask(api, "reset=after", way).reset
    assert len(api.sim.jobs) == 1


@ways
def test_an_answer_can_be_cut_malformed_empty_or_of_the_wrong_type(api, way):
    cut = ask(api, "body=truncated", way)
    assert 0 < cut.cut < len(cut.body)
    api.server.reset()
    with pytest.raises(ValueError, match=r"delimiter|Expecting|Illegal"):
        ask(api, "body=malformed", way).json()
    api.server.reset()
    assert ask(api, "body=empty", way).content() == b""
    api.server.reset()
    assert ask(api, "type=html", way).header(b"content-type").startswith(b"text/html")
    api.server.reset()
    assert ask(api, "type=none", way).header(b"content-type") is None
    assert len(api.sim.jobs) == 1


@ways
def test_an_answer_can_be_slow(api, way):
    assert ask(api, "latency=1500", way).delay_s == 1.5


def test_jitter_is_drawn_from_the_seed(make):
    delays = [
        [ask(make(seed=seed), "latency=1000,jitter=500", "header").delay_s for _ in range(2)]
        for seed in (1, 2)
    ]
    assert delays[0][0] == delays[0][1] != delays[1][0]
    assert all(1 <= delay <= 1.5 for pair in delays for delay in pair)


@pytest.mark.parametrize("code", CODES)
def test_every_documented_business_code_can_be_had(api, code):
    answer = ask(api, f"code={code}", "header")
    assert (answer.status, answer.json()["code"]) == (200, code)
    assert answer.json()["msg"]
    assert len(api.sim.jobs) == 0


def test_a_business_code_that_nobody_documents_can_be_had_too(api):
    answer = ask(api, "code=7777", "header")
    assert (answer.status, answer.json()["code"]) == (200, 7777)
    assert not api.sim.failures


@ways
@pytest.mark.parametrize(
    ("words", "states"),
    [
        ("job=queued", [1, 1, 1]),
        ("job=stuck", [1, 2, 2]),
        ("job=failed", [1, 2, 4]),
        ("status=7", [1, 2, 7]),
        ("queue=0.processing=0", [3, 3, 3]),
        ("list-lag=3000", [None, None, 2]),
    ],
)
def test_a_job_can_stick_fail_or_be_strange(api, way, words, states):
    job = ask(api, words, way).json()["data"]["_id"]
    seen = [api.status(job)]
    for seconds in (1.5, 3):
        api.server.advance(seconds)
        seen.append(api.status(job))
    assert seen == states


def test_the_list_can_lag_behind_for_one_request(api):
    job = api.submit()["_id"]
    api.server.advance(3)
    assert api.listed(job, x_akool_mock="list-lag=2500")[0]["faceswap_status"] == 1
    assert api.listed(job, x_akool_mock="list-lag=4000") == []
    assert api.status(job) == 3


def test_a_file_name_can_order_a_fault_of_the_first_poll(api):
    job = api.submit(api.image(magic("poll-http=502")))["_id"]
    other = api.submit()["_id"]
    assert api.raw("GET", f"{api.LIST}?_ids={other}").status == 200
    assert api.raw("GET", f"{api.LIST}?_ids={other},{job}").status == 502
    assert api.raw("GET", f"{api.LIST}?_ids={job}").status == 200


def test_the_header_beats_the_file_name_and_the_name_beats_the_order(api):
    api.server.control.add_fault("code=1016,latency=100")
    answer = api.raw("POST", api.IMAGE, body(api, magic("code=1015")))
    assert (answer.json()["code"], answer.delay_s) == (1015, 0.1)
    answer = api.raw("POST", api.IMAGE, body(api, magic("code=1015")), x_akool_mock="code=1014")
    assert answer.json()["code"] == 1014


def test_an_order_can_be_limited(api):
    control = api.server.control
    control.add_fault("code=1005", operation="getCredit", times=2, after=1)
    codes = [api.get(api.CREDIT)["code"] for _ in range(5)]
    assert codes == [1000, 1005, 1005, 1000, 1000]
    assert control.faults() == []


def test_an_order_can_be_for_one_account_or_operation(api):
    control = api.server.control
    control.add_account("other", "b" * 32)
    control.add_fault("code=1005", account="other")
    control.add_fault("code=1006", operation="listResults")
    assert api.get(api.CREDIT)["code"] == 1000
    assert api.get(api.CREDIT, x_api_key="b" * 32)["code"] == 1005
    assert api.get(f"{api.LIST}?_ids=a")["code"] == 1006
    control.drop_faults(1)
    assert [fault.id for fault in control.faults()] == [2]
    control.drop_faults()
    assert api.get(f"{api.LIST}?_ids=a")["code"] == 1000


def test_an_order_can_befall_a_share_of_requests(api):
    api.server.control.add_fault("code=1005", operation="getCredit", probability=0.5)
    hit = sum(api.get(api.CREDIT)["code"] == 1005 for _ in range(200))
    assert 60 < hit < 140


def test_faults_do_not_befall_requests_that_are_refused_anyway(api):
    answer = api.raw("POST", api.IMAGE, b"{}", x_akool_mock="http=502")
    assert answer.json()["code"] == 1003


def test_detection_fails_in_its_own_documented_way(api):
    answer = api.post(api.DETECT, {"url": magic("http=500")})
    assert answer["error_code"] == 1
    assert api.post(api.DETECT, {"url": magic("code=1005")})["error_code"] == 1005


@pytest.mark.parametrize(
    "text", ["nonsense=1", "http=99", "http=abc", "latency=-1", "reset=", "size=9x", "code=1"]
)
def test_a_wrong_header_is_told_and_a_wrong_order_refused(api, text):
    answer = api.raw("GET", api.CREDIT, x_akool_mock=text)
    assert answer.status == 400
    assert text.partition("=")[0].encode() in answer.body
    with pytest.raises(MockError):
        api.server.control.add_fault(text)


@pytest.mark.parametrize(
    "conditions", [{"probability": 2}, {"times": 0}, {"after": -1}, {"colour": "red"}]
)
def test_an_order_that_makes_no_sense_is_refused(api, conditions):
    with pytest.raises(MockError):
        api.server.control.add_fault("http=502", **conditions)
    with pytest.raises(MockError, match="needs a fault"):
        Rule("")


@given(st.text(max_size=100))
def test_any_address_is_read_without_complaint(text):
    assert from_name("https://example.com/" + text) is not None
    assert from_name("https://example.com/mock." + text.replace("=", "")) is not None


@pytest.mark.parametrize("words", ["latency=abc", "http=200", "poll-job=dead", "job="])
def test_a_file_name_with_a_word_of_ours_and_a_wrong_value_is_told(api, words):
    answer = api.raw("POST", api.IMAGE, json.dumps(api.image(magic(words))).encode())
    assert answer.status == 400
    assert b" is not one of: " in answer.body
    assert api.server.control.jobs() == []
    assert from_name(magic("nothing=of.ours=1")) is NONE


def test_an_innocent_address_means_nothing():
    for name in ("mock.jpg", "hammock.http=502.jpg", "mock.v2.jpg", "a.jpg?mock.https=5000"):
        assert from_name(f"https://example.com/{name}") is NONE
    assert from_name("https://example.com/a%20mock.http%3D502.jpg").http == 502


WORDS = {
    "latency": "5", "jitter": "5", "http": "502", "http-after": "502", "code": "1005",
    "reset": "after", "body": "empty", "type": "html", "job": "stuck", "status": "7", "queue": "5",
    "processing": "5", "list-lag": "5", "webhook": "lost", "late": "5", "faces": "2",
    "size": "9x9", "length": "500",
}  # fmt: skip


def test_every_word_has_one_meaning_in_every_place():
    assert WORDS.keys() == DIRECTIVES.keys()
    for word, value in WORDS.items():
        meant = parse(f"{word}={value}")
        assert meant != NONE
        assert from_name(magic(f"{word}={value}")) == meant


def table(title):
    text = (ROOT / "docs" / "mock.md").read_text(encoding="utf-8")
    section = text.partition(f"## {title}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([a-z_-]+)` \| (.+?) \| (.+?) \|$", section, re.MULTILINE)


def test_the_documented_table_is_the_vocabulary():
    assert table("Faults") == [
        (name, directive.values, directive.effect) for name, directive in DIRECTIVES.items()
    ]


def test_the_documented_settings_are_the_settings():
    names = [field.name for field in dataclasses.fields(Settings)]
    assert [name for name, _, _ in table("Settings")] == names


@pytest.mark.parametrize("word", ["http", "http-after"])
@pytest.mark.parametrize("status", [200, 204, 299, 600])
def test_a_status_that_is_no_failure_is_no_fault(api, word, status):
    with pytest.raises(MockError, match=f"'{status}' is not one of: 300 to 599"):
        api.server.control.add_fault(f"{word}={status}")
    assert api.raw("GET", api.CREDIT, x_akool_mock=f"{word}={status}").status == 400


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"fault": "http=502", "operation": "nope"}, "no operation 'nope'.*listResults"),
        ({"fault": "http=502", "times": "2"}, "times is a whole number, not '2'"),
        ({"fault": "http=502", "time": 2}, "a fault has fault, .*; not 'time'"),
        ({"fault": "http=502", "probability": True}, "probability is a number"),
        ({"operation": "getCredit"}, "needs a fault, such as"),
    ],
)
def test_a_rule_that_could_never_work_is_refused_in_words(api, sent, told):
    with pytest.raises(MockError, match=told):
        api.server.control.call("POST", "faults", sent)
    assert api.server.control.faults() == []
