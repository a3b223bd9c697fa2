"""State: stories over several calls. What they make visible is judged by the model in `_ledger`."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from akool_contract._findings.collector import UnusableError
from akool_contract._findings.registry import Finding, active
from akool_contract.checks.credit import NO_SUBMIT, TINY, may_be_refunded, served

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_contract._findings.answer import Answer
    from akool_contract._run.ledger import Job
    from akool_contract._run.session import Session

MAX_AT_ONCE = 4
"""Files of one operation that are fetched the moment that success is seen."""
THREE_HOURS_S = 3 * 3600.0
WILD = ("*", "%", ".*", "' OR '1'='1", "undefined")
"""Ids to a server that puts them together with a query language's own words."""


def _ids(answer: Answer) -> list[str]:
    return [str(item.get("_id")) for item in answer.items]


def cohort(run: Session) -> list[Job]:
    """One job of each kind, submitted once in a run and followed to its end."""
    if run.cohort is None:
        run.cohort = []
        if not served(run):
            raise UnusableError(NO_SUBMIT)
        for name in served(run):
            changes = {"webhookUrl": run.mailbox.url(name)} if run.mailbox else {}
            try:
                run.cohort.append(run.submit(name, changes))
            except UnusableError as error:
                run.collector.skip("state.jobs-finish", error.reason, name)
    if not run.cohort:
        raise UnusableError("no job could be submitted" if served(run) else NO_SUBMIT)
    return run.cohort


@active(
    "state.submit-then-list",
    "state",
    "What was submitted is listed: alone, together, and whatever else is asked for beside it.",
    needs=("submit", "state", "codes"),
    operations=("listResults",),
    order=15,
)
def submit_then_list(run: Session) -> None:
    """Right after the submit, and again later; the odd forms must at least hold nothing foreign."""
    jobs = cohort(run)
    ids = [job.id for job in jobs]
    for _ in range(2):
        for job in jobs:
            run.look([job.id])
        run.look(ids)
        run.look(reversed(ids))
    unknown = run.made_up_id()
    run.look([unknown, *ids])
    run.look([ids[0], unknown])
    run.look([ids[0], ids[0]])
    run.call("listResults", query={"_ids": f"{ids[0]}, {ids[-1]}"})
    for near in (ids[0][:-1], ids[0] + "0", ids[0][1:]):
        run.call("listResults", query={"_ids": near})
    for query in () if run.can.live else (*({"_ids": text} for text in WILD), {"_ids[$ne]": "x"}):
        run.call("listResults", query=query)
    # Most clients write the comma as it is, not as %2C.
    plain = run.request("listResults", query={"_ids": ids[0]})
    run.send(replace(plain, url=f"{plain.url},{','.join(ids[1:])}"))
    run.call("listResults", query={"_ids": jobs[0].job_id or unknown})


def at_once(run: Session) -> Callable[[Job], None]:
    """Fetches the files of the first jobs that succeed the moment that this is seen.

    Only whether they are there: a generated request may have asked for a video of a picture.
    """
    fetched: Counter[str] = Counter()

    def look(job: Job) -> None:
        usable = job.status == 3 and job.url and run.can.files and run.is_own_file(job.url)  # noqa: PLR2004 - success
        if not usable or fetched[job.operation] >= MAX_AT_ONCE:
            return
        fetched[job.operation] += 1
        answer = run.fetch(job.url)
        gone = answer.status >= 400  # noqa: PLR2004 - HTTP's errors
        finding = Finding("the file as soon as status 3 is listed", answer.short(80))
        run.expect("side.file-at-success", finding if gone else None, answer, job.operation)

    return look


def _enhanced(run: Session) -> list[Job]:
    """One V3 job on the other model, which face_enhance picks."""
    for name in ("swapImage", "swapVideo"):
        if name in served(run):
            try:
                return [run.submit(name, {"face_enhance": 1})]
            except UnusableError as error:
                run.collector.skip("state.jobs-finish", f"face_enhance: {error.reason}", name)
                return []
    return []


@active(
    "state.jobs-finish",
    "state",
    "A job ends as success or failure within the documented patience.",
    needs=("submit", "state", "codes"),
    operations=("listResults",),
    order=70,
)
def jobs_finish(run: Session) -> None:
    """Looks until the first jobs are done. Slowness is no fault unless a limit was given."""
    jobs = [*cohort(run), *_enhanced(run)]
    patience = THREE_HOURS_S if run.can.clock else run.options.job_timeout
    run.wait_done(jobs, patience)
    late = [job for job in jobs if not job.done and not job.deleted]
    done = [job for job in jobs if job.done]
    run.slow = run.slow or not done
    if late and not (run.can.clock or run.options.job_timeout_given):
        reason = f"{len(late)} jobs not finished after {patience:g} s: raise --job-timeout"
        run.collector.skip("state.jobs-finish", reason)
        return
    for job in late:
        finding = Finding(
            f"status 3 or 4 within {patience:g} s", f"{job.id} at status {job.status}"
        )
        run.expect("state.jobs-finish", finding, None, job.operation)
    for job in done:
        run.expect("state.jobs-finish", None, None, job.operation)
    run.look_at(jobs)
    run.target.wait(1.0 if run.can.clock else 0.2)
    run.look_at(jobs)


