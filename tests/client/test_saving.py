"""A result file is saved whole or not at all, whatever the server, the network and the disk do."""

import asyncio
import os
import stat
import threading
from pathlib import Path

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.client.conftest import API_KEY, AsyncFakeClock, FakeClock, item, job_id, ok, picture

from akool_faceswap import (
    AkoolError,
    AsyncFaceSwap,
    DownloadError,
    FaceSwap,
    InvalidRequestError,
    ResultExpired,
)
from akool_faceswap._async import saving
from akool_faceswap._core.download import file_name
from akool_faceswap._http.files import ResultFile

FILE = picture()
ID = job_id(1)


class Cut(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body that breaks off after its last chunk."""

    def __init__(self, *chunks: bytes, error: Exception | None = None) -> None:
        self.chunks = chunks
        self.error = error

    def __iter__(self):
        yield from self.chunks
        if self.error is not None:
            raise self.error

    async def __aiter__(self):
        for chunk in self:
            yield chunk


class Cdn:
    """A file server. `drops` says after how many bytes each answer breaks off."""

    def __init__(self, file=FILE, drops=(), etag='"v1"', *, ranges=True, headers=None):
        self.file, self.drops, self.etag, self.ranges = file, list(drops), etag, ranges
        self.headers = headers or {}
        self.asked = []

    def __call__(self, request):
        if request.url.path.endswith("/listbyids"):
            return ok({"result": [item(ID)]})
        self.asked.append(request.headers.get("range"))
        first = int(self.asked[-1][6:-1]) if self.asked[-1] and self.ranges else 0
        if first and request.headers["if-range"] != self.etag:
            first = 0
        body = self.file[first:]
        headers = {"content-length": str(len(body)), "etag": self.etag} | self.headers
        if first:
            headers["content-range"] = f"bytes {first}-{len(self.file) - 1}/{len(self.file)}"
        error = None
        if self.drops:
            body, error = body[: self.drops.pop(0)], httpx2.ReadError("reset")
        return httpx2.Response(
            206 if first else 200, headers=headers, stream=Cut(body, error=error)
        )


def save(both, server, path, **options):
    async def scenario(client):
        result = await client.job(ID).result()
        return await result.save(path, **options)

    return both.run(server, scenario)


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_saved_under_its_name_and_nothing_else_is_left(both, tmp_path):
    seen = []
    path = save(both, Cdn(), tmp_path / "out.jpg", progress=lambda *args: seen.append(args))
    assert path == tmp_path / "out.jpg"
    assert path.read_bytes() == FILE
    assert left_in(tmp_path) == ["out.jpg"]
    assert seen[-1] == (len(FILE), len(FILE))


def test_a_folder_gets_the_file_under_a_name_from_its_url(both, tmp_path):
    assert save(both, Cdn(), tmp_path).name == f"final_{ID}.jpg"


def test_the_permissions_are_those_of_any_new_file(both, tmp_path):
    before = os.umask(0o027)
    try:
        path = save(both, Cdn(), tmp_path / "out.jpg")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@settings(max_examples=settings().max_examples // 8)  # each waits for the disk
@given(drops=st.lists(st.integers(1, len(FILE) - 1), max_size=8))
def test_any_number_of_drops_gives_the_same_bytes(tmp_path_factory, drops):
    folder = tmp_path_factory.mktemp("drops")
    cdn = Cdn(drops=drops)
    transport = httpx2.MockTransport(cdn)
    with FaceSwap(API_KEY, transport=transport, clock=FakeClock()) as client:
        path = client.job(ID).result().save(folder / "out.jpg")
    assert path.read_bytes() == FILE
    # Every byte was asked for once: each attempt went on where the last one stopped.
    starts = [0 if asked is None else int(asked[6:-1]) for asked in cdn.asked]
    assert starts == sorted(starts)


def test_a_drop_is_resumed_where_it_stopped(both, tmp_path):
    cdn = Cdn(drops=[1000, 2000])
    assert save(both, cdn, tmp_path / "out.jpg").read_bytes() == FILE
    assert cdn.asked == [None, "bytes=1000-", "bytes=3000-"]


def test_a_body_shorter_than_announced_is_a_drop(both, tmp_path):
    cdn = Cdn()
    answers = iter([FILE[:100], FILE])

    def server(request):
        if request.url.path.endswith("/listbyids"):
            return cdn(request)
        headers = {"content-length": str(len(FILE))}
        return httpx2.Response(200, headers=headers, stream=Cut(next(answers)))

    assert save(both, server, tmp_path / "out.jpg").read_bytes() == FILE


@pytest.mark.parametrize("etag", ['W/"weak"', ""])
def test_without_a_strong_validator_it_begins_again_instead_of_mixing(both, tmp_path, etag):
    cdn = Cdn(drops=[1000], etag=etag)
    assert save(both, cdn, tmp_path / "out.jpg").read_bytes() == FILE
    assert cdn.asked == [None, None]


def test_a_file_that_changed_meanwhile_is_fetched_anew(both, tmp_path):
    other = picture(seed=2, side=100)
    cdn = Cdn(drops=[1000])

    def server(request):
        if len(cdn.asked) == 1:
            cdn.file, cdn.etag = other, '"v2"'
        return cdn(request)

    assert save(both, server, tmp_path / "out.jpg").read_bytes() == other


def test_a_server_that_ignores_ranges_is_understood(both, tmp_path):
    cdn = Cdn(drops=[1000], ranges=False)
    assert save(both, cdn, tmp_path / "out.jpg").read_bytes() == FILE


@pytest.mark.parametrize("content_range", ["", "bytes 5-9/10", "bytes x-y/z", "bytes 1000-1999/99"])
def test_a_part_that_does_not_fit_is_never_joined_on(both, tmp_path, content_range):
    cdn = Cdn(drops=[1000], headers={})

    def server(request):
        response = cdn(request)
        if response.status_code == 206:
            response.headers["content-range"] = content_range
        return response

    try:
        saved = save(both, server, tmp_path / "out.jpg").read_bytes()
    except DownloadError:
        assert left_in(tmp_path) == []
    else:
        assert saved == FILE


@pytest.mark.parametrize(
    "answer",
    [
        lambda: httpx2.Response(404),
        lambda: httpx2.Response(204),
        lambda: httpx2.Response(200, content=b""),
        lambda: httpx2.Response(206, headers={"content-range": "bytes 0-1/2"}, content=b"ab"),
        lambda: httpx2.Response(
            200, headers={"content-encoding": "gzip"}, stream=httpx2.ByteStream(b"x")
        ),
        lambda: httpx2.Response(302),
        lambda: httpx2.Response(302, headers={"location": "file:///etc/passwd"}),
        lambda: httpx2.Response(302, headers={"location": "http://cdn.example/plain"}),
        lambda: httpx2.Response(302, headers={"location": "/again"}),
        lambda: httpx2.Response(
            200, headers={"content-length": "3"}, stream=httpx2.ByteStream(b"more")
        ),
        lambda: httpx2.Response(500),
        lambda: httpx2.Response(
            200, headers={"content-length": str(1 << 50)}, stream=httpx2.ByteStream(b"x")
        ),
    ],
)
def test_what_is_no_whole_file_leaves_nothing_behind(both, tmp_path, answer):
    def server(request):
        return ok({"result": [item(ID)]}) if "_ids" in request.url.params else answer()

    with pytest.raises(DownloadError) as caught:
        save(both, server, tmp_path / "out.jpg")
    assert caught.value.job_id == ID
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("url", ["", "x", "ftp://x/y", "http://", "https://[", "http://x:99999/"])
def test_a_url_that_is_none_is_our_error(both, tmp_path, url):
    def server(_request):
        return ok({"result": [item(ID, url=url)]})

    with pytest.raises(AkoolError, match=r"URL|broke off"):
        save(both, server, tmp_path / "out.jpg")
    assert left_in(tmp_path) == []


def test_a_redirect_is_followed_without_credentials(both, tmp_path):
    seen = []

    def server(request):
        seen.append(request)
        if "_ids" in request.url.params:
            return ok({"result": [item(ID)]})
        if request.url.host == "cdn.example":
            return httpx2.Response(302, headers={"location": "https://other.example/file"})
        return httpx2.Response(200, content=FILE)

    assert save(both, server, tmp_path / "out.jpg").read_bytes() == FILE
    assert [request.url.host for request in seen[1:]] == ["cdn.example", "other.example"]
    for request in seen[1:]:
        assert not {"x-api-key", "authorization", "cookie"} & set(request.headers)


def test_a_server_that_cannot_go_on_after_all_is_asked_from_the_start(both, tmp_path):
    cdn = Cdn(drops=[1000])
    asked = []

    def refuse_ranges(request):
        asked.append(request.headers.get("range"))
        return httpx2.Response(416) if asked[-1] else cdn(request)

    assert save(both, refuse_ranges, tmp_path / "a.jpg").read_bytes() == FILE
    assert [each for each in asked if each] == ["bytes=1000-"]
    assert cdn.asked == [None, None]


@pytest.mark.parametrize(
    "location", ["", "http://[", "ftp://cdn.example/a", "http://cdn.example/a"]
)
def test_a_redirect_to_nowhere_good_is_not_followed(both, tmp_path, location):
    def redirect(request):
        if request.url.path.endswith("/listbyids"):
            return ok({"result": [item(ID)]})
        return httpx2.Response(302, headers={"location": location})

    with pytest.raises(DownloadError, match="the client does not follow"):
        save(both, redirect, tmp_path / "a.jpg")
    assert left_in(tmp_path) == []


def test_a_result_older_than_seven_days_is_not_asked_for(both, tmp_path):
    cdn = Cdn()

    async def scenario(client):
        result = await client.job(ID).result()
        both.clock.passed = 7 * 86400 + 1
        await result.save(tmp_path / "out.jpg")

    with pytest.raises(ResultExpired, match="expired at 2023-11-21"):
        both.run(cdn, scenario)
    assert cdn.asked == []


def test_the_vendors_clock_decides_when_this_machines_is_wrong(both, tmp_path):
    cdn = Cdn()

    def server(request):
        response = cdn(request)
        response.headers["date"] = "Tue, 14 Nov 2023 22:13:21 GMT"  # START + 1 s
        return response

    both.clock.passed = 365 * 86400  # this machine believes it to be next year
    assert save(both, server, tmp_path / "out.jpg").read_bytes() == FILE


def test_a_file_that_vanished_when_its_time_was_over_has_expired(both, tmp_path):
    def server(request):
        if "_ids" in request.url.params:
            return ok({"result": [item(ID)]})
        both.clock.passed = 8 * 86400
        return httpx2.Response(403)

    with pytest.raises(ResultExpired, match="gone"):
        save(both, server, tmp_path / "out.jpg")


@pytest.mark.parametrize("path", ["missing/out.jpg", "nul\0byte", "x" * 300])
def test_a_disk_that_refuses_is_our_error(both, tmp_path, path):
    with pytest.raises(DownloadError):
        save(both, Cdn(), f"{tmp_path}/{path}")
    assert left_in(tmp_path) == []


def test_a_path_that_is_none_is_refused(both):
    with pytest.raises(InvalidRequestError, match="path"):
        save(both, Cdn(), 7)


def test_a_file_that_was_there_stays_until_the_new_one_is_whole(both, tmp_path):
    path = tmp_path / "out.jpg"
    path.write_bytes(b"old")
    with pytest.raises(DownloadError):
        save(both, Cdn(drops=[10, 0, 0, 0, 0, 0, 0]), path)
    assert path.read_bytes() == b"old"
    assert left_in(tmp_path) == ["out.jpg"]
    assert save(both, Cdn(), path).read_bytes() == FILE


def test_a_progress_callback_that_raises_ends_it_cleanly(both, tmp_path):
    def stop(_done, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save(both, Cdn(), tmp_path / "out.jpg", progress=stop)
    assert left_in(tmp_path) == []


def test_a_cancelled_save_leaves_nothing(tmp_path):
    async def main():
        transport, clock = httpx2.MockTransport(Cdn()), AsyncFakeClock()
        async with AsyncFaceSwap(API_KEY, transport=transport, clock=clock) as client:
            result = await client.job(ID).result()
            task = asyncio.current_task()
            await result.save(tmp_path / "out.jpg", progress=lambda *_: task.cancel())

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("step", ["__init__", "write", "commit"])
def test_a_save_that_is_cancelled_while_a_thread_is_at_the_disk_waits_for_it(
    tmp_path, monkeypatch, step
):
    monkeypatch.setattr(saving, "WRITE_AT_ONCE", 1)
    inside, go_on = threading.Event(), threading.Event()
    at_the_disk = getattr(ResultFile, step)

    def slowly(*arguments):
        inside.set()
        assert go_on.wait(10)
        return at_the_disk(*arguments)

    monkeypatch.setattr(ResultFile, step, slowly)

    async def main():
        transport, clock = httpx2.MockTransport(Cdn()), AsyncFakeClock()
        async with AsyncFaceSwap(API_KEY, transport=transport, clock=clock) as client:
            result = await client.job(ID).result()
            task = asyncio.ensure_future(result.save(tmp_path / "out.jpg"))
            assert await asyncio.to_thread(inside.wait, 10)
            task.cancel()
            await asyncio.sleep(0)
            go_on.set()
            with pytest.raises(asyncio.CancelledError):
                await task
            return left_in(tmp_path)

    assert asyncio.run(main()) == (["out.jpg"] if step == "commit" else [])


def test_the_timeout_is_for_all_attempts(both, tmp_path):
    def server(request):
        if "_ids" in request.url.params:
            return ok({"result": [item(ID)]})
        both.clock.passed += 6
        raise httpx2.ReadTimeout("")

    with pytest.raises(DownloadError, match="not complete in time"):
        save(both, server, tmp_path / "out.jpg", timeout=10)
    assert both.clock.passed <= 13


@given(st.one_of(st.text(), st.text().map(lambda text: f"https://cdn.example/{text}")))
def test_a_name_from_a_url_is_harmless(url):
    name = file_name(url, ID)
    assert name
    assert len(name) <= 160
    assert Path(name).name == name
    assert not name.startswith((".", "-"))
    assert name.isascii()
    assert name.isprintable()


@pytest.mark.parametrize("name", ["con", "NUL.jpg", "com1", "..", "%2e%2e%2fpasswd", "a%00b"])
def test_a_name_that_means_something_else_is_replaced(name):
    safe = file_name(f"https://x.example/{name}", ID)
    assert safe.split(".")[0].lower() not in {"con", "nul", "com1", ""}
