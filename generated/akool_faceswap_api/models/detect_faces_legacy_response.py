from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="DetectFacesLegacyResponse")


@_attrs_define
class DetectFacesLegacyResponse:
    """
    Attributes:
        error_code (int): 0 means success, anything else is explained by error_msg
        error_msg (str): Explanation
        landmarks (list[list[list[float]]] | Unset): Six points a face, x and y each; the last two are 0,0
        region (list[list[float]] | Unset): Box of each face as x, y, width, height
        seconds (float | Unset): Time that the detection took, in seconds
        trx_id (str | Unset): Id of this detection (UUID)
        landmarks_str (list[str] | str | Unset): First four points of each face, ready to be used as opts; a bare string
            when single_face is true
    """

    error_code: int
    error_msg: str
    landmarks: list[list[list[float]]] | Unset = UNSET
    region: list[list[float]] | Unset = UNSET
    seconds: float | Unset = UNSET
    trx_id: str | Unset = UNSET
    landmarks_str: list[str] | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        error_code = self.error_code

        error_msg = self.error_msg

        landmarks: list[list[list[float]]] | Unset = UNSET
        if not isinstance(self.landmarks, Unset):
            landmarks = []
            for landmarks_item_data in self.landmarks:
                landmarks_item = []
                for landmarks_item_item_data in landmarks_item_data:
                    landmarks_item_item = landmarks_item_item_data

                    landmarks_item.append(landmarks_item_item)

                landmarks.append(landmarks_item)

        region: list[list[float]] | Unset = UNSET
        if not isinstance(self.region, Unset):
            region = []
            for region_item_data in self.region:
                region_item = region_item_data

                region.append(region_item)

        seconds = self.seconds

        trx_id = self.trx_id

        landmarks_str: list[str] | str | Unset
        if isinstance(self.landmarks_str, Unset):
            landmarks_str = UNSET
        elif isinstance(self.landmarks_str, list):
            landmarks_str = self.landmarks_str

        else:
            landmarks_str = self.landmarks_str

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "error_code": error_code,
                "error_msg": error_msg,
            }
        )
        if landmarks is not UNSET:
            field_dict["landmarks"] = landmarks
        if region is not UNSET:
            field_dict["region"] = region
        if seconds is not UNSET:
            field_dict["seconds"] = seconds
        if trx_id is not UNSET:
            field_dict["trx_id"] = trx_id
        if landmarks_str is not UNSET:
            field_dict["landmarks_str"] = landmarks_str

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        error_code = d.pop("error_code")

        error_msg = d.pop("error_msg")

        _landmarks = d.pop("landmarks", UNSET)
        landmarks: list[list[list[float]]] | Unset = UNSET
        if _landmarks is not UNSET:
            landmarks = []
            for landmarks_item_data in _landmarks:
                landmarks_item = []
                _landmarks_item = landmarks_item_data
                for landmarks_item_item_data in _landmarks_item:
                    landmarks_item_item = cast(list[float], landmarks_item_item_data)

                    landmarks_item.append(landmarks_item_item)

                landmarks.append(landmarks_item)

        _region = d.pop("region", UNSET)
        region: list[list[float]] | Unset = UNSET
        if _region is not UNSET:
            region = []
            for region_item_data in _region:
                region_item = cast(list[float], region_item_data)

                region.append(region_item)

        seconds = d.pop("seconds", UNSET)

        trx_id = d.pop("trx_id", UNSET)

        def _parse_landmarks_str(data: object) -> list[str] | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                landmarks_str_type_0 = cast(list[str], data)

                return landmarks_str_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | str | Unset, data)

        landmarks_str = _parse_landmarks_str(d.pop("landmarks_str", UNSET))

        detect_faces_legacy_response = cls(
            error_code=error_code,
            error_msg=error_msg,
            landmarks=landmarks,
            region=region,
            seconds=seconds,
            trx_id=trx_id,
            landmarks_str=landmarks_str,
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
