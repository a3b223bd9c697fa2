"""State, once more: at the same time, and when some time has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_contract._findings.collector import UnusableError
from akool_contract._findings.registry import Finding, active
from akool_contract._run.session import IDS_A_LOOK, MAIN, SECOND
from akool_contract.checks.files import wrong
from akool_contract.checks.state import THREE_HOURS_S, cohort

if TYPE_CHECKING:
    from akool_contract._run.ledger import Job
    from akool_contract._run.session import Session

LATER_S = 2.5
MOST_LATER = 200
"""Ids that are looked at once more at the end."""
SUCCESS = 3


@active(
    "state.parallel-reads",
    "state",
    "Questions asked at the same time get each their own answer.",
    needs=("submit", "state", "codes"),
    operations=("listResults",),
    order=79,
)
def parallel_reads(run: Session) -> None:
    """Lists of different jobs, in both accounts' names; the model knows whose is whose."""
    if run.can.clock:
        raise UnusableError("a simulator in process answers one request after the other")
    jobs = [job for job in run.ledger.jobs.values() if job.listed and not job.deleted]
    jobs = [job for job in jobs if not job.delete_unclear][-4:]
    for _ in range(3):
        requests = [
            run.request("listResults", query={"_ids": job.id}, account=account)
            for job in jobs
            for account in (MAIN, SECOND)
            if account in run.credentials.keys.values()
        ]
        run.send_together(requests)


@active(
    "state.still-so-later",
    "state",
    "What was listed stays listed, and what was deleted stays deleted, some time later too.",
    needs=("submit", "state", "codes"),
    operations=("listResults",),
    order=97,
)
def later(run: Session) -> None:
    """One more look at every job of the run; never listed ones get the time that they may take."""
    jobs = [job for job in run.ledger.jobs.values() if job.account in (MAIN, SECOND)]
    jobs = [*(job for job in jobs if job.deleted), *(job for job in jobs if not job.deleted)]
    jobs = jobs[: MOST_LATER // 2] + jobs[MOST_LATER // 2 :][-MOST_LATER // 2 :]
    deleted = [job.deleted_at for job in jobs if job.deleted]
    if run.can.clock:
        run.target.wait(3600.0)
    elif deleted:
        run.target.wait(max(0.0, LATER_S - (run.target.now() - max(deleted))))
    _look_again(run, jobs)
    lost = [job for job in jobs if not (job.listed or job.deleted or job.delete_unclear)]
    if lost and not run.slow:
        newest = max(job.submitted for job in lost)
        run.target.wait(max(0.0, run.options.list_grace + 0.1 - (run.target.now() - newest)))
        _look_again(run, lost)
    for job in cohort(run):
        if job.status == SUCCESS and job.url and run.is_own_file(job.url) and not job.deleted:
            answer = run.fetch(job.url)
            run.expect("side.file-at-success", wrong(job, answer), answer, job.operation)
    _late(run, jobs)


def _late(run: Session, jobs: list[Job]) -> None:
    """Every job of the run ends, not only those that were followed; and old ones can be deleted."""
    limit = THREE_HOURS_S if run.can.clock else run.options.job_timeout
    for job in jobs if run.can.clock or run.options.job_timeout_given else ():
        age = run.target.now() - job.submitted
        if job.listed and not job.done and not job.deleted and age > limit:
            seen = f"{job.id} at status {job.status} after {age:g} s"
            finding = Finding(f"status 3 or 4 within {limit:g} s", seen)
            run.expect("state.jobs-finish", finding, None, job.operation)
    old = next((job for job in cohort(run) if job.done and not job.deleted), None)
    if old is not None and run.can.delete and not run.can.live:
        run.delete([old.id])
        run.look([old.id])


def _look_again(run: Session, jobs: list[Job]) -> None:
    for account in (MAIN, SECOND):
        ids = [job.id for job in jobs if job.account == account]
        for start in range(0, len(ids), IDS_A_LOOK):
            run.look(ids[start : start + IDS_A_LOOK], account)
