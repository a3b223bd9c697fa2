"""Whole batches on the simulator: what is sent, what is never sent again, what is left on disk."""

import asyncio
import threading

import pytest

from akool_batch.batch import Options, open_batch
from akool_batch.journal import Journal, JournalError
from akool_batch.plan import MAX_UNCERTAIN
from akool_batch.states import State
from akool_faceswap import InvalidRequestError, JobTimeout

FACE = "https://faces.test/face.jpg"
OPTS = "1,2:3,4:5,6:7,8"


def states(outcome):
    return {entry.key: entry.state for entry in outcome.entries}


def test_every_kind_of_swap_ends_as_a_whole_file(batches) -> None:
    batches.rows(
        {"key": "a", "kind": "image", "source": FACE, "target": FACE,
         "image": "https://p.test/a-32x24.jpg", "source_opts": OPTS, "target_opts": OPTS},
        {"key": "b", "kind": "video", "source": FACE, "target": FACE,
         "video": "https://p.test/b.mp4", "seconds": "5"},
        {"key": "c", "kind": "pro", "source": FACE, "target": "https://p.test/c-32x24.jpg"},
        {"key": "d", "kind": "plus", "source": FACE, "target": "https://p.test/d-32x24.jpg"},
    )  # fmt: skip
    outcome = batches.run()
    assert set(states(outcome).values()) == {State.SAVED}
    for entry in outcome.entries:
        assert (batches.out / entry.file).stat().st_size == entry.size > 0
    assert batches.submits() == 4


def test_the_intent_is_on_disk_before_the_request_and_the_id_before_the_wait(batches) -> None:
    batches.images(1)
    batches.run()
    assert [change.to for change in batches.changes] == [
        State.SUBMITTING,
        State.SUBMITTED,
        State.FINISHED,
        State.SAVED,
    ]


@pytest.mark.parametrize(
    ("fault", "state", "accepted"),
    [
        ("reset=before", State.UNCERTAIN, 0),
        ("reset=after", State.UNCERTAIN, 1),
        ("http=502", State.UNCERTAIN, 0),
        ("http-after=504", State.UNCERTAIN, 1),
        ("body=malformed", State.UNCERTAIN, 1),
        ("body=truncated", State.UNCERTAIN, 1),
        ("code=1003", State.REFUSED, 0),
        ("code=1007", State.REFUSED, 0),
        ("code=1006", State.PLANNED, 0),
        ("code=1101", State.PLANNED, 0),
        ("http=403", State.PLANNED, 0),
        ("job=failed", State.FAILED, 1),
    ],
)
def test_a_fault_never_makes_a_row_be_sent_again(batches, fault, state, accepted) -> None:
    batches.images(1)
    batches.mock.control.add_fault(fault, operation="swapImage")
    before = batches.submits()
    for _ in range(2 if state is not State.PLANNED else 1):
        outcome = batches.run()
        assert states(outcome) == {"r0": state}
        assert batches.submits() - before == accepted
    paid = state not in {State.REFUSED, State.PLANNED}
    assert outcome.entries[0].price == (4.0 if paid else 0.0)
    assert outcome.entries[0].note


@pytest.mark.parametrize("fault", ["code=1005", "http=429"])
def test_a_row_that_came_too_often_is_sent_later_and_once(batches, fault) -> None:
    batches.images(3)
    batches.mock.control.add_fault(fault, operation="swapImage", times=12)
    assert set(states(batches.run()).values()) == {State.SAVED}
    assert batches.submits() == 3


def test_trouble_with_the_account_stops_the_batch_and_leaves_the_rows_planned(batches) -> None:
    batches.images(50)
    batches.mock.control.add_fault("code=1006", operation="swapImage", after=2)
    outcome = batches.run(concurrency=4)
    assert outcome.counts[State.SAVED] == 2
    assert outcome.counts[State.PLANNED] == 48
    assert "quota" in outcome.stopped
    batches.mock.control.drop_faults()
    assert batches.run().counts == {State.SAVED: 50}
    assert batches.submits() == 50


def test_a_broken_api_makes_few_rows_uncertain_not_all(batches) -> None:
    batches.images(60)
    batches.mock.control.add_fault("http=502", operation="swapImage", after=1)
    outcome = batches.run(concurrency=1)
    assert outcome.counts == {
        State.SAVED: 1,
        State.UNCERTAIN: MAX_UNCERTAIN,
        State.PLANNED: 59 - MAX_UNCERTAIN,
    }
    assert "in a row" in outcome.stopped


