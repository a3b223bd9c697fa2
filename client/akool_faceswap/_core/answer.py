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
from akool_faceswap._models.job_state import whole_number
from akool_faceswap._text import plain
from akool_faceswap.codes import (
    SUCCESS_CODE,
    InvalidAuthorizationError,
    RateLimitedError,
    UnknownCodeError,
    class_for,
)
from akool_openapi.operations import MISSING, at

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_faceswap._core.call import Operation
    from akool_faceswap._errors import Facts
    from akool_openapi.operations import Envelope


@dataclass(frozen=True, slots=True)
class Verdict:
    """The meaning of one answer."""

    fate: Fate
    value: dict[str, Any] | None = None
    """The JSON object, when the fate is DONE."""
    error: AkoolError | None = None
    """What to raise if nothing better comes, when it is not."""


def judge(
    raw: RawAnswer, operation: Operation, facts: Facts, redact: Callable[[str], str]
) -> Verdict:
    """The meaning of an answer to an operation; without an envelope the status decides."""
    facts = {**facts, "http_status": raw.status, "raw": raw}
    reader = _Reader(raw, facts, redact, operation.busy_codes)
    envelope = operation.envelope
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
    if found is None or found is MISSING:
        return reader.without_code("The answer carries no code")
    if type(found) is type(envelope.value) and found == envelope.value:
        return reader.success(value)
    code = whole_number(at(value, envelope.code)) if envelope.code else None
    text = at(value, envelope.text) if envelope.text else MISSING
    return reader.refused(code, value.get("message") if text is None or text is MISSING else text)


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


def _says_what_it_found(value: dict[str, Any]) -> bool:
    """Whether a detection brings faces: the older endpoint's page does not promise `error_code`."""
    return any(isinstance(value.get(name), list | str) for name in ("landmarks", "landmarks_str"))


@dataclass(frozen=True, slots=True)
class _Reader:
    raw: RawAnswer
    facts: Facts
    redact: Callable[[str], str]
    busy_codes: frozenset[int]

    def success(self, value: dict[str, Any]) -> Verdict:
        """The verdict on a body that says success."""
        if self._is_2xx():
            return Verdict(Fate.DONE, value)
        # The body says success, the HTTP status does not.
        return self.failed()

    def by_status(self, value: dict[str, Any] | None) -> Verdict:
        """The verdict on an answer without an envelope; it need not be an object, or JSON."""
        if self._is_2xx():
            return Verdict(Fate.DONE, {} if value is None else value)
        return self.failed()

    def refused(self, code: int | None, text: object) -> Verdict:
        """The verdict on a body that says failure."""
        msg = self._words(text)
        facts: Facts = {**self.facts, "code": code, "msg": msg}
        error = (UnknownCodeError if code is None else class_for(code))(
            f"The API refused: {msg}", **facts
        )
        if code in self.busy_codes or self.raw.status == HTTPStatus.TOO_MANY_REQUESTS:
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
        """The verdict on a body that does not say how it went."""
        if self._is_2xx():
            return Verdict(Fate.UNKNOWN, error=UnreadableAnswerError(problem, **self.facts))
        return self.failed()

    def failed(self) -> Verdict:
        """The verdict on an HTTP status that is no success."""
        status = self.raw.status
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


def _refuse(_constant: str) -> NoReturn:
    """JSON has no NaN or Infinity; Python would read them."""
    raise ValueError
