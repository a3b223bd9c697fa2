"""`openapi/pages.toml`: the docs pages that are fetched, and their order."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akool_pipeline.errors import PipelineError

if TYPE_CHECKING:
    from pathlib import Path


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
                f"{page.fragment!r} is not a name for a fragment: use a-z, 0-9 and -", file=path
            )
    names = [page.fragment for page in pages]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PipelineError(f"names a fragment twice: {', '.join(twice)}", file=path)
    return PageList(
        pages, data.get("index"), list(data.get("watch", [])), list(data.get("ignore", []))
    )
