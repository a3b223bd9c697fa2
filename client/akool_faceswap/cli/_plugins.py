"""Commands that other parts of the house bring, found by entry point and loaded when called.

The client never imports the simulator, the conformance suite or the contract pipeline: it knows
their names from the installed metadata alone, so `--help` costs the same with or without them.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from typer.core import TyperCommand

from akool_faceswap.cli._problems import Problem

GROUP = "akool_faceswap.commands"
HOUSE = "akool_"
"""Packages of ours are in every installation; one that is missing is a fault, not a choice."""
KNOWN = {
    "mock": ("mock", "Run a mock of the API: a stateful simulator, or Prism."),
    "verify": ("contract", "Check a server against the contract and write a report."),
    "contract": ("spec", "Build, compare and lint the OpenAPI contract."),
}
"""Command to the extra that it needs and its line in `--help`."""


class PluginCommand(TyperCommand):
    """Stands in for a command until it is called or asked for its own help."""

    def __init__(self, entry: EntryPoint) -> None:
        _, summary = KNOWN.get(entry.name, ("", f"Provided by {entry.value}."))
        super().__init__(name=entry.name, help=summary, params=[])
        self._entry = entry

    def make_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - Typer's own signature, passed on
        """Load the real command and let it take over."""
        return self._load().make_context(*args, **kwargs)

    def _load(self) -> Any:  # noqa: ANN401 - a command of Typer's private click
        try:
            app = self._entry.load()
        except ModuleNotFoundError as error:
            if (error.name or "").startswith(HOUSE):
                raise
            extra, _ = KNOWN.get(self._entry.name, ("all", ""))
            raise Problem(
                f"`{self._entry.name}` needs an extra ({error.name} is not installed): "
                f"pip install 'akool-faceswap[{extra}]'"
            ) from error
        return typer.main.get_command(app)


def commands() -> list[PluginCommand]:
    """Every installed plugin command, the known ones first."""
    order = list(KNOWN)
    found = sorted(
        entry_points(group=GROUP),
        key=lambda entry: order.index(entry.name) if entry.name in order else len(order),
    )
    return [PluginCommand(entry) for entry in found]
