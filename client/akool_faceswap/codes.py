"""One class per business code of the contract (`x-business-codes`); a test holds both together.

    ApiError
    ├── CodeError                       every documented code, below
    │   ├── InvalidParameterError       1003
    │   ├── RateLimitedError            1005, and HTTP 429
    │   ├── QuotaExceededError          1006
    │   ├── TooManyFacesError           1007
    │   ├── InvalidAuthorizationError   1101, and HTTP 401 without a code
    │   ├── MissingAuthorizationError   1102
    │   ├── AccountBannedError          1200
    │   └── ...                         those of the vendor's other products, which share the table
    └── UnknownCodeError                any code without a class

Docs: https://docs.akool.com/ai-tools-suite/error-code
"""

from __future__ import annotations

from typing import ClassVar, Final

from akool_faceswap._errors import ApiError

SUCCESS_CODE: Final = 1000
"""The one business code that means yes."""


class CodeError(ApiError):
    """Base of the classes that belong to a documented code."""

    documented_code: ClassVar[int]
    advice = "`msg` says why; the same request will be refused again"


class InvalidParameterError(CodeError):
    """Code 1003: a parameter is wrong or empty."""

    documented_code = 1003
    advice = "Compare the request with the docs page of the operation; URLs must be public"


class RateLimitedError(CodeError):
    """Code 1005, or HTTP 429: called too often. It was already repeated after a pause."""

    documented_code = 1005
    advice = "Slow down; wait for many jobs with `wait_all`, which shares its requests"


class QuotaExceededError(CodeError):
    """Code 1006: the account's quota is not enough."""

    documented_code = 1006
    advice = "Buy credits, or ask `credit()` before submitting"


class TooManyFacesError(CodeError):
    """Code 1007: more than 8 faces to swap."""

    documented_code = 1007
    advice = "Swap at most 8 faces in one request"


class InvalidAuthorizationError(CodeError):
    """Code 1101, or HTTP 401: the API key or token is wrong or expired.

    With `client_id` and `client_secret` a fresh token was already tried once.
    """

    documented_code = 1101
    advice = "Check the API key, or clientId and clientSecret, on the account page"


class MissingAuthorizationError(CodeError):
    """Code 1102: no authorization arrived. A proxy may have dropped the header."""

    documented_code = 1102
    advice = "Check that nothing between here and the API removes request headers"


class AccountBannedError(CodeError):
    """Code 1200: the account is banned."""

    documented_code = 1200
    advice = "Contact the vendor's support"


# The rest of the platform's table. No face swap operation is known to answer with these.


class VerificationNeededError(CodeError):
    """Code 1004: verification is needed."""

    documented_code = 1004


class ContentMissingError(CodeError):
    """Code 1008: the content does not exist."""

    documented_code = 1008


class PermissionDeniedError(CodeError):
    """Code 1009: no permission."""

    documented_code = 1009


class ContentNotOperableError(CodeError):
    """Code 1010: the content cannot be operated on."""

    documented_code = 1010


class ContentAlreadyOperatedError(CodeError):
    """Code 1011: the content was operated on already."""

    documented_code = 1011


class UseAudioInVideoError(CodeError):
    """Code 1013: use the audio in the video."""

    documented_code = 1013


class ResourceMissingError(CodeError):
    """Code 1014: the resource does not exist."""

    documented_code = 1014


class VideoProcessingError(CodeError):
    """Code 1015: video processing failed."""

    documented_code = 1015


class FaceSwapError(CodeError):
    """Code 1016: the face swap failed."""

    documented_code = 1016


class AudioNotCreatedError(CodeError):
    """Code 1017: the audio was not created."""

    documented_code = 1017


class PaymentOverdueError(CodeError):
    """Code 1103: the account is unpaid or overdue."""

    documented_code = 1103


class CreditInsufficientError(CodeError):
    """Code 1104: not enough credit."""

    documented_code = 1104
    advice = "Buy credits, or ask `credit()` before submitting"


class AvatarProcessingError(CodeError):
    """Code 1105: avatar processing failed."""

    documented_code = 1105


