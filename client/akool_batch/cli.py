"""`akool-faceswap batch MANIFEST --out DIR`: its options and output; the work is in `batch`."""

from __future__ import annotations

import asyncio
import os
import secrets
import shlex
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from akool_batch.batch import JOURNAL_NAME, Options, open_batch
from akool_batch.budget import ASSUMED_PRICES
from akool_batch.states import MEANING, State
from akool_batch.swaps import Kind
from akool_faceswap._core.credentials import DEFAULT_SERVER
from akool_faceswap.cli._exit import PROGRAM, Exit
from akool_faceswap.cli._output import OutputClosed, somebody_can_answer, table
from akool_faceswap.cli._problems import Problem
from akool_faceswap.cli._progress import Progress, progress
from akool_faceswap.cli._session import Session, api, run

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence

    from akool_batch.batch import BatchResult, Plan
    from akool_batch.states import Change, Entry
    from akool_faceswap import AsyncFaceSwap


app = typer.Typer(add_completion=False)
RESOLVE_HELP = (
    "Settle an uncertain row: ROW=ID if it was accepted as that job, ROW=again to send it, "
    "ROW=lost to give it up. Repeatable."
)


@app.command()
@api
def batch(  # noqa: PLR0913 - one per option
    session: Session,
    manifest: Annotated[
        Path,
        typer.Argument(
            metavar="MANIFEST", help="CSV, JSON Lines or Parquet file. Each row is one swap."
        ),
    ],
    *,
    out: Annotated[
        Path,
        typer.Option("--out", "-o", metavar="DIR", help="Folder for the files and the report."),
    ],
    kind: Annotated[
        Kind | None, typer.Option(help="Kind of the rows that do not say one.", show_default=False)
    ] = None,
    journal: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="File that records what was sent. Default: DIR/batch.sqlite."
        ),
    ] = None,
    max_credits: Annotated[
        float | None,
        typer.Option(min=0, metavar="N", help="Maximum credits that all runs may spend together."),
    ] = None,
    concurrency: Annotated[
        int, typer.Option(min=1, max=10_000, metavar="N", help="Rows in flight.")
    ] = 20,
    rate: Annotated[
        float | None,
        typer.Option(
            min=0.001, metavar="N", help="Maximum rows sent per second. Default: no limit."
        ),
    ] = None,
    price: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND=N",
            help="Credits per row for the estimate, such as image=4. For videos, per 10 s.",
        ),
    ] = None,
    resolve: Annotated[list[str] | None, typer.Option(metavar="ROW=...", help=RESOLVE_HELP)] = None,
    timeout: Annotated[
        float, typer.Option(min=0, metavar="S", help="Seconds that one job may take in this run.")
    ] = 3 * 3600.0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and estimate; send nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before paying.")] = False,
    new_journal: Annotated[
        bool,
        typer.Option(
            "--new-journal",
            help="Start over in a folder with results that the journal does not know.",
        ),
    ] = False,
) -> None:
    """Swap faces for each row of a manifest. Run it again to continue where it stopped.

    The batch writes each row to disk before it sends it, so it never pays twice, even if it is
    killed. It lists rows of unknown outcome and does not send them again: see --resolve.
    """
    options = Options(
        manifest=manifest, out=out, journal=journal, default_kind=kind, prices=_prices(price or []),
        max_credits=max_credits, concurrency=concurrency, rate=rate, resolve=resolve or [],
        patience_s=timeout, new_journal=new_journal,
    )  # fmt: skip

    async def work(session: Session, client: AsyncFaceSwap) -> Exit | None:
        session.resume = _again()
        with _memory(session, options) as chosen:
            return await _Run(session, client, chosen).go(dry_run=dry_run, ask=not yes)

    run(session, work)


@contextmanager
def _memory(session: Session, options: Options) -> Iterator[Options]:
    """A simulator inside the process forgets everything at its end; so its journal must, too."""
    if not session.mock or options.journal is not None:
        yield options
        return
    with TemporaryDirectory() as folder:
        yield replace(options, journal=Path(folder) / JOURNAL_NAME, new_journal=True)


def _prices(given: Sequence[str]) -> Mapping[Kind, float]:
    prices = dict(ASSUMED_PRICES)
    for text in given:
        name, _, number = text.partition("=")
        try:
            prices[Kind(name)] = abs(float(number))
        except ValueError:
            raise typer.BadParameter(f"--price {text}: write for example --price image=4") from None
    return prices


