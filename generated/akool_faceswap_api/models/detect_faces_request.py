from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="DetectFacesRequest")


@_attrs_define
class DetectFacesRequest:
    """
    Attributes:
        url (str | Unset): Address of an image or a video; wins over img
        img (str | Unset): An image in base64, plain or as a data URI
        num_frames (int | Unset): How many frames of a video to look at Default: 5.
        return_face_url (bool | Unset): Whether to return pictures of the faces (face_urls, crop_region, crop_landmarks)
            Default: False.
        single_face (bool | Unset): Whether only the largest face of each frame is returned Default: False.
    """

    url: str | Unset = UNSET
    img: str | Unset = UNSET
    num_frames: int | Unset = 5
    return_face_url: bool | Unset = False
    single_face: bool | Unset = False
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        url = self.url

        img = self.img

        num_frames = self.num_frames

        return_face_url = self.return_face_url

        single_face = self.single_face

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if url is not UNSET:
            field_dict["url"] = url
        if img is not UNSET:
            field_dict["img"] = img
        if num_frames is not UNSET:
            field_dict["num_frames"] = num_frames
        if return_face_url is not UNSET:
            field_dict["return_face_url"] = return_face_url
        if single_face is not UNSET:
            field_dict["single_face"] = single_face

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        url = d.pop("url", UNSET)

        img = d.pop("img", UNSET)

        num_frames = d.pop("num_frames", UNSET)

        return_face_url = d.pop("return_face_url", UNSET)

        single_face = d.pop("single_face", UNSET)

        detect_faces_request = cls(
            url=url,
            img=img,
            num_frames=num_frames,
            return_face_url=return_face_url,
            single_face=single_face,
        )

        detect_faces_request.additional_properties = d
        return detect_faces_request

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
