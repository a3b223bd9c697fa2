from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.detect_faces_error_faces_obj import DetectFacesErrorFacesObj


T = TypeVar("T", bound="DetectFacesError")


@_attrs_define
class DetectFacesError:
    """No face could be looked for

    Example:
        {'error_code': 1, 'error_msg': 'Failed to process media', 'faces_obj': {}}

    Attributes:
        error_code (int): Not 0
        error_msg (str): Text for people
        faces_obj (DetectFacesErrorFacesObj): Empty
    """

    error_code: int
    error_msg: str
    faces_obj: DetectFacesErrorFacesObj
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
        from ..models.detect_faces_error_faces_obj import DetectFacesErrorFacesObj

        d = dict(src_dict)
        error_code = d.pop("error_code")

        error_msg = d.pop("error_msg")

        faces_obj = DetectFacesErrorFacesObj.from_dict(d.pop("faces_obj"))

        detect_faces_error = cls(
            error_code=error_code,
            error_msg=error_msg,
            faces_obj=faces_obj,
        )

        detect_faces_error.additional_properties = d
        return detect_faces_error

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
