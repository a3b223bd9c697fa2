"""Checks a local file before it is uploaded, and before anything is paid."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from akool_faceswap._errors import InvalidRequestError
from akool_faceswap._media import kinds
from akool_faceswap._media.dimensions import dimensions
from akool_faceswap._media.ends import Ends
from akool_faceswap._media.kinds import HEAD_BYTES, Kind, recognise

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_faceswap._models.given import LocalFile

T = TypeVar("T")
MAX_IMAGE_BYTES = 64 << 20
"""Largest picture that is taken: 64 MiB. The vendor names no limit."""
MAX_VIDEO_BYTES = 4 << 30
"""Largest video that is taken: 4 GiB. The vendor names no limit."""
MIN_PIXELS = 80
"""Width and height of the smallest face that the vendor's docs recommend."""
IMAGES: Final = {kinds.JPEG: "jpg", kinds.PNG: "png", kinds.BMP: "bmp", kinds.WEBP: "webp"}
VIDEOS: Final = {kinds.MP4: "mp4", kinds.MOV: "mov", kinds.AVI: "avi", kinds.WEBM: "webm"}
"""What the vendor's docs list, and how the names of such files end."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._=,-]")
_MAX_NAME_CHARS = 80


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that can be uploaded."""

    content: Path | bytes
    name: str
    """A harmless name that ends as its kind does."""
    kind: Kind
    key: str
    """The same for the same content."""

    def as_base64(self) -> str:
        """The file as text, for detection."""
        path = self.content
        content = _read("image", path.read_bytes) if isinstance(path, Path) else path
        return base64.b64encode(content).decode("ascii")


def look(file: LocalFile) -> Looked:
    """Look at a file.

    Raises:
        InvalidRequestError: It cannot be read, is no picture or video that the vendor takes, is
            damaged, empty, too large or too small.
    """
    given = file.source.given
    if not isinstance(given, os.PathLike | bytes):
        # An open file is read only once; other buffers become plain bytes.
        given = _content(file.argument, given)
        file.source.given = given
    if isinstance(given, bytes):
        called, key = file.argument, hashlib.sha256(given).hexdigest()
        kind = _kind(file, called, given[:HEAD_BYTES], len(given))
        whole: bytes | None = given
    else:
        given = Path(given)
        called = given.name
        head, facts = _read(file.argument, lambda: _head(given))
        kind = _kind(file, called, head, facts.st_size)
        # Not the path alone: it may have another content tomorrow.
        key = f"{given.absolute()}:{facts.st_mtime_ns}:{facts.st_size}"
        # Of a video the rest is not looked at: it may be long.
        whole = _read(file.argument, given.read_bytes) if kind.is_image else None
    if whole is not None:
        _check(file.argument, called, kind, whole)
    return Looked(given, _harmless(called, kind), kind, key)


def _content(argument: str, given: object) -> bytes:
    if isinstance(given, io.TextIOBase):
        raise InvalidRequestError(f"{argument}: the file is open as text; open it with mode 'rb'")
    if isinstance(given, bytearray | memoryview):
        return bytes(given)
    read = given.read  # type: ignore[attr-defined]  # see `is_local`
    content = _read(argument, lambda: read(MAX_VIDEO_BYTES + 1))
    if not isinstance(content, bytes):
        raise InvalidRequestError(f"{argument}: the file gives {type(content).__name__}, not bytes")
    return content


def _head(path: Path) -> tuple[bytes, os.stat_result]:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES), os.fstat(file.fileno())


def _kind(file: LocalFile, called: str, head: bytes, size: int) -> Kind:
    if size == 0:
        raise InvalidRequestError(f"{file.argument}: {called} is empty")
    kind = recognise(head)
    if kind is None:
        raise InvalidRequestError(
            f"{file.argument}: {called} is neither picture nor video; it begins with {head[:12]!r}"
        )
    images = IMAGES if "image" in file.wanted else {}
    taken = {**images, **(VIDEOS if "video" in file.wanted else {})}
    if kind not in taken:
        names = ", ".join(each.name for each in taken)
        raise InvalidRequestError(
            f"{file.argument}: {called} is {kind.name}; wanted is an {file.wanted}, as {names}"
        )
    most = MAX_IMAGE_BYTES if kind.is_image else MAX_VIDEO_BYTES
    if size > most:
        raise InvalidRequestError(f"{file.argument}: {called} has {size} bytes; {most} are taken")
    return kind


def _check(argument: str, called: str, kind: Kind, whole: bytes) -> None:
    ends = Ends(kind)
    ends.add(whole)
    if ends.whole() is False:
        raise InvalidRequestError(
            f"{argument}: {called} is damaged: {kind.name} continues after the end"
        )
    width, height = dimensions(kind, whole) or (MIN_PIXELS, MIN_PIXELS)
    if min(width, height) < MIN_PIXELS:
        raise InvalidRequestError(
            f"{argument}: {called} has {width} x {height} pixels; a face of at least {MIN_PIXELS} "
            f"x {MIN_PIXELS} must fit in"
        )


def _harmless(called: str, kind: Kind) -> str:
    """A name that works everywhere: ASCII, short, with the extension of its kind."""
    stem = _UNSAFE.sub("_", Path(called).stem).strip("._-")[:_MAX_NAME_CHARS]
    return f"{stem or 'file'}.{(IMAGES | VIDEOS)[kind]}"


def _read(argument: str, work: Callable[[], T]) -> T:
    try:
        return work()
    except (OSError, ValueError) as error:
        raise InvalidRequestError(f"{argument}: the file cannot be read: {error}") from error
