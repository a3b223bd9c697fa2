"""What a person sees: progress while it runs, then one line per operation and check."""

from __future__ import annotations

import shlex
from collections import defaultdict
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.status import Status

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from rich.console import Console

    from akool_contract._findings.report_model import Drift, Report

MAX_LINE = 2_000
"""Characters of a curl line that are shown; a longer one goes to a file, whole."""
NOT_CHOSEN = "not among the selected operations"
DOCUMENTED_UNSEEN = ("unseen-field", "unseen-code", "unseen-operation")


class Progress:
    """A line that says which check runs: redrawn on a terminal, printed at steps elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = Status("starting", console=console) if console.is_terminal else None
        self._layer = ""

    def __enter__(self) -> Self:
        """Starts drawing."""
        if self._status:
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leaves the terminal as it was."""
        if self._status:
            self._status.stop()

    def __call__(self, check: str, number: int, count: int) -> None:
        """Check `number` of `count` starts."""
        if self._status:
            self._status.update(f"{number}/{count} {check}")
            return
        layer = check.partition(".")[0]
        if layer != self._layer:
            self._layer = layer
            self._console.print(f"[{number}/{count}] {check}", markup=False, highlight=False)


def show(report: Report, console: Console) -> None:
    """The whole report in lines; of a run that could not begin only why."""
    if report.error and not (report.timings.get("layers_s") or report.violations):
        console.print(f"[bold red]stopped:[/] {escape(report.error)}", soft_wrap=True)
        return

    def line(text: str) -> None:
        console.print(text, highlight=False, soft_wrap=True)

    broken = {violation.key for violation in report.violations}
    for run in report.checks:
        mark = "[red]FAIL[/]" if (run.check, run.operation) in broken else "[green]ok[/]  "
        times = f"{run.outcomes} answers" if run.outcomes != 1 else "1 answer"
        line(f"{mark} {escape(run.operation):18} {run.check:34} {times}")
    _not_run(report, line)
    for violation in report.violations:
        line(f"\n[bold red]{violation.check}[/] {escape(violation.operation)}")
        line(f"  clause    {escape(violation.clause)}")
        line(f"  expected  {escape(violation.expected)}")
        line(f"  seen      {escape(violation.seen)}")
        if violation.curl:
            line(f"  repeat    {escape(_repeat(violation.curl))}")
    _drift(report.drift, line)
    _summary(report, line)


def _repeat(curl: str) -> str:
    """The line itself, or where it is when nobody could read it on a screen."""
    if len(curl) <= MAX_LINE:
        return curl
    try:
        with NamedTemporaryFile(
            "w", prefix="akool-verify-", suffix=".sh", delete=False, encoding="utf-8"
        ) as script:
            script.write(f"{curl}\n")
    except OSError:
        return f"a curl line of {len(curl)} characters: see --report json=FILE"
    return f"sh {shlex.quote(script.name)}"


def _not_run(report: Report, line: object) -> None:
    """One line for each reason: most reasons concern many checks."""
    reasons: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for entry in report.not_run:
        reason = NOT_CHOSEN if entry.reason.endswith(NOT_CHOSEN) else entry.reason
        reasons[reason][entry.check].append(entry.operation)
    if not callable(line):
        return
    for reason, checks in reasons.items():
        names = []
        for check, operations in checks.items():
            where = ", ".join(name for name in operations if name)
            names.append(f"{check} ({where})" if where else check)
        shown = (
            f"{len(checks)} checks or parts of them" if reason == NOT_CHOSEN else "; ".join(names)
        )
        line(f"[yellow]not run[/] {escape(shown)}: {escape(reason)}")


def _drift(drift: list[Drift], line: object) -> None:
    shown = [entry for entry in drift if entry.kind not in DOCUMENTED_UNSEEN]
    unseen = len(drift) - len(shown)
    if not callable(line):
        return
    for entry in shown:
        line(
            f"[cyan]drift[/] {entry.kind} {escape(entry.operation)}: "
            f"{escape(entry.what)} {escape(entry.seen)}"
        )
    if unseen:
        line(f"[cyan]drift[/] {unseen} documented fields, codes or operations were never seen")


def _summary(report: Report, line: object) -> None:
    if not callable(line):
        return
    layers = report.timings.get("layers_s", {})
    times = ", ".join(f"{layer} {spent:.2f} s" for layer, spent in layers.items())
    total = report.timings.get("total_s", 0.0)
    line(f"\ntime by layer: {times or 'none'}")
    line(
        f"{report.requests} requests in {total:.1f} s, seed {report.seed}, profile {report.profile}"
    )
    if report.price_assumed:
        line(f"assumed before the first job was paid: {escape(report.price_assumed)}")
    if report.credits_spent:
        line(f"about {report.credits_spent:g} credits spent")
    if report.jobs_left:
        line(f"{len(report.jobs_left)} jobs left behind: {escape(', '.join(report.jobs_left))}")
    if report.error:
        line(f"[bold red]stopped:[/] {escape(report.error)}")
    if report.violations:
        count = len(report.violations)
        line(
            f"[bold red]{count} violation{'s' if count > 1 else ''}[/] of the contract "
            f"by {escape(report.target)}"
        )
    elif not report.error:
        line(
            f"[bold green]{escape(report.target)} conforms[/] to the contract, "
            "as far as it was checked"
        )
