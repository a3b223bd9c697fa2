"""The options of a run: profile, seed, permissions and limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

JOB_TIMEOUT_S = 60.0
"""Default of `--job-timeout`, in seconds."""

WEBHOOK_PATIENCE_S = 10.0
"""The same for a webhook."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How much is generated. Counts of examples; `steps` are steps of one state machine run."""

    name: str
    rule_examples: int
    schema_examples: int
    machine_examples: int
    steps: int
    fields: int
    """How many generated breakages of single fields each operation gets."""
    jobs: int = 0
    """Most that a run spends on a distant server, in jobs of the most expensive kind."""


PROFILES = {
    "quick": Profile("quick", 3, 4, 4, 14, 12, jobs=10),
    "default": Profile("default", 30, 40, 40, 30, 100),
    "nightly": Profile("nightly", 150, 200, 200, 50, 400),
}


@dataclass(slots=True)
class Options:
    """Everything that a person can set. Times in seconds, `rate` in requests per second."""

    profile: Profile = PROFILES["default"]
    seed: int = 0
    operations: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    without_operations: tuple[str, ...] = ()
    without_checks: tuple[str, ...] = ()
    allow_submit: bool = False
    allow_delete: bool = False
    max_credits: float = 0.0
    price: float = 0.0
    """The most that one job may cost; 0: not known."""
    rate: float = 0.0
    concurrency: int = 32
    """Most requests in flight at once to a distant server."""
    max_time: float = 0.0
    """Seconds after which the run ends, with a report; 0: no limit."""
    ca: str = ""
    """A file of certificates to trust, for a server with TLS of its own."""
    timeout: float = 10.0
    latency_budget: float = 10.0
    job_timeout: float = JOB_TIMEOUT_S
    job_timeout_given: bool = False
    list_grace: float = 10.0
    webhook_patience: float = WEBHOOK_PATIENCE_S
    webhook_patience_given: bool = False
    source_url: str = ""
    target_url: str = ""
    video_url: str = ""

    def wants_operation(self, operation: str) -> bool:
        """Whether the operation is selected, and not left out."""
        chosen = not self.operations or operation in self.operations
        return chosen and operation not in self.without_operations

    def wants_check(self, check: str) -> bool:
        """Whether a check is selected; a layer's name selects all of it."""
        return not self.checks or _named(check, self.checks)

    def excludes_check(self, check: str) -> bool:
        """Whether a check is left out by name, with what is found under it."""
        return _named(check, self.without_checks)


def _named(check: str, names: tuple[str, ...]) -> bool:
    """Whether a check, or its whole layer, is among the names."""
    return check in names or check.partition(".")[0] in names


@dataclass(frozen=True, slots=True)
class Who:
    """Credentials as given; empty where they were not."""

    api_key: str = ""
    client_id: str = ""
    client_secret: str = ""
    second_key: str = ""
    banned_key: str = ""


@dataclass(frozen=True, slots=True)
class Where:
    """A server as a person names it.

    Attributes:
        server: `simulator`, `prism` or a base URL.
        who: whose credentials to use.
        listen: HOST:PORT to receive webhooks at; empty: none.
        public: the address that leads there from the server, if it is another.
    """

    server: str
    who: Who = Who()
    listen: str = ""
    public: str = ""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of the command: what to check, how, and where to write what was found."""

    where: Where
    options: Options
    reports: list[tuple[str, Path]]
    record: Path | None = None
    replay: Path | None = None
    dry: bool = False
    contract: Path | None = None
    """The contract to check against; None: the packaged one."""
    baseline: Path | None = None
    """Known violations, which do not fail the run."""
    write_baseline: bool = False
    verbose: bool = False
