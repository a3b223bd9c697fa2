"""Where text goes: answers to stdout, everything else to stderr.

With `--json` an answer is one JSON document, or JSON lines if there are many. If stdout is closed,
an answer ends the command (`OutputClosed`), and a note is dropped. No text can break the output:
JSON is ASCII, and in other text a `?` replaces what the terminal's encoding lacks.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO


class OutputClosed(Exception):  # noqa: N818 - an event, as Ctrl-C is one
    """Nobody reads the answers any more, or there is no room for them."""


@dataclass(frozen=True, slots=True)
class Output:
    """Writes the answers and notes of one command."""

    as_json: bool

    def answer(self, data: Any, text: str) -> None:  # noqa: ANN401 - JSON
        """The answer of a command, or one of several: `data` for programs, `text` for people.

        Raises:
            OutputClosed: It cannot be written.
        """
        shown = json.dumps(data, default=str) if self.as_json else text
        try:
            _write(sys.stdout, f"{shown}\n")
        except (OSError, ValueError) as error:
            _abandon(sys.stdout)
            raise OutputClosed(f"the answer cannot be written: {error}") from error

    def note(self, text: str) -> None:
        """Something on the way; never part of the answer."""
        say(f"{text}\n")


def say(text: str) -> None:
    """Write to stderr. That nobody reads it is no reason to leave a paid request behind."""
    with suppress(ValueError):
        try:
            _write(sys.stderr, text)
        except OSError:
            _abandon(sys.stderr)


def speak_any_text() -> None:
    """Let no character end the process, in our own text or in that of the help."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.errors in {"strict", "surrogateescape"}:
            stream.reconfigure(errors="replace")


def somebody_can_answer() -> bool:
    """Whether there is a person at the terminal; a process may begin without a stdin."""
    return sys.stdin is not None and sys.stdin.isatty()


def _write(stream: TextIO | None, text: str) -> None:
    """Write all of it now.

    Raises:
        OSError: Nobody reads it, or there is no room.
        ValueError: The stream is closed; a process may begin with one that is.
    """
    if stream is None:
        raise ValueError("it was closed before the start")
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()


def _abandon(stream: TextIO | None) -> None:
    """Discard what the stream still holds: Python would complain of it while it shuts down."""
    if stream is None:
        return
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def table(facts: Mapping[str, Any]) -> str:
    """Names and values in two columns; those without a value are left out."""
    known = {name: value for name, value in facts.items() if value is not None}
    width = max(map(len, known), default=0)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in known.items())
