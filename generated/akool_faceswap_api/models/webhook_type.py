from enum import StrEnum


class WebhookType(StrEnum):
    AUDIO = "audio"
    AVATAR = "avatar"
    BACKGROUND_CHANGE = "background change"
    FACESWAP = "faceswap"
    IMAGE = "image"
    LIPSYNC = "lipsync"
    TALKING_PHOTO = "talking photo"
    VIDEO_TRANSLATE = "video translate"

    def __str__(self) -> str:
        return str(self.value)
