"""One call from beginning to end, driven by hand: what is sent, repeated, told and raised."""

from __future__ import annotations

import itertools
import logging
import math
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import pytest

from akool_faceswap import AkoolError, RateLimitedError, RetryPolicy
from akool_faceswap._core.attempts import steps_of
from akool_faceswap._core.call import (
    Attempt,
    Authorize,
    Call,
    Credential,
    Fate,
    NoAnswer,
    Operation,
    Pause,
    Send,
    callback,
)
from akool_faceswap._core.settings import Rules
from akool_faceswap._core.timing import CONNECT_TIMEOUT, READ_ATTEMPT_TIMEOUT
from akool_faceswap._errors import (
    HttpStatusError,
    InvalidRequestError,
    NotDeliveredError,
    RawAnswer,
    SubmissionUncertain,
    UnreadableAnswerError,
)
from akool_openapi.operations import Envelope

CODE = Envelope("/code", 0, "/code", "/msg")


def rules(seen: list[Attempt] | None = None, **change: Any) -> Rules:
    now = itertools.count()
    return Rules(
        retry=RetryPolicy(attempts=2),
        monotonic=lambda: float(next(now)),
        time=lambda: 0.0,
        jitter=lambda: 0.0,
        redact=str,
        observe=[].append if seen is None else seen.append,
        **change,
    )


def outcome(call: Call[Any], answers: list[RawAnswer | NoAnswer], by: Rules) -> Any:
    """What one call returns, given these answers in turn."""
    steps = steps_of(call, by, 60.0)
    step = next(steps)
    left = iter(answers)
    try:
        while True:
            if isinstance(step, Send):
                step = steps.send(next(left))
            else:
                step = steps.send(None if isinstance(step, Pause) else Credential("h", "v"))
    except StopIteration as stop:
        return stop.value


def paid(**change: Any) -> Call[Any]:
    operation = Operation("pay", CODE, submit=True, **change)
    return Call(operation, "POST", "/p", lambda value, _: value["data"], body={"a": 1})


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b'{"code": 1003, "msg": "no"}'), (502, b"<html>"), (200, b'{"code": 0}')],
    ids=["a code of a broken server", "no JSON", "no data"],
)
def test_an_uncertain_submission_carries_all_that_is_known(status, body) -> None:
    raw = RawAnswer(status, {}, body)
    with pytest.raises(SubmissionUncertain) as caught:
        outcome(paid(), [raw], rules())
    error, cause = caught.value, caught.value.__cause__
    assert isinstance(cause, AkoolError)
    for fact in ("code", "msg", "http_status", "operation", "attempt", "raw"):
        assert getattr(error, fact) == getattr(cause, fact), fact
    assert (error.request, error.operation, error.attempt) == ({"a": 1}, "pay", 1)
    assert (error.http_status, error.raw) == (status, raw)
    assert str(cause.args[0]) in str(error)


@pytest.mark.parametrize(("headers", "pause"), [({}, 0.5), ({"retry-after": "7"}, 7.0)])
def test_every_attempt_is_told_whole(headers, pause) -> None:
    seen: list[Attempt] = []
    busy = RawAnswer(429, headers, b'{"code": 1015, "msg": "later"}')
    done = RawAnswer(201, {}, b'{"code": 0, "data": 5}')
    assert outcome(paid(), [busy, done], rules(seen)) == 5
    first, last = seen
    assert first.error is not None
    assert first.error.http_status == 429
    assert first == Attempt("pay", 1, "POST", "/p", first.elapsed, 429, first.error, first.pause)
    assert last == Attempt("pay", 2, "POST", "/p", last.elapsed, 201, None, None)
    assert (first.pause, first.elapsed > 0) == (pause, True)


