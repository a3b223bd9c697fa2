"""What face detection found, the same whichever of the two endpoints answered. Pure.

Docs: https://docs.akool.com/ai-tools-suite/face-detection/detect-faces
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from akool_faceswap._errors import InvalidRequestError
from akool_faceswap._models.faces import POINTS, Face

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from akool_faceswap._errors import RawAnswer


Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class DetectedFace:
    """One face in one frame."""

    frame: int
    """Index of the frame; 0 for a picture."""
    landmarks_str: str | None
    """`opts` for the original picture: `x,y` of eyes, nose and mouth, joined by colons."""
    region: Box | None = None
    """Where it is: x, y, width, height in pixels."""
    face_url: str | None = None
    """A crop of the face, when asked for; kept by the vendor for some days."""
    crop_landmarks: str | None = None
    """`opts` for the crop."""
    crop_region: Box | None = None
    """Where the crop was cut: x, y, width, height in pixels."""
    media_url: str | None = None
    """The picture that was searched, when it was given as a URL."""

    def as_face(self) -> Face:
        """This face as source or target of a swap: in the original picture, with its landmarks.

        Raises:
            InvalidRequestError: The picture was not given as a URL, or has no landmarks.
        """
        if self.media_url is None:
            raise InvalidRequestError("A face can be swapped only from a picture given as a URL")
        if self.landmarks_str is None:
            raise InvalidRequestError(
                "The detection returned no landmarks for this face; detect the picture again"
            )
        return Face(self.media_url, self.landmarks_str)

    def as_crop(self) -> Face:
        """This face as source or target of a swap: its crop, with the crop's landmarks.

        Raises:
            InvalidRequestError: Detection was not asked for crops, or brought none.
        """
        if self.face_url is None:
            raise InvalidRequestError(
                "This face has no crop; ask for crops with crops=True (`return_face_url`)"
            )
        return Face(self.face_url, self.crop_landmarks)

    @property
    def bbox(self) -> Box | None:
        """Corners x1, y1, x2, y2 of the crop (or the region), as Face Swap Plus takes them."""
        box = self.crop_region or self.region
        return None if box is None else (box[0], box[1], box[0] + box[2], box[1] + box[3])


@dataclass(frozen=True, slots=True)
class Detection:
    """All faces that were found."""

    faces: tuple[DetectedFace, ...]
    """In the order of the answer, frame by frame."""
    raw: RawAnswer = field(repr=False)

    def of(self, media_url: str) -> Detection:
        """The same faces, in the picture at this URL instead of the one that was searched."""
        return replace(self, faces=tuple(replace(f, media_url=media_url) for f in self.faces))

    def in_frame(self, frame: int) -> tuple[DetectedFace, ...]:
        """The faces of one frame."""
        return tuple(face for face in self.faces if face.frame == frame)


def read_detection(value: Mapping[str, Any], raw: RawAnswer, url: str | None) -> Detection:
    """The answer of `detectFaces`. Raises anything if it is not what the contract says."""
    found: list[DetectedFace] = []
    for position, (key, frame) in enumerate(value["faces_obj"].items()):
        index = int(key) if key.isascii() and key.isdecimal() else position
        found.extend(_faces_of(index, frame, url))
    return Detection(tuple(sorted(found, key=lambda face: face.frame)), raw)


def read_legacy_detection(value: Mapping[str, Any], raw: RawAnswer, url: str | None) -> Detection:
    """The answer of `detectFacesLegacy`: one frame, whose texts may come without their list."""
    return Detection(tuple(_faces_of(0, value, url)), raw)


def _faces_of(index: int, frame: Mapping[str, Any], url: str | None) -> list[DetectedFace]:
    points = _column(frame, "landmarks")
    texts = _column(frame, "landmarks_str")
    regions, crops = _column(frame, "region"), _column(frame, "crop_region")
    urls, crop_texts = _column(frame, "face_urls"), _column(frame, "crop_landmarks")
    count = max(len(points), len(texts), len(regions))
    return [
        DetectedFace(
            frame=index,
            landmarks_str=_text(texts, i) or _joined(points, i),
            region=_box(regions, i),
            face_url=_text(urls, i),
            crop_landmarks=_text(crop_texts, i),
            crop_region=_box(crops, i),
            media_url=url,
        )
        for i in range(count)
    ]


def _column(frame: Mapping[str, Any], name: str) -> Sequence[Any]:
    """One entry per face. With `single_face` the legacy endpoint sends the bare entry."""
    column = frame.get(name)
    if isinstance(column, str):
        return [column]
    return column if isinstance(column, list) else []


def _text(column: Sequence[Any], i: int) -> str | None:
    entry = column[i] if i < len(column) else None
    return entry if isinstance(entry, str) and entry else None


def _box(column: Sequence[Any], i: int) -> Box | None:
    numbers = _numbers(column[i]) if i < len(column) else None
    if numbers is None or len(numbers) != len("xywh"):
        return None
    x, y, width, height = numbers
    return x, y, width, height


def _joined(points: Sequence[Any], i: int) -> str | None:
    """Landmarks as text from the points themselves, where the answer has no text."""
    entry = points[i] if i < len(points) else None
    pairs = [_numbers(point) for point in entry[:POINTS]] if isinstance(entry, list) else []
    texts = [f"{pair[0]:g},{pair[1]:g}" for pair in pairs if pair is not None and len(pair) > 1]
    return ":".join(texts) if len(texts) == POINTS else None


def _numbers(entry: object) -> list[float] | None:
    if not isinstance(entry, list) or not all(type(n) in (int, float) for n in entry):
        return None
    return [float(number) for number in entry]
