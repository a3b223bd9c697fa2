"""Runs checks, in their order, against one target, and makes the report."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from akool_contract._findings.outcomes import outcomes
from akool_contract._findings.registry import CLAUSES, Clause, Finding, clause
from akool_contract._findings.report_model import Report, State
from akool_contract._run.contact import greet
from akool_contract._run.judge import BY_FORM
from akool_contract._run.plan import OBSERVERS, Stage, in_order
from akool_contract._run.run import Run
from akool_contract._wire.contract import Shape
from akool_contract._wire.errors import TargetDownError, UnusableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from akool_contract._findings.report_model import CheckOutcome
    from akool_contract._options import Options
    from akool_contract._run.plan import Check
    from akool_contract._target.mailbox import Mailbox
    from akool_contract._target.target import Target
    from akool_contract._wire.contract import Contract

    Progress = Callable[[str, int, int], None]
    """Told of a check's name, its number and how many there are, before it runs."""

STOPPED = "stopped from outside (Ctrl-C or SIGTERM)"
NOTHING = "no answer came that it could check"
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
    """Runs the checks that apply. Never raises because of the target.

    Args:
        target: the server under test.
        contract: the contract that it must keep.
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
        report.error = STOPPED
    except Exception as error:  # noqa: BLE001 - any error here is ours, not the target's
        engine.stumbled("the run", error)
    report.jobs_left = engine.clean_up()
    report.mistake = bool(engine.mistake)
    report.error = engine.mistake or report.error
    run.sender.rounds.close()
    engine.finish(report, time.perf_counter() - started)
    return report


class Engine:
    """The checks of one run, one after the other."""

    def __init__(self, run: Run, plan: Sequence[Check]) -> None:
        self._run, self._plan = run, plan
        run.observers.each = [make(run) for make in OBSERVERS]
        self._seconds: dict[str, float] = defaultdict(float)
        self._started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        self.alone: dict[str, float] = {}
        """Seconds of each check that had the target for itself."""
        self.mistake = ""
        """The first check that our own bug has stopped; empty: none."""
        self._barred: dict[str, str] = {}
        """Checks that must not count as passed, and why."""
        self._silent: dict[str, str] = {}
        """Why a check that has ended may have had nothing to check."""

    def all(self, progress: Progress | None, *, until_found: bool) -> None:
        """Runs every check that was selected."""
        run = self._run
        run.observers.checked("the first contact")
        selected = [check for check in self._plan if self._selected(check) and self._chosen(check)]
        begun = 0
        if run.parallel.far():
            run.budget.spare(run.options.profile.jobs)

        def one(check: Check) -> None:
            nonlocal begun
            begun += 1
            if progress:
                progress(check.clause.name, begun, len(selected))
            start = time.perf_counter()
            try:
                late = check.stage is Stage.WHOLE_LIVES
                with run.sender.money.alone(late=late) if check.purse else nullcontext():
                    self._one(check)
            finally:
                self._seconds[check.clause.layer] += time.perf_counter() - start

        for group in self._groups(selected):
            start = time.perf_counter()
            if len(group) == 1:
                one(group[0])
                self.alone[group[0].clause.name] = time.perf_counter() - start
            else:
                run.sender.rounds.run([partial(one, check) for check in group])
                names = ", ".join(check.clause.name for check in group)
                self._guarded(names, partial(run.observers.checked, names))
            if until_found and run.collector.violations:
                return

    def _groups(self, selected: list[Check]) -> Iterator[list[Check]]:
        """Groups of checks that run side by side: on a slow server, those of one part."""
        for together, part in groupby(selected, key=lambda check: check.stage.together):
            group = list(part)
            if together and self._run.parallel.far():
                yield group
            else:
                yield from ([check] for check in group)

    def _one(self, check: Check) -> None:
        run, name = self._run, check.clause.name
        reason = run.can.lacks(check.needs)
        meant = self._meant(check)
        if not reason and meant and all(name in run.guard.unserved for name in meant):
            reason = f"the target does not serve {', '.join(meant)}"
        reason = self._unknown(check) or reason
        if reason:
            run.collector.skip(name, reason)
            return
        run.budget.share(check.share, last=check.stage is Stage.LAST)
        run.begin(name)
        run.collector.begin(name, check.shows_clause)
        run.guard.refused = ""
        self._guarded(name, lambda: check.fn(run))
        self._ended(check)
        if not run.sender.rounds.running:
            self._guarded(name, lambda: run.observers.checked(name))

    def _guarded(self, name: str, work: Callable[[], None]) -> None:
        """Runs a part of a check; reports under its name what stops it."""
        try:
            work()
        except UnusableError as error:
            self._run.collector.skip(name, error.reason)
        except (TargetDownError, KeyboardInterrupt) as error:
            self._barred[name] = f"the run ended while it ran: {error or STOPPED}"
            raise
        except Exception as error:  # noqa: BLE001 - if ignored, it would pass every server
            self.stumbled(name, error)

    def stumbled(self, name: str, error: Exception) -> None:
        """A check that an answer breaks has a bug, whatever the answer."""
        reason = f"stopped by {type(error).__name__}: {error}"
        self._barred[name] = reason
        if name in CLAUSES:
            self._run.collector.skip(name, reason)
        self.mistake = self.mistake or f"a mistake of the suite, please tell: {name} {reason}"

    def _ended(self, check: Check) -> None:
        """Notes how often it was exercised, and why it may not have been.

        Its requests may be judged later: how it ended is known when the run is over.
        """
        collector, name = self._run.collector, check.clause.name
        if check.shows:
            for operation, times in collector.answered.items():
                collector.passed(name, operation, check.clause.layer, times)
        self._silent[name] = self._run.guard.refused or NOTHING

    def _unknown(self, check: Check) -> str:
        """Why the contract has nothing for a check; empty if it has."""
        run = self._run
        missing = [one for one in check.operations if not run.contract.of(one)]
        if not missing or (len(missing) < len(check.operations) and not check.together):
            return ""
        foreign = [name for name in missing if name in run.contract.operations]
        if foreign:
            return f"{_listed(foreign)} of this contract is another operation than face swap's"
        if isinstance(missing[0], Shape):
            return f"no operation of the contract {missing[0].value}"
        return f"the contract has no operation {_listed(missing)}"

    def _meant(self, check: Check) -> list[str]:
        """The operations of this contract that a check is about."""
        named = [name for one in check.operations for name in self._run.contract.of(one)]
        return list(dict.fromkeys(named))

    def _chosen(self, check: Check) -> bool:
        """Whether one of the check's operations is among those that the person selected."""
        run = self._run
        if self._unknown(check):
            return True  # it says itself why it is not run
        meant = self._meant(check)
        wanted = not meant or any(map(run.options.wants_operation, meant))
        if not wanted:
            names = ", ".join(meant)
            run.collector.skip(check.clause.name, f"{names}: not among the selected operations")
        return wanted

    def _selected(self, check: Check) -> bool:
        """Their requests serve the checks over every answer, so few checks can be left out."""
        options = self._run.options
        names = {one.clause.name for one in self._plan}
        if options.excludes_check(check.clause.name):
            return False
        passive_wanted = any(wanted not in names for wanted in options.checks)
        return passive_wanted or options.wants_check(check.clause.name)

    def clean_up(self) -> list[str]:
        """Deletes the run's own jobs, if that is allowed; the ids of those that are left.

        A target that costs nothing keeps nothing either: it is left as it is.
        """
        run = self._run
        run.collector.keep()
        run.sender.deadline = math.inf
        if run.can.cheap or not run.can.state:
            return []
        for account in dict.fromkeys(job.account for job in run.ledger.jobs.values()):
            jobs = run.ledger.of(account) if run.can.delete else []
            try:
                run.name_jobs(jobs, lambda job: job.spec.delete)
            except (UnusableError, TargetDownError, KeyboardInterrupt):
                continue
        return [job.id for job in run.ledger.jobs.values() if not job.deleted]

    # -- the report ---------------------------------------------------------------------------

    def finish(self, report: Report, total: float) -> None:
        """Fills in what the run found; `total`: seconds that it took."""
        run = self._run
        self._latency()
        report.outcomes = self._outcomes("" if report.mistake else report.error)
        report.violations = list(run.collector.violations.values())
        for outcome in report.outcomes:
            if outcome.state is State.NOT_RUN:
                run.collector.skip(outcome.check, outcome.reason)
        report.not_run = list(run.collector.not_run.values())
        report.checks = sorted(
            run.collector.runs.values(), key=lambda c: (c.layer, c.check, c.operation)
        )
        report.coverage = run.coverage.finish(run.contract)
        report.drift = list(run.coverage.drift.values())
        report.requests = run.sender.sent - run.polls
        report.polls = run.polls
        report.credits_spent = run.budget.spent
        report.price_assumed = run.budget.assumed if run.budget.limit else ""
        report.latencies = dict(run.sender.latencies)
        report.timings = {
            "started": self._started,
            "total_s": round(total, 3),
            "alone_s": {name: round(spent, 3) for name, spent in self.alone.items()},
            "layers_s": {layer: round(spent, 3) for layer, spent in self._seconds.items()},
            "latency_ms": {name: _spread(values) for name, values in report.latencies.items()},
        }
        report.mask(run.redactor.text)

    def _outcomes(self, error: str) -> list[CheckOutcome]:
        """How each check that there is ended."""
        run, active = self._run, {check.clause.name: check for check in self._plan}
        collected = run.collector

        def reason(promise: Clause) -> str:
            check = active.get(promise.name)
            if check is not None and not self._selected(check):
                return "not among the selected checks"
            lacking = run.can.lacks(frozenset(promise.needs))
            if not lacking and not run.can.codes and promise.layer not in BY_FORM:
                lacking = run.can.refusal("codes")
            ended = f"the run ended before it: {error}" if error else ""
            return lacking or self._silent.get(promise.name) or ended

        barred = self._barred | {
            name: _excluded(collected.left_out[name])
            for name in CLAUSES
            if run.options.excludes_check(name)
        }
        return outcomes(
            CLAUSES.values(), collected, [*collected.violations.values()], barred, reason
        )

    def _latency(self) -> None:
        """The slowest twentieth may be slower: one slow answer proves nothing."""
        budget = self._run.options.latency_budget
        for name, values in self._run.sender.latencies.items():
            late = sorted(values)[int(0.95 * len(values))]
            finding = None
            if late > budget:
                finding = Finding(f"95 % of answers within {budget:g} s", f"{late:.3g} s")
            self._run.judge.expect(LATENCY.name, finding, None, name)


def _listed(operations: Iterable[Shape | str]) -> str:
    return ", ".join(map(str, operations))


def _excluded(times: int) -> str:
    """What is said of a check that the person left out."""
    broken = f"; it was seen broken {times} times" if times else ""
    return f"left out by --exclude-check{broken}"


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 3)

    return {"count": len(ordered), "p50": at(0.5), "p95": at(0.95), "max": at(1.0)}