def test_a_second_run_of_a_finished_batch_sends_and_fetches_nothing(batches) -> None:
    batches.images(3)
    batches.run()
    batches.changes.clear()
    assert batches.run().counts == {State.SAVED: 3}
    assert batches.changes == []
    assert batches.submits() == 3


def test_a_file_that_was_lost_or_cut_is_fetched_again_for_free(batches) -> None:
    batches.images(2)
    files = [batches.out / entry.file for entry in batches.run().entries]
    whole = files[1].read_bytes()
    files[0].unlink()
    files[1].write_bytes(whole[:10])
    assert batches.run().counts == {State.SAVED: 2}
    assert files[0].is_file()
    assert files[1].read_bytes() == whole
    assert batches.submits() == 2


def test_a_result_older_than_its_seven_days_is_lost_not_waited_for(batches) -> None:
    batches.images(1)
    (batches.out / batches.run().entries[0].file).unlink()
    batches.mock.advance(8 * 86_400)
    outcome = batches.run()
    assert states(outcome) == {"r0": State.LOST}
    assert batches.submits() == 1


def uncertain(batches, fault) -> str:
    """Make row r0 uncertain; the id of its job, if it has one."""
    batches.images(2)
    batches.mock.control.add_fault(fault, operation="swapImage", times=1)
    outcome = batches.run(concurrency=1)
    assert states(outcome) == {"r0": State.UNCERTAIN, "r1": State.SAVED}
    jobs = {job.id for job in batches.mock.control.jobs(limit=100)}
    known = {entry.job_id for entry in outcome.entries}
    return next(iter(jobs - known), "")


def test_an_uncertain_row_that_was_accepted_is_settled_with_its_id_and_not_sent(batches) -> None:
    job = uncertain(batches, "reset=after")
    assert batches.run(resolve=[f"r0={job}"]).counts == {State.SAVED: 2}
    assert batches.submits() == 2


def test_an_uncertain_row_that_was_not_accepted_is_sent_when_a_person_says_so(batches) -> None:
    assert uncertain(batches, "reset=before") == ""
    outcome = batches.run(resolve=["r0=again"])
    assert outcome.counts == {State.SAVED: 2}
    assert [entry.price for entry in outcome.entries] == [4.0, 4.0]
    assert batches.submits() == 2


def test_an_uncertain_row_can_be_given_up(batches) -> None:
    uncertain(batches, "reset=after")
    assert states(batches.run(resolve=["r0=lost"]))["r0"] is State.LOST


@pytest.mark.parametrize(
    "order", ["r0", "r0=", "nobody=again", "r1=again", "r1=65f0c0ffee0000000000abcd", "r0=a,b"]
)
def test_a_decision_that_makes_no_sense_is_refused(batches, order) -> None:
    uncertain(batches, "reset=after")
    with pytest.raises(InvalidRequestError):
        batches.run(resolve=[order])


def test_the_job_of_one_row_cannot_be_given_to_another(batches) -> None:
    uncertain(batches, "reset=after")
    owner = batches.run().entries[1]
    with pytest.raises(JournalError):
        batches.run(resolve=[f"r0={owner.job_id}"])


def test_a_failed_row_is_paid_again_only_when_a_person_says_so(batches) -> None:
    batches.images(1)
    batches.mock.control.add_fault("job=failed", operation="swapImage", times=1)
    assert states(batches.run()) == {"r0": State.FAILED}
    assert states(batches.run()) == {"r0": State.FAILED}
    outcome = batches.run(resolve=["r0=again"])
    assert states(outcome) == {"r0": State.SAVED}
    assert outcome.entries[0].price == 8.0
    assert batches.submits() == 2


def test_a_job_that_takes_too_long_is_left_and_followed_by_the_next_run(batches) -> None:
    batches.images(1)
    batches.mock.control.configure(processing_s=1000.0)
    outcome = batches.run(patience_s=60.0)
    assert states(outcome) == {"r0": State.SUBMITTED}
    assert "pending" in (outcome.entries[0].note or "")
    assert JobTimeout.__name__ not in (outcome.entries[0].note or "")
    assert states(batches.run()) == {"r0": State.SAVED}
    assert batches.submits() == 1


