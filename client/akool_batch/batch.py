"""A batch from manifest to report: what the command line calls, step by step.

with open_batch(options, target) as batch:     # checks the manifest, opens the journal
    plan = batch.plan(balance)                  # what there is to do and what it costs
    outcome = await batch.run(client, plan)     # does it
    batch.report(outcome)                       # writes report.csv and report.html
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akool_batch.budget import ASSUMED_PRICES, Budget, price_of
from akool_batch.journal import Journal, JournalError
from akool_batch.manifest import read_manifest
from akool_batch.plan import Pace, Planner
from akool_batch.prepare import Estimate, estimate, missing_files, settle, sweep, unexplained
from akool_batch.report import as_csv, as_html
from akool_batch.run import Batch
from akool_batch.states import RUNNING, Change, Entry, State
from akool_faceswap._async.engine import AsyncSystemClock
from akool_faceswap._errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from akool_batch.manifest import Row
    from akool_batch.swaps import Kind
    from akool_faceswap import AsyncFaceSwap
    from akool_faceswap._core.timing import AsyncClock


JOURNAL_NAME = "batch.sqlite"
REPORT_NAMES = ("report.csv", "report.html")


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asks for."""

    manifest: Path
    out: Path
    journal: Path | None = None
    """Default: in the output folder."""
    default_kind: Kind | None = None
    prices: Mapping[Kind, float] = field(default_factory=lambda: dict(ASSUMED_PRICES))
    max_credits: float | None = None
    concurrency: int = 20
    rate: float | None = None
    resolve: Sequence[str] = ()
    patience_s: float | None = 3 * 3600.0
    """How long to wait for one job before the next run takes it over. The vendor says 3 hours."""
    new_journal: bool = False
    """Whether to run although there are results that the journal does not know."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run will do."""

    estimate: Estimate
    """Of the rows that will be sent."""
    send: Sequence[Row]
    follow: Sequence[Entry]
    """Rows that were sent by an earlier run and are not done."""
    counts: Mapping[State, int]
    balance: float
    committed: float
    """Credits that earlier runs have spent, or may have."""

    @property
    def affordable(self) -> bool:
        """Whether the account has what the estimate says."""
        return self.estimate.credits <= self.balance


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The result of the batch so far."""

    entries: Sequence[Entry]
    stopped: str | None
    """Why rows were not sent, if some were not."""

    @property
    def counts(self) -> Mapping[State, int]:
        """Rows by state."""
        return Counter(entry.state for entry in self.entries)


class OpenBatch:
    """A batch with a valid manifest and an open journal."""

    def __init__(self, options: Options, journal: Journal, rows: Sequence[Row]) -> None:
        self.options = options
        self.rows = rows
        self._journal = journal

    def plan(self, balance: float) -> Plan:
        """What there is to do, given the credits of the account."""
        entries = self._journal.entries()
        states = {entry.key: entry.state for entry in entries}
        send = [row for row in self.rows if states[row.key] is State.PLANNED]
        return Plan(
            estimate=estimate(send, self.options.prices),
            send=send,
            follow=[entry for entry in entries if entry.state in RUNNING],
            counts=Counter(states.values()),
            balance=balance,
            committed=sum(entry.price for entry in entries),
        )

    async def run(
        self,
        client: AsyncFaceSwap,
        plan: Plan,
        listen: Callable[[Change], None],
        clock: AsyncClock | None = None,
    ) -> BatchResult:
        """Do it. Cancelling is safe at any moment, and so is killing the process.

        Raises:
            JournalError: The journal cannot be written any more; nothing further was sent.
        """
        prices = {row.key: price_of(row.swap, self.options.prices) for row in plan.send}
        budget = Budget(self.options.max_credits, earlier=plan.committed)
        planner = Planner(
            follow=[entry.key for entry in plan.follow],
            submit=prices,
            concurrency=self.options.concurrency,
            pace=Pace(self.options.rate),
            budget=budget,
        )
        batch = Batch(
            client=client,
            journal=self._journal,
            entries={entry.key: entry for entry in self._journal.entries()},
            swaps={row.key: row.swap for row in plan.send},
            prices=prices,
            planner=planner,
            budget=budget,
            balance=plan.balance,
            out=self.options.out,
            patience=self.options.patience_s,
            clock=clock or AsyncSystemClock(),
            listen=listen,
        )
        try:
            await batch.run()
        except JournalError as error:
            ids = ", ".join(f"{key}={job_id}" for key, job_id in batch.unwritten.items())
            if not ids:
                raise
            raise JournalError(
                f"{error.args[0]}. Accepted, but not written down: keep this for --resolve: {ids}"
            ) from error
        return BatchResult(self._journal.entries(), planner.stopped)

    def outcome(self) -> BatchResult:
        """The state of the batch, without a run."""
        return BatchResult(self._journal.entries(), None)

    def report(self, outcome: BatchResult, facts: Sequence[tuple[str, str]]) -> list[Path]:
        """Write `report.csv` and `report.html` into the output folder; each appears whole."""
        title = f"Batch {self.options.manifest.name}"
        texts = (as_csv(outcome.entries), as_html(outcome.entries, title, facts))
        return [
            _write(self.options.out / name, text)
            for name, text in zip(REPORT_NAMES, texts, strict=True)
        ]


@contextmanager
def open_batch(options: Options, target: str) -> Iterator[OpenBatch]:
    """Check the manifest, open the journal and compare the two. Sends nothing.

    Raises:
        ManifestError: The manifest is not valid.
        JournalError: The journal is in use, does not fit, or was lost.
        InvalidRequestError: A `resolve` is not valid, or `out` cannot be a folder.
    """
    rows = read_manifest(options.manifest, default_kind=options.default_kind)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidRequestError(
            f"--out {options.out} is not a folder that takes files: {error}"
        ) from error
    journal = Journal(options.journal or options.out / JOURNAL_NAME, target)
    try:
        if not options.new_journal:
            _refuse_lost_journal(journal, rows, options.out)
        journal.adopt(rows)
        journal.apply(settle(journal.entries(), options.resolve))
        entries = journal.entries()
        journal.apply(missing_files(entries, options.out))
        sweep(options.out, [entry.key for entry in entries])
        yield OpenBatch(options, journal, rows)
    finally:
        journal.close()


def _refuse_lost_journal(journal: Journal, rows: Sequence[Row], out: Path) -> None:
    """Refuse to pay again for rows whose journal was emptied or removed.

    Raises:
        JournalError: The folder has results of a batch that the journal does not know.
    """
    entries = journal.entries()
    sent = {entry.key for entry in entries if entry.state is not State.PLANNED or entry.file}
    found = unexplained(out, [row.key for row in rows if row.key not in sent])
    if not entries:
        found += [name for name in REPORT_NAMES if (out / name).exists()]
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise JournalError(
            f"{out} has {found[0]}{more}, and {journal.path} does not know it: nothing was "
            "sent. Was the journal emptied, moved or replaced? Put it back, as it knows what was "
            "paid for; or say --new-journal to pay for these rows, perhaps again"
        )


def _write(path: Path, text: str) -> Path:
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        os.replace(part, path)  # noqa: PTH105 - the atomic one, by its name
    except OSError as error:
        part.unlink(missing_ok=True)
        raise JournalError(f"The report cannot be written: {error}") from error
    return path
