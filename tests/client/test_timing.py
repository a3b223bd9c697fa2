"""Pauses, timeouts, clocks and the calendar: at their bounds, and against the plainest model."""

from __future__ import annotations

import math
import time
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_faceswap import AkoolError, Polling, RetryPolicy
from akool_faceswap._core import timing
from akool_faceswap._core.timing import DEFAULT, ServerClock, finite, retry_after_of, seconds_of
from akool_faceswap._core.waiting.calendar import Calendar

BELOW, ABOVE = -0.001, 1.001
RETRY = "RetryPolicy needs attempts >= 1, factor >= 1, delays >= 0 and a jitter from 0 to 1"
POLLING = (
    "Polling needs first_delay > 0, max_delay >= first_delay, factor >= 1, chunk_size >= 1, "
    "look_timeout > 0, grace >= 0 and a jitter from 0 to below 1"
)
BOUNDS: list[tuple[type, str, list[Any], list[Any]]] = [
    (RetryPolicy, "attempts", [1, 2], [0]),
    (RetryPolicy, "factor", [1, 1.5], [0.999]),
    (RetryPolicy, "first_delay", [0, 0.5], [BELOW]),
    (RetryPolicy, "max_delay", [0, 0.5], [BELOW]),
    (RetryPolicy, "max_retry_after", [0, 0.5], [BELOW]),
    (RetryPolicy, "jitter", [0, 1], [BELOW, ABOVE]),
    (Polling, "chunk_size", [1, 2], [0]),
    (Polling, "factor", [1, 1.5], [0.999]),
    (Polling, "first_delay", [0.001, 10.0], [0, BELOW, 10.1]),
    (Polling, "max_delay", [1.0], [0.999]),
    (Polling, "look_timeout", [0.001, 1], [0, BELOW, math.nan]),
    (Polling, "grace", [0, 1], [BELOW]),
    (Polling, "jitter", [0, 0.999], [1, BELOW]),
]


@pytest.mark.parametrize(("kind", "name", "good", "bad"), BOUNDS)
def test_a_setting_is_taken_up_to_its_bound_and_no_further(kind, name, good, bad) -> None:
    for value in good:
        assert getattr(kind(**{name: value}), name) == value
    for value in bad:
        with pytest.raises(AkoolError) as caught:
            kind(**{name: value})
        assert caught.value.args == (RETRY if kind is RetryPolicy else POLLING,)


@given(st.integers(1, 90), st.floats(0, 1, exclude_max=True))
def test_pauses_grow_by_the_factor_up_to_the_longest(number, chance) -> None:
    retry, polling = RetryPolicy(), Polling()
    full = min(0.5 * 2.0 ** (number - 1), 8.0)
    assert retry.delay(number, None, lambda: chance) == pytest.approx(full * (1 - 0.25 * chance))
    assert polling.delay(number) == pytest.approx(min(1.5 ** (number - 1), 10.0))


def test_pauses_stop_growing_before_they_overflow() -> None:
    retry = RetryPolicy(factor=1.1, max_delay=1e9, jitter=0)
    polling = Polling(factor=1.1, max_delay=1e9)
    for number in (33, 34, 10**6):
        assert retry.delay(number, None, lambda: 0.0) == pytest.approx(0.5 * 1.1**32)
    for looks in (65, 66, 10**6):
        assert polling.delay(looks) == pytest.approx(1.1**64)


def test_the_default_is_told_by_its_name() -> None:
    assert repr(DEFAULT) == "DEFAULT"


def test_time_passes_where_a_test_has_frozen_the_usual_clock(monkeypatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: -7.0)
    if hasattr(time, "clock_gettime"):
        before = time.clock_gettime(time.CLOCK_MONOTONIC)
        assert before <= timing._real_monotonic()() <= time.clock_gettime(time.CLOCK_MONOTONIC)
    monkeypatch.delattr(time, "clock_gettime", raising=False)
    assert timing._real_monotonic()() == -7.0


