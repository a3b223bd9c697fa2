"""Checks that run side by side share their waiting, and nothing else."""

from __future__ import annotations

import dataclasses
import threading
from typing import TYPE_CHECKING

import pytest

from akool_contract._options import PROFILES, Options
from akool_contract._recording.recorder import Recorder
from akool_contract._recording.replay import ReplayTarget
from akool_contract._run.observers import Observer
from akool_contract._run.run import Run
from akool_contract._run.waiting import Waiting
from akool_contract._target.clock import Clock, Pace
from akool_contract._target.rounds import Rounds
from akool_contract._target.simulated import SimulatorTarget
from akool_contract._wire.http import Exchange, Request, Response
from akool_contract.checks._shared.result_files import judge_file
from akool_contract.suite import verify
from akool_contract_proof.mutants import TABLE
from akool_contract_proof.runner import CONTRACT, put_in

if TYPE_CHECKING:
    from akool_contract._findings.answer import Answer
    from akool_contract._findings.job import Job

BY_NAME = {mutant.name: mutant for mutant in TABLE}


class Wire:
    """A target that answers at once, in a time of its own."""

    concurrent = True

    def __init__(self) -> None:
        self.time = 0.0
        self.asked: list[Request] = []
        self.at_once = self.most = 0
        self.lock = threading.Lock()

    def send(self, request: Request) -> Response:
        with self.lock:
            self.asked.append(request)
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        with self.lock:
            self.at_once -= 1
        return Response(200, body=request.url.encode())

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        self.time += seconds


def rounds(wire: Wire, most: int = 4) -> tuple[Rounds, list[tuple[str, int]]]:
    noted: list[tuple[str, int]] = []

    def note(request, response, seconds, together):
        noted.append((request.url, together))
        return Exchange(len(noted), request, response, seconds, together=together)

    clock = Clock(wire)
    made = Rounds(
        wire,
        clock,
        Pace(0, clock),
        note,
        lambda r, others: r.method == "DELETE" and any(o.url == r.url for o in others),
        most,
    )
    clock.waiter = made.wait
    return made, noted


def ask(url: str, method: str = "GET") -> Request:
    return Request(method, url)


def test_what_checks_ask_at_the_same_time_goes_in_one_round_and_comes_back_in_order() -> None:
    made, noted = rounds(Wire())
    seen: dict[str, list[bytes]] = {}

    def check(name: str) -> None:
        seen[name] = [made.exchange([ask(f"{name}{step}")])[0].response.body for step in range(3)]

    made.run([lambda name=name: check(name) for name in "abc"])
    assert seen == {name: [f"{name}{step}".encode() for step in range(3)] for name in "abc"}
    assert noted == [(f"{name}{step}", step + 1) for step in range(3) for name in "abc"]
    made.close()


def test_what_deletes_waits_for_the_answers_of_those_who_look_at_the_same() -> None:
    wire = Wire()
    made, _ = rounds(wire, most=1)
    gone, other = [ask("a", "DELETE")], [ask("b", "DELETE")]
    looks = [ask("a"), ask("c")]
    made.run([lambda each=each: made.exchange(each) for each in (gone, other, looks)])
    assert [(one.method, one.url) for one in wire.asked] == [
        ("DELETE", "b"),
        ("GET", "a"),
        ("GET", "c"),
        ("DELETE", "a"),
    ]
    made.close()


def test_in_a_lane_is_one_check_at_a_time_and_it_may_enter_again() -> None:
    made, _ = rounds(Wire())
    inside: list[str] = []
    story: list[tuple[str, ...]] = []

    def check(name: str) -> None:
        with made.lane("money"), made.lane("money"):
            inside.append(name)
            for _ in range(3):
                made.exchange([ask(name)])
                story.append(tuple(inside))
            inside.remove(name)

    made.run([lambda name=name: check(name) for name in "abc"])
    assert story == [("a",)] * 3 + [("b",)] * 3 + [("c",)] * 3
    made.close()


def test_who_does_the_same_enters_a_lane_together_and_whoever_is_late_comes_last() -> None:
    made, _ = rounds(Wire())
    inside: list[str] = []
    story: list[str] = []

    def check(name: str, kind: str, *, late: bool = False) -> None:
        with made.lane("money", kind, late=late):
            inside.append(name)
            made.exchange([ask(name)])
            story.append("".join(sorted(inside)))
            made.exchange([ask(name)])
            inside.remove(name)

    kinds = {"a": "", "b": "asks", "c": "", "d": "asks", "f": "", "g": "asks"}
    works = [lambda: check("e", "", late=True)]
    works += [lambda name=name, kind=kind: check(name, kind) for name, kind in kinds.items()]
    made.run([works[1], works[0], *works[2:]])
    assert story == ["a", "bdg", "bdg", "bdg", "c", "f", "e"]
    made.close()


def test_parts_of_a_check_run_beside_the_others_and_it_goes_on_when_all_have_ended() -> None:
    made, noted = rounds(Wire())
    ended: list[str] = []

    def part(name: str) -> None:
        made.exchange([ask(name)])
        ended.append(name)

    def whole() -> None:
        made.run([lambda: part("x"), lambda: part("y")])
        ended.append("whole")

    made.run([whole, lambda: made.exchange([ask("other")])])
    assert ended == ["x", "y", "whole"]
    assert sorted(noted) == [("other", 1), ("x", 1), ("y", 1)]
    made.close()


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_requests_are_in_flight_than_allowed(most) -> None:
    wire = Wire()
    made, noted = rounds(wire, most=most)
    made.exchange([ask(str(number)) for number in range(40)])
    assert wire.most <= most
    assert [url for url, _ in noted] == [str(number) for number in range(40)]
    made.close()


