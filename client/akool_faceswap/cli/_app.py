"""The root command: puts the commands together and turns what they raise into an exit code."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import typer

from akool_faceswap.cli import _commands
from akool_faceswap.cli._exit import PROGRAM, Exit, table
from akool_faceswap.cli._extras import advice, called
from akool_faceswap.cli._output import say, speak_any_text
from akool_faceswap.cli._problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence


def _show_version(asked: bool) -> None:  # noqa: FBT001 - Typer's callback signature
    if asked:
        typer.echo(f"{PROGRAM} {version(PROGRAM)}")
        raise typer.Exit


def root(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Swap faces with the AKOOL API, in tests and for real. Unofficial."""


def app(*wanted: str) -> typer.Typer:
    """The command tree: the commands that are wanted, and of the others a name and a summary.

    Raises:
        Problem: A wanted command needs an extra.
    """
    tree = typer.Typer(
        name=PROGRAM,
        callback=root,
        no_args_is_help=True,
        epilog=table(),
        context_settings={"help_option_names": ["-h", "--help"]},
        pretty_exceptions_enable=False,
    )
    known = dict(_commands.summaries())
    for name in [name for name in wanted if name in known]:
        try:
            tree.add_typer(_commands.load(name))
        except ImportError as error:
            raise Problem(advice(name, error)) from error
    for name, summary in known.items():
        if name not in wanted:
            tree.command(name, help=summary)(_not_loaded)
    return tree


def _not_loaded() -> None:
    """Stands for a command that this process does not call."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; raises nothing that a user can cause."""
    speak_any_text()
    name = called(arguments or _completed())
    try:
        tree = app(name)
        words = _commands.understood(name, arguments)
        result = tree(words, prog_name=PROGRAM, standalone_mode=False)
    except Problem as problem:
        say(f"{PROGRAM}: {problem}\n")
        return problem.exit_code
    except ImportError as error:
        say(f"{PROGRAM}: {advice(name, error)}\n")
        return Exit.USAGE
    except typer.Abort:
        return Exit.INTERRUPTED
    except typer.TyperException as error:
        say(f"{PROGRAM}: {_usage(error)}\n")
        return Exit.USAGE
    return result if isinstance(result, int) else Exit.DONE


def _completed() -> list[str]:
    """The words that a shell asks to complete, without the program's name."""
    names = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")  # bash; the other shells
    return next((os.environ[name].split()[1:] for name in names if os.environ.get(name)), [])


def _usage(error: typer.TyperException) -> str:
    """What was wrong with the arguments, and where their help is; help itself was just printed."""
    context: typer.Context | None = getattr(error, "ctx", None)
    path = context.command_path if context else PROGRAM
    what = error.format_message().strip().rstrip(".")
    return f"{what}. See `{path} --help`" if what else f"say what to do: `{path} --help` lists it"
