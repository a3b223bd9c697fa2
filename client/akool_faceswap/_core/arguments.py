"""What both clients do to arguments and answers around a call. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from akool_faceswap._errors import DetectionError, InvalidRequestError
from akool_faceswap._models.given import LocalFile, is_local, medium

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from akool_faceswap._models.detection import Detection
    from akool_faceswap._models.faces import Face
    from akool_faceswap._models.given import Medium


def one_or_more(urls: Medium | Sequence[Medium]) -> list[str]:
    """One picture or several, as a list.

    Raises:
        InvalidRequestError: It is neither.
    """
    if isinstance(urls, str) or is_local(urls):
        return [medium("source", urls, "image")]
    if not isinstance(urls, Iterable):
        raise InvalidRequestError("source must be a URL, a file, or a list of them")
    return [medium("source", url, "image") for url in urls]


def one_medium(image: Medium | None, video: Medium | None) -> str:
    """The picture or the video, whichever is given.

    Raises:
        InvalidRequestError: None is, or both are.
    """
    if (image is None) == (video is None):
        raise InvalidRequestError("Give either an image or a video")
    return medium("image", image, "image") if video is None else medium("video", video, "video")


def inline(url: Medium | None, image: Medium | None) -> tuple[str | None, str | None, str | None]:
    """What detection is given: address, base64, and the file that it is, if it is one.

    Raises:
        InvalidRequestError: A file cannot be searched for faces.
    """
    if (url is None) == (image is None) or isinstance(image, str):
        return medium("url", url), image, None  # type: ignore[return-value]  # refused later
    given = medium("url", url) if image is None else medium("image", image, "image")
    if not isinstance(given, LocalFile):
        return given, None, None
    from akool_faceswap._media.local import look  # noqa: PLC0415 - few programs pass files

    looked = look(given)
    # A video goes by its address alone.
    return (None, looked.as_base64(), given) if looked.kind.is_image else (given, None, given)


def choose(
    found: Detection, positions: Sequence[int] | None, wanted: int, *, video: bool
) -> list[Face]:
    """The faces to replace: as they appear in a picture, or their crops from a video.

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
