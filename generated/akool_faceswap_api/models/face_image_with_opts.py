from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="FaceImageWithOpts")


@_attrs_define
class FaceImageWithOpts:
    """
    Attributes:
        path (str): Valid URL of the face image. Must be a valid HTTP/HTTPS URL.
            Invalid URLs will be rejected during validation.
        opts (str | Unset): Face landmark coordinates string (conditional requirement).
            You can get this value from the `crop_landmarks` field returned by the [Face Detection API](/ai-tools-
            suite/face-detection/detect-faces).

            **Required** when `sourceImage` or `targetImage` array length > 1.
            **Optional** when both `sourceImage` and `targetImage` arrays have exactly 1 element each.

            When provided, improves face alignment accuracy.
            Format: colon-separated coordinate pairs, e.g. "262,175:363,175:313,215:272,279"
    """

    path: str
    opts: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        path = self.path

        opts = self.opts

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "path": path,
            }
        )
        if opts is not UNSET:
            field_dict["opts"] = opts

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        path = d.pop("path")

        opts = d.pop("opts", UNSET)

        face_image_with_opts = cls(
            path=path,
            opts=opts,
        )

        face_image_with_opts.additional_properties = d
        return face_image_with_opts

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
