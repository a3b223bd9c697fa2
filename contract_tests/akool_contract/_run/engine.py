"""Runs checks, in their order, against one target, and makes the report."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from akool_contract._findings.collector import TargetDownError, UnusableError
from akool_contract._findings.registry import Finding, clause
from akool_contract._findings.report_model import Report
from akool_contract._run.contact import greet
from akool_contract._run.plan import OBSERVERS, in_order
from akool_contract._run.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from akool_contract._options import Options
    from akool_contract._run.plan import Check
    from akool_contract._target.mailbox import Mailbox
    from akool_contract._target.target import Target
    from akool_contract._wire.contract import Contract

    Progress = Callable[[str, int, int], None]
    """Told of a check's name, its number and how many there are, before it runs."""

LATENCY = clause("wire.latency", "wire", "Answers come within the latency budget.")


def verify(  # noqa: PLR0913 - target, contract and options, and three ways to look in
    target: Target,
    contract: Contract,
    options: Options,
    *,
    plan: Sequence[Check] | None = None,
    mailbox: Mailbox | None = None,
    progress: Progress | None = None,
    observe: Callable[[Run], None] | None = None,
    until_found: bool = False,
) -> Report:
    """Runs what applies of the checks. Never raises for what the target does.

    Args:
        target: the server under test.
        contract: what it is held to.
        options: profile, selection, allowances.
        plan: other checks than all that there are, in their order.
        mailbox: where webhooks arrive; None: webhooks are not checked.
        progress: told of each check before it runs.
        observe: called with the run before the first request, to add listeners.
        until_found: whether to end with the first check after which there is a violation.
    """
    run = Run(target, contract, options, mailbox)
    if observe:
        observe(run)
    report = Report(target=target.name, profile=options.profile.name, seed=options.seed)
    engine = Engine(run, in_order() if plan is None else plan)
    if options.max_time:
        run.sender.deadline = time.monotonic() + options.max_time
    started = time.perf_counter()
    try:
        report.error = greet(run)
        if not report.error:
            engine.all(progress, until_found=until_found)
    except (TargetDownError, UnusableError) as error:
        report.error = str(error)
    except KeyboardInterrupt:
        report.error = "stopped from outside (Ctrl-C or SIGTERM)"
    report.jobs_left = engine.clean_up()
    report.error = report.error or engine.mistake
    engine.finish(report, time.perf_counter() - started)
    return report


class Engine:
    """The checks of one run, one after the other."""

    def __init__(self, run: Run, plan: Sequence[Check]) -> None:
        self._run, self._plan = run, plan
        self._seconds: dict[str, float] = defaultdict(float)
        self.mistake = ""
        """The first check that did not get to its end by a fault of ours; empty: none."""

    def all(self, progress: Progress | None, *, until_found: bool) -> None:
        """Runs every check that was selected."""
        run = self._run
        run.observers.each = [make(run) for make in OBSERVERS]
        run.observers.checked("the first contact")
        selected = [check for check in self._plan if self._selected(check) and self._chosen(check)]
        for number, check in enumerate(selected, 1):
            if progress:
                progress(check.clause.name, number, len(selected))
            start = time.perf_counter()
            try:
                self._one(check)
                run.observers.checked(check.clause.name)
            finally:
                self._seconds[check.clause.layer] += time.perf_counter() - start
            if until_found and run.collector.violations:
                return

    def _one(self, check: Check) -> None:
        run, name = self._run, check.clause.name
        reason = run.can.lacks(check.needs)
        absent = [name for name in check.operations if name in run.guard.unserved]
        if not reason and check.operations and len(absent) == len(check.operations):
            reason = f"the target does not serve {', '.join(absent)}"
        reason = self._unknown(check) or reason
        if reason:
            run.collector.skip(name, reason)
            return
        run.budget.share(check.share)
        try:
            check.fn(run)
        except UnusableError as error:
            run.collector.skip(name, error.reason)
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
            # Whatever the answer was, a check that stumbles over it is at fault: passed over, it
            # would pass every server.
            reason = f"stopped by {type(error).__name__}: {error}"
            run.collector.skip(name, reason)
            self.mistake = self.mistake or f"a mistake of the suite, please tell: {name} {reason}"

    def _unknown(self, check: Check) -> str:
        """Why the contract gives a check nothing to look at; empty when it does."""
        run = self._run
        missing = [name for name in check.operations if not run.contract.knows(name)]
        if not missing or (len(missing) < len(check.operations) and not check.together):
            return ""
        foreign = [name for name in missing if name in run.contract.operations]
        if foreign:
            return f"{', '.join(foreign)} of this contract is another operation than face swap's"
        return f"the contract has no operation {', '.join(missing)}"

    def _chosen(self, check: Check) -> bool:
        """Whether one of the check's operations is among those that the person selected."""
        run = self._run
        if self._unknown(check):
            return True  # it says itself why it is not run
        wanted = not check.operations or any(map(run.options.wants_operation, check.operations))
        if not wanted:
            names = ", ".join(check.operations)
            run.collector.skip(check.clause.name, f"{names}: not among the selected operations")
        return wanted

    def _selected(self, check: Check) -> bool:
        """Checks make traffic for those that look at every answer, so few can be left out."""
        options = self._run.options
        names = {one.clause.name for one in self._plan}
        passive_wanted = any(wanted not in names for wanted in options.checks)
        return passive_wanted or options.wants_check(check.clause.name)

    def clean_up(self) -> list[str]:
        """Deletes the run's own jobs, if that is allowed; the ids of those that are left.

        A target that costs nothing keeps nothing either: it is left as it is.
        """
        run = self._run
        run.collector.raising = False
        run.sender.deadline = math.inf
        if run.can.cheap or not run.can.state:
            return []
        for account in dict.fromkeys(job.account for job in run.ledger.jobs.values()):
            jobs = run.ledger.of(account) if run.can.delete else []
            try:
                list(run.name_jobs(jobs, lambda job: job.spec.delete))
            except (UnusableError, TargetDownError, KeyboardInterrupt):
                continue
        return [job.id for job in run.ledger.jobs.values() if not job.deleted]

    # -- the report ---------------------------------------------------------------------------

    def finish(self, report: Report, total: float) -> None:
        """Fills in what the run found; `total`: seconds that it took."""
        run = self._run
        self._latency()
        report.violations = list(run.collector.violations.values())
        report.not_run = list(run.collector.not_run.values())
        report.checks = sorted(
            run.collector.runs.values(), key=lambda c: (c.layer, c.check, c.operation)
        )
        report.coverage = run.coverage.finish(run.contract)
        report.drift = list(run.coverage.drift.values())
        report.requests = run.sender.sent
        report.credits_spent = run.budget.spent
        report.price_assumed = run.budget.assumed if run.budget.limit else ""
        report.latencies = dict(run.sender.latencies)
        report.timings = {
            "total_s": round(total, 3),
            "layers_s": {layer: round(spent, 3) for layer, spent in self._seconds.items()},
            "latency_ms": {name: _spread(values) for name, values in report.latencies.items()},
        }
        report.mask(run.redactor.text)

    def _latency(self) -> None:
        """The slowest twentieth may be slower: one hiccup is not the server's habit."""
        budget = self._run.options.latency_budget
        for name, values in self._run.sender.latencies.items():
            late = sorted(values)[int(0.95 * len(values))]
            finding = None
            if late > budget:
                finding = Finding(f"95 % of answers within {budget:g} s", f"{late:.3g} s")
            self._run.judge.expect(LATENCY.name, finding, None, name)


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 3)

    return {"count": len(ordered), "p50": at(0.5), "p95": at(0.95), "max": at(1.0)}
