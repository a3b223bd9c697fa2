"""Webhooks: they arrive, once per status, signed and encrypted, never before what they announce."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import TYPE_CHECKING, Any

from akool_contract._findings.registry import Finding, active, clause
from akool_contract._run.ledger import same_file
from akool_contract._run.session import News
from akool_contract._wire import strict_json
from akool_contract._wire.clocks import agree, plausible, same_day
from akool_contract.checks.state import THREE_HOURS_S, cohort

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_contract._run.ledger import Job
    from akool_contract._run.session import Session
    from akool_contract._target.mailbox import Delivery
    from akool_contract.oracle import Credentials

FORM = clause(
    "side.webhook-form",
    "side",
    "A webhook is a JSON POST of signature, dataEncrypt, timestamp in ms, and nonce.",
)
SIGNED = clause(
    "side.webhook-signature",
    "side",
    "signature is the SHA-1 of clientId, timestamp, nonce and dataEncrypt, sorted and joined.",
)
SEALED = clause(
    "side.webhook-encryption",
    "side",
    "dataEncrypt is base64 of AES-CBC with PKCS#7: key clientSecret, IV clientId's first 16 bytes.",
)
CONTENT = clause(
    "side.webhook-content",
    "side",
    "The message has _id, status, type, and at status 3 the result's url.",
)
ONCE = clause(
    "side.webhook-once", "side", "A status that was received (HTTP 200) is not sent a second time."
)
TRUE = clause(
    "side.webhook-not-early",
    "side",
    "A webhook does not announce a status that the job has not reached.",
)
ORDER = clause(
    "side.webhook-order",
    "side",
    "A job's statuses are announced in their order: 2, then 3 or 4.",
)
NONCE = clause(
    "side.webhook-nonce", "side", "The nonce is a number used once: not the same for all messages."
)
OVERTAKING_S, OVERTAKING_MS = 1.0, 50
"""Two messages sent at once may arrive in either order, or be stamped in either."""
ENOUGH_MESSAGES = 5
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
BLOCK = 16
KEYS = (16, 24, 32)
OK = 200


def collect(run: Session) -> None:
    """Judges everything that has arrived since the last call."""
    deliveries = run.mailbox.take() if run.mailbox else []
    for tap in run.taps:
        tap(deliveries)
    for delivery in deliveries:
        _judge(run, delivery)


def _report(run: Session, name: str, expected: str, seen: str, job: Job | None) -> None:
    run.report(name, Finding(expected, seen), None, job.operation if job else "webhook")


def _job(run: Session, delivery: Delivery) -> Job | None:
    for job in run.ledger.jobs.values():
        ours = run.mailbox is not None and job.webhook.startswith(f"{run.mailbox.base}/")
        if ours and job.webhook.endswith(delivery.path):
            return job
    return None


def _judge(run: Session, delivery: Delivery) -> None:
    job = _job(run, delivery)
    operation = job.operation if job else "webhook"
    for promise in (FORM, SIGNED, SEALED, CONTENT, ONCE, TRUE):
        run.collector.passed(promise.name, operation, promise.layer)
    envelope = _envelope(run, delivery, job)
    if envelope is None:
        return
    message = _open(run, envelope, delivery, job)
    if message is None:
        return
    for finding in _content(message, job):
        run.report(CONTENT.name, finding, None, operation)
    status = message.get("status")
    if status == 1:  # the page's legend knows it, its list of values does not
        run.coverage.note("enum", "webhook", "status 1", "")
    if job is not None and type(status) is int:
        run.nonces[str(envelope.get("nonce"))].add(job.id)
        stamp = envelope.get("timestamp")
        news = News(status, delivery.at, stamp if type(stamp) is int else 0)
        _arrived(run, job, news, delivery)


def _envelope(run: Session, delivery: Delivery, job: Job | None) -> dict[str, Any] | None:
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
    return value


def _timely(moment: float, delivery: Delivery, job: Job) -> bool:
    """Near the moment of its arrival, if the server's clocks are ours; else within a day."""
    if agree([*job.clocks, delivery.at]):
        return plausible(moment, [delivery.at])
    return same_day(moment, [*job.clocks, delivery.at])


def _open(
    run: Session, envelope: dict[str, Any], delivery: Delivery, job: Job | None
) -> dict[str, Any] | None:
    client_id, secret = run.credentials.client_id, run.credentials.client_secret
    if job is not None and job.account != "main":
        return None
    if client_id:
        parts = [client_id, *(str(envelope.get(n)) for n in ("timestamp", "nonce", "dataEncrypt"))]
        wanted = hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()
        if envelope["signature"] != wanted:
            seen = f"signature {envelope['signature'][:60]}"
            _report(run, SIGNED.name, f"signature {wanted}", seen, job)
    else:
        run.collector.skip(SIGNED.name, "no --client-id: the signature cannot be computed")
    if delivery.opened is not None:
        message = delivery.opened.get("message")
        if isinstance(message, dict):
            return message
        problem = str(delivery.opened.get("problem"))
        _report(run, SEALED.name, "data that decrypts to a JSON object", problem[:200], job)
        return None
    if not client_id or len(secret.encode()) not in KEYS:
        run.collector.skip(SEALED.name, "no --client-id and --client-secret to decrypt with")
        return None
    try:
        return decrypt(envelope["dataEncrypt"], secret, client_id)
    except ValueError as error:
        _report(run, SEALED.name, "data that decrypts to a JSON object", str(error)[:200], job)
        return None


