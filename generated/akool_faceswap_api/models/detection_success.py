from enum import IntEnum


class DetectionSuccess(IntEnum):
    NO_ERROR = 0

    def __str__(self) -> str:
        return str(self.value)
