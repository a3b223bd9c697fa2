"""A file's kind is known by its first bytes, and where it ends by its format."""

import tempfile
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.client.conftest import picture

from akool_faceswap._media.ends import Ends
from akool_faceswap._media.kinds import recognise


def film(container, codec, **options):
    # A file with a name: an index that comes first is moved there in a second pass.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film"
        _film(path, container, codec, options)
        return path.read_bytes()


def _film(path, container, codec, options):
    with av.open(str(path), "w", format=container, options=options) as out:
        stream = out.add_stream(codec, rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for shade in range(12):
            frame = av.VideoFrame.from_image(Image.new("RGB", (64, 64), (shade * 20, 9, 9)))
            out.mux(stream.encode(frame))
        out.mux(stream.encode())


FILES = {
    "jpeg": ("image/jpeg", picture(side=40)),
    "jpeg, progressive": ("image/jpeg", picture(side=40, progressive=True)),
    "png": ("image/png", picture(side=30, kind="PNG")),
    "gif": ("image/gif", picture(side=40, kind="GIF")),
    "webp": ("image/webp", picture(side=40, kind="WEBP")),
    "bmp": ("image/bmp", picture(side=20, kind="BMP")),
    "mp4": ("video/mp4", film("mp4", "mpeg4")),
    "mp4, index first": ("video/mp4", film("mp4", "mpeg4", movflags="faststart")),
    "mov": ("video/quicktime", film("mov", "mpeg4")),
    "avi": ("video/x-msvideo", film("avi", "mpeg4")),
    "webm": ("video/webm", film("matroska", "mpeg4")),
}


def verdict(data, sizes=(1 << 20,)):
    ends = Ends(recognise(data[:32]))
    at = turn = 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        ends.add(data[at : at + size])
        at, turn = at + size, turn + 1
    return ends.whole()


@pytest.mark.parametrize("name", FILES)
def test_every_format_is_recognised(name):
    media_type, data = FILES[name]
    assert recognise(data[:32]).media_type == media_type


@pytest.mark.parametrize("name", FILES)
def test_a_whole_file_ends_where_it_should(name):
    assert verdict(FILES[name][1]) is True


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_anywhere_does_not(name):
    data = FILES[name][1]
    step = max(1, len(data) // 400)
    sizes = [*range(33, len(data), step), *range(max(33, len(data) - 40), len(data))]
    # A part that holds no pictures may be missing at the end of a film: a cut behind all of them.
    whole = [size for size in sizes if verdict(data[:size]) is not False]
    assert whole == []


@pytest.mark.parametrize("name", FILES)
def test_what_comes_behind_the_end_does_not_matter(name):
    if FILES[name][0] in {"video/mp4", "video/quicktime"}:
        return  # boxes follow each other for ever
    assert verdict(FILES[name][1] + b"\0trailer") is True


@given(st.sampled_from(sorted(FILES)), st.lists(st.integers(1, 700), min_size=1, max_size=9))
def test_the_pieces_it_comes_in_do_not_matter(name, sizes):
    assert verdict(FILES[name][1], sizes) is True


@given(st.sampled_from(sorted(FILES)), st.binary(max_size=200), st.integers(4, 300))
def test_nothing_that_arrives_breaks_it(name, noise, at):
    data = FILES[name][1]
    assert verdict(data[:at] + noise + data[at + len(noise) :]) in {True, False, None}


@given(st.binary(max_size=64))
def test_nothing_is_mistaken_for_a_known_kind_for_long(data):
    kind = recognise(data)
    assert kind is None or len(data) >= 2
