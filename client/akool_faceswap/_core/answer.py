"""What an answer means: bytes, status and headers in, a verdict out. Pure and total.

The API answers almost everything with HTTP 200; the `code` in the body decides. What HTTP statuses
the gateway in front of it uses is not documented, so every status is understood. Nothing here
raises, whatever the server sends.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn

from akool_faceswap._core.call import Envelope, Fate
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
    class_for,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_faceswap._errors import Facts


@dataclass(frozen=True, slots=True)
class Verdict:
    """The meaning of one answer."""

    fate: Fate
    value: dict[str, Any] | None = None
    """The JSON object, when the fate is DONE."""
    error: AkoolError | None = None
    """What to raise if nothing better comes, when it is not."""


def judge(
    raw: RawAnswer, envelope: Envelope, facts: Facts, redact: Callable[[str], str]
) -> Verdict:
    """The meaning of an answer to an operation with that envelope."""
    reader = _Reader(raw, {**facts, "http_status": raw.status, "raw": raw}, redact)
    value = parse_object(raw.body)
    if value is None:
        return reader.without_code("The answer is not a JSON object")
    code = whole_number(value.get("code"))
    if envelope is Envelope.DETECTION:
        error_code = whole_number(value.get("error_code"))
        if error_code is None and "error_code" not in value and _says_what_it_found(value):
            error_code = 0
        if error_code is not None:
            return reader.detection(value, error_code)
        if code == SUCCESS_CODE:
            code = None
    if code is None:
        return reader.without_code("The answer carries no code")
    return reader.business(value, code)


def _says_what_it_found(value: dict[str, Any]) -> bool:
    """Whether a detection brings faces: the older endpoint's page does not promise `error_code`."""
    return any(isinstance(value.get(name), list | str) for name in ("landmarks", "landmarks_str"))


@dataclass(frozen=True, slots=True)
class _Reader:
    raw: RawAnswer
    facts: Facts
    redact: Callable[[str], str]

    def business(self, value: dict[str, Any], code: int) -> Verdict:
        if code == SUCCESS_CODE:
            if self._is_2xx():
                return Verdict(Fate.DONE, value)
            return self.without_code("The body says success, the HTTP status does not")
        msg = self._words(value.get("msg", value.get("message")))
        facts: Facts = {**self.facts, "code": code, "msg": msg}
        error = class_for(code)(f"The API refused: {msg}", **facts)
        if code == BUSY_CODE or self.raw.status == HTTPStatus.TOO_MANY_REQUESTS:
            return Verdict(self._unless_5xx(Fate.BUSY), error=error)
        if code == InvalidAuthorizationError.documented_code:
            return Verdict(self._unless_5xx(Fate.UNAUTHORIZED), error=error)
        return Verdict(self._unless_5xx(Fate.REJECTED), error=error)

    def detection(self, value: dict[str, Any], error_code: int) -> Verdict:
        if error_code == 0:
            if self._is_2xx():
                return Verdict(Fate.DONE, value)
            return self.without_code("The body says success, the HTTP status does not")
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
