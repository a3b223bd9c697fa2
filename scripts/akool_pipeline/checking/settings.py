"""Entries beside the contract that name what is not there any more: stale, like a stale action.

`decisions.toml` names overlay actions and rules, `pages.toml` and `provenance.json` name fragments.
None of these files need be there.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akool_pipeline.documents import document
from akool_pipeline.documents.pointer import join
from akool_pipeline.errors import PipelineError, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Decision:
    """How the contract settles what the pages say in two ways.

    Attributes:
        question: What they say.
        decision: What the contract says.
        actions: The overlay actions that do it, as `<file> <target>`.
        rules: The ids of the x-rules that do it.
    """

    question: str
    decision: str
    actions: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


def read_decisions(path: Path) -> list[Decision]:
    """The entries of `decisions.toml`; none if there is no such file.

    Raises:
        PipelineError: It is not TOML, or an entry is not a question with its decision.
    """
    data = _toml(path)
    try:
        return [
            Decision(
                str(entry["question"]),
                str(entry["decision"]),
                tuple(map(str, entry.get("actions", ()))),
                tuple(map(str, entry.get("rules", ()))),
            )
            for entry in data.get("decision", ())
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise PipelineError(
            "needs [[decision]] tables with `question` and `decision`", file=path
        ) from error


def stale_decisions(
    path: Path, actions: Collection[str], rules: Collection[str]
) -> Iterator[Problem]:
    """Decisions that name an action or a rule that does not exist.

    Args:
        path: `decisions.toml`.
        actions: The overlay actions that exist, as `<file> <target>`.
        rules: The ids of x-rules that exist.
    """
    for decision in read_decisions(path):
        for what, named, known in (
            ("overlay action", decision.actions, actions),
            ("rule", decision.rules, rules),
        ):
            for name in named:
                if name not in known:
                    message = f"stale: there is no {what} {name!r}; adapt or delete the entry"
                    yield Problem(message, str(path), _line(path, name))


def stale_pages(path: Path, fragments: Collection[str]) -> Iterator[Problem]:
    """Pages whose fragment does not exist: never fetched, or deleted since."""
    for entry in _toml(path).get("page", ()):
        name = entry.get("fragment") if isinstance(entry, dict) else None
        if isinstance(name, str) and name not in fragments:
            message = f"stale: there is no fragment {name!r}; fetch it with `make refresh`, "
            yield Problem(message + "or delete the entry", str(path), _line(path, name))


def stale_provenance(path: Path, fragments: Collection[str]) -> Iterator[Problem]:
    """Notes on fragments that do not exist."""
    if not path.is_file():
        return
    notes = document.read(path)
    for name in notes.data if isinstance(notes.data, dict) else ():
        if name not in fragments:
            message = f"stale: there is no fragment {name!r}; delete the note"
            yield from notes.error(message, join("", name)).problems


def _toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PipelineError(f"is not TOML: {error}", file=path) from error


def _line(path: Path, text: str) -> int | None:
    """The first line that has `text` as a quoted value: TOML's parser tells no lines."""
    quoted = (f'"{text}"', f"'{text}'")
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if any(form in line for form in quoted):
            return number
    return None
