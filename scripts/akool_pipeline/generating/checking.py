"""Whether a freshly written package can be used: it compiles without a warning and imports."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import TYPE_CHECKING, Final

from akool_pipeline.generating.parsing import BrokenPackageError

if TYPE_CHECKING:
    from pathlib import Path

_IMPORT_ALL: Final = """\
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
package = importlib.import_module(sys.argv[2])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    try:
        importlib.import_module(module.name)
    except BaseException as error:
        sys.exit(f"{module.name}: {type(error).__name__}: {error}")
"""
_SECONDS: Final = 300


def compiles(package: Path) -> None:
    """Compile every module.

    Raises:
        BrokenPackageError: One cannot be compiled; says which, and why.
    """
    for file in sorted(package.rglob("*.py")):
        name = str(file.relative_to(package.parent))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                compile(file.read_bytes(), name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, Warning) as error:
            line = getattr(error, "lineno", None)
            text = f"the generated module does not compile: {error}"
            raise BrokenPackageError(text, file=name, line=line) from error


def check(package: Path) -> None:
    """Compile every module, then import every module in a process of its own.

    Raises:
        BrokenPackageError: A module cannot be compiled or imported; says which, and why.
    """
    compiles(package)
    done = subprocess.run(  # noqa: S603 - our interpreter on files that we have just written
        [sys.executable, "-I", "-B", "-c", _IMPORT_ALL, str(package.parent), package.name],
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BrokenPackageError(
            f"the generated package does not import: {last}", file=package.name
        )
