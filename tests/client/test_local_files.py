"""Files of this machine in place of addresses: looked at, uploaded, swapped, saved."""

import asyncio
import base64
import io
import json
import os
import re
import subprocess
import sys
import threading
from datetime import timedelta
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import httpx2
import pytest
from tests.client.conftest import API_KEY, FACE, IMAGE, picture
from tests.client.test_media_ends import film
from tests.web_server import web_server

from akool_faceswap import (
    AkoolError,
    AsyncFaceSwap,
    ConfigurationError,
    DownloadError,
    Face,
    FaceMapping,
    FaceSwap,
    InvalidRequestError,
    JobTimeout,
    UploadError,
)
from akool_faceswap.uploads import S3, Fsspec, Mock, named
from akool_mock import MockServer

PICTURE = picture(side=120)
OTHER = picture(seed=2, side=120)
FILM = film("mp4", "mpeg4")


class Uploaded:
    """An uploader that remembers."""

    def __init__(self, host="https://files.example", **more):
        self.calls = []
        self.host = host
        self.__dict__.update(more)

    def __call__(self, content, name, media_type):
        whole = content if isinstance(content, bytes) else content.read_bytes()
        self.calls.append((whole, name, media_type))
        return f"{self.host}/{len(self.calls)}/{name}"


@pytest.fixture
def me(tmp_path):
    path = tmp_path / "me.jpg"
    path.write_bytes(PICTURE)
    return path


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(FILM)
    return path


GIVEN = {
    "path": lambda path: path,
    "bytes": lambda path: path.read_bytes(),
    "bytearray": lambda path: bytearray(path.read_bytes()),
    "open file": lambda path: path.open("rb"),
    "memory": lambda path: io.BytesIO(path.read_bytes()),
}


# Every place that takes an address takes a file.


@pytest.mark.parametrize("how", GIVEN)
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_a_file_stands_wherever_an_address_does(both, vendor, me, video, how):
    give, uploader = GIVEN[how], Uploaded()

    async def scenario(client):
        bodies = []
        for submit in (
            lambda: client.swap_image(give(me), Face(give(me), None), give(me)),
            lambda: client.swap_video(FACE, give(me), give(video)),
            lambda: client.swap_image_pro([give(me)], FACE),
            lambda: client.swap_plus(give(me), give(video)),
            lambda: client.swap_plus(FACE, IMAGE, mapping=[FaceMapping(give(me), give(me))]),
            lambda: client.detect_faces(give(video)),
        ):
            await submit()
            bodies.append(vendor.body)
        return bodies

    for body in both.run(vendor, scenario, uploader=uploader):
        texts = re.findall(r'"(?:path|url|\w*_url|modify\w+)": "([^"]*)"', json.dumps(body))
        assert texts
        assert all(text.startswith("https://") for text in texts)
    for content, name, media_type in uploader.calls:
        assert content in {PICTURE, FILM}
        assert name.endswith(".mp4" if content == FILM else ".jpg")
        assert media_type == ("video/mp4" if content == FILM else "image/jpeg")


@pytest.mark.parametrize("how", ["path", "bytes"])
def test_the_same_file_is_uploaded_once_for_a_request(both, vendor, me, how):
    uploader, give = Uploaded(), GIVEN[how]
    both.run(vendor, lambda c: c.swap_image(give(me), give(me), give(me)), uploader=uploader)
    assert len(uploader.calls) == 1


def test_an_address_that_stays_good_is_used_for_half_of_its_life(both, vendor, me):
    uploader = Uploaded(good_for_s=100)

    async def scenario(client):
        for _ in range(3):
            await client.swap_plus(me, me)
        both.clock.passed += 51
        await client.swap_plus(me, me)

    both.run(vendor, scenario, uploader=uploader)
    assert len(uploader.calls) == 2
    me.write_bytes(OTHER)  # another picture of the same name is another file
    both.run(vendor, lambda client: client.swap_plus(me, me), uploader=uploader)
    assert len(uploader.calls) == 3


def test_one_face_and_its_landmarks_stay_together(both, vendor, me):
    uploader = Uploaded()

    async def scenario(client):
        new, old = await client.detect_pairs(me, image=me)
        return await client.swap_image(new, old, me)

    both.run(vendor, scenario, uploader=uploader)
    body = vendor.body
    assert body["sourceImage"] == body["targetImage"]
    assert body["sourceImage"][0]["path"] == body["modifyImage"]
    assert body["sourceImage"][0]["opts"]


