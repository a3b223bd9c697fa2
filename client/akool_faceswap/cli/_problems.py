"""What can end a command early, and how it is told."""

from __future__ import annotations

from akool_faceswap.cli._exit import Exit


class Problem(Exception):  # noqa: N818 - what the user reads, not a fault of the program
    """Ends the command with one paragraph on stderr and an exit code."""

    def __init__(self, text: str, exit_code: Exit = Exit.USAGE) -> None:
        super().__init__(text)
        self.exit_code = exit_code
