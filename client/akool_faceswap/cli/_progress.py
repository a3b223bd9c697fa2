"""Progress on stderr: one line that changes on a terminal, plain lines elsewhere.

Plain lines come with a change of what is shown, and at most every `PLAIN_GAP_S`, so that a log of
an hour stays readable. Nothing is shown twice.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from akool_faceswap.cli._output import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType
    from rich.status import Status

PLAIN_GAP_S = 5.0
REFRESH_PER_S = 4


class Progress(Protocol):
    """Shows where a command is."""

    def show(self, text: str) -> None:
        """Where it is now; cheap, may be called as often as anything happens."""
        ...


class PlainProgress:
    """Lines for logs and pipes."""

    def __init__(self, write: Callable[[str], object], now: Callable[[], float]) -> None:
        self._write = write
        self._now = now
        self._started = now()
        self._last: tuple[str, float] | None = None

    def show(self, text: str) -> None:
        now = self._now()
        if self._last and (text == self._last[0] or now - self._last[1] < PLAIN_GAP_S):
            return
        self._last = (text, now)
        self._write(f"{elapsed(now - self._started)} {text}\n")


class TerminalProgress:
    """One line with a spinner and the time."""

    def __init__(self, status: Status, now: Callable[[], float]) -> None:
        self._now = now
        self._started = now()
        self._text = ""
        status.update(self)

    def show(self, text: str) -> None:
        self._text = text

    def __rich__(self) -> RenderableType:
        """What the line says at this moment."""
        from rich.text import Text  # noqa: PLC0415 - only on a terminal

        return Text(f"{elapsed(self._now() - self._started)} {self._text}")


def elapsed(seconds: float) -> str:
    """`m:ss`, or `h:mm:ss`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@contextmanager
def progress(now: Callable[[], float] = time.monotonic) -> Iterator[Progress]:
    """Progress of the kind that suits stderr, as long as the block lasts."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield PlainProgress(say, now)
        return
    from rich.console import Console  # noqa: PLC0415 - only on a terminal

    console = Console(stderr=True)
    with console.status("", refresh_per_second=REFRESH_PER_S) as status:
        yield TerminalProgress(status, now)
