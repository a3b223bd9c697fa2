"""State: stories over several calls. What they make visible is judged by the model in `_ledger`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from akool_contract._findings.ledger import named
from akool_contract._findings.registry import Finding
from akool_contract._run.plan import Stage, check
from akool_contract._run.run import IDS_A_LOOK, MAIN, SECOND
from akool_contract._wire.contract import Shape
from akool_contract._wire.errors import UnusableError
from akool_contract.checks._shared.jobs import (
    NO_SUBMIT,
    THREE_HOURS_S,
    TINY,
    cohort,
    may_be_refunded,
    served,
    submits,
)
from akool_contract.checks._shared.result_files import judge_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from akool_contract._findings.job import Job
    from akool_contract._run.run import Run
    from akool_openapi.operations import Address

LATER_S = 2.5
MANY = 120
"""Ids in one request: as many as a client may well ask for at once."""
FEW = 50
"""Ids in one deletion that no server may take for too many."""
MOST_LATER = 200
"""Ids that are looked at once more at the end."""
SUCCESS = 3
WILD = ("*", "%", ".*", "' OR '1'='1", "undefined")
"""Ids to a server that puts them together with a query language's own words."""


@check(
    "state.submit-then-list",
    "state",
    "A submitted job is listed: alone, with others, and together with ids that are not its own.",
    needs=("submit", "state", "codes"),
    operations=("listResults",),
    stage=Stage.FIRST_JOBS,
    shows=("state", "rules", "schema"),
)
def submit_then_list(run: Run) -> None:
    """Right after the submit, and again later; the odd forms must at least hold nothing foreign."""
    jobs = cohort(run)
    ids = [job.id for job in jobs]
    for _ in range(2):
        values = [*ids, ",".join(ids), ",".join(reversed(ids))]
        run.parallel.send_each(run.request("listResults", query={"_ids": v}) for v in values)
    unknown, first = run.made_up_id(), ids[0]
    values = [",".join([unknown, *ids]), f"{first},{unknown}", f"{first},{first}"]
    values += [f"{first}, {ids[-1]}", first[:-1], first + "0", first[1:]]
    values += [jobs[0].job_id or unknown, *(() if run.can.live else WILD)]
    queries = [{"_ids": value} for value in values]
    queries += [] if run.can.live else [{"_ids[$ne]": "x"}]
    requests = [run.request("listResults", query=query) for query in queries]
    # Most clients write the comma as it is, not as %2C.
    plain = run.request("listResults", query={"_ids": first})
    requests.append(replace(plain, url=f"{plain.url},{','.join(ids[1:])}"))
    run.parallel.send_each(requests)


def _enhanced(run: Run) -> list[Job]:
    """One V3 job on the other model, which face_enhance picks."""
    if run.budget.tight and run.post.refused:
        return list(run.post.refused.values())
    for name in ("swapImage", "swapVideo"):
        if name in served(run):
            try:
                return [run.submit(name, {"face_enhance": 1})]
            except UnusableError as error:
                run.collector.skip("state.jobs-finish", f"face_enhance: {error.reason}", name)
                return []
    return []


@check(
    "state.jobs-finish",
    "state",
    "A job succeeds or fails within --job-timeout.",
    needs=("submit", "state", "codes"),
    operations=("listResults",),
    stage=Stage.ENDINGS,
)
def jobs_finish(run: Run) -> None:
    """Looks until the first jobs are done. Slowness is no fault unless a limit was given."""
    jobs = [*cohort(run), *_enhanced(run)]
    patience = THREE_HOURS_S if run.can.clock else run.options.job_timeout
    run.waiting.until_done(jobs, patience)
    late = [job for job in jobs if not job.done and not job.deleted]
    done = [job for job in jobs if job.done]
    run.waiting.slow = run.waiting.slow or not done
    if late and not (run.can.clock or run.options.job_timeout_given):
        reason = f"{len(late)} jobs not finished after {patience:g} s: raise --job-timeout"
        run.collector.skip("state.jobs-finish", reason)
        return
    for job in late:
        finding = Finding(
            f"status 3 or 4 within {patience:g} s", f"{job.id} at status {job.status}"
        )
        run.judge.expect("state.jobs-finish", finding, None, job.operation)
    for job in done:
        run.judge.expect("state.jobs-finish", None, None, job.operation)
    run.look_at(jobs)
    run.clock.wait(1.0 if run.can.clock else 0.2)
    run.look_at(jobs)


