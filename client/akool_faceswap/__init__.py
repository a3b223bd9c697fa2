"""Unofficial client for the AKOOL Face Swap API.

    from akool_faceswap import FaceSwap

    with FaceSwap() as client:                      # AKOOL_API_KEY
        job = client.swap_image(source=..., target=..., image=...)
        job.wait().save("swapped.jpg")

Everything public is named here and loaded at first use, so that a part (the webhook helper, the
errors) costs only itself.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from akool_faceswap._errors import (
        AkoolError,
        ApiError,
        ClientClosedError,
        ConfigurationError,
        DetectionError,
        DownloadError,
        HttpStatusError,
        InvalidRequestError,
        JobError,
        JobFailed,
        JobNotFound,
        JobTimeout,
        NotDeliveredError,
        RawAnswer,
        RequestTimeoutError,
        ResultExpired,
        SubmissionUncertain,
        TransportError,
        UnreadableAnswerError,
        WebhookError,
        WebhookPayloadError,
        WebhookReplayError,
        WebhookSignatureError,
        WebhookTimestampError,
        WebhookUnconfirmedError,
    )
    from akool_faceswap._status import JobStatus
    from akool_faceswap.webhooks import WebhookEvent

    __version__: str

__all__ = [
    "AkoolError",
    "ApiError",
    "ClientClosedError",
    "ConfigurationError",
    "DetectionError",
    "DownloadError",
    "HttpStatusError",
    "InvalidRequestError",
    "JobError",
    "JobFailed",
    "JobNotFound",
    "JobStatus",
    "JobTimeout",
    "NotDeliveredError",
    "RawAnswer",
    "RequestTimeoutError",
    "ResultExpired",
    "SubmissionUncertain",
    "TransportError",
    "UnreadableAnswerError",
    "WebhookError",
    "WebhookEvent",
    "WebhookPayloadError",
    "WebhookReplayError",
    "WebhookSignatureError",
    "WebhookTimestampError",
    "WebhookUnconfirmedError",
    "__version__",
]

_ELSEWHERE = {"JobStatus": "_status", "WebhookEvent": "webhooks"}
"""Where a public name lives when that is not `_errors`."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - PEP 562
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - 10 ms that few need

        value: Any = version("akool-faceswap")
    elif name in __all__:
        value = getattr(import_module(f"{__name__}.{_ELSEWHERE.get(name, '_errors')}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
