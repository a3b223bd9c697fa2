"""The schedule of looks: what is asked for, when, and what becomes of an answer."""

from __future__ import annotations

import math
from email.utils import formatdate

import pytest
from tests.client.hand import ALONE, DONE, MANY, OTHER, REFUSED, RUNNING, UNKNOWN, Hand, told

from akool_faceswap import (
    AkoolError,
    HttpStatusError,
    NotDeliveredError,
    RateLimitedError,
)
from akool_faceswap._core.waiting.trouble import hold_after
from akool_faceswap._errors import RawAnswer
from akool_faceswap._models.job_state import JobState

# When.


@pytest.mark.parametrize(("jitter", "share"), [(0.0, 0.75), (0.5, 1.0), (1.0, 1.25)])
def test_looks_grow_apart_by_the_factor_give_or_take_the_jitter(jitter, share) -> None:
    hand, now = Hand(jitter), 10.0
    hand.wait("a", now)
    assert hand.schedule.next_time(now) == now
    for pause in (4.0, 8.0, 16.0, 16.0):
        assert hand.look(now, a=RUNNING) == "a"
        assert hand.schedule.next_time(now) == now + pause * share
        now += pause * share
        assert hand.asked(now - 0.01) is None


@pytest.mark.parametrize(("second", "rounds"), [(1.0, ["ab"]), (1.25, ["a", "b"])])
def test_looks_at_about_the_same_time_share_a_round(second, rounds) -> None:
    hand = Hand()
    hand.wait("a")
    hand.look(0.0, a=RUNNING)
    hand.wait("b", second)
    hand.look(second, b=RUNNING)
    assert [hand.asked(now) for now in (4.0, 5.25)] == [*rounds, None][:2]


@pytest.mark.parametrize(
    ("jitter", "deadline", "at"),
    [(0.5, 3.0, 3.0), (0.0, 4.0, 4.0), (0.0, 4.125, 3.0), (1.0, 4.5, 4.5), (1.0, 9.0, 5.0)],
)
def test_the_last_look_is_at_the_deadline_and_not_after_it(jitter, deadline, at) -> None:
    hand = Hand(jitter)
    hand.wait("a", 10.0, deadline=10.0 + deadline)
    hand.wait("a", 10.0, deadline=99.0)
    hand.look(10.0, a=RUNNING)
    assert hand.asked(10.0 + at - 0.01) is None
    assert hand.asked(10.0 + at) == "a"


def test_a_deadline_that_is_over_brings_no_look_of_its_own() -> None:
    hand = Hand()
    hand.wait("a", deadline=3.0)
    hand.wait("a")
    assert hand.asked(0.0) == "a"
    hand.say(3.0, a=RUNNING)
    assert hand.asked(6.9) is None
    assert hand.asked(7.0) == "a"


def test_a_sleep_is_neither_endless_nor_nothing_and_ends_at_the_next_thing_to_do() -> None:
    hand = Hand()
    assert hand.schedule.nap(5.0) == 3600.0
    hand.wait("a", deadline=10.0)
    hand.wait("b", deadline=12.0)
    assert hand.schedule.nap(0.0) == 0.001
    hand.look(0.0, a=RUNNING, b=RUNNING)
    assert hand.schedule.nap(1.5) == 2.5
    hand.look(4.0, a=DONE, b=RUNNING)
    # Nobody waits for the first deadline any more.
    assert hand.schedule.next_deadline() == 12.0
    assert hand.schedule.nap(4.0) == 8.0
    hand.look(12.0, b=DONE)
    assert hand.schedule.next_deadline() == hand.schedule.next_time(12.0) == math.inf
    hand.wait("cdefgh", 20.0)
    assert hand.asked(20.0) == "cdefg"
    assert hand.schedule.nap(21.0) == 0.001


@pytest.mark.parametrize(
    ("deadline", "seconds"), [(1.0, 5.0), (5.5, 5.5), (29.0, 29.0), (31.0, 30.0), (math.inf, 30.0)]
)
def test_a_look_may_take_until_the_next_deadline_within_bounds(deadline, seconds) -> None:
    hand = Hand()
    hand.wait("a", 100.0, deadline=100.0 + deadline)
    assert hand.schedule.look_timeout(100.0) == seconds


# What.


def test_a_request_asks_for_so_many_of_one_kind_in_their_order() -> None:
    hand = Hand()
    hand.wait("abc")
    hand.wait("xy", kind=OTHER)
    hand.wait("def")
    hand.wait("pq", kind=ALONE)
    requests = []
    while (asked := hand.asked(0.0)) is not None:
        requests.append(asked)
        hand.say(0.0, **dict.fromkeys(asked, RUNNING))
    assert requests == ["abcde", "xy", "f", "p", "q"]
    assert [hand.schedule.chunk_size(kind) for kind in (MANY, OTHER, ALONE)] == [5, 5, 1]


@pytest.mark.parametrize(
    "error",
    [REFUSED, *(HttpStatusError("no", http_status=status) for status in (400, 413, 414, 431))],
)
def test_a_list_that_is_refused_is_halved_and_the_size_that_is_taken_is_kept(error) -> None:
    hand = Hand()
    waiter = hand.wait("abcde")
    assert hand.asked(0.0) == "abcde"
    hand.schedule.refused(error, 0.0)
    assert hand.schedule.next_time(0.0) == 0.0
    assert hand.look(0.0, a=RUNNING, b=RUNNING, c=RUNNING) == "abc"
    assert hand.schedule.chunk_size(MANY) == 5
    assert hand.look(0.0, d=RUNNING, e=RUNNING) == "de"
    assert (hand.schedule.chunk_size(MANY), hand.schedule.chunk_size(OTHER)) == (3, 5)
    assert told(waiter) == [(name, RUNNING) for name in "abcde"]
    assert [hand.look(4.0), hand.asked(4.0)] == ["abc", "de"]


