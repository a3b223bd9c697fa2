"""Client: the ergonomic client must agree with what raw requests observe."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from akool_contract._findings.job import same_file
from akool_contract._findings.registry import Finding, clause
from akool_contract._generate.client_driver import PATIENCE_S, Driver
from akool_contract._run.plan import Stage, check
from akool_contract._target.rounds import StoppedError
from akool_contract._wire.errors import TargetDownError, UnusableError
from akool_contract._wire.known import DETECTIONS
from akool_contract.checks._shared.jobs import TINY, may_be_refunded, served
from akool_faceswap import AkoolError, ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from akool_contract._findings.answer import Answer
    from akool_contract._findings.job import Job
    from akool_contract._run.run import Run
    from akool_faceswap import JobState

T = TypeVar("T")
SUCCESS = 3
TYPED = clause(
    "client.typed-errors",
    "client",
    "Whatever a server answers, the client raises only errors of its own tree.",
)
AGREES = clause(
    "client.agrees-on-jobs",
    "client",
    "The client's view of a job (status, url, time, whether it is listed) is that of the raw list.",
)
READS = clause(
    "client.agrees-on-reads",
    "client",
    "The client returns credit and faces as they are in the raw answer.",
)


def attempt(run: Run, name: str, operation: str, call: Callable[[], T]) -> T:
    """The client's answer; an error where the raw request succeeds is a disagreement."""
    try:
        found = call()
    except AkoolError as error:
        _ended(error)
        run.judge.note(TYPED.name, None, None, operation)
        finding = Finding(
            "the client to succeed as raw requests do", f"{type(error).__name__}: {error}"[:300]
        )
        run.judge.expect(name, finding, None, operation)
        raise UnusableError(f"the client failed: {type(error).__name__}") from error
    except (UnusableError, TargetDownError):
        raise
    except Exception as error:
        _ended(error)
        seen = f"{type(error).__name__}: {error}"[:300]
        run.judge.expect(
            TYPED.name, Finding("an error of the client's own tree", seen), None, operation
        )
        raise UnusableError(f"the client raised {type(error).__name__}") from error
    run.judge.note(TYPED.name, None, None, operation)
    return found


def _ended(error: BaseException) -> None:
    """Raises what ended the run or the check, if that is why the client saw no answer."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, (UnusableError, TargetDownError, StoppedError)):
            raise cause
        cause = cause.__cause__ or cause.__context__


def submit(run: Run, driver: Driver, name: str) -> Job:
    """A job submitted by the client, as the model knows it."""
    handle = attempt(run, AGREES.name, name, lambda: driver.submit(name))
    job = run.ledger.jobs.get(handle.id)
    if job is None:
        finding = Finding("the _id of an accepted submit", f"job {handle.id}")
        run.judge.expect(AGREES.name, finding, None, name)
        raise UnusableError("the client's job is not one that was accepted")
    return job


def compare(run: Run, driver: Driver, jobs: Iterable[Job]) -> None:
    """Raw list, client, raw list: the client must see what lies between."""
    ids = [job.id for job in jobs]
    before = _statuses(run.look(ids))
    states = attempt(run, AGREES.name, "listResults", lambda: driver.client.results(ids))
    answer = run.look(ids)
    after = _statuses(answer)
    items = {str(item.get("_id")): item for item in answer.items}
    for state in states:
        finding = _differs(state, before.get(state.id), after.get(state.id), items.get(state.id))
        run.judge.expect(AGREES.name, finding, answer, "listResults")


def _statuses(answer: Answer) -> dict[str, Any]:
    return {str(item.get("_id")): item.get("faceswap_status") for item in answer.items}


def _differs(  # noqa: PLR0911 - one return for each way to differ
    state: JobState, before: object, after: object, item: dict[str, Any] | None
) -> Finding | None:
    if before is not None and after is not None and not state.listed:
        return Finding(f"{state.id} listed", "the client sees no such job", "listed")
    if before is None and after is None and state.listed:
        return Finding(f"{state.id} not listed", "the client sees it", "not listed")
    if item is None or not isinstance(before, int) or not isinstance(after, int):
        return None
    if not before <= int(state.status) <= after:
        return Finding(f"status {before} to {after}", f"the client sees {int(state.status)}")
    if int(state.status) == SUCCESS and not same_file(str(state.url), str(item.get("url"))):
        return Finding(f"url {item.get('url')}", f"the client has {state.url}")
    if int(state.status) < SUCCESS and state.url is not None:
        return Finding("no url before success", f"the client returns {state.url}")
    created = _time(item.get("createdAt"))
    if created and state.created_at and abs((created - state.created_at).total_seconds()) > 1:
        return Finding(f"created {created}", f"the client has {state.created_at}")
    return None


def _time(text: object) -> datetime | None:
    try:
        value = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


@check(
    "client.reads",
    "client",
    "The client returns credit and faces as they are in the raw answers.",
    needs=("codes",),
    operations=("getCredit", *DETECTIONS),
    stage=Stage.MANY_JOBS,
    shows=("client",),
)
def reads(run: Run) -> None:
    """Credit, then both detections."""
    driver = Driver(run)
    if run.guard.knows("getCredit"):
        before = run.credit()
        seen = float(attempt(run, READS.name, "getCredit", driver.client.credit))
        after = run.credit()  # a refund of a failed job may come in between
        finding: Finding | None = None
        if not min(before, after) <= seen <= max(before, after):
            finding = Finding(f"credit {before:g}", f"the client reads {seen:g}")
        run.judge.expect(READS.name, finding, None, "getCredit")
    for name in ("detectFaces", "detectFacesLegacy"):
        if not run.guard.knows(name):
            continue
        body = run.valid_body(name)
        answer = run.call(name, body=body)
        if not answer.ok:
            continue
        url = body.get("url") or body.get("image_url")
        legacy = name == "detectFacesLegacy"
        detect = driver.client.detect_faces_legacy if legacy else driver.client.detect_faces
        found = attempt(run, READS.name, name, lambda detect=detect, url=url: detect(url))  # type: ignore[misc]
        texts = [face.landmarks_str for face in found.faces]
        wanted = _texts(answer.body)
        finding = (
            Finding(f"landmarks {wanted}", f"the client has {texts}") if texts != wanted else None
        )
        run.judge.expect(READS.name, finding, answer, name)


def _texts(body: dict[str, Any]) -> list[Any]:
    frames = body.get("faces_obj")
    parts = list(frames.values()) if isinstance(frames, dict) else [body]
    out: list[Any] = []
    for part in parts:
        texts = part.get("landmarks_str") if isinstance(part, dict) else None
        out += [texts] if isinstance(texts, str) else (texts or [])
    return out


@check(
    "client.refusals",
    "client",
    "For each business code, the client raises the error of that code.",
    needs=("codes",),
    operations=("getCredit",),
    stage=Stage.MANY_JOBS,
)
def refusals(run: Run) -> None:
    """Refused by the server, not by the client's own checks: credentials that nobody has."""
    from akool_contract._generate.client_driver import Clock, Transport  # noqa: PLC0415 - one use
    from akool_faceswap import FaceSwap  # noqa: PLC0415 - one use

    if run.credentials.lenient_keys or not run.options.wants_operation("getCredit"):
        raise UnusableError("wrong keys cannot be tested here")
    client = FaceSwap(
        "wrong-key-0123456789abcdefghijkl",
        base_url=run.target.base_url,
        timeout=PATIENCE_S,
        transport=Transport(run),
        clock=Clock(run),
    )
    finding: Finding | None
    try:
        client.credit()
        finding = Finding("an ApiError with code 1101", "a credit")
    except ApiError as error:
        finding = None if error.code == 1101 else Finding("code 1101", f"{error.code}")  # noqa: PLR2004 - bad credentials
    except AkoolError as error:
        _ended(error)
        finding = Finding("an ApiError with code 1101", f"{type(error).__name__}: {error}"[:200])
    run.judge.expect("client.refusals", finding, None, "getCredit")


