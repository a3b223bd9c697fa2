"""What each waiter hears of its jobs, whoever else waits for them, comes or goes."""

from __future__ import annotations

import math
from typing import Any

import pytest
from tests.client.hand import ALONE, DONE, MANY, QUEUED, REFUSED, RUNNING, UNKNOWN, Hand, told

from akool_faceswap import (
    AkoolError,
    ClientClosedError,
    HttpStatusError,
    JobNotFound,
)
from akool_faceswap._core.waiting.schedule import MAX_ALONE, MAX_STALE
from akool_faceswap._models.job_kind import JobRef
from akool_faceswap._models.job_state import JobState

# What each waiter hears.


def test_a_change_is_told_once_to_who_wants_changes_and_the_end_to_all() -> None:
    hand = Hand()
    all_changes, end_only = hand.wait("a"), hand.wait("a", every_change=False)
    heard = []
    for now, status in ((0.0, QUEUED), (4.0, QUEUED), (12.0, RUNNING), (28.0, DONE)):
        assert hand.look(now, a=status) == "a"
        heard.append((told(all_changes), told(end_only)))
        assert (hand.wakes(all_changes), hand.wakes(end_only)) == tuple(map(len, heard[-1]))
    assert heard == [
        ([("a", QUEUED)], []),
        ([], []),
        ([("a", RUNNING)], []),
        ([("a", DONE)], [("a", DONE)]),
    ]
    assert all_changes.pending == end_only.pending == set()
    assert hand.asked(99.0) is None


def test_who_joins_at_a_fresh_look_is_told_only_if_it_wants_changes() -> None:
    hand = Hand()
    hand.wait("a")
    hand.look(0.0, a=RUNNING)
    for every_change, heard in ((True, [("a", RUNNING)]), (False, [])):
        waiter = hand.wait("a", 0.2, deadline=0.3, every_change=every_change)
        assert (told(waiter), waiter.unseen, len(waiter.pending)) == (heard, set(), 1)
        # What was looked at just now need not be looked at again before the deadline.
        hand.schedule.expire(0.3, idle=False)
        assert waiter.expired
    assert hand.schedule.next_time(0.3) == 4.0


def test_who_joins_at_a_fresh_look_brings_its_other_jobs() -> None:
    hand = Hand()
    hand.wait("a")
    hand.look(0.0, a=RUNNING)
    hand.wait("ab", 0.2)
    assert hand.asked(0.2) == "b"


def test_who_joins_while_others_are_asked_for_is_next() -> None:
    hand = Hand()
    hand.wait("b")
    hand.look(0.0, b=RUNNING)
    hand.wait("c", 1.0)
    assert hand.asked(1.0) == "c"
    hand.wait("b", 1.2)
    hand.say(1.3, c=RUNNING)
    assert hand.asked(1.3) == "b"


def test_an_answer_is_for_all_who_wait_when_it_comes() -> None:
    hand = Hand()
    left, kept = hand.wait("a"), hand.wait("b")
    assert hand.asked(0.0) == "ab"
    hand.schedule.leave(left)
    late = hand.wait("a", 1.0)
    hand.schedule.leave(hand.wait("c", 1.0))
    hand.say(1.5, a=DONE, b=DONE)
    assert (told(left), told(late), told(kept)) == ([], [("a", DONE)], [("b", DONE)])
    hand.schedule.expire(1.5, idle=True)
    assert hand.schedule.next_time(1.5) == math.inf


def test_an_answer_about_who_has_left_is_no_trouble_for_the_others() -> None:
    hand = Hand()
    left, kept = hand.wait("a"), hand.wait("b")
    assert hand.asked(0.0) == "ab"
    hand.schedule.leave(left)
    hand.schedule.expire(1.0, idle=False)
    hand.say(1.0, a=RUNNING, b=RUNNING)
    assert (told(left), told(kept)) == ([], [("b", RUNNING)])
    assert [hand.asked(4.9), hand.asked(5.0)] == [None, "b"]