class ImageProcessingError(CodeError):
    """Code 1108: image processing failed."""

    documented_code = 1108


class AccountMissingError(CodeError):
    """Code 1109: the account does not exist."""

    documented_code = 1109


class AudioProcessingError(CodeError):
    """Code 1110: audio processing failed."""

    documented_code = 1110


class AvatarCallbackError(CodeError):
    """Code 1111: the avatar callback failed."""

    documented_code = 1111


class VoiceProcessingError(CodeError):
    """Code 1112: voice processing failed."""

    documented_code = 1112


class CreateAudioError(CodeError):
    """Code 1201: creating the audio failed."""

    documented_code = 1201


class LipSyncSameLanguageError(CodeError):
    """Code 1202: lip sync into the same language."""

    documented_code = 1202


class VideoAndAudioError(CodeError):
    """Code 1203: video and audio do not go together."""

    documented_code = 1203


class VideoTooLongError(CodeError):
    """Code 1204: the video is too long."""

    documented_code = 1204


class CreateVideoError(CodeError):
    """Code 1205: creating the video failed."""

    documented_code = 1205


class BackgroundChangeError(CodeError):
    """Code 1206: the background change failed."""

    documented_code = 1206


class VideoTooBigError(CodeError):
    """Code 1207: the video is too big."""

    documented_code = 1207


class VideoParseError(CodeError):
    """Code 1208: the video could not be parsed."""

    documented_code = 1208


class VideoCodecUnsupportedError(CodeError):
    """Code 1209: the codec of the video is not supported."""

    documented_code = 1209


class FrameRateTooHighError(CodeError):
    """Code 1210: the frame rate of the video is too high."""

    documented_code = 1210


class LipSyncError(CodeError):
    """Code 1211: the lip sync failed."""

    documented_code = 1211


class SentimentAnalysisFailedError(CodeError):
    """Code 1212: the sentiment analysis failed."""

    documented_code = 1212


class SubscriptionNeededError(CodeError):
    """Code 1213: a subscription is needed."""

    documented_code = 1213


class LiveAvatar1214Error(CodeError):
    """Code 1214: a live avatar failure."""

    documented_code = 1214


class LiveAvatar1215Error(CodeError):
    """Code 1215: a live avatar failure."""

    documented_code = 1215


class LiveAvatar1216Error(CodeError):
    """Code 1216: a live avatar failure."""

    documented_code = 1216


class LiveAvatar1217Error(CodeError):
    """Code 1217: a live avatar failure."""

    documented_code = 1217


class LiveAvatar1218Error(CodeError):
    """Code 1218: a live avatar failure."""

    documented_code = 1218


class LiveAvatar1219Error(CodeError):
    """Code 1219: a live avatar failure."""

    documented_code = 1219


class LiveAvatar1220Error(CodeError):
    """Code 1220: a live avatar failure."""

    documented_code = 1220


class NotSubscribedError(CodeError):
    """Code 1221: not subscribed."""

    documented_code = 1221


class ResourceExistsError(CodeError):
    """Code 1222: the resource exists already."""

    documented_code = 1222


class LiveAvatarUploadExceededError(CodeError):
    """Code 1223: too many live avatar uploads."""

    documented_code = 1223


class VendorServerError(CodeError):
    """Code 2001: a server error at the vendor."""

    documented_code = 2001
    advice = "Compare `credit()` with the balance before you submit again: work may have begun"


class UnknownCodeError(ApiError):
    """A business code that has no class here; `code` and `msg` say what the server said."""

    advice = (
        "See the vendor's list of error codes: https://docs.akool.com/ai-tools-suite/error-code"
    )


BY_CODE: Final[dict[int, type[CodeError]]] = {
    known.documented_code: known for known in CodeError.__subclasses__()
}
"""Documented code to class."""

BUSY_CODE: Final = RateLimitedError.documented_code
"""Rejected without work: the one code after which a paid submit may be repeated."""


def class_for(code: int) -> type[ApiError]:
    """The class for a business code."""
    return BY_CODE.get(code, UnknownCodeError)
