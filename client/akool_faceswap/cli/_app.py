"""The root command: puts the commands together and turns what they raise into an exit code."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, cast

import typer

from akool_faceswap.cli import PROGRAM, _commands
from akool_faceswap.cli._exit import Exit, table
from akool_faceswap.cli._output import say
from akool_faceswap.cli._problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typer.core import TyperGroup

app = typer.Typer(
    name=PROGRAM,
    no_args_is_help=True,
    epilog=table(),
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def _show_version(asked: bool) -> None:  # noqa: FBT001 - Typer's callback signature
    if asked:
        typer.echo(f"{PROGRAM} {version(PROGRAM)}")
        raise typer.Exit


@app.callback()
def root(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Swap faces with the AKOOL API, in tests and for real. Unofficial."""


def command() -> TyperGroup:
    """The whole command tree; each command is a placeholder until it is called."""
    group = cast("TyperGroup", typer.main.get_command(app))
    for lazy in _commands.commands():
        group.add_command(lazy)
    return group


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; raises nothing that a user can cause."""
    try:
        result = command().main(list(arguments), prog_name=PROGRAM, standalone_mode=False)
    except Problem as problem:
        say(f"{PROGRAM}: {problem}\n")
        return problem.exit_code
    except typer.Abort:
        return Exit.INTERRUPTED
    except typer.TyperException as error:
        say(f"{PROGRAM}: {_usage(error)}\n")
        return Exit.USAGE
    return result if isinstance(result, int) else Exit.DONE


def _usage(error: typer.TyperException) -> str:
    """What was wrong with the arguments, and where their help is; help itself was just printed."""
    context: typer.Context | None = getattr(error, "ctx", None)
    path = context.command_path if context else PROGRAM
    what = error.format_message().strip().rstrip(".")
    return f"{what}. See `{path} --help`" if what else f"say what to do: `{path} --help` lists it"