@pytest.mark.parametrize("submit", [True, False])
@pytest.mark.parametrize("timeout", [0.0, 5.0, 25.0, 1000.0, math.inf])
def test_a_read_is_given_up_early_and_a_submit_never_before_the_deadline(submit, timeout) -> None:
    call = Call(Operation("x", submit=submit), "GET", "/p", lambda value, _: value)
    steps = steps_of(call, rules(), timeout)
    authorize = next(steps)
    key = Credential("h", "v")
    send = steps.send(key)
    left = max(0.0, timeout - 1)  # the clock of these tests goes on by one at every look
    assert authorize == Authorize(None, timeout)
    assert send == Send(
        call,
        key,
        left if math.isinf(timeout) else min(left, CONNECT_TIMEOUT),
        left if submit or math.isinf(timeout) else min(left, READ_ATTEMPT_TIMEOUT),
        timeout,
    )


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_submit_is_told_with_its_addresses_and_no_query(interrupt, caplog) -> None:
    body = {"a": "https://a.example/1?key=s", "b": ["https://b.example/2", "no address", 3]}
    told: list[str] = []
    for submit in (True, False):
        call = Call(Operation("pay", submit=submit), "POST", "/p", lambda v, _: v, body=body)
        steps = steps_of(call, rules(), 60.0)
        next(steps)
        steps.send(Credential("h", "v"))
        with pytest.raises(interrupt) as caught:
            steps.throw(interrupt())
        notes = getattr(caught.value, "__notes__", [])
        assert notes == [
            (
                "The paid request pay (https://a.example/1, https://b.example/2) was interrupted "
                f"by {interrupt.__name__}: it may have been accepted. {SubmissionUncertain.advice}"
            )
        ] * int(submit)
        told = notes or told
    assert caplog.messages == told


def chained(*causes: BaseException | None) -> NotDeliveredError:
    error = NotDeliveredError("could not connect")
    inner: BaseException = error
    for cause in causes:
        inner.__cause__ = cause
        inner = cause or inner
    return error


REFUSED = ConnectionRefusedError("refused")
GROUPS = {
    "refused": (chained(REFUSED), True),
    "refused below": (chained(OSError("all"), REFUSED), True),
    "refused everywhere": (chained(ExceptionGroup("all", [REFUSED, REFUSED])), True),
    "refused in one place": (chained(ExceptionGroup("all", [REFUSED, OSError("x")])), False),
    "something else": (chained(OSError("x")), False),
    "nothing known": (chained(), False),
}


@pytest.mark.parametrize(("error", "hopeless"), GROUPS.values(), ids=GROUPS.keys())
@pytest.mark.parametrize("server", ["http://localhost:1", None])
def test_where_nothing_listens_on_this_machine_is_not_asked_twice(error, hopeless, server) -> None:
    done = RawAnswer(200, {}, b'{"code": 0, "data": 5}')
    missing = NoAnswer(Fate.NOT_DELIVERED, error)
    if not (hopeless and server):
        assert outcome(paid(), [missing, done], rules(local_server=server)) == 5
        return
    with pytest.raises(NotDeliveredError) as caught:
        outcome(paid(), [missing, done], rules(local_server=server))
    assert caught.value.args[0] == (
        f"Nothing listens at {server}: the connection was refused. If that is the mock, start it: "
        "`akool-faceswap mock`"
    )
    assert (caught.value.operation, caught.value.attempt) == ("pay", 1)


def read(**change: Any) -> Call[Any]:
    """A call that costs nothing, about one job."""
    usual: dict[str, Any] = {"decode": lambda value, _: value["data"], "job_id": "j"}
    return Call(Operation("look", CODE), "GET", "/l", **(usual | change))


def begun(call: Call[Any], by: Rules, timeout: float = 60.0, **key: Any) -> Any:
    """The steps of a call whose first attempt is under way."""
    steps = steps_of(call, by, timeout)
    assert isinstance(next(steps), Authorize)
    assert isinstance(steps.send(Credential("h", "v", **key)), Send)
    return steps


BROKEN = RawAnswer(502, {}, b"<html>")
GARBLED = RawAnswer(200, {}, b'{"code": 0}')
FACTS = ("operation", "job_id", "attempt")


@pytest.mark.parametrize(
    ("answer", "kind", "status", "says"),
    [
        (BROKEN, HttpStatusError, 502, "The server answered HTTP 502"),
        (
            GARBLED,
            UnreadableAnswerError,
            200,
            "The answer is not what the contract says (KeyError: 'data')",
        ),
        (NoAnswer(Fate.UNKNOWN, NotDeliveredError("gone")), NotDeliveredError, None, "gone"),
    ],
)
def test_a_read_of_unknown_outcome_is_repeated_and_the_error_says_of_what(
    answer, kind, status, says
) -> None:
    seen: list[Attempt] = []
    with pytest.raises(AkoolError) as caught:
        outcome(read(), [answer, answer], rules(seen))
    error = caught.value
    assert (type(error), error.args[0]) == (kind, says)
    assert [getattr(error, fact) for fact in FACTS] == ["look", "j", 2]
    assert (error.http_status, error.raw) == (status, answer if status else None)
    assert [(told.number, told.status, told.pause) for told in seen] == [
        (1, status, 0.5),
        (2, status, None),
    ]
    done = RawAnswer(200, {}, b'{"code": 0, "data": 5}')
    assert outcome(read(), [answer, done], rules()) == 5


