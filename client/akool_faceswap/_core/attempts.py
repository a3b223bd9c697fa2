"""One call from beginning to end, without a socket or a clock: when to send, when to send again.

`steps_of` is a generator of steps: get a credential, send, pause. An engine (blocking or async)
takes each one and sends its result back, or throws in what broke off the step; both therefore
behave alike by construction. The rule that costs money if broken lives here: a paid submit is sent
again only if it was never delivered, or was rejected without work.
"""

from __future__ import annotations

import itertools
import logging
import math
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NoReturn

from akool_faceswap._core.answer import judge
from akool_faceswap._core.call import (
    Attempt,
    Authorize,
    Call,
    Credential,
    Fate,
    NoAnswer,
    Pause,
    Send,
    Steps,
    T,
)
from akool_faceswap._core.timing import CONNECT_TIMEOUT, READ_ATTEMPT_TIMEOUT, retry_after_of
from akool_faceswap._errors import (
    AkoolError,
    Facts,
    NotDeliveredError,
    RawAnswer,
    SubmissionUncertain,
    UnreadableAnswerError,
)
from akool_faceswap._text import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_faceswap._core.settings import Rules

logger = logging.getLogger("akool_faceswap")
MAX_SHOWN_CHARS = 200
"""How much of a request's addresses goes into a text."""


@dataclass(frozen=True, slots=True)
class _AttemptResult(Generic[T]):
    fate: Fate
    result: T | None = None
    error: AkoolError | None = None
    retry_after: float | None = None
    status: int | None = None
    hopeless: bool = False
    """Whether a retry in a few seconds would fail in the same way."""


def steps_of(call: Call[T], rules: Rules, timeout: float) -> Steps[T]:
    """The steps of one call, made within `timeout` seconds; returns what its `decode` returns.

    Raises:
        SubmissionUncertain: A submit was sent, and its outcome is unknown.
        AkoolError: Anything else that went wrong.
    """
    deadline = rules.monotonic() + timeout
    credential: Credential | None = None
    renewed = False
    if call.operation.authorized:
        credential = yield Authorize(None, deadline)
    for number in itertools.count(1):
        started = rules.monotonic()
        with _told_if_left(call, rules):
            result: RawAnswer | NoAnswer = yield _send(call, credential, deadline, started)
            outcome = _understand(call, rules, result, number)
        renew = _may_renew(outcome, credential) and not renewed
        pause = 0.0 if renew else _pause(call, rules, outcome, number, deadline)
        elapsed = rules.monotonic() - started
        rules.observe(_attempt(call, number, elapsed, outcome, pause))
        if outcome.error is None:
            break
        if pause is None:
            _raise(call, outcome.fate, outcome.error)
        if renew:
            renewed = True
            credential = yield Authorize(credential, deadline)
        else:
            yield Pause(pause)
    return outcome.result  # type: ignore[return-value]  # without an error there is a result


@contextmanager
def _told_if_left(call: Call[Any], rules: Rules) -> Iterator[None]:
    """Add a note to what interrupts a paid request (Ctrl-C, a cancelled task), and log a warning.

    The caller gets no `SubmissionUncertain` then: `asyncio.timeout` turns a cancellation into a
    bare `TimeoutError`.
    """
    try:
        yield
    except GeneratorExit:
        raise
    except BaseException as error:
        if call.operation.submit and not isinstance(error, Exception):
            text = (
                f"The paid request {call.operation.name} ({plain(_addresses(call.body))}) was "
                f"interrupted by {type(error).__name__}: it may have been accepted. "
                f"{SubmissionUncertain.advice}"
            )
            error.add_note(rules.redact(text))
            logger.warning("%s", rules.redact(text))
        raise


def _addresses(body: object) -> str:
    """The URLs in a request, without their queries, which may be secret."""
    if isinstance(body, str):
        return body.partition("?")[0] if "://" in body else ""
    parts: list[Any] = []
    if isinstance(body, Mapping):
        parts = [*body.values()]
    elif isinstance(body, list | tuple):
        parts = [*body]
    return ", ".join(dict.fromkeys(filter(None, map(_addresses, parts))))[:MAX_SHOWN_CHARS]


