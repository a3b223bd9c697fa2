"""A class for each business code of the contract (`x-business-codes`); a test holds both together.

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
    """The one code of this class, or the first of several that mean the same."""


class InvalidParameterError(CodeError):
    """Code 1003: a parameter is wrong or empty."""

    documented_code = 1003
    advice = "Compare the request with the docs page of the operation; URLs must be public"


class RateLimitedError(CodeError):
    """Code 1005, or HTTP 429: called too often. The client has already retried after a pause."""

    documented_code = 1005
    advice = "Slow down; wait for many jobs with `wait_all`, which shares its requests"


class QuotaExceededError(CodeError):
    """Code 1006: the account's quota is not enough."""

    documented_code = 1006
    advice = "Buy credits or a larger plan; `credit()` says what is left"


class TooManyFacesError(CodeError):
    """Code 1007: more than 8 faces to swap."""

    documented_code = 1007
    advice = "Swap at most 8 faces in one request"


class InvalidAuthorizationError(CodeError):
    """Code 1101, or HTTP 401: the API key or token is wrong or expired.

    With `client_id` and `client_secret`, the client has already tried a new token once.
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
    advice = "Finish the verification that the account page asks for"


class ContentMissingError(CodeError):
    """Code 1008: the content does not exist."""

    documented_code = 1008
    advice = "Check the ids and URLs of the request; what they name may be deleted or expired"


class PermissionDeniedError(CodeError):
    """Code 1009: no permission."""

    documented_code = 1009
    advice = "Use a key of the account that owns it, or ask the vendor's support to allow it"


class ContentNotOperableError(CodeError):
    """Code 1010: the content cannot be operated on."""

    documented_code = 1010
    advice = "Check that it is finished and of a kind that this operation takes"


class ContentAlreadyOperatedError(CodeError):
    """Code 1011: the content was operated on already."""

    documented_code = 1011
    advice = "Nothing is left to do: read what the first request made, with `results()`"


class UseAudioInVideoError(CodeError):
    """Code 1013: use the audio in the video."""

    documented_code = 1013
    advice = "Choose the sound of the video instead of a separate file"


class ResourceMissingError(CodeError):
    """Code 1014: the resource does not exist."""

    documented_code = 1014
    advice = "Check the ids; results vanish after seven days, and with `delete()`"


class VideoProcessingError(CodeError):
    """Code 1015: video processing failed."""

    documented_code = 1015
    advice = "Try another export of the video: MP4 with H.264, at most 60 seconds"


class FaceSwapError(CodeError):
    """Code 1016: the face swap failed."""

    documented_code = 1016
    advice = "Check that every picture shows its face clearly and that the landmarks belong to it"


class AudioNotCreatedError(CodeError):
    """Code 1017: the audio was not created."""

    documented_code = 1017
    advice = "Create the audio first, then ask again"


class PaymentOverdueError(CodeError):
    """Code 1103: the account is unpaid or overdue."""

    documented_code = 1103
    advice = "Settle the account's bill; nothing is accepted until then"


class CreditInsufficientError(CodeError):
    """Code 1104: not enough credit."""

    documented_code = 1104
    advice = "Buy credits: this request costs more than `credit()` says there are"


class AvatarProcessingError(CodeError):
    """Code 1105: avatar processing failed."""

    documented_code = 1105
    advice = "Wait until the avatar is ready, or create it again"


class ImageProcessingError(CodeError):
    """Code 1108: image processing failed."""

    documented_code = 1108
    advice = "Try another picture: a complete JPEG or PNG behind a public URL"


class AccountMissingError(CodeError):
    """Code 1109: the account does not exist."""

    documented_code = 1109
    advice = "Check that the key, or the clientId, belongs to an account that still exists"


class AudioProcessingError(CodeError):
    """Code 1110: audio processing failed."""

    documented_code = 1110
    advice = "Try another export of the audio, complete and behind a public URL"


class AvatarCallbackError(CodeError):
    """Code 1111: the avatar callback failed."""

    documented_code = 1111
    advice = "Create the avatar again; if it happens again, ask the vendor's support"


class VoiceProcessingError(CodeError):
    """Code 1112: voice processing failed."""

    documented_code = 1112
    advice = "Try another recording of the voice, or another voice"


class CreateAudioError(CodeError):
    """Code 1201: creating the audio failed."""

    documented_code = 1201
    advice = "Try a shorter or simpler text; if it happens again, ask the vendor's support"


class LipSyncSameLanguageError(CodeError):
    """Code 1202: lip sync into the same language."""

    documented_code = 1202
    advice = "Choose a target language other than the one that is spoken"


class VideoAndAudioError(CodeError):
    """Code 1203: video and audio do not go together."""

    documented_code = 1203
    advice = "Send either the video or the audio, of matching length"


class VideoTooLongError(CodeError):
    """Code 1204: the video is too long."""

    documented_code = 1204
    advice = "Cut the video; face swap takes at most 60 seconds"


class CreateVideoError(CodeError):
    """Code 1205: creating the video failed."""

    documented_code = 1205
    advice = "Submit it again later; if it happens again, ask the vendor's support"


class BackgroundChangeError(CodeError):
    """Code 1206: the background change failed."""

    documented_code = 1206
    advice = "Try another background or another picture"


class VideoTooBigError(CodeError):
    """Code 1207: the video is too big."""

    documented_code = 1207
    advice = "Compress the video, or send a smaller resolution"


class VideoParseError(CodeError):
    """Code 1208: the video could not be parsed."""

    documented_code = 1208
    advice = "Check that the URL is public and serves the video itself, complete"


class VideoCodecUnsupportedError(CodeError):
    """Code 1209: the codec of the video is not supported."""

    documented_code = 1209
    advice = "Convert the video to H.264 in an MP4"


class FrameRateTooHighError(CodeError):
    """Code 1210: the frame rate of the video is too high."""

    documented_code = 1210
    advice = "Convert the video to fewer frames per second, for example 30"


class LipSyncError(CodeError):
    """Code 1211: the lip sync failed."""

    documented_code = 1211
    advice = "Try a video in which the mouth is seen clearly"


class SentimentAnalysisFailedError(CodeError):
    """Code 1212: the sentiment analysis failed."""

    documented_code = 1212
    advice = "Try another text; if it happens again, ask the vendor's support"


class SubscriptionNeededError(CodeError):
    """Code 1213: a subscription is needed."""

    documented_code = 1213
    advice = "Subscribe to a plan that includes this operation"


class LiveAvatarError(CodeError):
    """Codes 1214 to 1220: a live avatar failed; `msg` says how."""

    documented_code = 1214
    advice = "Only live avatars answer like this, face swap does not: check path and base URL"


LiveAvatar1214Error = LiveAvatar1215Error = LiveAvatar1216Error = LiveAvatarError
LiveAvatar1217Error = LiveAvatar1218Error = LiveAvatar1219Error = LiveAvatarError
LiveAvatar1220Error = LiveAvatarError


class NotSubscribedError(CodeError):
    """Code 1221: not subscribed."""

    documented_code = 1221
    advice = "Subscribe on the account page, or use a key of the account that has the subscription"


class ResourceExistsError(CodeError):
    """Code 1222: the resource exists already."""

    documented_code = 1222
    advice = "Use the one that exists, or delete it first"


class LiveAvatarUploadExceededError(CodeError):
    """Code 1223: too many live avatar uploads."""

    documented_code = 1223
    advice = "Delete live avatars that you no longer need, or ask the vendor for a higher limit"


class VendorServerError(CodeError):
    """Code 2001: a server error at the vendor."""

    documented_code = 2001
    advice = "Compare `credit()` with the balance before you submit again: work may have begun"


class UnknownCodeError(ApiError):
    """A business code that has no class here; `code` and `msg` say what the server said."""

    advice = "Look it up: https://docs.akool.com/ai-tools-suite/error-code"


BY_CODE: Final = {
    **{known.documented_code: known for known in CodeError.__subclasses__()},
    **dict.fromkeys(range(1214, 1221), LiveAvatarError),
}
"""Documented code to class."""


def class_for(code: int) -> type[ApiError]:
    """The class for a business code."""
    return BY_CODE.get(code, UnknownCodeError)
