"""A secret leaves in no spelling; and what cannot be sent to another process says what can."""

import copy
import html
import json
import logging
import pickle
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.client.conftest import API_KEY, FACE, IMAGE, Both, Vendor, item, job_id, ok, refusal

from akool_faceswap import AkoolError, FaceSwap, JobFailed
from akool_faceswap._core.credentials import MAX_TEXT_CHARS, redactor

KEY = "k+/=&'\"<%\\ 0aZ~#?"

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent": lambda text: quote(text, safe=""),
    "form": quote_plus,
    "percent, lower case": lambda text: "".join(f"%{ord(c):02x}" for c in text),
    "percent, every letter": lambda text: "".join(f"%{ord(c):02X}" for c in text),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "JSON, every letter": lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
    "JSON, slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "Python": lambda text: "".join(f"\\x{ord(c):02x}" for c in text),
    "HTML": html.escape,
    "HTML, decimal": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "HTML, hexadecimal": lambda text: "".join(f"&#x{ord(c):X};" for c in text),
    "HTML twice": lambda text: html.escape(html.escape(text)),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@settings(max_examples=25)
@given(secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=40))
def test_a_secret_is_struck_out_in_every_spelling(spelling: str, secret: str) -> None:
    spelt = SPELLINGS[spelling](secret)
    assert redactor(secret)(f"«{spelt}»") == "«[secret]»"


@given(st.text(max_size=200), st.text(min_size=6, max_size=8))
def test_a_text_without_the_secret_stays_as_it_is(text: str, secret: str) -> None:
    if not any(char in text for char in secret):
        assert redactor(secret)(text) == text


@pytest.mark.parametrize(
    "text", ["of my+own+key", "of my+own%20key", "of my%2Bown key, my+own+key"]
)
def test_a_secret_with_spaces_is_struck_out_of_a_query(text: str) -> None:
    assert "own" not in redactor("my own key", "my+own key")(text)


@pytest.mark.parametrize("text", ["abcde+", "a+cdef%", "ABCDEF", "abcde", "+bcdef\\"])
def test_what_only_looks_like_a_secret_is_left(text: str) -> None:
    assert redactor("abcdef")(text) == text


def test_what_is_too_short_to_be_a_secret_is_left() -> None:
    assert redactor("words", "", None, "secret")("words of a secret") == "words of a [secret]"


@pytest.mark.parametrize("left", [1, 22, 200])
def test_the_longest_spelling_is_cut_off_as_well(left: int) -> None:
    spelt = "".join(f"&amp;amp;amp;#x0000{ord(char):x};" for char in API_KEY)
    text = "." * (MAX_TEXT_CHARS - len(spelt) + left) + spelt
    assert set(redactor(API_KEY)(text)) == {"."}


@pytest.mark.parametrize("secret", [None, "abcdef"])
def test_a_text_is_cut_where_nobody_reads_any_more(secret: str | None) -> None:
    redact, cut = redactor(secret), 6 * 22 if secret else 0
    assert redact("x" * MAX_TEXT_CHARS) == "x" * MAX_TEXT_CHARS
    assert redact("x" * (MAX_TEXT_CHARS + 1)) == "x" * (MAX_TEXT_CHARS - cut)


def test_a_text_that_grows_by_what_is_struck_out_is_cut_too() -> None:
    assert len(redactor("abcdef")("abcdef" * MAX_TEXT_CHARS)) == MAX_TEXT_CHARS - 6 * 22
    assert redactor("a" * MAX_TEXT_CHARS)("x" * (MAX_TEXT_CHARS + 1)) == ""


@pytest.mark.parametrize("piece", ["%25", "\\", "&amp;", "%", "a", "k%2b"])
def test_no_text_holds_up_the_search(piece: str) -> None:
    started = time.process_time()
    redactor(KEY * 20)(piece * (1 << 20))
    assert time.process_time() - started < 5


@pytest.mark.parametrize("cut", [0, 1, 6, 15, len(API_KEY) - 1])
def test_a_text_that_is_cut_ends_in_no_half_of_a_secret(cut: int) -> None:
    text = "." * (MAX_TEXT_CHARS - cut) + API_KEY
    told = redactor(API_KEY)(text)
    assert API_KEY[:6] not in told
    assert len(told) <= MAX_TEXT_CHARS


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_key_in_the_vendors_words_reaches_no_error_no_log_and_no_state(
    both: Both, vendor: Vendor, caplog: pytest.LogCaptureFixture, spelling: str
) -> None:
    caplog.set_level(logging.DEBUG)
    spelt = SPELLINGS[spelling](KEY)
    words = f"no face at https://p.test/?key={spelt}"
    failed = ok({"result": [item(job_id(1), 4, alg_msg=words)]})

    async def scenario(client: Any) -> None:
        vendor.script.extend([refusal(1003, words), failed, failed])
        with pytest.raises(AkoolError) as caught:
            await client.swap_image(FACE, FACE, IMAGE)
        (state,) = await client.results([job_id(1)])
        seen: list[Any] = []
        with pytest.raises(JobFailed) as ended:
            await client.job(job_id(1)).wait(on_update=seen.append)
        texts = [str(caught.value), caught.value.msg, state.reason, repr(state), seen[-1].reason]
        for text in [*texts, str(ended.value), ended.value.reason, caplog.text]:
            assert spelt not in (text or "")
            assert KEY not in (text or "")

    both.run(vendor, scenario, api_key=KEY)


def test_what_holds_connections_says_what_to_send_instead(vendor: Vendor) -> None:
    vendor.statuses = lambda *_: 3
    with FaceSwap(API_KEY, transport=httpx2.MockTransport(vendor)) as client:
        job = client.swap_image(FACE, FACE, IMAGE)
        result = job.wait()
        for thing, advice in ((client, "settings"), (job, r"job\.id"), (result, "state.id")):
            for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
                with pytest.raises(TypeError, match=advice):
                    attempt(thing)
