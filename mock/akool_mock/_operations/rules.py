"""Rules that JSON Schema cannot express. The contract lists them as `x-rules`.

Each function takes a request body that fits its schema. A refusal names the field and the rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akool_mock._world.accounts import Refusal, bad_parameter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


TOO_MANY_FACES = 1007


def opts_when_many(body: Mapping[str, Any]) -> None:
    """`opts-required-when-many`: on every element once either array has more than one.

    Raises:
        Refusal: 1003.
    """
    source: Sequence[Mapping[str, Any]] = body["sourceImage"]
    target: Sequence[Mapping[str, Any]] = body["targetImage"]
    if len(source) == 1 and len(target) == 1:
        return
    for name, faces in (("sourceImage", source), ("targetImage", target)):
        for index, face in enumerate(faces):
            if not face.get("opts"):
                raise bad_parameter(
                    f"{name}[{index}].opts",
                    "is required on every element when either array has more than one",
                )


def aligned(body: Mapping[str, Any]) -> None:
    """`source-target-aligned`: as many source as target faces.

    Raises:
        Refusal: 1003.
    """
    source, target = len(body["sourceImage"]), len(body["targetImage"])
    if source != target:
        raise bad_parameter(
            "sourceImage", f"has {source} elements and targetImage {target}: they must be aligned"
        )


def few_enough(field: str, faces: int, limit: int) -> None:
    """`at-most-eight-faces`: the page's limit is a setting.

    Raises:
        Refusal: 1007.
    """
    if faces > limit:
        raise Refusal(TOO_MANY_FACES, f"{field}: {faces} faces, at most {limit} can be swapped")
