"""An operation of the contract as a call: what is sent, how its answer is read, what is refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from akool_faceswap import InvalidRequestError, JobStatus
from akool_faceswap._core import job_calls, operations
from akool_faceswap._core.call import Call
from akool_faceswap._core.job_calls import (
    OPERATIONS,
    delete_call,
    deletion,
    job_kind,
    kind_of_ids,
    look_call,
    submit_call,
)
from akool_faceswap._errors import RawAnswer
from akool_faceswap._models.account import Submission
from akool_faceswap._models.job_kind import JobKind
from akool_faceswap_api import models
from akool_openapi.operations import JobSpec

KIND = job_kind("swapImage")
X_JOB: Any = OPERATIONS["swapImage"].job
URL = "https://a.example/x.png"
FACE = {"path": URL}
BODY = {"sourceImage": [FACE], "targetImage": [FACE], "modifyImage": URL}
RAW = RawAnswer(200, {}, b"{}")


def decode(_value: Any, raw: RawAnswer) -> RawAnswer:
    return raw


def refusal(make: Any) -> str:
    """In which words a call is refused."""
    with pytest.raises(InvalidRequestError) as caught:
        make()
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    (says,) = caught.value.args
    return str(says)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the generated function of every operation writes; `given` is what it was given."""
    request: dict[str, Any] = {"method": "post", "url": "/x"}

    def writer(name: str) -> Any:
        return lambda **given: (seen.append((name, given)), request)[1]

    seen: list[Any] = []
    monkeypatch.setattr(operations, "writer", writer)
    return {"request": request, "given": seen}


def test_a_call_is_what_the_generated_function_writes(written) -> None:
    of = operations.operation("swapImage")
    assert operations.call("swapImage", decode) == Call(of, "POST", "/x", decode)
    written["request"] |= {"params": {"p": 1}, "json": {"b": 2}}
    written["request"] |= {"headers": {"H": "1", "Content-Type": "application/json"}}
    made = operations.call("swapImage", decode, a=1)
    assert made == Call(of, "POST", "/x", decode, {"p": 1}, {"H": "1"}, {"b": 2})
    assert written["given"] == [("swapImage", {}), ("swapImage", {"a": 1})]


@pytest.mark.parametrize("part", ["cookies", "data", "files", "content"])
def test_a_request_that_is_not_json_is_refused(written, part) -> None:
    written["request"][part] = {}
    assert refusal(lambda: operations.call("swapImage", decode)) == (
        "swapImage takes a body or cookies that this client does not send"
    )


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nothing", "The contract has no operation 'nothing'"),
        ("n" * 99, "The contract has no operation '" + "n" * 79),
        (7, "The contract has no operation 7"),
        (
            "getCredit",
            (
                "getCredit starts no job: the contract has no x-job for it; "
                "client.raw.get_credit sends it"
            ),
        ),
    ],
)
def test_an_operation_that_starts_no_job_is_told(name, says) -> None:
    assert refusal(lambda: job_kind(name)) == says
    assert refusal(lambda: submit_call(name, BODY, {})) == says


def test_jobs_of_all_submits_that_are_polled_alike_are_of_one_kind() -> None:
    assert len({job_kind(name) for name, entry in OPERATIONS.items() if entry.job}) == 1


def test_a_bare_id_is_of_the_operation_that_is_named_or_else_of_the_usual_one(monkeypatch) -> None:
    film = SimpleNamespace(name="film", job=X_JOB | {"id": "$response.body#/film"})
    swap = SimpleNamespace(name="swapImage", job=X_JOB)
    monkeypatch.setattr(job_calls, "OPERATIONS", {"film": film, "swapImage": swap})
    assert kind_of_ids(None, "swapImage") is job_kind("swapImage") is KIND
    assert kind_of_ids("film", "swapImage") is job_kind("film") is not KIND


@pytest.mark.parametrize("body", [BODY, models.SwapImageRequest.from_dict(BODY)])
def test_a_submit_takes_the_object_or_the_model_and_gives_the_id(body) -> None:
    call = submit_call("swapImage", body, {})
    assert (call.operation.name, call.body, call.job_id) == ("swapImage", BODY, None)
    found = call.decode({"data": {"_id": "a" * 24}}, RAW)
    assert found == Submission("a" * 24, RAW)
    # Without an envelope the object may not be one, and is read from the bytes.
    raw = RawAnswer(200, {}, b'{"data": {"_id": "b"}}')
    assert call.decode({}, raw) == Submission("b", raw)


def test_the_id_of_a_submit_may_be_in_a_header(monkeypatch) -> None:
    headed = X_JOB | {"id": "$response.header.Job-Id"}
    entry = SimpleNamespace(name="swapImage", job=headed, body="SwapImageRequest")
    monkeypatch.setattr(job_calls, "OPERATIONS", {"swapImage": entry})
    raw = RawAnswer(200, {"job-id": "h1"}, b"")
    assert submit_call("swapImage", BODY, {}).decode({}, raw) == Submission("h1", raw)


