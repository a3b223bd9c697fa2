"""Wire: what has to be right before anybody looks at the meaning. Looks at every answer."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from akool_contract._findings.answer import HTTP_OK, HTTP_REDIRECTS
from akool_contract._findings.registry import Finding, passive
from akool_contract._wire.http import all_headers
from akool_contract._wire.whole import GZIP, coding_of, unpacked
from akool_contract.oracle.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_contract._findings.answer import Answer

SERVER_ERROR = 500
HTTP_BAD, TOO_MANY = 400, 429
CHARSET = re.compile(r'charset\s*=\s*"?([^";\s]+)"?', re.IGNORECASE)
TOKEN_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
TRACE = re.compile(
    r"Traceback \(most recent|\n\s+at [\w.$<>]+ \(|Exception in thread|node_modules/"
)
SINGLE = ("content-type", "content-length", "date", "content-encoding", "location")


def _answered(answer: Answer) -> bool:
    return not answer.exchange.response.fault


@passive("wire.answers", "wire", "Every request gets a complete HTTP answer.")
def answers(answer: Answer) -> Iterator[Finding]:
    """Timeouts, resets, half answers and endless ones."""
    if not _answered(answer):
        yield Finding("an HTTP answer", answer.exchange.response.fault)


def _fine(answer: Answer) -> bool:
    """Whether HTTP itself says success, in one of the statuses that the operation may use."""
    if answer.operation is None or answer.operation.ours:
        return answer.status == HTTP_OK
    return HTTP_OK <= answer.status < HTTP_REDIRECTS


def _status_is_said(answer: Answer) -> bool:
    """Not of rate limits, nor of what may be no request at all: their status is not documented."""
    unclear = answer.verdict.outcome is Outcome.OPEN and HTTP_BAD <= answer.status < SERVER_ERROR
    return _answered(answer) and answer.status != TOO_MANY and not unclear


@passive(
    "wire.status",
    "wire",
    "The documented HTTP status is 200. The code in the body says the rest.",
    when=_status_is_said,
)
def status(answer: Answer) -> Iterator[Finding]:
    """A few refusals may have a status of their own; the verdict knows which."""
    allowed = set(answer.verdict.statuses) | {HTTP_OK}
    operation = answer.operation
    if operation is not None and not operation.ours and not operation.statuses:
        return  # OpenAPI 3.1 lets a contract say nothing of answers
    documented = operation and not operation.ours and operation.documented(answer.status)
    if answer.status not in allowed and not documented:
        wanted = " or ".join(str(value) for value in sorted(allowed))
        cause = f"HTTP {answer.status}{_on(answer)}"
        yield Finding(f"HTTP {wanted}", answer.short(), cause)


def _on(answer: Answer) -> str:
    """What of the request a fault may be due to: the rule that it broke, and where."""
    causes = answer.verdict.causes
    return f", {answer.verdict.rules[0]}: {causes[0]}" if causes else ""


@passive(
    "wire.status-agrees",
    "wire",
    "HTTP status and business code do not contradict each other.",
    when=_answered,
)
def status_agrees(answer: Answer) -> Iterator[Finding]:
    """Success in the body comes with 200 and with nothing else."""
    envelope = answer.operation.envelope if answer.operation else None
    if envelope is not None and not _fine(answer) and envelope.succeeded(answer.json):
        yield Finding("HTTP 200 with a success code", answer.short(), f"HTTP {answer.status}")


def _is_ours(answer: Answer) -> bool:
    """Answers that must be in the documented form (not a framework's own refusal of garbage)."""
    if not _answered(answer) or answer.operation is None:
        return False
    operation = answer.operation
    return operation.schema_for(answer.status) is not None or (
        answer.status == HTTP_OK and operation.envelope is not None
    )


@passive(
    "wire.content-type",
    "wire",
    "Answers are application/json, in UTF-8 if a charset is named.",
    when=_is_ours,
)
def content_type(answer: Answer) -> Iterator[Finding]:
    """Media type and charset."""
    value = answer.exchange.response.header("content-type")
    if value is None:
        yield Finding("Content-Type: application/json", "no Content-Type")
        return
    media = value.partition(";")[0].strip().lower()
    if media != "application/json":
        yield Finding("Content-Type: application/json", f"Content-Type: {value}")
    charset = CHARSET.search(value)
    if charset and charset.group(1).lower() not in ("utf-8", "utf8"):
        yield Finding("charset utf-8 or none", f"Content-Type: {value}")


@passive(
    "wire.encoding",
    "wire",
    "A body is compressed only in a way that the request asked for, and is complete.",
    when=_answered,
)
def encoding(answer: Answer) -> Iterator[Finding]:
    """Most requests ask for identity; those of `wire.compressed` for gzip."""
    coding = coding_of(answer.exchange.response)
    if not answer.operation or not coding:
        return
    if coding not in _codings_asked(answer):
        yield Finding("no Content-Encoding that was not asked for", f"Content-Encoding: {coding}")
    elif flaw := unpacked(answer.exchange.response)[1]:
        yield Finding("a whole body under Content-Encoding: gzip", flaw, "broken gzip")


def _codings_asked(answer: Answer) -> set[str]:
    asked = answer.exchange.request.header("accept-encoding") or ""
    codings = {part.partition(";")[0].strip().lower() for part in asked.split(",")}
    return codings | set(GZIP) if "gzip" in codings else codings


def _is_plain(answer: Answer) -> bool:
    response = answer.exchange.response
    coding = coding_of(response)
    readable = not coding or (coding in GZIP and not unpacked(response)[1])
    return _is_ours(answer) and readable


@passive(
    "wire.json",
    "wire",
    "The body is one JSON text that every parser reads in the same way.",
    when=_is_plain,
)
def strict_json(answer: Answer) -> Iterator[Finding]:
    """No duplicate keys, NaN, overflow, byte order mark, truncation or bytes outside UTF-8."""
    if answer.fault is not None:
        cause = f"strict JSON: {answer.fault.rule}"
        yield Finding("strict JSON (RFC 8259)", f"{answer.fault}: {answer.short(120)}", cause)


@passive(
    "wire.headers",
    "wire",
    "Headers are well formed and do not contradict each other.",
    when=_answered,
)
def headers(answer: Answer) -> Iterator[Finding]:
    """Single headers once, a length that is true, a date that is one."""
    response = answer.exchange.response
    for name in SINGLE:
        values = all_headers(response.headers, name)
        if len(set(values)) > 1:
            yield Finding(f"one {name}", f"{name}: {' and '.join(values)}"[:200])
    for name, value in response.headers:
        if not TOKEN_NAME.fullmatch(name) or any(char in value for char in "\r\n\0"):
            cause = f"the form of {name!r}"[:60]
            yield Finding("well-formed headers", f"{name!r}: {value!r}"[:200], cause)
    length = response.header("content-length")
    if length is not None and length != str(len(response.body)):
        yield Finding(f"Content-Length: {len(response.body)}", f"Content-Length: {length}")
    if length is not None and response.header("transfer-encoding") is not None:
        seen = f"Content-Length: {length}"
        yield Finding("no Content-Length beside Transfer-Encoding (RFC 9112)", seen, "two lengths")
    date = response.header("date")
    if date is not None and not _is_date(date):
        yield Finding("an HTTP date in Date", f"Date: {date}")


def _is_date(text: str) -> bool:
    try:
        return parsedate_to_datetime(text) is not None
    except ValueError:
        return False


@passive(
    "wire.no-secrets",
    "wire",
    "An answer does not repeat the caller's key, secret or token.",
    when=_answered,
)
def no_secrets(answer: Answer) -> Iterator[Finding]:
    """Neither in the body nor in a header; a new token in getToken's own answer is its purpose."""
    response = answer.exchange.response
    own = str(answer.body.get("token")).strip() if answer.name == "getToken" else None
    text = answer.content.decode("utf-8", "replace")
    text += "\n".join(f"{name}: {value}" for name, value in response.headers)
    for secret in answer.credentials.real():
        if secret != own and len(secret) >= 12 and secret in text:  # noqa: PLR2004 - no chance hits
            yield Finding("no credentials in an answer", "the caller's own credential comes back")
            return


@passive(
    "wire.no-internals",
    "wire",
    "An answer does not show internals of the server.",
    when=_answered,
)
def no_internals(answer: Answer) -> Iterator[Finding]:
    """Stack traces are for logs."""
    if answer.operation and TRACE.search(answer.content.decode("utf-8", "replace")):
        cause = f"an inside view{_on(answer)}"
        yield Finding("a message for the caller", answer.short(200), cause)


@passive(
    "wire.no-server-error",
    "wire",
    "No request makes the server fail, whatever it holds.",
    when=_answered,
)
def no_server_error(answer: Answer) -> Iterator[Finding]:
    """5xx; the detection's documented 500 is for media that cannot be processed."""
    if answer.status < SERVER_ERROR or answer.operation is None:
        return
    documented = str(answer.status) in answer.operation.statuses
    refused_for_cause = answer.verdict.outcome is Outcome.REFUSE
    if not documented or refused_for_cause:
        cause = f"HTTP {answer.status}{_on(answer)}"
        yield Finding("an answer below 500", answer.short(), cause)
