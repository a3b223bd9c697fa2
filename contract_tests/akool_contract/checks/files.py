"""Result files: there at success, of the right kind, and not before."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from akool_contract._findings.registry import Finding, clause
from akool_contract._run.observers import Observer
from akool_contract._run.plan import Stage, check, observer
from akool_contract._target.target import MAX_BODY, MAX_FILE
from akool_contract.checks._shared.jobs import cohort
from akool_contract.checks._shared.result_files import judge_file

if TYPE_CHECKING:
    from akool_contract._findings.answer import Answer
    from akool_contract._findings.job import Job
    from akool_contract._run.run import Run
    from akool_contract._wire.http import Response

OK = 200
MAX_AT_ONCE = 4
"""Files of one operation that are fetched the moment that success is seen."""
SUCCESS = 3
FRESH = 3
"""Jobs that are made to look at right after their submit: one of them may still run then.

Always so many, so that a run sends the same however fast the server is.
"""


@observer
class FilesAtOnce(Observer):
    """Fetches the files of the first jobs that succeed the moment that this is seen.

    Only whether they are there: a generated request may have asked for a video of a picture.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._fetched: Counter[str] = Counter()
        self._early: set[tuple[str, int]] = set()

    def looked(self) -> None:
        """One fetch for each status on the way, and each kind of the first jobs."""
        run = self._run
        for job in run.ledger.cohort or () if run.can.files and run.can.codes else ():
            step = job.operation, job.status
            running = job.status and not job.done and not job.deleted and job.url
            if running and step not in self._early and run.sender.is_own_file(job.url):
                self._early.add(step)
                _too_early(run, job)

    def ended(self, job: Job) -> None:
        """A job that is waited for is over."""
        run = self._run
        usable = job.status == SUCCESS and job.url and run.can.files
        if not usable or not run.sender.is_own_file(job.url):
            return
        if self._fetched[job.operation] >= MAX_AT_ONCE:
            return
        self._fetched[job.operation] += 1
        judge_file(run, job, _is_refused)


@check(
    "side.file-not-before-success",
    "side",
    "The url is known before the work is done, but the file is there only at success.",
    needs=("submit", "state", "files", "codes"),
    operations=("listResults",),
    stage=Stage.FIRST_LOOKS,
)
def not_before(run: Run) -> None:
    """Fetches between two looks: only a file that is there while the job still runs is a fault."""
    plenty = run.can.cheap or (run.can.loopback and not run.budget.tight)
    running = False
    for _ in range(FRESH if plenty else 0):
        job = run.submit("swapImage")
        if running or not job.url or not run.sender.is_own_file(job.url):
            continue
        _too_early(run, job)  # its url is known before the first look
        running = not job.done
    jobs = list(cohort(run))
    for job in jobs:
        run.look([job.id])
        if not job.url or not run.sender.is_own_file(job.url):
            continue
        if job.done:
            if job.status == SUCCESS:
                judge_file(run, job)
            continue
        _too_early(run, job)


def _is_refused(_job: Job, answer: Answer) -> Finding | None:
    if answer.status < 400:  # noqa: PLR2004 - HTTP's errors
        return None
    return Finding("the file as soon as status 3 is listed", answer.short(80))


def _too_early(run: Run, job: Job) -> None:
    """Fetches the file of a job that still ran at the last look."""
    answer = run.sender.fetch(job.url)
    run.look([job.id])
    finding = None
    # A status that is no word of the contract is a fault of its own: it says nothing of when.
    if answer.status == OK and job.status and not job.done:
        finding = Finding("no file before status 3", f"{answer.short(80)} at status {job.status}")
    run.judge.expect("side.file-not-before-success", finding, answer, job.operation)


@check(
    "side.file-at-success",
    "side",
    "The result url is available at status 3: a whole file of the job's kind.",
    needs=("submit", "state", "files", "codes"),
    operations=("listResults",),
    stage=Stage.RESULTS,
)
def at_success(run: Run) -> None:
    """One finished job of each kind; addresses on other hosts only in a live run."""
    checked = 0
    run.waiting.until_done(cohort(run))
    for job in cohort(run):
        if job.status != SUCCESS or job.may_be_gone or not job.url:
            continue
        if not run.sender.is_own_file(job.url):
            run.collector.skip(
                "side.file-at-success", "the files are on another host", job.operation
            )
            continue
        checked += 1
        answer = judge_file(run, job)
        if answer is not None:
            _ranges(run, job, answer.exchange.response)
    if not checked:
        run.collector.skip("side.file-at-success", "no finished job with a file on the target")


RANGES = clause(
    "side.file-ranges",
    "side",
    "A range of a file is sent as HTTP 206 with its Content-Range, and is the range that was asked "
    "for. A range that does not exist, or of another version, is not sent (RFC 9110).",
)
PARTIAL = 206


def _ranges(run: Run, job: Job, file: Response) -> None:
    """A server may send the whole file instead; a part must be the right one."""
    whole, size = file.body, len(file.body)
    if size < 8:  # noqa: PLR2004 - too short for parts
        return
    parts = [
        ("2-5", whole[2:6], "2-5"),
        ("4-", whole[4:], f"4-{size - 1}"),
        ("-3", whole[-3:], f"{size - 3}-{size - 1}"),
    ]
    # A recording keeps the beginning of a large file: what is decided must be so there too.
    for text, part, span in parts if size < MAX_FILE else parts[:1]:
        answer = run.sender.fetch(job.url, {"Range": f"bytes={text}"})
        total = str(size) if size < MAX_FILE else r"\d+"
        finding = _wrong_part(answer.exchange.response, part, f"{span}/({total}|\\*)")
        run.judge.expect(RANGES.name, finding, answer, job.operation)
    _no_part(run, job, {"Range": f"bytes={MAX_BODY}-"}, "a part beyond the end of the file")
    if file.header("etag"):
        headers = {"Range": "bytes=2-5", "If-Range": '"of-no-version-of-this-file"'}
        _no_part(run, job, headers, "a part of a version (If-Range) that this is not")


def _wrong_part(response: Response, part: bytes, span: str) -> Finding | None:
    told = response.header("content-range")
    seen = f"{len(response.body)} bytes: {response.body[:16]!r}"
    if response.status == OK and response.body == part:
        return Finding("a part as HTTP 206, or HTTP 200 and the whole file", f"HTTP 200, {seen}")
    if response.status != PARTIAL:
        return None
    if response.body != part:
        return Finding(f"{len(part)} bytes: {part[:16]!r}", seen)
    if not re.fullmatch(rf"bytes\s+{span}", (told or "").strip(), re.IGNORECASE):
        wanted = span.partition("/")[0]
        return Finding(f"Content-Range: bytes {wanted}/ and the size", f"Content-Range: {told}")
    return None


def _no_part(run: Run, job: Job, headers: dict[str, str], what: str) -> None:
    """The whole file or a refusal is fine."""
    answer = run.sender.fetch(job.url, headers)
    finding = None
    if answer.status == PARTIAL:
        finding = Finding(f"no HTTP 206 for {what}", answer.short(80))
    run.judge.expect(RANGES.name, finding, answer, job.operation)
