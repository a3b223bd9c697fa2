from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.faceswap_status import FaceswapStatus
from ..types import UNSET, Unset

T = TypeVar("T", bound="FaceswapResultDetail")


@_attrs_define
class FaceswapResultDetail:
    """
    Attributes:
        faceswap_status (FaceswapStatus): Faceswap result status: 1 In Queue, 2 Processing, 3 Success, 4 Failed
        image (int): Image indicator
        video_duration (float): Video duration in seconds
        deduction_duration (float): Deduction duration
        field_id (str): Result ID
        uid (int): User unique ID
        url (str): Faceswap result URL
        created_at (datetime.datetime): Current faceswap action created time
        faceswap_type (int | Unset): Faceswap type
        faceswap_quality (int | Unset): Faceswap quality level
        deduction_status (int | Unset): Deduction status
        update_time (float | Unset): Update timestamp
        user_id (str | Unset): User ID
        job_id (str | Unset): Task processing unique ID, as the submit gave it
        alg_msg (None | str | Unset): Why the job failed, on failed items
    """

    faceswap_status: FaceswapStatus
    image: int
    video_duration: float
    deduction_duration: float
    field_id: str
    uid: int
    url: str
    created_at: datetime.datetime
    faceswap_type: int | Unset = UNSET
    faceswap_quality: int | Unset = UNSET
    deduction_status: int | Unset = UNSET
    update_time: float | Unset = UNSET
    user_id: str | Unset = UNSET
    job_id: str | Unset = UNSET
    alg_msg: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        faceswap_status = self.faceswap_status.value

        image = self.image

        video_duration = self.video_duration

        deduction_duration = self.deduction_duration

        field_id = self.field_id

        uid = self.uid

        url = self.url

        created_at = self.created_at.isoformat()

        faceswap_type = self.faceswap_type

        faceswap_quality = self.faceswap_quality

        deduction_status = self.deduction_status

        update_time = self.update_time

        user_id = self.user_id

        job_id = self.job_id

        alg_msg: None | str | Unset
        if isinstance(self.alg_msg, Unset):
            alg_msg = UNSET
        else:
            alg_msg = self.alg_msg

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "faceswap_status": faceswap_status,
                "image": image,
                "video_duration": video_duration,
                "deduction_duration": deduction_duration,
                "_id": field_id,
                "uid": uid,
                "url": url,
                "createdAt": created_at,
            }
        )
        if faceswap_type is not UNSET:
            field_dict["faceswap_type"] = faceswap_type
        if faceswap_quality is not UNSET:
            field_dict["faceswap_quality"] = faceswap_quality
        if deduction_status is not UNSET:
            field_dict["deduction_status"] = deduction_status
        if update_time is not UNSET:
            field_dict["update_time"] = update_time
        if user_id is not UNSET:
            field_dict["userId"] = user_id
        if job_id is not UNSET:
            field_dict["job_id"] = job_id
        if alg_msg is not UNSET:
            field_dict["alg_msg"] = alg_msg

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        faceswap_status = FaceswapStatus(d.pop("faceswap_status"))

        image = d.pop("image")

        video_duration = d.pop("video_duration")

        deduction_duration = d.pop("deduction_duration")

        field_id = d.pop("_id")

        uid = d.pop("uid")

        url = d.pop("url")

        created_at = datetime.datetime.fromisoformat(d.pop("createdAt"))

        faceswap_type = d.pop("faceswap_type", UNSET)

        faceswap_quality = d.pop("faceswap_quality", UNSET)

        deduction_status = d.pop("deduction_status", UNSET)

        update_time = d.pop("update_time", UNSET)

        user_id = d.pop("userId", UNSET)

        job_id = d.pop("job_id", UNSET)

        def _parse_alg_msg(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        alg_msg = _parse_alg_msg(d.pop("alg_msg", UNSET))

        faceswap_result_detail = cls(
            faceswap_status=faceswap_status,
            image=image,
            video_duration=video_duration,
            deduction_duration=deduction_duration,
            field_id=field_id,
            uid=uid,
            url=url,
            created_at=created_at,
            faceswap_type=faceswap_type,
            faceswap_quality=faceswap_quality,
            deduction_status=deduction_status,
            update_time=update_time,
            user_id=user_id,
            job_id=job_id,
            alg_msg=alg_msg,
        )

        faceswap_result_detail.additional_properties = d
        return faceswap_result_detail

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
