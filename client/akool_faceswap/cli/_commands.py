"""Commands that are loaded when they are called, or asked for their own help.

Our own, because a client and its HTTP library need not be loaded to show a list; those of other
parts of the house, because the client never imports the simulator, the conformance suite or the
contract pipeline: it knows their names from the installed metadata alone.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import typer

GROUP = "akool_faceswap.commands"
KNOWN = {
    "batch": "Swap faces for each row of a manifest. Loses no row, pays for none twice.",
    "mock": "Run a mock of the API: a stateful simulator, or Prism.",
    "verify": "Check a server against the contract and write a report.",
    "contract": "Build, compare and lint the OpenAPI contract.",
}
"""Command of another package to its line in `--help`."""


OWN = {
    "swap": ("_swap", "Swap faces in a picture or video and save the result."),
    "detect": ("_account", "Find faces and their landmarks."),
    "credit": ("_account", "Show the credits of the account."),
    "results": ("_jobs", "Show the status of jobs, without waiting."),
    "wait": ("_jobs", "Wait until jobs have ended."),
    "download": ("_jobs", "Save the results of jobs."),
    "delete": ("_jobs", "Delete results at the vendor."),
    "webhook": ("_webhook", "Receive or open webhooks."),
}
"""Command to the module of this package that has it and its line in `--help`."""


def ours(name: str) -> typer.Typer:
    """The app of this package that has a command."""
    module, _ = OWN[name]
    return cast("typer.Typer", import_module(f"{__package__}.{module}").app)


@cache
def others() -> dict[str, EntryPoint]:
    """The commands of other packages, the known ones first."""
    order = list(KNOWN)
    found = sorted(
        entry_points(group=GROUP),
        key=lambda entry: order.index(entry.name) if entry.name in order else len(order),
    )
    return {entry.name: entry for entry in found}


def summaries() -> Iterator[tuple[str, str]]:
    """Every command and its line in `--help`, in the order of the help."""
    for name, (_, summary) in OWN.items():
        yield name, summary
    for name, entry in others().items():
        yield name, KNOWN.get(name, f"Provided by {entry.value}.")


def load(name: str) -> typer.Typer:
    """The app that brings a command: one of `summaries`."""
    return ours(name) if name in OWN else cast("typer.Typer", others()[name].load())


def understood(name: str, words: Sequence[str]) -> list[str]:
    """The words of a command line as the command wants them.

    A part may say more of its arguments than Typer can: by a function `understood` beside its app.
    """
    entry = None if name in OWN else others().get(name)
    reads: Callable[[Sequence[str]], list[str]] | None
    reads = getattr(sys.modules[entry.module], "understood", None) if entry else None
    return reads(words) if reads else list(words)
