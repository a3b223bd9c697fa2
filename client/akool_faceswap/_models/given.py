"""Files of this machine, given where the API wants an address.

Such a file stands in a request as a text, until an uploader has an address for it. Here it is only
wrapped; `_media.local` looks at it.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias
from urllib.parse import urlsplit
from urllib.request import url2pathname

if TYPE_CHECKING:
    from collections.abc import Iterator

Medium: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO
"""A public URL; or what lies on this machine: a path, the bytes, a file open for reading bytes."""
Wanted = Literal["image", "video", "image or video"]


class Source:
    """The file itself, shared by all that stand for it: an open file can be read once."""

    __slots__ = ("given",)

    def __init__(self, given: Any) -> None:  # noqa: ANN401 - see `is_local`
        self.given = given


class LocalFile(str):
    """A file in a request: a text that no server may see, with the file behind it."""

    __slots__ = ("argument", "source", "wanted")
    argument: str
    """Of the method, for errors."""
    source: Source
    wanted: Wanted
    """What it must be."""


def is_local(given: object) -> bool:
    """Whether this is a file rather than a text that should be a URL."""
    kinds = (LocalFile, os.PathLike, bytes, bytearray, memoryview)
    return isinstance(given, kinds) or hasattr(given, "read")


def medium(argument: str, given: Any, wanted: Wanted = "image or video") -> str:  # noqa: ANN401 - a `Medium`, or what others refuse
    """An address as it is; a file of this machine as what stands for it in a request.

    Args:
        argument: Its name, for errors.
        given: A `Medium`. What is neither file nor text is passed on, for others to refuse.
        wanted: What it must be, if it is a file.
    """
    if not is_local(given):
        return given  # type: ignore[no-any-return]  # `web_url` says what is wrong with it
    old = given if isinstance(given, LocalFile) else None
    file = LocalFile(_told(given) if old is None else old)
    file.argument, file.wanted = argument, wanted
    file.source = Source(given) if old is None else old.source
    return file


def _told(given: Any) -> str:  # noqa: ANN401 - see `is_local`
    """A text that is the same for the same file, and that nobody takes for a URL."""
    if isinstance(given, os.PathLike):
        return f"path:{Path(given).absolute()}"
    if hasattr(given, "read"):
        return f"open:{id(given)}:{getattr(given, 'name', '')}"
    return f"bytes:{hashlib.sha256(given).hexdigest()}"


def from_text(text: str, folder: Path) -> str | Path:
    """What a person writes for a file or an address: a URL as it is, else a path.

    Args:
        text: `https://...`, `file:...`, or a path.
        folder: Where relative paths begin.
    """
    if text.lower().startswith("file:"):
        path = urlsplit(text).path
        return folder / url2pathname(path)
    # A text with a scheme was meant to be a URL, even if the scheme is mistyped.
    return text if "://" in text else folder / text


def files_in(value: object) -> Iterator[LocalFile]:
    """Every file in a request's body, or in arguments."""
    if isinstance(value, LocalFile):
        yield value
    elif isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from files_in(part)
