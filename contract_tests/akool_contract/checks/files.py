"""Result files: there at success, of the right kind, and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_contract._registry import Finding, active
from akool_contract.checks.state import cohort

if TYPE_CHECKING:
    from akool_contract._answer import Answer
    from akool_contract._ledger import Job
    from akool_contract._session import Session

OK = 200
SUCCESS = 3
NEUTRAL = ("application/octet-stream", "binary/octet-stream")
IMAGES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"RIFF", b"II*\0", b"MM\0*")


def kind_of(body: bytes) -> str:
    """image, video, text or unknown, by the first bytes."""
    if body[4:8] == b"ftyp":
        return "image" if body[8:12] in (b"avif", b"heic", b"mif1") else "video"
    if body[:4] == b"RIFF":
        return "video" if body[8:11] == b"AVI" else "image"
    if body[:4] == b"\x1aE\xdf\xa3":
        return "video"
    if body.startswith(IMAGES):
        return "image"
    return "text" if body.lstrip()[:1] in (b"<", b"{", b"[") else "unknown"


@active(
    "side.file-not-before-success",
    "side",
    "The url is handed out before the work is done; the file is there only at success.",
    needs=("submit", "state", "files", "codes"),
    operations=("listResults",),
    order=16,
)
def not_before(run: Session) -> None:
    """Fetches between two looks: only a file that is there while the job still runs is a fault."""
    jobs = [run.submit("swapImage"), *cohort(run)] if run.can.cheap else list(cohort(run))
    for job in jobs:
        run.look([job.id])
        if not job.url or not run.is_own_file(job.url):
            continue
        if job.done:
            if job.status == SUCCESS:
                answer = run.fetch(job.url)
                run.expect("side.file-at-success", wrong(job, answer), answer, job.operation)
            continue
        answer = run.fetch(job.url)
        run.look([job.id])
        finding = None
        if answer.status == OK and not job.done:
            finding = Finding(
                "no file before status 3", f"{answer.short(80)} at status {job.status}"
            )
        run.expect("side.file-not-before-success", finding, answer, job.operation)


@active(
    "side.file-at-success",
    "side",
    "The result url is available at status 3: a file of the job's kind.",
    needs=("submit", "state", "files", "codes"),
    operations=("listResults",),
    order=80,
)
def at_success(run: Session) -> None:
    """One finished job of each kind; addresses on other hosts only in a live run."""
    checked = 0
    for job in cohort(run):
        if job.status != SUCCESS or job.deleted or not job.url:
            continue
        if not run.is_own_file(job.url):
            run.collector.skip(
                "side.file-at-success", "the files are on another host", job.operation
            )
            continue
        checked += 1
        answer = run.fetch(job.url)
        run.expect("side.file-at-success", wrong(job, answer), answer, job.operation)
    if not checked:
        run.collector.skip("side.file-at-success", "no finished job with a file on the target")


def wrong(job: Job, answer: Answer) -> Finding | None:
    """What is wrong with the file of a job that succeeded."""
    response = answer.exchange.response
    wanted = "video" if job.video else "image"
    if response.fault or response.status != OK:
        return Finding(f"HTTP 200 and a {wanted}", answer.short(120))
    if not response.body:
        return Finding(f"a {wanted}", "an empty file")
    media = (response.header("content-type") or "").partition(";")[0].strip().lower()
    if media and media not in NEUTRAL and not media.startswith(f"{wanted}/"):
        return Finding(f"Content-Type {wanted}/...", f"Content-Type: {media}")
    kind = kind_of(response.body)
    if kind not in (wanted, "unknown"):
        return Finding(f"the bytes of a {wanted}", f"a {kind}: {response.body[:16]!r}")
    length = response.header("content-length")
    if length is not None and length != str(len(response.body)):
        return Finding(f"{length} bytes", f"{len(response.body)} bytes")
    return None