def test_what_waits_in_the_queue_is_not_planned_a_second_time() -> None:
    hand = Hand(chunk_size=2)
    hand.wait("abcd")
    assert hand.asked(0.0) == "ab"
    late = hand.wait("abcd", 1.0)
    assert {ref.id for ref in late.unseen} == set("abcd")
    hand.schedule.refused(REFUSED, 1.0)
    hand.wait("ab", 2.0)
    assert [hand.look(2.0, **dict.fromkeys("abcd", RUNNING)) for _ in "abcd"] == [*"abcd"]
    assert hand.asked(2.0) is None
    assert late.unseen == set()


def test_a_poll_that_failed_is_repeated_after_the_pause_and_is_the_cause_of_a_timeout() -> None:
    hand, error = Hand(), HttpStatusError("broken", http_status=502)
    waiter = hand.wait("a")
    assert hand.asked(0.0) == "a"
    hand.schedule.troubled(error, 0.0, 0.0)
    assert (waiter.trouble, told(waiter)) == (error, [])
    # Who comes right after it shares its pause.
    hand.wait("a", 0.2)
    assert (hand.schedule.next_time(0.2), hand.asked(3.9)) == (4.0, None)
    assert hand.look(4.0, a=RUNNING) == "a"
    assert waiter.trouble is None
    assert hand.schedule.next_time(4.0) == 12.0


def test_a_server_that_wants_quiet_gets_it_from_all() -> None:
    hand, error = Hand(), HttpStatusError("busy", http_status=429)
    hand.wait("a")
    assert hand.asked(0.0) == "a"
    hand.schedule.troubled(error, 1.0, 9.0)
    hand.wait("b", 2.0)
    assert hand.schedule.next_time(2.0) == 10.0
    assert hand.asked(9.9) is None
    assert hand.asked(10.0) == "ba"


def test_a_poll_that_was_interrupted_is_repeated_at_once_for_who_still_waits() -> None:
    hand = Hand()
    left = hand.wait("a")
    hand.wait("b")
    assert hand.asked(0.0) == "ab"
    hand.schedule.leave(left)
    hand.schedule.expire(1.0, idle=False)
    hand.schedule.given_up(1.0)
    assert hand.schedule.next_time(1.0) == 1.0
    assert hand.asked(1.0) == "b"


# Jobs that are not listed.


def unlisted(job: str, events: list[Any]) -> AkoolError:
    """The one event that a job is not listed."""
    ((name, error),) = events
    assert name == job
    assert isinstance(error, JobNotFound)
    assert error.args[0] == "The API does not list this job"
    assert (error.job_id, error.operation) == (job, "listResults")
    return error


def test_a_job_that_is_not_listed_is_given_up_after_the_grace() -> None:
    hand = Hand()
    waiter = hand.wait("a")
    hand.look(0.0)
    state = waiter.inbox[0][1]
    assert isinstance(state, JobState)
    assert (told(waiter), state.listed) == ([("a", UNKNOWN)], False)
    for now in (4.0, 12.0):
        assert hand.look(now) == "a"
        assert (told(waiter), len(waiter.pending)) == ([], 1)
    # The next pause would be longer than what is left of the grace.
    assert hand.schedule.next_time(12.0) == 20.0
    hand.wait("a", 19.5)
    assert hand.look(19.5) == "a"
    assert (told(waiter), hand.schedule.next_time(19.5)) == ([], 20.0)
    assert hand.look(20.0) == "a"
    unlisted("a", told(waiter))
    assert waiter.pending == set()
    assert hand.asked(99.0) is None


def test_a_job_that_was_listed_in_between_has_its_whole_grace_again() -> None:
    hand = Hand()
    waiter = hand.wait("a")
    hand.look(0.0)
    hand.look(4.0, a=UNKNOWN)
    hand.look(12.0)
    # The third of them is another fact than the second: not listed, after listed without a word.
    assert [name for name, _ in told(waiter)] == ["a", "a", "a"]
    assert hand.look(28.0) == "a"
    assert told(waiter) == []
    assert hand.look(32.0) == "a"
    unlisted("a", told(waiter))


