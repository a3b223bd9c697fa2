"""Runs the checks in order against one target and makes the report."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from akool_contract import checks
from akool_contract._findings.collector import TargetDownError, UnusableError
from akool_contract._findings.registry import ACTIVE, Active, Finding, clause
from akool_contract._findings.report_model import Report
from akool_contract._run.session import Session
from akool_contract.checks import webhooks
from akool_contract.checks.credit import Watch
from akool_contract.checks.state import at_once
from akool_contract.checks.wire import LATENCY

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_contract._options import Options
    from akool_contract._target.mailbox import Mailbox
    from akool_contract._target.target import Target
    from akool_contract._wire.contract import Contract
    from akool_contract._wire.http import Response

SERVED = clause(
    "wire.operation-served", "wire", "Every documented operation is served at its path."
)
NOT_SERVED = (404, 405, 501)
PARTIAL = 3
"""So many operations missing make a target that serves only a part, not one that lost some."""
SHARES = {
    "schema.generated": 0.12,
    "rules.limits": 0.15,
    "rules.generated": 0.12,
    "state.machine": 0.35,
    "side.webhook-lengths": 0.1,
    "credits.refused-when-empty": 0.5,
}
"""Parts of a credit budget that the checks which could use all of it may have."""
AUTH_REFUSED = (1101, 1102, 1200)


def verify(  # noqa: PLR0913 - target, contract and options, and three ways to look in
    target: Target,
    contract: Contract,
    options: Options,
    *,
    mailbox: Mailbox | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    observe: Callable[[Session], None] | None = None,
    until_found: bool = False,
) -> Report:
    """Runs everything that applies. Never raises for what the target does.

    Args:
        target: the server under test.
        contract: what it is held to.
        options: profile, selection, allowances.
        mailbox: where webhooks arrive; None: webhooks are not checked.
        progress: called with a check's name, its number and the count of checks before each runs.
        observe: called with the session before the first request, to add listeners.
        until_found: whether to end with the first check after which there is a violation.
    """
    run = Session(target, contract, options)
    run.mailbox = mailbox
    if observe:
        observe(run)
    report = Report(target=target.name, profile=options.profile.name, seed=options.seed)
    seconds: dict[str, float] = defaultdict(float)
    started = time.perf_counter()
    try:
        report.error = greet(run)
        if not report.error:
            _all(run, seconds, progress, until_found=until_found)
    except (TargetDownError, UnusableError) as error:
        report.error = str(error)
    _finish(run, report, seconds, time.perf_counter() - started)
    return report


def greet(run: Session) -> str:
    """First contact: which operations are there, do the credentials work. Why to stop, or ""."""
    run.layer = "wire"
    wanted = [name for name in run.contract.operations if run.options.wants_operation(name)]
    missing = []
    for name in wanted:
        response = _knock(run, name)
        if response.fault and name == wanted[0] and not response.status:
            return f"no answer from {run.target.base_url}: {response.fault}"
        if response.status in NOT_SERVED and not response.fault:
            missing.append(name)
    if wanted and len(missing) == len(wanted):
        return "the target serves no documented operation: is the base URL right?"
    _set_aside(run, missing)
    _credentials(run)
    return _probe_credit(run)


def _set_aside(run: Session, missing: list[str]) -> None:
    partial = len(missing) >= PARTIAL
    for name in missing:
        operation = run.contract.operations[name]
        chosen = name in run.options.operations
        if operation.server and not chosen:
            reason = f"not served here: its documented server is {operation.server}"
        elif partial and not chosen:
            reason = "the target serves only a part of the contract"
        else:
            finding = Finding(f"{operation.method} {operation.path} served", "HTTP 404, 405 or 501")
            run.expect(SERVED.name, finding, None, name)
            reason = "not served"
        run.collector.skip(SERVED.name, reason, name)
        run.unserved.add(name)


def _credentials(run: Session) -> None:
    known = run.credentials
    if known.client_id and not known.client_secret:
        known.client_secret = next((k for k, o in known.keys.items() if o == "main"), "")
    if not (known.client_id and known.client_secret) or not run.can.codes:
        return
    served = "getToken" in run.contract.operations and "getToken" not in run.unserved
    if served and run.options.wants_operation("getToken"):
        answer = run.call("getToken", body=run.valid_body("getToken"), headers={})
        run.can.token = run.can.token or (answer.ok and "main" in known.tokens.values())
    if "main" not in known.keys.values():
        # The API key is documented to be the client secret under another name.
        known.keys[known.client_secret] = "main"
    run.redactor.learn(known.secrets())


def _probe_credit(run: Session) -> str:
    if "getCredit" not in run.contract.operations or "getCredit" in run.unserved:
        return ""
    if not run.options.wants_operation("getCredit"):
        return ""
    answer = run.call("getCredit")
    value = answer.data.get("credit")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        run.budget.balance = float(value)
        if run.can.play_money and not run.budget.limit:
            run.budget.limit = float(value)
    if run.can.codes and answer.code in AUTH_REFUSED:
        other = (
            run.look([run.made_up_id()]) if run.options.wants_operation("listResults") else answer
        )
        if other.code in AUTH_REFUSED:
            run.collector.violations.clear()
            return f"the target refuses the credentials given: {answer.short(120)}"
    return ""


def _knock(run: Session, name: str) -> Response:
    """A first request that changes nothing, whatever the server makes of it."""
    operation = run.contract.operations[name]
    query = {"_ids": run.made_up_id()} if "_ids" in operation.required_query else None
    body: Any = {} if operation.request is not None else None
    return run.exchange(run.request(name, body=body, query=query)).response


def _all(
    run: Session,
    seconds: dict[str, float],
    progress: Callable[[str, int, int], None] | None,
    *,
    until_found: bool,
) -> None:
    plan = sorted(ACTIVE, key=lambda check: check.order)
    run.watch, run.tick = Watch(run).look, lambda: webhooks.collect(run)
    run.on_end = at_once(run)
    run.watch("the first contact")
    plan = [check for check in plan if _selected(run, check) and _chosen(run, check)]
    for number, check in enumerate(plan, 1):
        if progress:
            progress(check.clause.name, number, len(plan))
        start = time.perf_counter()
        run.layer = check.clause.layer
        try:
            _one(run, check)
            webhooks.collect(run)
            run.watch(check.clause.name)
        finally:
            seconds[check.clause.layer] += time.perf_counter() - start
        if until_found and run.collector.violations:
            return


def _one(run: Session, check: Active) -> None:
    name = check.clause.name
    reason = run.can.lacks(check.needs)
    absent = [operation for operation in check.operations if operation in run.unserved]
    if not reason and check.operations and len(absent) == len(check.operations):
        reason = f"the target does not serve {', '.join(absent)}"
    if reason:
        run.collector.skip(name, reason)
        return
    run.budget.share(SHARES.get(name, 1.0))
    try:
        check.fn(run)
    except UnusableError as error:
        run.collector.skip(name, error.reason)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        # An answer so strange that the check stumbled over it: what is wrong with it is reported
        # by the checks over every answer; here only that this one could not finish.
        run.collector.skip(
            name, f"stopped by an unexpected answer: {type(error).__name__}: {error}"
        )


def _chosen(run: Session, check: Active) -> bool:
    """Whether one of the check's operations is among those that the person selected."""
    wanted = not check.operations or any(map(run.options.wants_operation, check.operations))
    if not wanted:
        names = ", ".join(check.operations)
        run.collector.skip(check.clause.name, f"{names}: not among the selected operations")
    return wanted


