from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.detection_success import DetectionSuccess

if TYPE_CHECKING:
    from ..models.detect_faces_response_faces_obj import DetectFacesResponseFacesObj


T = TypeVar("T", bound="DetectFacesResponse")


@_attrs_define
class DetectFacesResponse:
    """
    Attributes:
        error_msg (str): Explanation
        faces_obj (DetectFacesResponseFacesObj): Faces by frame index ("0" for an image)
        error_code (DetectionSuccess): The one error_code that means success
    """

    error_msg: str
    faces_obj: DetectFacesResponseFacesObj
    error_code: DetectionSuccess
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        error_msg = self.error_msg

        faces_obj = self.faces_obj.to_dict()

        error_code = self.error_code.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "error_msg": error_msg,
                "faces_obj": faces_obj,
                "error_code": error_code,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.detect_faces_response_faces_obj import DetectFacesResponseFacesObj

        d = dict(src_dict)
        error_msg = d.pop("error_msg")

        faces_obj = DetectFacesResponseFacesObj.from_dict(d.pop("faces_obj"))

        error_code = DetectionSuccess(d.pop("error_code"))

        detect_faces_response = cls(
            error_msg=error_msg,
            faces_obj=faces_obj,
            error_code=error_code,
        )

        detect_faces_response.additional_properties = d
        return detect_faces_response

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
