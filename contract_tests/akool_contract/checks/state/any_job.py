"""Jobs of operations that only the contract describes: followed by what `x-job` says, and no more.

What is seen on the way is judged by the model in `_ledger`, as it is for face swap's own jobs. How
a job is asked for (alone or among others), understood and deleted is the contract's to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_contract._findings.job import SUCCESS
from akool_contract._findings.registry import Finding
from akool_contract._run.plan import Stage, check
from akool_contract._wire.errors import UnusableError
from akool_contract.checks._shared.jobs import THREE_HOURS_S

if TYPE_CHECKING:
    from akool_contract._findings.job import Job
    from akool_contract._run.run import Run

NO_JOB = "no operation of the contract, beyond face swap's, starts a job (x-job)"
EACH = 2
"""Jobs of each kind: with one alone, two that are mixed up look right."""


def _kinds(run: Run) -> list[str]:
    """Submits that are served, selected and known by their extensions only."""
    operations = run.contract.operations.values()
    found = [one.id for one in operations if one.is_submit and not one.ours]
    if not found:
        raise UnusableError(NO_JOB)
    return [name for name in found if run.guard.serves(name)]


def _first(run: Run) -> list[Job]:
    """The first jobs of each kind, submitted once in a run."""
    with run.sender.rounds.lane("the first jobs of others"):
        if run.ledger.others is None:
            run.ledger.others = []
            for name in _kinds(run):
                try:
                    run.ledger.others += [run.submit(name) for _ in range(EACH)]
                except UnusableError as error:
                    run.collector.skip("state.job-is-told", error.reason, name)
    _kinds(run)
    if not run.ledger.others:
        raise UnusableError("no job could be submitted")
    return run.ledger.others


@check(
    "state.job-is-told",
    "state",
    "The operation that `x-job` names returns a submitted job, alone and among others.",
    needs=("submit", "state"),
    stage=Stage.FIRST_JOBS,
    shows=("state", "schema"),
)
def told(run: Run) -> None:
    """Each alone, all together, and one that nobody was given."""
    jobs = _first(run)
    for job in jobs:
        operation = run.contract.operations.get(job.spec.poll.operation)
        if operation is None:
            reason = f"the contract has no operation {job.spec.poll.operation}, which x-job polls"
            run.collector.skip("state.job-is-told", reason, job.operation)
            continue
        run.look_at([job])
        if job.spec.poll.separator is not None:
            run.name_ids(job.spec.poll, [run.made_up_id(), job.id])
        run.name_ids(job.spec.poll, [run.made_up_id()])
    run.look_at(jobs)


@check(
    "state.job-ends",
    "state",
    "A job that `x-job` describes succeeds or fails, and does not always fail.",
    needs=("submit", "state"),
    stage=Stage.ENDINGS,
)
def ends(run: Run) -> None:
    """Slowness is no fault unless a limit was given; that it never succeeds may be the sample's."""
    jobs = _first(run)
    patience = THREE_HOURS_S if run.can.clock else run.options.job_timeout
    run.waiting.until_done(jobs, patience)
    must_end = run.can.clock or run.options.job_timeout_given
    for name in dict.fromkeys(job.operation for job in jobs):
        mine = [job for job in jobs if job.operation == name]
        late = [job for job in mine if not job.done]
        if late and not must_end:
            reason = f"{len(late)} jobs not finished after {patience:g} s: raise --job-timeout"
            run.collector.skip("state.job-ends", reason, name)
            continue
        finding = None
        if late:
            seen = f"{late[0].id} still goes on"
            finding = Finding(f"success or failure within {patience:g} s", seen)
        elif run.can.clock and all(job.status != SUCCESS for job in mine):
            finding = Finding("at least one success", f"{len(mine)} jobs, all failed")
        run.judge.expect("state.job-ends", finding, None, name)
    run.clock.wait(1.0 if run.can.clock else 0.2)
    run.look_at(jobs)


@check(
    "state.job-is-deleted",
    "state",
    "Deleting a job as `x-job` says succeeds, cannot be undone, and deletes no other job.",
    needs=("submit", "delete", "state"),
    stage=Stage.MANY_JOBS,
)
def deleted(run: Run) -> None:
    """One of each kind; what is still told, or told no more, the model reports."""
    jobs = _first(run)
    for name in dict.fromkeys(job.operation for job in jobs):
        mine = [job for job in jobs if job.operation == name and not job.deleted]
        address = mine[0].spec.delete if mine else None
        if address is None:
            run.collector.skip("state.job-is-deleted", "x-job names no deletion", name)
            continue
        one, others = mine[0], mine[1:]
        answer = run.name_ids(address, [one.id], one.account)
        finding = None if answer.ok else Finding("a success for one's own job", answer.short())
        run.judge.expect("state.job-is-deleted", finding, answer, name)
        for _ in range(2):
            run.name_ids(one.spec.poll, [one.id], one.account)
            run.look_at(others)
            run.clock.wait(2.0 if run.can.clock else 0.1)
