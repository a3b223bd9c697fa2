from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.swap_image_request_face_enhance import SwapImageRequestFaceEnhance
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.face_image_with_opts import FaceImageWithOpts


T = TypeVar("T", bound="SwapImageRequest")


@_attrs_define
class SwapImageRequest:
    """
    Attributes:
        target_image (list[FaceImageWithOpts]): A collection of faces in the original image
        source_image (list[FaceImageWithOpts]): Replacement target image information
        modify_image (str): Modify the link address of the image
        face_enhance (SwapImageRequestFaceEnhance | Unset): Whether facial enhancement (1 means open, 0 means close)
            Default: SwapImageRequestFaceEnhance.OFF.
        webhook_url (None | str | Unset): Callback url address based on HTTP request
    """

    target_image: list[FaceImageWithOpts]
    source_image: list[FaceImageWithOpts]
    modify_image: str
    face_enhance: SwapImageRequestFaceEnhance | Unset = SwapImageRequestFaceEnhance.OFF
    webhook_url: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        target_image = []
        for target_image_item_data in self.target_image:
            target_image_item = target_image_item_data.to_dict()
            target_image.append(target_image_item)

        source_image = []
        for source_image_item_data in self.source_image:
            source_image_item = source_image_item_data.to_dict()
            source_image.append(source_image_item)

        modify_image = self.modify_image

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
                "targetImage": target_image,
                "sourceImage": source_image,
                "modifyImage": modify_image,
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
        target_image = []
        _target_image = d.pop("targetImage")
        for target_image_item_data in _target_image:
            target_image_item = FaceImageWithOpts.from_dict(target_image_item_data)

            target_image.append(target_image_item)

        source_image = []
        _source_image = d.pop("sourceImage")
        for source_image_item_data in _source_image:
            source_image_item = FaceImageWithOpts.from_dict(source_image_item_data)

            source_image.append(source_image_item)

        modify_image = d.pop("modifyImage")

        _face_enhance = d.pop("face_enhance", UNSET)
        face_enhance: SwapImageRequestFaceEnhance | Unset
        if isinstance(_face_enhance, Unset):
            face_enhance = UNSET
        else:
            face_enhance = SwapImageRequestFaceEnhance(_face_enhance)

        def _parse_webhook_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        webhook_url = _parse_webhook_url(d.pop("webhookUrl", UNSET))

        swap_image_request = cls(
            target_image=target_image,
            source_image=source_image,
            modify_image=modify_image,
            face_enhance=face_enhance,
            webhook_url=webhook_url,
        )

        swap_image_request.additional_properties = d
        return swap_image_request

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
