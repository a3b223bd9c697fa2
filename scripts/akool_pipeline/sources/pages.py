"""Turn docs pages into fragments: find the OpenAPI block, keep its bytes, note where they are from.

Pure functions over bytes; `fetching` gets them. A page is Markdown, as Mintlify serves it under the
page's address with `.md` appended: prose, and one fenced block whose info string is
`yaml METHOD PATH`, perhaps with the name or the address of the file that it was cut from:
`yaml openapi/x.yaml METHOD PATH`. The block is the fragment, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.building import fragments
from akool_pipeline.documents import document, pointer
from akool_pipeline.errors import PipelineError

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

MAX_BYTES: Final = 5_000_000
"""Largest page that is read. The largest published page has 8 kB."""

_FENCE: Final = re.compile(
    rb"^(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\r\n`]*?)[ \t]*\r?$"
)
_METHOD: Final = rb"GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH|TRACE|WEBHOOK"
_INFO: Final = re.compile(
    # The language; perhaps the file or address that the page was made from; the operation.
    rb"(?:ya?ml|json)(?:[ \t]+(?P<source>\S+))??"
    rb"[ \t]+(?P<method>" + _METHOD + rb")[ \t]+(?P<path>\S+)(?:[ \t].*)?",
    re.IGNORECASE,
)
_LIKE_A_BLOCK: Final = re.compile(
    rb"^[ \t>]*(?:(?:`{3,}|~{3,})[^`]*\b(?:" + _METHOD + rb")[ \t]+\S+.*"
    rb"|[\"']?(?:openapi|swagger)[\"']?[ \t]*:[ \t]*[\"']?[0-9].*)$",
    re.IGNORECASE,
)
"""A line that only an OpenAPI block has: it may be one that is not read here."""


class NoBlockError(PipelineError):
    """The page has no OpenAPI block, or no longer has one."""


@dataclass(frozen=True, slots=True)
class Block:
    """The OpenAPI block of a page.

    Attributes:
        raw: Its bytes, from the line after the opening fence up to the closing fence.
        line: Line of its first byte in the page, from 1.
        method: The method in the info string, in lower case; `webhook` for a webhook.
        path: The path in the info string, or the webhook's name.
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
            if info is not None and not opening["indent"]:
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
        raise _unread(lines, opening, start, name)
    if len(found) > 1:
        places = " and ".join(f"line {block.line - 1}" for block in found)
        raise PipelineError(
            f"has {len(found)} OpenAPI blocks, on {places}: split the page", file=name
        )
    return found[0]


def _unread(
    lines: list[bytes], opening: re.Match[bytes] | None, start: int, name: str
) -> PipelineError:
    """Why no block was found: there is none, or there is something like one that is not read."""
    like = (n for n, line in enumerate(lines, 1) if _LIKE_A_BLOCK.match(line.rstrip(b"\r\n")))
    number = next(like, None)
    if number is None:
        return NoBlockError(
            "has no OpenAPI block (a fence that says `yaml METHOD PATH`): import the .md form",
            file=name,
        )
    if opening is not None and start < number:
        return PipelineError(
            f"holds what looks like OpenAPI (line {number}) in a fence that is never closed",
            file=name,
            line=start,
        )
    return PipelineError(
        "holds what looks like OpenAPI, in no fence that is read here: it must begin its line and "
        "say `yaml METHOD PATH`, with the name of a file in between at most",
        file=name,
        line=number,
    )


def check_block(block: Block, name: str) -> document.Document:
    """The block as a fragment; lines in errors are those of the page.

    What its own overlay can repair is not looked at: the build does, after the overlay.

    Raises:
        PipelineError: It is not an OpenAPI 3.x document, or does not describe the operation that
            its fence names.
    """
    # Leading newlines cost the parser nothing and make its line numbers the page's.
    source = document.parse(b"\n" * (block.line - 1) + block.raw, name)
    fragments.version(source)
    place = ("webhooks", block.path) if block.method == "webhook" else ("paths", block.path)
    if not _describes(source.data, pointer.join("", *place), block.method):
        fence = f"{block.method.upper()} {block.path}"
        raise source.error(
            f"does not describe {fence}, which its fence names", pointer.join("", place[0])
        )
    return source


def _describes(data: dict[str, Any], place: str, method: str) -> bool:
    """Whether there is a path item at `place` with the operation `method`, or any webhook."""
    try:
        item = pointer.resolve(data, place)
        if isinstance(item, dict) and isinstance(item.get("$ref"), str) and method not in item:
            item = pointer.resolve(data, pointer.of(item["$ref"]))
    except KeyError:
        return False
    return isinstance(item, dict) and (method == "webhook" or method in item)


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
