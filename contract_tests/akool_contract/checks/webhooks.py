"""Webhooks: they arrive, once per status, signed and encrypted, never before what they announce."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from akool_contract._findings.job import same_file
from akool_contract._findings.registry import Clause, Finding, clause
from akool_contract._run.observers import Observer
from akool_contract._run.plan import Stage, check, observer
from akool_contract._run.post import News
from akool_contract._wire import strict_json
from akool_contract._wire.clocks import agree, plausible, same_day
from akool_contract._wire.envelope import KEYS, decrypt
from akool_contract._wire.known import SUBMITS
from akool_contract.checks._shared.jobs import THREE_HOURS_S, cohort

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_contract._findings.job import Job
    from akool_contract._run.run import Run
    from akool_contract._target.mailbox import Delivery


def _promise(name: str, text: str) -> Clause:
    """A clause that only webhooks of the run's own jobs put to the test."""
    return clause(f"side.{name}", "side", text, needs=("webhooks", "submit"))


FORM = _promise(
    "webhook-form",
    "A webhook is a JSON POST of signature, dataEncrypt, timestamp in ms, and nonce.",
)
SIGNED = _promise(
    "webhook-signature",
    "signature is the SHA-1 of clientId, timestamp, nonce and dataEncrypt, sorted and joined.",
)
SEALED = _promise(
    "webhook-encryption",
    "dataEncrypt is base64 of AES-CBC with PKCS#7: key clientSecret, IV clientId's first 16 bytes.",
)
CONTENT = _promise(
    "webhook-content",
    "The message has _id, status, type, and at status 3 the result's url.",
)
ONCE = _promise("webhook-once", "If a status was received (HTTP 200), it is not sent again.")
TRUE = _promise(
    "webhook-not-early",
    "A webhook does not announce a status that the job has not reached.",
)
ORDER = _promise(
    "webhook-order",
    "Webhooks announce the statuses of a job in their order: 2, then 3 or 4.",
)
PADDED = "side.webhook-lengths"
"""A check of messages with chosen lengths; the check that chooses them registers it."""
NONCE = _promise("webhook-nonce", "The nonce is used once, so it is not the same for all messages.")
OVERTAKING_S, OVERTAKING_MS = 1.0, 50
"""Two messages sent at once may arrive in either order, or be stamped in either."""
ENOUGH_MESSAGES = 5
SEVERAL = 2
"""Jobs whose messages came in another order, at least, if that is how the server sends them."""
TYPES = {
    "faceswap",
    "image",
    "audio",
    "talking photo",
    "video translate",
    "background change",
    "avatar",
    "lipsync",
}
MS_MIN, MS_MAX = 10**12, 10**13
OK = 200


def collect(run: Run) -> None:
    """Judges everything that has arrived since the last call."""
    with run.sender.rounds.lane("webhooks"):  # one story after the other
        for delivery in run.post.take():
            _judge(run, delivery)


