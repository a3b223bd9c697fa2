"""An empty environment, what is installed into it, and what a command in it prints."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
PATIENCE_S = 600
"""For anything: what hangs must end, and a slow machine may be slow."""
SHOWN_CHARS = 4000
Mode = Literal["newest", "oldest"]


class Failed(Exception):  # noqa: N818 - a finding, not a fault of this program
    """A command did not do what it must; the text says what came."""


def closure(extras: str) -> frozenset[str]:
    """The extras that some extras bring, themselves included.

    Args:
        extras: Their names, with commas between them; "" for none.
    """
    found: set[str] = set()
    left = [name for name in extras.split(",") if name]
    while left:
        name = left.pop()
        found.add(name)
        for requirement in EXTRAS[name]:
            own = re.match(rf"{PROJECT['name']}\[([a-z0-9,-]+)\]", requirement)
            left += [more for more in own[1].split(",") if more not in found] if own else []
    return frozenset(found)


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> tuple[int, str]:
    """The exit code of a command, and all that it printed."""
    done = subprocess.run(  # noqa: S603 - our own commands
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False, timeout=PATIENCE_S,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@dataclass(frozen=True)
class Place:
    """An environment, and a folder to work in."""

    home: Path
    work: Path
    extras: frozenset[str]
    installer: tuple[str | Path, ...]

    def environment(self) -> dict[str, str]:
        """Nothing of this machine but its shell and its way out: no Node, no settings, no home."""
        way_out = re.compile(r".*(_PROXY|_CERTS|CERT_FILE|CERT_DIR|CAINFO)", re.IGNORECASE)
        kept = {name: value for name, value in os.environ.items() if way_out.fullmatch(name)}
        path = f"{self.home / 'bin'}{os.pathsep}{self.work.parent / 'tools'}"
        return {**kept, "HOME": str(self.work), "PATH": path, "NO_COLOR": "1", "COLUMNS": "200"}

    def install(self, *wanted: str | Path) -> None:
        """Put more into the environment.

        Raises:
            Failed: That is not possible.
        """
        _done(*self.installer, *wanted, cwd=self.work)

    def run(self, *words: str | Path, code: int = 0) -> str:
        """What a command of this environment prints.

        Raises:
            Failed: It ended with another exit code, or with a traceback.
        """
        command = (self.home / "bin" / words[0], *words[1:])
        got, said = run(*command, cwd=self.work, env=self.environment())
        if got != code or "Traceback" in said:
            raise Failed(f"exit code {got}, not {code}:\n{said.strip()[-SHOWN_CHARS:]}")
        return said

    def paste(self, line: str) -> str:
        """What a line that was printed prints when it is pasted into a shell."""
        return run("/bin/sh", "-c", line, cwd=self.work, env=self.environment())[1]

    @contextmanager
    def serving(self, *words: str, until: str) -> Iterator[str]:
        """A server of this environment, once it has printed a line with `until`; then Ctrl-C.

        Raises:
            Failed: It ended before that, or badly.
        """
        process = subprocess.Popen(  # noqa: S603 - our own commands
            [self.home / "bin" / words[0], *words[1:]],
            cwd=self.work, env=self.environment(), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert process.stdout  # noqa: S101 - for the type checker: it is a pipe
        said: list[str] = []
        try:
            for line in process.stdout:
                said.append(line)
                if until in line:
                    break
            else:
                raise Failed(f"exit code {process.wait()}:\n{''.join(said)[-SHOWN_CHARS:]}")
            yield "".join(said)
        finally:
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=PATIENCE_S)
        if process.returncode not in (0, 130) or "Traceback" in rest:
            raise Failed(f"ended with {process.returncode}:\n{rest[-SHOWN_CHARS:]}")


def filled(  # noqa: PLR0913 - what an environment is made of
    uv: str, python: str, wheel: Path, extras: str, *, mode: Mode, folder: Path
) -> Place:
    """A new environment with the wheel and some extras.

    Raises:
        Failed: It could not be filled.
    """
    name = extras.replace(",", "-") or "none"
    home = folder / f"{name}-venv"
    installer = (uv, "pip", "install", "-q", "--python", home / "bin/python")
    place = Place(home, folder / name, closure(extras), installer)
    place.work.mkdir()
    _done(uv, "venv", "-q", "--python", python, place.home, cwd=folder)
    wanted = f"{wheel}[{extras}]" if extras else str(wheel)
    if mode == "newest":
        place.install(wanted)
        return place
    lowest = folder / f"{name}.txt"
    flags: list[str | Path] = [
        "--resolution",
        "lowest-direct",
        "--python",
        place.home / "bin/python",
        "--no-header",
    ]
    wish = [word for extra in extras.split(",") if extra for word in ("--extra", extra)]
    # As a source tree: the requirements of a wheel that is named count as somebody else's.
    _done(uv, "pip", "compile", "-q", *flags, *wish, "pyproject.toml", "-o", lowest, cwd=ROOT)
    place.install(wanted, "-c", lowest)
    return place


def versions(uv: str, place: Place) -> str:
    """What is installed, as `name==version`, sorted."""
    said = _done(uv, "pip", "freeze", "--python", place.home / "bin/python", cwd=place.work)
    return " ".join(line for line in said.split("\n") if "==" in line)


def _done(*command: str | Path, cwd: Path) -> str:
    got, said = run(*command, cwd=cwd)
    if got:
        words = " ".join(map(str, command[:3]))
        raise Failed(f"{words} ended with {got}:\n{said.strip()[-SHOWN_CHARS:]}")
    return said
