from enum import StrEnum


class SwapPlusRequestModelStyle(StrEnum):
    BEAUTIFY = "beautify"
    LOSSLESS = "lossless"
    REALISTIC = "realistic"

    def __str__(self) -> str:
        return str(self.value)
