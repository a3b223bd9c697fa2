"""What the name of a file says: its stem and type, and the size of the picture."""

from __future__ import annotations

import io
import re

_EXTENSION = re.compile(r"[A-Za-z0-9]{1,5}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_STEM_CHARS = 100
_SIZE = re.compile(r"(?<!\d)(\d{2,4})x(\d{2,4})(?!\d)")
_LARGEST = 4096


def file_name(url: str) -> tuple[str, str]:
    """Stem and extension of an address' file name, made safe for a result's name."""
    name = url.partition("?")[0].partition("#")[0].rpartition("/")[2]
    stem, _, extension = name.rpartition(".")
    if not _EXTENSION.fullmatch(extension):
        stem, extension = name, ""
    return _UNSAFE.sub("_", stem)[:_STEM_CHARS] or "material", extension.lower()


def picture_size(stem: str, asked: tuple[int, int], usual: tuple[int, int]) -> tuple[int, int]:
    """Pixels: as a fault asks, else as the file name says, else as usual."""
    if any(asked):
        return asked
    said = _SIZE.search(stem)
    return (min(int(said[1]), _LARGEST), min(int(said[2]), _LARGEST)) if said else usual


def sized(name: str, content: bytes) -> str:
    """The name with the picture's size in it, so that a result has the size of what was swapped."""
    from PIL import Image  # noqa: PLC0415 - not needed to start

    if _SIZE.search(name):
        return name
    try:
        with Image.open(io.BytesIO(content)) as picture:
            width, height = picture.size
    except (OSError, ValueError, Image.DecompressionBombError):
        return name
    stem, dot, extension = name.rpartition(".")
    return f"{stem}-{width}x{height}.{extension}" if dot else f"{name}-{width}x{height}"
