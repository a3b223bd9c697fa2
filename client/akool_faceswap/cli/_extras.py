"""Which extra a command needs, and the one line that says so. Standard library only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HOUSE = "akool_"
"""Packages of ours are in every installation; one that is missing is a fault, not a choice."""
EXTRAS = {
    "mock": "cli,mock",
    "verify": "contract",
    "contract": "spec",
    "webhook": "cli,webhook",
}
"""Command to the extras that it needs, where `cli` is not enough."""


def called(words: Iterable[str]) -> str:
    """The command among the words of a command line, or "": options of the root take no value."""
    return next((word for word in words if not word.startswith("-")), "")


def advice(command: str, error: ModuleNotFoundError) -> str:
    """What to install so that a command finds the module that was missing.

    Args:
        command: The command's name; "" for the command line itself.
        error: What importing raised. A module of our own is no matter of extras: raised again.
    """
    if not error.name or error.name.startswith(HOUSE):
        raise error
    what = f"`{command}`" if command else "the command line"
    return (
        f"{what} needs an extra ({error.name} is not installed): "
        f"pip install 'akool-faceswap[{EXTRAS.get(command, 'cli')}]'"
    )
