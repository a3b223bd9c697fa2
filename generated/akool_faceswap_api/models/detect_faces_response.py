from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.detect_faces_response_faces_obj import DetectFacesResponseFacesObj


T = TypeVar("T", bound="DetectFacesResponse")


@_attrs_define
class DetectFacesResponse:
    """
    Attributes:
        error_code (int): 0 means success
        error_msg (str): Explanation
        faces_obj (DetectFacesResponseFacesObj): Faces by frame index ("0" for an image)
    """

    error_code: int
    error_msg: str
    faces_obj: DetectFacesResponseFacesObj
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        error_code = self.error_code

        error_msg = self.error_msg

        faces_obj = self.faces_obj.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "error_code": error_code,
                "error_msg": error_msg,
                "faces_obj": faces_obj,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.detect_faces_response_faces_obj import DetectFacesResponseFacesObj

        d = dict(src_dict)
        error_code = d.pop("error_code")

        error_msg = d.pop("error_msg")

        faces_obj = DetectFacesResponseFacesObj.from_dict(d.pop("faces_obj"))

        detect_faces_response = cls(
            error_code=error_code,
            error_msg=error_msg,
            faces_obj=faces_obj,
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
