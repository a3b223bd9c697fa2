from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.source_face_info import SourceFaceInfo
    from ..models.target_face_info import TargetFaceInfo


T = TypeVar("T", bound="FaceMappingItem")


@_attrs_define
class FaceMappingItem:
    """
    Attributes:
        source_face_info (SourceFaceInfo):
        target_face_info (TargetFaceInfo):
    """

    source_face_info: SourceFaceInfo
    target_face_info: TargetFaceInfo
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        source_face_info = self.source_face_info.to_dict()

        target_face_info = self.target_face_info.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "source_face_info": source_face_info,
                "target_face_info": target_face_info,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.source_face_info import SourceFaceInfo
        from ..models.target_face_info import TargetFaceInfo

        d = dict(src_dict)
        source_face_info = SourceFaceInfo.from_dict(d.pop("source_face_info"))

        target_face_info = TargetFaceInfo.from_dict(d.pop("target_face_info"))

        face_mapping_item = cls(
            source_face_info=source_face_info,
            target_face_info=target_face_info,
        )

        face_mapping_item.additional_properties = d
        return face_mapping_item

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