def test_a_server_that_says_when_is_believed_up_to_the_longest() -> None:
    for said, pause in ((0.0, 0.0), (59.5, 59.5), (60.5, 60.0)):
        assert RetryPolicy().delay(1, said, lambda: 0.5) == pause


def test_a_timeout_is_a_number_of_seconds_none_or_the_default() -> None:
    assert seconds_of(DEFAULT, 7.0) == 7.0
    assert seconds_of(None, 7.0) == math.inf
    assert (seconds_of(0, 7.0), seconds_of(2.5, 7.0)) == (0.0, 2.5)
    assert seconds_of(math.inf, 7.0) == seconds_of(10**400, 7.0) == float(timing.FOREVER)
    for wrong in (BELOW, math.nan, True, "1"):
        with pytest.raises(AkoolError) as caught:
            seconds_of(wrong, 7.0)  # type: ignore[arg-type]
        assert caught.value.args == (
            "A timeout is a number of seconds from 0, or None for no timeout; not " + repr(wrong),
        )
    assert (finite(math.inf), finite(3.5)) == (None, 3.5)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("12", 12.0),
        (" 12 ", 12.0),
        ("1234567891", 123456789.0),
        (formatdate(1030, usegmt=True), 30.0),
        (formatdate(970, usegmt=True), 0.0),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("soon", None),
        ("", None),
    ],
)
def test_when_to_come_back_is_read_as_seconds_or_as_a_date(said, seconds) -> None:
    assert retry_after_of({"retry-after": said}, 1000.0) == seconds
    assert retry_after_of({}, 1000.0) is None


def test_the_vendors_clock_goes_on_from_its_last_date() -> None:
    now = [5000.0]
    clock = ServerClock(lambda: now[0])
    assert clock.now() == 5000.0
    clock.note(formatdate(1000, usegmt=True))
    clock.note(None)
    now[0] += 90
    assert clock.now() == 1090.0
    clock.note("nonsense")
    assert clock.now() == now[0]


MOMENTS = st.integers(0, 12).map(float)
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("plan"), st.sampled_from("abcd"), MOMENTS, st.sampled_from([0.0, 1.0, 2.5])
        ),
        st.tuples(st.just("cancel"), st.sampled_from("abcd")),
        st.tuples(st.just("due"), MOMENTS),
    ),
    max_size=25,
)


@given(STEPS)
def test_the_calendar_is_a_table_of_jobs_and_times(steps: list[Any]) -> None:
    calendar, table = Calendar[str](), dict[str, float]()
    for step in steps:
        if step[0] == "plan":
            _, job, when, slack = step
            calendar.plan(job, when, *([slack] if slack else []))
            table.pop(job, None)
            near = [t for t in sorted({*table.values()}) if abs(t - when) <= slack]
            table[job] = min(near, key=lambda t: abs(t - when), default=when)
        elif step[0] == "cancel":
            calendar.cancel(step[1])
            table.pop(step[1], None)
        else:
            due = sorted((when, n, job) for n, (job, when) in enumerate(table.items())
                         if when <= step[1])  # fmt: skip
            assert calendar.pop_due(step[1]) == [job for _, _, job in due]
            for _, _, job in due:
                del table[job]
        assert calendar.next == min(table.values(), default=math.inf)


@pytest.mark.parametrize(
    ("when", "slack", "at"),
    [(2.0, 2.5, 3.0), (1.0, 2.5, 0.0), (1.5, 1.5, 0.0), (2.0, 1.0, 3.0), (2.0, 0.9, 2.0)],
)
def test_a_look_joins_the_nearest_round_within_its_slack(when, slack, at) -> None:
    calendar = Calendar[str]()
    calendar.plan("a", 0.0)
    calendar.plan("b", 3.0)
    calendar.plan("c", when, slack)
    assert "c" not in calendar.pop_due(at - 0.01)
    assert "c" in calendar.pop_due(at)
    calendar.plan("d", 5.0)
    calendar.plan("e", 5.5)
    assert calendar.pop_due(5.0)[-1] == "d"
