"""Show changes: a line each for terminals, tables for pull requests, JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from akool_pipeline.diff.model import Change, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADINGS: Final = {
    Severity.BREAKING: "Breaking",
    Severity.GENERATED: "Breaks generated code",
    Severity.READ: "Read these",
    Severity.ADDITIVE: "Additive",
    Severity.DOCUMENTATION: "Documentation",
}
_WIDTH: Final = max(map(len, Severity)) + 1


def counts(changes: Sequence[Change]) -> dict[str, int]:
    """How many changes there are of each severity."""
    return {
        severity.value: sum(change.severity is severity for change in changes)
        for severity in Severity
    }


def text(changes: Sequence[Change]) -> str:
    """One line for each change, both texts below those to read, and a last line that counts."""
    lines: list[str] = []
    for change in changes:
        lines.append(
            f"{change.severity.value:<{_WIDTH}}{_who(change)}: {change.message} [{change.rule}] "
            f"#{change.pointer}"
        )
        if change.severity is Severity.READ:
            lines += [f"{'':<{_WIDTH}}  was: {_one_line(change.before)}",
                      f"{'':<{_WIDTH}}  now: {_one_line(change.after)}"]  # fmt: skip
    total = ", ".join(f"{number} {name}" for name, number in counts(changes).items())
    return "\n".join([*lines, total]) + "\n"


def _who(change: Change) -> str:
    who = ", ".join(change.operations) or "the contract"
    return f"{who} {change.direction.value}" if change.direction else who


def _one_line(words: str | None) -> str:
    return "-" if words is None else " ".join(words.split())


def markdown(changes: Sequence[Change], *, level: int = 2) -> str:
    """A table for each severity, under headings of `level`; words stand side by side."""
    if not changes:
        return "No changes.\n"
    parts: list[str] = []
    for severity, heading in HEADINGS.items():
        rows = [change for change in changes if change.severity is severity]
        if rows:
            parts.append(f"{'#' * level} {heading} ({len(rows)})\n")
            parts.append(read_table(rows) if severity is Severity.READ else _table(rows))
            parts.append("")
    return "\n".join(parts)


def _table(rows: Sequence[Change]) -> str:
    lines = ["| operation | direction | change | where |\n|---|---|---|---|"]
    lines += [
        f"| {escaped(', '.join(c.operations) or 'all')} | {c.direction.value or '-'} "
        f"| {escaped(c.message)} | {_code('#' + c.pointer)} |"
        for c in rows
    ]
    return "\n".join(lines)


def read_table(rows: Sequence[Change]) -> str:
    """Changes of words, with both texts side by side and whole."""
    lines = ["| operation | where | was | now |\n|---|---|---|---|"]
    lines += [
        f"| {escaped(', '.join(c.operations) or 'all')} | {_code('#' + c.pointer)} "
        f"| {escaped(_one_line(c.before))} | {escaped(_one_line(c.after))} |"
        for c in rows
    ]
    return "\n".join(lines)


_SPECIAL: Final = str.maketrans(
    {"\\": "\\\\", "|": "\\|", "<": "&lt;", "&": "&amp;", "@": "&#64;", "[": "\\[", "\n": " "}
)
"""What a page's words must not do in a table: end a cell, be markup, name somebody, load a file."""


def escaped(value: str) -> str:
    """Text for Markdown, in which the words of a page stay words."""
    return value.translate(_SPECIAL)


def _code(value: str) -> str:
    ticks = "``" if "`" in value else "`"
    return f"{ticks}{value.replace('|', chr(92) + '|')}{ticks}"


def as_json(changes: Sequence[Change]) -> str:
    """`{"summary": {...}, "changes": [...]}`; words that changed have `before` and `after`."""
    told = []
    for change in changes:
        entry: dict[str, object] = {
            "severity": change.severity.value,
            "rule": change.rule,
            "direction": change.direction.value or None,
            "operations": list(change.operations),
            "pointer": change.pointer,
            "message": change.message,
        }
        if change.before is not None or change.after is not None:
            entry |= {"before": change.before, "after": change.after}
        told.append(entry)
    return (
        json.dumps({"summary": counts(changes), "changes": told}, indent=2, ensure_ascii=False)
        + "\n"
    )
