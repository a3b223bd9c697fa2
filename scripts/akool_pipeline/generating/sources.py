"""What is done to the generator's sources: onto httpx2, strictly typed, formatted, light to import.

Formatting is ruff's in isolation from any project's settings, so that the bytes depend on the
contract, the settings file and the pinned versions only.
"""

from __future__ import annotations

import re
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.errors import PipelineError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_IMPORT: Final = re.compile(r"^import httpx$", re.MULTILINE)
_OTHER_IMPORT: Final = re.compile(
    r"^\s*(?:from httpx[ .]|import httpx\b(?!2 as httpx$))", re.MULTILINE
)
_CLIENT: Final = "from .client import AuthenticatedClient, Client\n"
_CLIENT_LATER: Final = """from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client
"""
_LATER: Final = """

def __getattr__(name: str) -> Any:
    # What reads the table of operations needs neither attrs nor an HTTP library.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import client

    return getattr(client, name)
"""
_LEAVING: Final = re.compile(r"(def __a?exit__\(self, \*args: )object(, \*\*kwargs: Any\))")


def finish(package: Path) -> None:
    """Bring a package as the generator wrote it into its final form.

    Raises:
        PipelineError: A module has a form that the rewrites do not know.
    """
    modules = sorted(package.rglob("*.py"))
    for file in modules:
        _rewrite(file, partial(onto_httpx2, name=file.name))
    _rewrite(package / "__init__.py", light)
    _format(package)
    for file in modules:  # after ruff, which writes what is corrected here
        _rewrite(file, strict)
    (package / "py.typed").touch()


def _rewrite(file: Path, change: Callable[[str], str]) -> None:
    file.write_text(change(file.read_text("utf-8")), encoding="utf-8")


def onto_httpx2(source: str, name: str = "<module>") -> str:
    """One generated module moved to httpx2, which continues httpx under the same interface.

    Raises:
        PipelineError: The module imports httpx in a way that the rewrite does not know.
    """
    moved = _IMPORT.sub("import httpx2 as httpx", source)
    if _OTHER_IMPORT.search(moved):
        raise PipelineError(
            "imports httpx in a new way: extend akool_pipeline.generating.sources", file=name
        )
    return moved


def light(source: str) -> str:
    """The package's own module, which names its clients and loads them at their first use.

    Raises:
        PipelineError: The module imports its clients in a way that the rewrite does not know.
    """
    if source.count(_CLIENT) != 1:
        raise PipelineError(
            "imports its clients in a new way: extend akool_pipeline.generating.sources",
            file="__init__.py",
        )
    return source.replace(_CLIENT, _CLIENT_LATER) + _LATER


def strict(source: str) -> str:
    """One generated module, typed so that `mypy --strict` accepts it.

    The arguments of `__exit__`, which ruff declares to be objects, are passed on to httpx, which
    wants an exception's type, value and traceback.
    """
    return _LEAVING.sub(r"\1Any\2", source)


def _format(package: Path) -> None:
    common: list[Any] = ["--isolated", "--no-cache", "--quiet", str(package)]
    for command in (["check", "--fix-only", "--extend-select=I"], ["format"]):
        done = subprocess.run(  # noqa: S603 - our interpreter's ruff on files that we have just written
            [sys.executable, "-m", "ruff", *command, *common],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PipelineError(f"ruff {command[0]} failed: {done.stderr.strip()}", file=package)