def test_detecting_a_picture_needs_no_uploader(both, vendor, me):
    for given in (me, PICTURE, io.BytesIO(PICTURE)):
        for method in ("detect_faces", "detect_faces_legacy"):

            def detect(client, given=given, method=method):
                if hasattr(given, "seek"):
                    given.seek(0)
                return getattr(client, method)(given)

            found = both.run(vendor, detect)
            assert base64.b64decode(vendor.body["img"]) == PICTURE
            assert len(found.faces) == 1
    both.run(vendor, lambda client: client.detect_faces(image=me))
    assert base64.b64decode(vendor.body["img"]) == PICTURE


# What is looked at before anything is uploaded or paid.

CUT = PICTURE[: len(PICTURE) // 2]


@pytest.mark.parametrize(
    "wrong",
    [
        (b"", "empty"),
        (b"<html>", "neither picture nor video"),
        (b"%PDF-1.7 ...", "neither picture nor video"),
        (CUT, "damaged"),
        (picture(kind="PNG", side=120)[:-20], "damaged"),
        (picture(kind="GIF"), "GIF; wanted is an image"),
        (picture(side=79), "79 x 79 pixels"),
        (picture(side=60, kind="PNG"), "60 x 60 pixels"),
        (picture(side=60, kind="WEBP"), "60 x 60 pixels"),
        (picture(side=60, kind="WEBP", lossless=True), "60 x 60 pixels"),
        (picture(side=60, kind="BMP"), "60 x 60 pixels"),
        (FILM, "MP4; wanted is an image"),
    ],
)
@pytest.mark.parametrize("how", ["path", "bytes", "memory"])
def test_what_cannot_be_swapped_is_refused_before_it_is_uploaded(
    both, vendor, tmp_path, wrong, how
):
    uploader, path = Uploaded(), tmp_path / "given"
    content, why = wrong
    path.write_bytes(content)
    with pytest.raises(InvalidRequestError, match=f"image: .*{re.escape(why)}"):
        both.run(
            vendor,
            lambda client: client.swap_image(PICTURE, FACE, GIVEN[how](path)),
            uploader=uploader,
        )
    assert uploader.calls == []
    assert vendor.requests == []


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP", "JPEG"])
def test_every_kind_that_the_vendor_takes_is_taken(both, vendor, kind):
    uploader = Uploaded()
    content = picture(side=90, kind=kind)
    both.run(vendor, lambda client: client.swap_plus(content, content), uploader=uploader)
    assert uploader.calls[0][2] == f"image/{kind.lower()}"


def test_a_file_that_is_too_large_is_refused(both, vendor, me, monkeypatch):
    monkeypatch.setattr("akool_faceswap._media.local.MAX_IMAGE_BYTES", 1000)
    with pytest.raises(InvalidRequestError, match="1000 are taken"):
        both.run(vendor, lambda client: client.swap_plus(me, me), uploader=Uploaded())


@pytest.mark.parametrize("given", [Path("missing.jpg"), io.StringIO("text"), Path("nul\0")])
def test_a_file_that_cannot_be_read_is_refused(both, vendor, given):
    with pytest.raises(InvalidRequestError):
        both.run(vendor, lambda client: client.swap_plus(given, FACE), uploader=Uploaded())
    assert vendor.requests == []


def test_a_rule_that_is_broken_comes_before_any_upload(both, vendor, me):
    uploader = Uploaded()
    with pytest.raises(InvalidRequestError, match="landmarks"):
        both.run(vendor, lambda c: c.swap_image([me, me], [me, me], me), uploader=uploader)
    assert uploader.calls == []


@pytest.mark.parametrize("name", ["ütf.JPEG", "a b.jpeg", "..jpg", "x" * 200 + ".png", "con.exe"])
def test_names_are_harmless_and_end_as_their_kind(both, vendor, tmp_path, name):
    uploader, path = Uploaded(), tmp_path / name
    path.write_bytes(PICTURE)
    both.run(vendor, lambda client: client.swap_plus(path, path), uploader=uploader)
    ((_, sent, _),) = uploader.calls
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,80}\.jpg", sent)


# Without an uploader, and with one that fails.


def test_without_an_uploader_the_three_ways_are_named(both, vendor, me):
    with pytest.raises(InvalidRequestError) as caught:
        both.run(vendor, lambda client: client.swap_plus(me, me))
    text = str(caught.value)
    for way in ("public http(s) URL", "akool_faceswap.uploads", "uploader(path or bytes"):
        assert way in text
    assert vendor.requests == []


@pytest.mark.parametrize("answer", [None, 7, "", "ftp://x/y", "file.jpg"])
def test_an_uploader_that_gives_no_address_is_told(both, vendor, me, answer):
    with pytest.raises(UploadError, match="must be a URL"):
        both.run(vendor, lambda client: client.swap_plus(me, me), uploader=lambda *_: answer)
    assert vendor.requests == []


