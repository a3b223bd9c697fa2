"""Commands that are loaded when they are called, or asked for their own help.

Our own, because a client and its HTTP library need not be loaded to show a list; those of other
parts of the house, because the client never imports the simulator, the conformance suite or the
contract pipeline: it knows their names from the installed metadata alone.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from akool_faceswap.cli._problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GROUP = "akool_faceswap.commands"
HOUSE = "akool_"
"""Packages of ours are in every installation; one that is missing is a fault, not a choice."""
KNOWN = {
    "batch": ("cli", "Swap faces for every row of a manifest; none lost, none paid twice."),
    "mock": ("mock", "Run a mock of the API: a stateful simulator, or Prism."),
    "verify": ("contract", "Check a server against the contract and write a report."),
    "contract": ("spec", "Build, compare and lint the OpenAPI contract."),
}
"""Command to the extra that it needs and its line in `--help`."""


OWN = {
    "swap": ("_swap", "Swap faces in a picture or video and fetch the result."),
    "detect": ("_account", "Find faces and their landmarks."),
    "credit": ("_account", "Show the credits of the account."),
    "results": ("_jobs", "Show where jobs are, without waiting."),
    "wait": ("_jobs", "Wait until jobs have ended."),
    "download": ("_jobs", "Save the results of jobs."),
    "delete": ("_jobs", "Delete results at the vendor."),
    "webhook": ("_webhook", "Receive or open webhook deliveries."),
}
"""Command to the module of this package that has it and its line in `--help`."""


class LazyCommand(TyperCommand):
    """Stands in for a command until it is called or asked for its own help."""

    def __init__(self, name: str, summary: str, load: Callable[[], Any]) -> None:
        super().__init__(name=name, help=summary, params=[])
        self._load = load

    def make_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - Typer's own signature, passed on
        """Load the real command and let it take over."""
        return self._load().make_context(*args, **kwargs)


def plugin(entry: EntryPoint) -> LazyCommand:
    """The command that another package brings."""
    extra, summary = KNOWN.get(entry.name, ("all", f"Provided by {entry.value}."))

    def load() -> Any:  # noqa: ANN401 - a command of Typer's private click
        try:
            app = entry.load()
        except ModuleNotFoundError as error:
            if (error.name or "").startswith(HOUSE):
                raise
            raise Problem(
                f"`{entry.name}` needs an extra ({error.name} is not installed): "
                f"pip install 'akool-faceswap[{extra}]'"
            ) from error
        return typer.main.get_command(app)

    return LazyCommand(entry.name, summary, load)


def own(name: str) -> LazyCommand:
    """A command of this package."""
    module, summary = OWN[name]

    def load() -> Any:  # noqa: ANN401 - a command of Typer's private click
        app = import_module(f"{__package__}.{module}").app
        command = typer.main.get_command(app)
        return getattr(command, "commands", {}).get(name, command)

    return LazyCommand(name, summary, load)


def commands() -> Iterator[LazyCommand]:
    """Every command: ours, then those of other packages, the known ones first."""
    yield from map(own, OWN)
    order = list(KNOWN)
    found = sorted(
        entry_points(group=GROUP),
        key=lambda entry: order.index(entry.name) if entry.name in order else len(order),
    )
    yield from map(plugin, found)
