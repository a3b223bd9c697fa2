"""The result of a run: violations, drift, what was not run, coverage, timings. Plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Key = tuple[str, str, str]
"""Check, operation and cause."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One clause of the contract that the target broke, with the request that shows it."""

    check: str
    operation: str
    clause: str
    expected: str
    seen: str
    curl: str = ""
    layer: str = ""
    cause: str = ""
    """Which rule and field is broken: the same in every run that finds it."""
    known: bool = False
    """Whether the baseline lists it: then it does not fail the run."""

    @property
    def key(self) -> Key:
        """One report for each cause."""
        return self.check, self.operation, self.cause


@dataclass(frozen=True, slots=True)
class Drift:
    """A difference between contract and target that breaks no clause.

    `kind` is one of: field, code, status, enum, lenient, unseen-field, unseen-code,
    unseen-operation.
    """

    kind: str
    operation: str
    what: str
    seen: str = ""


@dataclass(frozen=True, slots=True)
class NotRun:
    """A check that did not run, and why."""

    check: str
    reason: str
    operation: str = ""


@dataclass(slots=True)
class CheckRun:
    """The result of one check on one operation."""

    check: str
    operation: str
    layer: str
    outcomes: int = 0
    violations: int = 0


class State(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    KNOWN = "known"
    """It found what the baseline lists, and nothing else."""
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """How one check ended.

    Attributes:
        check: its name.
        layer: the part of the suite that it belongs to.
        clause: the promise that it holds the target to.
        state: how it ended.
        exercised: how many answers, messages or jobs tested it.
        reason: why it was not run, or which part of it was not; empty for a whole one.
        found: the violations that it saw, by check, operation and cause; not only its own.
    """

    check: str
    layer: str
    clause: str
    state: State
    exercised: int = 0
    reason: str = ""
    found: tuple[Key, ...] = ()

    @property
    def broken(self) -> list[str]:
        """What it saw broken, in words."""
        return list(dict.fromkeys(f"{check} {where}".strip() for check, where, _ in self.found))


def counted(outcomes: Iterable[CheckOutcome]) -> dict[str, int]:
    """How many checks ended in each way."""
    states = [outcome.state for outcome in outcomes]
    return {str(state): states.count(state) for state in State}


@dataclass(slots=True)
class Report:
    """Everything that a run found. `exit_code`: 0 conforms, 1 violations, 2 could not run."""

    target: str = ""
    profile: str = ""
    seed: int = 0
    violations: list[Violation] = field(default_factory=list)
    drift: list[Drift] = field(default_factory=list)
    not_run: list[NotRun] = field(default_factory=list)
    checks: list[CheckRun] = field(default_factory=list)
    coverage: dict[str, Any] = field(default_factory=dict)
    timings: dict[str, Any] = field(default_factory=dict)
    latencies: dict[str, list[float]] = field(default_factory=dict)
    requests: int = 0
    """Without polls: their number depends on how fast the target is."""
    polls: int = 0
    credits_spent: float = 0.0
    price_assumed: str = ""
    """The assumed price of a job, before one was paid; empty if credits are play money."""
    error: str = ""
    mistake: bool = False
    """Whether the run ended because of a bug in this suite, not in the target."""
    outcomes: list[CheckOutcome] = field(default_factory=list)
    """How each check ended; there is one for every check that exists."""
    gone: list[Violation] = field(default_factory=list)
    """Violations that the baseline lists and the run looked for, but did not see."""
    jobs_left: list[str] = field(default_factory=list)
    """Ids of jobs that the run created and did not delete."""

    def mask(self, text: Callable[[str], str]) -> None:
        """Masks secrets in everything that a server had influence on. Our own names stay."""
        self.target, self.error = text(self.target), text(self.error)
        self.violations = [
            replace(
                v,
                expected=text(v.expected),
                seen=text(v.seen),
                curl=text(v.curl),
                cause=text(v.cause),
            )
            for v in self.violations
        ]
        self.drift = [replace(d, what=text(d.what), seen=text(d.seen)) for d in self.drift]
        self.not_run = [replace(n, reason=text(n.reason)) for n in self.not_run]
        self.outcomes = [replace(o, reason=text(o.reason)) for o in self.outcomes]
        self.coverage = _masked(self.coverage, text)

    @property
    def new(self) -> list[Violation]:
        """The violations that the baseline does not list."""
        return [violation for violation in self.violations if not violation.known]

    @property
    def known(self) -> list[Violation]:
        """Those that it lists."""
        return [violation for violation in self.violations if violation.known]

    @property
    def layers(self) -> dict[str, list[CheckOutcome]]:
        """How the checks of each layer ended."""
        found: dict[str, list[CheckOutcome]] = {}
        for outcome in self.outcomes:
            found.setdefault(outcome.layer, []).append(outcome)
        return found

    @property
    def totals(self) -> dict[str, int]:
        """How many checks there are, and how many ended in each way: `checks` is the sum."""
        return {"checks": len(self.outcomes)} | counted(self.outcomes)

    @property
    def exit_code(self) -> int:
        """The process's exit code."""
        if self.mistake:
            return 2
        if self.new:
            return 1
        return 2 if self.error else 0

    def to_dict(self) -> dict[str, Any]:
        """The JSON report."""
        plain = asdict(self)
        plain.pop("latencies")
        plain["totals"] = self.totals
        plain["violations"] = [asdict(violation) for violation in self.new]
        plain["known"] = [asdict(violation) for violation in self.known]
        plain["conforms"] = self.exit_code == 0
        return plain


def _masked(value: Any, text: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return {text(str(key)): _masked(part, text) for key, part in value.items()}
    return [_masked(part, text) for part in value] if isinstance(value, list) else value
