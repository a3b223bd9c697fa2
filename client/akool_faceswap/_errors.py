"""Every error that leaves this package, and nothing else leaves it.

    AkoolError                          catch this to catch everything
    ├── ConfigurationError              credentials or settings are missing or unusable
    ├── ClientClosedError               the client was closed, before or during the call
    ├── InvalidRequestError             refused here, before anything was spent (a ValueError too)
    ├── TransportError                  no usable answer came back
    │   ├── NotDeliveredError           the request never reached the server
    │   ├── RequestTimeoutError         no answer in time (a TimeoutError too)
    │   └── UnreadableAnswerError       an answer came that is not what the contract says
    ├── HttpStatusError                 an HTTP status without a business code
    ├── ApiError                        a business code other than 1000; one class per code
    ├── DetectionError                  face detection answered `error_code` other than 0
    ├── SubmissionUncertain             a paid request of unknown outcome; never retried
    ├── JobError                        something about one job
    │   ├── JobFailed                   the job ended with status 4
    │   ├── JobNotFound                 the API does not list the id
    │   ├── JobTimeout                  still pending at the deadline (a TimeoutError too)
    │   └── ResultExpired               the result is older than its seven days
    ├── UploadError                     a local file could not be uploaded
    ├── DownloadError                   the file could not be fetched or stored whole
    └── WebhookError                    a webhook that you must not trust
        ├── WebhookPayloadError         not the documented shape, or it does not decrypt
        ├── WebhookSignatureError       the signature does not fit
        ├── WebhookTimestampError       too old, or from the future
        ├── WebhookReplayError          this nonce was seen before
        └── WebhookUnconfirmedError     the API does not confirm the webhook

This module knows neither HTTP library nor clock, so that the webhook helper can raise from the same
tree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict, Unpack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What the server sent, unchanged. Objects and errors made from an answer keep it."""

    status: int
    """HTTP status; may be one that no registry knows."""
    headers: Mapping[str, str] = field(repr=False)
    """Response headers, names in lower case."""
    body: bytes = field(repr=False)
    """The decoded body. Not shown by `repr`: it may carry a token."""


class Facts(TypedDict, total=False):
    """What every error carries, where it applies; None where it does not."""

    code: int | None
    """Business code of the envelope, or `error_code` of face detection."""
    msg: str | None
    """The server's own words, on one line; `raw` has them as they came."""
    http_status: int | None
    operation: str | None
    """operationId of the contract, for example `swapImage`."""
    job_id: str | None
    """The `_id` of the job, never its `job_id`: that one cannot be polled."""
    attempt: int | None
    """Number of the attempt that ended it, from 1."""
    raw: RawAnswer | None
    """The answer itself, when there was one."""


class AkoolError(Exception):
    """Base of every error of this package; its attributes are the fields of `Facts`."""

    advice: ClassVar[str] = ""
    """What to do about it; part of the text."""

    def __init__(self, message: str, **facts: Unpack[Facts]) -> None:
        super().__init__(message)
        self.code = facts.get("code")
        self.msg = facts.get("msg")
        self.http_status = facts.get("http_status")
        self.operation = facts.get("operation")
        self.job_id = facts.get("job_id")
        self.attempt = facts.get("attempt")
        self.raw = facts.get("raw")

    def __str__(self) -> str:
        facts = {
            "operation": self.operation,
            "job": self.job_id,
            "HTTP": self.http_status,
            "code": self.code,
            "attempt": self.attempt,
        }
        known = ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)
        text = f"{self.args[0]}" + (f" ({known})" if known else "")
        return f"{text}. {self.advice}" if self.advice else text


class ConfigurationError(AkoolError):
    """Credentials or settings are missing or unusable; nothing was sent."""


class ClientClosedError(AkoolError):
    """The client was closed before the call, or while it waited."""

    advice = "Use the client inside its `with` block, or create a new one"


class InvalidRequestError(AkoolError, ValueError):
    """The request breaks a rule of the contract and was refused here, before anything was spent."""


class TransportError(AkoolError):
    """No usable answer came back. For a paid submit you get `SubmissionUncertain` instead."""

    advice = "The client has already retried; try again later, or raise the timeout"


class NotDeliveredError(TransportError):
    """The request never reached the server, so nothing was spent (connection, proxy or pool)."""

    advice = "Check network, proxy and base URL; sending it again is safe"


class RequestTimeoutError(TransportError, TimeoutError):
    """No complete answer within the timeout of the call."""

    advice = "Pass a longer `timeout=` for this call; None means no timeout"