def test_an_interrupt_lets_a_paid_request_come_back_and_writes_its_id_down(batches) -> None:
    batches.images(5)

    async def scene():
        run = asyncio.ensure_future(batches.arun(concurrency=2))
        await batches.happened.wait()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run

    asyncio.run(scene())
    outcome = batches.run(resolve=[])
    assert outcome.counts == {State.SAVED: 5}
    assert batches.submits() == 5


def test_an_interrupt_between_intent_and_request_sends_nothing_and_costs_nothing(
    batches, monkeypatch
) -> None:
    batches.images(2)
    inside, go_on = threading.Event(), threading.Event()
    apply = Journal.apply

    def slowly(self, changes):
        changes = list(changes)
        if any(change.to is State.SUBMITTING for change in changes):
            inside.set()
            assert go_on.wait(10)
        apply(self, changes)

    monkeypatch.setattr(Journal, "apply", slowly)

    async def scene():
        run = asyncio.ensure_future(batches.arun())
        assert await asyncio.to_thread(inside.wait, 10)
        run.cancel()
        for _ in range(20):  # until everybody has heard of it
            await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await run

    asyncio.run(scene())
    assert batches.submits() == 0
    with open_batch(Options(batches.manifest, batches.out), "test") as batch:
        assert [(e.state, e.price) for e in batch.outcome().entries] == [(State.PLANNED, 0.0)] * 2


def test_a_limit_that_cannot_be_watched_any_more_stops_the_sending(batches) -> None:
    batches.images(5)
    batches.mock.control.add_fault("http=500", operation="getCredit", after=1)
    outcome = batches.run(max_credits=100.0)
    assert outcome.counts == {State.SAVED: 1, State.PLANNED: 4}
    assert "the balance cannot be read" in outcome.stopped


def test_the_limit_of_credits_holds_over_all_runs(batches) -> None:
    batches.images(10)
    first = batches.run(max_credits=14.0)
    assert first.counts == {State.SAVED: 3, State.PLANNED: 7}
    assert batches.run(max_credits=14.0).counts == first.counts
    assert batches.run(max_credits=40.0).counts == {State.SAVED: 10}
    assert batches.submits() == 10


def test_the_limit_holds_when_the_api_is_dearer_than_assumed(batches) -> None:
    batches.images(20)
    batches.mock.control.configure(prices={"swapImage": 9.0})
    batches.run(max_credits=60.0)
    assert 5 <= batches.submits() <= 6


def test_a_journal_that_cannot_be_written_stops_the_batch_and_names_the_ids(
    batches, monkeypatch
) -> None:
    batches.images(3)

    apply = Journal.apply

    def full_disk(self, changes):
        changes = list(changes)
        if any(change.to is State.SUBMITTED for change in changes):
            raise JournalError("disk full")
        apply(self, changes)

    monkeypatch.setattr(Journal, "apply", full_disk)
    with pytest.raises(JournalError, match=r"--resolve: r0=[0-9a-f]{24}"):
        batches.run(concurrency=1)
    assert batches.submits() == 1
    monkeypatch.undo()
    assert states(batches.run())["r0"] is State.UNCERTAIN


def test_leftovers_of_a_killed_download_are_swept_and_nothing_else(batches) -> None:
    batches.images(1)
    batches.out.mkdir()
    leftover = batches.out / ".r0.jpg.0123456789ab.part"
    report = batches.out / ".report.csv.0123456789ab.part"
    foreign = batches.out / ".other.jpg.0123456789ab.part"
    for file in (leftover, report, foreign):
        file.write_bytes(b"x")
    batches.run()
    assert not leftover.exists()
    assert not report.exists()
    assert foreign.exists()


def test_many_rows_wait_in_shared_requests(batches) -> None:
    batches.mock.control.configure(queue_s=100.0, processing_s=200.0)

    def looks() -> int:
        seen = batches.mock.control.requests(limit=1000)
        return sum(request.operation == "listResults" for request in seen)

    batches.images(1)
    batches.run()
    alone = looks()
    batches.images(61)
    assert batches.run(concurrency=60).counts == {State.SAVED: 61}
    assert looks() - alone < 60 * alone / 10
