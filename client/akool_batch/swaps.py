"""One row of a manifest: which swap it wants, in the words of the client's methods. Pure.

A column has the name of the client method's argument that it becomes. `COLUMNS` lists what each
kind takes. The client decides what is allowed in a column: `Swap.check` asks it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akool_faceswap._core import requests
from akool_faceswap._errors import InvalidRequestError
from akool_faceswap._media.local import look
from akool_faceswap._models.account import FaceMapping
from akool_faceswap._models.cells import CellError, _short, _structure, read_mapping
from akool_faceswap._models.faces import Face
from akool_faceswap._models.given import files_in, from_text, medium

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akool_faceswap._models.given import LocalFile, Wanted


SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".mp4", ".mov", ".avi", ".webm"}
)
"""Suffixes that a result may have; others are no names of pictures or videos."""


class Kind(StrEnum):
    """The four kinds of swap; the value is what the column `kind` says."""

    IMAGE = "image"
    VIDEO = "video"
    PRO = "pro"
    PLUS = "plus"

    @property
    def method(self) -> str:
        """Name of the client's method."""
        return {"pro": "swap_image_pro"}.get(self.value, f"swap_{self.value}")

    @property
    def suffix(self) -> str:
        """Suffix of a result whose URL has none."""
        return ".mp4" if self is Kind.VIDEO else ".jpg"


def _text(value: object) -> str:
    # A lone surrogate, which JSON can spell, is text that can be neither sent nor stored.
    if isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value):
        return value
    raise CellError(f"must be text, not {_short(value)}")


def _flag(value: object) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    found = known.get(str(value).strip().lower())
    if found is None:
        raise CellError(f"must be true or false, not {_short(value)}")
    return found


def _faces(value: object) -> list[dict[str, str]]:
    """One address, or a list of addresses and of objects with `path` and `opts`."""
    if isinstance(value, str) and not value.lstrip().startswith(("[", "{")):
        return [{"path": value}]
    found = _structure(value)
    faces = found if isinstance(found, list) else [found]
    return [_face(face) for face in faces]


def _face(value: object) -> dict[str, str]:
    face = {"path": value} if isinstance(value, str) else value
    if not isinstance(face, dict) or "path" not in face:
        raise CellError(f'must be an address or {{"path": ..., "opts": ...}}, not {_short(value)}')
    unknown = sorted(set(face) - {"path", "opts"})
    if unknown:
        raise CellError(f"a face has `path` and `opts`, not `{unknown[0]}`")
    return {name: _text(part) for name, part in face.items() if part is not None and part != ""}


def _seconds(value: object) -> float:
    try:
        found = float(value)  # type: ignore[arg-type]  # float() refuses what is wrong
    except (TypeError, ValueError):
        found = -1.0
    if not 0 < found < MAX_SECONDS:
        raise CellError(f"must be a number of seconds above 0, not {_short(value)}")
    return found


MAX_SECONDS = 86_400.0
"""A longer video is a mistake in the manifest."""

_V3 = {"source": _faces, "target": _faces, "source_opts": _text, "target_opts": _text}
_ANY = {"face_enhance": _flag, "webhook_url": _text}

COLUMNS: dict[Kind, dict[str, Callable[[Any], Any]]] = {
    Kind.IMAGE: {**_V3, "image": _text, **_ANY},
    Kind.VIDEO: {**_V3, "video": _text, **_ANY},
    Kind.PRO: {**_V3, "single_face": _flag, **_ANY},
    Kind.PLUS: {
        "source": _text, "target": _text, "mapping": read_mapping, "model_style": _text, **_ANY,
    },
}  # fmt: skip
"""Kind to the columns that it takes, each with its reader."""
REQUIRED = {
    Kind.IMAGE: ("source", "target", "image"),
    Kind.VIDEO: ("source", "target", "video"),
    Kind.PRO: ("source", "target"),
    Kind.PLUS: ("source", "target"),
}
DEFAULTS: dict[Kind, dict[str, Any]] = {
    Kind.IMAGE: {},
    Kind.VIDEO: {},
    Kind.PRO: {"single_face": False},
    Kind.PLUS: {"mapping": None, "model_style": "realistic"},
}
"""Defaults of columns that are left out."""
ABOUT = {"key": _text, "kind": _text, "seconds": _seconds}
"""Columns about the row itself; they are not sent."""
OWN = "x_"
"""Columns that begin like this are the user's own: ignored."""
NAMES = sorted({*ABOUT, *(name for columns in COLUMNS.values() for name in columns)})
"""Every column that some kind takes."""


MEDIA: dict[str, Wanted] = {
    "image": "image", "video": "video", "source": "image", "target": "image or video",
}  # fmt: skip
"""Columns that may name a local file, unless they hold a list of faces."""


