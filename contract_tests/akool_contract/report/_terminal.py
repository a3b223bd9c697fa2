"""The terminal: progress during the run, then a line for each layer and each violation."""

from __future__ import annotations

import shlex
from collections import defaultdict
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from akool_contract._findings.report_model import State, counted

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from rich.console import Console

    from akool_contract._findings.report_model import Drift, Report, Violation

    Line = Callable[[str], None]

MAX_LINE = 2_000
"""Characters of a curl line that are shown; a longer one goes to a file, whole."""
NOT_CHOSEN = "not among the selected operations"
FEW = 3
"""Names that are shown where `-v` was not asked for; more are counted."""
COLOURS = {
    State.PASSED: "green",
    State.FAILED: "red",
    State.KNOWN: "yellow",
    State.NOT_RUN: "yellow",
}
ALWAYS = (State.PASSED, State.FAILED, State.NOT_RUN)
DOCUMENTED_UNSEEN = ("unseen-field", "unseen-code", "unseen-operation")


class Progress:
    """Which check began last, how many there are and how long it will take: a bar on a terminal.

    Elsewhere a line is printed at steps.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (
            TextColumn("{task.description}"),
            *(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()),
        )
        bar = Bar(*columns, console=console, transient=True)
        self._status = bar if console.is_terminal else None
        self._task = self._status.add_task("starting", total=None) if self._status else None
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
        if self._status and self._task is not None:
            self._status.update(self._task, description=check, completed=number - 1, total=count)
            return
        layer = check.partition(".")[0]
        if layer != self._layer:
            self._layer = layer
            self._console.print(f"[{number}/{count}] {check}", markup=False, highlight=False)


def show(report: Report, console: Console, *, verbose: bool = False) -> None:
    """A line for each layer and each violation; for a run that could not begin, only the reason.

    `verbose` adds what was fine, every name that was not run, and how to repeat what was found.
    """
    if report.error and not (report.timings.get("layers_s") or report.violations):
        console.print(f"[bold red]stopped:[/] {escape(report.error)}", soft_wrap=True)
        return

    def line(text: str) -> None:
        console.print(text, highlight=False, soft_wrap=True)

    if verbose:
        _every_check(report, line)
    _layers(report, line)
    _not_run(report, line, verbose=verbose)
    for violation in report.new:
        _violation("[bold red]FAIL[/]", violation, line, verbose=verbose)
    for violation in report.known if verbose else ():
        _violation("[yellow]known[/]", violation, line, verbose=verbose)
    for violation in report.gone:
        _violation("[green]gone[/]", violation, line)
    if report.new and not verbose:
        line("use -v or --report to see how to repeat each violation")
    _drift(report.drift, line)
    _summary(report, line)


def _every_check(report: Report, line: Line) -> None:
    for outcome in report.outcomes:
        mark = {State.PASSED: "[green]ok[/]  ", State.FAILED: "[red]FAIL[/]"}.get(outcome.state)
        if mark is None:
            continue
        where = ", ".join(
            f"{run.operation} {run.outcomes}"
            for run in report.checks
            if run.check == outcome.check and run.operation
        )
        line(f"{mark} {outcome.check:34} {escape(where)}")


def _layers(report: Report, line: Line) -> None:
    seconds = report.timings.get("layers_s", {})
    for layer, ended in report.layers.items():
        counts = counted(ended)
        times = sum(outcome.exercised for outcome in ended)
        shown = ", ".join(
            f"[{COLOURS[state]}]{counts[state]} {state}[/]" for state in State if counts[state]
        )
        line(f"{layer:10} {shown}; exercised {times} times, {seconds.get(layer, 0.0):.2f} s")


def _violation(mark: str, violation: Violation, line: Line, *, verbose: bool = False) -> None:
    v = violation
    what = f"{v.check} {v.operation}".strip()
    line(f"{mark} {escape(f'{what}: expected {v.expected}, seen {v.seen}')}")
    if verbose:
        line(f"  clause    {escape(v.clause)}")
        line(f"  cause     {escape(v.cause)}")
    if verbose and v.curl:
        line(f"  repeat    {escape(_repeat(v.curl))}")


def _repeat(curl: str) -> str:
    """The line itself, or the file that has it if it is too long for a screen."""
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


def _not_run(report: Report, line: Line, *, verbose: bool) -> None:
    """One line for each reason: most reasons concern many checks."""
    reasons: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for entry in report.not_run:
        reason = NOT_CHOSEN if entry.reason.endswith(NOT_CHOSEN) else entry.reason
        reasons[reason][entry.check].append(entry.operation)
    for reason, checks in reasons.items():
        names = []
        for check, operations in checks.items():
            where = ", ".join(name for name in operations if name)
            names.append(f"{check} ({where})" if where else check)
        few = verbose or len(names) <= FEW
        shown = "; ".join(names) if few else f"{len(names)} checks or parts of them"
        line(f"[yellow]not run[/] {escape(shown)}: {escape(reason)}")


def _drift(drift: list[Drift], line: Line) -> None:
    shown = [entry for entry in drift if entry.kind not in DOCUMENTED_UNSEEN]
    unseen = len(drift) - len(shown)
    for entry in shown:
        line(
            f"[cyan]drift[/] {entry.kind} {escape(entry.operation)}: "
            f"{escape(entry.what)} {escape(entry.seen)}"
        )
    if unseen:
        line(f"[cyan]drift[/] {unseen} documented fields, codes or operations were never seen")


def _summary(report: Report, line: Line) -> None:
    counts = report.totals
    parts = [f"{counts[state]} {state}" for state in State if counts[state] or state in ALWAYS]
    line(f"\n{counts['checks']} checks: {', '.join(parts)}")
    total = report.timings.get("total_s", 0.0)
    line(
        f"{report.requests} requests and {report.polls} polls in {total:.1f} s, "
        f"seed {report.seed}, profile {report.profile}"
    )
    alone = report.timings.get("alone_s", {})
    if 0 < len(alone) < counts["checks"] // 4:  # else nothing ran side by side
        line(f"one after the other: {sum(alone.values()):.1f} s ({', '.join(alone)})")
    if report.price_assumed:
        line(f"assumed before the first job was paid: {escape(report.price_assumed)}")
    if report.credits_spent:
        line(f"about {report.credits_spent:g} credits spent")
    if report.jobs_left:
        line(f"{len(report.jobs_left)} jobs left behind: {escape(', '.join(report.jobs_left))}")
    if report.known:
        line(f"{_violations(report.known)} listed in the baseline")
    if report.error:
        line(f"[bold red]stopped:[/] {escape(report.error)}")
    if report.new:
        line(f"[bold red]{_violations(report.new)}[/] of the contract by {escape(report.target)}")
    elif not report.error:
        line(
            f"[bold green]{escape(report.target)} conforms[/] to the contract, "
            "as far as it was checked"
        )


def _violations(found: list[Violation]) -> str:
    return f"{len(found)} violation{'s' if len(found) > 1 else ''}"
