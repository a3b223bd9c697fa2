"""Errors that end a check or a run early."""


class MistakeError(Exception):
    """What was asked for cannot be done; the message says what to change."""


class UnusableError(Exception):
    """A check cannot continue without an answer that it needs. `reason` is for the report."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TargetDownError(Exception):
    """The target no longer answers; the run ends with what it has."""
