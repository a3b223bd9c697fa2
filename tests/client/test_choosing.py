"""What is given to detection, and which of the faces that it found are meant."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from tests.client.conftest import OPTS, picture

from akool_faceswap import DetectedFace, Detection, DetectionError, Face, InvalidRequestError
from akool_faceswap._core.arguments import choose, in_chunks, inline, one_or_more, only
from akool_faceswap._errors import RawAnswer
from akool_faceswap._models.given import LocalFile

URL = "https://a.example/x.png"
CROP = "https://crops.example/{}.png"
FILM = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(64)
RAW = RawAnswer(200, {}, b"{}")


def detection(*frames: int) -> Detection:
    """A face for each of these, in that frame, with a crop named by its position."""
    return Detection(
        tuple(
            DetectedFace(
                frame,
                OPTS,
                face_url=CROP.format(at),
                crop_landmarks=OPTS,
                media_url=f"{URL}?{at}",
            )
            for at, frame in enumerate(frames)
        ),
        RAW,
    )


def faces(*positions: int, crops: bool) -> list[Face]:
    return [Face(CROP.format(at) if crops else f"{URL}?{at}", OPTS) for at in positions]


@pytest.mark.parametrize(
    ("frames", "positions", "wanted", "video", "meant"),
    [
        ((0, 0), None, 2, False, (0, 1)),
        ((0, 0, 0), (2, 0), 2, False, (2, 0)),
        # Of a picture every face counts, wherever the answer put it.
        ((0, 1), None, 2, False, (0, 1)),
        # Of a video, those of the first frame that shows as many as are wanted.
        ((0, 0, 0, 1, 1, 2, 2), None, 2, True, (3, 4)),
        ((0, 1, 1), None, 1, True, (0,)),
        ((0, 0, 1), (2,), 1, True, (2,)),
    ],
)
def test_faces_are_chosen_by_position_or_all_of_a_picture_or_of_one_frame(
    frames: Any,
    positions: Any,
    wanted: int,
    video: Any,
    meant: Any,
) -> None:
    chosen = choose(detection(*frames), positions, wanted, video=video)
    assert chosen == faces(*meant, crops=video)


@pytest.mark.parametrize(
    ("frames", "positions", "wanted", "video", "says"),
    [
        (
            (0, 0, 0),
            None,
            2,
            False,
            (
                "2 new faces for 3 of the 3 faces found in the image; "
                "say with `faces` which, by their positions"
            ),
        ),
        (
            (0, 0, 0),
            (1,),
            2,
            True,
            (
                "2 new faces for 1 of the 3 faces found in the video; "
                "say with `faces` which, by their positions"
            ),
        ),
        (
            (0, 1),
            None,
            2,
            True,
            (
                "2 new faces for 0 of the 2 faces found in the video; "
                "say with `faces` which, by their positions"
            ),
        ),
        ((0, 0, 0), (0, 3), 2, False, "`faces` counts from 0 to 2 here"),
        ((0, 0, 0), (-1, 0), 2, False, "`faces` counts from 0 to 2 here"),
        ((0, 0, 0), ("a", 0), 2, False, "`faces` counts from 0 to 2 here"),
    ],
)
def test_faces_that_do_not_match_are_told_with_their_numbers(
    frames: Any,
    positions: Any,
    wanted: int,
    video: Any,
    says: str,
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        choose(detection(*frames), positions, wanted, video=video)
    assert caught.value.args == (says,)


def test_a_source_picture_gives_its_first_face_or_says_that_it_has_none() -> None:
    assert [only(detection(0, 0))] == faces(0, crops=False)
    with pytest.raises(DetectionError) as caught:
        only(detection())
    error = caught.value
    assert error.args == ("No face was found in a source picture",)
    assert (error.operation, error.http_status, error.raw) == ("detectFaces", 200, RAW)


def test_what_is_no_picture_is_no_source() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        one_or_more(7)  # type: ignore[arg-type]
    assert caught.value.args == ("source must be a URL, a file, or a list of them",)


@pytest.mark.parametrize(
    ("url", "image"), [(None, None), (URL, None), (URL, "aGk="), (None, "aGk=")]
)
def test_texts_go_to_detection_as_they_are(url: str | None, image: str | None) -> None:
    assert inline(url, image) == (url, image, None)


@pytest.mark.parametrize(
    ("given", "argument", "wanted", "text"),
    [
        ({"url": picture()}, "url", "image or video", base64.b64encode(picture()).decode()),
        ({"image": picture()}, "image", "image", base64.b64encode(picture()).decode()),
        ({"url": FILM}, "url", "image or video", None),
    ],
    ids=["picture as url", "picture as image", "video"],
)
def test_a_picture_goes_to_detection_as_text_and_a_video_by_its_address(
    given: dict[str, bytes], argument: str, wanted: str, text: str | None
) -> None:
    address, said, file = inline(**({"url": None, "image": None} | given))  # type: ignore[arg-type]
    assert isinstance(file, LocalFile)
    assert (file.argument, file.wanted, file.source.given) == (argument, wanted, given[argument])
    assert (address, said) == (None if text else file, text)


def test_a_file_beside_a_text_is_still_known_by_its_argument() -> None:
    address, text, file = inline(picture(), "aGk=")
    assert isinstance(address, LocalFile)
    assert (address.argument, text, file) == ("url", "aGk=", None)


def test_ids_are_cut_into_pieces_in_their_order() -> None:
    assert [*in_chunks("abcde", 2)] == ["ab", "cd", "e"]
    assert [*in_chunks("", 2)] == []
