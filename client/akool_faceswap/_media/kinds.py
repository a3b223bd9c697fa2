"""What kind of picture or video some bytes begin. Pure.

Names and content types lie; the first bytes of a file seldom do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HEAD_BYTES = 32
"""Bytes needed to recognise any kind."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A format of pictures or videos."""

    name: str
    media_type: str

    @property
    def is_image(self) -> bool:
        """Whether it is a picture, not a video."""
        return self.media_type.startswith("image/")


JPEG = Kind("JPEG", "image/jpeg")
PNG = Kind("PNG", "image/png")
GIF = Kind("GIF", "image/gif")
BMP = Kind("BMP", "image/bmp")
TIFF = Kind("TIFF", "image/tiff")
JXL = Kind("JPEG XL", "image/jxl")
WEBP = Kind("WebP", "image/webp")
AVIF = Kind("AVIF", "image/avif")
HEIC = Kind("HEIC", "image/heic")
MP4 = Kind("MP4", "video/mp4")
MOV = Kind("MOV", "video/quicktime")
AVI = Kind("AVI", "video/x-msvideo")
WEBM = Kind("WebM", "video/webm")
MPEG = Kind("MPEG", "video/mpeg")
FLV = Kind("FLV", "video/x-flv")
ASF = Kind("ASF", "video/x-ms-asf")

_BEGINNINGS: Final = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"\xff\x0a", JXL),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", JXL),
    (b"\x1aE\xdf\xa3", WEBM),
    (b"\x00\x00\x01\xba", MPEG),
    (b"\x00\x00\x01\xb3", MPEG),
    (b"FLV\x01", FLV),
    (b"0&\xb2u\x8ef\xcf\x11", ASF),
)
_RIFF: Final = {b"WEBP": WEBP, b"AVI ": AVI}
_BRANDS: Final = {
    b"avif": AVIF,
    b"avis": AVIF,
    b"heic": HEIC,
    b"heix": HEIC,
    b"mif1": HEIC,
    b"msf1": HEIC,
    b"qt  ": MOV,
}
_PRINTABLE: Final = {*range(32, 127), *b"\r\n\t"}
_FIRST_BOXES: Final = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
"""How QuickTime files begin that are older than `ftyp`."""


def recognise(head: bytes) -> Kind | None:
    """The kind of a file that begins so; None if it is neither picture nor video.

    Args:
        head: Its first `HEAD_BYTES`, or all of it.
    """
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], MP4)
    if head[4:8] in _FIRST_BOXES:
        return MOV
    # Two letters alone could be the beginning of any text: the reserved fields are zero.
    return BMP if head[:2] == b"BM" and head[6:10] == bytes(4) else None


def is_text(head: bytes) -> bool:
    """Whether a file that begins so is text for people or programs: a page, an error in JSON."""
    shown = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return shown[:1] in {b"", b"<", b"{", b"["} or all(byte in _PRINTABLE for byte in head)
