"""A baseline: known violations are listed apart and fail nothing; what is gone is told."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from akool_contract._findings import baseline
from akool_contract._findings.report_model import CheckOutcome, CheckRun, Report, State, Violation
from akool_contract.cli import app
from akool_contract_proof.mutants import TABLE
from akool_contract_proof.reference import ReferenceServer

BROKEN = next(mutant for mutant in TABLE if mutant.name == "status-word")
FEW = [part for name in ("swapImage", "listResults", "getCredit") for part in ("--operation", name)]
KEYS = st.tuples(
    st.sampled_from(["wire.json", "rules.type"]),
    st.sampled_from(["swapImage", "getCredit"]),
    st.sampled_from(["a", "b"]),
)


def found(key) -> Violation:
    check, operation, cause = key
    return Violation(check, operation, "clause", "this", "that", cause=cause)


def report_of(keys) -> Report:
    checks = dict.fromkeys(check for check, _, _ in keys)
    return Report(
        violations=[found(key) for key in keys],
        checks=[CheckRun(check, operation, "wire", 1) for check, operation, _ in keys],
        outcomes=[
            CheckOutcome(
                check, "wire", "", State.FAILED, 1, "", tuple(k for k in keys if k[0] == check)
            )
            for check in checks
        ],
    )


@given(st.sets(KEYS), st.sets(KEYS))
def test_what_is_listed_is_known_and_only_what_is_not_fails_the_run(seen, listed) -> None:
    report = report_of(sorted(seen))
    baseline.apply(report, [found(key) for key in sorted(listed)])
    assert {v.key for v in report.new} == seen - listed
    assert {v.key for v in report.known} == seen & listed
    assert report.exit_code == bool(seen - listed)
    for outcome in report.outcomes:
        assert (outcome.state is State.KNOWN) == (set(outcome.found) <= listed)
    tried = {key[:2] for key in seen}
    assert {v.key for v in report.gone} == {k for k in listed - seen if k[:2] in tried}


@given(st.sets(KEYS), st.sets(KEYS))
def test_what_was_written_makes_the_same_run_conform_and_forgets_only_what_is_gone(
    tmp_path_factory, seen, listed
) -> None:
    path = tmp_path_factory.mktemp("b") / "known.json"
    before = [found(key) for key in sorted(listed)]
    report = report_of(sorted(seen))
    baseline.apply(report, before)
    gone = {v.key for v in report.gone}
    baseline.write(path, report, before)
    again = report_of(sorted(seen))
    baseline.apply(again, baseline.read(path))
    assert again.exit_code == 0
    assert {v.key for v in baseline.read(path)} == (seen | listed) - gone


def test_a_run_that_was_stopped_calls_nothing_gone() -> None:
    report = report_of([("wire.json", "swapImage", "a")])
    report.error = "stopped"
    baseline.apply(report, [found(("wire.json", "swapImage", "b"))])
    assert report.gone == []


def verify(server, *arguments):
    main = server.reference.accounts.main
    return CliRunner().invoke(
        app,
        [
            *("--base-url", server.url, "--api-key", main.key, "--profile", "quick", "--seed", "1"),
            *("--allow-submit", "--max-credits", "300", "--job-timeout", "5", *FEW, *arguments),
        ],
        env={"AKOOL_API_KEY": "", "AKOOL_BASE_URL": ""},
    )


def test_the_command_writes_a_baseline_and_keeps_to_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    known = str(tmp_path / "known.json")
    with ReferenceServer(layer=BROKEN.layer) as server:
        first = verify(server, "--baseline", known, "--write-baseline")
        assert first.exit_code == 0, first.output
        listed = json.loads((tmp_path / "known.json").read_text())["violations"]
        assert listed
        report = f"json={tmp_path / 'report.json'}"
        again = verify(server, "--baseline", known, "--report", report)
    assert again.exit_code == 0, again.output
    assert "listed in the baseline" in again.output
    plain = json.loads((tmp_path / "report.json").read_text())
    assert plain["violations"] == []
    assert len(plain["known"]) == len(listed)
    with ReferenceServer() as server:
        mended = verify(server, "--baseline", known)
    assert mended.exit_code == 0, mended.output
    # What a run had no occasion to look for is not called gone.
    assert 0 < mended.output.count("gone ") <= len(listed)
    assert "gone schema.answer listResults" in mended.output


@pytest.mark.parametrize(
    "arguments", [["--write-baseline"], ["--baseline", "/no/such/file"], ["--baseline", __file__]]
)
def test_a_baseline_that_cannot_be_used_ends_with_2_and_one_line(server, arguments) -> None:
    result = verify(server, *arguments)
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 1
    assert server.reference.requests == 0


def test_operations_and_checks_can_be_left_out(server, tmp_path) -> None:
    result = verify(
        server, "--exclude-operation", "swapImage", "--exclude-check", "schema",
        "--report", f"json={tmp_path / 'report.json'}",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    plain = json.loads((tmp_path / "report.json").read_text())
    assert "swapImage" not in plain["coverage"]["operations"]
    assert server.reference.jobs == {}
    states = {o["check"]: (o["state"], o["reason"]) for o in plain["outcomes"]}
    assert states["schema.answer"] == ("not run", "left out by --exclude-check")
