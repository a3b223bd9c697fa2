from enum import StrEnum


class SwapImageProRequestModelName(StrEnum):
    AKOOL_FACESWAP_IMAGE_HQ = "akool_faceswap_image_hq"

    def __str__(self) -> str:
        return str(self.value)