def _selected(run: Session, check: Active) -> bool:
    """Checks make traffic for those that look at every answer, so few can be left out."""
    wanted = run.options.checks
    if not wanted:
        return True
    passive_wanted = any(not any(a.clause.name == w for a in ACTIVE) for w in wanted)
    return passive_wanted or run.options.wants_check(check.clause.name)


def _latency(run: Session) -> None:
    """The slowest twentieth may be slower: one hiccup is not the server's habit."""
    budget = run.options.latency_budget
    for name, values in run.latencies.items():
        ordered = sorted(values)
        late = ordered[int(0.95 * len(ordered))] if ordered else 0.0
        finding = None
        if late > budget:
            finding = Finding(f"95 % of answers within {budget:g} s", f"{late:.3g} s")
        run.expect(LATENCY.name, finding, None, name)


def _finish(run: Session, report: Report, seconds: dict[str, float], total: float) -> None:
    run.collector.raising = False
    _latency(run)
    report.violations = list(run.collector.violations.values())
    report.not_run = list(run.collector.not_run.values())
    report.checks = sorted(
        run.collector.runs.values(), key=lambda c: (c.layer, c.check, c.operation)
    )
    report.coverage = run.coverage.finish(run.contract)
    report.drift = list(run.coverage.drift.values())
    report.requests = run.sent
    report.credits_spent = run.budget.spent
    report.latencies = dict(run.latencies)
    report.timings = {
        "total_s": round(total, 3),
        "layers_s": {layer: round(spent, 3) for layer, spent in seconds.items()},
        "latency_ms": {name: _spread(values) for name, values in run.latencies.items()},
    }


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 3)

    return {"count": len(ordered), "p50": at(0.5), "p95": at(0.95), "max": at(1.0)}


__all__ = ["checks", "verify"]
