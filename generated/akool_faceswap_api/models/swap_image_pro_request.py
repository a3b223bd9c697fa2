from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.swap_image_pro_request_model_name import SwapImageProRequestModelName
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.face_image_with_opts import FaceImageWithOpts


T = TypeVar("T", bound="SwapImageProRequest")


@_attrs_define
class SwapImageProRequest:
    """
    Attributes:
        source_image (list[FaceImageWithOpts]): New face or faces
        target_image (list[FaceImageWithOpts]): Picture or pictures to change
        model_name (SwapImageProRequestModelName | Unset): Model to use Default:
            SwapImageProRequestModelName.AKOOL_FACESWAP_IMAGE_HQ.
        face_enhance (bool | Unset): Whether to enhance faces; must be a boolean Default: False.
        single_face_mode (bool | Unset): Whether only one face is swapped Default: False.
        webhook_url (None | str | Unset): Address to call back over HTTP
    """

    source_image: list[FaceImageWithOpts]
    target_image: list[FaceImageWithOpts]
    model_name: SwapImageProRequestModelName | Unset = (
        SwapImageProRequestModelName.AKOOL_FACESWAP_IMAGE_HQ
    )
    face_enhance: bool | Unset = False
    single_face_mode: bool | Unset = False
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

        model_name: str | Unset = UNSET
        if not isinstance(self.model_name, Unset):
            model_name = self.model_name.value

        face_enhance = self.face_enhance

        single_face_mode = self.single_face_mode

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
            }
        )
        if model_name is not UNSET:
            field_dict["model_name"] = model_name
        if face_enhance is not UNSET:
            field_dict["face_enhance"] = face_enhance
        if single_face_mode is not UNSET:
            field_dict["single_face_mode"] = single_face_mode
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

        _model_name = d.pop("model_name", UNSET)
        model_name: SwapImageProRequestModelName | Unset
        if isinstance(_model_name, Unset):
            model_name = UNSET
        else:
            model_name = SwapImageProRequestModelName(_model_name)

        face_enhance = d.pop("face_enhance", UNSET)

        single_face_mode = d.pop("single_face_mode", UNSET)

        def _parse_webhook_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        webhook_url = _parse_webhook_url(d.pop("webhookUrl", UNSET))

        swap_image_pro_request = cls(
            source_image=source_image,
            target_image=target_image,
            model_name=model_name,
            face_enhance=face_enhance,
            single_face_mode=single_face_mode,
            webhook_url=webhook_url,
        )

        swap_image_pro_request.additional_properties = d
        return swap_image_pro_request

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