@dataclass(frozen=True, slots=True)
class Swap:
    """What one row asks for."""

    kind: Kind
    arguments: Mapping[str, Any]
    """Keyword arguments of the client's method, as JSON."""
    seconds: float | None = None
    """Length of a video if the manifest says it; for the estimate only."""
    folder: Path = field(default=Path(), repr=False, compare=False)
    """Where relative paths begin: that of the manifest."""

    def keywords(self) -> dict[str, Any]:
        """Arguments for the client's method.

        Raises:
            InvalidRequestError: A face or a mapping is not one.
        """
        common = {"face_enhance": False, "webhook_url": None}
        given = {**common, **DEFAULTS[self.kind], **self.arguments}
        for name, wanted in MEDIA.items():
            if isinstance(given.get(name), str):
                given[name] = medium(name, from_text(given[name], self.folder), wanted)
        if self.kind is not Kind.PLUS:
            for side in ("source", "target"):
                given[side] = [self._face(side, face) for face in given[side]]
        elif given["mapping"] is not None:
            given["mapping"] = [self._pair(pair) for pair in given["mapping"]]
        return given

    def files(self) -> list[LocalFile]:
        """The files of this machine that it names.

        Raises:
            InvalidRequestError: As for `keywords`.
        """
        call = getattr(requests, f"{self.kind.method}_call")(**self.keywords())
        return list(files_in(call.body))

    def _face(self, side: str, face: Mapping[str, str]) -> Face:
        try:
            return Face(from_text(face["path"], self.folder), face.get("opts"))
        except InvalidRequestError as error:
            raise InvalidRequestError(f"`{side}`: {error}") from None

    def _pair(self, pair: Mapping[str, Any]) -> FaceMapping:
        found: dict[str, Any] = {
            name: from_text(value, self.folder) if name.endswith("_url") and value else value
            for name, value in pair.items()
        }
        return FaceMapping(**found)

    def check(self) -> None:
        """Check the rules of the contract and the files, without sending anything.

        Raises:
            InvalidRequestError: The client would refuse it.
        """
        for file in self.files():
            _look(file.source.given, file.argument, file.wanted)

    @property
    def digest(self) -> str:
        """Equal for equal requests: tells a row that was changed after it was sent."""
        whole = json.dumps([self.kind, self.arguments], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(whole.encode()).hexdigest()[:DIGEST_CHARS]


DIGEST_CHARS = 32


@lru_cache(maxsize=1024)
def _look(path: Path, argument: str, wanted: Wanted) -> None:
    """Look at a file; at one that many rows name, once."""
    look(medium(argument, path, wanted))  # type: ignore[arg-type]  # a path becomes a LocalFile


@dataclass(slots=True)
class Reading:
    """A record parsed into a swap, or its errors."""

    swap: Swap | None = None
    key: str | None = None
    faults: list[str] = field(default_factory=list[str])


def read_swap(record: Mapping[str, Any], default_kind: Kind | None) -> Reading:
    """The swap in one record of a manifest. Never raises: every fault is collected."""
    reading = Reading()
    cells = {
        name: value
        for name, value in record.items()
        if not name.startswith(OWN) and value is not None and value != ""
    }
    about = {name: _cell(reading, name, ABOUT[name], cells) for name in ABOUT if name in cells}
    reading.key = about.get("key")
    kind = _kind(reading, about.get("kind"), default_kind)
    if kind is None:
        return reading
    columns = COLUMNS[kind]
    arguments: dict[str, Any] = {}
    for name in cells:
        if name in columns:
            arguments[name] = _cell(reading, name, columns[name], cells)
        elif name not in ABOUT:
            reading.faults.append(f"column `{name}` is not one of kind `{kind}`; {_hint(columns)}")
    missing = [name for name in REQUIRED[kind] if name not in cells]
    reading.faults += [f"column `{name}` is missing" for name in missing]
    if not reading.faults:
        _join_opts(reading, arguments)
    if not reading.faults:
        reading.swap = Swap(kind, arguments, about.get("seconds"))
    return reading


def _hint(columns: Mapping[str, Any]) -> str:
    return f"it takes {', '.join(sorted(columns))}; begin your own columns with `{OWN}`"


def _cell(reading: Reading, name: str, read: Callable[[Any], Any], cells: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what the reader makes of it
    try:
        return read(cells[name])
    except CellError as error:
        reading.faults.append(f"`{name}` {error}")
        return None


def _kind(reading: Reading, value: str | None, default: Kind | None) -> Kind | None:
    if value is None and default is not None:
        return default
    try:
        return Kind((value or "").strip().lower())
    except ValueError:
        known = ", ".join(Kind)
        said = f"`kind` is {_short(value)}" if value else "`kind` is missing"
        reading.faults.append(f"{said}; it is one of {known}, or the same for all with --kind")
        return None


def _join_opts(reading: Reading, arguments: dict[str, Any]) -> None:
    """Move the landmark columns, a convenience for one face, into the faces."""
    for side in ("source", "target"):
        opts = arguments.pop(f"{side}_opts", None)
        if opts is None:
            continue
        faces: list[dict[str, str]] = arguments[side]
        if len(faces) == 1 and "opts" not in faces[0]:
            faces[0]["opts"] = opts
        else:
            reading.faults.append(f"`{side}_opts` is only for a single face that has no opts yet")
