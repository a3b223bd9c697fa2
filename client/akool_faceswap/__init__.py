"""Unofficial client for the AKOOL Face Swap API.

    from akool_faceswap import FaceSwap

    with FaceSwap() as client:                      # AKOOL_API_KEY
        job = client.swap_image(source=..., target=..., image=...)
        job.wait().save("swapped.jpg")

Everything public is named here and loaded at first use, so that a part (the webhook helper, the
errors) costs only itself. Further public modules: `akool_faceswap.webhooks` and
`akool_faceswap.codes`, with a class for each business code.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from akool_faceswap._async.client import AsyncFaceSwap
    from akool_faceswap._async.jobs import AsyncJob, AsyncJobResult
    from akool_faceswap._core.call import Attempt
    from akool_faceswap._core.download import Fetched
    from akool_faceswap._core.timing import (
        DEFAULT,
        AsyncClock,
        Clock,
        Polling,
        RetryPolicy,
        Timeout,
    )
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
        UploadError,
        WebhookError,
        WebhookPayloadError,
        WebhookReplayError,
        WebhookSignatureError,
        WebhookTimestampError,
        WebhookUnconfirmedError,
    )
    from akool_faceswap._models.account import Credit, FaceMapping, ModelStyle
    from akool_faceswap._models.detection import DetectedFace, Detection
    from akool_faceswap._models.faces import Face, Faces, Landmarks
    from akool_faceswap._models.job_state import JobState, JobStatus
    from akool_faceswap._sync.client import FaceSwap
    from akool_faceswap._sync.jobs import Job, JobResult
    from akool_faceswap.codes import (
        AccountBannedError,
        InvalidAuthorizationError,
        InvalidParameterError,
        MissingAuthorizationError,
        QuotaExceededError,
        RateLimitedError,
        TooManyFacesError,
        UnknownCodeError,
    )
    from akool_faceswap.webhooks import (
        WebhookEvent,
    )

    __version__: str

__all__ = [
    "DEFAULT",
    "AccountBannedError",
    "AkoolError",
    "ApiError",
    "AsyncClock",
    "AsyncFaceSwap",
    "AsyncJob",
    "AsyncJobResult",
    "Attempt",
    "ClientClosedError",
    "Clock",
    "ConfigurationError",
    "Credit",
    "DetectedFace",
    "Detection",
    "DetectionError",
    "DownloadError",
    "Face",
    "FaceMapping",
    "FaceSwap",
    "Faces",
    "Fetched",
    "HttpStatusError",
    "InvalidAuthorizationError",
    "InvalidParameterError",
    "InvalidRequestError",
    "Job",
    "JobError",
    "JobFailed",
    "JobNotFound",
    "JobResult",
    "JobState",
    "JobStatus",
    "JobTimeout",
    "Landmarks",
    "MissingAuthorizationError",
    "ModelStyle",
    "NotDeliveredError",
    "Polling",
    "QuotaExceededError",
    "RateLimitedError",
    "RawAnswer",
    "RequestTimeoutError",
    "ResultExpired",
    "RetryPolicy",
    "SubmissionUncertain",
    "Timeout",
    "TooManyFacesError",
    "TransportError",
    "UnknownCodeError",
    "UnreadableAnswerError",
    "UploadError",
    "WebhookError",
    "WebhookEvent",
    "WebhookPayloadError",
    "WebhookReplayError",
    "WebhookSignatureError",
    "WebhookTimestampError",
    "WebhookUnconfirmedError",
    "__version__",
]

_ELSEWHERE = {
    "AsyncFaceSwap": "_async.client",
    "AsyncJob": "_async.jobs",
    "AsyncJobResult": "_async.jobs",
    "Attempt": "_core.call",
    "Fetched": "_core.download",
    "DEFAULT": "_core.timing",
    "AsyncClock": "_core.timing",
    "Clock": "_core.timing",
    "Polling": "_core.timing",
    "RetryPolicy": "_core.timing",
    "Timeout": "_core.timing",
    "Credit": "_models.account",
    "FaceMapping": "_models.account",
    "ModelStyle": "_models.account",
    "DetectedFace": "_models.detection",
    "Detection": "_models.detection",
    "Face": "_models.faces",
    "Faces": "_models.faces",
    "Landmarks": "_models.faces",
    "JobState": "_models.job_state",
    "JobStatus": "_models.job_state",
    "FaceSwap": "_sync.client",
    "Job": "_sync.jobs",
    "JobResult": "_sync.jobs",
    "AccountBannedError": "codes",
    "InvalidAuthorizationError": "codes",
    "InvalidParameterError": "codes",
    "MissingAuthorizationError": "codes",
    "QuotaExceededError": "codes",
    "RateLimitedError": "codes",
    "TooManyFacesError": "codes",
    "UnknownCodeError": "codes",
    "WebhookEvent": "webhooks",
}
"""Where a public name lives when that is not `_errors`; a test holds it and `__all__` together."""


if not TYPE_CHECKING:  # a checker that sees it takes every misspelt name for granted

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
