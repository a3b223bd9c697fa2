"""Draws result files: pictures in the target's type and size, videos as MP4.

The target's bytes are never fetched: an address in a request is not permission to call it. So the
picture is a drawing of its own, and its size comes from the address' name or from a setting.
"""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from akool_mock._world.jobs import Media


_FORMATS = {"png": "PNG", "webp": "WEBP", "bmp": "BMP", "gif": "GIF"}
_LINE_SPACING = 1.4


def render(media: Media, extension: str, lines: tuple[str, ...]) -> bytes:
    """The bytes of a result file; an unknown picture extension gives a JPEG."""
    if media.is_video:
        from akool_mock._media import mp4  # noqa: PLC0415 - only videos need it

        return mp4.encode(draw(media.width, media.height, lines), media.seconds)
    out = io.BytesIO()
    image = draw(media.width, media.height, lines)
    image.save(out, format=_FORMATS.get(extension, "JPEG"))
    return out.getvalue()


def draw(width: int, height: int, lines: tuple[str, ...]) -> Image.Image:
    """A picture that says what it is; its colour comes from the text."""
    shade = zlib.crc32("".join(lines).encode())
    tint = (40 + shade % 80, 40 + shade // 80 % 80, 60 + shade // 6400 % 100)
    image = Image.new("RGB", (width, height), tint)
    pen = ImageDraw.Draw(image)
    step = max(8, min(width, height) // 8)
    for x in range(-height, width, step):
        pen.line(
            (x, height, x + height, 0), fill=tuple(part + 14 for part in tint), width=step // 3
        )
    size = max(6.0, min(width / 22, height / (len(lines) * 2.2)))
    font = ImageFont.load_default(size)
    pen.rectangle((0, 0, width - 1, height - 1), outline="white", width=max(1, step // 8))
    top = (height - len(lines) * size * _LINE_SPACING) / 2
    for number, line in enumerate(lines):
        place = (width / 2, top + (number + 0.5) * size * _LINE_SPACING)
        pen.text(place, line, fill="white", font=font, anchor="mm")
    return image
