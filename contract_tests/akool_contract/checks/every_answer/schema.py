"""Schema: every answer against the contract, and what a success must contain."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from akool_contract._findings.answer import HTTP_OK
from akool_contract._findings.registry import VARYING, Finding, passive
from akool_contract._wire.known import DETECTIONS, SUBMITS, V3
from akool_openapi.operations import MISSING, at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_contract._findings.answer import Answer
    from akool_openapi.operations import Envelope


def _readable(answer: Answer) -> bool:
    response = answer.exchange.response
    if response.fault or answer.operation is None or answer.json is None:
        return False
    return answer.status == HTTP_OK or answer.operation.schema_for(answer.status) is not None


def _business(answer: Answer) -> bool:
    return _readable(answer) and (not answer.apart or answer.by_platform)


def _has_schema(answer: Answer) -> bool:
    if not _readable(answer) or answer.operation is None or answer.ok:
        return _readable(answer)
    # How the detection services refuse credentials is not documented; and in an envelope the schema
    # is the success's, unless a page says more.
    return not (answer.by_platform or (not answer.operation.ours and answer.operation.envelope))


@passive(
    "schema.answer",
    "schema",
    "Every answer is valid by its schema in the contract.",
    when=_has_schema,
)
def valid(answer: Answer) -> Iterator[Finding]:
    """JSON Schema validation against the merged contract."""
    if answer.operation is None:
        return
    for error in answer.contract.response_errors(answer.operation, answer.status, answer.json):
        place, _, what = error.partition(": ")
        cause = "/".join("[]" if part.isdecimal() else part for part in place.split("/"))
        rule = VARYING.sub("*", what)[:60]
        yield Finding("an answer valid by the contract", error, f"{cause}: {rule}")


def _enveloped(answer: Answer) -> bool:
    ours = answer.operation is not None and answer.operation.ours
    # Detection's own is held to its pages, by name.
    return (_business(answer) if ours else _readable(answer)) and _stated(answer) is not None


def _stated(answer: Answer) -> Envelope | None:
    own = answer.operation.envelope if answer.operation else None
    return answer.contract.envelope if answer.by_platform else own


@passive(
    "schema.envelope",
    "schema",
    "Every answer has what `x-envelope` names: an integer code and a string msg.",
    when=_enveloped,
)
def envelope(answer: Answer) -> Iterator[Finding]:
    """The envelope; the token's sample has no msg."""
    stated = _stated(answer)
    if stated is None or answer.operation is None:
        return
    if not isinstance(answer.json, dict):
        yield Finding("a JSON object", answer.short(80))
        return
    yield from _typed(answer, stated.success, type(stated.value))
    # The token's sample has no msg, and clients disagree about its name in a refusal.
    optional = answer.name == "getToken" and "msg" not in answer.body
    # Whose pages we do not know may leave the text out of a success.
    optional = optional or (not answer.operation.ours and answer.ok)
    if stated.text is not None and not optional:
        yield from _typed(answer, stated.text, str)


KINDS: dict[type, str] = {int: "an integer", float: "a number", str: "a string", bool: "a boolean"}


def _typed(answer: Answer, pointer: str, kind: type) -> Iterator[Finding]:
    """What `x-envelope` names is there, in the type that it has in a success."""
    value, name = at(answer.json, pointer), pointer.lstrip("/")
    if type(value) is not kind:
        seen = f"no {name}" if value is MISSING else f"{name} {value!r}"[:200]
        yield Finding(f"{KINDS[kind]} {name}", seen)


def _coded(answer: Answer) -> bool:
    return _business(answer) and bool(answer.contract.codes) and type(answer.code) is int


@passive(
    "schema.code-is-documented",
    "schema",
    "The business code is one of the documented codes.",
    when=_coded,
)
def documented_code(answer: Answer) -> Iterator[Finding]:
    """A code that the contract's table does not have."""
    if answer.code not in answer.contract.codes:
        seen = f"code {answer.code}"
        yield Finding("a documented business code", seen, seen[:60])


def _refused(answer: Answer) -> bool:
    ours = answer.operation is not None and answer.operation.ours
    return ours and _business(answer) and type(answer.code) is int and not answer.ok


@passive(
    "schema.no-data-on-refusal",
    "schema",
    "A failure carries no data.",
    when=_refused,
)
def no_data(answer: Answer) -> Iterator[Finding]:
    """Absent, null or empty: all are permissible."""
    if answer.body.get("data"):
        yield Finding("no data next to a refusal", f"data {str(answer.body['data'])[:200]}")
    if answer.body.get("token"):
        yield Finding("no token next to a refusal", "a token")


