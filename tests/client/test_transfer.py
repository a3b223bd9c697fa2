"""A download driven by hand: where it stops, and in which words it says so."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from akool_faceswap import AkoolError, RetryPolicy
from akool_faceswap._core.download import Download, DroppedError, Transfer

URL = "https://a.example/x.png"
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 600
"""Begins as a picture; nobody looks further."""


def transfer(**change: Any) -> Transfer:
    late = change.pop("expired", False)
    settings = {"url": URL, "max_bytes": 1000, "fetched": lambda _: None} | change
    download = Download(SimpleNamespace(id="j"), progress=None, timeout=None, **settings)  # type: ignore[arg-type]
    retry = RetryPolicy(attempts=2)
    return Transfer(download, retry, lambda: late, local=False, codings=["br"])


def begun(size: int = 0, **headers: str) -> Transfer:
    """A transfer of which so much has arrived."""
    it = transfer()
    it.head(200, {"etag": '"v1"'} | {k.replace("_", "-"): v for k, v in headers.items()})
    if size:
        it.add(PNG[:size])
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
        (
            "The file server redirects into a private network, or from https to http; the client "
            "does not follow"
        ),
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
        lambda: begun(content_type="Text/HTML ; charset=x").add(b"<html>" * 100),
        (
            "What came from a.example is neither picture nor video but text/html, and begins with "
            f"{(b'<html>' * 100)[:32]!r}"
        ),
    ),
    "a part unasked": (
        lambda: transfer().head(206, {"content-range": "bytes 0-1/2"}),
        "The file server sent a part that was not asked for",
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
    assert it.anew().args[0].startswith("The download broke off and cannot continue; discard what")
    dropped = DroppedError("HTTP 500")
    assert it.pause(dropped, 60.0, lambda: 0.0) < 60
    for left, says in ((60.0, "The download broke off: HTTP 500"), (0.0, it.late().args[0])):
        with pytest.raises(AkoolError) as caught:
            it.pause(dropped, left, lambda: 0.0)
        assert (caught.value.args[0], caught.value.__cause__) == (says, dropped)
