"""Whether bytes are whole: compressed data, pictures and videos, decoded to the end."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from akool_faceswap._media.ends import Ends
from akool_faceswap._media.kinds import HEAD_BYTES, recognise

if TYPE_CHECKING:
    from akool_contract._wire.http import Response

GZIP = ("gzip", "x-gzip")
MAX_UNPACKED = 64 * 1024 * 1024
"""No real answer is larger: decompression ends there."""
ALWAYS_READ = ("JPEG", "PNG", "GIF", "BMP")
"""What every build of Pillow can read."""
MAX_PIXELS = 50_000_000
"""A larger picture is not decoded: that would take more memory than it is worth."""


def coding_of(response: Response) -> str:
    """Its Content-Encoding; empty for none."""
    value = (response.header("content-encoding") or "").strip().lower()
    return "" if value == "identity" else value


def unpacked(response: Response) -> tuple[bytes, str]:
    """The body without its gzip, and what is wrong with that; empty for nothing."""
    if response.flaw is not None:
        return response.body, response.flaw
    if coding_of(response) not in GZIP or not response.body:
        return response.body, ""
    rest, parts, left = response.body, list[bytes](), MAX_UNPACKED
    while rest:  # any number of members may follow each other
        member = zlib.decompressobj(wbits=31)
        try:
            parts.append(member.decompress(rest, left))
        except zlib.error as error:
            return b"".join(parts), f"no gzip data: {error}"
        left -= len(parts[-1])
        if left <= 0:
            return b"".join(parts), f"gzip data of more than {MAX_UNPACKED} bytes"
        if not member.eof:
            return b"".join(parts), "broken gzip data: it ends too early"
        rest = member.unused_data
    return b"".join(parts), ""


def missing_of(file: bytes) -> str:
    """What is wrong with a picture or a video; empty if it is whole or of an unknown kind."""
    kind = recognise(file[:HEAD_BYTES])
    if kind is None:
        return f"{len(file)} bytes, too few for any file" if len(file) < HEAD_BYTES else ""
    ends = Ends(kind)
    ends.add(file)
    if ends.whole() is False:
        return f"a {kind.name} that is cut short, {len(file)} bytes long"
    return _undecodable(file, kind.name) if kind.is_image else ""


def _undecodable(file: bytes, name: str) -> str:
    try:
        with Image.open(io.BytesIO(file)) as picture:
            if picture.width * picture.height <= MAX_PIXELS:
                picture.load()
    except Image.DecompressionBombError:
        return ""
    except UnidentifiedImageError:
        return f"a {name} that cannot be read" if name in ALWAYS_READ else ""
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        return f"a {name} that cannot be decoded: {error}"
    return ""


def flaw_of(response: Response, *, is_file: bool) -> tuple[bytes, str]:
    """The body without its gzip, and what is wrong with that or with the file in it."""
    content, flaw = unpacked(response)
    if response.flaw is None and not flaw and is_file:
        flaw = missing_of(content)
    return content, flaw
