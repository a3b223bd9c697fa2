"""Every check ends as passed, failed or not run; the sum is the number of checks, everywhere."""

from __future__ import annotations

import dataclasses
import io
import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from akool_contract._findings.collector import Collector
from akool_contract._findings.outcomes import outcomes
from akool_contract._findings.registry import CLAUSES
from akool_contract._findings.report_model import Report, State, Violation
from akool_contract._options import PROFILES, Options
from akool_contract._run.plan import CHECKS, in_order
from akool_contract._target.simulated import SimulatorTarget
from akool_contract._target.target import Capabilities, HttpTarget
from akool_contract._wire.contract import Contract
from akool_contract._wire.http import Response
from akool_contract.oracle.credentials import Credentials
from akool_contract.report import html, json_text, junit, show
from akool_contract.suite import verify
from akool_contract_proof.mutants import TABLE
from akool_contract_proof.runner import CONTRACT, on_simulator

TINY = dataclasses.replace(
    PROFILES["quick"], rule_examples=1, schema_examples=1, machine_examples=1
)
FEW = ("swapImage", "listResults", "getCredit")
BY_NAME = {mutant.name: mutant for mutant in TABLE}
NAMES = sorted(CLAUSES)


def simulated(contract=CONTRACT, after=None, **options):
    """A run in process, as a server is asked: no leave but what the options give."""
    target = SimulatorTarget(contract.document)
    can = target.capabilities
    can.cheap, can.loopback = False, True
    can.submit = options.get("allow_submit", False)
    can.delete = options.get("allow_delete", False)
    honest, sent = target.send, []

    def send(request):
        sent.append(request)
        if after and len(sent) > after:
            raise KeyboardInterrupt
        return honest(request)

    target.send = send
    chosen = Options(profile=TINY, max_credits=500.0, operations=FEW, **options)
    return verify(target, contract, chosen, mailbox=target.mailbox)


def dead():
    target = HttpTarget("http://127.0.0.1:9", Credentials(keys={"k" * 32: "main"}), timeout=0.3)
    try:
        return verify(target, CONTRACT, Options(profile=TINY))
    finally:
        target.close()


def as_prism():
    """A target without state and codes of its own, as Prism is."""
    target = SimulatorTarget()
    can = Capabilities(state=False, codes=False, cheap=True, submit=True, delete=True)
    target.capabilities = dataclasses.replace(can, reasons={"codes": "it has none"})
    return verify(target, CONTRACT, Options(profile=TINY))


def foreign():
    document = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/things": {"get": {"operationId": "things", "responses": {"200": {}}}}},
    }
    return verify(SimulatorTarget(document), Contract(document), Options(profile=TINY))


RUNS = {
    "reads only": simulated,
    "submits": lambda: simulated(allow_submit=True, allow_delete=True),
    "one check": lambda: simulated(checks=("state.submit-then-list",), allow_submit=True),
    "without a layer": lambda: simulated(without_checks=("wire",)),
    "stopped": lambda: simulated(after=40, allow_submit=True),
    "stopped later": lambda: simulated(after=300, allow_submit=True),
    "dead": dead,
    "like Prism": as_prism,
    "another contract": foreign,
}


@pytest.mark.parametrize("run", RUNS)
def test_the_sum_of_the_outcomes_is_the_number_of_checks_in_every_report(run) -> None:
    report = RUNS[run]()
    assert sorted(outcome.check for outcome in report.outcomes) == NAMES
    counts = report.totals
    assert counts["checks"] == len(CLAUSES)
    assert sum(counts[state] for state in State) == len(CLAUSES)
    for outcome in report.outcomes:
        assert bool(outcome.exercised) == (outcome.state is not State.NOT_RUN), outcome
        assert outcome.reason or outcome.state is not State.NOT_RUN, outcome

    assert json.loads(json_text(report))["totals"] == counts
    suites = ET.fromstring(junit(report))  # noqa: S314 - our own text
    cases = [c for suite in suites if suite.get("name") != "run" for c in suite.iter("testcase")]
    assert len(cases) == len(CLAUSES)
    assert len(suites.findall(".//failure")) == counts["failed"]
    assert len(suites.findall(".//skipped")) == counts["not run"] + counts["known"]
    page = html(report)
    assert all(f"<span>{count} {name}</span>" in page for name, count in counts.items())
    if run != "dead":
        assert f"{counts['checks']} checks: {counts['passed']} passed" in shown(report)


def shown(report, **how) -> str:
    text = io.StringIO()
    show(report, Console(file=text, width=500), **how)
    return text.getvalue()


def test_the_terminal_has_a_line_for_each_layer_and_each_violation_and_more_if_asked() -> None:
    report = on_simulator(BY_NAME["status-word"])
    lines = shown(report).splitlines()
    assert sum(line.startswith("FAIL ") for line in lines) == len(report.violations) > 0
    layers = {outcome.layer for outcome in report.outcomes}
    assert sum(line.split(" ")[0] in layers for line in lines) == len(layers)
    assert not any(line.startswith("ok ") for line in lines)
    more = shown(report, verbose=True)
    assert sum(line.startswith("ok ") for line in more.splitlines()) == report.totals["passed"]


