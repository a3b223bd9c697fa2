"""A second waiter for a job that somebody waits for already: looked at for both, never twice."""

import math

from hypothesis import given
from hypothesis import strategies as st

from akool_faceswap import Polling
from akool_faceswap._core.job_calls import job_kind
from akool_faceswap._core.waiting.schedule import FRESH, PollSchedule
from akool_faceswap._core.waiting.waiter import Waiter
from akool_faceswap._models.job_kind import JobRef
from akool_faceswap._models.job_state import JobState, JobStatus

JOB = JobRef(job_kind("swapImage"), "a" * 24)
POLLING = Polling(first_delay=4.0, max_delay=8.0)


def waiter() -> Waiter[JobRef]:
    return Waiter(math.inf, every_change=True, wake=lambda: None)


def state(status: JobStatus) -> dict[str, JobState]:
    return {JOB.id: JobState(JOB.id, status)}


def begun() -> tuple[PollSchedule, Waiter[JobRef]]:
    """A job with one waiter, whose first look is under way."""
    schedule, first = PollSchedule(POLLING, lambda: 0.5), waiter()
    schedule.join([JOB], first, 0.0)
    chunk = schedule.take(0.0)
    assert chunk is not None
    assert chunk.ids == (JOB,)
    return schedule, first


@given(st.floats(FRESH, 3.0))
def test_who_comes_between_two_looks_gets_one_at_once(pause: float) -> None:
    schedule, _ = begun()
    schedule.answered(state(JobStatus.PROCESSING), 0.0)
    assert schedule.take(pause) is None
    schedule.join([JOB], waiter(), pause)
    chunk = schedule.take(pause)
    assert chunk is not None
    assert chunk.ids == (JOB,)


@given(st.floats(0.0, FRESH, exclude_max=True))
def test_who_comes_right_after_a_look_gets_what_it_saw(pause: float) -> None:
    schedule, _ = begun()
    schedule.answered(state(JobStatus.PROCESSING), 0.0)
    second = waiter()
    schedule.join([JOB], second, pause)
    assert [ref for ref, _ in second.inbox] == [JOB]
    assert schedule.take(pause) is None


@given(st.floats(0.0, 3.0))
def test_who_comes_while_it_is_asked_for_shares_the_answer(pause: float) -> None:
    schedule, first = begun()
    second = waiter()
    schedule.join([JOB], second, pause)
    schedule.answered(state(JobStatus.PROCESSING), pause)
    assert [ref for ref, _ in second.inbox] == [ref for ref, _ in first.inbox] == [JOB]
    assert schedule.take(pause) is None
    assert schedule.next_time(pause) > pause + FRESH