def test_an_address_that_the_vendor_cannot_fetch_is_refused(both, vendor, me):
    uploader = Uploaded("http://127.0.0.1:9000")
    with pytest.raises(InvalidRequestError, match="the vendor cannot fetch"):
        both.run(vendor, lambda client: client.swap_plus(me, me), uploader=uploader)
    assert vendor.requests == []


def test_an_uploader_that_fails_costs_nothing(both, vendor, me):
    def broken(*_):
        raise OSError("disk full")

    with pytest.raises(UploadError, match=r"OSError: disk full.*Nothing was submitted"):
        both.run(vendor, lambda client: client.swap_plus(me, me), uploader=broken)
    assert vendor.requests == []


async def awaited(_content, name, _media_type):
    await asyncio.sleep(0)
    return f"https://files.example/{name}"


class Awaited:
    async def __call__(self, *arguments):
        return await awaited(*arguments)


def looks_plain(*arguments):
    return awaited(*arguments)


@pytest.mark.parametrize("uploader", [awaited, Awaited(), looks_plain])
def test_an_uploader_may_be_awaited(vendor, me, uploader):
    async def main():
        transport = httpx2.MockTransport(vendor)
        async with AsyncFaceSwap(API_KEY, transport=transport, uploader=uploader) as client:
            await client.swap_plus(me, me)

    asyncio.run(main())
    assert vendor.body["source_url"] == "https://files.example/me.jpg"


@pytest.mark.parametrize("uploader", [awaited, Awaited(), "s3", 7])
def test_an_uploader_that_nobody_could_call_is_refused_at_once(uploader):
    with pytest.raises(ConfigurationError, match="uploader"):
        FaceSwap(API_KEY, uploader=uploader)


def test_an_uploader_that_turns_out_to_be_awaited_is_told(vendor, me):
    transport = httpx2.MockTransport(vendor)
    with (
        FaceSwap(API_KEY, transport=transport, uploader=looks_plain) as client,
        pytest.raises(UploadError, match="AsyncFaceSwap"),
    ):
        client.swap_plus(me, me)


# One call.


def test_one_call_from_files_to_a_file(both, vendor, me, tmp_path):
    out, states = tmp_path / "out.jpg", []

    async def scenario(client):
        return await client.swap_to_file(out, me, image=me, on_update=states.append)

    assert both.run(vendor, scenario, uploader=Uploaded()) == out
    assert out.read_bytes() == vendor.file
    assert vendor.posts == 1
    assert states[-1].status.name == "SUCCESS"


def test_one_call_for_a_video(both, vendor, tmp_path, monkeypatch):
    from tests.client import conftest  # noqa: PLC0415 - of this test alone

    frame = conftest.DETECTED["faces_obj"]["0"] | {"face_urls": [FACE], "crop_landmarks": [None]}
    monkeypatch.setitem(conftest.DETECTED, "faces_obj", {"0": frame})
    film_url = "https://files.example/film.mp4"

    async def scenario(client):
        return await client.swap_to_file(tmp_path / "out.mp4", FACE, video=film_url)

    assert both.run(vendor, scenario).is_file()
    assert vendor.sent("/specifyvideo")


def test_a_place_that_takes_no_file_is_refused_before_it_is_paid(both, vendor, tmp_path):
    with pytest.raises(DownloadError):
        both.run(vendor, lambda c: c.swap_to_file(tmp_path / "no" / "out", FACE, image=IMAGE))
    assert vendor.requests == []
    assert list(tmp_path.iterdir()) == []


def test_a_wait_that_is_given_up_names_the_job_which_goes_on(both, vendor, tmp_path):
    vendor.statuses = lambda _name, _looks: 2

    async def scenario(client):
        with pytest.raises(JobTimeout) as caught:
            await client.swap_to_file(tmp_path / "out", FACE, image=IMAGE, wait_timeout=5)
        vendor.statuses = lambda _name, _looks: 3
        return await client.job(caught.value.job_id).result()

    both.run(vendor, scenario)
    assert vendor.posts == 1


# Ready uploaders.

SERVER = """
import sys
from moto.server import main
main(["-H", "127.0.0.1", "-p", "0"])
"""


@pytest.fixture(scope="module")
def store():
    """An S3-compatible server of its own process; its address."""
    environ = {**os.environ, "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-u", "-c", SERVER], stderr=subprocess.PIPE, env=environ
    ) as process:
        try:
            for line in process.stderr:
                found = re.search(rb"http://127\.0\.0\.1:\d+", line)
                if found:
                    break
            url = found[0].decode()
            threading.Thread(target=process.stderr.read, daemon=True).start()
            yield url
        finally:
            process.kill()


def s3(store, bucket="pictures", **more):
    httpx2.put(f"{store}/{bucket}").raise_for_status()
    return s3_of(store, bucket, **more)


