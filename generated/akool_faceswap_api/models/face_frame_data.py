from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="FaceFrameData")


@_attrs_define
class FaceFrameData:
    """
    Attributes:
        landmarks (list[list[list[int]]]): Six points a face: left eye, right eye, nose, mouth centre, left and right
            mouth corner
        region (list[list[int]]): Box of each face as x, y, width, height
        removed (list[list[int]]): Faces that are gone since the frame before
        landmarks_str (list[str] | Unset): First four points of each face, ready to be used as opts
        frame_time (float | None | Unset): Time of the frame in the video, in seconds
        face_urls (list[None | str] | None | Unset): Pictures of the faces
        crop_region (list[list[int] | None] | None | Unset): Box of each face picture as x, y, width, height
        crop_landmarks (list[None | str] | None | Unset): First four points of each face within its picture
    """

    landmarks: list[list[list[int]]]
    region: list[list[int]]
    removed: list[list[int]]
    landmarks_str: list[str] | Unset = UNSET
    frame_time: float | None | Unset = UNSET
    face_urls: list[None | str] | None | Unset = UNSET
    crop_region: list[list[int] | None] | None | Unset = UNSET
    crop_landmarks: list[None | str] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
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

        removed = []
        for removed_item_data in self.removed:
            removed_item = removed_item_data

            removed.append(removed_item)

        landmarks_str: list[str] | Unset = UNSET
        if not isinstance(self.landmarks_str, Unset):
            landmarks_str = self.landmarks_str

        frame_time: float | None | Unset
        if isinstance(self.frame_time, Unset):
            frame_time = UNSET
        else:
            frame_time = self.frame_time

        face_urls: list[None | str] | None | Unset
        if isinstance(self.face_urls, Unset):
            face_urls = UNSET
        elif isinstance(self.face_urls, list):
            face_urls = []
            for face_urls_type_0_item_data in self.face_urls:
                face_urls_type_0_item: None | str
                face_urls_type_0_item = face_urls_type_0_item_data
                face_urls.append(face_urls_type_0_item)

        else:
            face_urls = self.face_urls

        crop_region: list[list[int] | None] | None | Unset
        if isinstance(self.crop_region, Unset):
            crop_region = UNSET
        elif isinstance(self.crop_region, list):
            crop_region = []
            for crop_region_type_0_item_data in self.crop_region:
                crop_region_type_0_item: list[int] | None
                if isinstance(crop_region_type_0_item_data, list):
                    crop_region_type_0_item = crop_region_type_0_item_data

                else:
                    crop_region_type_0_item = crop_region_type_0_item_data
                crop_region.append(crop_region_type_0_item)

        else:
            crop_region = self.crop_region

        crop_landmarks: list[None | str] | None | Unset
        if isinstance(self.crop_landmarks, Unset):
            crop_landmarks = UNSET
        elif isinstance(self.crop_landmarks, list):
            crop_landmarks = []
            for crop_landmarks_type_0_item_data in self.crop_landmarks:
                crop_landmarks_type_0_item: None | str
                crop_landmarks_type_0_item = crop_landmarks_type_0_item_data
                crop_landmarks.append(crop_landmarks_type_0_item)

        else:
            crop_landmarks = self.crop_landmarks

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "landmarks": landmarks,
                "region": region,
                "removed": removed,
            }
        )
        if landmarks_str is not UNSET:
            field_dict["landmarks_str"] = landmarks_str
        if frame_time is not UNSET:
            field_dict["frame_time"] = frame_time
        if face_urls is not UNSET:
            field_dict["face_urls"] = face_urls
        if crop_region is not UNSET:
            field_dict["crop_region"] = crop_region
        if crop_landmarks is not UNSET:
            field_dict["crop_landmarks"] = crop_landmarks

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        landmarks = []
        _landmarks = d.pop("landmarks")
        for landmarks_item_data in _landmarks:
            landmarks_item = []
            _landmarks_item = landmarks_item_data
            for landmarks_item_item_data in _landmarks_item:
                landmarks_item_item = cast(list[int], landmarks_item_item_data)

                landmarks_item.append(landmarks_item_item)

            landmarks.append(landmarks_item)

        region = []
        _region = d.pop("region")
        for region_item_data in _region:
            region_item = cast(list[int], region_item_data)

            region.append(region_item)

        removed = []
        _removed = d.pop("removed")
        for removed_item_data in _removed:
            removed_item = cast(list[int], removed_item_data)

            removed.append(removed_item)

        landmarks_str = cast(list[str], d.pop("landmarks_str", UNSET))

        def _parse_frame_time(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        frame_time = _parse_frame_time(d.pop("frame_time", UNSET))

        def _parse_face_urls(data: object) -> list[None | str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                face_urls_type_0 = []
                _face_urls_type_0 = data
                for face_urls_type_0_item_data in _face_urls_type_0:

                    def _parse_face_urls_type_0_item(data: object) -> None | str:
                        if data is None:
                            return data
                        return cast(None | str, data)

                    face_urls_type_0_item = _parse_face_urls_type_0_item(
                        face_urls_type_0_item_data
                    )

                    face_urls_type_0.append(face_urls_type_0_item)

                return face_urls_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[None | str] | None | Unset, data)

        face_urls = _parse_face_urls(d.pop("face_urls", UNSET))

        def _parse_crop_region(data: object) -> list[list[int] | None] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                crop_region_type_0 = []
                _crop_region_type_0 = data
                for crop_region_type_0_item_data in _crop_region_type_0:

                    def _parse_crop_region_type_0_item(
                        data: object,
                    ) -> list[int] | None:
                        if data is None:
                            return data
                        try:
                            if not isinstance(data, list):
                                raise TypeError()
                            crop_region_type_0_item_type_0 = cast(list[int], data)

                            return crop_region_type_0_item_type_0
                        except (TypeError, ValueError, AttributeError, KeyError):
                            pass
                        return cast(list[int] | None, data)

                    crop_region_type_0_item = _parse_crop_region_type_0_item(
                        crop_region_type_0_item_data
                    )

                    crop_region_type_0.append(crop_region_type_0_item)

                return crop_region_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[list[int] | None] | None | Unset, data)

        crop_region = _parse_crop_region(d.pop("crop_region", UNSET))

        def _parse_crop_landmarks(data: object) -> list[None | str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                crop_landmarks_type_0 = []
                _crop_landmarks_type_0 = data
                for crop_landmarks_type_0_item_data in _crop_landmarks_type_0:

                    def _parse_crop_landmarks_type_0_item(data: object) -> None | str:
                        if data is None:
                            return data
                        return cast(None | str, data)

                    crop_landmarks_type_0_item = _parse_crop_landmarks_type_0_item(
                        crop_landmarks_type_0_item_data
                    )

                    crop_landmarks_type_0.append(crop_landmarks_type_0_item)

                return crop_landmarks_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[None | str] | None | Unset, data)

        crop_landmarks = _parse_crop_landmarks(d.pop("crop_landmarks", UNSET))

        face_frame_data = cls(
            landmarks=landmarks,
            region=region,
            removed=removed,
            landmarks_str=landmarks_str,
            frame_time=frame_time,
            face_urls=face_urls,
            crop_region=crop_region,
            crop_landmarks=crop_landmarks,
        )

        face_frame_data.additional_properties = d
        return face_frame_data

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
