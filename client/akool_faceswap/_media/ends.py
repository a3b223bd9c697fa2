"""Whether a file ends where its format says, found while it streams. Pure.

A server that closes the connection early, without having said how long the file is, looks the same
as one that is done. Most formats know better. Nothing is decoded here: lengths are followed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from akool_faceswap._media import kinds

if TYPE_CHECKING:
    from akool_faceswap._media.kinds import Kind


@dataclass(frozen=True, slots=True)
class _Take:
    """A format asks for so many bytes."""

    size: int
    may_end: bool = False
    """Whether the file may end in place of them."""


@dataclass(frozen=True, slots=True)
class _Skip:
    """A format asks to skip so many bytes."""

    size: int


@dataclass(frozen=True, slots=True)
class _Find:
    """A format asks to skip to the first match, which is two bytes long."""

    pattern: re.Pattern[bytes]


class _UnsureError(Exception):
    """The file does not follow what is known of its format."""


_Format = Generator[_Take | _Skip | _Find, bytes, None]


class Ends:
    """Follows one file."""

    def __init__(self, kind: Kind | None) -> None:
        self._whole: bool | None = None
        """The final result; None: not known yet, or never."""
        self._buffer = b""
        self._wish: _Take | _Skip | _Find | None = None
        begin = None if kind is None else _FORMATS.get(kind)
        self._format = None if begin is None else begin()
        if self._format is not None:
            self._wish = next(self._format)

    def add(self, chunk: bytes) -> None:
        """The next bytes of the file."""
        if self._wish is None:
            return
        self._buffer += chunk
        try:
            while self._wish is not None and self._granted():
                pass
        except StopIteration:
            self._whole, self._wish = True, None
        except _UnsureError:
            self._wish = None
        if self._wish is None:
            self._buffer = b""

    def whole(self) -> bool | None:
        """Whether the file may end here; None if its format does not tell."""
        if self._wish is None:
            return self._whole
        return isinstance(self._wish, _Take) and self._wish.may_end and not self._buffer

    def _granted(self) -> bool:
        """Do what the format asks for, as far as the buffer allows; whether it asks again."""
        assert self._format is not None  # noqa: S101 - there is a wish
        got, wish = b"", self._wish
        if isinstance(wish, _Skip):
            left = wish.size - len(self._buffer)
            self._buffer = self._buffer[wish.size :]
            if left > 0:
                self._wish = _Skip(left)
                return False
        elif isinstance(wish, _Take):
            if len(self._buffer) < wish.size:
                return False
            got, self._buffer = self._buffer[: wish.size], self._buffer[wish.size :]
        elif isinstance(wish, _Find):
            match = wish.pattern.search(self._buffer)
            # The last byte may be the first half of what is looked for.
            self._buffer = self._buffer[-1:] if match is None else self._buffer[match.start() :]
            if match is None:
                return False
        self._wish = self._format.send(got)
        return True


_MARKER: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
"""What ends the picture's data in JPEG: escaped bytes and restarts do not."""
_ALONE: Final = {0x01, *range(0xD0, 0xD8)}
"""Markers without a length."""


def _jpeg() -> _Format:
    yield _Skip(2)
    while True:
        fill, marker = yield _Take(2)
        if fill != 0xFF:  # noqa: PLR2004 - begins every marker
            raise _UnsureError
        while marker == 0xFF:  # noqa: PLR2004 - any number of fill bytes may come before
            (marker,) = yield _Take(1)
        if marker == 0xD9:  # noqa: PLR2004 - end of image
            return
        if marker in _ALONE:
            continue
        yield _Skip(int.from_bytes((yield _Take(2))) - 2)
        if marker == 0xDA:  # noqa: PLR2004 - start of scan
            yield _Find(_MARKER)


def _png() -> _Format:
    yield _Skip(8)
    while True:
        header = yield _Take(8)
        yield _Skip(int.from_bytes(header[:4]) + 4)
        if header[4:] == b"IEND":
            return


def _gif() -> _Format:
    header = yield _Take(13)
    yield _Skip(_colours(header[10]))
    while True:
        block = yield _Take(1)
        if block == b";":
            return
        if block == b",":
            place = yield _Take(9)
            yield _Skip(_colours(place[8]) + 1)
        elif block == b"!":
            yield _Skip(1)
        else:
            raise _UnsureError
        while (size := (yield _Take(1))[0]) > 0:
            yield _Skip(size)


def _colours(flags: int) -> int:
    """Bytes of a GIF's table of colours, if it has one."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _riff() -> _Format:
    header = yield _Take(8)
    size = int.from_bytes(header[4:], "little")
    if size in {0, 0xFFFFFFFF}:  # a recorder that never came back to fill it in
        raise _UnsureError
    yield _Skip(size)


def _bmp() -> _Format:
    header = yield _Take(6)
    size = int.from_bytes(header[2:], "little")
    if size <= len(header):
        raise _UnsureError
    yield _Skip(size - len(header))


def _video_boxes() -> _Format:
    yield from _boxes(lambda seen: b"moov" in seen and bool(seen & {b"mdat", b"moof"}))


def _image_boxes() -> _Format:
    yield from _boxes(lambda seen: b"meta" in seen or b"moov" in seen)


def _boxes(may_end: Callable[[set[bytes]], bool]) -> _Format:
    """ISO base media: boxes one after the other; the file ends behind any once all are there."""
    seen = set[bytes]()
    while True:
        header = yield _Take(8, may_end(seen))
        size, name, read = int.from_bytes(header[:4]), header[4:], len(header)
        if size == 1:
            size, read = int.from_bytes((yield _Take(8))), 16
        if size < read:  # 0: up to the end of the file, wherever that is
            raise _UnsureError
        yield _Skip(size - read)
        seen.add(name)


def _ebml() -> _Format:
    for _ in ("header", "segment"):
        yield _Skip(4)
        (first,) = yield _Take(1)
        more = 8 - first.bit_length()
        if first == 0:
            raise _UnsureError
        rest = yield _Take(more)
        size = int.from_bytes(bytes([first & ~(0x80 >> more)]) + rest)
        if size == (1 << 7 * (more + 1)) - 1:  # not known when it was written
            raise _UnsureError
        yield _Skip(size)


_FORMATS: Final[dict[Kind, Callable[[], _Format]]] = {
    kinds.JPEG: _jpeg,
    kinds.PNG: _png,
    kinds.GIF: _gif,
    kinds.BMP: _bmp,
    kinds.WEBP: _riff,
    kinds.AVI: _riff,
    kinds.AVIF: _image_boxes,
    kinds.HEIC: _image_boxes,
    kinds.MP4: _video_boxes,
    kinds.MOV: _video_boxes,
    kinds.WEBM: _ebml,
}
