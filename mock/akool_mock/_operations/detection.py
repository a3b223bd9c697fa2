"""Face detection: faces made up from the address, the same ones every time.

No picture is fetched or looked at. Shapes and errors are those of the two detection pages: the new
service answers real HTTP 400 and 500, the old one HTTP 200 with an `error_code`.
"""

from __future__ import annotations

import random
import re
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from akool_mock._media.names import file_name, picture_size
from akool_mock._operations.call import ErrorAnswer
from akool_mock._world.accounts import BAD_PARAMETER

if TYPE_CHECKING:
    from akool_mock._operations.call import Call
    from akool_mock._world.accounts import Refusal
    from akool_mock._world.settings import Settings
    from akool_mock._world.world import World


_VIDEO = frozenset({"mp4", "mov", "avi", "webm", "gif"})
_FRAME_STEP = 5
_FRAMES_PER_SECOND = 25
_DEFAULT_FRAMES = 5
_BASE64 = re.compile(r"(?:data:[\w/.+-]+;base64,)?[A-Za-z0-9+/\s]+={0,2}\s*")

Box = tuple[int, int, int, int]
Points = list[list[int]]


def _wrong(status: int, message: str) -> ErrorAnswer:
    return ErrorAnswer(status, {"error_code": 1, "error_msg": message, "faces_obj": {}})


class Face(NamedTuple):
    """A face: box and six points (eyes, nose, middle of the mouth, corners of the mouth)."""

    box: Box
    points: Points