@pytest.mark.parametrize(
    ("body", "parameters", "says"),
    [
        (None, {}, "swapImage: missing a required argument: 'body'"),
        (BODY, {"colour": 1}, "swapImage: got an unexpected keyword argument 'colour'"),
        ([], {}, "swapImage takes an object or a models.SwapImageRequest, not list"),
        (
            {"sourceImage": [FACE], "targetImage": []},
            {},
            "swapImage: the body lacks 'modifyImage'",
        ),
        (
            BODY | {"sourceImage": 7},
            {},
            "swapImage: the body is no SwapImageRequest: 'int' object is not iterable",
        ),
        (
            models.SwapImageRequest(7, [], URL),  # type: ignore[arg-type]
            {},
            "swapImage cannot be written: 'int' object is not iterable",
        ),
    ],
)
def test_what_a_submit_cannot_be_made_of_is_told(body, parameters, says) -> None:
    assert refusal(lambda: submit_call("swapImage", body, parameters)) == says


@pytest.mark.parametrize(("ids", "job_id"), [(["a"], "a"), (["a", "b"], None)])
def test_a_look_asks_for_all_ids_and_names_the_job_if_it_is_one(ids, job_id) -> None:
    call = look_call(KIND, ids)
    assert (call.operation.name, call.params) == ("listResults", {"_ids": ",".join(ids)})
    assert call.job_id == job_id
    item = {"_id": "a", "faceswap_status": 2}
    for value, raw in (
        ({"data": {"result": [item]}}, RAW),
        ({}, RawAnswer(200, {}, b'{"data": {"result": [{"_id": "a", "faceswap_status": 2}]}}')),
    ):
        states = call.decode(value, raw)
        assert {name: state.status for name, state in states.items()} == {"a": JobStatus.PROCESSING}
    with pytest.raises(TypeError):
        call.decode({}, RawAnswer(200, {}, b""))


@pytest.mark.parametrize(("ids", "job_id"), [(["a"], "a"), (["a", "b"], None)])
def test_a_deletion_names_all_ids_and_gives_the_answer(ids, job_id) -> None:
    call = delete_call(KIND, ids)
    assert (call.operation.name, call.body) == ("deleteResults", {"_ids": ",".join(ids)})
    assert (call.job_id, call.decode({}, RAW)) == (job_id, RAW)


def kind(part: str, **address: Any) -> JobKind:
    """Face swap's jobs, polled or deleted in another way."""
    return JobKind(JobSpec.read(X_JOB | {part: X_JOB[part] | address}))


def test_jobs_that_the_contract_cannot_delete_are_told() -> None:
    bare = JobKind(JobSpec.read({name: part for name, part in X_JOB.items() if name != "delete"}))
    says = "These jobs cannot be deleted: the x-job that listResults looks at has no `delete`"
    assert refusal(lambda: deletion(bare)) == refusal(lambda: delete_call(bare, ["a"])) == says
    assert deletion(KIND) is KIND.spec.delete


OTHER = SimpleNamespace(
    body=None,
    parameters=[
        SimpleNamespace(place="query", name="ids", python_name="ids_query"),
        SimpleNamespace(place="query", name="Keys", python_name="keys"),
        SimpleNamespace(place="header", name="X-Ids", python_name="x_ids"),
        SimpleNamespace(place="path", name="ids", python_name="ids_path"),
    ],
)


@pytest.mark.parametrize(
    ("place", "argument"),
    [
        ("query.ids", "ids_query"),
        ("query.Keys", "keys"),
        ("path.ids", "ids_path"),
        ("header.x-IDS", "x_ids"),
    ],
)
def test_ids_go_where_the_contract_says(monkeypatch, place, argument) -> None:
    monkeypatch.setattr(job_calls, "OPERATIONS", {"other": OTHER})
    monkeypatch.setattr(job_calls, "call", lambda name, _, **given: Call(name, "", "", given))
    many = kind("poll", operationId="other", parameter=f"$request.{place}", separator="|")
    call = look_call(many, ["a", "b"])
    assert (call.operation, call.decode) == ("other", {argument: "a|b"})


@pytest.mark.parametrize("place", ["query.IDS", "path.nothing", "header.ids"])
def test_a_place_that_the_operation_does_not_have_is_told(monkeypatch, place) -> None:
    monkeypatch.setattr(job_calls, "OPERATIONS", {"other": OTHER})
    lost = kind("poll", operationId="other", parameter=f"$request.{place}")
    part, _, name = place.partition(".")
    assert refusal(lambda: look_call(lost, ["a"])) == f"other has no {part} parameter {name}"


@pytest.mark.parametrize(
    ("pointer", "body"),
    [
        ("/ids", {"ids": "a"}),
        ("/some/0/a~1b~0c", {"some": [{"a/b~c": "a"}]}),
    ],
)
def test_ids_in_a_body_stand_where_the_pointer_says(monkeypatch, pointer, body) -> None:
    monkeypatch.setattr(job_calls, "OPERATIONS", {"other": OTHER})
    monkeypatch.setattr(job_calls, "call", lambda name, _, **given: Call(name, "", "", given))
    alone = {"operationId": "other", "parameter": f"$request.body#{pointer}", "separator": None}
    call: Any = delete_call(kind("delete", **alone), ["a"])
    assert call.decode["body"].to_dict() == body
    # A body that no single class describes is passed on as it is.
    assert job_calls._body("other", [1]) == [1]