@passive(
    "schema.success-is-complete",
    "schema",
    "A successful answer holds what was asked for.",
    of=(*SUBMITS, "listResults", "getCredit", "getToken"),
    when=lambda answer: _business(answer) and answer.ok,
)
def complete(answer: Answer) -> Iterator[Finding]:
    """The members that every success has, in the types that a client needs."""
    if answer.operation is not None and answer.operation.is_submit:
        yield from _submit(answer)
    elif answer.name == "listResults":
        yield from _list(answer)
    elif answer.name == "getCredit":
        yield from _number(answer.data.get("credit"), "data.credit")
    elif answer.name == "getToken":
        yield from _text(answer.body.get("token"), "token")


@passive(
    "schema.detection-is-complete",
    "schema",
    "A successful detection holds faces, as points and boxes.",
    of=DETECTIONS,
    when=lambda answer: answer.apart and answer.ok,
)
def detection_complete(answer: Answer) -> Iterator[Finding]:
    """Every recorded success has these, the legacy service's too."""
    names = ("landmarks", "landmarks_str", "region")
    parts = [("", answer.body)]
    if answer.name == "detectFaces":
        frames = answer.body.get("faces_obj")
        frames = frames if isinstance(frames, dict) else {}
        parts = [(f"faces_obj.{key}.", frame) for key, frame in frames.items()]
    for where, part in parts:
        if not isinstance(part, dict):
            yield Finding(f"{where.rstrip('.')}: an object", f"{part!r}"[:100])
            continue
        for name in names:
            if not isinstance(part.get(name), (list, str)):
                yield Finding(f"{where}{name}", f"{part.get(name)!r}"[:100], name)


def _text(value: Any, name: str) -> Iterator[Finding]:  # noqa: ANN401 - any JSON value
    if not isinstance(value, str) or not value.strip():
        yield Finding(f"{name}: a string that is not empty", f"{name} {value!r}"[:200])


def _number(value: Any, name: str) -> Iterator[Finding]:  # noqa: ANN401 - any JSON value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield Finding(f"{name}: a number", f"{name} {value!r}"[:200])


def _submit(answer: Answer) -> Iterator[Finding]:
    if not isinstance(answer.body.get("data"), dict):
        yield Finding("data with _id and job_id", f"data {answer.body.get('data')!r}"[:200])
        return
    for name in ("_id", "job_id"):
        yield from _text(answer.data.get(name), f"data.{name}")
    if answer.name in V3:
        yield from _text(answer.data.get("url"), "data.url")
    url = answer.data.get("url")
    if isinstance(url, str) and url and not re.match(r"https?://[^/]", url):
        yield Finding("data.url: an http(s) address", f"data.url {url!r}"[:200])


def _list(answer: Answer) -> Iterator[Finding]:
    result = answer.data.get("result")
    if not isinstance(result, list):
        yield Finding("data.result: an array", f"data {answer.body.get('data')!r}"[:200])
        return
    for item in result:
        if not isinstance(item, dict):
            yield Finding("objects in data.result", f"{item!r}"[:200])
            continue
        yield from _text(item.get("_id"), "data.result[]._id")
        status = item.get("faceswap_status")
        if type(status) is not int or status not in (1, 2, 3, 4):
            yield Finding("faceswap_status 1, 2, 3 or 4", f"faceswap_status {status!r}")


NOT_NEGATIVE = ("video_duration", "deduction_duration", "update_time", "seconds", "frame_time")


@passive(
    "schema.amounts",
    "schema",
    "A duration or a moment is not negative.",
    of=("listResults", *DETECTIONS),
    when=lambda answer: answer.ok,
)
def amounts(answer: Answer) -> Iterator[Finding]:
    """In result lists and detections."""
    frames = answer.body.get("faces_obj")
    parts = [answer.body, *answer.items, *(frames.values() if isinstance(frames, dict) else ())]
    for part in parts:
        for name in NOT_NEGATIVE if isinstance(part, dict) else ():
            value = part.get(name)
            if isinstance(value, (int, float)) and value < 0:
                yield Finding(f"{name}: 0 or more", f"{name} {value!r}", name)


@passive(
    "schema.detection-envelope",
    "schema",
    "A detection answers with error_code and error_msg.",
    of=DETECTIONS,
    # How the detection services refuse credentials is not documented.
    when=lambda answer: _readable(answer) and answer.apart and answer.ok >= answer.by_platform,
)
def detection(answer: Answer) -> Iterator[Finding]:
    """0 is success; anything else comes with a text."""
    code, msg = answer.body.get("error_code"), answer.body.get("error_msg")
    if type(code) is not int:
        yield Finding("an integer error_code", f"error_code {code!r}")
    if not isinstance(msg, str):
        yield Finding("a string error_msg", f"error_msg {msg!r}")
    elif code != 0 and not msg:
        yield Finding("an error_msg that says what is wrong", "an empty error_msg")
    if code == 0 and answer.status == HTTP_OK:
        return
    for name in ("landmarks", "region", "faces_obj"):
        if answer.body.get(name):
            yield Finding(f"no {name} next to an error", f"{name} {str(answer.body[name])[:100]}")
