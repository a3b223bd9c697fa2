"""Bring fragments up to date with their pages: one page, or all of them, and then all or none.

A refresh in which any page cannot be used writes nothing: half of the vendor's docs is a contract
that never existed.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from akool_pipeline.building import emit, fragments
from akool_pipeline.diff import compare, render
from akool_pipeline.documents import document
from akool_pipeline.errors import PipelineError
from akool_pipeline.sources import pages
from akool_pipeline.sources.fetching import GoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date
    from pathlib import Path

    from akool_pipeline import page_list
    from akool_pipeline.layout import Layout

    Fetch = Callable[[str], bytes]


class State(enum.StrEnum):
    """What became of a page since its fragment was written."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    NEW = "new"
    """Listed in pages.toml or in the docs' index, without a fragment."""
    VANISHED = "vanished"
    """The page, or its OpenAPI block, does not exist any more."""
    STALE = "stale"
    """An entry of pages.toml that matches nothing in the docs' index any more."""
    UNREACHABLE = "unreachable"
    """It could not be had or read; it may still exist."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One page's state.

    Attributes:
        state: What became of it.
        url: Its address.
        fragment: Its fragment's name; empty for a page that only the index lists.
        detail: Why it cannot be used, or what changed.
        raw: The new fragment; None if there is none to write.
        note: The new provenance, with `raw`.
    """

    state: State
    url: str
    fragment: str = ""
    detail: str = ""
    raw: bytes | None = None
    note: dict[str, str] | None = None

    def __str__(self) -> str:
        """One line, and what changed below it."""
        line = f"{self.state.value:<12}{self.fragment or '-'}  {self.url}"
        return f"{line}\n    {self.detail}" if self.detail else line


@dataclass(frozen=True, slots=True)
class Source:
    """A page to import.

    Attributes:
        name: What to call it in errors.
        page: Its bytes.
        fragment: Name of the fragment to make.
        address: Where it was published, for the provenance.
    """

    name: str
    page: bytes
    fragment: str
    address: str


def import_page(layout: Layout, source: Source, today: date) -> list[Path]:
    """Make one page a fragment; returns the files that changed.

    Raises:
        PipelineError: The page has no usable OpenAPI block; nothing is written.
    """
    block = pages.find_block(source.page, source.name)
    pages.check_block(block, source.name)
    notes = pages.read_provenance(layout.provenance)
    note = pages.provenance(source.page, block, source.address, today)
    known = notes.get(source.fragment, {})
    if {**known, "fetched": ""} != {**note, "fetched": ""}:
        notes[source.fragment] = note
    return emit.write_files(
        {
            layout.fragments / f"{source.fragment}.yaml": block.raw,
            layout.provenance: pages.write_provenance(notes),
        }
    )


def examine(layout: Layout, listed: page_list.PageList, fetch: Fetch, today: date) -> list[Finding]:
    """Fetch every page and say what became of it; writes nothing."""
    notes = pages.read_provenance(layout.provenance)
    findings = [_examine(layout, page, fetch, today, notes) for page in listed.pages]
    if listed.index:
        findings += _unlisted(listed, fetch)
    return findings


def apply(layout: Layout, findings: Iterable[Finding]) -> list[Path]:
    """Write what is new and changed; returns the files that changed.

    Raises:
        PipelineError: A page vanished or is unreachable; nothing is written.
    """
    findings = list(findings)
    bad = [f for f in findings if f.state in {State.VANISHED, State.UNREACHABLE}]
    if bad:
        names = ", ".join(f.fragment or f.url for f in bad)
        raise PipelineError(
            f"nothing was written: {names} cannot be used; try again, or correct pages.toml",
            file=layout.page_list,
        )
    notes = pages.read_provenance(layout.provenance)
    contents: dict[Path, str | bytes] = {}
    for finding in findings:
        if finding.raw is not None and finding.note is not None:
            contents[layout.fragments / f"{finding.fragment}.yaml"] = finding.raw
            notes[finding.fragment] = finding.note
    if contents:
        contents[layout.provenance] = pages.write_provenance(notes)
    return emit.write_files(contents)


def _examine(
    layout: Layout,
    page: page_list.Page,
    fetch: Fetch,
    today: date,
    notes: dict[str, dict[str, str]],
) -> Finding:
    try:
        raw = fetch(page.url)
    except GoneError as error:
        return Finding(State.VANISHED, page.url, page.fragment, str(error))
    except PipelineError as error:
        return Finding(State.UNREACHABLE, page.url, page.fragment, str(error))
    try:
        block = pages.find_block(raw, page.url)
        fresh = pages.check_block(block, page.url)
    except pages.NoBlockError as error:
        return Finding(State.VANISHED, page.url, page.fragment, str(error))
    except PipelineError as error:
        return Finding(State.UNREACHABLE, page.url, page.fragment, str(error))
    known = layout.fragments / f"{page.fragment}.yaml"
    is_known = known.is_file()
    if is_known and known.read_bytes() == block.raw and page.fragment in notes:
        return Finding(State.UNCHANGED, page.url, page.fragment)
    note = pages.provenance(raw, block, page.url, today)
    state = State.CHANGED if is_known else State.NEW
    detail = _what_changed(known, fresh) if is_known else ""
    return Finding(state, page.url, page.fragment, detail, block.raw, note)


def _what_changed(known: Path, fresh: document.Document) -> str:
    try:
        before = document.read(known)
        fragments.check(before)
        fragments.check(fresh)
        changes = compare(before.data, fresh.data)
    except PipelineError as error:
        return f"cannot be compared: {error.problems[0]}"
    return render.text(changes).rstrip("\n").replace("\n", "\n    ")


def _unlisted(listed: page_list.PageList, fetch: Fetch) -> list[Finding]:
    """Pages that the docs' index lists and pages.toml does not, and the other way round."""
    index = str(listed.index)
    try:
        text = fetch(index).decode("utf-8", "replace")
    except PipelineError as error:
        return [Finding(State.UNREACHABLE, index, detail=str(error))]
    known = {page.url for page in listed.pages} | set(listed.ignore)
    addresses = dict.fromkeys(re.findall(r"https?://[^\s()<>\[\]]+\.md\b", text))
    new = [
        Finding(State.NEW, url, detail="the index lists it: add it to pages.toml")
        for url in addresses
        if url not in known and url.startswith(tuple(listed.watch))
    ]
    gone = [
        Finding(State.STALE, url, detail="the index has no such page: delete it from `ignore`")
        for url in listed.ignore
        if url not in addresses
    ]
    empty = [
        Finding(State.STALE, start, detail="the index has no page there: correct `watch`")
        for start in listed.watch
        if not any(url.startswith(start) for url in addresses)
    ]
    return new + gone + empty
