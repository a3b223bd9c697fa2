from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="DetectFacesLegacyRequest")


@_attrs_define
class DetectFacesLegacyRequest:
    """
    Attributes:
        single_face (bool): Whether only the largest face is returned
        image_url (str | Unset): Address of the image; this or img
        img (str | Unset): The image itself in base64; this or image_url
    """

    single_face: bool
    image_url: str | Unset = UNSET
    img: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        single_face = self.single_face

        image_url = self.image_url

        img = self.img

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "single_face": single_face,
            }
        )
        if image_url is not UNSET:
            field_dict["image_url"] = image_url
        if img is not UNSET:
            field_dict["img"] = img

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        single_face = d.pop("single_face")

        image_url = d.pop("image_url", UNSET)

        img = d.pop("img", UNSET)

        detect_faces_legacy_request = cls(
            single_face=single_face,
            image_url=image_url,
            img=img,
        )

        detect_faces_legacy_request.additional_properties = d
        return detect_faces_legacy_request

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