@observer
class Collection(Observer):
    """Webhooks are judged as they come, whichever check their jobs belong to."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def looked(self) -> None:
        """While a job is waited for."""
        collect(self._run)

    def checked(self, what: str) -> None:  # noqa: ARG002 - see `Observer`
        """After every check."""
        collect(self._run)


def _report(  # noqa: PLR0913, PLR0917 - a finding in one line
    run: Run, name: str, expected: str, seen: str, job: Job | None, cause: str = ""
) -> None:
    run.judge.note(name, Finding(expected, seen, cause), None, _where(job))


def _kept(run: Run, name: str, job: Job | None) -> None:
    run.judge.note(name, None, None, _where(job))


def _where(job: Job | None) -> str:
    return job.operation if job else "webhook"


def _job(run: Run, delivery: Delivery) -> Job | None:
    for job in run.ledger.jobs.values():
        if run.post.is_ours(job.webhook) and job.webhook.endswith(delivery.path):
            return job
    return None


def _judge(run: Run, delivery: Delivery) -> None:
    job = _job(run, delivery)
    envelope = _envelope(run, delivery, job)
    if envelope is None:
        return
    message = _open(run, envelope, delivery, job)
    if message is None:
        return
    _kept(run, CONTENT.name, job)
    for finding in _content(message, job):
        run.judge.note(CONTENT.name, finding, None, _where(job))
    status = message.get("status")
    if status == 1:  # the page's legend knows it, its list of values does not
        run.coverage.note("enum", "webhook", "status 1", "")
    if job is not None and type(status) is int:
        run.post.nonces[str(envelope.get("nonce"))].add(job.id)
        stamp = envelope.get("timestamp")
        news = News(status, delivery.at, stamp if type(stamp) is int else 0)
        _arrived(run, job, news, delivery)


def _envelope(run: Run, delivery: Delivery, job: Job | None) -> dict[str, Any] | None:
    media = delivery.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        _report(run, FORM.name, "Content-Type: application/json", f"{media!r}", job)
    try:
        value = strict_json.read(delivery.body)
    except strict_json.JSONFaultError as fault:
        _report(run, FORM.name, "a JSON object", str(fault), job)
        return None
    if not isinstance(value, dict):
        _report(run, FORM.name, "a JSON object", str(value)[:80], job)
        return None
    stamp, nonce = value.get("timestamp"), value.get("nonce")
    if type(stamp) is not int or not MS_MIN <= stamp < MS_MAX:
        _report(run, FORM.name, "timestamp: a number of milliseconds", f"timestamp {stamp!r}", job)
    elif job is not None and not _timely(stamp / 1000, delivery, job):
        _report(run, FORM.name, "timestamp: the time of sending", f"timestamp {stamp!r}", job)
    if isinstance(nonce, bool) or not isinstance(nonce, (str, int)) or nonce == "":
        _report(run, FORM.name, "a nonce", f"nonce {nonce!r}", job)
    for name in ("signature", "dataEncrypt"):
        if not isinstance(value.get(name), str) or not value[name]:
            _report(run, FORM.name, f"{name}: a string", f"{name} {value.get(name)!r}", job)
            return None
    _kept(run, FORM.name, job)
    return value


def _timely(moment: float, delivery: Delivery, job: Job) -> bool:
    """Near the moment of its arrival, if the server's clocks are ours; else within a day."""
    if agree([*job.clocks, delivery.at]):
        return plausible(moment, [delivery.at])
    return same_day(moment, [*job.clocks, delivery.at])


def _open(
    run: Run, envelope: dict[str, Any], delivery: Delivery, job: Job | None
) -> dict[str, Any] | None:
    client_id, secret = run.credentials.client_id, run.credentials.client_secret
    if job is not None and job.account != "main":
        return None
    if client_id:
        parts = [client_id, *(str(envelope.get(n)) for n in ("timestamp", "nonce", "dataEncrypt"))]
        wanted = hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()
        if envelope["signature"] != wanted:
            seen = f"signature {envelope['signature'][:60]}"
            _report(run, SIGNED.name, f"signature {wanted}", seen, job, "signature")
        else:
            _kept(run, SIGNED.name, job)
    else:
        run.collector.skip(SIGNED.name, "no --client-id: the signature cannot be computed")
    if delivery.opened is not None:
        message = delivery.opened.get("message")
        if isinstance(message, dict):
            return _opened(run, message, job)
        _sealed_wrongly(run, str(delivery.opened.get("problem")), job)
        return None
    if not client_id or len(secret.encode()) not in KEYS:
        run.collector.skip(SEALED.name, "no --client-id and --client-secret to decrypt with")
        return None
    try:
        return _opened(run, decrypt(envelope["dataEncrypt"], secret, client_id), job)
    except ValueError as error:
        _sealed_wrongly(run, str(error), job)
        return None


def _opened(run: Run, message: dict[str, Any], job: Job | None) -> dict[str, Any]:
    _kept(run, _sealing(run, job), job)
    return message


def _sealed_wrongly(run: Run, problem: str, job: Job | None) -> None:
    wanted = "data that decrypts to a JSON object"
    _report(run, _sealing(run, job), wanted, problem[:200], job)


def _sealing(run: Run, job: Job | None) -> str:
    """The clause of a message's encryption: another where its length was chosen to try padding."""
    padded = job is not None and job.id in run.post.padded
    every = any(violation.check == SEALED.name for violation in run.collector.violations.values())
    return PADDED if padded and not every else SEALED.name


def _content(message: dict[str, Any], job: Job | None) -> Iterator[Finding]:
    status, kind, url = message.get("status"), message.get("type"), message.get("url")
    if job is not None and message.get("_id") != job.id:
        yield Finding(f"_id {job.id}", f"_id {message.get('_id')!r}", "_id")
    elif not isinstance(message.get("_id"), str):
        yield Finding("_id: a string", f"_id {message.get('_id')!r}")
    if type(status) is not int or status not in (1, 2, 3, 4):
        yield Finding("status: a number, 2, 3 or 4", f"status {status!r}")
    if kind not in TYPES:
        yield Finding("type: one of the documented types", f"type {kind!r}")
    paid = message.get("deduction_credit")
    if paid is not None and (isinstance(paid, bool) or not isinstance(paid, (int, float))):
        yield Finding("deduction_credit: a number", f"deduction_credit {paid!r}")
    if status == 3:  # noqa: PLR2004 - success
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            yield Finding("url: the result's address at status 3", f"url {url!r}")
        elif job is not None and job.url and not same_file(url, job.url):
            yield Finding(f"url {job.url}", f"url {url}", "another url")


