from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.business_code import BusinessCode
from ..types import UNSET, Unset

T = TypeVar("T", bound="GetTokenError")


@_attrs_define
class GetTokenError:
    """No token was issued; which key carries the text is not documented

    Example:
        {'code': 1101, 'msg': 'Invalid authorization'}

    Attributes:
        code (BusinessCode): Why a request failed; x-business-codes says what each means
        msg (str | Unset): Text for people
        message (str | Unset): Text for people, under the name that some clients read
    """

    code: BusinessCode
    msg: str | Unset = UNSET
    message: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        code = self.code.value

        msg = self.msg

        message = self.message

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
            }
        )
        if msg is not UNSET:
            field_dict["msg"] = msg
        if message is not UNSET:
            field_dict["message"] = message

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        code = BusinessCode(d.pop("code"))

        msg = d.pop("msg", UNSET)

        message = d.pop("message", UNSET)

        get_token_error = cls(
            code=code,
            msg=msg,
            message=message,
        )

        get_token_error.additional_properties = d
        return get_token_error

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
