"""What is wrong with a file that should be a picture or a video."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_contract._findings.registry import Finding
from akool_contract._target.target import REDIRECTS
from akool_contract._wire.whole import flaw_of
from akool_faceswap._media.kinds import HEAD_BYTES, is_text, recognise

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_contract._findings.answer import Answer
    from akool_contract._findings.job import Job
    from akool_contract._run.run import Run
    from akool_contract._wire.http import Response

OK = 200
NEUTRAL = ("application/octet-stream", "binary/octet-stream")


def kind_of(body: bytes) -> str:
    """image, video, text or unknown, by the first bytes."""
    head = body[:HEAD_BYTES]
    kind = recognise(head)
    if kind is None:
        return "text" if is_text(head) else "unknown"
    return "image" if kind.is_image else "video"


def wrong(job: Job, answer: Answer) -> Finding | None:
    """What is wrong with the file of a job that succeeded."""
    return wrong_file("video" if job.video else "image", answer)


def judge_file(
    run: Run, job: Job, flaw: Callable[[Job, Answer], Finding | None] = wrong
) -> Answer | None:
    """Fetches the file of a job that succeeded; the answer if nothing is wrong with the file.

    `flaw` says what is wrong with it. A job that another check deleted
    before the answer came is not judged.
    """
    if job.may_be_gone:
        return None
    answer = run.sender.fetch(job.url)
    if job.may_be_gone:
        return None
    finding = flaw(job, answer)
    run.judge.expect("side.file-at-success", finding, answer, job.operation)
    return answer if finding is None else None


def wrong_file(wanted: str, answer: Answer) -> Finding | None:
    """What is wrong with a file that should be an `image` or a `video`."""
    response = answer.exchange.response
    if response.status in REDIRECTS and response.header("location"):
        return None  # the file is on another host
    if response.fault or response.status != OK or not response.body:
        seen = answer.short(120) if response.body or response.fault else "an empty file"
        return Finding(f"HTTP 200 and the {wanted}", seen)
    media = (response.header("content-type") or "").partition(";")[0].strip().lower()
    if media and media not in NEUTRAL and not media.startswith(f"{wanted}/"):
        return Finding(f"Content-Type {wanted}/...", f"Content-Type: {media}")
    return _wrong_bytes(wanted, response)


def _wrong_bytes(wanted: str, response: Response) -> Finding | None:
    content, flaw = flaw_of(response, is_file=True)
    kind = kind_of(content)
    if kind not in (wanted, "unknown"):
        return Finding(f"the bytes of a {wanted}", f"a {kind}: {content[:16]!r}")
    if flaw:
        return Finding(f"a whole {wanted}", flaw)
    length = response.header("content-length")
    if length is not None and length != str(len(response.body)):
        return Finding(f"{length} bytes", f"{len(response.body)} bytes")
    return None