def _arrived(run: Run, job: Job, news: News, delivery: Delivery) -> None:
    status = news.status
    _in_order(run, job, news, delivery)
    got = run.post.announced.setdefault(job.id, [])
    if delivery.answered != OK:
        run.post.turned_away.setdefault(job.id, []).append(status)
    else:
        if status in got:
            seen = f"status {status} again for {job.id}"
            _report(run, ONCE.name, f"status {status} once", seen, job, f"status {status} again")
        else:
            _kept(run, ONCE.name, job)
        got.append(status)
    if job.deleted or job.status >= status:
        reached = job.status
    else:
        run.look([job.id])
        reached = job.status
    wrong = reached < status or (status >= 3 and reached != status)  # noqa: PLR2004 - final
    if wrong and job.listed and not job.deleted:
        seen = f"status {status} announced, status {reached} listed"
        _report(run, TRUE.name, "no announcement before the fact", seen, job)
    else:
        _kept(run, TRUE.name, job)


def _in_order(run: Run, job: Job, news: News, delivery: Delivery) -> None:
    """Messages on the wire may overtake each other by a little; a job's story may not.

    A message whose connection was lost, unseen by us, is sent again: one job's story proves little.
    """
    slack = 0.0 if run.can.clock else OVERTAKING_S
    finding = None
    for before in run.post.news[job.id] if job.id not in run.post.turned_away else ():
        late = delivery.at - before.at >= slack or news.stamp >= before.stamp + OVERTAKING_MS
        if before.status > news.status and late:
            seen = f"status {news.status} after status {before.status} of {job.id}"
            finding = Finding("announcements in the order of the statuses", seen)
    if delivery.answered == OK:
        run.post.news[job.id].append(news)
        if not run.can.clock and len(run.post.news[job.id]) > 1:
            (run.post.disordered if finding else run.post.ordered).add(job.id)
            wrong, right = len(run.post.disordered), len(run.post.ordered)
            finding = finding if wrong >= SEVERAL and wrong > right else None
        run.judge.expect(ORDER.name, finding, None, job.operation)


@check(
    "side.webhook-arrives",
    "side",
    "When a job is finished, its webhook is called.",
    needs=("submit", "state", "webhooks", "codes"),
    operations=SUBMITS,
    stage=Stage.RESULTS,
)
def arrives(run: Run) -> None:
    """The final status of each of the first jobs."""
    mailbox = run.mailbox
    if mailbox is None:
        return
    refused = run.post.refused.values()
    first = [job for job in cohort(run) if job.webhook]
    others = [job for job in run.ledger.jobs.values() if _is_hooked(run, job)]
    run.look_at([job for job in others if not job.done])
    jobs = list({job.id: job for job in [*first, *others] if job not in refused}.values())
    patience = THREE_HOURS_S if run.can.clock else run.options.webhook_patience
    waited, tick = 0.0, 0.1
    pending = [job for job in jobs if job.done and not job.deleted]
    while waited <= patience:
        collect(run)
        pending = [j for j in pending if not set(run.post.announced.get(j.id, [])) & {3, 4}]
        if not pending:
            break
        run.clock.wait(tick)
        waited, tick = waited + tick, min(tick * 1.5, 3600.0 if run.can.clock else 1.0)
    for job in jobs:
        finding = None
        if job in pending:
            seen = f"none within {patience:g} s of status {job.status}"
            finding = Finding(f"a webhook for status {job.status}", seen)
        run.judge.expect("side.webhook-arrives", finding, None, job.operation)
    _nonces(run)


def _is_hooked(run: Run, job: Job) -> bool:
    """Whether the main account's job was to be announced here, whichever check submitted it."""
    return run.post.is_ours(job.webhook) and job.account == "main" and not job.may_be_gone


def _nonces(run: Run) -> None:
    jobs = set().union(*run.post.nonces.values())
    if len(jobs) < ENOUGH_MESSAGES:
        return
    nonce = next(iter(run.post.nonces))
    finding = None
    if len(run.post.nonces) == 1:
        finding = Finding("a nonce of its own", f"nonce {nonce} for each of {len(jobs)} jobs")
    run.judge.expect(NONCE.name, finding, None, "webhook")