@check(
    "state.some-job-succeeds",
    "state",
    "The documented example gives a result: a job with valid pictures can end with status 3.",
    needs=("submit", "state", "codes"),
    operations=("listResults",),
    stage=Stage.ENDINGS,
)
def some_succeed(run: Run) -> None:
    """Failing now and then is allowed; failing always is not."""
    finished = [job for job in run.ledger.jobs.values() if job.done]
    kinds = {job.operation for job in cohort(run)}
    for kind in sorted(kinds):
        ended = [job.status for job in finished if job.operation == kind]
        if not ended or run.can.live:
            run.collector.skip("state.some-job-succeeds", "no finished job", kind)
            continue
        if not _fetchable(run, kind):
            reason = "the documented pictures may be gone: name yours by --source-url, --target-url"
            run.collector.skip("state.some-job-succeeds", reason, kind)
            continue
        if 3 not in ended and len(ended) < 6:  # noqa: PLR2004 - a fair number of tries
            ended += [job.status for job in _more(run, kind)]
        finding = None
        if 3 not in ended:  # noqa: PLR2004 - success
            finding = Finding("status 3 for at least one", f"{len(ended)} jobs, all failed")
        run.judge.expect("state.some-job-succeeds", finding, None, kind)


def _fetchable(run: Run, kind: str) -> bool:
    """Whether the pictures are surely there: they are the person's, or made a result elsewhere."""
    if kind == "swapVideo":
        return run.can.clock or bool(run.options.video_url)
    named = run.options.source_url and run.options.target_url
    return bool(run.can.clock or named) or any(
        job.status == 3 and job.operation != "swapVideo"  # noqa: PLR2004 - success
        for job in run.ledger.jobs.values()
    )


def _more(run: Run, kind: str) -> list[Job]:
    jobs = [run.submit(kind) for _ in range(4)]
    run.waiting.until_done(jobs)
    return [job for job in jobs if job.done]


@check(
    "state.delete-own",
    "state",
    "Deleting your own results succeeds, removes them permanently, and removes no others.",
    needs=("submit", "delete", "state", "codes"),
    operations=("deleteResults", "listResults"),
    together=True,
    stage=Stage.MANY_JOBS,
)
def delete_own(run: Run) -> None:
    """One, several, a repeated id, an id of a job that still runs."""
    early, jobs = _to_delete(run)
    run.delete([early.id])
    keep, one, two, three, twice = jobs[:5]
    run.waiting.until_done(jobs)
    run.look_at(jobs)
    for ids in ([one.id], [two.id, three.id], [twice.id, twice.id]):
        answer = run.delete(ids)
        # The second of two equal ids may be one that is gone: what an unknown id answers is open.
        finding = None
        if not answer.ok and len(set(ids)) == len(ids):
            finding = Finding("code 1000 for one's own results", answer.short())
        run.judge.expect("state.delete-own", finding, answer)
        _gone(run, ids, [job.id for job in jobs])
    for job, first in zip(jobs[5:], (True, False), strict=False):
        # Refusing all of it is fine; saying yes and keeping what is one's own is not.
        mixed = [job.id, run.made_up_id()]
        run.delete(mixed if first else mixed[::-1])
        _gone(run, [job.id], [keep.id])
    run.delete([one.id])
    run.delete([run.made_up_id()])
    run.clock.wait(2.0 if run.can.clock else 0.1)
    _gone(run, [one.id, two.id, three.id, twice.id], [keep.id])
    run.look_at(cohort(run))


def _to_delete(run: Run) -> tuple[Job, list[Job]]:
    """A new job, and others: of the run where jobs are dear, the first one to be kept."""
    if not run.budget.tight:
        jobs = [run.submit("swapImage") for _ in range(6 if run.can.live else 8)]
        return jobs[5], [*jobs[:5], *jobs[6:]]
    first = cohort(run)
    hooked = run.post.refused.values()
    older = [job for job in run.ledger.of(MAIN) if job.ours and job not in [*first, *hooked]]
    run.look_at(older[:IDS_A_LOOK])
    jobs = [first[0], *(job for job in older if job.done)]
    while len(jobs) < 5:  # noqa: PLR2004 - one to keep, and one, two and one more to delete
        jobs.append(run.submit("swapImage"))
    return run.submit("swapImage"), jobs[:7]