@check(
    "client.jobs",
    "client",
    "If the client submits, awaits and deletes a job, raw requests agree. It is paid once.",
    needs=("submit", "state", "codes"),
    operations=("listResults",),
    stage=Stage.MANY_JOBS,
)
def jobs(run: Run) -> None:
    """Each kind of job once through its whole life."""
    driver = Driver(run)
    done = []
    names = served(run)
    for name in run.random.sample(names, 1) if run.budget.tight and names else names:
        try:
            with run.purse():
                before = run.balance()
                job = submit(run, driver, name)
                after = run.balance()
        except UnusableError as error:
            run.collector.skip("client.jobs", error.reason, name)
            continue
        if before is not None and after is not None:
            run.judge.expect(
                "client.jobs", _overpaid(run, driver, name, before - after), None, name
            )
        compare(run, driver, [job])
        done.append(job)
    if run.waiting.slow:
        run.collector.skip("client.jobs", "jobs take longer than the run has: not waited for")
        return
    for job in done:
        _finish(run, driver, job)


def _overpaid(run: Run, driver: Driver, name: str, paid: float) -> Finding | None:
    """Prices may depend on what is asked for: the same request, sent raw, says what is right."""
    usual = run.budget.prices.get(name)
    if usual is None or abs(paid - usual) <= TINY or driver.submitted is None:
        return None
    with run.purse():
        before = run.balance()
        again = run.sender.send(driver.submitted.with_headers({"user-agent": None}))
        after = run.balance()
    if not again.ok or before is None or after is None or abs(before - after - paid) <= TINY:
        return None
    if may_be_refunded(run):
        return None
    return Finding(f"{before - after:g} credits as for a raw request", f"{paid:g} credits")


def _finish(run: Run, driver: Driver, job: Job) -> None:
    if not run.waiting.until_done([job]):
        return
    compare(run, driver, [job])
    handle = driver.client.job(job.id)
    if job.status == SUCCESS:
        result = attempt(run, AGREES.name, job.operation, lambda: handle.wait(timeout=PATIENCE_S))
        finding = None
        if not same_file(result.url, job.url):
            finding = Finding(f"url {job.url}", f"url {result.url}")
        run.judge.expect("client.jobs", finding, None, job.operation)
    if run.can.delete and run.guard.knows("deleteResults"):
        attempt(run, AGREES.name, "deleteResults", handle.delete)
        compare(run, driver, [job])
        left = [item.get("_id") for item in run.look([job.id]).items]
        finding = Finding(f"{job.id} deleted", "still listed") if job.id in left else None
        run.judge.expect("client.jobs", finding, None, "deleteResults")
