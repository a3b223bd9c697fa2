"""Files and compressed answers that were cut short are told from whole ones, wherever it was."""

from __future__ import annotations

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from akool_contract._target.target import MAX_FILE
from akool_contract._wire import whole
from akool_contract._wire.http import Response
from akool_contract_proof.reference.files import MP4

PICTURES = ("JPEG", "PNG", "GIF", "BMP", "WEBP")


def drawn(kind: str, side: int = 24) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((side, side), 60).convert("RGB").save(buffer, kind)
    return buffer.getvalue()


FILES = {kind: drawn(kind) for kind in PICTURES} | {"MP4": MP4}


@pytest.mark.parametrize("kind", FILES)
def test_a_whole_file_is_whole(kind) -> None:
    assert whole.missing_of(FILES[kind]) == ""


@pytest.mark.parametrize("kind", FILES)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_anywhere_is_told(kind, share) -> None:
    file = FILES[kind]
    assert whole.missing_of(file[: int(len(file) * share)])


def packed(body: bytes) -> Response:
    return Response(200, (("Content-Encoding", "gzip"),), body)


@given(st.binary(min_size=1), st.data())
def test_gzip_data_are_unpacked_and_a_cut_is_told(body, data) -> None:
    compressed = gzip.compress(body)
    assert whole.unpacked(packed(compressed)) == (body, "")
    assert whole.unpacked(packed(compressed + compressed)) == (body + body, "")
    cut = data.draw(st.integers(1, len(compressed) - 1))
    assert whole.unpacked(packed(compressed[:cut]))[1]


def test_a_bomb_is_not_unpacked_to_its_end(monkeypatch) -> None:
    monkeypatch.setattr(whole, "MAX_UNPACKED", 1000)
    content, flaw = whole.unpacked(packed(gzip.compress(bytes(10_000))))
    assert len(content) == 1000
    assert "more than" in flaw


def test_what_was_wrong_with_a_large_file_is_in_its_recording() -> None:
    large = drawn("PNG", 400)
    assert len(large) > MAX_FILE
    assert whole.flaw_of(Response(200, (), large), is_file=True)[1] == ""
    assert whole.flaw_of(Response(200, (), large[:-9]), is_file=True)[1]
    kept = Response(200, (), large[:MAX_FILE], flaw="")
    assert whole.flaw_of(kept, is_file=True)[1] == ""
