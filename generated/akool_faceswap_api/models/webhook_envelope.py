from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="WebhookEnvelope")


@_attrs_define
class WebhookEnvelope:
    """What is posted to webhookUrl

    Attributes:
        signature (str): SHA-1 in lower-case hexadecimal over clientId, timestamp, nonce and dataEncrypt, sorted as
            texts and joined; holds no secret
        data_encrypt (str): WebhookEvent as JSON, AES-CBC under the clientSecret, in base64
        timestamp (int): Milliseconds since 1970
        nonce (str): Random digits
    """

    signature: str
    data_encrypt: str
    timestamp: int
    nonce: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        signature = self.signature

        data_encrypt = self.data_encrypt

        timestamp = self.timestamp

        nonce = self.nonce

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "signature": signature,
                "dataEncrypt": data_encrypt,
                "timestamp": timestamp,
                "nonce": nonce,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        signature = d.pop("signature")

        data_encrypt = d.pop("dataEncrypt")

        timestamp = d.pop("timestamp")

        nonce = d.pop("nonce")

        webhook_envelope = cls(
            signature=signature,
            data_encrypt=data_encrypt,
            timestamp=timestamp,
            nonce=nonce,
        )

        webhook_envelope.additional_properties = d
        return webhook_envelope

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
