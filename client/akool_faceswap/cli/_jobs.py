"""`results`, `wait`, `download` and `delete`: jobs by their ids."""

from __future__ import annotations

import asyncio
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from akool_faceswap._errors import AkoolError
from akool_faceswap.cli._exit import PROGRAM, Exit
from akool_faceswap.cli._output import somebody_can_answer, table
from akool_faceswap.cli._problems import Problem, as_json, paragraph
from akool_faceswap.cli._progress import progress
from akool_faceswap.cli._session import Session, api, run

if TYPE_CHECKING:
    from akool_faceswap import AsyncFaceSwap, AsyncJob, JobState

app = typer.Typer(add_completion=False)
Ids = Annotated[list[str], typer.Argument(help="Job ids: the `_id` of a submit.", metavar="ID...")]
Timeout = Annotated[
    float, typer.Option(min=0, metavar="S", help="Seconds to wait. The jobs go on afterwards.")
]
DEFAULT_WAIT_S = 1800.0
DOWNLOADS = 4
"""Files at once at most."""


def state_name(state: JobState) -> str:
    """The status in words."""
    return state.status.name if state.listed else "not listed yet"


def result_facts(state: JobState, path: Path | None = None) -> dict[str, Any]:
    """What there is to say about a job, for people and programs alike."""
    known = state.listed  # an id alone tells a date, even if there is no such job
    return {
        "id": state.id,
        "status": state.status.name,
        "url": state.url,
        "reason": state.reason,
        "created_at": state.created_at.isoformat() if known and state.created_at else None,
        "expires_at": state.expires_at.isoformat() if known and state.expires_at else None,
        "file": path and str(path),
    }


def check_out(out: Path) -> None:
    """Refuse a place that cannot take a file, before anything is paid or waited for.

    Raises:
        typer.BadParameter: There is no such folder, or it cannot be written to.
    """
    folder = out if out.is_dir() else out.absolute().parent
    if not folder.is_dir():
        raise typer.BadParameter(f"--out {out}: there is no folder {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise typer.BadParameter(f"--out {out}: the folder {folder} cannot be written to")


@app.command()
@api
def results(session: Session, ids: Ids) -> None:
    """Show the status of jobs, without waiting. The exit code is 1 if an id is not listed."""

    async def work(session: Session, client: AsyncFaceSwap) -> Exit | None:
        states = await client.results(ids)
        facts = [result_facts(state) for state in states]
        session.output.answer(facts, "\n\n".join(map(table, facts)))
        missing = [state.id for state in states if not state.listed]
        if missing:
            session.output.note(f"{PROGRAM}: the API does not list {', '.join(missing)}.")
        return Exit.REFUSED if missing else None

    run(session, work)


@app.command()
@api
def wait(session: Session, ids: Ids, timeout: Timeout = DEFAULT_WAIT_S) -> None:
    """Wait until jobs have ended. With --json, print one line for each as it ends."""

    async def work(session: Session, client: AsyncFaceSwap) -> Exit | None:
        return await _each(session, client, ids, timeout, out=None)

    run(session, work)


@app.command()
@api
def download(
    session: Session,
    ids: Ids,
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="PATH", help="File to save to, or folder for several results."
        ),
    ] = Path(),
    timeout: Timeout = DEFAULT_WAIT_S,
) -> None:
    """Wait for jobs and save their results. Each file is complete or not there at all."""
    if len(set(ids)) > 1 and not out.is_dir():
        raise typer.BadParameter(f"--out must be a folder for {len(ids)} results: {out}")
    check_out(out)

    async def work(session: Session, client: AsyncFaceSwap) -> Exit | None:
        return await _each(session, client, ids, timeout, out=out)

    run(session, work)


async def _each(
    session: Session,
    client: AsyncFaceSwap,
    ids: list[str],
    timeout: float,  # noqa: ASYNC109 - the jobs' deadline
    *,
    out: Path | None,
) -> Exit | None:
    """Wait for each job, save its file if wanted, answer in the order in which they end."""
    jobs = [client.job(job_id) for job_id in dict.fromkeys(ids)]
    left = {job.id: "pending" for job in jobs}
    saving = asyncio.Semaphore(DOWNLOADS)
    command = ["wait"] if out is None else ["download", "--out", str(out)]
    worst: Exit | None = None
    with progress() as shown:

        def note(state: JobState) -> None:
            left[state.id] = state_name(state)
            shown.show(f"{len(jobs) - len(left)} of {len(jobs)} ended; {_summary(left)}")

        async def finish(job: AsyncJob) -> dict[str, Any]:
            try:
                result = await job.wait(timeout=timeout, on_update=note)
                path = None
                if out is not None:
                    async with saving:
                        path = await result.save(out)
                return result_facts(result.state, path)
            except AkoolError as error:
                error.job_id = error.job_id or job.id
                return {"id": job.id, **as_json(error), "_text": paragraph(error)}

        for ended in asyncio.as_completed([finish(job) for job in jobs]):
            session.resume = shlex.join([PROGRAM, *command, *left])
            facts = await ended
            left.pop(facts["id"], None)
            text = facts.pop("_text", None)
            worst = worst if text is None else Exit.REFUSED
            session.output.answer(facts, text or table(facts))
    return worst


def _summary(left: dict[str, str]) -> str:
    states = sorted(set(left.values()))
    return ", ".join(f"{sum(s == state for s in left.values())} {state}" for state in states)


@app.command()
@api
def delete(
    session: Session,
    ids: Ids,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete results at the vendor. It cannot be undone."""
    if not yes and not session.mock:
        _confirm(f"Delete {', '.join(ids)} at the vendor? This cannot be undone.")

    async def work(session: Session, client: AsyncFaceSwap) -> Exit | None:
        await client.delete(ids)
        session.output.answer({"deleted": ids}, f"deleted {', '.join(ids)}")
        return None

    run(session, work)


def _confirm(question: str) -> None:
    if not somebody_can_answer():
        raise typer.BadParameter("cannot ask, because stdin is not a terminal: add --yes to delete")
    if not typer.confirm(question, err=True):
        raise Problem("nothing was deleted", Exit.INTERRUPTED)
