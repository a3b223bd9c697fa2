"""A run spends, deletes and tells no more than it was allowed to."""

from __future__ import annotations

import json

import pytest

from akool_contract._options import PROFILES, Options, Where, Who
from akool_contract._recording.recorder import Recorder
from akool_contract._recording.replay import ReplayTarget
from akool_contract._target.connect import connect
from akool_contract._target.target import HttpTarget, is_loopback
from akool_contract.report import html, json_text, junit
from akool_contract.suite import verify
from akool_contract_proof.mutants import TABLE
from akool_contract_proof.reference import ReferenceServer
from akool_contract_proof.runner import CONTRACT


def run(server, options, *, second=False, listen="", observe=None):
    accounts = server.reference.accounts
    who = Who(
        api_key=accounts.main.key,
        client_id=accounts.main.client_id,
        client_secret=accounts.main.key,
        second_key=accounts.second.key if second else "",
    )
    connection = connect(Where(server.url, who, listen), options, CONTRACT)
    try:
        return verify(
            connection.target, CONTRACT, options, mailbox=connection.mailbox, observe=observe
        )
    finally:
        connection.close()


def test_without_leave_nothing_is_submitted_or_deleted(server) -> None:
    before = server.reference.accounts.main.credit
    report = run(server, Options(profile=PROFILES["quick"]))
    assert server.reference.jobs == {}
    assert server.reference.accounts.main.credit == before
    assert report.violations == []
    reasons = {entry.reason for entry in report.not_run}
    assert any("--allow-submit" in reason for reason in reasons)


def test_spending_stops_before_the_budget_is_exceeded(server) -> None:
    before = server.reference.accounts.main.credit
    options = Options(profile=PROFILES["quick"], allow_submit=True, max_credits=61.0)
    report = run(server, options)
    spent = before - server.reference.accounts.main.credit
    assert 40.0 < spent <= 61.0
    assert report.violations == []
    assert any("budget" in entry.reason for entry in report.not_run)


def test_only_results_of_the_run_are_deleted(server) -> None:
    stranger = server.reference._new_job(
        "swapImage", server.reference.accounts.main, "https://a.example.com/x.jpg", 4.0, ""
    )
    options = Options(
        profile=PROFILES["quick"], allow_submit=True, allow_delete=True, max_credits=5000.0
    )
    run(server, options)
    assert stranger.id in server.reference.jobs


def test_a_server_that_takes_what_it_must_refuse_is_not_asked_again_without_leave() -> None:
    lax = next(mutant for mutant in TABLE if mutant.name == "opts-never-required")
    with ReferenceServer(layer=lax.layer) as server:
        report = run(server, Options(profile=PROFILES["quick"]))
        assert len(server.reference.jobs) <= 1
    assert "rules.opts-required-when-many" in {v.check for v in report.violations}


def test_no_report_holds_a_secret() -> None:
    leaky = next(mutant for mutant in TABLE if mutant.name == "secret-in-refusal")
    with ReferenceServer(layer=leaky.layer) as server:
        report = run(server, Options(profile=PROFILES["quick"]))
        accounts = server.reference.accounts
    texts = [json_text(report), junit(report), html(report)]
    assert report.violations
    for text in texts:
        assert accounts.main.key not in text
        assert json.dumps(accounts.main.key)[1:-1] not in text


def test_a_recording_holds_no_secret_and_replays_to_the_same_findings(tmp_path) -> None:
    broken = next(mutant for mutant in TABLE if mutant.name == "created-naive")
    path = tmp_path / "run.jsonl"
    options = Options(
        profile=PROFILES["quick"], allow_submit=True, allow_delete=True, max_credits=5000.0
    )
    with ReferenceServer(layer=broken.layer) as faulty:
        recorder = Recorder(path, options)
        report = run(faulty, options, observe=recorder.attach)
        recorder.close()
        accounts = faulty.reference.accounts
    text = path.read_text()
    assert accounts.main.key not in text
    target = ReplayTarget(path)
    again = verify(target, CONTRACT, target.options(), mailbox=target.mailbox)
    assert {v.key for v in report.violations} == {v.key for v in again.violations}
    assert report.violations


@pytest.mark.parametrize(
    "host", ["127.0.0.1.example.com", "127.akool.example", "openapi.akool.com"]
)
def test_only_an_address_of_this_machine_counts_as_one(host) -> None:
    assert not is_loopback(f"https://{host}/api")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "[::1]"])
def test_every_address_of_this_machine_counts_as_one(host) -> None:
    assert is_loopback(f"http://{host}:8080")


@pytest.mark.parametrize("where", ["http://127.0.0.1.example.com", "https://openapi.akool.com"])
def test_a_server_elsewhere_is_sent_nothing_before_the_run_and_least_of_all_our_own_paths(
    where, monkeypatch
) -> None:
    sent = []
    monkeypatch.setattr(HttpTarget, "send", lambda _, request: sent.append(request.url))
    connection = connect(Where(where, Who(api_key="k")), Options(), CONTRACT)
    connection.close()
    assert sent == []
    assert connection.target.capabilities.live


def test_an_account_without_credits_that_may_submit_is_found() -> None:
    with ReferenceServer(credit=2000.0) as server:
        main, answer = server.reference.accounts.main, server.answer

        def generous(request):
            if request.path.startswith("/api/open/v") and main.credit < 50.0:
                kept, main.credit = main.credit, 1000.0
                given = answer(request)
                cost, main.credit = 1000.0 - main.credit, kept
                main.credit = max(0.0, kept - cost)
                if "quota/info" not in request.path:
                    return given
            return answer(request)

        server.answer = generous
        main.credit = 400.0
        options = Options(
            profile=PROFILES["quick"],
            allow_submit=True,
            max_credits=20_000.0,
            operations=("swapImage", "getCredit", "listResults"),
        )
        report = run(server, options)
    assert "credits.refused-when-empty" in {v.check for v in report.violations}
