"""What file servers really do with a result that is paid for, and what is made of it."""

import asyncio
import gzip
import io
import socket
import zlib
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

import brotli
import httpx2
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st
from tests.client.conftest import API_KEY, item, job_id, ok, picture
from tests.client.test_saving import Cut, left_in
from tests.web_server import web_server

from akool_faceswap import AsyncFaceSwap, DownloadError, FaceSwap, InvalidRequestError
from akool_faceswap._core import download

ID = job_id(1)
FILE = picture()
PAGE = b"<!DOCTYPE html><title>Sign in</title>" + b"<p>Sign in to go on.</p>" * 200


def serving(answer):
    """A vendor whose one result is answered so; `answer` makes a response from the request."""

    def server(request):
        if request.url.path.endswith("/listbyids"):
            return ok({"result": [item(ID)]})
        return answer(request)

    return server


def answering(body=FILE, *, cut=(), **headers):
    """An answer without a length of its own, as over a connection that is closed at the end."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return serving(lambda _: httpx2.Response(200, headers=named, stream=Cut(body, *cut)))


def fetch(both, server, how, *args, **options):
    async def scenario(client):
        result = await client.job(ID).result()
        got = await getattr(result, how)(*args, **options)
        return got, getattr(result, "real", result).fetched

    return both.run(server, scenario)


def streamed(both, server, **options):
    async def scenario(client):
        result = await client.job(ID).result()
        return [piece async for piece in result.stream(**options)]

    return both.run(server, scenario)


# Content codings.

WORDS = ["", "none", "identity", "aws-chunked", "UTF-8", "binary", "Identity, aws-chunked", ","]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("length", [True, False])
def test_a_coding_that_is_none_does_not_withhold_a_paid_result(both, tmp_path, word, length):
    headers = {"content_encoding": word} | ({"content_length": str(len(FILE))} if length else {})
    path, fetched = fetch(both, answering(**headers), "save", tmp_path / "a.jpg")
    assert path.read_bytes() == FILE
    assert (fetched.size, fetched.media_type, fetched.whole) == (len(FILE), "image/jpeg", True)


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


CODINGS = {
    "gzip": gzip.compress,
    "GZip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "aws-chunked, gzip": gzip.compress,
    "gzip, br": lambda data: brotli.compress(gzip.compress(data)),
}


@pytest.mark.parametrize("word", CODINGS)
@pytest.mark.parametrize("length", [True, False])
def test_a_real_compression_is_undone(both, tmp_path, word, length):
    body = CODINGS[word](FILE)
    headers = {"content_encoding": word} | ({"content_length": str(len(body))} if length else {})
    path, fetched = fetch(both, answering(body, **headers), "save", tmp_path / "a.jpg")
    assert path.read_bytes() == FILE
    assert (fetched.size, fetched.whole) == (len(FILE), True)


@pytest.mark.parametrize("word", ["br", "zstd"])
def test_a_compression_that_nothing_here_decodes_names_what_does(both, tmp_path, monkeypatch, word):
    monkeypatch.setattr("akool_faceswap._http.engine.decodable_codings", frozenset)
    with pytest.raises(DownloadError, match=rf"{word}.*pip install 'httpx2\["):
        fetch(both, answering(content_encoding=word), "save", tmp_path / "a.jpg")


@pytest.mark.parametrize("word", ["gzip", "deflate", "zstd", "br"])
def test_a_file_that_is_not_compressed_as_it_is_said_is_taken_as_it_is(both, tmp_path, word):
    path, _ = fetch(both, answering(content_encoding=word), "save", tmp_path / "a.jpg")
    assert path.read_bytes() == FILE


@pytest.mark.parametrize("word", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_bounded_by_what_it_becomes(both, tmp_path, word):
    body = CODINGS[word](b"\xff\xd8\xff" + bytes(8 << 20))
    with pytest.raises(DownloadError, match="larger than"):
        fetch(
            both, answering(body, content_encoding=word), "save", tmp_path / "a", max_bytes=1 << 20
        )
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("word", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("length", [True, False])
def test_half_of_something_compressed_is_no_result(both, tmp_path, word, length):
    body = CODINGS[word](FILE)
    headers = {"content_encoding": word} | ({"content_length": str(len(body))} if length else {})
    with pytest.raises(DownloadError):
        fetch(both, answering(body[: len(body) // 2], **headers), "save", tmp_path / "a.jpg")
    assert left_in(tmp_path) == []


# What came is no picture and no video.


@pytest.mark.parametrize("body", [PAGE, b'{"code":403}', b"AccessDenied", b"\xef\xbb\xbf<?xml?>"])
@pytest.mark.parametrize("called", ["text/html", "image/jpeg", "application/octet-stream", ""])
@pytest.mark.parametrize("how", ["save", "read"])
def test_a_page_in_place_of_a_result_is_no_result(both, tmp_path, body, called, how):
    place = (tmp_path / "a.jpg",) if how == "save" else ()
    for server in (
        answering(body, content_type=called),
        answering(body, content_type=called, content_length=str(len(body))),
    ):
        with pytest.raises(DownloadError, match="neither picture nor video"):
            fetch(both, server, how, *place)
    assert left_in(tmp_path) == []


def test_not_a_byte_of_a_page_is_streamed(both):
    page = answering(PAGE[:1], cut=[bytes([byte]) for byte in PAGE[1:]], content_type="text/html")
    seen = []

    async def scenario(client):
        result = await client.job(ID).result()
        async for piece in result.stream():
            seen.append(piece)  # noqa: PERF401 - what came before the error

    with pytest.raises(DownloadError, match="neither picture nor video"):
        both.run(page, scenario)
    assert seen == []


@pytest.mark.parametrize("called", ["text/plain", "application/octet-stream", "text/html", ""])
def test_a_picture_is_a_picture_whatever_the_server_calls_it(both, tmp_path, called):
    _, fetched = fetch(both, answering(content_type=called), "save", tmp_path / "a.jpg")
    assert fetched.media_type == "image/jpeg"


def test_a_format_of_tomorrow_is_saved_and_told_to_be_unchecked(both, tmp_path):
    body = bytes(range(128, 256)) * 9
    _, fetched = fetch(both, answering(body, content_type="image/next"), "save", tmp_path / "a")
    assert (fetched.media_type, fetched.whole) == ("image/next", None)


# Cut early, without a length.


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
@pytest.mark.parametrize("how", ["save", "read"])
def test_a_file_cut_early_is_no_result_even_without_a_length(both, tmp_path, kind, how):
    whole = picture(kind=kind)
    place = (tmp_path / "a",) if how == "save" else ()
    for size in (33, len(whole) // 3, len(whole) - 1):
        with pytest.raises(DownloadError, match="ended before the file did"):
            fetch(both, answering(whole[:size]), how, *place)
    assert left_in(tmp_path) == []
    _, fetched = fetch(both, answering(whole), how, *place)
    assert fetched.whole is True


def test_a_length_that_is_kept_is_believed_and_the_doubt_is_told(both, tmp_path):
    part = FILE[:1000]
    server = answering(part, content_length="1000")
    path, fetched = fetch(both, server, "save", tmp_path / "a.jpg")
    assert path.read_bytes() == part
    assert fetched.whole is False


# In memory, in pieces, into an open file.


def test_a_result_is_read_into_memory(both):
    seen = []
    got, fetched = fetch(both, answering(), "read", progress=lambda *now: seen.append(now))
    assert got == FILE
    assert fetched.size == len(FILE)
    assert seen[-1] == (len(FILE), None)


def test_what_is_read_into_memory_is_bounded(both):
    with pytest.raises(DownloadError, match="larger than"):
        fetch(both, answering(), "read", max_bytes=1000)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_result_is_streamed_as_it_arrives(both, size):
    pieces = [FILE[at : at + size] for at in range(0, len(FILE), size)]
    got = streamed(both, answering(b"", cut=pieces))
    assert b"".join(got) == FILE
    assert len(got) >= len(pieces) - 40  # the first bytes are held back until they are known


class Dropping:
    """A server that breaks off once, and then goes on or begins anew."""

    def __init__(self, *, ranges):
        self.asked = 0
        self.ranges = ranges

    def __call__(self, request):
        self.asked += 1
        headers = {"content-length": str(len(FILE))} | ({"etag": '"1"'} if self.ranges else {})
        if self.asked == 1:
            body = Cut(FILE[:1000], error=httpx2.ReadError("reset"))
            return httpx2.Response(200, headers=headers, stream=body)
        first = int(request.headers.get("range", "bytes=0-")[6:-1])
        rest = {"content-range": f"bytes {first}-{len(FILE) - 1}/{len(FILE)}"} if first else {}
        headers |= {"content-length": str(len(FILE) - first)} | rest
        return httpx2.Response(206 if first else 200, headers=headers, stream=Cut(FILE[first:]))


def test_a_stream_goes_on_after_a_drop(both):
    assert b"".join(streamed(both, serving(Dropping(ranges=True)))) == FILE


def test_a_stream_that_would_begin_anew_says_so_instead_of_repeating_bytes(both):
    with pytest.raises(DownloadError, match="discard what you have received"):
        streamed(both, serving(Dropping(ranges=False)))


@pytest.mark.parametrize("ranges", [True, False])
def test_memory_and_open_files_take_a_drop(both, ranges):
    got, _ = fetch(both, serving(Dropping(ranges=ranges)), "read")
    assert got == FILE
    file = io.BytesIO(b"before")
    file.seek(6)
    fetch(both, serving(Dropping(ranges=ranges)), "save", file)
    assert file.getvalue() == b"before" + FILE
    assert file.tell() == 6 + len(FILE)


class Pipe(io.RawIOBase):
    """It cannot go back, and takes little at once."""

    def __init__(self):
        self.taken = b""

    def writable(self):
        return True

    def write(self, chunk):
        self.taken += bytes(chunk[:700])
        return min(len(chunk), 700)


def test_a_pipe_takes_a_result_and_says_when_it_cannot_go_back(both):
    pipe = Pipe()
    fetch(both, serving(Dropping(ranges=True)), "save", pipe)
    assert pipe.taken == FILE
    if both.kind == "sync":  # asyncio gathers more than these few bytes before it writes
        with pytest.raises(DownloadError, match="cannot go back"):
            fetch(both, serving(Dropping(ranges=False)), "save", Pipe())


def test_a_failed_save_takes_back_what_it_wrote_into_an_open_file(both):
    file = io.BytesIO(b"before")
    file.seek(6)
    with pytest.raises(DownloadError):
        fetch(both, answering(FILE[:1000]), "save", file)
    assert file.getvalue() == b"before"


@pytest.mark.parametrize("place", [io.StringIO(), 7, None])
def test_a_place_that_takes_no_bytes_is_refused(both, place):
    with pytest.raises(InvalidRequestError):
        fetch(both, answering(), "save", place)


# Redirects.

PUBLIC = ["http://cdn.example/a", "https://cdn.example/a"]
INSIDE = [
    "localhost",
    "LOCALHOST.",
    "a.localhost",
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0.0.0.0",  # noqa: S104 - an address in a URL
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "[::1]",
    "[::]",
    "[fe80::1]",
    "[fc00::1]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::10.0.0.1]",
    "[2002:7f00:1::]",
    "nas.local",
    "metadata.google.internal",
    "intranet",
    "\uff11\uff12\uff17.\uff10.\uff10.\uff11",
]


@pytest.mark.parametrize("host", INSIDE)
def test_a_redirect_never_leads_from_outside_to_inside(both, tmp_path, host):
    asked = []

    def answer(request):
        asked.append(request.url)
        return httpx2.Response(302, headers={b"location": f"https://{host}/a".encode()})

    with pytest.raises(DownloadError, match="the client does not follow"):
        fetch(both, serving(answer), "save", tmp_path / "a.jpg")
    assert len(asked) == 1


@pytest.mark.parametrize("host", INSIDE)
def test_a_public_api_hands_out_no_result_inside(both, tmp_path, host):
    def server(request):
        assert request.url.path.endswith("/listbyids")
        return ok({"result": [item(ID, url=f"https://{host}/a.jpg")]})

    with pytest.raises(DownloadError, match="private network"):
        fetch(both, server, "save", tmp_path / "a.jpg")


@pytest.mark.parametrize("location", ["http://cdn.example/b", "HTTP://cdn.example/b", "ftp://x/b"])
def test_a_redirect_never_leaves_tls(both, tmp_path, location):
    answer = serving(lambda _: httpx2.Response(302, headers={"location": location}))
    with pytest.raises(DownloadError, match="the client does not follow"):
        fetch(both, answer, "save", tmp_path / "a.jpg")


@pytest.mark.parametrize("hops", [5, 6])
def test_five_redirects_are_followed_and_no_more(both, hops):
    asked = []

    def answer(request):
        asked.append(request)
        if len(asked) <= hops:
            return httpx2.Response(302, headers={"location": f"/{len(asked)}"})
        return httpx2.Response(200, content=FILE)

    if hops <= download.MAX_REDIRECTS == 5:
        assert fetch(both, serving(answer), "read")[0] == FILE
    else:
        with pytest.raises(DownloadError, match="without end"):
            fetch(both, serving(answer), "read")


class Peered(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Connections that know their peers: a name may be public and its address not."""

    def __init__(self, server, peers):
        self.server, self.peers = server, list(peers)

    def handle_request(self, request):
        answer = self.server(request)
        if not request.url.path.endswith("/listbyids"):
            answer.extensions["network_stream"] = self
        return answer

    async def handle_async_request(self, request):
        return self.handle_request(request)

    def get_extra_info(self, _info):
        return (self.peers.pop(0), 443)


