"""Writes docs/contract.md: what each operation is made of, and how contradictions were settled.

Reads fragments, overlays and decisions, and asks simulator and contract suite what they have for
each operation, so that the page cannot say what is not there. CI writes it again and compares.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import akool_openapi
import akool_openapi.operations
from akool_contract import checks as _checks  # noqa: F401 - registers the checks
from akool_contract._findings.registry import PASSIVE
from akool_contract._run.plan import CHECKS
from akool_contract._wire.contract import Contract
from akool_mock._contract.compiled import merged_contract
from akool_mock._operations.handlers import handlers_of
from akool_pipeline.building import emit
from akool_pipeline.building.build import Built, assemble
from akool_pipeline.checking.settings import read_decisions
from akool_pipeline.documents import grammar, pointer
from akool_pipeline.layout import Layout
from akool_pipeline.sources import pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akool_openapi.operations import OperationSpec
    from akool_pipeline.building.fragments import Fragment

HEAD = """\
# The contract

Written by `make contract-page` from `openapi/`. CI writes it again and compares.

- [Operations](#operations): each with its samples, its overlay actions, the mock and the checks
- [What the extensions say](#what-the-extensions-say)
- [Contradictions in the pages](#contradictions-in-the-pages-and-what-settles-each)
- [Overlay actions](#overlay-actions)

The samples work against the live API and against a mock. For a mock, start `akool-faceswap mock`
and set `AKOOL_BASE_URL` and `AKOOL_API_KEY` to what it prints. The Python samples begin with:

```python
import os

from akool_faceswap import FaceSwap

client = FaceSwap()
CLIENT_ID = os.environ.get("AKOOL_CLIENT_ID", "")
SECRET = os.environ.get("AKOOL_API_KEY", "")  # the clientSecret is the API key
```

## Operations

A request *reads*, *spends* credits, *deletes* or *changes*. {every} checks of the contract suite
look at every answer, and {all} more at every operation. Each section names only the checks that are
for its operation alone.

| operation | request | effect |
|---|---|---|
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
    for_all = sum(not check.operations for check in CHECKS)
    samples = tomllib.loads((layout.root / "docs" / "samples.toml").read_text("utf-8"))
    lines = [HEAD.format(every=len(PASSIVE), all=for_all).rstrip("\n")]
    specs = list(akool_openapi.operations.operations(built.data))
    for spec in specs:
        request = f"{spec.method} `{spec.path}`"
        lines.append(f"| [{spec.name}](#{spec.name.lower()}) | {request} | {spec.effect} |")
    for spec in specs:
        lines += ["", *_operation(layout, built, spec, samples.get(spec.name, {}))]
    return "\n".join(
        [*lines, "", *_extensions(), "", *_decisions(layout), "", *_overlays(built), ""]
    )


def _operation(
    layout: Layout, built: Built, spec: OperationSpec, sample: dict[str, str]
) -> Iterator[str]:
    """The section of one operation."""
    place = pointer.join("/paths", spec.path, spec.method.lower())
    fragment = _fragment(built, place)
    contract = Contract(built.data)
    own = sorted(
        check.clause.name
        for check in CHECKS
        if any(spec.name in contract.of(one) for one in check.operations)
    )
    yield from (f"### {spec.name}", "", f"{spec.method} `{spec.path}`. {_effect(spec)}", "")
    yield "| | |\n|---|---|"
    yield f"| page | {_provenance(layout, fragment.name, fragment.data)} |"
    yield f"| fragment | `{fragment.name}` |"
    yield f"| function | generated: `{_function(layout, spec)}` |"
    yield f"| the mock | {_handler(spec.name)} |"
    yield f"| the suite | {', '.join(f'`{name}`' for name in own) or 'only general checks'} |"
    yield from ("", "With curl:", "", f"```sh\n{_curl(built.data, spec)}\n```")
    python = sample.get("python") or _any_python(spec)
    yield from ("", "In Python:", "", f"```python\n{python.strip()}\n```")
    if command := sample.get("command"):
        yield from ("", "On the command line:", "", f"```sh\n{command.strip()}\n```")
    yield from ("", "Overlay actions:", "")
    yield from _actions(built, place, spec)


def _effect(spec: OperationSpec) -> str:
    """What a request does, in a sentence or two."""
    price = spec.price
    per = f" for each {price.per_seconds:g} seconds of video" if price and price.per_seconds else ""
    words = [
        {
            "reads": "It reads.",
            "spends": f"It costs {price.credits:g} credits{per}." if price else "It costs credits.",
            "deletes": "It deletes.",
            "changes": "It changes something.",
        }[spec.effect]
    ]
    if spec.job:
        words.append(f"It starts a job, which you poll with `{spec.job.poll.operation}`.")
    return " ".join(words)


def _curl(data: dict[str, Any], spec: OperationSpec) -> str:
    """A request as curl sends it, with the example of the contract as its body."""
    servers = spec.data.get("servers") or data["servers"]
    query = "&".join(
        f"{found['name']}=ID"
        for part in spec.data.get("parameters", ())
        if (found := _resolved(data, part))["in"] == "query" and found.get("required")
    )
    address = f"${{AKOOL_BASE_URL:-{servers[0]['url']}}}{spec.path}" + (
        f"?{query}" if query else ""
    )
    lines = [f'curl -s "{address}"', '  -H "x-api-key: $AKOOL_API_KEY"']
    if (body := _example(spec.data)) is not None:
        lines.append("  -H 'content-type: application/json'")
        lines.append("  -d " + shlex.quote(json.dumps(body, indent=2, ensure_ascii=False)))
    return " \\\n".join(lines)


def _example(operation: Mapping[str, Any]) -> object:
    """The first example of the request's body; None if there is none."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    named: dict[str, Any] = next(iter(content.get("examples", {}).values()), {})
    return content.get("example", named.get("value"))


def _any_python(spec: OperationSpec) -> str:
    """The sample of an operation that has no method of its own."""
    if spec.job:
        return (
            f'job = client.submit("{spec.name}", {_example(spec.data)!r})\nprint(job.wait().urls)'
        )
    return f"help(client.raw.{_snake(spec.name)})"


def _actions(built: Built, place: str, spec: OperationSpec) -> Iterator[str]:
    """The overlay actions that touch an operation, or a schema that it uses, each reason once."""
    places = {place, *_reachable(built.data, dict(spec.data))}
    reasons: dict[tuple[str, str], int] = {}
    for action, touched in built.repaired.effects:
        if any(t == p or t.startswith(p + "/") for t in touched for p in places):
            key = Path(action.overlay.name).name, " ".join(action.data["description"].split())
            reasons[key] = reasons.get(key, 0) + 1
    for (file, why), times in sorted(reasons.items()):
        yield f"- `{file}`: {why}" + (f" ({times} actions)" if times > 1 else "")


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
        return f"published block, byte for byte, fetched {note['fetched']}: <{note['page']}>"
    return "written from facts about " + ", ".join(
        f"<{address}>" for address in data["x-provenance"]["pages"]
    )


def _function(layout: Layout, spec: OperationSpec) -> str:
    """The generated module whose URL is this operation's; looked up, not guessed."""
    name = _snake(spec.name)
    (file,) = (layout.client / "api").glob(f"*/{name}.py")
    return f"{file.parent.name}.{name}"


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _handler(name: str) -> str:
    """What the mock does, as its handler says."""
    if (handler := handlers_of(merged_contract()).get(name)) is None:
        return "answers from the contract's examples, or else from its schemas"
    line = (handler.answer.__doc__ or "").splitlines()[0].rstrip(".")
    if not handler.by_hand:
        return f"{line[0].lower()}{line[1:]} (as `x-job` says)"
    return f"{line.partition(': ')[2]} (`{handler.answer.__name__}`)"


EXTENSIONS = """\
## What the extensions say

OpenAPI has no words for some things that a program must know about an operation, such as its price.
Overlays add these keys for them. Client, mock and suite read the keys and guess nothing. The JSON
Schemas are in `openapi/akool_openapi/extensions/`. `build` checks every contract against them, and
`akool_openapi.operations` reads them.

Places in a body are JSON Pointers (RFC 6901). Runtime expressions are OpenAPI's. The criterion is
one of Arazzo's. `*` marks what is required."""


def _extensions() -> list[str]:
    """Each extension as its JSON Schema describes it."""
    lines = [*EXTENSIONS.splitlines()]
    for key, schema in akool_openapi.extension_schemas().items():
        lines += ["", f"### `{key}`", "", schema["description"]]
        rows = list(_properties(schema, schema, ""))
        if rows:
            lines += ["", "| part | type | meaning |", "|---|---|---|", *rows]
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
        who = ", ".join(dict.fromkeys(by)) or "the page, unchanged"
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
