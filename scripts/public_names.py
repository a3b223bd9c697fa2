"""Prints what is public, as JSON: each package's `__all__`, and the command line's words.

    python scripts/public_names.py > tests/packaging/released-names.json     # at a release

A test compares it with the last release's, so that nothing public vanishes by accident.
"""

from __future__ import annotations

import json
from importlib import import_module
from importlib.metadata import version
from typing import Any

MODULES = (
    "akool_faceswap",
    "akool_faceswap.webhooks",
    "akool_mock",
    "akool_mock.prism",
)


def command_words(command: Any, path: str) -> list[str]:  # noqa: ANN401 - click's
    """Every command and option below `command`, each with the way to it."""
    words = [path] if " " in path else []
    words += [f"{path} {option}" for p in command.params for option in (*p.opts, *p.secondary_opts)]
    for word, below in getattr(command, "commands", {}).items():
        words += command_words(below, f"{path} {word}")
    return words


def public_names() -> dict[str, Any]:
    """All public names, sorted."""
    import typer.main

    from akool_faceswap.cli._app import app
    from akool_faceswap.cli._commands import summaries

    tree = typer.main.get_command(app(*(name for name, _ in summaries())))
    return {
        "version": version("akool-faceswap"),
        "modules": {name: sorted(import_module(name).__all__) for name in MODULES},
        "command line": sorted(set(command_words(tree, "akool-faceswap"))),
    }


if __name__ == "__main__":
    print(json.dumps(public_names(), indent=1))
