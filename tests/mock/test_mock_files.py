"""The mock keeps uploaded pictures, so that files of this machine have addresses."""

import io

import httpx2
import pytest
from PIL import Image

from akool_mock import MockServer
from akool_mock._world.uploads import _KEPT_FILES, Uploads


def picture(side):
    file = io.BytesIO()
    Image.new("RGB", (side, side // 2)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def mock():
    with MockServer() as server:
        yield server


def post(mock, body, kind="image/png", name="me.png", **headers):
    headers = {"content-type": kind, **headers}
    return httpx2.post(
        f"{mock.url}/_mock/files", params={"name": name}, content=body, headers=headers
    )


def test_an_uploaded_picture_is_served_under_the_address_that_it_gets(mock):
    body = picture(300)
    url = post(mock, body).json()["url"]
    assert url.startswith(f"{mock.url}/_mock/files/")
    assert url.endswith("/me-300x150.png")  # a result will have its size
    answer = httpx2.get(url)
    assert answer.content == body
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_result_has_the_size_of_what_was_uploaded(mock):
    url = post(mock, picture(300)).json()["url"]
    body = {"sourceImage": [{"path": url}], "targetImage": [{"path": url}], "modifyImage": url}
    paid = httpx2.post(
        f"{mock.url}/api/open/v3/faceswap/highquality/specifyimage",
        json=body | {"face_enhance": 0},
        headers={"x-api-key": mock.api_key},
    ).json()["data"]
    mock.clock.advance(3600)
    result = httpx2.get(paid["url"]).content
    assert Image.open(io.BytesIO(result)).size == (300, 150)


@pytest.mark.parametrize("kind", ["text/html", "", "application/json", "image/", "image/svg<x"])
def test_nothing_but_pictures_and_videos_is_taken(mock, kind):
    assert post(mock, b"<script>", kind).status_code == 400
    assert post(mock, b"", "image/png").status_code == 400


@pytest.mark.parametrize("name", ["../../x.png", "a b\r\nc.png", "ä.png", ".png", "", "x" * 500])
def test_a_name_cannot_leave_its_place(mock, name):
    url = post(mock, picture(90), name=name).json()["url"]
    assert "/" not in url.removeprefix(f"{mock.url}/_mock/files/").partition("/")[2]
    assert httpx2.get(url).status_code == 200


def test_web_pages_of_other_origins_cannot_upload(mock):
    assert post(mock, picture(90), origin="https://evil.example").status_code == 403


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", "/x/y"), ("PUT", "")])
def test_other_methods_are_refused(mock, method, path):
    assert httpx2.request(method, f"{mock.url}/_mock/files{path}").status_code == 405


def test_a_reset_forgets_them(mock):
    url = post(mock, picture(90)).json()["url"]
    mock.control.reset()
    assert httpx2.get(url).status_code == 404


def test_what_is_kept_is_bounded_and_the_oldest_go_first():
    uploads = Uploads()
    for number in range(_KEPT_FILES + 5):
        uploads.add(f"{number}", b"image/png", b"x")
    assert uploads.get("4") is None
    assert uploads.get("5") is not None
    big = bytes(40 << 20)
    uploads.add("a", b"image/png", big)
    uploads.add("a", b"image/png", big)
    uploads.add("b", b"image/png", big)
    assert uploads.get("a") is None
    assert uploads.get("b") is not None
