"""Jobs that several checks are about: which submits there are, and the first of each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_contract._findings.job import FAILED
from akool_contract._findings.ledger import named
from akool_contract._wire.contract import Shape
from akool_contract._wire.errors import UnusableError

if TYPE_CHECKING:
    from akool_contract._findings.answer import Answer
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


def submits(run: Run) -> list[str]:
    """Every operation that starts a job (`x-job`), is served, and was selected."""
    return [name for name in run.contract.of(Shape.SUBMIT) if run.guard.serves(name)]


def kinds(run: Run) -> list[str]:
    """The first submit of each kind of job that belongs to an account.

    Jobs that are told of in one place are of one kind.
    """
    first: dict[str, str] = {}
    for name in submits(run):
        job = run.contract.operations[name].job
        if job is not None and run.contract.operations[name].secured:
            first.setdefault(job.poll.operation, name)
    return list(first.values())


def told_of(answer: Answer, job: Job) -> bool:
    """Whether an answer to a poll tells of this job."""
    return job.id in (name for name, _ in named(answer, [job.id]))


def hooked(run: Run, name: str, label: str) -> dict[str, str]:
    """The change to a submit's body that has its webhook sent here, where it has one."""
    if run.mailbox is None or not run.contract.knows(name):
        return {}
    return {"webhookUrl": run.mailbox.url(label)}


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
        try:
            run.ledger.cohort.append(run.submit(name, hooked(run, name, name)))
        except UnusableError as error:
            run.collector.skip("state.jobs-finish", error.reason, name)
