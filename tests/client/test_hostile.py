"""What a server may send, or a caller may pass, that nobody expects: no harm comes of it."""

import os
import stat
import traceback
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.client.conftest import (
    API_KEY,
    FACE,
    IMAGE,
    Both,
    Vendor,
    item,
    job_id,
    ok,
    picture,
    refusal,
)

from akool_faceswap import (
    AkoolError,
    ClientClosedError,
    ConfigurationError,
    DownloadError,
    FaceMapping,
    FaceSwap,
    InvalidRequestError,
    JobFailed,
    NotDeliveredError,
    Polling,
    RetryPolicy,
    UnreadableAnswerError,
)

RAW_MSG = rb'{"code": 1003, "msg": "first\nsecond\u001b[2J \ud800 \u202e end", "data": null}'


def test_the_servers_words_cannot_steer_a_terminal_or_forge_a_log_line(
    both: Both, vendor: Vendor
) -> None:
    vendor.script.append(httpx2.Response(200, content=RAW_MSG))
    with pytest.raises(AkoolError) as caught:
        both.run(vendor, lambda client: client.credit())
    assert str(caught.value).isprintable()
    assert "first second [2J end" in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "call"),
    [
        ({"credit": API_KEY}, lambda client: client.credit()),
        ({"_id": f"{API_KEY} {API_KEY}"}, lambda client: client.swap_image(FACE, FACE, IMAGE)),
    ],
)
def test_a_key_that_the_server_repeats_reaches_no_traceback(
    both: Both, vendor: Vendor, answer: Any, call: Any
) -> None:
    vendor.script.extend([ok(answer)] * 4)
    try:
        both.run(vendor, call)
    except AkoolError:
        assert API_KEY not in traceback.format_exc()
    else:
        pytest.fail("an answer of the wrong type was taken")


def test_a_key_in_the_reason_of_a_failed_job_is_struck_out(both: Both, vendor: Vendor) -> None:
    reason = f"no\x1b[2J {API_KEY}"
    vendor.script.append(ok({"result": [item(job_id(1), 4, alg_msg=reason)]}))
    with pytest.raises(JobFailed) as caught:
        both.run(vendor, lambda client: client.job(job_id(1)).wait())
    assert API_KEY not in str(caught.value)
    assert str(caught.value).isprintable()


def test_the_reason_in_a_state_is_on_one_line_and_steers_no_terminal(
    both: Both, vendor: Vendor
) -> None:
    words = "no face\x1b]0;title\x07\r\nJob b2 SUCCESS\u202e"
    vendor.script.append(ok({"result": [item(job_id(1), 4, alg_msg=words)]}))
    (state,) = both.run(vendor, lambda client: client.results([job_id(1)]))
    assert state.reason == "no face ]0;title Job b2 SUCCESS"
    assert state.raw["alg_msg"] == words


@pytest.mark.parametrize("credit", ['"nan"', "1e999", "-1e999"])
def test_a_credit_that_is_no_number_is_refused(both: Both, vendor: Vendor, credit: str) -> None:
    body = f'{{"code": 1000, "msg": "OK", "data": {{"credit": {credit}}}}}'
    vendor.script.extend([httpx2.Response(200, content=body)] * 4)
    with pytest.raises(UnreadableAnswerError):
        both.run(vendor, lambda client: client.credit())


async def save(client: Any, path: Path, **options: Any) -> Path:
    result = await client.job(job_id(1)).wait()
    saved: Path = await result.save(path, **options)
    return saved


def file_server(vendor: Vendor, serve: Any) -> Any:
    """The vendor, whose files come from `serve(request, number)`."""
    count = 0

    def handle(request: httpx2.Request) -> httpx2.Response:
        nonlocal count
        if request.url.host != "cdn.example":
            return vendor(request)
        count += 1
        vendor.requests.append(request)
        response: httpx2.Response = serve(request, count)
        return response

    vendor.statuses = lambda _name, _looks: 3
    return handle


def cut(body: bytes, sent: int, **headers: str) -> httpx2.Response:
    """An answer that announces the whole body and breaks off."""
    return httpx2.Response(
        200, content=body[:sent], headers={"content-length": str(len(body)), **headers}
    )


