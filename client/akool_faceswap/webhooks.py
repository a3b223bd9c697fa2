"""Webhooks: open them safely, and make them for tests.

The vendor POSTs `{"signature", "dataEncrypt", "timestamp", "nonce"}` to the `webhookUrl` of a job;
the data is AES-CBC under the clientSecret (the API key). Docs:
https://docs.akool.com/ai-tools-suite/webhook

What a valid webhook proves: the signature is a plain SHA-1 over clientId, timestamp, nonce and
data: **it contains no secret**, so anyone who knows the clientId can sign. The ciphertext is not
authenticated either. The only evidence in the webhook itself is that it decrypts to a well-formed
event. Before you act on one (publish a file, book money), pass `confirm=client.confirm`, which asks
the API about the job.

Needs `pip install "akool-faceswap[webhook]"` (cryptography). Imports neither the HTTP library nor
the client.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from akool_faceswap._errors import (
    ConfigurationError,
    InvalidRequestError,
    WebhookPayloadError,
    WebhookReplayError,
    WebhookSignatureError,
    WebhookTimestampError,
)
from akool_faceswap._models.job_state import JobStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["MAX_BODY_BYTES", "TOLERANCE_MS", "WebhookEvent", "unwrap", "wrap"]

MAX_BODY_BYTES = 1 << 20
"""Largest body that is looked at; a real one has less than a kilobyte."""
TOLERANCE_MS = 5 * 60 * 1000
"""Default width of the time window, in milliseconds, to either side of now."""

_BLOCK_BYTES = 16
_KEY_BYTES = (16, 24, 32)
_MAX_DIGITS = 20
_UNDECRYPTABLE = "The webhook's data does not decrypt under this clientSecret"


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """One thing that happened to a job."""

    id: str
    """The job's `_id`; `client.job(event.id)` continues from here."""
    status: JobStatus
    type: str
    """What kind of work it is: `faceswap`, `image`, `audio` and others."""
    url: str | None
    """The result, once the status is SUCCESS: the vendor fills it in before the work is done."""
    deduction_credit: float | None
    """Credits taken, when the delivery says so (undocumented, seen in the wild)."""
    timestamp_ms: int
    """When the vendor says it sent this, milliseconds since the epoch."""
    nonce: str
    raw: Mapping[str, Any] = field(repr=False)
    """The decrypted object, with every field it had."""
    confirmed: bool = False
    """Whether the API was asked and says the same."""


@dataclass(frozen=True, slots=True)
class _Envelope:
    signature: str
    data: str
    timestamp: str
    nonce: str


def _now() -> float:
    """Looked up at each call: a test may freeze `time.time` after this module was loaded."""
    return time.time()


def unwrap(  # noqa: PLR0913 - credentials plus one keyword per check
    body: bytes | bytearray | memoryview,
    *,
    client_id: str,
    client_secret: str,
    tolerance_ms: int | None = TOLERANCE_MS,
    now: Callable[[], float] = _now,
    seen: Callable[[WebhookEvent], bool] | None = None,
    confirm: Callable[[WebhookEvent], WebhookEvent] | None = None,
) -> WebhookEvent:
    """Open one webhook: takes the raw body, returns the event.

    Whatever the bytes are, the only errors are `WebhookError` and, if your configuration is wrong,
    `ConfigurationError`.

    Args:
        body: The raw request body, not text and not parsed JSON.
        client_id: Your clientId; its first 16 bytes are the IV.
        client_secret: Your clientSecret (the API key): 16, 24 or 32 bytes.
        tolerance_ms: How far the timestamp may be from now, in the past or the future. None: no
            check.
        now: Current time in seconds since the epoch.
        seen: Replay hook, called last, with a valid event. Remember `(event.id, event.status)` and
            return whether you had it already. Do not use the nonce: a forger can choose it, but not
            the data.
        confirm: `client.confirm`: asks the API whether the job really has this status.
            With `AsyncFaceSwap`, await `client.confirm(event)` yourself.

    Raises:
        WebhookPayloadError: Not the documented shape, or it does not decrypt to an event.
        WebhookSignatureError: The signature does not match.
        WebhookTimestampError: Too old, or in the future.
        WebhookReplayError: `seen` returned true.
        WebhookUnconfirmedError: `confirm` found another status.
        ConfigurationError: The secret does not have an AES key length, `confirm` is a coroutine
            function, or
            cryptography is not installed.
    """
    _encode(client_id, "client_id")
    if iscoroutinefunction(confirm):
        raise ConfigurationError(
            "confirm= is called, not awaited: remove it, and await client.confirm(event) yourself"
        )
    envelope = _read_envelope(body)
    expected = _sign(client_id, envelope.timestamp, envelope.nonce, envelope.data)
    if not hmac.compare_digest(expected.encode(), envelope.signature.encode()):
        raise WebhookSignatureError("The webhook's signature does not match its content")
    timestamp_ms = int(envelope.timestamp)
    if tolerance_ms is not None:
        off_ms = timestamp_ms - round(now() * 1000)
        if abs(off_ms) > tolerance_ms:
            side = "ahead" if off_ms > 0 else "ago"
            raise WebhookTimestampError(
                f"The webhook's timestamp lies {abs(off_ms)} ms {side}; {tolerance_ms} are allowed"
            )
    raw = _decrypt(envelope.data, client_id, client_secret)
    event = _read_event(raw, timestamp_ms, envelope.nonce)
    if confirm is not None:
        event = confirm(event)
    # Last, so that a delivery whose confirmation broke down is not taken for a replay next time.
    if seen is not None and seen(event):
        raise WebhookReplayError("This webhook's event was seen before", job_id=event.id)
    return event


