"""The report of a batch: a CSV file for programs and an HTML page for people. Pure.

The page needs only the files beside it, runs no script, and shows first what went wrong. Texts from
elsewhere are escaped in both.
"""

from __future__ import annotations

import csv
import html
import io
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote

from akool_batch.states import MEANING, Entry, State

if TYPE_CHECKING:
    from collections.abc import Sequence


COLUMNS = ("key", "line", "kind", "state", "job_id", "file", "size", "price", "code", "note", "url")
ORDER = (
    State.UNCERTAIN, State.LOST, State.FAILED, State.REFUSED, State.FINISHED, State.SUBMITTED,
    State.SUBMITTING, State.PLANNED, State.SAVED,
)  # fmt: skip
"""Sections of the page: first what needs attention."""
VIDEOS = frozenset({".mp4", ".mov", ".avi", ".webm"})
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet."""


def as_csv(entries: Sequence[Entry]) -> str:
    """The report as CSV, in the order of the manifest."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([_told(entry, name) for name in COLUMNS])
    return text.getvalue()


def _told(entry: Entry, name: str) -> object:
    """A cell: the real name of a file that exists; other texts are kept from being formulas."""
    value = getattr(entry, name)
    if name in {"file", "size"} and entry.state is not State.SAVED:
        return None
    if name == "file" and str(value).startswith(FORMULA):
        return f"./{value}"  # an earlier version named files so
    return _cell(value)


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def as_html(entries: Sequence[Entry], title: str, facts: Sequence[tuple[str, str]]) -> str:
    """The report as a page; `facts` are lines for its head."""
    counts = Counter(entry.state for entry in entries)
    sections = [
        _section(state, [entry for entry in entries if entry.state is state])
        for state in ORDER
        if counts[state]
    ]
    summary = [(state, f"{counts[state]} ({MEANING[state]})") for state in ORDER if counts[state]]
    head = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>"
        for name, value in [*summary, *facts]
    )
    name = html.escape(title)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{_POLICY}<title>{name}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{name}</h1><dl>{head}</dl>{''.join(sections)}</body></html>\n"
    )


def _section(state: State, entries: Sequence[Entry]) -> str:
    title = f"{state} <small>{len(entries)}, {html.escape(MEANING[state])}</small>"
    if state is State.SAVED:
        body = f'<div class="grid">{"".join(map(_figure, entries))}</div>'
    else:
        rows = "".join(map(_table_row, entries))
        body = f"<table><tr><th>row<th>line<th>kind<th>job<th>code<th>why</tr>{rows}</table>"
    return f'<section class="{state}"><h2>{title}</h2>{body}</section>'


def _table_row(entry: Entry) -> str:
    cells = (entry.key, entry.line, entry.kind, entry.job_id, entry.code, entry.note)
    shown = "".join(f"<td>{'' if c is None else html.escape(str(c))}" for c in cells)
    return f"<tr>{shown}</tr>"


def _figure(entry: Entry) -> str:
    name, caption = entry.file or "", html.escape(entry.key)
    link = html.escape(quote(name))
    if PurePosixPath(name).suffix in VIDEOS:
        thumb = f'<video src="{link}" preload="metadata" muted></video>'
    else:
        thumb = f'<img src="{link}" alt="{caption}" loading="lazy" decoding="async">'
    return f'<figure><a href="{link}">{thumb}</a><figcaption>{caption}</figcaption></figure>'


# Even if a text got past the escaping, the page may load nothing but the files beside it.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; img-src 'self' file:; media-src 'self' file:; "
    "style-src 'unsafe-inline'\">"
)
_STYLE = (
    ":root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;"
    "max-width:70rem;padding:0 1rem}dl{display:grid;grid-template-columns:max-content 1fr;"
    "gap:.2rem 1rem}dt{font-weight:600}dd{margin:0}small{font-weight:400;opacity:.7}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;"
    "border-bottom:1px solid #8884;vertical-align:top}td:first-child,td:last-child{"
    "overflow-wrap:anywhere;min-width:6rem}"
    ".uncertain h2,.lost h2,.failed h2,.refused h2{color:#c22}"
    ".grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:1rem}"
    "figure{margin:0}img,video{width:100%;aspect-ratio:1;object-fit:cover;background:#8883;"
    "border-radius:.4rem}figcaption{font-size:.85em;overflow-wrap:anywhere}"
)
