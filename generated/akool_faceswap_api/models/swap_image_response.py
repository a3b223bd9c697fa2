from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.success_code import SuccessCode

if TYPE_CHECKING:
    from ..models.faceswap_result import FaceswapResult


T = TypeVar("T", bound="SwapImageResponse")


@_attrs_define
class SwapImageResponse:
    """
    Attributes:
        code (SuccessCode): The one business code that means success Example: 1000.
        msg (str): Interface returns status information Example: OK.
        data (FaceswapResult):
    """

    code: SuccessCode
    msg: str
    data: FaceswapResult
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        code = self.code.value

        msg = self.msg

        data = self.data.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "msg": msg,
                "data": data,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.faceswap_result import FaceswapResult

        d = dict(src_dict)
        code = SuccessCode(d.pop("code"))

        msg = d.pop("msg")

        data = FaceswapResult.from_dict(d.pop("data"))

        swap_image_response = cls(
            code=code,
            msg=msg,
            data=data,
        )

        swap_image_response.additional_properties = d
        return swap_image_response

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