@active(
    "state.some-job-succeeds",
    "state",
    "The documented example leads to a result: a job of valid pictures can end with status 3.",
    needs=("submit", "state", "codes"),
    operations=("listResults",),
    order=71,
)
def some_succeed(run: Session) -> None:
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
        run.expect("state.some-job-succeeds", finding, None, kind)


def _fetchable(run: Session, kind: str) -> bool:
    """Whether the pictures are surely there: they are the person's, or made a result elsewhere."""
    if kind == "swapVideo":
        return run.can.clock or bool(run.options.video_url)
    named = run.options.source_url and run.options.target_url
    return bool(run.can.clock or named) or any(
        job.status == 3 and job.operation != "swapVideo"  # noqa: PLR2004 - success
        for job in run.ledger.jobs.values()
    )


def _more(run: Session, kind: str) -> list[Job]:
    jobs = [run.submit(kind) for _ in range(4)]
    run.wait_done(jobs)
    return [job for job in jobs if job.done]


@active(
    "state.delete-own",
    "state",
    "Deleting one's own results succeeds, removes these for good, and removes nothing else.",
    needs=("submit", "delete", "state", "codes"),
    operations=("deleteResults", "listResults"),
    order=75,
)
def delete_own(run: Session) -> None:
    """One, several, a repeated id, an id of a job that still runs."""
    count = 6 if run.can.live else 8
    jobs = [run.submit("swapImage") for _ in range(count)]
    keep, one, two, three, twice, early = jobs[:6]
    run.delete([early.id])
    run.wait_done(jobs)
    run.look_at(jobs)
    for ids in ([one.id], [two.id, three.id], [twice.id, twice.id]):
        answer = run.delete(ids)
        # The second of two equal ids may be one that is gone: what an unknown id answers is open.
        finding = None
        if not answer.ok and len(set(ids)) == len(ids):
            finding = Finding("code 1000 for one's own results", answer.short())
        run.expect("state.delete-own", finding, answer)
        _gone(run, ids, [job.id for job in jobs])
    for job, first in zip(jobs[6:], (True, False), strict=False):
        # Refusing all of it is fine; saying yes and keeping what is one's own is not.
        mixed = [job.id, run.made_up_id()]
        run.delete(mixed if first else mixed[::-1])
        _gone(run, [job.id], [keep.id])
    run.delete([one.id])
    run.delete([run.made_up_id()])
    run.target.wait(2.0 if run.can.clock else 0.1)
    _gone(run, [one.id, two.id, three.id, twice.id], [keep.id])
    run.look_at(cohort(run))


def _gone(run: Session, ids: list[str], others: list[str]) -> None:
    """The model reports what is still there; both with and without other ids in the list."""
    for name in dict.fromkeys(ids):
        run.look([name])
    run.look(dict.fromkeys([*others, *ids]))


@active(
    "state.parallel-submits",
    "state",
    "Submits at the same time get ids of their own, and each is paid.",
    needs=("submit", "state", "codes"),
    operations=("listResults",),
    order=78,
)
def parallel_submits(run: Session) -> None:
    """Four at once; the answers are judged one after the other."""
    if run.can.clock:
        raise UnusableError("a simulator in process answers one request after the other")
    name = next(iter(served(run)), "")
    reason = run.budget.refusal(name, 4)
    if not name or reason:
        raise UnusableError(reason or NO_SUBMIT)
    before = run.credit()
    answers = run.send_together([run.request(name, body=run.valid_body(name)) for _ in range(4)])
    jobs = [run.job_of(answer) for answer in answers if answer.ok]
    price, after = run.budget.prices.get(name), run.credit()
    finding = None
    cost = price * len(jobs) if price else before - after
    if abs(before - after - cost) > TINY and not run.can.live and not may_be_refunded(run):
        seen = f"{before - after:g} credits for {len(jobs)} jobs"
        finding = Finding(f"{cost:g} credits", seen)
    run.expect("state.parallel-submits", finding, None, name)
    run.look([job.id for job in jobs])


@active(
    "state.many-at-once",
    "state",
    "A list of many ids holds all of them.",
    needs=("submit", "state", "codes"),
    operations=("listResults",),
    order=77,
)
def many(run: Session) -> None:
    """As many as the run has, up to twenty."""
    jobs = [job for job in run.ledger.of("main") if job.listed][:20]
    if len(jobs) < 2:  # noqa: PLR2004 - many means two at least
        raise UnusableError("fewer than two jobs")
    run.look(job.id for job in jobs)
