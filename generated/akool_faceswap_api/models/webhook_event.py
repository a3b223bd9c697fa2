from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.webhook_status import WebhookStatus
from ..models.webhook_type import WebhookType
from ..types import UNSET, Unset

T = TypeVar("T", bound="WebhookEvent")


@_attrs_define
class WebhookEvent:
    """What dataEncrypt holds

    Example:
        {'_id': '6593c94c0ef703e8c055e3c8', 'status': 3, 'type': 'faceswap', 'url': 'https://cdn.example/final_a.jpg'}

    Attributes:
        field_id (str): The job, as its submit named it
        status (WebhookStatus): 2 processing, 3 success, 4 failed
        type_ (WebhookType): Kind of job
        url (str | Unset): Address of the result, once the status is 3
        deduction_credit (float | Unset): Credits that the job cost
    """

    field_id: str
    status: WebhookStatus
    type_: WebhookType
    url: str | Unset = UNSET
    deduction_credit: float | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        field_id = self.field_id

        status = self.status.value

        type_ = self.type_.value

        url = self.url

        deduction_credit = self.deduction_credit

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "_id": field_id,
                "status": status,
                "type": type_,
            }
        )
        if url is not UNSET:
            field_dict["url"] = url
        if deduction_credit is not UNSET:
            field_dict["deduction_credit"] = deduction_credit

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        field_id = d.pop("_id")

        status = WebhookStatus(d.pop("status"))

        type_ = WebhookType(d.pop("type"))

        url = d.pop("url", UNSET)

        deduction_credit = d.pop("deduction_credit", UNSET)

        webhook_event = cls(
            field_id=field_id,
            status=status,
            type_=type_,
            url=url,
            deduction_credit=deduction_credit,
        )

        webhook_event.additional_properties = d
        return webhook_event

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
