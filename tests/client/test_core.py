"""The pure core, driven by hand: every verdict, every fact of an error, every argument's field."""

from __future__ import annotations

import json
import math
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from akool_faceswap import AkoolError, ConfigurationError, JobTimeout, Polling, RetryPolicy
from akool_faceswap._core import arguments, job, job_calls, requests
from akool_faceswap._core.answer import DETECTION, judge
from akool_faceswap._core.call import (
    Fate,
    Operation,
)
from akool_faceswap._core.settings import settings
from akool_faceswap._core.timing import CALL_TIMEOUT, DEFAULT
from akool_faceswap._errors import NotDeliveredError, RawAnswer
from akool_faceswap._models.account import FaceMapping
from akool_faceswap._models.faces import Face
from akool_faceswap._models.given import LocalFile
from akool_faceswap._models.job_kind import JobRef
from akool_openapi.operations import Envelope

STATUSES = (199, 200, 299, 300, 307, 399, 400, 401, 404, 408, 429, 499, 500, 502, 599)
BUSY, UNAUTHORIZED = 1015, 1101
ENVELOPES = {
    "code": Envelope("/code", 0, "/code", "/msg"),
    "detection": Envelope(DETECTION, 0, DETECTION, "/error_msg"),
    "none": None,
}
SAID = {
    "success": {"code": 0, "error_code": 0},
    "busy": {"code": BUSY, "msg": "later"},
    "unauthorized": {"code": UNAUTHORIZED, "msg": "no"},
    "refused": {"code": 1003, "msg": "no"},
    "wordless": {"code": 1003, "message": "so"},
    "no face": {"error_code": 7, "error_msg": "none"},
    "nothing": {},
    "no object": [1],
}


def meant(envelope: str, said: str, status: int) -> tuple[Fate, Any, Any, str]:
    """The fate, and code, reason and words of the error: the rules once more, one line each."""
    in_2xx = status // 100 == 2
    body: Any = SAID[said]
    code = body.get("code") if isinstance(body, dict) else None
    decided = envelope != "none" and isinstance(body, dict)
    if decided and envelope == "detection" and body.get("error_code"):
        return Fate.REJECTED, 7, "none", "Detection failed: none"
    if decided and code:
        fate = {BUSY: Fate.BUSY, UNAUTHORIZED: Fate.UNAUTHORIZED}.get(code, Fate.REJECTED)
        fate = Fate.BUSY if status == 429 else fate
        msg = body.get("msg", body.get("message"))
        fate = Fate.UNKNOWN if status >= 500 else fate
        return fate, code, msg, f"The API refused: {msg}"
    if in_2xx and (envelope == "none" or said == "success"):
        return Fate.DONE, None, None, ""
    problem = f"The answer {'carries no code' if decided else 'is not a JSON object'}"
    told = {401: "The API refused the credentials", 429: "Too many requests"}
    words = problem if in_2xx else told.get(status, f"The server answered HTTP {status}")
    by_status = {401: Fate.UNAUTHORIZED, 429: Fate.BUSY, 408: Fate.UNKNOWN}
    rest = Fate.REJECTED if status // 100 == 4 else Fate.UNKNOWN
    return by_status.get(status, rest), None, None, words


@pytest.mark.parametrize("envelope", ENVELOPES)
@pytest.mark.parametrize("said", SAID)
def test_status_and_body_together_decide_and_the_error_carries_both(envelope, said) -> None:
    operation = Operation("x", ENVELOPES[envelope], busy_codes=frozenset({BUSY}))
    for status in STATUSES:
        raw = RawAnswer(status, {}, json.dumps(SAID[said]).encode())
        found = judge(raw, operation, {"operation": "x", "attempt": 3}, str)
        fate, code, msg, words = meant(envelope, said, status)
        assert found.fate is fate, (envelope, said, status)
        if fate is Fate.DONE:
            assert found.error is None
            continue
        assert found.error is not None
        error = found.error
        assert (error.code, error.msg, error.http_status) == (code, msg, status)
        assert (error.operation, error.attempt, error.raw) == ("x", 3, raw)
        assert found.value is None
        assert error.args[0] == words


