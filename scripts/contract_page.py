"""Writes docs/contract.md: what each operation is made of, and how contradictions were settled.

Reads fragments, overlays and decisions, and asks simulator and contract suite what they have for
each operation, so that the page cannot say what is not there. A test compares it with the page.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akool_contract import checks as _checks  # noqa: F401 - registers the checks
from akool_contract._findings.registry import PASSIVE
from akool_contract._run.plan import CHECKS
from akool_mock._operations.known import KNOWN
from akool_pipeline.building import emit
from akool_pipeline.building.build import Built, assemble
from akool_pipeline.building.fragments import operations
from akool_pipeline.checking.settings import read_decisions
from akool_pipeline.documents import grammar, pointer
from akool_pipeline.layout import Layout
from akool_pipeline.sources import pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_pipeline.building.fragments import Fragment

HEAD = """\
# The contract, part by part

Written by `make contract-page` from `openapi/`; a test holds it to what is there.

## Operations

Fragments are published (the page's block, byte for byte) or written from facts about the page.
Overlay actions are counted by overlay: those that touch the operation, or a schema that it uses.
{every} checks look at every answer and {all} more at every operation; the last column names those
that are for the operation itself.

| operation | fragment | provenance | overlay actions | generated function | simulator | checks |
|---|---|---|---|---|---|---|
"""


def main() -> None:
    """Write the page into the checkout that this script belongs to; `--check` only compares."""
    layout = Layout(Path(__file__).resolve().parents[1])
    path = layout.root / "docs" / "contract.md"
    text = page(layout)
    if sys.argv[1:] != ["--check"]:
        emit.write_files({path: text})
    elif path.read_text("utf-8") != text:
        sys.exit(f"{path}: is not what openapi/ says: run `make contract-page`")


def page(layout: Layout) -> str:
    """The page as it should be."""
    built = assemble(layout)
    used = dict(_actions_by_operation(built))
    for_all = sum(not check.operations for check in CHECKS)
    lines = [HEAD.format(every=len(PASSIVE), all=for_all).rstrip("\n")]
    for path, method, operation in operations(built.data):
        name = operation["operationId"]
        fragment = _fragment(built, pointer.join("/paths", path, method))
        cells = (
            f"`{name}`<br>{method.upper()} `{path}`",
            f"`{fragment.name}`",
            _provenance(layout, fragment.name, fragment.data),
            "<br>".join(f"{file}: {number}" for file, number in sorted(used[name].items())),
            f"`{_function(layout, operation)}`",
            _handler(name),
            ", ".join(sorted(c.clause.name for c in CHECKS if name in c.operations)) or "-",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *_decisions(layout), "", *_overlays(built), ""])


def _actions_by_operation(built: Built) -> Iterator[tuple[str, Counter[str]]]:
    for path, method, operation in operations(built.data):
        own = pointer.join("/paths", path, method)
        places = {own, *_reachable(built.data, operation)}
        counts: Counter[str] = Counter()
        for action, touched in built.repaired.effects:
            if any(t == p or t.startswith(p + "/") for t in touched for p in places):
                counts[Path(action.overlay.name).stem] += 1
        yield operation["operationId"], counts


def _fragment(built: Built, place: str) -> Fragment:
    found = built.merged.origin(place)
    if found is None:
        raise KeyError(place)
    return found[0]


def _reachable(data: dict[str, Any], part: object) -> set[str]:
    found: set[str] = set()
    stack: list[tuple[object, str]] = [(part, "operation")]
    while stack:
        for _, target in grammar.references(*stack.pop()):
            place = pointer.of(target)
            if place not in found:
                found.add(place)
                stack.append((pointer.resolve(data, place), grammar.kind_at(place)))
    return found


def _provenance(layout: Layout, name: str, data: dict[str, Any]) -> str:
    note = pages.read_provenance(layout.provenance).get(name)
    if note:
        return f"published, {note['fetched']}: <{note['page']}>"
    return "facts about " + ", ".join(f"<{address}>" for address in data["x-provenance"]["pages"])


def _function(layout: Layout, operation: dict[str, Any]) -> str:
    """The generated module whose URL is this operation's; looked up, not guessed."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", operation["operationId"]).lower()
    (file,) = (layout.client / "api").glob(f"*/{name}.py")
    return f"{file.parent.name}.{name}"


def _handler(name: str) -> str:
    known = KNOWN.get(name)
    return f"`{known.handler.__name__}`" if known else "from the contract's examples"


def _decisions(layout: Layout) -> list[str]:
    lines = [
        "## Contradictions in the pages, and what settles each",
        "",
        "| | the pages say | decision | by |",
        "|---|---|---|---|",
    ]
    for number, entry in enumerate(read_decisions(layout.decisions), 1):
        by = [f"`{text.partition(' ')[0]}`" for text in entry.actions]
        by += [f"rule `{rule}`" for rule in entry.rules]
        who = ", ".join(dict.fromkeys(by)) or "the page as it is"
        lines.append(f"| {number} | {entry.question} | {entry.decision} | {who} |")
    return lines


def _overlays(built: Built) -> list[str]:
    lines = ["## Overlay actions", ""]
    seen = ""
    for action in built.actions:
        name = Path(action.overlay.name).name
        if name != seen:
            title = action.overlay.data["info"]["title"]
            lines += [] if not seen else [""]
            lines += [
                f"### `{name}`: {title}",
                "",
                "| target | why | how we know |",
                "|---|---|---|",
            ]
            seen = name
        kind = "remove " if action.data.get("remove") else ""
        cells = (
            f"{kind}`{action.target}`",
            " ".join(action.data["description"].split()),
            " ".join(action.data["x-evidence"].split()),
        )
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return lines


if __name__ == "__main__":
    main()