def test_waiting_of_several_checks_takes_as_long_as_the_longest() -> None:
    wire = Wire()
    made, _ = rounds(wire)
    made.run([lambda seconds=seconds: made.wait(seconds) for seconds in (5.0, 3.0, 4.0)])
    assert wire.time == pytest.approx(5.0)
    made.close()


def test_an_error_of_one_check_ends_the_others_and_is_raised() -> None:
    made, _ = rounds(Wire())
    ended = []

    def patient() -> None:
        try:
            made.wait(1000.0)
        finally:
            ended.append(True)

    def wrong() -> None:
        made.exchange([ask("x")])
        raise LookupError("x")

    with pytest.raises(LookupError):
        made.run([patient, wrong])
    assert ended == [True]
    made.close()


def test_a_server_that_complains_is_asked_half_as_much_at_once() -> None:
    made, _ = rounds(Wire(), most=8)
    for most in (4, 2, 1, 1):
        made.slower()
        assert made.most == most


class Far(SimulatorTarget):
    """The simulator as a server that takes its time, by its own clock, and is paid for."""

    def __init__(self, **more) -> None:
        super().__init__(**more)
        self.capabilities.cheap, self.capabilities.clock = False, False
        self.capabilities.loopback = True

    def send(self, request: Request) -> Response:
        return dataclasses.replace(super().send(request), seconds=0.15)

    def wait(self, seconds: float) -> None:
        super().wait(seconds)


def facts(report):
    found = dataclasses.asdict(report)
    found["timings"] = found["timings"]["latency_ms"]
    # When a token ends stands in the token, and no recording has that.
    for name in ("checks", "not_run", "outcomes"):
        found[name] = [one for one in found[name] if one["check"] != "auth.token-lasts"]
    return {name: value for name, value in found.items() if name != "target"}


OPTIONS = Options(profile=PROFILES["quick"], seed=5, max_credits=1000.0, job_timeout=30.0)


@pytest.mark.parametrize(
    "names", [(), ("url-changes", "refusals-charged")], ids=["correct", "broken"]
)
def test_a_run_side_by_side_is_repeated_by_its_seed_and_by_its_recording(tmp_path, names) -> None:
    reports = []
    for number in range(2):
        target = Far(seed=5)
        for name in names:
            put_in(target, BY_NAME[name])
        recorder = Recorder(tmp_path / f"{number}.jsonl", OPTIONS)
        try:
            reports.append(
                verify(target, CONTRACT, OPTIONS, mailbox=target.mailbox, observe=recorder.attach)
            )
        finally:
            recorder.close()
    assert bool(reports[0].violations) == bool(names), reports[0].violations
    assert facts(reports[0]) == facts(reports[1])
    replay = ReplayTarget(tmp_path / "0.jsonl")
    assert facts(verify(replay, CONTRACT, replay.options(), mailbox=replay.mailbox)) == facts(
        reports[0]
    )


def test_a_quick_run_of_a_far_server_spends_no_more_than_ten_of_the_dearest_jobs() -> None:
    target = Far(seed=5)
    report = verify(target, CONTRACT, OPTIONS, mailbox=target.mailbox)
    assert 0 < report.credits_spent <= 10 * max(CONTRACT.prices.values())
    assert len(report.timings["alone_s"]) < 10


class TestWhatAnotherCheckDeletes:
    """Side by side, a job may be gone before the answer of who looked at it has come."""

    def ended(self) -> tuple[Run, Job]:
        target = SimulatorTarget(CONTRACT.document, seed=1)
        run = Run(target, CONTRACT, Options(PROFILES["quick"], seed=1))
        job = run.submit("swapImage")
        assert run.waiting.until_done([job])
        assert job.status == 3
        return run, job

    def accused(self, run: Run) -> list[str]:
        return [found.check for found in run.collector.violations.values()]

    def test_a_delete_waits_for_the_answers_of_those_who_look_at_the_jobs_file(self) -> None:
        run, job = self.ended()
        deletes = run.naming(job.spec.delete, [job.id], "main")
        assert run.guard.takes_from(deletes, [Request("GET", job.url)])
        assert not run.guard.takes_from(deletes, [Request("GET", f"{job.url[:-9]}.jpeg")])

    @pytest.mark.parametrize("is_answered", [True, False])
    def test_a_file_that_went_while_it_was_fetched_accuses_nobody(self, is_answered) -> None:
        run, job = self.ended()
        fetch = run.sender.fetch

        def late(url: str) -> Answer:
            run.delete([job.id])
            job.deleted, job.delete_unclear = is_answered, not is_answered
            return fetch(url)

        run.sender.fetch = late
        assert judge_file(run, job) is None
        assert self.accused(run) == []

    def test_a_file_that_is_missing_otherwise_is_a_violation(self) -> None:
        run, job = self.ended()
        job.url = f"{job.url[:-9]}.jpeg"
        assert judge_file(run, job) is None
        assert self.accused(run) == ["side.file-at-success"]

    def test_a_job_that_another_deleted_is_not_announced_as_ended_again(self) -> None:
        run, job = self.ended()
        told: list[str] = []

        class Ear(Observer):
            def ended(self, job: Job) -> None:
                told.append(job.id)

        def looks(_jobs: object) -> bool:
            job.status, job.deleted = 3, True
            return True

        job.status = 2
        waiting = Waiting(run.clock, run.options, run.can, looks, Ear())
        assert waiting.until_done([job])
        assert told == []
