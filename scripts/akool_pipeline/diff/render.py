"""Show changes: a line each for terminals, a table for pull requests, JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from akool_pipeline.diff.model import Change, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADINGS: Final = {
    Severity.BREAKING: "Breaking",
    Severity.ADDITIVE: "Additive",
    Severity.DOCUMENTATION: "Documentation",
}


def counts(changes: Sequence[Change]) -> dict[str, int]:
    """How many changes there are of each severity."""
    return {
        severity.value: sum(change.severity is severity for change in changes)
        for severity in Severity
    }


def text(changes: Sequence[Change]) -> str:
    """One line for each change and a last one that counts them."""
    lines = [
        f"{change.severity.value:<14}{_who(change)}: {change.message} [{change.rule}] "
        f"#{change.pointer}"
        for change in changes
    ]
    total = ", ".join(f"{number} {name}" for name, number in counts(changes).items())
    return "\n".join([*lines, total]) + "\n"


def _who(change: Change) -> str:
    who = ", ".join(change.operations) or "the contract"
    return f"{who} {change.direction.value}" if change.direction else who


def markdown(changes: Sequence[Change], *, level: int = 2) -> str:
    """A table for each severity, under headings of `level`."""
    if not changes:
        return "No changes.\n"
    parts: list[str] = []
    for severity, heading in HEADINGS.items():
        rows = [change for change in changes if change.severity is severity]
        if rows:
            parts.append(f"{'#' * level} {heading} ({len(rows)})\n")
            parts.append("| operation | direction | change | where |\n|---|---|---|---|")
            parts += [
                f"| {_cell(', '.join(c.operations) or 'all')} | {c.direction.value or '-'} "
                f"| {_cell(c.message)} | `{_cell('#' + c.pointer)}` |"
                for c in rows
            ]
            parts.append("")
    return "\n".join(parts)


def _cell(value: str) -> str:
    return value.replace("|", "\\|").replace("<", "&lt;")


def as_json(changes: Sequence[Change]) -> str:
    """`{"summary": {...}, "changes": [...]}`."""
    return (
        json.dumps(
            {
                "summary": counts(changes),
                "changes": [
                    {
                        "severity": change.severity.value,
                        "rule": change.rule,
                        "direction": change.direction.value or None,
                        "operations": list(change.operations),
                        "pointer": change.pointer,
                        "message": change.message,
                    }
                    for change in changes
                ],
            },
            indent=2,
            ensure_ascii=False,
        )
        + "\n"
    )