def _send(call: Call[T], credential: Credential | None, deadline: float, now: float) -> Send:
    left = max(0.0, deadline - now)
    if math.isinf(left):
        return Send(call, credential, math.inf, math.inf, math.inf)
    # A read that hangs is given up early enough to be repeated; a submit may not be repeated.
    read = left if call.operation.submit else min(left, READ_ATTEMPT_TIMEOUT)
    return Send(call, credential, min(left, CONNECT_TIMEOUT), read, deadline)


def _understand(
    call: Call[T], rules: Rules, result: RawAnswer | NoAnswer, number: int
) -> _AttemptResult[T]:
    facts: Facts = {
        "operation": call.operation.name,
        "job_id": call.job_id,
        "attempt": number,
    }
    if isinstance(result, NoAnswer):
        error = result.error
        hopeless = rules.local_server is not None and _nobody_listens(error)
        if hopeless:
            # Without the chain below: the one sentence says it all.
            error = NotDeliveredError(
                f"Nothing listens at {rules.local_server}: the connection was refused. If that is "
                "the mock, start it: `akool-faceswap mock`"
            )
        error.operation, error.job_id, error.attempt = call.operation.name, call.job_id, number
        return _AttemptResult(result.fate, error=error, hopeless=hopeless)
    verdict = judge(result, call.operation, facts, rules.redact)
    status = result.status
    if verdict.value is None:
        retry_after = retry_after_of(result.headers, rules.time())
        return _AttemptResult(
            verdict.fate, error=verdict.error, retry_after=retry_after, status=status
        )
    try:
        return _AttemptResult(Fate.DONE, call.decode(verdict.value, result), status=status)
    except Exception as cause:  # noqa: BLE001 - a foreign answer can break its reader in any way
        facts["http_status"], facts["raw"] = status, result
        # Its words only, redacted: the cause itself may quote a secret that the server repeats.
        why = plain(rules.redact(f"{type(cause).__name__}: {cause}"))
        problem = UnreadableAnswerError(
            f"The answer is not what the contract says ({why})", **facts
        )
        return _AttemptResult(Fate.UNKNOWN, error=problem, status=status)


def _nobody_listens(error: BaseException | None) -> bool:
    """Whether the connection was refused, which on this machine means that no server runs."""
    if error is None or isinstance(error, ConnectionRefusedError):
        return error is not None
    if isinstance(error, BaseExceptionGroup):
        return all(map(_nobody_listens, error.exceptions))
    return _nobody_listens(error.__cause__ or error.__context__)


def _may_renew(outcome: _AttemptResult[T], credential: Credential | None) -> bool:
    return outcome.fate is Fate.UNAUTHORIZED and credential is not None and credential.renewable


def _pause(
    call: Call[T], rules: Rules, outcome: _AttemptResult[T], number: int, deadline: float
) -> float | None:
    """Seconds until the next attempt, or None when there must be none."""
    repeatable = {Fate.NOT_DELIVERED, Fate.BUSY}
    if not call.operation.submit:
        repeatable.add(Fate.UNKNOWN)
    if outcome.fate not in repeatable or outcome.hopeless or number >= rules.retry.attempts:
        return None
    pause = rules.retry.delay(number, outcome.retry_after, rules.jitter)
    # An attempt that could only begin after the deadline is not worth the wait.
    return pause if rules.monotonic() + pause < deadline else None


def _attempt(
    call: Call[T], number: int, elapsed: float, outcome: _AttemptResult[T], pause: float | None
) -> Attempt:
    return Attempt(
        operation=call.operation.name,
        number=number,
        method=call.method,
        path=call.path,
        elapsed=elapsed,
        status=outcome.status,
        error=outcome.error,
        pause=pause,
    )


def _raise(call: Call[T], fate: Fate, error: AkoolError) -> NoReturn:
    if not (call.operation.submit and fate is Fate.UNKNOWN):
        raise error
    raise SubmissionUncertain(
        f"It is unknown whether this paid request was accepted: {error.args[0]}",
        request=call.body,
        code=error.code,
        msg=error.msg,
        http_status=error.http_status,
        operation=error.operation,
        attempt=error.attempt,
        raw=error.raw,
    ) from error
