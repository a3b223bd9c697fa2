"""Records a command at a terminal, and draws the recording as a picture that plays itself.

The recording is an asciicast (version 2): one JSON line about the terminal, then one for each piece
of output, with its time. The picture is an SVG without scripts, fonts or addresses: each row of the
terminal appears at its time, and all at once for readers who asked for less motion.
"""

from __future__ import annotations

import json
import os
import pty
import subprocess
import time
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS, ROWS = 100, 48
LONGEST_PAUSE_S = 1.0
CHARACTER, LINE, MARGIN, BAR = 8.43, 19, 16, 34

STYLE = """\
.back{fill:#0f172a}.bar{fill:#1e293b}.t,.r{fill:#e2e8f0;white-space:pre;
font:14px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
.t{fill:#94a3b8}.b{font-weight:700;fill:#7dd3fc}
.r{opacity:0;animation:show 0s forwards}@keyframes show{to{opacity:1}}
@media (prefers-color-scheme:light){.back{fill:#f8fafc}.bar{fill:#e2e8f0}.r{fill:#0f172a}
.t{fill:#475569}.b{fill:#0369a1}}
@media (prefers-reduced-motion:reduce){.r{opacity:1;animation:none}}"""


class Row(NamedTuple):
    """One row of the terminal, and when it is complete, in seconds."""

    at: float
    text: Text


def record(command: list[str], title: str, folder: Path) -> str:
    """Run a command at a terminal of its own, and return the asciicast.

    Raises:
        CalledProcessError: The command failed.
    """
    head = {"version": 2, "width": COLUMNS, "height": ROWS, "title": title}
    lines = [json.dumps(head | {"idle_time_limit": LONGEST_PAUSE_S})]
    master, slave = pty.openpty()
    size = {"COLUMNS": str(COLUMNS), "LINES": str(ROWS), "TERM": "xterm-256color"}
    with subprocess.Popen(  # noqa: S603 - a command of ours, without a shell
        command, cwd=folder, env=os.environ | size, stdin=slave, stdout=slave, stderr=slave
    ) as process:
        os.close(slave)
        begun = time.monotonic()
        for piece in _pieces(master):
            at = round(time.monotonic() - begun, 2)
            lines.append(json.dumps([at, "o", piece.decode(errors="replace")], ensure_ascii=False))
    os.close(master)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return "\n".join(lines) + "\n"


def _pieces(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # what Linux says when the last writer is gone
            return
        if not piece:
            return
        yield piece


def rows(cast: str) -> list[Row]:
    """The rows of a recording, wrapped as the terminal wraps them, long pauses shortened."""
    head, *events = (json.loads(line) for line in cast.splitlines())
    found: list[Row] = []
    now = before = 0.0
    line = ""
    for at, kind, text in events:
        now += min(at - before, head["idle_time_limit"])
        before = at
        if kind != "o":
            continue
        *whole, line = (line + text).replace("\r\n", "\n").split("\n")
        for each in whole:
            # What is drawn over with a carriage return is gone in the end.
            shown = Text.from_ansi(each.rsplit("\r", 1)[-1])
            parts = shown.divide(range(head["width"], len(shown), head["width"]))
            found += [Row(round(now, 2), part) for part in parts]
    return found


def draw(cast: str) -> str:
    """The recording as an SVG."""
    head = json.loads(cast.partition("\n")[0])
    shown = [Row(0.0, Text(f"$ {head['title']}")), *rows(cast)]
    title = escape(head["title"])
    width = round(head["width"] * CHARACTER) + 2 * MARGIN
    height = BAR + len(shown) * LINE + 2 * MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{title}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="back" width="{width}" height="{height}" rx="10"/>',
        f'<rect class="bar" width="{width}" height="{BAR}" rx="10"/>',
        *(
            f'<circle cx="{18 + 20 * n}" cy="{BAR // 2}" r="6" fill="{colour}"/>'
            for n, colour in enumerate(("#ef4444", "#f59e0b", "#22c55e"))
        ),
        f'<text class="t" x="{width // 2}" y="22" text-anchor="middle">{title}</text>',
    ]
    for number, row in enumerate(shown, 1):
        if row.text.plain.strip():
            at = f' style="animation-delay:{row.at}s"'
            lines.append(
                f'<text class="r" x="{MARGIN}" y="{BAR + MARGIN + number * LINE - 6}"'
                f' xml:space="preserve"{at}>{_spans(row.text)}</text>'
            )
    return "\n".join([*lines, "</svg>", ""])


def _spans(text: Text) -> str:
    bold = any("bold" in str(span.style) for span in text.spans)
    plain = escape(text.plain.rstrip())
    return f'<tspan class="b">{plain}</tspan>' if bold else plain