def _again() -> str:
    """The same command without the options for one run only."""
    words, skip = [], False
    for word in [word for word in sys.argv[1:] if word != "--new-journal"]:
        if not skip and word != "--resolve" and not word.startswith("--resolve="):
            words.append(word)
        skip = word == "--resolve"
    return shlex.join([PROGRAM, *words])


class _Run:
    """One run, shown to the user."""

    def __init__(self, session: Session, client: AsyncFaceSwap, options: Options) -> None:
        self._session = session
        self._client = client
        self._options = options
        self._counts: Counter[State] = Counter()
        self._known: dict[str, State] = {}

    async def go(self, *, dry_run: bool, ask: bool) -> Exit | None:
        """From the check of the manifest to the report."""
        with open_batch(self._options, self._target()) as batch:
            plan = batch.plan(float(await self._client.credit()))
            self._tell_plan(plan)
            self._require_uploader(plan)
            if dry_run:
                return None
            self._permit(plan, ask=ask)
            self._known = {entry.key: entry.state for entry in batch.outcome().entries}
            self._counts = Counter(self._known.values())
            facts = {"credits_before": plan.balance}
            try:
                with progress() as shown:
                    listen = self._listener(shown)
                    outcome = await self._interruptible(batch.run(self._client, plan, listen))
                facts["credits_after"] = float(await self._client.credit())
            except asyncio.CancelledError:
                batch.report(batch.outcome(), _words(facts))
                raise
            return self._tell_outcome(outcome, batch.report(outcome, _words(facts)), facts)

    def _require_uploader(self, plan: Plan) -> None:
        if self._session.uploader is not None or self._session.mock:
            return
        for row in plan.send:
            for file in row.swap.files():
                raise Problem(
                    f"row {row.key} names a local file, {file.source.given}: nothing was "
                    "sent. Say with --uploader where to upload such files, or use URLs",
                    Exit.REFUSED,
                )

    async def _interruptible(self, run: Coroutine[Any, Any, BatchResult]) -> BatchResult:
        task = asyncio.ensure_future(run)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._session.output.note(
                "Waiting for the answers to paid requests. Press Ctrl-C again to stop without them."
            )
            task.cancel()
            return await task

    def _target(self) -> str:
        if self._session.mock:
            # It forgets its jobs at the end of the process, and so must the journal.
            return f"a simulator inside the process, {secrets.token_hex(4)}"
        return (os.environ.get("AKOOL_BASE_URL") or DEFAULT_SERVER).rstrip("/")

    def _tell_plan(self, plan: Plan) -> None:
        facts = {
            "event": "plan",
            "send": plan.estimate.rows,
            "follow": len(plan.follow),
            "done": plan.counts.get(State.SAVED, 0),
            "uncertain": plan.counts.get(State.UNCERTAIN, 0),
            "estimated_credits": plan.estimate.credits,
            "credits": plan.balance,
            "spent_by_earlier_runs": plan.committed,
            "repeated_rows": plan.estimate.repeated,
            "videos_of_unknown_length": plan.estimate.unknown_lengths,
        }
        if self._session.output.as_json:
            self._session.output.answer(facts, "")
        for line in _plan_lines(plan):
            self._session.output.note(line)

    def _permit(self, plan: Plan, *, ask: bool) -> None:
        limit = self._options.max_credits
        if not plan.affordable and limit is None:
            raise Problem(
                f"the account has {plan.balance:g} credits and this will cost about "
                f"{plan.estimate.credits:g}: nothing was sent. Add --max-credits {plan.balance:g} "
                "to spend what there is, or correct the estimate with --price",
                Exit.REFUSED,
            )
        asked = ask and bool(plan.send) and somebody_can_answer() and not self._session.mock
        if asked and not typer.confirm("Go ahead?", err=True):
            raise Problem("nothing was sent", Exit.INTERRUPTED)

    def _listener(self, shown: Progress) -> Callable[[Change], None]:
        total = len(self._known)
        tell = self._teller()

        def listen(change: Change) -> None:
            self._counts[self._known[change.key]] -= 1
            self._counts[change.to] += 1
            self._known[change.key] = change.to
            done = sum(self._counts[state] for state in ENDED)
            others = ", ".join(f"{self._counts[s]} {s}" for s in State if self._counts[s])
            shown.show(f"{done} of {total} ended: {others}")
            tell(change)

        return listen

    def _teller(self) -> Callable[[Change], None]:
        """Prints changes as JSON, as long as somebody reads."""
        output, run = self._session.output, asyncio.current_task()
        heard = output.as_json

        def tell(change: Change) -> None:
            nonlocal heard
            if not heard:
                return
            try:
                output.answer({"event": "row", **_change_facts(change)}, "")
            except OutputClosed:
                # End as after Ctrl-C, with every id written down. Only once: a second time would
                # mean, as a second Ctrl-C does, to leave the paid requests under way.
                heard = False
                if run is not None:
                    run.cancel()

        return tell

    def _tell_outcome(
        self, outcome: BatchResult, files: Sequence[Path], facts: Mapping[str, float]
    ) -> Exit | None:
        counts = {str(state): outcome.counts[state] for state in State if outcome.counts[state]}
        uncertain = [entry for entry in outcome.entries if entry.state is State.UNCERTAIN]
        lines = {f"{name}": f"{n} ({MEANING[State(name)]})" for name, n in counts.items()}
        self._session.output.answer(
            {
                "event": "end", **counts, **facts, "stopped": outcome.stopped,
                "uncertain_rows": [entry.key for entry in uncertain],
                "report": [str(path) for path in files],
            },
            table({**lines, **dict(_words(facts)), "report": files[-1]}),
        )  # fmt: skip
        if outcome.stopped:
            self._session.output.note(f"{PROGRAM}: stopped: {outcome.stopped}")
        if uncertain:
            self._session.output.note(_uncertain_text(uncertain))
            return Exit.UNCERTAIN
        if set(outcome.counts) - {State.SAVED}:
            go_on = f" Go on with: {self._session.resume}" if self._session.resume else ""
            self._session.output.note(f"{PROGRAM}: not all done.{go_on}")
            return Exit.REFUSED
        return None