@pytest.mark.parametrize(
    ("peers", "fine"),
    [
        (["8.8.8.8", "1.1.1.1"], True),
        (["8.8.8.8", "10.0.0.7"], False),
        (["10.0.0.1", "10.0.0.1"], True),  # a proxy
    ],
)
def test_a_name_that_hides_a_private_address_is_found_out(both, peers, fine):
    def answer(request):
        if request.url.host == "cdn.example":
            return httpx2.Response(302, headers={"location": "https://rebound.example/a"})
        return httpx2.Response(200, content=FILE)

    transport = Peered(serving(answer), peers)

    async def scenario(client):
        return await (await client.job(ID).result()).read()

    if fine:
        assert both.run(None, scenario, transport=transport) == FILE
    else:
        with pytest.raises(DownloadError, match="the client does not follow"):
            both.run(None, scenario, transport=transport)


# Over a real socket: a server that does all of it, on loopback as the API itself is.


class Hostile(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"  # the connection's end is the file's end

    def date_time_string(self, *_):
        return "Tue, 14 Nov 2023 22:13:21 GMT"  # a second after the job began

    def do_GET(self):
        name = self.path.partition("?")[0].rsplit("/", 1)[-1]
        if name == "listbyids":
            host, port = self.server.server_address[:2]
            wanted = self.path.rsplit("=", 1)[-1]
            url = f"http://{host}:{port}/{self.server.result}"
            body = ok({"result": [item(wanted, url=url)]}).content
            return self.answer({"content-type": "application/json"}, body)
        headers, body = {
            "whole": ({"content-encoding": "aws-chunked"}, FILE),
            "cut": ({"content-type": "image/jpeg"}, FILE[:1000]),
            "page": ({"content-type": "text/html"}, PAGE),
            "packed": ({"content-encoding": "gzip"}, gzip.compress(FILE)),
        }[name]
        return self.answer(headers, body)

    def answer(self, headers, body):
        self.send_response(HTTPStatus.OK)
        for header in headers.items():
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(body)


@pytest.mark.parametrize(
    ("result", "error"),
    [("whole", None), ("packed", None), ("cut", "ended before"), ("page", "neither picture")],
)
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_over_a_real_connection_too(tmp_path, result, error, kind):
    def save(url):
        if kind == "sync":
            with FaceSwap(API_KEY, base_url=url, jitter=lambda: 0.0) as client:
                return client.job(ID).result().save(tmp_path / "a.jpg")

        async def main():
            async with AsyncFaceSwap(API_KEY, base_url=url, jitter=lambda: 0.0) as client:
                return await (await client.job(ID).result()).save(tmp_path / "a.jpg")

        return asyncio.run(main())

    with web_server(Hostile, result=result) as url:
        if error is None:
            assert save(url).read_bytes() == FILE
        else:
            with pytest.raises(DownloadError, match=error):
                save(url)
            assert left_in(tmp_path) == []


# Addresses that the vendor cannot fetch.


SUBMITS = {
    "swap_image": lambda client, url: client.swap_image(url, PUBLIC[1], PUBLIC[1]),
    "swap_image target": lambda client, url: client.swap_image(PUBLIC[1], PUBLIC[1], url),
    "swap_video": lambda client, url: client.swap_video(PUBLIC[1], PUBLIC[1], url),
    "swap_image_pro": lambda client, url: client.swap_image_pro(PUBLIC[1], url),
    "swap_plus": lambda client, url: client.swap_plus(PUBLIC[1], url),
    "detect_faces": lambda client, url: client.detect_faces(url),
    "webhook": lambda client, url: client.swap_plus(PUBLIC[1], PUBLIC[1], webhook_url=url),
}


@pytest.mark.parametrize("how", SUBMITS)
@pytest.mark.parametrize("host", INSIDE)
def test_an_address_inside_is_refused_before_it_is_paid(both, vendor, how, host):
    with pytest.raises(InvalidRequestError, match="the vendor cannot fetch"):
        both.run(vendor, lambda client: SUBMITS[how](client, f"http://{host}:8000/a.jpg"))
    assert vendor.requests == []


@pytest.mark.parametrize("base", ["http://127.0.0.1:8970", "http://localhost", "http://mock:80"])
def test_a_mock_inside_takes_addresses_inside(both, vendor, base):
    both.run(
        vendor, lambda client: SUBMITS["swap_plus"](client, "http://10.0.0.1/a"), base_url=base
    )
    assert vendor.posts == 1


@given(st.ip_addresses(v=4))
def test_the_system_and_we_agree_on_numbers(address):
    import ipaddress  # noqa: PLC0415 - of this test alone

    from akool_faceswap._models.addresses import is_private  # noqa: PLC0415 - the same

    number = int(address)
    spellings = [str(address), str(number), hex(number), f"{number >> 24}.{number & 0xFFFFFF}"]
    assert {socket.inet_aton(text) for text in spellings} == {address.packed}
    wanted = not address.is_global or address.is_multicast
    assert {is_private(f"http://{text}/a") for text in spellings} == {wanted}
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")
    assert is_private(f"http://[{mapped}]/a") is wanted
