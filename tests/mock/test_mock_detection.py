"""Detection: made-up faces, in the documented shapes and with their real HTTP errors."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from akool_mock._operations.detection import faces_in

PICTURE = "https://example.com/group.jpg"


def detect(api, **body):
    return api.post(api.DETECT, {"url": PICTURE, **body})


@given(st.text(max_size=20), st.integers(0, 50), st.integers(40, 4096), st.integers(40, 4096))
def test_faces_lie_in_the_picture_and_do_not_overlap(name, count, width, height):
    faces = faces_in(name, count, (width, height))
    assert len(faces) == count
    assert faces == faces_in(name, count, (width, height))
    boxes = [face.box for face in faces]
    for left, top, wide, high in boxes:
        assert left >= 0
        assert top >= 0
        assert left + wide <= width
        assert top + high <= height
    for index, (left, top, wide, high) in enumerate(boxes):
        for x, y, w, h in boxes[index + 1 :]:
            assert left + wide <= x or x + w <= left or top + high <= y or y + h <= top


def test_the_same_address_has_the_same_faces(api):
    assert detect(api) == detect(api)
    assert detect(api) != detect(api, url="https://example.com/other.jpg")


def test_a_picture_has_one_frame_with_six_points_a_face(make):
    answer = detect(make(faces=3))
    assert (answer["error_code"], answer["error_msg"]) == (0, "SUCCESS")
    frame = answer["faces_obj"]["0"]
    assert [len(points) for points in frame["landmarks"]] == [6, 6, 6]
    four = [":".join(f"{x},{y}" for x, y in points[:4]) for points in frame["landmarks"]]
    assert frame["landmarks_str"] == four
    assert frame["removed"] == []
    assert frame["frame_time"] is frame["face_urls"] is frame["crop_region"] is None


def test_only_the_largest_face_is_found_when_one_is_asked_for(make):
    api = make(faces=4)
    everyone = detect(api)["faces_obj"]["0"]["region"]
    one = detect(api, single_face=True)["faces_obj"]["0"]["region"]
    assert one == [max(everyone, key=lambda box: box[2] * box[3])]


def test_crops_are_served_and_their_landmarks_fit_them(make):
    frame = detect(make(faces=2), return_face_url=True)["faces_obj"]["0"]
    for crop, text, points in zip(
        frame["crop_region"], frame["crop_landmarks"], frame["landmarks"], strict=True
    ):
        shifted = [(x - crop[0], y - crop[1]) for x, y in points[:4]]
        assert text == ":".join(f"{x},{y}" for x, y in shifted)
    api = make(faces=2)
    for url, crop in zip(frame["face_urls"], frame["crop_region"], strict=True):
        picture = Image.open(io.BytesIO(api.file(url).content()))
        assert picture.size == (crop[2], crop[3])


def test_found_landmarks_are_good_opts_for_a_submit(make):
    api = make(faces=2)
    frame = detect(api)["faces_obj"]["0"]
    faces = [api.face(opts) for opts in frame["landmarks_str"]]
    assert api.submit({**api.image(), "sourceImage": faces, "targetImage": faces})


def test_a_video_has_a_frame_every_five(api):
    answer = detect(api, url="https://example.com/clip.mp4", num_frames=3)
    assert list(answer["faces_obj"]) == ["0", "5", "10"]
    times = [frame["frame_time"] for frame in answer["faces_obj"].values()]
    assert times == [0.0, 0.2, 0.4]


def test_no_faces_is_an_empty_success(make):
    answer = detect(make(faces=0))
    assert answer == {"error_code": 0, "error_msg": "SUCCESS", "faces_obj": {}}


def test_a_file_name_says_how_many_faces_and_how_large(api):
    answer = detect(api, url="https://example.com/mock.faces=7.size=320x200.jpg")
    boxes = answer["faces_obj"]["0"]["region"]
    assert len(boxes) == 7
    assert max(left + width for left, _, width, _ in boxes) <= 320


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({}, 400, "url"),
        ({"url": "", "img": ""}, 400, "url"),
        ({"url": "not an address"}, 400, "url"),
        ({"url": "ftp://example.com/a.jpg"}, 400, "url"),
        ({"img": "&&&"}, 500, "process"),
        ({"url": PICTURE, "num_frames": 101}, 400, "num_frames"),
    ],
)
def test_errors_are_real_http_statuses_in_detections_own_envelope(api, body, status, told):
    answer = api.raw("POST", api.DETECT, json.dumps(body).encode())
    assert answer.status == status
    said = answer.json()
    assert (said["error_code"], said["faces_obj"]) == (1, {})
    assert told in said["error_msg"]


def test_a_base64_picture_is_taken_plain_and_as_data_uri(api):
    for img in ("aGVsbG8=", "data:image/png;base64,aGVsbG8="):
        assert api.post(api.DETECT, {"img": img})["error_code"] == 0


def test_an_address_beats_an_enclosed_picture(api):
    assert detect(api, img="&&& not base64 &&&") == detect(api)
    legacy = {"single_face": True, "image_url": PICTURE}
    alone = api.post("/detect", legacy)["region"]
    assert api.post("/detect", {**legacy, "img": "aGVsbG8="})["region"] == alone


def test_credentials_are_asked_for_in_detections_own_envelope(api):
    assert detect(api)["error_code"] == 0
    answer = api.post(api.DETECT, {"url": PICTURE}, x_api_key="bad")
    assert (answer["error_code"], answer["faces_obj"]) == (1101, {})


def test_the_old_service_answers_flat_lists_of_six_points(make):
    answer = make(faces=2).post("/detect", {"image_url": PICTURE, "single_face": False})
    assert answer["error_code"] == 0
    assert [points[4:] for points in answer["landmarks"]] == [[[0, 0], [0, 0]]] * 2
    assert answer["landmarks_str"] == [
        ":".join(f"{x},{y}" for x, y in points[:4]) for points in answer["landmarks"]
    ]
    assert len(answer["region"]) == 2


def test_the_old_service_gives_a_text_for_one_face_unless_told_to_keep_to_its_page(make):
    body = {"image_url": PICTURE, "single_face": True}
    text = make().post("/detect", body)["landmarks_str"]
    assert make(single_face_text=False).post("/detect", body)["landmarks_str"] == [text]
    several = {**body, "single_face": False}
    assert isinstance(make().post("/detect", several)["landmarks_str"], list)


def test_the_old_service_finds_all_faces_without_being_told_how_many(make):
    body = {"image_url": PICTURE}
    assert len(make(faces=3).post("/detect", body)["region"]) == 3
    refused = make(single_face_optional=False).post("/detect", body)
    assert refused["error_code"] == 1003
    assert "single_face" in refused["error_msg"]


def test_the_old_service_says_errors_with_http_200(make):
    api = make(faces=0)
    for body in ({"single_face": True}, {"single_face": True, "image_url": PICTURE}):
        answer = api.post("/detect", body)
        assert answer["error_code"] != 0
        assert answer["error_msg"]