def _gone(run: Run, ids: list[str], others: list[str]) -> None:
    """The model reports what is still there; both with and without other ids in the list."""
    values = [*dict.fromkeys(ids), ",".join(dict.fromkeys([*others, *ids]))]
    run.parallel.send_each(run.request("listResults", query={"_ids": v}) for v in values)


@check(
    "state.many-at-once",
    "state",
    "A list of many ids holds all of them.",
    needs=("submit", "state", "codes"),
    operations=(Shape.POLL,),
    stage=Stage.MANY_JOBS,
    shows=("state", "rules", "schema"),
)
def many(run: Run) -> None:
    """The run's own, the newest last, after ids that nobody was given."""
    found = [job for job in run.ledger.of(MAIN) if job.listed]
    groups = [(poll, jobs[-MANY:]) for poll, jobs in _grouped(found, lambda job: job.spec.poll)]
    if not groups:
        raise UnusableError("fewer than two jobs that can be asked for in one request")
    for poll, jobs in groups:
        _all_told(run, poll, jobs)


def _grouped(
    jobs: Iterable[Job], address_of: Callable[[Job], Address | None]
) -> list[tuple[Address, list[Job]]]:
    """Jobs that one request can name, two of them at least, by where it names them."""
    groups: dict[Address, list[Job]] = {}
    for job in jobs:
        address = address_of(job)
        if address is not None and address.separator is not None:
            groups.setdefault(address, []).append(job)
    return [(address, group) for address, group in groups.items() if len(group) > 1]


def _all_told(run: Run, poll: Address, jobs: list[Job]) -> None:
    own = [job.id for job in jobs]
    run.name_ids(poll, own[:IDS_A_LOOK])
    asked = [*(run.made_up_id() for _ in range(MANY - len(own))), *own]
    answer = run.name_ids(poll, asked)
    # How many ids are taken is not documented; what is taken must be answered whole.
    listed = {name for name, _ in named(answer, asked)}
    missing = [job.id for job in jobs if job.id not in listed and job.listed and not job.deleted]
    seen = f"{len(missing)} of {len(own)} of the run's own results are not in the list"
    finding = Finding(f"every result of {MANY} ids", seen) if answer.ok and missing else None
    run.judge.expect("state.many-at-once", finding, answer)


@check(
    "state.many-deleted",
    "state",
    "A deletion of many ids deletes all of them.",
    needs=("submit", "delete", "state", "codes"),
    operations=(Shape.DELETE, Shape.POLL),
    together=True,
    stage=Stage.LAST,
    shows=("state",),
)
def many_deleted(run: Run) -> None:
    """What the run has left and nobody follows, the newest last, after ids that nobody has."""
    kept = [*(run.ledger.cohort or ()), *run.post.refused.values()]
    jobs = [job for job in run.ledger.of(MAIN) if job not in kept][:MANY]
    run.waiting.until_done(jobs)
    groups = _grouped((job for job in jobs if job.done), lambda job: job.spec.delete)
    if not groups:
        raise UnusableError("fewer than two jobs of the run have ended and are still there")
    for address, group in groups:
        own = [job.id for job in group]
        unknown = [run.made_up_id() for _ in range(MANY - len(own))]
        answer = run.name_ids(address, [*unknown, *own])
        if not answer.ok:  # what unknown ids are answered, and how many are taken, is open
            answer = run.name_ids(address, own[:FEW])
        finding = None if answer.ok else Finding("success for one's own results", answer.short())
        run.judge.expect("state.many-deleted", finding, answer)
        run.name_jobs(group, lambda job: job.spec.poll)


