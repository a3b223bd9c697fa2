"""Collects violations: each cause once, or raised so that hypothesis shrinks."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from akool_contract._findings.report_model import CheckRun, NotRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from akool_contract._findings.report_model import Key, Violation


REQUEST_S = 0.005
"""Least effort of one request, in seconds."""
SHRINK_S = 4.0
"""Effort for shrinking one failing example; then the smallest so far is reported."""
FURTHER_S = 0.5
"""The same for a further cause of a check that failed on the operation already."""


MAX_CAUSES = 12
"""Most violations of one check on one operation that are reported apart."""
FURTHER = "further causes"


class FoundError(Exception):
    """Raised inside a generated test when an answer breaks something not yet reported."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("; ".join(f"{v.check} {v.operation}: {v.seen}" for v in violations))
        self.violations = violations


class ShrunkEnough(BaseException):
    """Ends a generated test whose failing example is small enough: no error, to hypothesis."""


class Search(threading.local):
    """A check, its generated test and what that has found: each has its own, side by side."""

    def __init__(self) -> None:
        self.current = ""
        """The check that runs."""
        self.shows: Callable[[str], bool] = lambda _name: False
        self.answered: Counter[str] = Counter()
        self.seen: dict[Key, Violation] = {}
        """Found in generated tests, not reported yet: shrinking may end with something else."""
        self.raising = self.deferred = False
        self.found: list[Violation] = []
        """What its last failing run found."""
        self.pending: list[Violation] = []
        self.stop_at = 0.0
        """Effort at which shrinking ends; 0 before anything was found."""

    def restart(self) -> None:
        """Begins anew; what was found stays among what was seen."""
        self.found, self.pending, self.stop_at = [], [], 0.0


@dataclass(slots=True)
class Collector:
    """Violations, counts of checks, and what was not run.

    All violations are kept, also of checks that were not selected. Only those of `excluded` checks
    are counted and not kept.
    """

    excluded: Callable[[str], bool] = lambda _name: False
    violations: dict[Key, Violation] = field(default_factory=dict)
    runs: dict[tuple[str, str], CheckRun] = field(default_factory=dict)
    not_run: dict[tuple[str, str], NotRun] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    """Findings of checks that were excluded by name."""
    shown: dict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))
    """Violations that were seen while a check ran that is there to show them."""
    effort: float = 0.0
    """Seconds that the requests of the run count: as long as their answers took, or `REQUEST_S`.

    Not by a clock: how fast this machine is must not decide what a run sends, or neither its seed
    nor its recording would repeat it.
    """
    shrinking: float = 0.0
    """Effort spent on generated tests that found something."""
    search: Search = field(default_factory=Search)

    def begin(self, check: str, shows: Callable[[str], bool]) -> None:
        """A check starts; the clauses in `shows` count as its own failures too."""
        self.search.current, self.search.shows = check, shows
        self.search.answered.clear()

    @property
    def answered(self) -> Counter[str]:
        """Judged answers since the check began that runs, by operation."""
        return self.search.answered

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Raises nothing inside the block: findings wait for the next flush after it."""
        before, self.search.deferred = self.search.deferred, True
        try:
            yield
        finally:
            self.search.deferred = before

    def passed(self, check: str, operation: str, layer: str, times: int = 1) -> None:
        """Counts that a check was exercised once more."""
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
        if self.search.shows(violation.check):
            self.shown[self.search.current].add(violation.key)
        if violation.key in self.violations:
            return
        search = self.search
        if search.raising:
            search.seen.setdefault(violation.key, violation)
            if violation.key not in {found.key for found in search.pending}:
                search.pending.append(violation)
            return
        self.violations[violation.key] = violation

    def _bounded(self, violation: Violation) -> Violation:
        """A server that fails in a new way each time must not fill the report."""
        if violation.key in self.violations or violation.key in self.search.seen:
            return violation
        known = self.violations.keys() | self.search.seen.keys()
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
        if self.search.deferred:
            return
        if self.search.stop_at and self.effort >= self.search.stop_at:
            raise ShrunkEnough
        if self.search.pending:
            found, self.search.pending = self.search.pending, []
            told = {key[:2] for key in self.violations}
            more = all(violation.key[:2] in told for violation in found)
            effort = FURTHER_S if more else SHRINK_S
            self.search.stop_at = self.search.stop_at or self.effort + effort
            self.search.found = found
            raise FoundError(found)

    def settle(self) -> bool:
        """After a generated test: keeps what its smallest failing run found. False: nothing."""
        search = self.search
        found = search.found or search.pending
        search.found, search.pending, search.raising, search.stop_at = [], [], False, 0.0
        for violation in found:
            self.violations.setdefault(violation.key, violation)
        return bool(found)

    def keep(self) -> None:
        """After the last round: keeps findings that were never shrunk."""
        for key, violation in self.search.seen.items():
            self.violations.setdefault(key, violation)
        self.search.seen.clear()
        self.search.raising = False

    def forget(self) -> None:
        """Drops what was seen: it was not the target's fault."""
        for kept in (self.violations, self.runs, self.shown, self.search.seen):
            kept.clear()

    def skip(self, check: str, reason: str, operation: str = "") -> None:
        """Notes that a check did not run."""
        self.not_run.setdefault((check, operation), NotRun(check, reason, operation))
