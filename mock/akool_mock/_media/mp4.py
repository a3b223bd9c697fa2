"""A picture as a playable MP4 of any length: H.264 without an encoder.

Every macroblock is I_PCM (ITU-T H.264 7.3.5, mb_type 25): the samples as they are. Two such
frames, one of them with a mark in the corner, take turns once a second; the file holds each of
them once, because the sample table (ISO/IEC 14496-12, 8.7) may point to the same bytes again and
again. Browsers, FFmpeg and players show it like any other film.
"""

from __future__ import annotations

import math
import re
import struct
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Iterable


_TIMESCALE = 1000
_MAX_PIXELS = 1280 * 720
_BLOCK = 16
_LEVEL = 40
_EMULATION = re.compile(rb"\x00\x00(?=[\x00-\x03])")
# Studio range (BT.601): sample values never reach 0, which I_PCM forbids.
_LUMA = [16 + round(value * 219 / 255) for value in range(256)]
_CHROMA = [128 + round((value - 128) * 224 / 255) for value in range(256)]
_MATRIX = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


class _Bits:
    """Writes the bit strings of H.264's headers (7.2, 9.1)."""

    def __init__(self) -> None:
        self._text = ""

    def fixed(self, value: int, width: int) -> _Bits:
        self._text += f"{value:0{width}b}"
        return self

    def golomb(self, *values: int) -> _Bits:
        for value in values:
            code = f"{value + 1:b}"
            self._text += "0" * (len(code) - 1) + code
        return self

    def aligned(self) -> bytes:
        """The bits, filled up to a byte with zeros."""
        text = self._text + "0" * (-len(self._text) % 8)
        return int(text, 2).to_bytes(len(text) // 8, "big")

    def closed(self) -> bytes:
        """The bits with the stop bit that ends a payload."""
        self._text += "1"
        return self.aligned()


def encode(picture: Image.Image, seconds: float) -> bytes:
    """An MP4 that shows the picture so long; beyond 1280 x 720 it is scaled down."""
    width, height = _fitted(*picture.size)
    first = picture.resize((width, height)) if (width, height) != picture.size else picture
    second = first.copy()
    mark = max(2, min(width, height) // 12)
    ImageDraw.Draw(second).ellipse((mark, mark, 2 * mark, 2 * mark), fill="red")
    frames = [_frame(image, number) for number, image in enumerate((first, second))]
    head = _box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2avc1mp41")
    start = len(head) + 8
    movie = _movie(width, height, max(1, round(seconds * _TIMESCALE)), frames, start)
    return b"".join((head, _box(b"mdat", *frames), movie))


def _fitted(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, math.sqrt(_MAX_PIXELS / (width * height)))
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)


def _unit(kind: int, payload: bytes) -> bytes:
    return bytes([kind]) + _EMULATION.sub(b"\x00\x00\x03", payload)


def _parameters(width: int, height: int) -> tuple[bytes, bytes]:
    columns, rows = -(-width // _BLOCK), -(-height // _BLOCK)
    sequence = _Bits().fixed(66, 8).fixed(0b11000000, 8).fixed(_LEVEL, 8)
    sequence.golomb(0, 0, 2, 1).fixed(0, 1).golomb(columns - 1, rows - 1).fixed(0b11, 2)
    right, bottom = (columns * _BLOCK - width) // 2, (rows * _BLOCK - height) // 2
    sequence.fixed(1, 1).golomb(0, right, 0, bottom).fixed(0, 1)
    picture = (
        _Bits().golomb(0, 0).fixed(0, 2).golomb(0, 0, 0).fixed(0, 3).golomb(0, 0, 0).fixed(0b100, 3)
    )
    return _unit(0x67, sequence.closed()), _unit(0x68, picture.closed())


def _frame(image: Image.Image, number: int) -> bytes:
    """One IDR picture, length-prefixed; neighbours must differ in `idr_pic_id`."""
    header = _Bits().golomb(0, 7, 0).fixed(0, 4).golomb(number % 2).fixed(0, 2).golomb(0, 1)
    header.golomb(25)
    blocks = _macroblocks(image)
    opening = _Bits().golomb(25).aligned()
    data = bytearray(header.aligned())
    data += opening.join(blocks)
    unit = _unit(0x65, bytes(data) + b"\x80")
    return struct.pack(">I", len(unit)) + unit


def _macroblocks(image: Image.Image) -> Iterable[bytes]:
    width = -(-image.width // _BLOCK) * _BLOCK
    height = -(-image.height // _BLOCK) * _BLOCK
    padded = Image.new("RGB", (width, height))
    padded.paste(image)
    luma, blue, red = padded.convert("YCbCr").split()
    half = (width // 2, height // 2)
    planes = (
        (luma.point(_LUMA).tobytes(), width, _BLOCK),
        (blue.resize(half).point(_CHROMA).tobytes(), half[0], _BLOCK // 2),
        (red.resize(half).point(_CHROMA).tobytes(), half[0], _BLOCK // 2),
    )
    for row in range(height // _BLOCK):
        for column in range(width // _BLOCK):
            yield b"".join(
                plane[start : start + size]
                for plane, stride, size in planes
                for start in range(
                    row * size * stride + column * size, (row + 1) * size * stride, stride
                )
            )


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _full(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *parts)


def _movie(width: int, height: int, duration: int, frames: list[bytes], start: int) -> bytes:
    count = max(1, -(-duration // _TIMESCALE))
    media = _box(
        b"mdia",
        _full(b"mdhd", struct.pack(">4I2H", 0, 0, _TIMESCALE, duration, 0x55C4, 0)),
        _full(b"hdlr", struct.pack(">I4s12x", 0, b"vide"), b"mock result\x00"),
        _box(
            b"minf",
            _full(b"vmhd", bytes(8), flags=1),
            _box(b"dinf", _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1))),
            _samples(width, height, duration, count, frames, start),
        ),
    )
    track = struct.pack(">5I8x4H", 0, 0, 1, 0, duration, 0, 0, 0, 0) + _MATRIX
    track += struct.pack(">2I", width << 16, height << 16)
    whole = struct.pack(">4IIH10x", 0, 0, _TIMESCALE, duration, 0x10000, 0x100) + _MATRIX
    return _box(
        b"moov",
        _full(b"mvhd", whole + bytes(24) + struct.pack(">I", 2)),
        _box(b"trak", _full(b"tkhd", track, flags=3), media),
    )


def _samples(  # noqa: PLR0913, PLR0917 - a sample table says all of this
    width: int, height: int, duration: int, count: int, frames: list[bytes], start: int
) -> bytes:
    sequence, picture = _parameters(width, height)
    setup = _box(
        b"avcC",
        bytes([1, 66, 0b11000000, _LEVEL, 0xFF, 0xE1]),
        struct.pack(">H", len(sequence)) + sequence,
        b"\x01" + struct.pack(">H", len(picture)) + picture,
    )
    entry = _box(
        b"avc1",
        struct.pack(">6xH16x2H2II H32x2H", 1, width, height, 0x480000, 0x480000, 0, 1, 24, 0xFFFF),
        setup,
    )
    last = duration - (count - 1) * _TIMESCALE
    times = [(count - 1, _TIMESCALE), (1, last)] if count > 1 else [(1, last)]
    turns = [number % 2 for number in range(count)]
    places = (start, start + len(frames[0]))
    return _box(
        b"stbl",
        _full(b"stsd", struct.pack(">I", 1), entry),
        _full(
            b"stts", struct.pack(">I", len(times)), *(struct.pack(">2I", *pair) for pair in times)
        ),
        _full(b"stsc", struct.pack(">4I", 1, 1, 1, 1)),
        _full(
            b"stsz", struct.pack(f">2I{count}I", 0, count, *(len(frames[turn]) for turn in turns))
        ),
        _full(b"stco", struct.pack(f">I{count}I", count, *(places[turn] for turn in turns))),
    )
