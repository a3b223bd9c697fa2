"""What an answer means: bytes, status and headers in, a verdict out. Pure and total.

The API answers almost everything with HTTP 200; the `code` in the body decides. What HTTP statuses
the gateway in front of it uses is not documented, so every status is understood. Nothing here
raises, whatever the server sends.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NoReturn

from akool_faceswap._core.call import Fate
from akool_faceswap._errors import (
    AkoolError,
    DetectionError,
    HttpStatusError,
    RawAnswer,
    UnreadableAnswerError,
)
from akool_faceswap._text import plain
from akool_faceswap.codes import (
    BUSY_CODE,
    SUCCESS_CODE,
    InvalidAuthorizationError,
    RateLimitedError,
    UnknownCodeError,
    class_for,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_faceswap._errors import Facts
    from akool_faceswap_api.operations import Envelope


@dataclass(frozen=True, slots=True)
class Verdict:
    """The meaning of one answer."""

    fate: Fate
    value: dict[str, Any] | None = None
    """The JSON object, when the fate is DONE."""
    error: AkoolError | None = None
    """What to raise if nothing better comes, when it is not."""


def judge(
    raw: RawAnswer, envelope: Envelope | None, facts: Facts, redact: Callable[[str], str]
) -> Verdict:
    """The meaning of an answer to an operation with that envelope; None: the status decides."""
    reader = _Reader(raw, {**facts, "http_status": raw.status, "raw": raw}, redact)
    value = parse_object(raw.body)
    if envelope is None:
        return reader.by_status(value)
    if value is None:
        return reader.without_code("The answer is not a JSON object")
    if envelope.success == DETECTION:
        return _of_detection(reader, value, envelope)
    found = at(value, envelope.success)
    if type(envelope.value) is int:
        found = whole_number(found)
    if found is None:
        return reader.without_code("The answer carries no code")
    if type(found) is type(envelope.value) and found == envelope.value:
        return reader.success(value)
    code = whole_number(at(value, envelope.code)) if envelope.code else None
    text = at(value, envelope.text) if envelope.text else None
    return reader.refused(code, value.get("message") if text is None else text)


def _of_detection(reader: _Reader, value: dict[str, Any], envelope: Envelope) -> Verdict:
    error_code = whole_number(value.get("error_code"))
    if error_code == envelope.value or ("error_code" not in value and _says_what_it_found(value)):
        return reader.success(value)
    if error_code is not None:
        return reader.detection(value, error_code)
    # A gateway may answer in the platform's own envelope: a refusal then, and no success.
    code = whole_number(value.get("code"))
    if code is None or code == SUCCESS_CODE:
        return reader.without_code("The answer carries no code")
    return reader.refused(code, value.get("msg", value.get("message")))


DETECTION: Final = "/error_code"
"""Where detection's envelope has what decides: its failures are about a picture, not a request."""


def at(value: object, pointer: str) -> object:
    """The part of a JSON value that a JSON Pointer names; None where there is none."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _says_what_it_found(value: dict[str, Any]) -> bool:
    """Whether a detection brings faces: the older endpoint's page does not promise `error_code`."""
    return any(isinstance(value.get(name), list | str) for name in ("landmarks", "landmarks_str"))


@dataclass(frozen=True, slots=True)
class _Reader:
    raw: RawAnswer
    facts: Facts
    redact: Callable[[str], str]

    def success(self, value: dict[str, Any]) -> Verdict:
        """The verdict on a body that says success."""
        if self._is_2xx():
            return Verdict(Fate.DONE, value)
        return self.without_code("The body says success, the HTTP status does not")

    def by_status(self, value: dict[str, Any] | None) -> Verdict:
        """The verdict on an answer without an envelope; it need not be an object, or JSON."""
        if self._is_2xx():
            return Verdict(Fate.DONE, {} if value is None else value)
        return self.without_code(f"The server answered HTTP {self.raw.status}")

    def refused(self, code: int | None, text: object) -> Verdict:
        """The verdict on a body that says failure."""
        msg = self._words(text)
        facts: Facts = {**self.facts, "code": code, "msg": msg}
        error = (UnknownCodeError if code is None else class_for(code))(
            f"The API refused: {msg}", **facts
        )
        if code == BUSY_CODE or self.raw.status == HTTPStatus.TOO_MANY_REQUESTS:
            return Verdict(self._unless_5xx(Fate.BUSY), error=error)
        if code == InvalidAuthorizationError.documented_code:
            return Verdict(self._unless_5xx(Fate.UNAUTHORIZED), error=error)
        return Verdict(self._unless_5xx(Fate.REJECTED), error=error)

    def detection(self, value: dict[str, Any], error_code: int) -> Verdict:
        """The verdict on a failure of detection."""
        msg = self._words(value.get("error_msg"))
        facts: Facts = {**self.facts, "code": error_code, "msg": msg}
        # The contract has this body under HTTP 400 and 500 too: an answer about the picture, not a
        # broken server.
        return Verdict(Fate.REJECTED, error=DetectionError(f"Detection failed: {msg}", **facts))

    def without_code(self, problem: str) -> Verdict:
        """The verdict that status and headers allow alone."""
        status = self.raw.status
        if self._is_2xx():
            return Verdict(Fate.UNKNOWN, error=UnreadableAnswerError(problem, **self.facts))
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return Verdict(Fate.BUSY, error=RateLimitedError("Too many requests", **self.facts))
        if status == HTTPStatus.UNAUTHORIZED:
            error = InvalidAuthorizationError("The API refused the credentials", **self.facts)
            return Verdict(Fate.UNAUTHORIZED, error=error)
        refused = 400 <= status < 500 and status != HTTPStatus.REQUEST_TIMEOUT  # noqa: PLR2004 - 4xx
        return Verdict(
            Fate.REJECTED if refused else Fate.UNKNOWN,
            error=HttpStatusError(f"The server answered HTTP {status}", **self.facts),
        )

    def _is_2xx(self) -> bool:
        return 200 <= self.raw.status < 300  # noqa: PLR2004 - 2xx

    def _unless_5xx(self, fate: Fate) -> Fate:
        """A server that failed may have begun the work before it made up an answer."""
        return Fate.UNKNOWN if self.raw.status >= 500 else fate  # noqa: PLR2004 - 5xx

    def _words(self, msg: object) -> str:
        words = plain(self.redact(msg)) if isinstance(msg, str) else ""
        return words or "no reason given"


def parse_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in the body, or None whatever else is in it."""
    try:
        value = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse(constant: str) -> NoReturn:
    """JSON has no NaN or Infinity; Python would read them."""
    raise ValueError(constant)


def whole_number(value: object) -> int | None:
    """A whole number however it is written: `1000`, `1000.0` and `"1000"` occur in the wild."""
    if (
        isinstance(value, str)
        and value.isascii()
        and value.isdecimal()
        and len(value) <= MAX_DIGITS
    ):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


MAX_DIGITS = 9
"""Longest number in a string that is read as a code."""
