"""Where violations go: kept once per check and operation, or raised so that hypothesis shrinks."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akool_contract._findings.report_model import CheckRun, NotRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from akool_contract._findings.report_model import Violation


SHRINK_S = 4.0
"""Seconds for making one failing example small; what is smallest by then is reported."""


class FoundError(Exception):
    """Raised inside a generated test when an answer breaks something not yet reported."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("; ".join(f"{v.check} {v.operation}: {v.seen}" for v in violations))
        self.violations = violations


class UnusableError(Exception):
    """A check cannot go on: the answer it needed did not come. `reason` is for the report."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TargetDownError(Exception):
    """The target no longer answers; the run ends with what it has."""


@dataclass(slots=True)
class Collector:
    """Violations, counts of checks, and what was not run."""

    wanted: Callable[[str], bool]
    violations: dict[tuple[str, str], Violation] = field(default_factory=dict)
    runs: dict[tuple[str, str], CheckRun] = field(default_factory=dict)
    not_run: dict[tuple[str, str], NotRun] = field(default_factory=dict)
    raising: bool = False
    last_found: list[Violation] = field(default_factory=list)
    stop_at: float = 0.0
    """When shrinking has taken long enough, by the monotonic clock; 0 before anything was found."""
    shrinking: float = 0.0
    """Seconds spent on generated tests that found something."""
    _deferred: bool = False
    _pending: list[Violation] = field(default_factory=list)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Raises nothing inside: what is found waits for the next flush after it."""
        before, self._deferred = self._deferred, True
        try:
            yield
        finally:
            self._deferred = before

    def passed(self, check: str, operation: str, layer: str) -> None:
        """Counts one more outcome of a check."""
        self._run(check, operation, layer).outcomes += 1

    def _run(self, check: str, operation: str, layer: str) -> CheckRun:
        key = (check, operation)
        if key not in self.runs:
            self.runs[key] = CheckRun(check, operation, layer)
        return self.runs[key]

    def add(self, violation: Violation) -> None:
        """Keeps a violation unless its check and operation are reported already."""
        if not self.wanted(violation.check):
            return
        self._run(violation.check, violation.operation, violation.layer).violations += 1
        if violation.key in self.violations:
            return
        if self.raising:
            if violation.key not in {found.key for found in self._pending}:
                self._pending.append(violation)
            return
        self.violations[violation.key] = violation

    def flush(self) -> None:
        """In a generated test: raises what has been found since the last flush."""
        if not self._pending or self._deferred:
            return
        found, self._pending = self._pending, []
        now = time.monotonic()
        self.stop_at = self.stop_at or now + SHRINK_S
        if now < self.stop_at:
            self.last_found = found
            raise FoundError(found)

    def settle(self) -> bool:
        """After a generated test: keeps what its smallest failing run found. False: nothing."""
        found = self.last_found or self._pending
        self.last_found, self._pending, self.raising, self.stop_at = [], [], False, 0.0
        for violation in found:
            self.violations.setdefault(violation.key, violation)
        return bool(found)

    def skip(self, check: str, reason: str, operation: str = "") -> None:
        """Notes that a check did not run."""
        self.not_run.setdefault((check, operation), NotRun(check, reason, operation))
