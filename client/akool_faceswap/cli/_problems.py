"""What can end a command early: one paragraph for the user and an exit code for the shell."""

from __future__ import annotations

from typing import Any

from akool_faceswap._errors import (
    AkoolError,
    ApiError,
    ClientClosedError,
    ConfigurationError,
    DownloadError,
    InvalidRequestError,
    JobTimeout,
    SubmissionUncertain,
)
from akool_faceswap.cli._exit import Exit

CODE_LIST = "https://docs.akool.com/ai-tools-suite/error-code"
ADVICE: dict[type[AkoolError], str] = {
    ConfigurationError: "Or add --mock to try it without an account",
    JobTimeout: "It keeps running: `akool-faceswap wait {job_id}` goes on waiting",
    DownloadError: "`akool-faceswap download {job_id} --out PATH` fetches it again, for free",
    SubmissionUncertain: (
        "It may have been accepted and charged, and it was not sent again: compare `akool-faceswap "
        "credit` with the balance before, and submit again only if nothing was taken"
    ),
    ClientClosedError: "Try again",
}
"""Advice of this command line, where the library's speaks of Python."""


class Problem(Exception):  # noqa: N818 - what the user reads, not a fault of the program
    """Ends the command with one paragraph on stderr and an exit code."""

    def __init__(self, text: str, exit_code: Exit = Exit.USAGE) -> None:
        super().__init__(text)
        self.exit_code = exit_code


def exit_code_of(error: AkoolError) -> Exit:
    """The exit code for an error of the library."""
    if isinstance(error, SubmissionUncertain):
        return Exit.UNCERTAIN
    if isinstance(error, ConfigurationError | InvalidRequestError):
        return Exit.USAGE
    return Exit.REFUSED


def paragraph(error: AkoolError) -> str:
    """What happened, the vendor's code and its meaning, what to do: in this order."""
    parts = [str(error.args[0])]
    if error.code is not None:
        parts.append(f"Code {error.code}: {meaning_of(error)}")
    elif error.http_status is not None:
        parts.append(f"HTTP status {error.http_status}")
    if error.job_id:
        parts.append(f"Job {error.job_id}")
    own = [text for kind, text in ADVICE.items() if isinstance(error, kind)]
    parts.append(own[0].format(job_id=error.job_id or "ID") if own else error.advice)
    return ". ".join(part.strip().rstrip(".") for part in parts if part) + "."


def meaning_of(error: AkoolError) -> str:
    """What the vendor's code means, in a few words."""
    first_line = (type(error).__doc__ or "").split("\n", 1)[0]
    documented, _, words = first_line.partition(": ")
    if isinstance(error, ApiError) and documented.startswith("Code ") and words:
        return words.rstrip(".")
    return f"see {CODE_LIST}" if isinstance(error, ApiError) else "the detection's own code"


def as_json(error: AkoolError) -> dict[str, Any]:
    """The same for programs."""
    return {
        "error": {
            "type": type(error).__name__,
            "message": paragraph(error),
            "code": error.code,
            "msg": error.msg,
            "http_status": error.http_status,
            "operation": error.operation,
            "job_id": error.job_id,
            "exit_code": int(exit_code_of(error)),
        }
    }
