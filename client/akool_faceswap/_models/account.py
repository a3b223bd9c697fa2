"""Small things that go into calls and come out of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

from akool_faceswap._models.given import Medium, medium

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akool_faceswap._errors import RawAnswer


ModelStyle: TypeAlias = Literal["realistic", "beautify", "lossless"]
"""Styles of Face Swap Plus."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What a submit answered."""

    id: str
    """The job's `_id`."""
    raw: RawAnswer = field(repr=False)


class Credit(float):
    """The account's credits: a number, perhaps with a fraction.

    Docs: https://docs.akool.com/ai-tools-suite/faceswap/get-credit
    """

    raw: RawAnswer
    """The answer it came from."""

    def __new__(cls, value: float, raw: RawAnswer) -> Self:
        """A number that remembers the answer it came from."""
        credit = super().__new__(cls, value)
        credit.raw = raw
        return credit

    def __getnewargs__(self) -> tuple[float, RawAnswer]:  # type: ignore[override]  # a float takes one
        """For copies and pickles."""
        return float(self), self.raw


@dataclass(frozen=True, slots=True)
class FaceMapping:
    """One pair for `swap_plus`: the new face and the face to replace.

    Boxes are x1, y1, x2, y2 in pixels. They are needed when a URL is a whole picture rather than a
    crop from detection; `DetectedFace.bbox` has them.
    """

    source_url: Medium
    """Picture of the new face: its URL, or a file, which is uploaded."""
    target_url: Medium | None = None
    """Picture of the face to be replaced; may be left out if `target_bbox` says where it is."""
    source_bbox: Sequence[float] | None = None
    target_bbox: Sequence[float] | None = None

    def __post_init__(self) -> None:
        """Files become what stands for them in a request."""
        for name in ("source_url", "target_url"):
            object.__setattr__(self, name, medium(name, getattr(self, name), "image"))
