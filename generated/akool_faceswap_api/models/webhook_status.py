from enum import IntEnum


class WebhookStatus(IntEnum):
    PROCESSING = 2
    SUCCESS = 3
    FAILED = 4

    def __str__(self) -> str:
        return str(self.value)
