from enum import IntEnum


class SuccessCode(IntEnum):
    OK = 1000

    def __str__(self) -> str:
        return str(self.value)
