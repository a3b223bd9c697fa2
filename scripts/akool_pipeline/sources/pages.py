"""Turn docs pages into fragments: find the OpenAPI block, keep its bytes, note where they are from.

Pure functions over bytes; `fetching` gets them. A page is Markdown, as Mintlify serves it under the
page's address with `.md` appended: prose, and one fenced block whose info string is
`yaml METHOD PATH`. The block is the fragment, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.building import fragments
from akool_pipeline.documents import document
from akool_pipeline.errors import PipelineError

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

MAX_BYTES: Final = 5_000_000
"""Largest page that is read. The largest published page has 8 kB."""

_FENCE: Final = re.compile(rb"^(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\r\n`]*?)[ \t]*\r?$")
_INFO: Final = re.compile(
    rb"ya?ml[ \t]+(?P<method>GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH|TRACE)[ \t]+(?P<path>\S+).*",
    re.IGNORECASE,
)


class NoBlockError(PipelineError):
    """The page has no OpenAPI block, or no longer has one."""


@dataclass(frozen=True, slots=True)
class Block:
    """The OpenAPI block of a page.

    Attributes:
        raw: Its bytes, from the line after the opening fence up to the closing fence.
        line: Line of its first byte in the page, from 1.
        method: The method in the info string, in lower case.
        path: The path in the info string.
    """

    raw: bytes
    line: int
    method: str
    path: str


def find_block(page: bytes, name: str) -> Block:
    """The one OpenAPI block of a page.

    Raises:
        PipelineError: The page is too large, has no such block, has several, or does not close it.
    """
    if len(page) > MAX_BYTES:
        raise PipelineError(f"is larger than {MAX_BYTES} bytes: not a docs page", file=name)
    found: list[Block] = []
    opening: re.Match[bytes] | None = None
    start = 0
    lines = page.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        fence = _FENCE.match(line.rstrip(b"\n"))
        if fence is None:
            continue
        if opening is None:
            opening, start = fence, number
        elif fence["fence"].startswith(opening["fence"]) and not fence["info"]:
            info = _INFO.fullmatch(opening["info"])
            if info is not None:
                raw = b"".join(lines[start : number - 1])
                method, path = (
                    info["method"].decode().lower(),
                    info["path"].decode("utf-8", "replace"),
                )
                found.append(Block(raw, start + 1, method, path))
            opening = None
    if opening is not None and _INFO.fullmatch(opening["info"]):
        raise PipelineError("the OpenAPI block is never closed", file=name, line=start)
    if not found:
        raise NoBlockError(
            "has no OpenAPI block (a fence that says `yaml METHOD PATH`): import the .md form",
            file=name,
        )
    if len(found) > 1:
        places = " and ".join(f"line {block.line - 1}" for block in found)
        raise PipelineError(
            f"has {len(found)} OpenAPI blocks, on {places}: split the page", file=name
        )
    return found[0]


def check_block(block: Block, name: str) -> document.Document:
    """The block as a checked fragment; lines in errors are those of the page.

    Raises:
        PipelineError: It is not a self-contained OpenAPI 3.x document, or does not describe the
            operation that its fence names.
    """
    # Leading newlines cost the parser nothing and make its line numbers the page's.
    source = document.parse(b"\n" * (block.line - 1) + block.raw, name)
    fragments.check(source)
    if block.method not in source.data["paths"].get(block.path, {}):
        fence = f"{block.method.upper()} {block.path}"
        raise source.error(f"does not describe {fence}, which its fence names", "/paths")
    return source


@dataclass(frozen=True, slots=True)
class Page:
    """One page of `pages.toml`.

    Attributes:
        fragment: Name of the fragment that it makes.
        url: Address of its Markdown form.
    """

    fragment: str
    url: str


@dataclass(frozen=True, slots=True)
class PageList:
    """What `pages.toml` says.

    Attributes:
        pages: The pages that are fetched.
        index: Address of the list of all pages of the docs, if it is watched for new ones.
        watch: Beginnings of addresses in that list that would be news.
        ignore: Listed pages that have no operation of ours.
    """

    pages: list[Page]
    index: str | None = None
    watch: list[str] = field(default_factory=list)
    ignore: list[str] = field(default_factory=list)


def read_list(path: Path) -> PageList:
    """Read `pages.toml`.

    Raises:
        PipelineError: It is missing or says something else than pages.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise PipelineError(f"cannot be read: {error.strerror}", file=path) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PipelineError(f"is not TOML: {error}", file=path) from error
    try:
        pages = [Page(entry["fragment"], entry["url"]) for entry in data["page"]]
    except (KeyError, TypeError) as error:
        raise PipelineError("needs [[page]] tables with `fragment` and `url`", file=path) from error
    for page in pages:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", str(page.fragment)):
            raise PipelineError(
                f"{page.fragment!r} is no name for a fragment: use a-z, 0-9 and -", file=path
            )
    names = [page.fragment for page in pages]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PipelineError(f"names a fragment twice: {', '.join(twice)}", file=path)
    return PageList(
        pages, data.get("index"), list(data.get("watch", [])), list(data.get("ignore", []))
    )


def provenance(page: bytes, block: Block, address: str, today: date) -> dict[str, str]:
    """What is noted beside a published fragment, whose own bytes stay untouched."""
    return {
        "page": address,
        "fetched": today.isoformat(),
        "page_sha256": hashlib.sha256(page).hexdigest(),
        "fragment_sha256": hashlib.sha256(block.raw).hexdigest(),
    }


def read_provenance(path: Path) -> dict[str, dict[str, str]]:
    """The notes on all published fragments; none if there is no such file yet.

    Raises:
        PipelineError: The file is not what `provenance` writes.
    """
    if not path.exists():
        return {}
    data: Any = document.read(path).data
    if not isinstance(data, dict) or not all(isinstance(note, dict) for note in data.values()):
        raise PipelineError("is not a table of fragments and their pages", file=path)
    return data


def write_provenance(notes: dict[str, dict[str, str]]) -> str:
    """The notes as text, in name order."""
    return json.dumps(dict(sorted(notes.items())), indent=2) + "\n"
