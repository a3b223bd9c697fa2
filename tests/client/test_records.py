"""What is known of a job, and how it is told to one job, to several and to a webhook."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from akool_faceswap import (
    AkoolError,
    InvalidRequestError,
    JobFailed,
    JobNotFound,
    JobStatus,
    JobTimeout,
    UnreadableAnswerError,
    WebhookEvent,
    WebhookUnconfirmedError,
)
from akool_faceswap._core.download import expired, file_name
from akool_faceswap._core.job import (
    JobBase,
    JobGroup,
    JobRecord,
    _Result,
    confirmed,
    file_paths,
    masked,
    own_jobs,
    unpicklable,
)
from akool_faceswap._core.job_calls import OPERATIONS, job_kind
from akool_faceswap._core.token_call import get_token_call
from akool_faceswap._errors import RawAnswer
from akool_faceswap._models.job_kind import JobKind, JobRef
from akool_faceswap._models.job_state import JobState
from akool_openapi.operations import JobSpec

KIND = job_kind("swapImage")
REF = JobRef(KIND, "j")
URL = "https://cdn.example/x.png"
DONE = JobState("j", JobStatus.SUCCESS, url=URL)
FAILED = JobState("j", JobStatus.FAILED, reason="s3cret\nfell")
RUNNING = JobState("j", JobStatus.PROCESSING)


def redact(text: str) -> str:
    return text.replace("s3cret", "[secret]")


def job(name: str = "j", end: Any = None, raw: RawAnswer | None = None) -> JobBase:
    made = JobBase(JobRef(KIND, name), raw, redact)
    if end is not None:
        made.record.note(end)
    return made


def facts(error: AkoolError) -> tuple[Any, ...]:
    return error.args[0], error.job_id, error.operation


def test_an_end_is_kept_and_the_rest_is_not() -> None:
    record = JobRecord(REF, redact)
    record.note(RUNNING)
    assert (record.end, record.final_state) == (None, None)
    for end in (DONE, FAILED):
        record.note(end)
        assert record.end is record.final_state is end
    error = JobNotFound("gone")
    record.note(error)
    assert (record.end, record.final_state) == (error, None)


def test_a_job_that_is_not_listed_is_unknown_for_a_grace_at_every_look() -> None:
    record = JobRecord(REF, redact)
    assert record.look(None, 100.0, 30.0) is JobStatus.UNKNOWN
    assert record.look(None, 129.9, 30.0) is JobStatus.UNKNOWN
    assert record.look(RUNNING, 129.95, 30.0) is JobStatus.PROCESSING
    assert record.look(None, 200.0, 30.0) is JobStatus.UNKNOWN
    assert record.look(None, 229.5, 30.0) is JobStatus.UNKNOWN
    with pytest.raises(JobNotFound) as caught:
        record.look(None, 230.0, 30.0)
    assert facts(caught.value) == ("The API does not list this job", "j", None)
    assert record.look(DONE, 231.0, 30.0) is JobStatus.SUCCESS
    assert record.end is DONE


@pytest.mark.parametrize(
    ("end", "kind", "told"),
    [
        (None, JobTimeout, ("The job is not finished", "j", None)),
        (JobNotFound("gone", job_id="j"), JobNotFound, ("gone", "j", None)),
        (FAILED, JobFailed, ("The job failed: [secret] fell", "j", "listResults")),
        (
            replace(FAILED, reason=None),
            JobFailed,
            ("The job failed: the vendor gives no reason", "j", "listResults"),
        ),
        (
            replace(DONE, url=None, urls=()),
            UnreadableAnswerError,
            ("The job succeeded without a URL", "j", None),
        ),
    ],
)
def test_an_end_that_is_no_success_is_told_whole(end: Any, kind: type, told: Any) -> None:
    with pytest.raises(AkoolError) as caught:
        job(end=end).record.success()
    error = caught.value
    assert (type(error), facts(error)) == (kind, told)
    if isinstance(error, JobTimeout):
        assert error.pending == ("j",)
    if isinstance(error, JobFailed):
        assert error.reason == ("[secret] fell" if end.reason else None)
    # Raised twice, it would gather the traces of both.
    assert error is not end


def test_a_success_is_its_state_and_needs_a_url_only_where_the_contract_has_one() -> None:
    assert job(end=DONE).record.success() is DONE
    x_job: Any = OPERATIONS["swapImage"].job
    fields = {name: where for name, where in x_job["fields"].items() if name != "result"}
    kind = JobKind(JobSpec.read(x_job | {"fields": fields}))
    record, bare = JobRecord(JobRef(kind, "j"), redact), replace(DONE, url=None, urls=())
    record.note(bare)
    assert record.success() is bare


def test_a_job_says_which_it_is_and_how_it_ended() -> None:
    raw = RawAnswer(200, {}, b"{}")
    made = job(raw=raw)
    assert (made.ref, made.id, made.raw) == (REF, "j", raw)
    assert [repr(each) for each in (made, job(end=RUNNING), job(end=DONE))] == [
        "<JobBase j>",
        "<JobBase j>",
        "<JobBase j SUCCESS>",
    ]


def test_of_several_jobs_those_that_ended_are_not_waited_for() -> None:
    ended, failed, lost, fresh, same = (
        job("a", replace(DONE, id="a")),
        job("b", replace(FAILED, id="b")),
        job("c", JobNotFound("gone")),
        job("d"),
        job("d"),
    )
    group = JobGroup([ended, failed, lost, fresh, same])
    assert [ref.id for ref in group.refs] == ["c", "d"]
    assert lost.record.end is None  # an error ended a wait, not the job
    assert [*group.ended()] == [(ended, ended.record.end), (failed, failed.record.end)]
    state = replace(DONE, id="d")
    assert [*group.told(fresh.ref, state)] == [(fresh, state), (same, state)]
    assert (fresh.record.end, same.record.end) == (state, state)


def test_states_are_told_without_secrets_and_keep_what_came() -> None:
    told = masked({"a": FAILED, "b": RUNNING}, redact)
    assert told == {"a": replace(FAILED, reason="[secret]\nfell"), "b": RUNNING}


def test_a_result_is_what_the_state_says() -> None:
    two = replace(DONE, url=None, urls=(URL, URL + "2"))
    result = _Result(two)
    assert (result.id, result.url, result.urls) == ("j", URL, (URL, URL + "2"))
    with pytest.raises(InvalidRequestError) as caught:
        _ = _Result(replace(DONE, url=None, urls=())).url
    assert caught.value.args == ("This job makes no file; state.raw has what the API returned",)


def test_jobs_and_ids_are_taken_together_and_those_of_others_are_not() -> None:
    mine, others = job("a"), job("b")
    made = own_jobs([mine, "c"], JobBase, lambda each: each is mine, job)
    assert made[0] is mine
    assert [each.id for each in made] == ["a", "c"]
    for wrong, says in (
        ([mine, others], "<JobBase b> belongs to another client; pass its id"),
        ("a", "Pass a list of jobs or of their ids"),
        (b"a", "Pass a list of jobs or of their ids"),
        (7, "Pass a list of jobs or of their ids"),
    ):
        with pytest.raises(InvalidRequestError) as caught:
            own_jobs(wrong, JobBase, lambda each: each is mine, job)
        assert caught.value.args == (says,)


def test_what_cannot_be_sent_to_another_process_says_so() -> None:
    refuse = unpicklable("Send its id.")
    with pytest.raises(TypeError) as caught:
        refuse(job())
    assert caught.value.args == (
        "A JobBase holds open connections, so it cannot be pickled or copied. Send its id.",
    )


def test_every_result_has_a_path_of_its_own() -> None:
    urls = ("https://a.example/x.png", "https://b.example/X.PNG", "https://c.example/", URL)
    state = JobState("j", JobStatus.SUCCESS, urls=urls)
    assert file_paths("out", state) == [
        Path("out/x.png"),
        Path("out/X-2.PNG"),
        Path("out/result_j"),
        Path("out/x-4.png"),
    ]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/b/Xc.jpgX", "Xc.jpgX"),
        ("a%2Fb.jpg?c=d/e.png", "b.jpg"),
        ("a%5Cb%5Cc.jpg", "c.jpg"),
        (".-a-b_c.jpg..", "a-b_c.jpg"),
        ("a b\u00e4(1).jpg", "a_b__1_.jpg"),
        ("x" * 130 + ".jpg", "x" * 116 + ".jpg"),
        ("", "result_j"),
        ("a/", "result_j"),
        ("...", "result_j"),
        ("con", "result_j"),
        ("NUL.jpg", "result_j.jpg"),
        ("com1.tar.gz", "result_j.gz"),
        ("com.jpg", "com.jpg"),
    ],
)
def test_a_file_has_a_harmless_name_of_its_address(path, name) -> None:
    assert file_name(f"https://a.example/{path}", "j") == name


def test_an_address_that_is_none_gives_a_name_of_the_job() -> None:
    assert file_name("https://[", "j") == "result_j"


def test_a_file_is_gone_from_the_second_on_that_it_expires() -> None:
    moment = datetime.fromtimestamp(1000, UTC)
    assert [expired(moment, now) for now in (999.9, 1000.0, 1001.0)] == [False, True, True]
    assert expired(None, 1e12) is False


EVENT = WebhookEvent("j", JobStatus.SUCCESS, "image", "https://evil.example", None, 0, "", {})


@pytest.mark.parametrize(
    ("event", "state", "url"),
    [
        (EVENT, DONE, URL),
        (replace(EVENT, status=JobStatus.FAILED), FAILED, None),
        # The API may be further than what the webhook said.
        (replace(EVENT, status=JobStatus.PROCESSING), DONE, None),
        (replace(EVENT, status=JobStatus.PROCESSING), RUNNING, None),
    ],
)
def test_an_event_that_the_api_confirms_has_the_apis_url(event: Any, state: Any, url: Any) -> None:
    assert confirmed(event, state, "look") == replace(event, confirmed=True, url=url)


@pytest.mark.parametrize(
    ("event", "state", "says"),
    [
        (EVENT, FAILED, "The webhook says SUCCESS, the API says FAILED"),
        (EVENT, RUNNING, "The webhook says SUCCESS, the API says PROCESSING"),
        (
            replace(EVENT, status=JobStatus.PROCESSING),
            replace(RUNNING, listed=False),
            "The webhook says PROCESSING, the API says not listed",
        ),
    ],
)
def test_an_event_that_the_api_does_not_confirm_is_told_with_both(
    event: Any, state: Any, says: str
) -> None:
    with pytest.raises(WebhookUnconfirmedError) as caught:
        confirmed(event, state, "look")
    assert facts(caught.value) == (says, "j", "look")


@pytest.mark.parametrize(
    "value", [{"token": " t1 "}, {"data": {"token": "t1"}}, {"token": "", "data": {"token": "t1"}}]
)
def test_a_token_is_read_from_either_place(value: Any) -> None:
    call = get_token_call("me", "s3cret")
    assert call.decode(value, RawAnswer(200, {}, b"")) == "t1"
    assert (call.operation.name, call.body) == (
        "getToken",
        {"clientId": "me", "clientSecret": "s3cret"},
    )


@pytest.mark.parametrize("token", [7, ["t"], "tök", "t\n1"])
def test_a_token_that_no_header_can_hold_is_refused(token: Any) -> None:
    with pytest.raises(TypeError) as caught:
        get_token_call("me", "s3cret").decode({"token": token}, RawAnswer(200, {}, b""))
    assert caught.value.args == ("the token cannot be sent in a header",)
