"""What a run says: violations, drift, what was not run, coverage and timings. Plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

LAYERS = ("wire", "schema", "rules", "auth", "credits", "isolation", "state", "side", "client")


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

    @property
    def key(self) -> tuple[str, str]:
        """One report for each check and operation."""
        return self.check, self.operation


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
    """How one check fared on one operation."""

    check: str
    operation: str
    layer: str
    outcomes: int = 0
    violations: int = 0


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
    credits_spent: float = 0.0
    price_assumed: str = ""
    """What a job was taken to cost before one was paid; empty where credits are play money."""
    error: str = ""
    jobs_left: list[str] = field(default_factory=list)
    """Ids of jobs that the run created and did not delete."""

    def mask(self, text: Callable[[str], str]) -> None:
        """Takes secrets out of everything that a server had a say in. Names of ours stay."""
        self.target, self.error = text(self.target), text(self.error)
        self.violations = [
            replace(v, expected=text(v.expected), seen=text(v.seen), curl=text(v.curl))
            for v in self.violations
        ]
        self.drift = [replace(d, what=text(d.what), seen=text(d.seen)) for d in self.drift]
        self.not_run = [replace(n, reason=text(n.reason)) for n in self.not_run]
        self.coverage = _masked(self.coverage, text)

    @property
    def exit_code(self) -> int:
        """The process's exit code."""
        if self.violations:
            return 1
        return 2 if self.error else 0

    def to_dict(self) -> dict[str, Any]:
        """The JSON report."""
        plain = asdict(self)
        plain.pop("latencies")
        plain["conforms"] = self.exit_code == 0
        return plain


def _masked(value: Any, text: Callable[[str], str]) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return {text(str(key)): _masked(part, text) for key, part in value.items()}
    return [_masked(part, text) for part in value] if isinstance(value, list) else value
