"""Which extra a command needs, and the one line that says so. Standard library only."""

from __future__ import annotations

from importlib.metadata import packages_distributions, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HOUSE = "akool_"
"""Our packages are in every installation: a missing one is an error, not a choice."""
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


def advice(command: str, error: ImportError) -> str:
    """What to install so that a command finds what it wanted to import.

    Args:
        command: The command's name; "" for the command line itself.
        error: What importing raised. It is raised again if one of our own packages failed.
    """
    name = error.name or ""
    if not name or name.startswith(HOUSE):
        raise error
    what = f"`{command}`" if command else "the command line"
    install = f"pip install 'akool-faceswap[{EXTRAS.get(command, 'cli')}]'"
    top = name.split(".")[0]
    for package in packages_distributions().get(top, []):
        if isinstance(error, ModuleNotFoundError) and name == top:
            break
        return (
            f"{what} does not find what it uses of {package} {version(package)}: {install} "
            "brings a version that fits"
        )
    return f"{what} needs an extra ({name} is not installed): {install}"
