"""Rules of the pages that JSON Schema cannot say; who breaks one gets 1003.

Messages name the field and the rule. Each function takes a request body that already keeps the
contract's schema. The rules are those that the contract lists under `x-rules`; a test holds the
two together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from akool_mock._accounts import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["batch_pairs", "face_pairs", "mapping_pairs", "web_address"]

BAD_PARAMETER = 1003
TOO_MANY_FACES = 1007
_ADDRESS = re.compile(r"https?://[^\s/?#@]+(?:[/?#]\S*)?", re.IGNORECASE)
_NUMBER = r"-?\d+(?:\.\d+)?"
_OPTS = re.compile(rf"{_NUMBER},{_NUMBER}(?::{_NUMBER},{_NUMBER}){{3}}")


def bad(field: str, rule: str) -> Refusal:
    """A 1003 that names the field and the rule."""
    return Refusal(BAD_PARAMETER, f"parameter error: {field}: {rule}")


def web_address(field: str, value: object, *, empty: bool = False) -> str:
    """The value, if it is an http or https URL (or empty, where that means none).

    Raises:
        Refusal: 1003.
    """
    if isinstance(value, str) and (_ADDRESS.fullmatch(value) or (empty and not value)):
        return value
    if value is None and empty:
        return ""
    raise bad(field, "must be an http or https URL")


def face_pairs(body: Mapping[str, Any], max_faces: int) -> None:
    """V3: as many source as target faces, one to eight; `opts` on each if several.

    Raises:
        Refusal: 1003, or 1007 for too many faces.
    """
    _pairs(body)
    faces = len(body["targetImage"])
    if faces > max_faces:
        raise Refusal(
            TOO_MANY_FACES, f"targetImage: {faces} faces, at most {max_faces} can be swapped"
        )


def batch_pairs(body: Mapping[str, Any]) -> None:
    """V4: as V3, without the limit of eight faces; the schema has its own.

    Raises:
        Refusal: 1003.
    """
    _pairs(body)


def _pairs(body: Mapping[str, Any]) -> None:
    source: Sequence[Mapping[str, Any]] = body["sourceImage"]
    target: Sequence[Mapping[str, Any]] = body["targetImage"]
    several = len(source) > 1 or len(target) > 1
    for name, faces in (("sourceImage", source), ("targetImage", target)):
        if not faces:
            raise bad(name, "must name at least one face")
        for index, face in enumerate(faces):
            web_address(f"{name}[{index}].path", face["path"])
            opts = face.get("opts") or ""
            if not opts and several:
                raise bad(
                    f"{name}[{index}].opts",
                    "is required on every element when either array has more than one",
                )
            if opts and not _OPTS.fullmatch(opts):
                raise bad(f"{name}[{index}].opts", "must be four points, such as 1,2:3,4:5,6:7,8")
    if len(source) != len(target):
        raise bad(
            "sourceImage",
            f"has {len(source)} elements and targetImage {len(target)}: they must be aligned",
        )


def mapping_pairs(body: Mapping[str, Any], max_faces: int) -> None:
    """Plus: without `single_face_mode` a mapping, of faces that are told apart by crop or box.

    Raises:
        Refusal: 1003, or 1007 for too many faces.
    """
    mapping: Sequence[Mapping[str, Any]] = body.get("face_mapping") or ()
    if not mapping and not body.get("single_face_mode"):
        raise bad("face_mapping", "is required when single_face_mode is false")
    for index, pair in enumerate(mapping):
        for side in ("source_face_info", "target_face_info"):
            if "face_url" in pair[side]:
                web_address(f"face_mapping[{index}].{side}.face_url", pair[side]["face_url"])
    if len(mapping) > max_faces:
        raise Refusal(
            TOO_MANY_FACES,
            f"face_mapping: {len(mapping)} faces, at most {max_faces} can be swapped",
        )
