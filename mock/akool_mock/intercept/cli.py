"""`akool-faceswap mock run`: the command line of `command`."""

from __future__ import annotations

import os
from pathlib import Path  # noqa: TC003 - Typer reads it from the annotations
from typing import Annotated

import typer

from akool_mock._world.settings import MockError

__all__ = ["CONTEXT", "run"]

USAGE_ERROR = 2
CONTEXT = {"allow_interspersed_args": False}
"""The first word that is no option of ours begins the program's own command line."""


def run(  # noqa: PLR0913 - a command line has options
    command: Annotated[
        list[str], typer.Argument(metavar="COMMAND [ARGUMENTS]...", show_default=False)
    ],
    *,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="Let the program reach this host too; repeatable. Turns the private network off.",
        ),
    ] = None,
    private_network: Annotated[
        bool | None,
        typer.Option(
            "--private-network/--no-private-network",
            help="Run it where nothing leads out, or only with proxy variables. "
            "By default: where the system allows it.",
            show_default=False,
        ),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting of the mock; repeatable."),
    ] = None,
    contract: Annotated[
        Path | None, typer.Option(help="Serve another contract (OpenAPI 3, YAML or JSON).")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of ids, failures and jitter.")] = 0,
) -> None:
    """Run a program that cannot be told an address: its calls to the API reach the mock."""
    from akool_mock._world.settings import changes  # noqa: PLC0415 - `--help` needs none of it
    from akool_mock.intercept.command import Order, run_program  # noqa: PLC0415 - same

    try:
        order = Order(
            command,
            settings=changes(setting or ()),
            contract=None if contract is None else str(contract.resolve()),
            allowed=tuple(allow_host or ()),
            seed=seed,
            user=(os.getuid(), os.getgid()) if hasattr(os, "getuid") else (0, 0),
        )
        code = run_program(order, private=private_network)
    except MockError as error:
        typer.echo(f"akool-faceswap mock run: {error}", err=True)
        raise typer.Exit(USAGE_ERROR) from None
    raise typer.Exit(code)