def s3_of(store, bucket, **more):
    """An uploader to a bucket that need not be there."""
    return S3(
        bucket,
        region="us-east-1",
        endpoint=store,
        access_key_id="key",
        secret_access_key="secret",
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
        **more,
    )


@pytest.mark.parametrize("how", ["path", "bytes"])
def test_s3_hands_out_presigned_addresses(both, vendor, store, me, how):
    uploader = s3(store)
    base = "http://127.0.0.1:8970"  # as a mock on this machine
    given = GIVEN[how](me)
    both.run(vendor, lambda c: c.swap_plus(given, given), uploader=uploader, base_url=base)
    url = vendor.body["source_url"]
    assert "X-Amz-Signature=" in url
    assert "X-Amz-Expires=86400" in url
    answer = httpx2.get(url)
    assert answer.content == PICTURE
    assert answer.headers["content-type"] == "image/jpeg"


def test_s3_tells_what_is_wrong(both, vendor, store, me):
    with pytest.raises(ConfigurationError, match="seven days"):
        S3("x", lifetime=timedelta(days=8))
    with pytest.raises(ConfigurationError, match="S3 x"):
        S3("x", no_such_option=1)
    closed = s3(store)
    nowhere = s3_of(store, "nowhere")
    assert closed.good_for_s == 86400
    with pytest.raises(UploadError) as caught:
        both.run(vendor, lambda client: client.swap_plus(me, me), uploader=nowhere)
    assert "secret" not in str(caught.value)
    assert vendor.requests == []


def shown(folder):
    """A web server that shows a folder."""

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=folder)

    return web_server(Handler)


@pytest.mark.parametrize("how", ["path", "bytes"])
def test_fsspec_writes_where_the_web_reads(both, vendor, tmp_path, me, how):
    folder = tmp_path / "www"
    with shown(folder) as public:
        both.run(
            vendor,
            lambda client: client.swap_plus(GIVEN[how](me), FACE),
            uploader=Fsspec(f"file://{folder}", public=public),
            base_url="http://127.0.0.1:8970",
        )
        assert httpx2.get(vendor.body["source_url"]).content == PICTURE


@pytest.mark.parametrize(
    ("folder", "public"), [("x", "ftp://x"), ("x", ""), ("nosuch://x", "https://x.example")]
)
def test_fsspec_tells_what_is_wrong(folder, public):
    with pytest.raises(ConfigurationError):
        Fsspec(folder, public=public)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_mock_takes_files_and_a_whole_swap_goes_through_it(tmp_path, me, kind):
    other = tmp_path / "party.png"
    other.write_bytes(picture(seed=3, side=200, kind="PNG"))
    with MockServer(seed=7) as mock:
        uploader = Mock(mock.url)

        def blocking():
            with FaceSwap(mock.api_key, base_url=mock.url, uploader=uploader) as client:
                mock.clock.advance(0)
                return client.swap_to_file(tmp_path / "out", me, image=other)

        async def main():
            async with AsyncFaceSwap(mock.api_key, base_url=mock.url, uploader=uploader) as client:
                return await client.swap_to_file(tmp_path / "out", me, image=other)

        path = blocking() if kind == "sync" else asyncio.run(main())
        assert path.read_bytes()[:2] == b"\xff\xd8" or path.read_bytes()[:4] == b"\x89PNG"
        url = uploader(me, "me.jpg", "image/jpeg")
        assert httpx2.get(url).content == PICTURE


def test_a_server_that_is_no_mock_takes_no_files(me):
    with pytest.raises(UploadError, match="takes files"):
        Mock("http://127.0.0.1:9")(me, "me.jpg", "image/jpeg")


# By name, for the command line.


def test_uploaders_have_names(tmp_path, monkeypatch):
    assert isinstance(named("mock", {"AKOOL_BASE_URL": "http://127.0.0.1:1"}), Mock)
    assert isinstance(named(f"{tmp_path}=https://pictures.example", {}), Fsspec)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert isinstance(named("s3://bucket/folder", {}), S3)
    assert named("os.path:basename", {}) is os.path.basename


@pytest.mark.parametrize(
    "text", ["", "mock", "nosuch", "no.such:thing", "os:nosuch", "os:name", "a b:c"]
)
def test_a_name_of_no_uploader_is_told(text):
    with pytest.raises(ConfigurationError, match=r"(?i)uploader"):
        named(text, {})


@pytest.mark.parametrize(
    ("module", "make"),
    [
        ("obstore", lambda: S3("bucket")),
        ("fsspec.core", lambda: Fsspec("x", public="https://x.example")),
    ],
)
def test_a_missing_extra_is_named(monkeypatch, module, make):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigurationError, match=r"pip install 'akool-faceswap\["):
        make()


def test_every_error_of_uploads_is_ours():
    assert issubclass(UploadError, AkoolError)
