from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.swap_video_request_face_enhance import SwapVideoRequestFaceEnhance
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.face_image_with_opts import FaceImageWithOpts


T = TypeVar("T", bound="SwapVideoRequest")


@_attrs_define
class SwapVideoRequest:
    """
    Attributes:
        source_image (list[FaceImageWithOpts]): New faces, one face per picture, in the order of targetImage
        target_image (list[FaceImageWithOpts]): Faces found in the video, each as a picture and its landmarks
        modify_video (str): Address of the video to change
        face_enhance (SwapVideoRequestFaceEnhance | Unset): Whether to enhance faces (1 on, 0 off) Default:
            SwapVideoRequestFaceEnhance.OFF.
        webhook_url (None | str | Unset): Address to call back over HTTP
    """

    source_image: list[FaceImageWithOpts]
    target_image: list[FaceImageWithOpts]
    modify_video: str
    face_enhance: SwapVideoRequestFaceEnhance | Unset = SwapVideoRequestFaceEnhance.OFF
    webhook_url: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        source_image = []
        for source_image_item_data in self.source_image:
            source_image_item = source_image_item_data.to_dict()
            source_image.append(source_image_item)

        target_image = []
        for target_image_item_data in self.target_image:
            target_image_item = target_image_item_data.to_dict()
            target_image.append(target_image_item)

        modify_video = self.modify_video

        face_enhance: int | Unset = UNSET
        if not isinstance(self.face_enhance, Unset):
            face_enhance = self.face_enhance.value

        webhook_url: None | str | Unset
        if isinstance(self.webhook_url, Unset):
            webhook_url = UNSET
        else:
            webhook_url = self.webhook_url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "sourceImage": source_image,
                "targetImage": target_image,
                "modifyVideo": modify_video,
            }
        )
        if face_enhance is not UNSET:
            field_dict["face_enhance"] = face_enhance
        if webhook_url is not UNSET:
            field_dict["webhookUrl"] = webhook_url

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.face_image_with_opts import FaceImageWithOpts

        d = dict(src_dict)
        source_image = []
        _source_image = d.pop("sourceImage")
        for source_image_item_data in _source_image:
            source_image_item = FaceImageWithOpts.from_dict(source_image_item_data)

            source_image.append(source_image_item)

        target_image = []
        _target_image = d.pop("targetImage")
        for target_image_item_data in _target_image:
            target_image_item = FaceImageWithOpts.from_dict(target_image_item_data)

            target_image.append(target_image_item)

        modify_video = d.pop("modifyVideo")

        _face_enhance = d.pop("face_enhance", UNSET)
        face_enhance: SwapVideoRequestFaceEnhance | Unset
        if isinstance(_face_enhance, Unset):
            face_enhance = UNSET
        else:
            face_enhance = SwapVideoRequestFaceEnhance(_face_enhance)

        def _parse_webhook_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        webhook_url = _parse_webhook_url(d.pop("webhookUrl", UNSET))

        swap_video_request = cls(
            source_image=source_image,
            target_image=target_image,
            modify_video=modify_video,
            face_enhance=face_enhance,
            webhook_url=webhook_url,
        )

        swap_video_request.additional_properties = d
        return swap_video_request

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
