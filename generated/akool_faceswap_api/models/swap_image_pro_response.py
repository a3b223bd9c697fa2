from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.success_code import SuccessCode

if TYPE_CHECKING:
    from ..models.faceswap_v4_result import FaceswapV4Result


T = TypeVar("T", bound="SwapImageProResponse")


@_attrs_define
class SwapImageProResponse:
    """
    Attributes:
        code (SuccessCode): The one business code that means success Example: 1000.
        msg (str): Interface returns status information Example: OK.
        data (FaceswapV4Result):
    """

    code: SuccessCode
    msg: str
    data: FaceswapV4Result
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
        from ..models.faceswap_v4_result import FaceswapV4Result

        d = dict(src_dict)
        code = SuccessCode(d.pop("code"))

        msg = d.pop("msg")

        data = FaceswapV4Result.from_dict(d.pop("data"))

        swap_image_pro_response = cls(
            code=code,
            msg=msg,
            data=data,
        )

        swap_image_pro_response.additional_properties = d
        return swap_image_pro_response

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