class UnreadableAnswerError(TransportError):
    """An answer came, but not a usable one: not JSON, too large, or a needed part is missing."""

    advice = "See `raw`; if the API changed, look for a newer release of akool-faceswap"


class HttpStatusError(AkoolError):
    """An HTTP status outside 2xx whose body carries no business code."""

    advice = "See `raw` for the body; a proxy or a wrong base URL answers like this"


class ApiError(AkoolError):
    """The API answered with a business code other than 1000.

    Each documented code has its own class. Other codes are `UnknownCodeError`.
    """


class DetectionError(AkoolError):
    """Face detection answered with an `error_code` other than 0, or could not read the picture."""

    advice = "Use a public URL to an image or video with a face of at least 80 x 80 pixels"


class SubmissionUncertain(AkoolError):  # noqa: N818 - a state of the world, not a fault of the caller
    """A paid request was sent, and its outcome is unknown. The client did not send it again.

    It may be running and charged. `request` is what was sent, for your records.
    """

    advice = (
        "It may have been accepted and charged: compare `credit()` with the balance before, wait "
        "for its webhook if you gave one, and submit again only if neither shows it"
    )

    def __init__(
        self, message: str, *, request: Mapping[str, Any] | None = None, **facts: Unpack[Facts]
    ) -> None:
        super().__init__(message, **facts)
        self.request: Mapping[str, Any] = request or {}
        """The JSON body that was sent."""


class JobError(AkoolError):
    """Something about one job; `job_id` names it."""


class JobFailed(JobError):  # noqa: N818 - the job's state, in the vendor's word
    """The job ended with status 4; `reason` is the vendor's `alg_msg`, when it gave one."""

    advice = "Look at the input images and landmarks; the same request will probably fail again"

    def __init__(self, message: str, *, reason: str | None = None, **facts: Unpack[Facts]) -> None:
        super().__init__(message, **facts)
        self.reason = reason


class JobNotFound(JobError):  # noqa: N818 - reads as what happened, like its siblings
    """The API does not list this id, and the grace period for new ids is over."""

    advice = "Poll with the `_id` of the submit, not its `job_id`; deleted jobs vanish too"


class JobTimeout(JobError, TimeoutError):  # noqa: N818 - the stdlib's TimeoutError is its base
    """Still pending at the deadline. The job keeps running at the vendor: nothing is lost."""

    advice = "Call `error.job.wait()` to wait again, or keep `error.job_id` for later"

    def __init__(
        self,
        message: str,
        *,
        job: Any = None,  # noqa: ANN401 - Job or AsyncJob; importing them here would close a circle
        pending: Sequence[str] = (),
        **facts: Unpack[Facts],
    ) -> None:
        super().__init__(message, **facts)
        self.pending = tuple(pending)
        """Ids of all jobs that were still pending, when several were waited for."""
        self.job = job
        """The `Job` or `AsyncJob` to resume; None after pickling, when only `job_id` is left."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the job: it holds a live connection pool."""
        return (type(self), self.args, {**self.__dict__, "job": None})


class ResultExpired(JobError):  # noqa: N818 - reads as what happened, like its siblings
    """The result file is gone: the vendor keeps results for seven days."""

    advice = "Submit the swap again and save its result within seven days"


class UploadError(AkoolError):
    """A local file could not be uploaded to where the vendor can fetch it. Nothing was spent."""

    advice = "Nothing was submitted: look at the uploader, then call again"


class DownloadError(AkoolError):
    """The result could not be fetched or stored completely; nothing was left at the target path."""

    advice = "Calling `save` again is safe and free"


class WebhookError(AkoolError):
    """A webhook that you must not trust. Answer it with HTTP 400."""


class WebhookPayloadError(WebhookError):
    """The body is not the documented shape, or its data does not decrypt to an event."""

    advice = "Pass the raw request body and the clientId and clientSecret of the same account"


class WebhookSignatureError(WebhookError):
    """The signature does not match clientId, timestamp, nonce and data."""

    advice = "Check the clientId; otherwise ignore the webhook"


class WebhookTimestampError(WebhookError):
    """The timestamp is too old, or in the future."""

    advice = "Check this machine's clock; otherwise ignore the webhook"


class WebhookReplayError(WebhookError):
    """This delivery was seen before."""

    advice = "Answer 200 without acting on it: it was handled already"


class WebhookUnconfirmedError(WebhookError):
    """The API does not confirm what the webhook says about the job."""

    advice = "Do not act on it: anyone who knows your clientId can sign a webhook"