def test_one_culprit_is_found_by_halving_and_the_size_stays() -> None:
    hand = Hand()
    waiter = hand.wait("abcd")
    requests = []
    while (asked := hand.asked(0.0)) is not None:
        requests.append(asked)
        if "b" in asked:
            hand.schedule.refused(REFUSED, 0.0)
        else:
            hand.say(0.0, **dict.fromkeys(asked, DONE))
    assert requests == ["abcd", "ab", "a", "b", "cd"]
    assert told(waiter) == [("a", DONE), ("b", REFUSED), ("c", DONE), ("d", DONE)]
    assert (waiter.pending, hand.schedule.chunk_size(MANY)) == (set(), 5)


@pytest.mark.parametrize("status", [401, 403, 404, 409, 422])
def test_any_other_refusal_ends_the_wait_for_all_that_were_asked_for(status) -> None:
    hand, error = Hand(), HttpStatusError("no", http_status=status)
    waiter = hand.wait("ab")
    assert hand.asked(0.0) == "ab"
    hand.schedule.refused(error, 0.0)
    assert told(waiter) == [("a", error), ("b", error)]
    assert (waiter.pending, hand.wakes(waiter)) == (set(), 2)
    assert hand.asked(99.0) is None


def test_halves_that_are_too_long_by_now_are_cut_again_without_asking() -> None:
    hand = Hand(chunk_size=8)
    hand.wait("abcdefgh")
    for asked in ("abcdefgh", "abcd"):
        assert hand.asked(0.0) == asked
        hand.wait("abcdefgh")
        hand.schedule.refused(REFUSED, 0.0)
    assert [hand.look(0.0, a=RUNNING, b=RUNNING), hand.look(0.0, c=RUNNING)] == ["ab", "cd"]
    assert hand.schedule.chunk_size(MANY) == 2
    hand.wait("i", 0.0)
    assert [hand.look(0.0), hand.look(0.0), hand.look(0.0)] == ["ef", "gh", "i"]


def test_a_half_whose_jobs_nobody_waits_for_any_more_is_not_asked_for() -> None:
    hand = Hand()
    left, kept = hand.wait("ab"), hand.wait("cde")
    assert hand.asked(0.0) == "abcde"
    hand.schedule.leave(left)
    hand.schedule.refused(REFUSED, 0.0)
    assert hand.asked(0.0) == "c"
    hand.schedule.leave(kept)
    hand.say(0.0, c=RUNNING)
    assert hand.asked(0.0) is None
    assert hand.schedule.next_time(0.0) == math.inf


# How a look ends.

GONE = HttpStatusError("no such job", http_status=404)


@pytest.mark.parametrize(
    ("outcome", "hold", "kind", "heard", "again"),
    [
        ({"a": JobState("a", RUNNING)}, None, MANY, [("a", RUNNING)], 5.0),
        (None, None, MANY, [], 1.0),
        (GONE, None, MANY, [("a", GONE)], math.inf),
        (GONE, 3.0, MANY, [], 5.0),
        (GONE, 7.0, MANY, [], 8.0),
        (GONE, None, ALONE, [("a", UNKNOWN)], 5.0),
        (REFUSED, None, ALONE, [("a", REFUSED)], math.inf),
    ],
)
def test_a_look_ends_with_states_an_error_or_nothing(outcome, hold, kind, heard, again) -> None:
    hand = Hand()
    waiter = hand.wait("a", kind=kind)
    assert hand.asked(0.0) == "a"
    hand.schedule.record(outcome, hold, 1.0)
    assert (told(waiter), hand.schedule.next_time(1.0)) == (heard, again)
    assert waiter.trouble is (outcome if hold else None)


def test_a_look_that_ends_after_a_deadline_ends_that_wait() -> None:
    hand = Hand()
    late, unseen = hand.wait("a", deadline=1.0), hand.wait("b", kind=OTHER, deadline=1.0)
    assert hand.asked(0.0) == "a"
    hand.schedule.record({"a": JobState("a", RUNNING)}, None, 1.0)
    assert (late.expired, unseen.expired) == (True, False)
    for idle in (hand, Hand()):
        with pytest.raises(RuntimeError, match=r"^no chunk is in flight$"):
            idle.schedule.record({}, None, 1.0)


# What the shells ask.

WAIT = formatdate(1030, usegmt=True)


def busy(**headers: str) -> RateLimitedError:
    """A refusal because of too many requests."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RateLimitedError("busy", raw=RawAnswer(429, named, b""))


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (RateLimitedError("busy"), 4.0),
        (busy(), 4.0),
        (busy(retry_after="7"), 7.0),
        (busy(retry_after="0"), 0.0),
        (busy(retry_after="61"), 60.0),
        (busy(retry_after=WAIT), 30.0),
        (NotDeliveredError("no way"), 0.0),
        (HttpStatusError("broken", http_status=500), 0.0),
        (HttpStatusError("slow", http_status=408), 0.0),
        (HttpStatusError("no", http_status=499), None),
        (AkoolError("no"), None),
    ],
)
def test_a_failed_look_is_repeated_if_it_may_pass_and_when_the_server_says(error, seconds) -> None:
    assert hold_after(error, 1000.0, 4.0) == seconds
