"""A download driven by hand: where it stops, and in which words it says so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tests.client.conftest import picture

from akool_faceswap import AkoolError, RetryPolicy
from akool_faceswap._core.download import (
    Download,
    DroppedError,
    Fetched,
    Transfer,
)

URL = "https://a.example/x.png"
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 600
"""Begins as a picture; nobody looks further."""
JPEG = picture()
NEW = b"\1\2" * 40
"""Of a kind that nobody here knows, so it may end anywhere."""
PLAIN = {"accept": "*/*", "accept-encoding": "identity"}
NOWHERE = (
    "The file server redirects into a private network, or from https to http; the client does not "
    "follow"
)


def transfer(**change: Any) -> Transfer:
    late, local = change.pop("expired", False), change.pop("local", False)
    settings = {"url": URL, "max_bytes": 1000, "fetched": lambda _: None} | change
    download = Download(SimpleNamespace(id="j"), progress=None, timeout=None, **settings)  # type: ignore[arg-type]
    retry = RetryPolicy(attempts=2)
    return Transfer(download, retry, lambda: late, local=local, codings=["br"])


def begun(size: int = 0, **headers: str) -> Transfer:
    """A transfer of which so much has arrived."""
    it = transfer()
    it.head(200, {"etag": '"v1"'} | {k.replace("_", "-"): v for k, v in headers.items()})
    if size:
        it.add(PNG[:size])
    return it


def cut(**headers: str) -> Transfer:
    """A transfer of a picture of which the end is missing."""
    it = transfer(max_bytes=1 << 20)
    it.head(200, {name.replace("_", "-"): value for name, value in headers.items()})
    it.add(JPEG[:-9])
    return it


def redirected(times: int) -> Transfer:
    it = transfer()
    for number in range(times):
        it.head(302, {"location": f"/{number}"})
    return it


TROUBLE = {
    "no address": (lambda: transfer(url="ftp://a"), "The result has no usable URL"),
    "an address inside": (
        lambda: transfer(url="https://10.0.0.1/a"),
        "The result's URL leads to this machine or into a private network",
    ),
    "a status": (lambda: transfer().head(404, {}), "The file server answered HTTP 404"),
    "gone": (lambda: transfer(expired=True).head(404, {}), "The result file is gone"),
    "not gone": (lambda: transfer(expired=True).head(400, {}), "The file server answered HTTP 400"),
    "later": (lambda: transfer().head(500, {}), "HTTP 500"),
    "too early": (lambda: transfer().head(425, {}), "HTTP 425"),
    "nothing to continue": (lambda: transfer().head(416, {}), "The file server answered HTTP 416"),
    "no continuing": (
        lambda: begun(600).head(416, {}),
        "the server cannot continue where it stopped",
    ),
    "nowhere": (
        lambda: transfer().head(302, {}),
        NOWHERE,
    ),
    "without end": (lambda: redirected(6), "The file server redirects without end"),
    "too long": (
        lambda: begun(content_length="1001"),
        "The file has 1001 bytes; 1000 are allowed (`max_bytes`)",
    ),
    "too large": (lambda: begun().add(PNG * 2), "The file is larger than 1000 bytes"),
    "more than said": (
        lambda: begun(content_length="599").add(PNG[:600]),
        "More arrived than the 599 bytes announced",
    ),
    "text": (
        lambda: begun().add(b"<html>" * 100),
        (
            "What came from a.example is neither picture nor video but of no stated type, and "
            f"begins with {(b'<html>' * 100)[:32]!r}"
        ),
    ),
    "text of a type": (
        lambda: begun(content_type="Text/HTML ; charset=x; y").add(b"<html>" * 100),
        (
            "What came from a.example is neither picture nor video but text/html, and begins with "
            f"{(b'<html>' * 100)[:32]!r}"
        ),
    ),
    "a part unasked": (
        lambda: transfer().head(206, {"content-range": "bytes 0-1/2"}),
        "The file server sent a part that was not asked for",
    ),
    "a part of nothing": (
        lambda: begun(600).head(206, {}),
        "The file server sent a part that was not asked for",
    ),
    "another length": (
        lambda: begun(600, content_length="608").head(206, {"content-range": "bytes 600-608/609"}),
        "the file changed meanwhile",
    ),
    "cut": (lambda: cut().end(0), "the connection ended before the file did"),
    "cut at once": (
        lambda: (it := begun(), it.add(JPEG[:20]), it.end(0)),
        "the connection ended before the file did",
    ),
    "another part": (
        lambda: begun(600).head(206, {"content-range": "bytes 599-600/608"}),
        "the file changed meanwhile",
    ),
    "another version": (
        lambda: begun(600).head(206, {"content-range": "bytes 600-607/608", "etag": '"v2"'}),
        "the file changed meanwhile",
    ),
    "too little": (lambda: begun(content_length="9").end(0), "0 of 9 bytes arrived"),
    "too little of it": (
        lambda: begun(content_length="9", content_encoding="gzip").end(8),
        "8 of 9 compressed bytes arrived",
    ),
    "nothing": (lambda: begun().end(0), "The file is empty"),
    "no decoder": (
        lambda: begun(content_encoding="zstd"),
        (
            "The file server compresses with zstd, although it was asked not to, and the decoder "
            "is not installed: pip install 'httpx2[zstd]'"
        ),
    ),
}


@pytest.mark.parametrize(("run", "says"), TROUBLE.values(), ids=TROUBLE.keys())
def test_what_a_download_stops_at_is_told_in_these_words(run: Any, says: str) -> None:
    with pytest.raises((AkoolError, DroppedError)) as caught:
        run()
    assert caught.value.args[0] == says
    if isinstance(caught.value, AkoolError):
        assert (caught.value.job_id, caught.value.operation) == ("j", "save")


def test_what_is_not_compressed_as_said_is_read_as_it_is_from_then_on() -> None:
    it = begun(content_encoding="Identity, X-GZip")
    assert it.coding == "gzip"
    it.undecodable()
    it.head(200, {"content-encoding": "gzip", "content-length": "600"})
    assert (it.coding, it.total) == ("", 600)


def test_what_a_download_says_of_itself_when_it_gives_up() -> None:
    it = transfer()
    assert str(it.undecodable()) == "the file is not compressed as the server says"
    assert str(begun(600).undecodable()) == "the compression is broken"
    assert it.late().args == ("The file was not complete in time",)
    assert it.anew().args[0] == (
        "The download broke off and cannot continue; discard what you have received. "
        "save() and read() start again by themselves"
    )
    dropped = DroppedError("HTTP 500")
    assert it.pause(dropped, 60.0, lambda: 0.0) < 60
    for left, says in ((60.0, "The download broke off: HTTP 500"), (0.0, it.late().args[0])):
        with pytest.raises(AkoolError) as caught:
            it.pause(dropped, left, lambda: 0.0)
        assert (caught.value.args[0], caught.value.__cause__) == (says, dropped)


# What is asked for.


def state(it: Transfer) -> tuple[Any, ...]:
    return it.offset, it.written, it.total, it.coding, it.complete, it.ended


def test_a_transfer_begins_with_nothing_and_asks_for_the_whole_file() -> None:
    it = transfer()
    assert (it.url, it.headers()) == (URL, PLAIN)
    assert state(it) == (0, 0, None, "", False, False)


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ({"etag": '"v1"'}, '"v1"'),
        ({"etag": '"v1"', "last-modified": "today"}, '"v1"'),
        ({"etag": 'W/"v1"', "last-modified": "today"}, "today"),
        ({"last-modified": "today"}, "today"),
        ({"etag": 'W/"v1"'}, None),
        ({"last-modified": ""}, None),
        ({}, None),
    ],
)
def test_it_goes_on_where_it_ended_if_the_version_is_known(said, version) -> None:
    it = transfer()
    assert it.head(200, said) is True
    assert it.headers() == PLAIN
    it.add(PNG[:40])
    more = {"range": "bytes=40-", "if-range": version}
    assert it.headers() == (PLAIN | more if version else PLAIN)
    it.pause(DroppedError("x"), 60.0, lambda: 0.0)
    assert it.offset == (40 if version else 0)


def test_a_part_that_fits_is_added() -> None:
    for size in ({}, {"content_length": "608"}):
        it = begun(600, **size)
        assert it.head(206, {"content-range": "bytes 600-607/608", "etag": '"v1"'}) is True
        assert (it.offset, it.total) == (600, 608)
        assert it.add(PNG[600:]) == PNG[600:]
        assert (it.complete, it.end(0), it.ended) == (True, b"", True)


def test_a_compression_is_undone_step_by_step_and_not_continued() -> None:
    it = begun(content_encoding="X-GZip,none, br", content_length="9", content_type="image/x-new")
    it.add(NEW)
    assert (it.coding, it.total, it.headers()) == ("gzip, br", None, PLAIN)
    it.end(9)
    assert it.ended


# How it ends.


def test_first_bytes_are_held_back_until_they_tell_what_they_begin() -> None:
    it = begun(content_type="image/x-new")
    assert [it.add(NEW[:10]), it.add(NEW[10:31])] == [b"", b""]
    assert (it.offset, it.written) == (31, 0)
    assert it.add(NEW[31:32]) == NEW[:32]
    assert (it.offset, it.written) == (32, 32)
    assert it.add(NEW[32:40]) == NEW[32:40]
    assert it.end(0) == b""


def test_a_file_that_is_shorter_than_that_is_passed_on_at_its_end() -> None:
    it = begun(content_type="image/x-new")
    assert (it.add(NEW[:20]), it.end(0), it.written) == (b"", NEW[:20], 20)
    it = begun(content_type="image/x-new", content_length="20")
    assert (it.add(NEW[:20]), it.end(0), it.written) == (NEW[:20], b"", 20)


def test_a_file_may_be_as_large_as_is_allowed() -> None:
    it = begun(content_length="1000")
    it.add(PNG + b"x" * (1000 - len(PNG)))
    assert it.complete


@pytest.mark.parametrize(
    ("body", "headers", "media_type", "whole"),
    [
        (JPEG, {}, "image/jpeg", True),
        (JPEG, {"content-type": "text/plain"}, "image/jpeg", True),
        (JPEG[:-9], {"content-length": str(len(JPEG) - 9)}, "image/jpeg", False),
        *(
            (NEW, {"content-type": f"{what}/x-new; a=b", **length}, f"{what}/x-new", known)
            for what in ("image", "video", "audio")
            for length, known in (({}, None), ({"content-length": "80"}, True))
        ),
        (b"\1\2", {"content-type": "image/x-new"}, "image/x-new", None),
        (JPEG[:20], {"content-length": "20"}, "image/jpeg", False),
    ],
)
def test_what_was_fetched_is_told_with_its_type_and_whether_it_is_whole(
    body, headers, media_type, whole
) -> None:
    told: list[Fetched] = []
    it = transfer(fetched=told.append, max_bytes=1 << 20)
    it.head(200, headers)
    for piece in (body[:50], body[50:]):
        it.add(piece)
    it.end(0)
    it.done()
    assert told == [Fetched(len(body), media_type, whole)]


@pytest.mark.parametrize("kind", ["image", "video", "audio"])
def test_a_text_is_no_picture_whatever_the_server_calls_it(kind) -> None:
    with pytest.raises(AkoolError, match=f"neither picture nor video but {kind}/png"):
        begun(content_type=f"{kind}/png").add(b"<html>" * 100)
    with pytest.raises(AkoolError, match="but application/x"):
        begun(content_type="application/x").add(NEW)


def test_what_was_cut_is_fetched_anew() -> None:
    it = cut()
    with pytest.raises(DroppedError):
        it.end(0)
    assert state(it) == (0, 0, None, "", False, False)
    for content_type in ("", "image/x-new"):
        it.head(200, {"content-type": content_type})
        it.add(JPEG)
        assert (it.end(0), it.ended) == (b"", True)


@pytest.mark.parametrize(("left", "given_up"), [(0.5, True), (0.51, False)])
def test_a_pause_that_would_reach_the_deadline_is_not_made(left, given_up) -> None:
    it, dropped = transfer(), DroppedError("HTTP 500")
    if not given_up:
        assert it.pause(dropped, left, lambda: 0.0) == 0.5
        return
    with pytest.raises(AkoolError, match=r"^The download broke off: HTTP 500"):
        it.pause(dropped, left, lambda: 0.0)


def test_attempts_are_counted_from_the_last_byte_that_was_new() -> None:
    it, dropped = begun(), DroppedError("x")
    it.pause(dropped, 60.0, lambda: 0.0)
    for size in (1, 2, 50):
        it.head(200, {})
        it.add(PNG[:size])
        assert it.pause(dropped, 60.0, lambda: 0.0) == 0.5
    it.head(200, {})
    it.add(PNG[:50])  # as far as before, and no further
    with pytest.raises(AkoolError, match="broke off"):
        it.pause(dropped, 60.0, lambda: 0.0)
