"""Both face detections of the reference server: invented, but stable, faces for any picture."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from akool_contract_proof.reference.variant import Variant


class DetectionError(Exception):
    """The error of a failed search: its text, and whether it is the caller's fault."""

    def __init__(self, text: str, *, callers_fault: bool = True) -> None:
        super().__init__(text)
        self.callers_fault = callers_fault


def _faces(seed: str, *, single: bool) -> list[list[list[int]]]:
    digest = hashlib.sha256(seed.encode()).digest()
    count = 1 if single else 1 + digest[0] % 3
    faces = []
    for index in range(count):
        x, y = 40 + digest[index + 1] % 50 + 200 * index, 60 + digest[index + 4] % 50
        left, right = [x, y], [x + 60, y]
        faces.append(
            [left, right, [x + 30, y + 30], [x + 30, y + 60], [x, y + 58], [x + 60, y + 58]]
        )
    return faces


def _text(points: list[list[int]], count: int) -> str:
    return ":".join(f"{x},{y}" for x, y in points[:count])


def _region(points: list[list[int]]) -> list[int]:
    return [points[0][0] - 20, points[0][1] - 30, 100, 120]


def _picture(body: dict[str, Any], url_key: str) -> str:
    url, img = body.get(url_key), body.get("img")
    for name, value in ((url_key, url), ("img", img)):
        if value is not None and not isinstance(value, str):
            raise DetectionError(f"'{name}' must be a string")
    if not url and not img:
        raise DetectionError(f"Either '{url_key}' or 'img' parameter must be provided")
    if url and not url.startswith(("http://", "https://")):
        raise DetectionError("Invalid URL format")
    if not url and not re.fullmatch(r"(data:[^,]*,)?[\w+/=\s-]+", str(img)):
        raise DetectionError("Failed to process media", callers_fault=False)
    return str(url or img)


def _flag(body: dict[str, Any], name: str, *, default: bool = False) -> bool:
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise DetectionError(f"'{name}' must be a boolean")
    return value


def detect_faces(body: dict[str, Any], variant: Variant, base: str) -> dict[str, Any]:
    """The answer of detectFaces; raises DetectionError."""
    picture = _picture(body, "url")
    frames = body.get("num_frames", 5)
    if isinstance(frames, bool) or not isinstance(frames, int) or not 1 <= frames <= 100:  # noqa: PLR2004 - documented limits
        raise DetectionError("'num_frames' must be between 1 and 100")
    with_urls, single = _flag(body, "return_face_url"), _flag(body, "single_face")
    faces = _faces(picture, single=single)
    if "noface" in picture:
        if variant.detect_no_faces == "error":
            raise DetectionError("No faces detected")
        faces = []
    regions = [_region(face) for face in faces]
    crops = [[r[0] - 15, r[1] - 25, r[2] + 30, r[3] + 50] for r in regions]
    frame: dict[str, Any] = {
        "landmarks": faces,
        "landmarks_str": [_text(face, 4) for face in faces],
        "region": regions,
        "removed": [],
        "frame_time": None,
        "face_urls": None,
        "crop_region": None,
        "crop_landmarks": None,
    }
    if with_urls:
        frame["face_urls"] = [f"{base}/faces/{i}.jpg" for i in range(len(faces))]
        frame["crop_region"] = crops
        frame["crop_landmarks"] = [
            _text([[x - crop[0], y - crop[1]] for x, y in face], 4)
            for face, crop in zip(faces, crops, strict=True)
        ]
    keys = ["0"] if not picture.endswith(".mp4") else [str(i * 5) for i in range(frames)]
    objects = {
        key: dict(frame, frame_time=None if len(keys) == 1 else int(key) / 25) for key in keys
    }
    return {"error_code": 0, "error_msg": variant.detect_ok_msg, "faces_obj": objects}


def detect_legacy(body: dict[str, Any], variant: Variant) -> dict[str, Any]:
    """The answer of the legacy detection; raises DetectionError."""
    picture = _picture(body, "image_url")
    single = _flag(body, "single_face")
    faces = _faces(picture, single=single)
    texts: list[str] | str = [_text(face, 4) for face in faces]
    if single and variant.legacy_string:
        texts = texts[0]
    return {
        "error_code": 0,
        "error_msg": variant.detect_ok_msg,
        "landmarks": [[*face[:3], face[4], [0, 0], [0, 0]] for face in faces],
        "landmarks_str": texts,
        "region": [_region(face) for face in faces],
        "seconds": 0.044,
        "trx_id": str(UUID(bytes=hashlib.md5(picture.encode(), usedforsecurity=False).digest())),
    }