def test_a_refused_job_is_named_and_not_asked_about_again() -> None:
    with pytest.raises(AkoolError) as caught:
        outcome(read(), [RawAnswer(200, {}, b'{"code": 1003, "msg": "no"}')], rules())
    assert [getattr(caught.value, fact) for fact in FACTS] == ["look", "j", 1]


def test_what_the_reader_of_an_answer_says_is_told_without_secrets() -> None:
    def decode(_value: Any, _raw: Any) -> Any:
        raise ValueError("no s3cret\nhere")

    by = replace(rules(), redact=lambda text: text.replace("s3cret", "[secret]"))
    with pytest.raises(SubmissionUncertain) as caught:
        outcome(replace(paid(), decode=decode), [RawAnswer(200, {}, b'{"code": 0}')], by)
    assert caught.value.args[0] == (
        "It is unknown whether this paid request was accepted: "
        "The answer is not what the contract says (ValueError: no [secret] here)"
    )


@pytest.mark.parametrize("timeout", [7.0, 7.5])
@pytest.mark.parametrize(("said", "date"), [("7", False), ("", True)])
def test_a_pause_that_would_reach_the_deadline_is_not_made(timeout, said, date) -> None:
    seen: list[Attempt] = []
    by = replace(rules(seen), monotonic=lambda: 100.0, time=lambda: 1000.0)
    header = formatdate(1007, usegmt=True) if date else said
    busy = RawAnswer(429, {"retry-after": header}, b"")
    steps = begun(read(), by, timeout)
    if timeout > 7:
        assert steps.send(busy) == Pause(7.0)
    else:
        with pytest.raises(RateLimitedError):
            steps.send(busy)
    assert seen[0].pause == (7.0 if timeout > 7 else None)


def test_an_attempt_is_told_with_the_time_that_it_took() -> None:
    now, seen = [100.0], list[Attempt]()
    steps = begun(read(), replace(rules(seen), monotonic=lambda: now[0]))
    now[0] = 102.5
    assert steps.send(BROKEN) == Pause(0.5)
    assert seen[0].elapsed == 2.5


def test_a_token_that_is_not_accepted_is_renewed_at_once_and_once() -> None:
    seen: list[Attempt] = []
    refused = RawAnswer(401, {}, b"")
    call, old, new = read(), Credential("h", "v", renewable=True), Credential("h", "w", True)  # noqa: FBT003 - as it is
    steps = begun(call, replace(rules(seen), monotonic=lambda: 100.0), renewable=True)
    assert steps.send(refused) == Authorize(old, 160.0)
    assert seen[0].pause == 0.0
    send = steps.send(new)
    assert (send.call, send.credential) == (call, new)
    with pytest.raises(AkoolError, match="refused the credentials"):
        steps.send(refused)
    assert (seen[1].number, seen[1].pause) == (2, None)


def test_a_key_is_not_renewed_and_neither_is_a_token_that_was_accepted() -> None:
    steps = begun(read(), rules())
    with pytest.raises(AkoolError, match="refused the credentials"):
        steps.send(RawAnswer(401, {}, b""))
    steps = begun(read(), rules(), renewable=True)
    assert steps.send(BROKEN) == Pause(0.5)


def test_a_call_that_needs_no_credential_is_sent_without_one() -> None:
    call = replace(read(), operation=Operation("look", authorized=False))
    send = next(steps_of(call, rules(), 60.0))
    assert isinstance(send, Send)
    assert send.credential is None


def test_the_reader_of_an_answer_gets_the_answer_too() -> None:
    done = RawAnswer(200, {}, b'{"code": 0}')
    assert outcome(read(decode=lambda value, raw: (value, raw)), [done], rules()) == (
        {"code": 0},
        done,
    )


def test_an_attempt_that_is_left_says_nothing_if_it_costs_nothing_or_nobody_asks(caplog) -> None:
    caplog.set_level(logging.DEBUG)
    for call in (read(), paid()):
        steps = begun(call, rules())
        steps.close()
    assert caplog.messages == []


async def later(_attempt: Attempt) -> None: ...


def test_a_callback_is_a_plain_function_or_none() -> None:
    assert (callback("on_attempt", None), callback("on_attempt", print)) == (False, True)
    for wrong in (later, 7):
        with pytest.raises(InvalidRequestError) as caught:
            callback("on_attempt", wrong)  # type: ignore[arg-type]
        assert caught.value.args == ("on_attempt is called, not awaited: pass a plain function",)
