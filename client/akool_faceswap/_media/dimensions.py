"""How many pixels a picture has, from its header. Pure; nothing is decoded."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from akool_faceswap._media import kinds

if TYPE_CHECKING:
    from akool_faceswap._media.kinds import Kind

_FRAMES: Final = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""JPEG's markers of a frame; the three left out carry tables."""


def dimensions(kind: Kind, data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels; None if the header does not say."""
    try:
        if kind == kinds.PNG:
            return _pair(struct.unpack_from(">II", data, 16))
        if kind == kinds.BMP:
            width, height = struct.unpack_from("<ii", data, 18)
            return width, abs(height)
        if kind == kinds.WEBP:
            return _webp(data)
        if kind == kinds.JPEG:
            return _jpeg(data)
    except (struct.error, IndexError):
        pass
    return None


def _pair(numbers: tuple[int, ...]) -> tuple[int, int]:
    return numbers[0], numbers[1]


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while data[at] == 0xFF:  # noqa: PLR2004 - begins every marker
        marker = data[at + 1]
        if marker == 0xFF:  # noqa: PLR2004 - fill
            at += 1
        elif marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        else:
            at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    form = data[12:16]
    if form == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if form == b"VP8L":
        bits = int(struct.unpack_from("<I", data, 21)[0])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    return None
