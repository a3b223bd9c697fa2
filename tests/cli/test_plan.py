"""The planner: never more at once, never faster, never dearer than allowed; and never stuck."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_batch.budget import MAX_UNMEASURED, Budget, price_of
from akool_batch.plan import (
    MAX_PAUSE_S,
    MAX_TRIES,
    Done,
    Follow,
    Measure,
    Pace,
    Planner,
    Sleep,
    Submit,
)
from akool_batch.swaps import Kind, Swap


def planner(  # noqa: PLR0913 - what the tests vary
    rows: int = 3,
    *,
    price: float = 4.0,
    follow: tuple[str, ...] = (),
    concurrency: int = 10,
    rate: float | None = None,
    limit: float | None = None,
) -> tuple[Planner, Budget]:
    budget = Budget(limit)
    return (
        Planner(
            follow=follow,
            submit={f"r{n}": price for n in range(rows)},
            concurrency=concurrency,
            pace=Pace(rate),
            budget=budget,
        ),
        budget,
    )


def test_rows_of_an_earlier_run_come_before_new_ones() -> None:
    plan, _ = planner(1, follow=("old",))
    assert [plan.next(0), plan.next(0), plan.next(0)] == [Follow("old"), Submit("r0"), Sleep(None)]
    plan.accepted("r0")
    plan.settled("r0")
    plan.settled("old")
    assert plan.next(0) == Done()


def test_a_stop_sends_nothing_more_but_follows_what_is_paid() -> None:
    plan, _ = planner(2, follow=("old",))
    plan.stop("no credit")
    assert [plan.next(0), plan.next(0)] == [Follow("old"), Sleep(None)]
    plan.settled("old")
    assert plan.next(0) == Done()
    assert plan.stopped == "no credit"


def test_an_interrupt_starts_nothing_at_all() -> None:
    plan, _ = planner(2, follow=("old",))
    plan.stop("interrupted", abandon=True)
    assert plan.next(0) == Done()


def test_a_row_turned_away_comes_back_after_a_pause_that_holds_for_all() -> None:
    plan, _ = planner(2)
    assert plan.next(0) == Submit("r0")
    assert plan.turned_away("r0", 0)
    step = plan.next(0)
    assert isinstance(step, Sleep)
    assert step.seconds is not None
    assert plan.next(step.seconds) == Submit("r1")
    assert plan.next(step.seconds) == Submit("r0")


def test_pauses_grow_while_the_api_turns_rows_away_and_end_with_an_acceptance() -> None:
    plan, _ = planner(MAX_TRIES + 1)
    now, pauses = 0.0, []
    for n in range(MAX_TRIES):
        assert plan.next(now) == Submit(f"r{n}")
        plan.turned_away(f"r{n}", now)
        step = plan.next(now)
        assert isinstance(step, Sleep)
        assert step.seconds is not None
        pauses.append(step.seconds)
        now += step.seconds
    assert pauses == sorted(pauses)
    assert max(pauses) == MAX_PAUSE_S
    assert plan.next(now) == Submit(f"r{MAX_TRIES}")
    plan.accepted(f"r{MAX_TRIES}")
    assert isinstance(plan.next(now), Submit)


def test_a_row_that_is_always_turned_away_is_left_to_the_next_run() -> None:
    plan, budget = planner(1)
    now = 0.0
    tries = 0
    while (step := plan.next(now)) != Done():
        if isinstance(step, Submit):
            tries += 1
            plan.turned_away("r0", now)
        else:
            assert isinstance(step, Sleep)
            now += step.seconds or 0
    assert tries == MAX_TRIES
    assert budget.spent == 0


def test_the_limit_leaves_no_room_for_a_row_that_would_exceed_it() -> None:
    plan, budget = planner(10, price=4.0, limit=10.0)
    sent = drive(plan, budget, real_price=4.0)
    assert sent == 2
    assert budget.spent == 8
    assert plan.stopped is not None
    assert "10 credits" in plan.stopped


def test_prices_that_turn_out_dearer_stop_the_batch_earlier() -> None:
    plan, budget = planner(100, price=4.0, limit=200.0)
    sent = drive(plan, budget, real_price=10.0)
    assert sent * 10.0 <= 200
    assert sent >= 18


def test_what_earlier_runs_spent_counts() -> None:
    budget = Budget(10.0, earlier=8.0)
    assert not budget.allows(4.0)
    assert budget.allows(2.0)


def drive(plan: Planner, budget: Budget, real_price: float) -> int:
    """Run a plan in which every row is accepted at once at this price; how many were sent."""
    sent = 0
    now = 0.0
    while (step := plan.next(now)) != Done():
        match step:
            case Submit(key):
                sent += 1
                plan.accepted(key)
                plan.settled(key)
            case Measure():
                budget.measure(sent * real_price)
                plan.measured()
            case Sleep(seconds):
                assert seconds is not None, "stuck"
                now += seconds
    return sent


@given(
    rows=st.integers(0, 300),
    estimate=st.floats(0.5, 20),
    real=st.floats(0.1, 60),
    limit=st.floats(0, 2000),
)
def test_a_limit_holds_whatever_a_row_really_costs_once_one_row_was_measured(
    rows: int, estimate: float, real: float, limit: float
) -> None:
    plan, budget = planner(rows, price=estimate, limit=limit)
    sent = drive(plan, budget, real)
    assert sent <= 1 or sent * real <= limit * (1 + 1e-9)


@given(
    rows=st.integers(0, 20),
    concurrency=st.integers(1, 7),
    rate=st.none() | st.floats(0.1, 50),
    data=st.data(),
)
def test_whatever_happens_the_batch_ends_and_never_exceeds_concurrency_or_rate(
    rows: int, concurrency: int, rate: float | None, data: st.DataObject
) -> None:
    plan, _ = planner(rows, concurrency=concurrency, rate=rate)
    now = 0.0
    running: list[str] = []
    starts: list[float] = []
    seen: set[str] = set()
    while (step := plan.next(now)) != Done():
        if isinstance(step, Submit):
            assert step.key not in running
            starts.append(now)
            seen.add(step.key)
            fate = data.draw(st.sampled_from(["accept", "away", "refuse"]))
            if fate == "accept":
                plan.accepted(step.key)
                running.append(step.key)
            elif fate == "away":
                plan.turned_away(step.key, now)
            else:
                plan.refused(step.key)
            assert len(running) <= concurrency
        else:
            assert isinstance(step, Sleep)
            if running and (step.seconds is None or data.draw(st.booleans())):
                plan.settled(running.pop(data.draw(st.integers(0, len(running) - 1))))
            else:
                assert step.seconds is not None, "nothing runs and nothing is awaited: stuck"
                now += max(step.seconds, 1e-9)
    assert len(seen) == rows
    if rate is not None:
        gaps = [later - earlier for earlier, later in pairwise(starts)]
        assert all(gap >= 1 / rate * (1 - 1e-6) - 1e-6 for gap in gaps)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50), st.floats(0.01, 100))
def test_a_pace_gives_at_most_its_rate_over_any_stretch(waits: list[float], rate: float) -> None:
    pace, now, taken = Pace(rate), 0.0, []
    for wait in waits:
        now += max(pace.wait(now), 0)
        pace.take(now)
        taken.append(now)
        now += wait / rate / 10
    for first, start in enumerate(taken):
        count = len(taken) - first
        assert count <= (taken[-1] - start) * rate + 2 + 1e-6


def test_the_balance_is_looked_at_after_one_row_then_two_then_at_most_fifty() -> None:
    plan, budget = planner(300, price=1.0, limit=1000.0)
    gaps, sent = [], 0
    while (step := plan.next(0)) != Done():
        if isinstance(step, Submit):
            sent += 1
            plan.accepted(step.key)
            plan.settled(step.key)
        else:
            assert step == Measure()
            gaps.append(sent)
            budget.measure(float(sent))
            plan.measured()
    between = [b - a for a, b in pairwise([0, *gaps])]
    assert between[:3] == [1, 2, 4]
    assert max(between) == MAX_UNMEASURED


def test_the_balance_is_not_asked_for_while_a_row_is_under_way() -> None:
    plan, _ = planner(3, limit=100.0)
    assert plan.next(0) == Submit("r0")
    assert plan.next(0) == Sleep(None)
    plan.accepted("r0")
    assert plan.next(0) == Measure()
    assert plan.next(0) == Sleep(None)


@pytest.mark.parametrize(
    ("kind", "seconds", "expected"),
    [
        (Kind.IMAGE, None, 4.0),
        (Kind.VIDEO, None, 10.0),
        (Kind.VIDEO, 10.0, 10.0),
        (Kind.VIDEO, 10.5, 20.0),
        (Kind.PLUS, None, 4.0),
        (Kind.PLUS, 25.0, 30.0),
    ],
)
def test_videos_cost_by_the_ten_seconds_begun(
    kind: Kind, seconds: float | None, expected: float
) -> None:
    prices = {Kind.IMAGE: 4.0, Kind.VIDEO: 10.0, Kind.PRO: 4.0, Kind.PLUS: 4.0}
    assert price_of(Swap(kind, {}, seconds), prices) == expected