@check(
    "state.parallel-submits",
    "state",
    "Submits at the same time get ids of their own, and each is paid.",
    needs=("submit", "state", "codes"),
    operations=(Shape.SUBMIT, Shape.POLL),
    together=True,
    purse=True,
    stage=Stage.MANY_JOBS,
)
def parallel_submits(run: Run) -> None:
    """Four at once; the answers are judged one after the other."""
    if run.can.clock:
        raise UnusableError("a simulator in process answers one request at a time")
    name = next(iter(submits(run)), "")
    count = 2 if run.budget.tight else 4
    reason = run.budget.refusal(name, count)
    if not name or reason:
        raise UnusableError(reason or NO_SUBMIT)
    before = run.balance()
    answers = run.parallel.send_together([run.right(name)] * count)
    jobs = [run.job_of(answer) for answer in answers if answer.ok]
    price, after = run.budget.prices.get(name), run.balance()
    finding = None
    if price and before is not None and after is not None and not run.can.live:
        cost = price * len(jobs)
        if abs(before - after - cost) > TINY and not may_be_refunded(run):
            seen = f"{before - after:g} credits for {len(jobs)} jobs"
            finding = Finding(f"{cost:g} credits", seen)
    run.judge.expect("state.parallel-submits", finding, None, name)
    run.look_at(jobs)


@check(
    "state.parallel-reads",
    "state",
    "Each of several requests at the same time gets its own answer.",
    needs=("submit", "state", "codes"),
    operations=(Shape.POLL,),
    stage=Stage.MANY_JOBS,
    shows=("state", "isolation"),
)
def parallel_reads(run: Run) -> None:
    """Lists of different jobs, in both accounts' names; the model knows whose is whose."""
    if run.can.clock:
        raise UnusableError("a simulator in process answers one request at a time")
    jobs = [job for job in run.ledger.jobs.values() if job.listed and not job.may_be_gone][-4:]
    if not jobs:
        raise UnusableError("no job is listed")
    for _ in range(3):
        requests = [
            run.naming(job.spec.poll, [job.id], account)
            for job in jobs
            for account in (MAIN, SECOND)
            if account in run.credentials.keys.values()
        ]
        run.parallel.send_together(requests)


@check(
    "state.still-so-later",
    "state",
    "What was listed is still listed some time later, and what was deleted is still deleted.",
    needs=("submit", "state", "codes"),
    operations=(Shape.POLL,),
    stage=Stage.LATER,
    shows=("state", "side.file-at-success"),
)
def later(run: Run) -> None:
    """One more look at every job of the run; never listed ones get the time that they may take."""
    jobs = [job for job in run.ledger.jobs.values() if job.account in (MAIN, SECOND)]
    deleted_first = sorted((job for job in jobs if job.deleted), key=lambda job: job.deleted_at)
    jobs = [*deleted_first, *(job for job in jobs if not job.deleted)]
    jobs = jobs[: MOST_LATER // 2] + jobs[MOST_LATER // 2 :][-MOST_LATER // 2 :]
    deleted = [job.deleted_at for job in jobs if job.deleted]
    if run.can.clock:
        run.clock.wait(3600.0)
    elif deleted:
        run.clock.wait(max(0.0, LATER_S - (run.clock.now() - max(deleted))))
    _look_again(run, jobs)
    lost = [job for job in jobs if not (job.listed or job.may_be_gone)]
    if lost and not run.waiting.slow:
        newest = max(job.submitted for job in lost)
        run.clock.wait(max(0.0, run.options.list_grace + 0.1 - (run.clock.now() - newest)))
        _look_again(run, lost)
    for job in run.ledger.cohort or ():
        if job.status == SUCCESS and job.url and run.sender.is_own_file(job.url):
            judge_file(run, job)
    _late(run, jobs)


def _late(run: Run, jobs: list[Job]) -> None:
    """Every job of the run ends, not only those that were followed; and old ones can be deleted."""
    limit = THREE_HOURS_S if run.can.clock else run.options.job_timeout
    for job in jobs if run.can.clock or run.options.job_timeout_given else ():
        age = run.clock.now() - job.submitted
        if job.listed and not job.done and not job.deleted and age > limit:
            seen = f"{job.id} at status {job.status} after {age:g} s"
            finding = Finding(f"status 3 or 4 within {limit:g} s", seen)
            run.judge.expect("state.jobs-finish", finding, None, job.operation)
    first = [*(run.ledger.cohort or ()), *(run.ledger.others or ())]
    old = next((job for job in first if job.done and not job.deleted and job.spec.delete), None)
    if old is not None and old.spec.delete and run.can.delete and not run.can.live:
        run.name_ids(old.spec.delete, [old.id])
        run.name_ids(old.spec.poll, [old.id])


def _look_again(run: Run, jobs: list[Job]) -> None:
    """Deleted ones too: they must stay away."""
    run.name_jobs(jobs, lambda job: job.spec.poll)
