"""The command `akool-faceswap`.

This module is all that the base installation runs: it needs nothing but the standard library, so
that `--version` works everywhere, and it says which extra brings the rest.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

from akool_faceswap.cli._exit import PROGRAM
from akool_faceswap.cli._extras import advice, called

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

USAGE_ERROR = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; `--help` lists the codes.

    Args:
        argv: Arguments without the program's name; those of the process by default.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments == ["--version"]:
        sys.stdout.write(f"{PROGRAM} {version(PROGRAM)}\n")
        return 0
    try:
        from akool_faceswap.cli._app import run  # noqa: PLC0415 - needs the extra
    except ImportError as error:
        sys.stderr.write(f"{PROGRAM}: {advice(called(arguments), error)}\n")
        return USAGE_ERROR
    return run(arguments)
