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

import akool_openapi
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
    return "\n".join(
        [*lines, "", *_extensions(), "", *_decisions(layout), "", *_overlays(built), ""]
    )


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


EXTENSIONS = """\
## What the extensions say

What a program needs to know of an operation beyond OpenAPI's own words stands in these keys, put
there by overlays. Client, mock and suite read them: what a contract leaves out is not guessed. The
JSON Schemas are in `openapi/akool_openapi/extensions/`; `build` holds every contract to them, and
`akool_openapi.operations` reads them. Places in a body are JSON Pointers (RFC 6901), runtime
expressions are OpenAPI's, the criterion is one of Arazzo's. `*` marks what is required."""


def _extensions() -> list[str]:
    """Each extension as its JSON Schema describes it."""
    lines = [*EXTENSIONS.splitlines()]
    for key, schema in akool_openapi.extension_schemas().items():
        lines += ["", f"### `{key}`", "", schema["description"]]
        rows = list(_properties(schema, schema, ""))
        if rows:
            lines += ["", "| part | is | says |", "|---|---|---|", *rows]
        elif "enum" in schema:
            lines += ["", "One of " + ", ".join(f"`{value}`" for value in schema["enum"]) + "."]
    return lines


def _properties(whole: dict[str, Any], schema: dict[str, Any], before: str) -> Iterator[str]:
    """A row of the table for every part of an object, those of objects in it after their own."""
    part = _resolved(whole, schema)
    if part.get("type") == "array" and "items" in part:
        part, before = _resolved(whole, part["items"]), f"{before}[]." if before else "[]."
    for name, found in part.get("properties", {}).items():
        inner = _resolved(whole, found)
        star = "*" if name in part.get("required", ()) else ""
        cells = f"`{before}{name}`{star}", _form(found, inner), inner.get("description", "")
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
        yield from _properties(whole, inner, f"{before}{name}.")


def _resolved(whole: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with what it refers to; words of its own win."""
    reference = schema.get("$ref")
    return pointer.resolve(whole, reference.removeprefix("#")) | schema if reference else schema


def _form(stated: dict[str, Any], inner: dict[str, Any]) -> str:
    """What kind of value it is, in a word or two."""
    if "enum" in inner:
        return ", ".join(f"`{value}`" for value in inner["enum"])
    if stated.get("$ref", "").endswith("/pointer"):
        return "JSON Pointer"
    if "$request" in (pattern := inner.get("pattern", "")) or "$response" in pattern:
        return "criterion" if " == " in pattern else "runtime expression"
    kind = inner.get("type", "value")
    return f"list of {_items(inner)}" if kind == "array" else str(kind)


def _items(schema: dict[str, Any]) -> str:
    kinds = schema.get("items", {}).get("type", "value")
    return " or ".join(kinds) if isinstance(kinds, list) else f"{kinds}"


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
