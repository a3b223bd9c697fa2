"""Result files of the reference server: the smallest real JPEG and the boxes of an MP4."""

from __future__ import annotations

import io
import struct

from PIL import Image

from akool_contract._wire.http import Response


def _jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "grey").save(buffer, "JPEG")
    return buffer.getvalue()


def _mp4() -> bytes:
    brand = b"isom" + struct.pack(">I", 512) + b"isomiso2mp41"
    movie = struct.pack(">I", 108) + b"mvhd" + b"\0" * 100
    boxes = ((b"ftyp", brand), (b"moov", movie), (b"mdat", b"\0" * 64))
    return b"".join(struct.pack(">I", len(data) + 8) + kind + data for kind, data in boxes)


JPEG, MP4 = _jpeg(), _mp4()


def result_file(name: str, content_type: str) -> Response:
    """The finished file of that name."""
    video = name.endswith(".mp4")
    kind = content_type or ("video/mp4" if video else "image/jpeg")
    return Response(200, (("Content-Type", kind),), MP4 if video else JPEG)