def opened(delivery: Delivery, known: Credentials) -> dict[str, Any] | None:
    """What a recording keeps of a message: its text, or what is wrong; None: nobody can tell."""
    value = strict_json.read_kindly(delivery.body)
    text = value.get("dataEncrypt") if isinstance(value, dict) else None
    secret = known.client_secret
    if not (known.client_id and isinstance(text, str) and len(secret.encode()) in KEYS):
        return None
    try:
        return {"message": decrypt(text, secret, known.client_id)}
    except ValueError as error:
        return {"problem": str(error)}


def decrypt(text: str, secret: str, client_id: str) -> dict[str, Any]:
    """The message in `dataEncrypt`; raises ValueError."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415 - slow to import

    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error
    if not data or len(data) % BLOCK:
        raise ValueError(f"{len(data)} bytes are no whole number of 16-byte blocks")
    start = client_id.encode()[:BLOCK]
    vectors = {start.ljust(BLOCK, b"\0"), start.ljust(BLOCK, b" ")}
    problem = ""
    for vector in vectors:
        decryptor = Cipher(algorithms.AES(secret.encode()), modes.CBC(vector)).decryptor()
        plain = decryptor.update(data) + decryptor.finalize()
        pad = plain[-1]
        if not 1 <= pad <= BLOCK or plain[-pad:] != bytes([pad]) * pad:
            problem = "the padding is not PKCS#7"
            continue
        try:
            value = strict_json.read(plain[:-pad])
        except strict_json.JSONFaultError as fault:
            problem = f"the message is not JSON: {fault}"
            continue
        if isinstance(value, dict):
            return value
        problem = f"the message is no object: {json.dumps(value)[:60]}"
    raise ValueError(problem)


def _content(message: dict[str, Any], job: Job | None) -> Iterator[Finding]:
    status, kind, url = message.get("status"), message.get("type"), message.get("url")
    if job is not None and message.get("_id") != job.id:
        yield Finding(f"_id {job.id}", f"_id {message.get('_id')!r}")
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
            yield Finding(f"url {job.url}", f"url {url}")


def _arrived(run: Session, job: Job, news: News, delivery: Delivery) -> None:
    status = news.status
    _in_order(run, job, news, delivery)
    got = run.announced.setdefault(job.id, [])
    if delivery.answered != OK:
        run.turned_away.setdefault(job.id, []).append(status)
    else:
        if status in got:
            _report(
                run, ONCE.name, f"status {status} once", f"status {status} again for {job.id}", job
            )
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


def _in_order(run: Session, job: Job, news: News, delivery: Delivery) -> None:
    """Messages on the wire may overtake each other by a little; a job's story may not."""
    slack = 0.0 if run.can.clock else OVERTAKING_S
    finding = None
    for before in run.news[job.id] if job.id not in run.turned_away else ():
        late = delivery.at - before.at >= slack or news.stamp >= before.stamp + OVERTAKING_MS
        if before.status > news.status and late:
            seen = f"status {news.status} after status {before.status} of {job.id}"
            finding = Finding("announcements in the order of the statuses", seen)
    if delivery.answered == OK:
        run.news[job.id].append(news)
        run.expect(ORDER.name, finding, None, job.operation)


@active(
    "side.webhook-arrives",
    "side",
    "When a job is finished its webhook is called.",
    needs=("submit", "state", "webhooks", "codes"),
    order=82,
)
def arrives(run: Session) -> None:
    """The final status of each of the first jobs."""
    mailbox = run.mailbox
    if mailbox is None:
        return
    refused = run.refused_hooks.values()
    first = [job for job in cohort(run) if job.webhook]
    others = [job for job in run.ledger.jobs.values() if _is_hooked(run, job)]
    run.look_at([job for job in others if not job.done])
    jobs = list({job.id: job for job in [*first, *others] if job not in refused}.values())
    patience = THREE_HOURS_S if run.can.clock else run.options.webhook_patience
    waited, tick = 0.0, 0.1
    pending = [job for job in jobs if job.done and not job.deleted]
    while waited <= patience:
        collect(run)
        pending = [j for j in pending if not set(run.announced.get(j.id, [])) & {3, 4}]
        if not pending:
            break
        run.target.wait(tick)
        waited, tick = waited + tick, min(tick * 1.5, 3600.0 if run.can.clock else 1.0)
    for job in jobs:
        finding = None
        if job in pending:
            seen = f"none within {patience:g} s of status {job.status}"
            finding = Finding(f"a webhook for status {job.status}", seen)
        run.expect("side.webhook-arrives", finding, None, job.operation)
    _nonces(run)


def _is_hooked(run: Session, job: Job) -> bool:
    """Whether the main account's job was to be announced here, whichever check submitted it."""
    ours = run.mailbox is not None and job.webhook.startswith(f"{run.mailbox.base}/")
    return ours and job.account == "main" and not (job.deleted or job.delete_unclear)


def _nonces(run: Session) -> None:
    jobs = set().union(*run.nonces.values())
    if len(jobs) < ENOUGH_MESSAGES:
        return
    nonce = next(iter(run.nonces))
    finding = None
    if len(run.nonces) == 1:
        finding = Finding("a nonce of its own", f"nonce {nonce} for each of {len(jobs)} jobs")
    run.expect(NONCE.name, finding, None, "webhook")