def wrap(
    event: Mapping[str, Any],
    *,
    client_id: str,
    client_secret: str,
    timestamp_ms: int,
    nonce: str,
) -> bytes:
    """Make the body of a webhook as the vendor does, for tests and simulators.

    Args:
        event: The plain event: `_id`, `status`, `type`, `url`, and any other fields.
        client_id: The receiver's clientId.
        client_secret: The receiver's clientSecret: 16, 24 or 32 bytes.
        timestamp_ms: Milliseconds since the epoch.
        nonce: Any text; the vendor sends a few digits.

    Raises:
        ConfigurationError: The secret does not have an AES key length, or cryptography is not
            installed.
        InvalidRequestError: The event is not JSON.
    """
    try:
        plain = json.dumps(dict(event), ensure_ascii=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise InvalidRequestError(f"The event cannot be written as JSON: {error}") from None
    data = base64.b64encode(_encrypt(plain, client_id, client_secret)).decode()
    body = {
        "signature": _sign(client_id, str(timestamp_ms), nonce, data),
        "dataEncrypt": data,
        "timestamp": timestamp_ms,
        "nonce": nonce,
    }
    return json.dumps(body, separators=(",", ":")).encode()


def _sign(*values: str) -> str:
    """SHA-1 of the values, in the order in which JavaScript sorts text, joined by nothing."""
    try:
        ordered = sorted(values, key=lambda value: value.encode("utf-16-be"))
        text = "".join(ordered).encode()
    except UnicodeEncodeError:
        raise WebhookPayloadError("The webhook's fields are not valid Unicode") from None
    return hashlib.sha1(text, usedforsecurity=False).hexdigest()


def _read_envelope(body: bytes | bytearray | memoryview) -> _Envelope:
    if not isinstance(body, bytes | bytearray | memoryview):
        raise WebhookPayloadError(
            f"The webhook body must be the raw bytes of the request, not {type(body).__name__}"
        )
    if len(body) > MAX_BODY_BYTES:
        raise WebhookPayloadError(f"The webhook body is larger than {MAX_BODY_BYTES} bytes")
    fields = _read_object(bytes(body), "The webhook body")
    signature, data = fields.get("signature"), fields.get("dataEncrypt")
    if not (isinstance(signature, str) and isinstance(data, str)):
        raise WebhookPayloadError("The webhook body lacks the texts `signature` and `dataEncrypt`")
    # The docs show the nonce as text and as a number; the timestamp as a number.
    timestamp, nonce = _as_text(fields.get("timestamp")), _as_text(fields.get("nonce"))
    if timestamp is None or nonce is None or not _is_plain_number(timestamp):
        raise WebhookPayloadError("The webhook body lacks a `timestamp` in ms, or its `nonce`")
    if not signature.isascii():
        raise WebhookSignatureError("The webhook's signature does not match its content")
    return _Envelope(signature, data, timestamp, nonce)


def _read_object(text: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise WebhookPayloadError(f"{what} is not JSON") from None
    if not isinstance(value, dict):
        raise WebhookPayloadError(f"{what} is not a JSON object")
    return value


def _as_text(value: object) -> str | None:
    """A field as JavaScript would turn it into text before signing."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**_MAX_DIGITS:
        return str(int(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**_MAX_DIGITS else None
    return None


def _is_plain_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS


def _read_event(raw: Mapping[str, Any], timestamp_ms: int, nonce: str) -> WebhookEvent:
    job_id, kind, url = raw.get("_id"), raw.get("type"), raw.get("url")
    if not isinstance(job_id, str) or not job_id or "status" not in raw:
        raise WebhookPayloadError("The webhook's event lacks `_id` or `status`")
    status = JobStatus.read(raw["status"])
    deduction = raw.get("deduction_credit")
    return WebhookEvent(
        id=job_id,
        status=status,
        type=kind if isinstance(kind, str) else "",
        url=url if isinstance(url, str) and url and status is JobStatus.SUCCESS else None,
        deduction_credit=_as_number(deduction),
        timestamp_ms=timestamp_ms,
        nonce=nonce,
        raw=raw,
    )


def _as_number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _decrypt(data: str, client_id: str, client_secret: str) -> dict[str, Any]:
    try:
        cipher = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise WebhookPayloadError("The webhook's data is not base64") from None
    if not cipher or len(cipher) % _BLOCK_BYTES:
        raise WebhookPayloadError("The webhook's data is not a whole number of AES blocks")
    for iv in _ivs(client_id):
        with suppress(WebhookPayloadError):
            return _read_object(_unpad(_aes(client_secret, iv, cipher)), "The webhook's data")
    # One text for bad padding and bad JSON: a forger who reads it must not learn which it was.
    raise WebhookPayloadError(_UNDECRYPTABLE)


def _encrypt(plain: bytes, client_id: str, client_secret: str) -> bytes:
    _require_cryptography()
    from cryptography.hazmat.primitives.padding import PKCS7  # noqa: PLC0415 - an extra

    padder = PKCS7(_BLOCK_BYTES * 8).padder()
    padded = padder.update(plain) + padder.finalize()
    return _aes(client_secret, next(_ivs(client_id)), padded, encrypt=True)


def _unpad(padded: bytes) -> bytes:
    from cryptography.hazmat.primitives.padding import PKCS7  # noqa: PLC0415 - an extra

    unpadder = PKCS7(_BLOCK_BYTES * 8).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise WebhookPayloadError(_UNDECRYPTABLE) from None


def _aes(client_secret: str, iv: bytes, data: bytes, *, encrypt: bool = False) -> bytes:
    _require_cryptography()
    from cryptography.hazmat.primitives.ciphers import (  # noqa: PLC0415 - an extra
        Cipher,
        algorithms,
        modes,
    )

    key = _encode(client_secret, "client_secret")
    if len(key) not in _KEY_BYTES:
        raise ConfigurationError(
            f"client_secret has {len(key)} bytes; AES takes 16, 24 or 32. Copy it whole from the "
            "account page; it is the API key"
        )
    cipher = Cipher(algorithms.AES(key), modes.CBC(iv))
    context = cipher.encryptor() if encrypt else cipher.decryptor()
    return context.update(data) + context.finalize()


def _require_cryptography() -> None:
    try:
        import cryptography  # noqa: F401, PLC0415 - an extra
    except ImportError:
        raise ConfigurationError(
            'Webhooks need cryptography: pip install "akool-faceswap[webhook]"'
        ) from None


def _ivs(client_id: str) -> Iterator[bytes]:
    """The IV: 16 bytes of the clientId. The vendor's samples fill short ids in two ways."""
    iv = _encode(client_id, "client_id")[:_BLOCK_BYTES]
    yield iv.ljust(_BLOCK_BYTES, b"\0")
    if len(iv) < _BLOCK_BYTES:
        yield iv.ljust(_BLOCK_BYTES, b" ")


def _encode(text: str, name: str) -> bytes:
    try:
        return text.encode()
    except (UnicodeEncodeError, AttributeError):
        raise ConfigurationError(f"{name} must be the text from the account page") from None