URL = "https://a.example/x.png"
FACE = Face(URL, "1,2:3,4:5,6:7,8")
TWO = {"source": FACE, "target": FACE}
SWITCHED = {
    requests.swap_image_call: (TWO | {"image": URL}, {"face_enhance": "face_enhance"}),
    requests.swap_video_call: (TWO | {"video": URL}, {"face_enhance": "face_enhance"}),
    requests.swap_image_pro_call: (
        TWO,
        {"face_enhance": "face_enhance", "single_face": "single_face_mode"},
    ),
    requests.swap_plus_call: (
        {"source": URL, "target": URL, "mapping": None, "model_style": "realistic"},
        {"face_enhance": "face_enhance"},
    ),
    requests.detect_faces_call: (
        {"url": URL, "image": None, "frames": 3},
        {"crops": "return_face_url", "single_face": "single_face"},
    ),
    requests.detect_faces_legacy_call: (
        {"url": None, "image": "aGk=", "single_face": False},
        {"single_face": "single_face"},
    ),
}


@pytest.mark.parametrize(
    ("make", "given"), SWITCHED.items(), ids=lambda a: getattr(a, "__name__", "")
)
def test_every_switch_has_its_field_and_is_called_by_its_name(make: Any, given: Any) -> None:
    fixed, switches = given
    webhook = {} if "detect" in make.__name__ else {"webhook_url": URL + "?hook"}
    usual = fixed | dict.fromkeys(switches, False) | webhook
    before = make(**usual).body
    for name, field in switches.items():
        after = make(**(usual | {name: True})).body
        changed = {key for key in before | after if before.get(key) != after.get(key)}
        assert changed == {field}
        assert (before[field], after[field]) in [(False, True), (0, 1)]
        with pytest.raises(AkoolError) as caught:
            make(**(usual | {name: "yes"}))
        assert caught.value.args[0] == f"{name} is True or False, not 'yes'"
    if webhook:
        assert before["webhookUrl" if "webhookUrl" in before else "webhook_url"] == URL + "?hook"


def test_every_part_of_a_mapping_is_sent_where_it_belongs() -> None:
    mapping = FaceMapping(URL + "?s", target_url=URL + "?t", source_bbox=(1, 2, 3, 4),
                          target_bbox=(5, 6, 7, 8.5))  # fmt: skip
    call = requests.swap_plus_call(
        URL, URL, mapping=[mapping], model_style="realistic", face_enhance=False, webhook_url=None
    )
    assert call.body is not None
    (item,) = call.body["face_mapping"]
    assert item == {
        "source_face_info": {"face_url": URL + "?s", "bbox": [1, 2, 3, 4]},
        "target_face_info": {"face_url": URL + "?t", "bbox": [5, 6, 7, 8.5]},
    }


def test_a_file_knows_its_argument_and_what_it_must_be() -> None:
    """Later errors say so: the file is looked into only when it is sent."""
    file = Path("x.png")
    for given, wanted in (
        (arguments.one_medium(file, None), ("image", "image")),
        (arguments.one_medium(None, file), ("video", "video")),
        (arguments.one_or_more(file)[0], ("source", "image")),
        (arguments.one_or_more([file])[0], ("source", "image")),
    ):
        assert isinstance(given, LocalFile)
        assert (given.argument, given.wanted) == wanted
    for given in ((URL, URL), (None, None)):
        with pytest.raises(AkoolError, match=r"^Give either an image or a video"):
            arguments.one_medium(*given)


