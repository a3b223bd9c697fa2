"""What both clients do to arguments and answers around a call. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from akool_faceswap._errors import DetectionError, InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from akool_faceswap._models.detection import Detection
    from akool_faceswap._models.faces import Face


def one_or_more(urls: str | Sequence[str]) -> list[str]:
    """One URL or several, as a list.

    Raises:
        InvalidRequestError: It is neither.
    """
    if isinstance(urls, str):
        return [urls]
    if not isinstance(urls, Iterable) or isinstance(urls, bytes):
        raise InvalidRequestError("source must be a URL or a list of URLs")
    return list(urls)


def one_medium(image: str | None, video: str | None) -> str:
    """The URL of the picture or the video, whichever is given.

    Raises:
        InvalidRequestError: None is, or both are.
    """
    given = [url for url in (image, video) if url is not None]
    if len(given) != 1:
        raise InvalidRequestError("Give an image or a video, one of them")
    return given[0]


def choose(
    found: Detection, positions: Sequence[int] | None, wanted: int, *, video: bool
) -> list[Face]:
    """The faces that shall be replaced: where they are in a picture, their crops from a video.

    Raises:
        InvalidRequestError: There are not as many as new faces, or no such ones.
    """
    count = len(found.faces)
    if positions is None:
        positions = _of_one_frame(found, wanted) if video else range(count)
    if len(positions) != wanted:
        medium = "video" if video else "image"
        raise InvalidRequestError(
            f"{wanted} new faces for {len(positions)} of the {count} faces found in the {medium}; "
            "say with `faces` which, by their positions"
        )
    if not all(isinstance(i, int) and 0 <= i < count for i in positions):
        raise InvalidRequestError(f"`faces` counts from 0 to {count - 1} here")
    chosen = [found.faces[i] for i in positions]
    # A video is no picture, so its address cannot be that of a face in it.
    return [face.as_crop() if video else face.as_face() for face in chosen]


def _of_one_frame(found: Detection, wanted: int) -> Sequence[int]:
    """Positions of the faces of the first frame that shows so many; else of none."""
    frames = dict.fromkeys(face.frame for face in found.faces)
    for frame in frames:
        shown = [i for i, face in enumerate(found.faces) if face.frame == frame]
        if len(shown) == wanted:
            return shown
    return ()


def only(found: Detection) -> Face:
    """The face of a picture that shows one.

    Raises:
        DetectionError: It shows none.
    """
    if not found.faces:
        raise DetectionError(
            "No face was found in a source picture",
            operation="detectFaces",
            http_status=found.raw.status,
            raw=found.raw,
        )
    return found.faces[0].as_face()


def in_chunks(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The ids in pieces of at most that size."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
