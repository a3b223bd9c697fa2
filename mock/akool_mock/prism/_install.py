"""The locked prism-cli on disk.

In a checkout it lives in `mock/prism/node_modules`; installed from a wheel, in the user's cache,
one folder for each lock. `npm ci --ignore-scripts` fills it once; runs that come at the same time
do not disturb each other.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from akool_mock.prism._errors import NO_NODE_NEEDED, InstallFailed
from akool_mock.prism._node import Node, child_environment

INSTALL_TIMEOUT_S = 600
STAMP = ".akool-lock"
_HERE = Path(__file__).resolve().parent
# A wheel carries the three files next to this module; a checkout has them in mock/prism.
_FILES = _HERE / "node" if (_HERE / "node").is_dir() else _HERE.parents[1] / "prism"
SHIM = _FILES / "shim.cjs"


def locked_files() -> tuple[Path, Path]:
    """package.json and its lock."""
    return _FILES / "package.json", _FILES / "package-lock.json"


def _lock_id() -> str:
    try:
        return hashlib.sha256(locked_files()[1].read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise InstallFailed(
            f"this installation lacks Prism's lock file: reinstall akool-faceswap ({error})"
        ) from error


def _home() -> Path:
    if _FILES.name != "node":
        return _FILES
    base = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    return Path(base or Path.home() / ".cache") / "akool-faceswap" / f"prism-{_lock_id()}"


def _modules() -> Path:
    return _home() / "node_modules"


def entry_point() -> Path | None:
    """prism-cli's main script if what the lock says is installed, else None.

    Raises:
        InstallFailed: there is no lock.
    """
    lock = _lock_id()
    with suppress(OSError):
        if (_modules() / STAMP).read_text(encoding="utf-8") == lock:
            return _modules() / "@stoplight/prism-cli/dist/index.js"
    return None


def install(node: Node) -> Path:
    """Install what the lock says, if necessary. Returns prism-cli's main script.

    Raises:
        InstallFailed: npm failed; the message has its last line.
        NodeMissing: there is no npm.
    """
    ready = entry_point()
    if ready is not None:
        return ready
    home = _home()
    try:
        home.mkdir(parents=True, exist_ok=True)
        # Beside its place, so that moving it there is one step: nobody ever sees half an
        # installation.
        with tempfile.TemporaryDirectory(dir=home, prefix=".installing-") as work:
            _npm_ci(node, Path(work))
            _put(Path(work) / "node_modules")
    except OSError as error:
        raise InstallFailed(
            f"Prism could not be installed in {home}: {error}. {NO_NODE_NEEDED}"
        ) from error
    return _modules() / "@stoplight/prism-cli/dist/index.js"


def _npm_ci(node: Node, work: Path) -> None:
    for file in locked_files():
        shutil.copy(file, work)
    command = [*node.npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(  # noqa: S603 - npm with our arguments
            command,
            cwd=work,
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=INSTALL_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InstallFailed(
            f"npm took longer than {INSTALL_TIMEOUT_S} s to install Prism: "
            f"is the registry reachable? {NO_NODE_NEEDED}"
        ) from error
    if done.returncode != 0:
        raise InstallFailed(
            f"npm could not install Prism: {_reason(done.stderr)}. {NO_NODE_NEEDED}"
        )


def _reason(errors: str) -> str:
    """Npm's own sentence: the last of its error lines that is not a note about its log."""
    lines = [line.removeprefix("npm error ").strip() for line in errors.splitlines()]
    said = [
        line for line in lines if line and "debug log" not in line and "complete log" not in line
    ]
    return said[-1] if said else "it gave no reason"


def _put(modules: Path) -> None:
    (modules / STAMP).write_text(_lock_id(), encoding="utf-8")
    target = _modules()
    try:
        modules.rename(target)
    except OSError:
        if entry_point() is not None:
            return  # another run was quicker
        # An older lock's installation: aside first, because a folder does not replace a full one.
        target.rename(modules.parent / "old")
        modules.rename(target)