ENDED = (State.SAVED, State.FAILED, State.REFUSED, State.LOST, State.UNCERTAIN)
SHOWN_ROWS = 20


def _words(facts: Mapping[str, float]) -> list[tuple[str, str]]:
    return [(name.replace("_", " "), f"{number:g}") for name, number in facts.items()]


def _change_facts(change: Change) -> dict[str, Any]:
    facts = {
        "key": change.key, "state": str(change.to), "job_id": change.job_id, "url": change.url,
        "file": change.file, "size": change.size, "code": change.code, "note": change.note,
    }  # fmt: skip
    return {name: value for name, value in facts.items() if value is not None}


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _plan_lines(plan: Plan) -> list[str]:
    estimate = plan.estimate
    kinds = ", ".join(f"{n} {kind} {cost:g}" for kind, (n, cost) in estimate.by_kind.items())
    lines = [
        f"{_rows(estimate.rows)} to send, about {estimate.credits:g} credits"
        + (f" ({kinds})" if kinds else "")
        + f"; the account has {plan.balance:g}. Prices are assumptions: see --price."
    ]
    if not plan.affordable:
        lines.append("That is more than the account has.")
    if plan.follow:
        lines.append(f"Already sent by an earlier run, to wait for: {_rows(len(plan.follow))}.")
    if estimate.unknown_lengths:
        lines.append(
            f"{estimate.unknown_lengths} videos have no `seconds`: counted as 10 s each, so the "
            "real cost can be higher."
        )
    if estimate.repeated:
        verb = "repeats" if estimate.repeated == 1 else "repeat"
        lines.append(f"{_rows(estimate.repeated)} {verb} the request of an earlier row.")
    if plan.committed:
        lines.append(f"Earlier runs of this batch spent about {plan.committed:g} credits.")
    return lines


def _uncertain_text(uncertain: Sequence[Entry]) -> str:
    named = ", ".join(entry.key for entry in uncertain[:SHOWN_ROWS])
    more = f" and {len(uncertain) - SHOWN_ROWS} more" if len(uncertain) > SHOWN_ROWS else ""
    return (
        f"{PROGRAM}: {_rows(len(uncertain))} sent, but nobody knows whether they were accepted: "
        f"{named}{more}. The batch does not send them again by itself. Compare the credits, or ask "
        "the vendor, then add --resolve ROW=ID, ROW=again or ROW=lost."
    )
