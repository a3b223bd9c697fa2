"""Faces as a person gives them, made into what the contract wants. Pure.

Docs: https://docs.akool.com/ai-tools-suite/faceswap/image-faceswap
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from akool_faceswap._errors import InvalidRequestError
from akool_faceswap._models.given import LocalFile, Medium, is_local, medium

MAX_FACES = 8
"""Rule `at-most-eight-faces` of the contract."""
MAX_PRO_FACES = 50
"""`maxItems` of Face Swap Pro's arrays."""
POINTS = 4
"""Landmarks that the API wants: both eyes, nose, mouth. Detection may give two more, which are
cut.
"""
_POINT = r"-?\d{1,7}(?:\.\d{1,7})?,-?\d{1,7}(?:\.\d{1,7})?"
_LANDMARKS = re.compile(rf"{_POINT}(?::{_POINT}){{{POINTS - 1},}}", re.ASCII)

Landmarks: TypeAlias = str | Sequence[str]
"""One face's landmarks as detection writes them, `x,y:x,y:x,y:x,y`; also as a list with that one
text.
"""


@dataclass(frozen=True, slots=True)
class Face:
    """A face in a picture.

    Args:
        path: Public http(s) URL of the picture; or a file, which is uploaded: a path, the bytes, or
            a file open for reading bytes.
        opts: Where the face is: `landmarks_str` from a detection of this picture (or
            `crop_landmarks` with the URL of the crop). Every face needs it if a request has more
            than one.

    Raises:
        InvalidRequestError: The path is neither a URL nor a file, or the landmarks are not those of
            one face.
    """

    path: str
    opts: str | None = None

    def __init__(self, path: Medium, opts: Landmarks | None = None) -> None:
        object.__setattr__(self, "path", web_url("path", medium("path", path, "image")))
        object.__setattr__(self, "opts", None if opts is None else landmarks(opts))


Faces: TypeAlias = Medium | Face | Sequence[Medium | Face]
"""One face or several; what is no `Face` is the URL of a picture, or the picture itself."""


def faces(name: str, given: Faces) -> list[Face]:
    """The faces in an argument.

    Raises:
        InvalidRequestError: There are none, or one of them is not a face.
    """
    items: Any = [given] if isinstance(given, str | Face) or is_local(given) else given
    if not isinstance(items, Iterable) or isinstance(items, dict):
        raise InvalidRequestError(f"{name} must be a URL, a file, a Face, or a list of them")
    result = [item if isinstance(item, Face) else Face(item) for item in items]
    if not result:
        raise InvalidRequestError(f"{name} has no face")
    return result


def pair(
    source: Faces, target: Faces, *, aligned: bool, most: int
) -> tuple[list[Face], list[Face]]:
    """New faces and the faces they replace, checked by the rules that JSON Schema cannot express.

    The contract's `x-rules`: `opts-required-when-many`, `source-target-aligned`, and how many.

    Raises:
        InvalidRequestError: A rule is broken; the API would refuse, or swap the wrong faces.
    """
    new, old = faces("source", source), faces("target", target)
    if aligned and len(new) != len(old):
        raise InvalidRequestError(
            f"source has {len(new)} faces, target {len(old)}: they must match by position"
        )
    if max(len(new), len(old)) > most:
        raise InvalidRequestError(f"At most {most} faces can be swapped in one request")
    bare = [face.path for face in (*new, *old) if face.opts is None]
    if max(len(new), len(old)) > 1 and bare:
        raise InvalidRequestError(
            f"With more than one face every face needs its landmarks; {len(bare)} of "
            f"{len(new) + len(old)} have none. Use Face(path, opts=...) with `landmarks_str` of "
            "detect_faces(), or detect_and_swap()"
        )
    return new, old


def landmarks(given: Landmarks) -> str:
    """One face's landmarks as the API wants them.

    Raises:
        InvalidRequestError: Not four points, or more than one face.
    """
    texts = (
        [given] if isinstance(given, str) else list(given) if isinstance(given, Iterable) else []
    )
    if len(texts) > 1:
        raise InvalidRequestError(
            f"These are the landmarks of {len(texts)} faces; pass one of them, for example "
            "landmarks_str[0]"
        )
    text = texts[0] if texts else None
    if not isinstance(text, str) or not _LANDMARKS.fullmatch(text):
        raise InvalidRequestError(
            f"Landmarks look like `x,y:x,y:x,y:x,y` (at least {POINTS} points), not {text!r:.60}"
        )
    return ":".join(text.split(":")[:POINTS])


def web_url(name: str, value: object) -> str:
    """A public URL as the API wants it, or what stands for a file until that is uploaded.

    Raises:
        InvalidRequestError: Anything but http(s)://host...; the API cannot fetch it.
    """
    if isinstance(value, LocalFile):
        return value
    if isinstance(value, str):
        try:
            parts = urlsplit(value)
        except ValueError:
            parts = None
        web = parts is not None and parts.scheme in {"http", "https"} and bool(parts.netloc)
        if web and value.isprintable() and " " not in value:
            return value
    raise InvalidRequestError(
        f"{name} must be a public http(s) URL, not {value!r:.60}; a file of this machine is given "
        "as pathlib.Path, bytes or open file, to a client with an `uploader`"
    )
