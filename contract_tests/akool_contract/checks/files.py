"""Result files: there at success, of the right kind, and not before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from akool_contract._findings.registry import Finding, active, clause
from akool_contract._run.judging import REDIRECTS
from akool_contract._run.recording import MAX_FILE
from akool_contract._target.target import MAX_BODY
from akool_contract.checks.state import cohort

if TYPE_CHECKING:
    from akool_contract._findings.answer import Answer
    from akool_contract._run.ledger import Job
    from akool_contract._run.session import Session
    from akool_contract._wire.http import Response

OK = 200
SUCCESS = 3
GZIP = b"\x1f\x8b"
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
        if wrong(job, answer) is None:
            _ranges(run, job, answer.exchange.response)
    if not checked:
        run.collector.skip("side.file-at-success", "no finished job with a file on the target")


RANGES = clause(
    "side.file-ranges",
    "side",
    "A part of a file is sent as HTTP 206 with its Content-Range, and is the part that was asked "
    "for; what is not there, or is part of another version, is not sent as a part (RFC 9110).",
)
PARTIAL = 206


def _ranges(run: Session, job: Job, file: Response) -> None:
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
        answer = run.fetch(job.url, {"Range": f"bytes={text}"})
        total = str(size) if size < MAX_FILE else r"\d+"
        finding = _wrong_part(answer.exchange.response, part, f"{span}/({total}|\\*)")
        run.expect(RANGES.name, finding, answer, job.operation)
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


def _no_part(run: Session, job: Job, headers: dict[str, str], what: str) -> None:
    """The whole file or a refusal is fine."""
    answer = run.fetch(job.url, headers)
    finding = None
    if answer.status == PARTIAL:
        finding = Finding(f"no HTTP 206 for {what}", answer.short(80))
    run.expect(RANGES.name, finding, answer, job.operation)


def wrong(job: Job, answer: Answer) -> Finding | None:
    """What is wrong with the file of a job that succeeded."""
    return wrong_file("video" if job.video else "image", answer)


def wrong_file(wanted: str, answer: Answer) -> Finding | None:
    """What is wrong with a file that should be an `image` or a `video`."""
    response = answer.exchange.response
    if response.status in REDIRECTS and response.header("location"):
        return None  # the file is on another host, which is none of ours
    if response.fault or response.status != OK or not response.body:
        seen = answer.short(120) if response.body or response.fault else "an empty file"
        return Finding(f"HTTP 200 and the {wanted}", seen)
    media = (response.header("content-type") or "").partition(";")[0].strip().lower()
    if media and media not in NEUTRAL and not media.startswith(f"{wanted}/"):
        return Finding(f"Content-Type {wanted}/...", f"Content-Type: {media}")
    return _wrong_bytes(wanted, response)


def _wrong_bytes(wanted: str, response: Response) -> Finding | None:
    coding = (response.header("content-encoding") or "").strip().lower()
    if coding in ("gzip", "x-gzip") and not response.body.startswith(GZIP):
        return Finding("Content-Encoding: gzip over gzip data only", f"{response.body[:16]!r}")
    kind = kind_of(response.body)
    if kind not in (wanted, "unknown"):
        return Finding(f"the bytes of a {wanted}", f"a {kind}: {response.body[:16]!r}")
    length = response.header("content-length")
    if length is not None and length != str(len(response.body)):
        return Finding(f"{length} bytes", f"{len(response.body)} bytes")
    return None