def faces_in(name: str, count: int, size: tuple[int, int]) -> list[Face]:
    """`count` faces that do not overlap, largest first; the same for the same name."""
    rng = random.Random(zlib.crc32(name.encode("utf-8", "replace")))  # noqa: S311 - repeatable on purpose
    columns = max(1, round(count**0.5 + 0.49))
    rows = -(-count // columns) if count else 1
    cell_w, cell_h = size[0] // columns, size[1] // rows
    found = []
    for index in range(count):
        height = max(1, int(min(cell_h, cell_w * 1.3) * rng.uniform(0.45, 0.85)))
        width = max(1, int(height / 1.3))
        left = (index % columns) * cell_w + rng.randint(0, max(0, cell_w - width))
        top = (index // columns) * cell_h + rng.randint(0, max(0, cell_h - height))
        found.append(Face((left, top, width, height), _points((left, top, width, height))))
    return sorted(found, key=lambda face: -face.box[2] * face.box[3])


def _points(box: Box) -> Points:
    left, top, width, height = box
    places = ((30, 38), (70, 39), (50, 62), (50, 80), (34, 79), (66, 79))
    return [[left + width * x // 100, top + height * y // 100] for x, y in places]


def _text(points: Points) -> str:
    return ":".join(f"{x},{y}" for x, y in points[:4])


def _crop(box: Box, size: tuple[int, int]) -> Box:
    # The published samples' crops are the region grown by a third of its size on each side, cut at
    # the edges.
    left, top, width, height = box
    x, y = max(0, left - width // 3), max(0, top - height // 3)
    return x, y, min(size[0], left + width * 4 // 3) - x, min(size[1], top + height * 4 // 3) - y


def _found(world: World, call: Call, name: str) -> tuple[list[Face], tuple[int, int]]:
    directives, settings = call.directives, world.settings
    stem = file_name(name)[0] if name.startswith("http") else ""
    size = picture_size(stem, directives.size, settings.image_size)
    count = directives.faces if directives.faces >= 0 else settings.faces
    faces = faces_in(name, count, size)
    return (faces[:1] if call.body.get("single_face") else faces), size


def detect_faces(world: World, call: Call) -> dict[str, Any]:
    """POST detect_faces: returns frames by index; one for a picture, several for a video."""
    url, img = call.body.get("url"), call.body.get("img")
    if not url and not img:
        raise _wrong(400, "Either 'url' or 'img' parameter must be provided")
    if url:
        if not url.lower().startswith(("http://", "https://")):
            raise _wrong(400, "Invalid URL format")
    elif not _BASE64.fullmatch(img):
        raise _wrong(500, "Failed to process media")
    name = url or img
    video = bool(url) and file_name(url)[1] in _VIDEO
    count = call.body.get("num_frames", _DEFAULT_FRAMES) if video else 1
    frames = {}
    for number in range(count):
        faces, size = _found(world, call, name)
        if faces:
            index = number * _FRAME_STEP
            when = round(index / _FRAMES_PER_SECOND, 3) if video else None
            frames[str(index)] = _frame(world.base(call.base), call, faces, size, when)
    return {"error_code": 0, "error_msg": "SUCCESS", "faces_obj": frames}


def _frame(
    base: str, call: Call, faces: list[Face], size: tuple[int, int], when: float | None
) -> dict[str, Any]:
    frame: dict[str, Any] = {
        "landmarks": [face.points for face in faces],
        "landmarks_str": [_text(face.points) for face in faces],
        "region": [list(face.box) for face in faces],
        "removed": [],
        "frame_time": when,
        "face_urls": None,
        "crop_region": None,
        "crop_landmarks": None,
    }
    if call.body.get("return_face_url"):
        crops = [_crop(face.box, size) for face in faces]
        frame["crop_region"] = [list(crop) for crop in crops]
        frame["crop_landmarks"] = [
            _text([[x - crop[0], y - crop[1]] for x, y in face.points])
            for face, crop in zip(faces, crops, strict=True)
        ]
        # The size is in the name: the picture is drawn from it when somebody asks.
        frame["face_urls"] = [
            f"{base}/face_detect_{number}_{crop[2]}x{crop[3]}.jpg"
            for number, crop in enumerate(crops)
        ]
    return frame


def detect_faces_legacy(world: World, call: Call) -> dict[str, Any]:
    """POST /detect: returns six points: the fourth a corner of the mouth, the last two zero."""
    name = call.body.get("image_url") or call.body.get("img")
    answer: dict[str, Any] = {"landmarks": [], "landmarks_str": [], "region": [], "seconds": 0.0}
    seed = zlib.crc32(str(name).encode("utf-8", "replace"))
    answer["trx_id"] = str(UUID(int=random.Random(seed).getrandbits(128), version=4))  # noqa: S311 - repeatable
    if not name:
        return {"error_code": 1, "error_msg": "image_url or img must be given", **answer}
    for face in _found(world, call, name)[0]:
        points = [*face.points[:3], face.points[4], [0, 0], [0, 0]]
        answer["landmarks"].append(points)
        answer["landmarks_str"].append(_text(points))
        answer["region"].append(list(face.box))
    if not answer["region"]:
        return {"error_code": 1, "error_msg": "no face detected", **answer}
    if world.settings.single_face_text and call.body.get("single_face"):
        answer["landmarks_str"] = answer["landmarks_str"][0]
    return {"error_code": 0, "error_msg": "SUCCESS", **answer}


def tolerant_legacy(settings: Settings, body: Any) -> Any:  # noqa: ANN401 - JSON
    """A body of /detect without `single_face`, as working clients send it: all faces."""
    if settings.single_face_optional and isinstance(body, dict) and "single_face" not in body:
        return {**body, "single_face": False}
    return body


def refused(refusal: Refusal) -> tuple[dict[str, Any], int]:
    """A refusal of detect_faces, with its HTTP status (0: as for any business error)."""
    if refusal.code == BAD_PARAMETER:
        return {"error_code": 1, "error_msg": refusal.message, "faces_obj": {}}, 400
    return {"error_code": refusal.code, "error_msg": refusal.message, "faces_obj": {}}, 0


def refused_legacy(refusal: Refusal) -> tuple[dict[str, Any], int]:
    """A refusal of /detect."""
    return {"error_code": refusal.code, "error_msg": refusal.message}, 0
