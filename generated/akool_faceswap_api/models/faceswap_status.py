from enum import IntEnum


class FaceswapStatus(IntEnum):
    IN_QUEUE = 1
    PROCESSING = 2
    SUCCESS = 3
    FAILED = 4

    def __str__(self) -> str:
        return str(self.value)
