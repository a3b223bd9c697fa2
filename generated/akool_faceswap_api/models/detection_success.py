from enum import IntEnum


class DetectionSuccess(IntEnum):
    OK = 0

    def __str__(self) -> str:
        return str(self.value)
