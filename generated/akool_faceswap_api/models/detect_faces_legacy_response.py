from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.detection_success import DetectionSuccess
from ..types import UNSET, Unset

T = TypeVar("T", bound="DetectFacesLegacyResponse")


@_attrs_define
class DetectFacesLegacyResponse:
    """
    Attributes:
        error_msg (str): Explanation
        landmarks (list[list[list[float]]]): Six points a face, x and y each; the last two are 0,0
        region (list[list[float]]): Box of each face as x, y, width, height
        error_code (DetectionSuccess): The one error_code that means success
        landmarks_str (list[str] | str): First four points of each face, ready to be used as opts; a bare string when
            single_face is true
        seconds (float | Unset): Time that the detection took, in seconds
        trx_id (str | Unset): Id of this detection (UUID)
    """

    error_msg: str
    landmarks: list[list[list[float]]]
    region: list[list[float]]
    error_code: DetectionSuccess
    landmarks_str: list[str] | str
    seconds: float | Unset = UNSET
    trx_id: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        error_msg = self.error_msg

        landmarks = []
        for landmarks_item_data in self.landmarks:
            landmarks_item = []
            for landmarks_item_item_data in landmarks_item_data:
                landmarks_item_item = landmarks_item_item_data

                landmarks_item.append(landmarks_item_item)

            landmarks.append(landmarks_item)

        region = []
        for region_item_data in self.region:
            region_item = region_item_data

            region.append(region_item)

        error_code = self.error_code.value

        landmarks_str: list[str] | str
        if isinstance(self.landmarks_str, list):
            landmarks_str = self.landmarks_str

        else:
            landmarks_str = self.landmarks_str

        seconds = self.seconds

        trx_id = self.trx_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "error_msg": error_msg,
                "landmarks": landmarks,
                "region": region,
                "error_code": error_code,
                "landmarks_str": landmarks_str,
            }
        )
        if seconds is not UNSET:
            field_dict["seconds"] = seconds
        if trx_id is not UNSET:
            field_dict["trx_id"] = trx_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        error_msg = d.pop("error_msg")

        landmarks = []
        _landmarks = d.pop("landmarks")
        for landmarks_item_data in _landmarks:
            landmarks_item = []
            _landmarks_item = landmarks_item_data
            for landmarks_item_item_data in _landmarks_item:
                landmarks_item_item = cast(list[float], landmarks_item_item_data)

                landmarks_item.append(landmarks_item_item)

            landmarks.append(landmarks_item)

        region = []
        _region = d.pop("region")
        for region_item_data in _region:
            region_item = cast(list[float], region_item_data)

            region.append(region_item)

        error_code = DetectionSuccess(d.pop("error_code"))

        def _parse_landmarks_str(data: object) -> list[str] | str:
            try:
                if not isinstance(data, list):
                    raise TypeError()
                landmarks_str_type_0 = cast(list[str], data)

                return landmarks_str_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | str, data)

        landmarks_str = _parse_landmarks_str(d.pop("landmarks_str"))

        seconds = d.pop("seconds", UNSET)

        trx_id = d.pop("trx_id", UNSET)

        detect_faces_legacy_response = cls(
            error_msg=error_msg,
            landmarks=landmarks,
            region=region,
            error_code=error_code,
            landmarks_str=landmarks_str,
            seconds=seconds,
            trx_id=trx_id,
        )

        detect_faces_legacy_response.additional_properties = d
        return detect_faces_legacy_response

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
