"""Jobs that several checks are about: which submits there are, and the first of each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_contract._findings.job import FAILED
from akool_contract._wire.errors import UnusableError

if TYPE_CHECKING:
    from akool_contract._findings.job import Job
    from akool_contract._run.run import Run

NO_SUBMIT = "a submit is not served, or not among the selected operations"
TINY = 1e-6
"""Credits that are no difference."""
THREE_HOURS_S = 3 * 3600.0


def served(run: Run) -> list[str]:
    """Submits of face swap that the target serves and the person selected."""
    operations = run.contract.operations.values()
    return [one.id for one in operations if one.is_submit and run.guard.knows(one.id)]


def may_be_refunded(run: Run) -> bool:
    """Whether a job of this run has failed: its credits may come back at any time after."""
    jobs = run.ledger.jobs.values()
    run.look_at([job for job in jobs if not job.done])
    return any(job.status == FAILED for job in jobs)


def credit_is_off(run: Run, paid: float, after: float, most: float | None = None) -> bool:
    """Whether the credit has moved without a cause: below `paid`, or above `most` without a refund.

    `most` is `paid` if left out.
    """
    back = after > (paid if most is None else most) + TINY
    return after < paid - TINY or (back and not may_be_refunded(run))


def cohort(run: Run) -> list[Job]:
    """One job of each kind, submitted once in a run and followed to its end."""
    with run.sender.rounds.lane("the first jobs"):
        _submit_cohort(run)
    if not run.ledger.cohort:
        raise UnusableError("no job could be submitted" if served(run) else NO_SUBMIT)
    return run.ledger.cohort


def _submit_cohort(run: Run) -> None:
    if run.ledger.cohort is not None:
        return
    run.ledger.cohort = []
    if not served(run):
        raise UnusableError(NO_SUBMIT)
    for name in served(run):
        changes = {"webhookUrl": run.mailbox.url(name)} if run.mailbox else {}
        try:
            run.ledger.cohort.append(run.submit(name, changes))
        except UnusableError as error:
            run.collector.skip("state.jobs-finish", error.reason, name)