@pytest.mark.parametrize("listed", ["", "b", "bc"])
@pytest.mark.parametrize("known", [True, False])
def test_a_job_is_asked_for_alone_before_it_is_given_up(listed, known) -> None:
    hand = Hand(factor=1.0, grace=8.0)
    waiter = hand.wait("abc")
    others = dict.fromkeys(listed, RUNNING)
    for now in (0.0, 4.0, 8.0):
        assert hand.look(now, **others) == "abc"
    told(waiter)
    assert hand.schedule.next_time(8.0) == 8.0
    hand.wait("d", 8.0)
    assert hand.look(8.0, **({"a": RUNNING} if known else {})) == "a"
    if known:
        assert told(waiter) == [("a", RUNNING)]
        # Alone it is listed, among others it is not: the server lists only so many at once.
        assert hand.schedule.chunk_size(MANY) == (len(listed) or 5)
    else:
        unlisted("a", told(waiter))
        assert hand.schedule.chunk_size(MANY) == 5
    alone = [name for name in "bc" if name not in listed]
    assert [hand.look(8.0, **{name: DONE}) for name in alone] == alone
    assert hand.asked(8.0) == "d"


def test_who_is_asked_for_alone_does_not_go_with_those_before_it() -> None:
    hand = Hand(factor=1.0, grace=8.0, chunk_size=3)
    hand.wait("abcd")
    rounds = [[hand.look(now, b=RUNNING, c=RUNNING, d=RUNNING) for _ in "12"] for now in (0.0, 4.0)]
    assert rounds == [["abc", "d"]] * 2
    assert hand.look(8.0, b=RUNNING, c=RUNNING) == "abc"
    assert [hand.look(8.0, d=RUNNING), hand.look(8.0, a=RUNNING)] == ["d", "a"]


def test_who_has_left_holds_up_nobody_in_the_queue() -> None:
    hand = Hand(chunk_size=1)
    _, left, _ = hand.wait("a"), hand.wait("b"), hand.wait("c")
    assert hand.asked(0.0) == "a"
    hand.schedule.leave(left)
    hand.say(0.0, a=RUNNING)
    assert hand.asked(0.0) == "c"


def test_only_so_many_are_asked_for_alone_at_a_time() -> None:
    hand = Hand(factor=1.0, grace=8.0, chunk_size=20)
    names = "abcdefghijkl"
    hand.wait(names)
    for now in (0.0, 4.0, 8.0):
        assert hand.look(now, l=RUNNING) == names
    alone = [hand.look(8.0) for _ in range(MAX_ALONE)]
    assert alone == [*names[:MAX_ALONE]]
    assert hand.asked(8.0) is None
    assert hand.schedule.next_time(8.0) == 12.0
    assert hand.asked(12.0) == names[MAX_ALONE:]


def test_a_job_found_alone_goes_with_the_others_again() -> None:
    hand = Hand(factor=1.0, grace=8.0)
    hand.wait("abc")
    for now in (0.0, 4.0, 8.0):
        assert hand.look(now, b=RUNNING, c=RUNNING) == "abc"
    assert hand.look(8.0, a=RUNNING) == "a"
    hand.wait("d", 12.0)
    assert hand.schedule.chunk_size(MANY) == 2
    assert [hand.look(12.0), hand.look(12.0), hand.asked(12.0)] == ["bc", "ad", None]


# Waiters come and go.


def test_a_wait_ends_at_its_deadline_once_its_jobs_were_looked_at() -> None:
    hand = Hand()
    waiter = hand.wait("a", deadline=2.0)
    hand.schedule.expire(2.0, idle=False)
    assert not waiter.expired  # the first look is owed
    hand.look(2.5, a=RUNNING)
    hand.wakes(waiter)
    hand.schedule.expire(2.5, idle=False)
    assert (waiter.expired, hand.wakes(waiter)) == (True, 1)
    assert hand.asked(99.0) is None
    # It is told once.
    hand.schedule.expire(3.0, idle=True)
    assert hand.wakes(waiter) == 0