@pytest.mark.parametrize(("pending", "count"), [(1, "The job is"), (2, "2 jobs are")])
def test_a_wait_that_timed_out_names_who_is_pending_and_what_went_wrong(pending, count) -> None:
    kind = job_calls.job_kind("swapImage")
    refs = [JobRef(kind, f"j{number}") for number in range(3)]
    jobs = [job.JobBase(ref, None, str) for ref in refs]
    trouble = NotDeliveredError("no way")
    waiter: Any = SimpleNamespace(pending=refs[:pending], trouble=trouble)
    error = job.JobGroup(jobs).time_out(waiter, 2.5)
    assert isinstance(error, JobTimeout)
    assert error.args[0] == f"{count} still pending after 2.5 s"
    assert (error.job, error.pending) == (jobs[0], ("j0", "j1")[:pending])
    assert (error.job_id, error.operation, error.__cause__) == ("j0", kind.looks, trouble)


def test_a_contract_with_one_kind_of_jobs_needs_no_name_for_it(monkeypatch) -> None:
    kind = job_calls.job_kind("swapImage")
    assert job_calls.kind_of_ids(None, "swapImage") == kind
    one = SimpleNamespace(name="make", job=job_calls.OPERATIONS["swapImage"].job)
    other = SimpleNamespace(name="film", job={**one.job, "id": "$response.body#/other"})
    for listed, says in (
        ([one], None),
        ([one, other], "Pass operation=, one of make, film"),
        ([], "The contract has no x-job, so there are no jobs"),
    ):
        monkeypatch.setattr(job_calls, "OPERATIONS", {entry.name: entry for entry in listed})
        if says is None:
            assert job_calls.kind_of_ids(None, "swapImage") == kind
            continue
        with pytest.raises(AkoolError) as caught:
            job_calls.kind_of_ids(None, "swapImage")
        assert caught.value.args[0] == says


def test_what_is_read_from_an_answer_carries_the_answer() -> None:
    raw = RawAnswer(200, {}, b"{}")
    credit = requests.get_credit_call().decode({"data": {"credit": 2}}, raw)
    assert (credit, credit.raw) == (2.0, raw)
    for wrong in (True, math.inf, math.nan):
        with pytest.raises(TypeError, match=r"^credit is not a number$"):
            requests.get_credit_call().decode({"data": {"credit": wrong}}, raw)
    found = {"faces_obj": {}, "landmarks": [], "landmarks_str": []}
    options = {"url": URL, "image": None, "single_face": True}
    new = requests.detect_faces_call(frames=1, crops=True, **options)  # type: ignore[arg-type]
    old = requests.detect_faces_legacy_call(**options)  # type: ignore[arg-type]
    for call in (new, old):
        assert call.decode(found, raw).raw is raw


def test_a_setting_is_taken_as_it_is_given() -> None:
    def jitter() -> float:
        return 0.25

    retry, polling = RetryPolicy(attempts=7), Polling(grace=7)
    made = settings(DEFAULT, retry, polling, print, jitter)
    assert (made.timeout, made.retry, made.polling) == (CALL_TIMEOUT, retry, polling)
    assert (made.on_attempt, made.jitter) == (print, jitter)
    assert made.user_agent == f"akool-faceswap-python/{version('akool-faceswap')}"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("retry", 3, "retry must be a RetryPolicy, not 3"),
        ("polling", 3, "polling must be a Polling, not 3"),
        ("on_attempt", 3, "on_attempt is called, not awaited: pass a plain function"),
        ("timeout", -1, "A timeout is a number of seconds from 0, or None for no timeout; not -1"),
    ],
)
def test_a_setting_of_the_wrong_kind_is_told_by_its_name(name, value, says) -> None:
    usual = dict.fromkeys(("timeout", "retry", "polling", "on_attempt"))
    made = settings(**usual, jitter=lambda: 0.0)  # type: ignore[arg-type]
    assert (made.retry, made.polling, made.timeout) == (RetryPolicy(), Polling(), math.inf)
    with pytest.raises(ConfigurationError) as caught:
        settings(**(usual | {name: value}), jitter=lambda: 0.0)  # type: ignore[arg-type]
    assert caught.value.args[0] == says
