"""Turn the difference to the last release into a CHANGELOG entry, and hold versions to it.

The last release's contract is kept as `openapi/released.json`, so that a fresh or shallow clone has
it without asking git for tags. `contract release` replaces it when a version is published.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.diff import Change, Severity, compare, render
from akool_pipeline.errors import PipelineError

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGIN: Final = "<!-- contract changes: written by `make changelog` -->"
END: Final = "<!-- end of contract changes -->"
EMPTY: Final = f"# Changelog\n\n## Unreleased\n\n{BEGIN}\n{END}\n"
"""A changelog that has told nothing yet."""


def version(contract: dict[str, Any], name: str) -> tuple[int, int, int]:
    """`info.version` of a contract; what pages leave out, as in `1.0` or `v3`, is zero.

    Raises:
        PipelineError: It is not MAJOR.MINOR.PATCH.
    """
    stated = str(contract.get("info", {}).get("version"))
    match = re.fullmatch(r"v?(\d+)(?:[.-](\d+))?(?:[.-](\d+))?", stated)
    if match is None:
        raise PipelineError(
            f"{stated} is not MAJOR.MINOR.PATCH: give it with an overlay of $.info",
            file=name,
            pointer="/info/version",
        )
    return int(match[1]), int(match[2] or 0), int(match[3] or 0)


def check(released: dict[str, Any], now: dict[str, Any]) -> list[Change]:
    """The breaking changes since the release that the version number does not admit to.

    A breaking change needs a new major version, before 1.0 a new minor one.

    Raises:
        PipelineError: A version is not MAJOR.MINOR.PATCH, or went back.
    """
    before, after = version(released, "the released contract"), version(now, "the contract")
    if after < before:
        raise PipelineError(
            f"version {_text(after)} is older than the released {_text(before)}",
            file="the contract",
            pointer="/info/version",
        )
    is_admitted = after[0] > before[0] or (before[0] == after[0] == 0 and after[1] > before[1])
    if is_admitted:
        return []
    return [c for c in compare(released, now) if c.severity is Severity.BREAKING]


def entry(released: dict[str, Any], now: dict[str, Any]) -> str:
    """What changed since the release, as a CHANGELOG section."""
    before, after = version(released, "the released contract"), version(now, "the contract")
    changes = [
        c for c in compare(released, now) if c.pointer not in {"/info/version", "/info/title"}
    ]
    title = f"### Contract {_text(after)}"
    if before != after:
        title += f" (was {_text(before)})"
    return f"{title}\n\n{_list(changes)}"


def _text(parts: tuple[int, int, int]) -> str:
    return ".".join(map(str, parts))


def _list(changes: Sequence[Change]) -> str:
    """A line for each change; words to read as a table with both texts; other words counted."""
    if not changes:
        return "No changes.\n"
    lines = [
        f"- {heading}: {_line(change)}."
        for severity, heading in render.HEADINGS.items()
        if severity not in {Severity.READ, Severity.DOCUMENTATION}
        for change in changes
        if change.severity is severity
    ]
    words, others = (
        [change for change in changes if change.severity is severity]
        for severity in (Severity.READ, Severity.DOCUMENTATION)
    )
    if others:
        places = "1 place" if len(others) == 1 else f"{len(others)} places"
        lines.append(f"- Documentation: {places}.")
    parts = ["\n".join(lines)] if lines else []
    if words:
        heading = render.HEADINGS[Severity.READ]
        parts.append(f"#### {heading}\n\n{render.read_table(words)}")
    return "\n\n".join(parts) + "\n"


def _line(change: Change) -> str:
    is_whole = change.rule in {"operation-added", "operation-removed"}
    names = change.operations if is_whole else map(_short, change.operations)
    who = ", ".join(f"`{name}`" for name in names) or "all"
    where = f" {change.direction.value}" if change.direction else ""
    what = f"`{change.subject}`: " if change.subject else ""
    return f"{who}{where}: {what}{render.escaped(change.message)}"


def _short(operation: str) -> str:
    """The operationId of an operation; its method and path where it has none."""
    return operation.partition(" (")[0]


def insert(changelog: str, text: str) -> str:
    """`changelog` with `text` between the two markers, which stand in its unreleased section.

    Raises:
        PipelineError: The markers are missing.
    """
    head, begin, rest = changelog.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise PipelineError(
            f"needs the lines {BEGIN} and {END} where the entry belongs", file="CHANGELOG.md"
        )
    return f"{head}{BEGIN}\n\n{text}\n{END}{tail}"
