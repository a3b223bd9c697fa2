"""The same seed makes the same run, and a recording is judged as the run was."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest

from akool_contract._options import PROFILES, Options
from akool_contract._recording.recorder import Recorder
from akool_contract._recording.replay import ReplayTarget
from akool_contract._run.plan import in_order
from akool_contract._target.mailbox import Listener
from akool_contract._target.simulated import SimulatorTarget
from akool_contract._target.target import Capabilities, HttpTarget
from akool_contract.oracle.credentials import Credentials
from akool_contract.suite import verify
from akool_contract_proof.mutants import TABLE
from akool_contract_proof.reference import ReferenceServer, Variant
from akool_contract_proof.runner import CONTRACT, on_reference, on_simulator, put_in
from akool_openapi.operations import Effect

BY_NAME = {mutant.name: mutant for mutant in TABLE}
QUICK = PROFILES["quick"]


def facts(report):
    """A report without the name of the target and the time that it took."""
    found = dataclasses.asdict(report)
    found["timings"] = found["timings"]["latency_ms"]
    # When a token ends stands in the token, and no recording has that.
    for name in ("checks", "not_run", "outcomes"):
        found[name] = [one for one in found[name] if one["check"] != "auth.token-lasts"]
    return {name: value for name, value in found.items() if name != "target"}


def recorded(target, mailbox, path, options):
    recorder = Recorder(path, options)
    try:
        return verify(target, CONTRACT, options, mailbox=mailbox, observe=recorder.attach)
    finally:
        recorder.close()


def replayed(path):
    target = ReplayTarget(path)
    return verify(target, CONTRACT, target.options(), mailbox=target.mailbox)


DEFECTS = {
    "url-changes": "state.url-is-kept",
    "hooks-never-sent": "side.webhook-arrives",
    "file-cut-in-half": "side.file-at-success",
    "gzip-cut": "wire.encoding",
}
"""Each would do something else to a recording; and what finds it."""


@pytest.mark.parametrize("defects", [{}, DEFECTS], ids=["correct", "broken"])
def test_a_recording_of_the_simulator_is_judged_as_the_run_was(tmp_path, defects) -> None:
    target = SimulatorTarget(seed=3)
    for name in defects:
        put_in(target, BY_NAME[name])
    path = tmp_path / "run.jsonl"
    report = recorded(target, target.mailbox, path, Options(profile=QUICK, seed=3))
    found = {violation.check for violation in report.violations}
    assert found >= set(defects.values()) if defects else not found
    assert facts(replayed(path)) == facts(report)


def test_a_run_in_process_is_the_same_however_slow_the_machine_is(monkeypatch) -> None:
    mutant = BY_NAME["url-changes"]
    report = on_simulator(mutant, seed=3)
    for clock in ("perf_counter", "monotonic"):
        real = getattr(time, clock)
        monkeypatch.setattr(time, clock, lambda real=real: 1000 * real())
    assert facts(on_simulator(mutant, seed=3)) == facts(report)


def test_a_recording_of_a_server_is_judged_as_the_run_was_webhooks_and_times_included(
    tmp_path,
) -> None:
    options = Options(profile=QUICK, max_credits=20_000.0, webhook_patience=2.0)
    path = tmp_path / "run.jsonl"
    with ReferenceServer(Variant(webhook_nonce="number", gzip=True)) as server:
        main = server.reference.accounts.main
        known = Credentials(
            keys={main.key: "main"}, client_id=main.client_id, client_secret=main.key
        )
        can = Capabilities(loopback=True)
        can.allow_all()
        can.second = can.empty = can.banned = False
        target, mailbox = HttpTarget(server.url, known, can), Listener()
        try:
            report = recorded(target, mailbox, path, options)
        finally:
            mailbox.close()
            target.close()
    assert report.violations == []
    assert main.key not in path.read_text()
    assert facts(replayed(path)) == facts(report)


def test_a_seed_repeats_a_run_exactly_in_another_process_too(tmp_path) -> None:
    def run(number, *early):
        path = tmp_path / f"{number}.jsonl"
        code = (
            f"import sys; [__import__(n) for n in {early!r}]; sys.argv[1:] = "
            f"['--profile', 'quick', '--seed', '11', '--record', {str(path)!r}]; "
            "from akool_contract.cli import app; app()"
        )
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        lines = [json.loads(line) for line in path.read_text().splitlines()[1:]]
        return [
            {k: v for k, v in line.items() if k not in {"seconds", "at", "now"}} for line in lines
        ]

    # What else is loaded must not matter.
    assert run(1) == run(2, "akool_contract_proof.mutants", "akool_mock.cli")


GIVEN = re.compile(r"[0-9a-f]{24}|\d{17}-\d{4}|127\.0\.0\.1:\d+|/[0-9a-z-]+/\d+|eyJ[\w.-]+")
"""Ids, tokens and addresses that a server or this machine gives."""


def contents(slowness: float, variant: Variant) -> Counter[tuple[str, str, str]]:
    """What a run on a server sends: all but what depends on time.

    That is its questions, and the jobs that it deletes together: those that have ended by then.
    """
    sent: Counter[tuple[str, str, str]] = Counter()
    with ReferenceServer(variant) as server:
        main, second = server.reference.accounts.main, server.reference.accounts.second
        known = Credentials(
            keys={main.key: "main", second.key: "second"},
            client_id=main.client_id,
            client_secret=main.key,
        )
        can = Capabilities(loopback=True)
        can.allow_all()
        can.empty = can.banned = False
        target, mailbox = HttpTarget(server.url, known, can), Listener()
        honest = target.send

        def slowed(request):
            threading.Event().wait(slowness)
            if request.method != "GET" and CONTRACT.effect(request) is not Effect.DELETES:
                body = GIVEN.sub("*", request.body.decode("utf-8", "replace"))
                sent[request.method, request.path, body] += 1
            return honest(request)

        target.send = slowed
        # With a rate nothing is sent side by side: whether to do that is decided by the clock.
        options = Options(
            profile=QUICK, seed=5, max_credits=20_000.0, webhook_patience=2.0, rate=1e6
        )
        try:
            report = verify(target, CONTRACT, options, mailbox=mailbox)
        finally:
            mailbox.close()
            target.close()
    assert report.violations == []
    assert report.requests + report.polls >= sent.total()
    return sent


def test_the_same_seed_sends_a_server_the_same_contents_however_fast_it_is() -> None:
    fast = contents(0.0, Variant(queue_s=0.0, processing_s=0.0))
    slow = contents(0.01, Variant())
    assert fast.total() > 500
    assert fast == slow


def test_every_check_runs_on_the_simulator_to_its_end() -> None:
    report = on_simulator(None)
    excused = {
        "state.parallel-submits",
        "state.parallel-reads",
        "rules.detections-apart",
        "schema.generated",
        "rules.generated",
        # For jobs of other products: ours have checks of their own.
        "state.job-is-told",
        "state.job-ends",
        "state.job-is-deleted",
        # For what this simulator never does by itself: job_ids in lists, 1005, a wrong 1006, a job
        # that fails; and for costs that only a run with a budget reads.
        "state.job-id-is-kept",
        "rules.rate-limit-ends",
        "credits.enough-is-enough",
        "credits.refunds-bounded",
        "credits.same-price-always",
    }
    assert {entry.check for entry in report.not_run} <= excused
    assert not [entry for entry in report.not_run if "stopped by" in entry.reason]


@pytest.mark.parametrize("check", ["rules.generated", "schema.generated", "state.machine"])
def test_generated_checks_send_generated_requests(check, monkeypatch) -> None:
    sent = {}
    plan = next(one for one in in_order() if one.clause.name == check)

    def counted(run) -> None:
        before = run.sender.sent
        plan.fn(run)
        sent["count"] = run.sender.sent - before

    one = [dataclasses.replace(plan, fn=counted)]
    monkeypatch.setattr("akool_contract._run.engine.in_order", lambda: one)
    on_simulator(None)
    assert sent["count"] >= 20


def test_a_server_that_honours_only_its_newest_token_is_not_accused() -> None:
    assert on_reference(variant=Variant(one_token_only=True)).violations == []
