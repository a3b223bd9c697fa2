"""Documents with one thing in them that is another, and what that does, as lines of a record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from akool_pipeline.building.fragments import Fragment
from akool_pipeline.documents import words
from akool_pipeline.documents.document import Document
from akool_pipeline.documents.pointer import join, resolve
from akool_pipeline.errors import PipelineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

Json = dict[str, Any]
EDITS = ("renamed", "changed", "gone")
JUNK: tuple[Any, ...] = (7, [7], {"Z": 7})


def places(value: Any, pointer: str = "") -> Iterator[tuple[str, str | int]]:
    """Every holder in a document, and the key or index in it."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if value else ()
    for key in keys:
        yield pointer, key
        if isinstance(value[key], dict | list):
            yield from places(value[key], join(pointer, key))


def unshared(value: Any) -> Any:
    """A copy in which no object stands in two places."""
    return json.loads(json.dumps(value))


def edits(data: Json) -> Iterator[tuple[str, Json]]:
    """The document with one name or value that is another, or gone."""
    for pointer, key in places(data):
        for what in EDITS:
            edited = unshared(data)
            if edit(resolve(edited, pointer), key, what):
                yield f"{join(pointer, key)} {what}", edited


def edit(holder: Any, key: str | int, what: str) -> bool:
    """Rename, change or take away what `holder` has at `key`; False where that cannot be done."""
    old = holder[key]
    if what == "renamed" and isinstance(holder, dict):
        fresh = {(f"{k}Z" if k == key else k): v for k, v in holder.items()}
        holder.clear()
        holder.update(fresh)
    elif what == "changed" and not isinstance(old, dict | list):
        holder[key] = f"{old}Z" if isinstance(old, str) else 7
    elif what == "gone":
        del holder[key]
    else:
        return False
    return True


def junk(data: Json) -> Iterator[tuple[str, Json]]:
    """The document with something else in one place, of every type there is."""
    for pointer, key in places(data):
        for other in JUNK:
            edited = unshared(data)
            resolve(edited, pointer)[key] = unshared(other)
            yield f"{join(pointer, key)} = {json.dumps(other)}", edited


def fragment(name: str, data: Any) -> Fragment:
    """A fragment whose every part stands on a line of its own."""
    lines = {"": 1} | {join(*place): n for n, place in enumerate(places(data), 2)}
    return Fragment(name, Document(f"{name}.yaml", data, lines))


def overlay_of(*texts: str) -> bytes:
    """An overlay of these actions, each with its reason."""
    body = "overlay: 1.0.0\ninfo: {title: T, version: '1'}\nactions:\n"
    body += "".join(f"  - {t}\n    description: Why.\n    x-evidence: How.\n" for t in texts)
    return body.encode()


def told(title: str, work: Callable[[], Sequence[str]]) -> Iterator[str]:
    """The lines that `work` answers, or the problems that it meets, under a title."""
    try:
        found = list(work())
    except PipelineError as error:
        found = [f"!! {problem}" for problem in error.problems]
    if found:
        yield f"== {title}"
        yield from found


def changes(before: Json, after: Json) -> Iterator[str]:
    for place, one, other in words.differences(before, after, "document"):
        yield f"{place}: {json.dumps(one)} -> {json.dumps(other)}"


def news(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """The lines that came, and what those were about that went."""
    came = [line for line in after if line not in before]
    yield from (f"+ {line}" for line in came)
    about = {line.partition(": ")[0] for line in came}
    gone = (line.partition(": ")[0] for line in before if line not in after)
    yield from (f"- {what}" for what in gone if what not in about)


def record(file: Path, sections: Mapping[str, Callable[[], Iterable[str]]]) -> None:
    """Write the lines of all sections, each under its name."""
    text = [line for name, of in sections.items() for line in (f"# {name}", *of())]
    assert not any("\n" in line for line in text)
    file.write_text("\n".join([*text, ""]), "utf-8")


def recorded(file: Path) -> dict[str, list[str]]:
    """The lines of each section, as `record` wrote them."""
    found: dict[str, list[str]] = {}
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("# "):
            lines = found.setdefault(line[2:], [])
        else:
            lines.append(line)
    return found