def test_of_a_dead_target_nothing_is_said_to_have_passed() -> None:
    report = dead()
    assert report.error
    assert report.totals["passed"] == 0
    assert all(report.error in o.reason or "ended" not in o.reason for o in report.outcomes)


def test_a_finding_is_kept_whichever_check_was_asked_for() -> None:
    target = SimulatorTarget()
    target.upstream = BY_NAME["status-word"].layer(target.upstream)
    options = Options(profile=TINY, checks=("state.submit-then-list",))
    report = verify(target, CONTRACT, options)
    assert report.exit_code == 1
    asked = next(o for o in report.outcomes if o.check == "state.submit-then-list")
    assert asked.state is State.FAILED
    assert all(violation.check != asked.check for violation in report.violations)


def test_what_was_left_out_by_name_is_told_and_fails_nothing() -> None:
    target = SimulatorTarget()
    target.upstream = BY_NAME["status-word"].layer(target.upstream)
    seen = on_simulator(BY_NAME["status-word"])
    names = tuple({violation.check for violation in seen.violations})
    options = Options(profile=PROFILES["quick"], without_checks=names)
    report = verify(target, CONTRACT, options, mailbox=target.mailbox)
    assert report.violations == []
    reasons = {o.check: o.reason for o in report.outcomes}
    assert any("seen broken" in reasons[name] for name in names)


def test_a_mistake_of_ours_is_exit_code_2_even_beside_violations_and_never_a_pass() -> None:
    def broken(run) -> None:
        run.call("getCredit")
        raise RuntimeError("ours")

    first = next(check for check in in_order() if check.clause.name == "auth.good-credentials")
    first = dataclasses.replace(first, fn=broken)
    target = SimulatorTarget()
    honest = target.send
    target.send = lambda request: dataclasses.replace(honest(request), headers=())
    report = verify(target, CONTRACT, Options(profile=TINY), plan=[first])
    assert report.violations
    assert report.exit_code == 2
    assert "mistake of the suite" in report.error
    ended = {outcome.check: outcome for outcome in report.outcomes}
    assert ended["auth.good-credentials"].state is State.NOT_RUN


VIOLATIONS = st.builds(
    Violation,
    st.sampled_from(NAMES),
    st.sampled_from(["swapImage", "getCredit"]),
    st.just("clause"),
    st.just("this"),
    st.just("that"),
    cause=st.sampled_from(["a", "b", "c"]),
)


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["", "swapImage"]))),
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["", "swapImage"]))),
    st.lists(VIOLATIONS),
    st.sets(st.sampled_from(NAMES)),
)
def test_whatever_was_counted_skipped_and_found_each_check_ends_in_one_way(
    counted, skipped, found, barred
) -> None:
    collector = Collector()
    for name, operation in counted:
        collector.passed(name, operation, CLAUSES[name].layer)
    for name, operation in skipped:
        collector.skip(name, "a reason", operation)
    for violation in found:
        collector.add(violation)
    kept = list(collector.violations.values())
    ended = outcomes(
        CLAUSES.values(), collector, kept, dict.fromkeys(barred, "barred"), lambda _: ""
    )
    assert sorted(outcome.check for outcome in ended) == NAMES
    broken = {violation.check for violation in found}
    for outcome in ended:
        assert (outcome.state is State.FAILED) == (outcome.check in broken)
        assert bool(outcome.exercised) == (outcome.state is not State.NOT_RUN)
        assert outcome.reason or outcome.state is not State.NOT_RUN
    report = Report(outcomes=ended, violations=kept)
    assert sum(report.totals[state] for state in State) == len(NAMES)


def test_two_causes_are_two_violations_and_one_cause_in_many_answers_is_one() -> None:
    collector = Collector()
    for cause in ("type: opts", "type: path", "type: opts"):
        collector.add(Violation("rules.type", "swapImage", "", "", "", cause=cause))
    assert [v.cause for v in collector.violations.values()] == ["type: opts", "type: path"]


def test_a_server_that_is_wrong_in_a_new_way_each_time_fills_no_report() -> None:
    collector = Collector()
    for number in range(500):
        collector.add(Violation("rules.type", "swapImage", "", "", "", cause=str(number)))
    assert len(collector.violations) < 20


def test_one_defect_does_not_hide_another_of_the_same_check_and_operation() -> None:
    target = SimulatorTarget()
    honest = target.upstream

    def lax(request):
        answer = honest(request)
        body = request.body.decode("utf-8", "replace")
        refused = b'"code":1003' in answer.body.replace(b" ", b"")
        forgotten = '"face_enhance": []' in body or '"webhookUrl": {}' in body
        if request.operation == "swapImage" and refused and forgotten:
            return Response(200, answer.headers[:1], b'{"code":1000,"msg":"OK","data":{}}')
        return answer

    target.upstream = lax
    report = verify(target, CONTRACT, Options(profile=PROFILES["quick"]), mailbox=target.mailbox)
    causes = {v.cause for v in report.violations if v.check == "rules.type"}
    assert {"face_enhance is not an integer", "webhookUrl is not a string"} <= causes


def test_checks_that_judge_by_other_names_say_by_which() -> None:
    known = CLAUSES.keys() | {promise.layer for promise in CLAUSES.values()}
    for check in CHECKS:
        assert set(check.shows) <= known, check.clause.name