def test_a_wait_without_a_look_ends_when_nothing_more_is_due() -> None:
    hand = Hand()
    early, later = hand.wait("a", deadline=2.0), hand.wait("a", deadline=2.1)
    hand.schedule.expire(1.9, idle=True)
    assert not early.expired
    hand.schedule.expire(2.0, idle=True)
    assert (early.expired, later.expired, hand.wakes(early)) == (True, False, 1)


def test_a_wait_that_is_over_is_not_ended_again_at_its_deadline() -> None:
    hand = Hand()
    waiter = hand.wait("a", deadline=2.0)
    hand.look(0.0, a=DONE)
    hand.wakes(waiter)
    hand.schedule.expire(2.0, idle=True)
    assert (waiter.expired, hand.wakes(waiter)) == (False, 0)


def test_nobody_looks_for_who_has_left_and_the_others_go_on() -> None:
    hand = Hand()
    first, second = hand.wait("ab"), hand.wait("b")
    hand.look(0.0, a=RUNNING, b=RUNNING)
    hand.schedule.leave(first)
    assert hand.look(4.0, b=RUNNING) == "b"
    assert first.pending == set()
    assert len(second.pending) == 1
    hand.schedule.leave(first)
    hand.schedule.leave(second)
    hand.schedule.expire(5.0, idle=True)
    assert hand.asked(99.0) is None
    assert hand.schedule.next_time(5.0) == math.inf


def test_who_leaves_after_its_deadline_takes_nothing_from_the_others() -> None:
    hand = Hand()
    late, alone = hand.wait("a", deadline=1.0), hand.wait("b", deadline=1.0)
    hand.wait("a")
    hand.look(0.0, a=RUNNING, b=RUNNING)
    hand.schedule.expire(1.0, idle=True)
    assert [len(waiter.pending) for waiter in (late, alone)] == [1, 1]
    hand.schedule.leave(late)
    hand.schedule.leave(alone)
    assert hand.asked(4.0) == "a"
    assert late.pending == alone.pending == set()


def test_closing_wakes_everybody() -> None:
    hand = Hand()
    waiters = [hand.wait("ab"), hand.wait("b"), hand.wait("c", kind=ALONE)]
    hand.schedule.close()
    assert [(waiter.closed, hand.wakes(waiter) > 0) for waiter in waiters] == [(True, True)] * 3


def test_waits_that_ended_long_before_their_deadline_do_not_pile_up() -> None:
    hand, live = Hand(chunk_size=50), "".join(map(chr, range(ord("A"), ord("A") + 40)))
    for name in live:
        hand.wait(name, deadline=1e9)
    hand.look(0.0, **dict.fromkeys(live, RUNNING))
    kept = []
    for number in range(5 * MAX_STALE):
        hand.schedule.leave(hand.wait("A", 0.1, deadline=1e8 + number))
        kept.append(len(hand.schedule._deadlines))
    assert max(kept) == MAX_STALE + 2 * len(live) + 1
    assert hand.schedule.next_deadline() == 1e8 + number
    hand.asked(0.2)
    assert hand.schedule.next_deadline() == 1e9


def test_a_waiter_hears_what_came_before_the_client_was_closed() -> None:
    hand = Hand()
    waiter = hand.wait("a")
    assert not waiter.ready
    hand.look(0.0, a=RUNNING)
    hand.schedule.close()
    assert waiter.ready
    assert (waiter.next_event() or ("",))[0] == JobRef(MANY, "a")
    with pytest.raises(ClientClosedError) as caught:
        waiter.next_event()
    assert caught.value.args == ("The client was closed during the wait for this job",)


def test_a_waiter_is_ready_when_it_is_told_when_it_is_late_and_when_nothing_is_left() -> None:
    hand = Hand()
    told_of, late, done = hand.wait("a"), hand.wait("b", deadline=1.0), hand.wait("")
    hand.look(0.0, a=RUNNING)
    hand.schedule.expire(1.0, idle=True)
    late.inbox.clear()
    assert [waiter.ready for waiter in (told_of, late, done)] == [True] * 3
    assert late.next_event() is None