def test_halves_of_two_different_files_are_never_joined(
    both: Both, vendor: Vendor, tmp_path: Path
) -> None:
    old, new = picture(1), picture(2)
    rest = f"bytes 400-{len(new) - 1}/{len(new)}"

    def serve(request: httpx2.Request, number: int) -> httpx2.Response:
        if number == 1:
            return cut(old, 400, etag='"old"')
        if "range" in request.headers:  # a server that does not know If-Range
            headers = {"content-range": rest, "etag": '"new"'}
            return httpx2.Response(206, content=new[400:], headers=headers)
        return httpx2.Response(200, content=new, headers={"etag": '"new"'})

    handle = file_server(vendor, serve)
    saved = both.run(handle, lambda client: save(client, tmp_path / "a.jpg"))
    assert saved.read_bytes() == new


def test_a_download_that_never_gets_further_is_given_up(
    both: Both, vendor: Vendor, tmp_path: Path
) -> None:
    handle = file_server(vendor, lambda _request, _number: cut(b"x" * 1000, 10))
    with pytest.raises(DownloadError):
        both.run(handle, lambda client: save(client, tmp_path / "a.jpg", timeout=None))
    assert len(vendor.sent(".jpg")) == RetryPolicy().attempts
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_a_file_is_not_replaced(both: Both, vendor: Vendor, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(DownloadError, match="not a regular file"):
        both.run(
            file_server(vendor, lambda *_: httpx2.Response(200, content=b"x")),
            lambda client: save(client, pipe),
        )
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_name_in_wide_letters_fits(both: Both, vendor: Vendor, tmp_path: Path) -> None:
    path = tmp_path / ("\N{HIRAGANA LETTER A}" * 80)
    assert both.run(vendor, lambda client: save(client, path)).read_bytes() == vendor.file


@pytest.mark.parametrize(
    "url", ["http://a\tb", "http://a\x00", "http://a b", "http://..", "http://a..b", "http://\x7f"]
)
def test_a_base_url_that_cannot_be_called_is_refused_at_once(url: str) -> None:
    with pytest.raises(ConfigurationError):
        FaceSwap(API_KEY, base_url=url)


@pytest.mark.parametrize("url", ["http://a/\x00", "http://a/\ud800", "http://a/\x1b[2J"])
def test_a_url_with_control_characters_costs_nothing(both: Both, vendor: Vendor, url: str) -> None:
    with pytest.raises(InvalidRequestError):
        both.run(vendor, lambda client: client.swap_image(FACE, FACE, url))
    assert vendor.posts == 0


@pytest.mark.parametrize(
    "mapping",
    ["x", 5, [1], [None], [FaceMapping(FACE, FACE, source_bbox=5)]],  # type: ignore[arg-type]
)
def test_a_mapping_of_something_else_costs_nothing(
    both: Both, vendor: Vendor, mapping: Any
) -> None:
    with pytest.raises(InvalidRequestError):
        both.run(vendor, lambda client: client.swap_plus(FACE, IMAGE, mapping=mapping))
    assert vendor.posts == 0


def test_a_closed_http_client_is_called_closed_not_uncertain(both: Both, vendor: Vendor) -> None:
    kind = httpx2.Client if both.kind == "sync" else httpx2.AsyncClient
    given = kind(transport=httpx2.MockTransport(vendor))

    async def scenario(client: Any) -> None:
        given._state = httpx2._client.ClientState.CLOSED
        await client.swap_image(FACE, FACE, IMAGE)

    with pytest.raises(ClientClosedError, match="http_client"):
        both.run(vendor, scenario, http_client=given)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Polling(chunk_size=0),
        lambda: Polling(first_delay=0),
        lambda: Polling(factor=0.5),
        lambda: Polling(grace=-1),
        lambda: Polling(look_timeout=float("nan")),
        lambda: RetryPolicy(attempts=0),
        lambda: RetryPolicy(first_delay=-1),
        lambda: RetryPolicy(jitter=2),
    ],
)
def test_a_pace_that_makes_no_sense_is_refused_at_once(make: Any) -> None:
    with pytest.raises(ConfigurationError):
        make()


def test_a_refused_connection_says_where_and_why() -> None:
    with (
        FaceSwap(API_KEY, base_url="http://127.0.0.1:1", retry=RetryPolicy(attempts=1)) as client,
        pytest.raises(NotDeliveredError, match=r"http://127\.0\.0\.1:1:.*refused"),
    ):
        client.credit()


def test_a_refusal_without_words_says_so(both: Both, vendor: Vendor) -> None:
    vendor.script.append(refusal(1003, "\x00\x1b"))
    with pytest.raises(AkoolError, match="no reason given"):
        both.run(vendor, lambda client: client.credit())
