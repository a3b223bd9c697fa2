from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.swap_plus_request_model_style import SwapPlusRequestModelStyle
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.face_mapping_item import FaceMappingItem


T = TypeVar("T", bound="SwapPlusRequest")


@_attrs_define
class SwapPlusRequest:
    """
    Attributes:
        source_url (str): Image of the new face
        target_url (str): Image or video to change
        face_mapping (list[FaceMappingItem] | Unset): Which new face replaces which; required unless single_face_mode is
            true
        single_face_mode (bool | Unset): Whether only one face is swapped, without a mapping Default: False.
        model_style (SwapPlusRequestModelStyle | Unset): Style of the result Default:
            SwapPlusRequestModelStyle.REALISTIC.
        face_enhance (bool | Unset): Whether to enhance faces Default: False.
        webhook_url (None | str | Unset): Address to call back over HTTP
    """

    source_url: str
    target_url: str
    face_mapping: list[FaceMappingItem] | Unset = UNSET
    single_face_mode: bool | Unset = False
    model_style: SwapPlusRequestModelStyle | Unset = SwapPlusRequestModelStyle.REALISTIC
    face_enhance: bool | Unset = False
    webhook_url: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        source_url = self.source_url

        target_url = self.target_url

        face_mapping: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.face_mapping, Unset):
            face_mapping = []
            for face_mapping_item_data in self.face_mapping:
                face_mapping_item = face_mapping_item_data.to_dict()
                face_mapping.append(face_mapping_item)

        single_face_mode = self.single_face_mode

        model_style: str | Unset = UNSET
        if not isinstance(self.model_style, Unset):
            model_style = self.model_style.value

        face_enhance = self.face_enhance

        webhook_url: None | str | Unset
        if isinstance(self.webhook_url, Unset):
            webhook_url = UNSET
        else:
            webhook_url = self.webhook_url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "source_url": source_url,
                "target_url": target_url,
            }
        )
        if face_mapping is not UNSET:
            field_dict["face_mapping"] = face_mapping
        if single_face_mode is not UNSET:
            field_dict["single_face_mode"] = single_face_mode
        if model_style is not UNSET:
            field_dict["model_style"] = model_style
        if face_enhance is not UNSET:
            field_dict["face_enhance"] = face_enhance
        if webhook_url is not UNSET:
            field_dict["webhookUrl"] = webhook_url

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.face_mapping_item import FaceMappingItem

        d = dict(src_dict)
        source_url = d.pop("source_url")

        target_url = d.pop("target_url")

        _face_mapping = d.pop("face_mapping", UNSET)
        face_mapping: list[FaceMappingItem] | Unset = UNSET
        if _face_mapping is not UNSET:
            face_mapping = []
            for face_mapping_item_data in _face_mapping:
                face_mapping_item = FaceMappingItem.from_dict(face_mapping_item_data)

                face_mapping.append(face_mapping_item)

        single_face_mode = d.pop("single_face_mode", UNSET)

        _model_style = d.pop("model_style", UNSET)
        model_style: SwapPlusRequestModelStyle | Unset
        if isinstance(_model_style, Unset):
            model_style = UNSET
        else:
            model_style = SwapPlusRequestModelStyle(_model_style)

        face_enhance = d.pop("face_enhance", UNSET)

        def _parse_webhook_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        webhook_url = _parse_webhook_url(d.pop("webhookUrl", UNSET))

        swap_plus_request = cls(
            source_url=source_url,
            target_url=target_url,
            face_mapping=face_mapping,
            single_face_mode=single_face_mode,
            model_style=model_style,
            face_enhance=face_enhance,
            webhook_url=webhook_url,
        )

        swap_plus_request.additional_properties = d
        return swap_plus_request

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
