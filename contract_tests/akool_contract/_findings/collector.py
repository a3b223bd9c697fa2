"""Where violations go: kept once for each cause, or raised so that hypothesis shrinks."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from akool_contract._findings.report_model import CheckRun, NotRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from akool_contract._findings.report_model import Key, Violation


REQUEST_S = 0.005
"""What one request counts at least, in seconds, where effort is limited."""
SHRINK_S = 4.0
"""Effort for making one failing example small; what is smallest by then is reported."""


MAX_CAUSES = 12
"""Violations of one check on one operation that are told apart; more are told as one."""
FURTHER = "further causes"


class FoundError(Exception):
    """Raised inside a generated test when an answer breaks something not yet reported."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("; ".join(f"{v.check} {v.operation}: {v.seen}" for v in violations))
        self.violations = violations


class ShrunkEnough(BaseException):
    """Ends a generated test whose failing example is small enough: no error, to hypothesis."""


@dataclass(slots=True)
class Collector:
    """Violations, counts of checks, and what was not run.

    What was seen is kept, whichever check provoked it and whichever was asked for: only what the
    person left out by name (`excluded`) is counted and not kept.
    """

    excluded: Callable[[str], bool] = lambda _name: False
    violations: dict[Key, Violation] = field(default_factory=dict)
    runs: dict[tuple[str, str], CheckRun] = field(default_factory=dict)
    not_run: dict[tuple[str, str], NotRun] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    """Findings of checks that were excluded by name."""
    current: str = ""
    """The check that runs."""
    answered: Counter[str] = field(default_factory=Counter)
    """Judged answers since it began, by operation."""
    shown: dict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))
    """What was seen broken while a check ran that is there to show it."""
    raising: bool = False
    last_found: list[Violation] = field(default_factory=list)
    effort: float = 0.0
    """Seconds that the requests of the run count: as long as their answers took, or `REQUEST_S`.

    Not by a clock: how fast this machine is must not decide what a run sends, or neither its seed
    nor its recording would repeat it.
    """
    stop_at: float = 0.0
    """At which effort shrinking has taken long enough; 0 before anything was found."""
    shrinking: float = 0.0
    """Effort spent on generated tests that found something."""
    _deferred: bool = False
    _pending: list[Violation] = field(default_factory=list)
    _seen: dict[Key, Violation] = field(default_factory=dict)
    """Found in generated tests, and not reported yet: shrinking may end with something else."""
    _shows: Callable[[str], bool] = lambda _name: False

    def begin(self, check: str, shows: Callable[[str], bool]) -> None:
        """A check starts; `shows` says by name which broken clauses are its own failure too."""
        self.current, self._shows = check, shows
        self.answered.clear()

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Raises nothing inside: what is found waits for the next flush after it."""
        before, self._deferred = self._deferred, True
        try:
            yield
        finally:
            self._deferred = before

    def passed(self, check: str, operation: str, layer: str, times: int = 1) -> None:
        """Counts one more time that a check was put to the test."""
        self._run(check, operation, layer).outcomes += times

    def _run(self, check: str, operation: str, layer: str) -> CheckRun:
        key = (check, operation)
        if key not in self.runs:
            self.runs[key] = CheckRun(check, operation, layer)
        return self.runs[key]

    def add(self, violation: Violation) -> None:
        """Keeps a violation unless its cause is reported already."""
        if self.excluded(violation.check):
            self.left_out[violation.check] += 1
            return
        violation = self._bounded(violation)
        self._run(violation.check, violation.operation, violation.layer).violations += 1
        if self._shows(violation.check):
            self.shown[self.current].add(violation.key)
        if violation.key in self.violations:
            return
        if self.raising:
            self._seen.setdefault(violation.key, violation)
            if violation.key not in {found.key for found in self._pending}:
                self._pending.append(violation)
            return
        self.violations[violation.key] = violation

    def _bounded(self, violation: Violation) -> Violation:
        """A server that is wrong in a new way each time fills no report."""
        if violation.key in self.violations or violation.key in self._seen:
            return violation
        known = self.violations.keys() | self._seen.keys()
        if sum(key[:2] == violation.key[:2] for key in known) < MAX_CAUSES:
            return violation
        return replace(violation, cause=FURTHER)

    def asked(self, seconds: float) -> None:
        """Counts one more request, whose answer took so long."""
        self.effort += max(seconds, REQUEST_S)

    def flush(self) -> None:
        """In a generated test: raises what has been found since the last flush.

        Raises:
            FoundError: what has been found.
            ShrunkEnough: it is time to keep what has been found before.
        """
        if self._deferred:
            return
        if self.stop_at and self.effort >= self.stop_at:
            raise ShrunkEnough
        if self._pending:
            found, self._pending = self._pending, []
            self.stop_at = self.stop_at or self.effort + SHRINK_S
            self.last_found = found
            raise FoundError(found)

    def settle(self) -> bool:
        """After a generated test: keeps what its smallest failing run found. False: nothing."""
        found = self.last_found or self._pending
        self.last_found, self._pending, self.raising, self.stop_at = [], [], False, 0.0
        for violation in found:
            self.violations.setdefault(violation.key, violation)
        return bool(found)

    def keep(self) -> None:
        """After the last round: what was seen and never became the smallest is kept as it was."""
        for key, violation in self._seen.items():
            self.violations.setdefault(key, violation)
        self._seen.clear()
        self.raising = False

    def forget(self) -> None:
        """Nothing that was seen counts: it was not the target's fault."""
        for kept in (self.violations, self.runs, self.shown, self._seen):
            kept.clear()

    def skip(self, check: str, reason: str, operation: str = "") -> None:
        """Notes that a check did not run."""
        self.not_run.setdefault((check, operation), NotRun(check, reason, operation))
