"""Bytes on a connection: heads that are known already, and connections on which nothing happens."""

import asyncio
import json
import socket
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from akool_mock import API_KEY, Clock, MockServer, Request, Settings, Simulator, asgi_app
from akool_mock._server.heads import Heads
from akool_mock._server.protocol import MAX_HEAD_BYTES, Protocol
from akool_mock._server.uvicorn_parts import Config, ServerState

IMAGE = "/api/open/v3/faceswap/highquality/specifyimage"
CREDIT = "/api/open/v3/faceswap/quota/info"
LIST = "/api/open/v3/faceswap/result/listbyids"
TURNS = 20
FACES = [{"path": "https://example.com/face.jpg"}]
BODY = json.dumps(
    {
        "sourceImage": FACES,
        "targetImage": FACES,
        "modifyImage": "https://example.com/a-64x64.png",
    }
)


class Wire(asyncio.Transport):
    """The far end of a connection: keeps what was written to it."""

    def __init__(self):
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.seen = b""
        self.closed = False

    def write(self, data):
        self.seen += b"" if self.closed else data

    def is_closing(self):
        return self.closed

    def close(self):
        self.closed = True

    def abort(self):
        self.closed = True

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass


class Forgetful(Heads):
    """Knows no head, so that every request is parsed."""

    def learn(self, begin, request):
        pass


class Server:
    """Connections of one simulator without sockets; its identifiers and its time repeat."""

    def __init__(self, heads):
        self.sim = Simulator(clock=Clock(1_800_000_000.0, frozen=True))
        self.config = Config(
            asgi_app(self.sim), http=Protocol, ws="none", lifespan="off", log_config=None
        )
        self.config.load()
        self.state = ServerState()
        self.heads = heads

    def connect(self):
        loop = asyncio.get_running_loop()
        protocol = Protocol(self.config, self.state, self.sim, self.heads, loop)
        wire = Wire()
        protocol.connection_made(wire)
        return protocol, wire

    async def hear(self, pieces):
        protocol, wire = self.connect()
        for piece in pieces:
            if wire.closed:
                break
            protocol.data_received(piece)
            # Nothing here waits for time or threads: a few turns of the loop are all it takes.
            for _ in range(TURNS):
                await asyncio.sleep(0)
        protocol.connection_lost(None)
        while self.state.tasks:
            await asyncio.wait(self.state.tasks)
            await asyncio.sleep(0)
        assert not self.sim.failures
        return wire.seen, wire.closed


def request(line, *headers, body=""):
    return "\r\n".join(
        [line, "Host: localhost", f"x-api-key: {API_KEY}", *headers, "", body]
    ).encode()


def post(body, *headers):
    return request(
        f"POST {IMAGE} HTTP/1.1",
        "Content-Type: application/json",
        *(headers or [f"Content-Length: {len(body)}"]),
        body=body,
    )


POOL = [
    request(f"GET {CREDIT} HTTP/1.1"),
    request(f"GET {LIST}?_ids=a HTTP/1.1"),
    request(f"GET {CREDIT} HTTP/1.1", "x-akool-mock: http=503"),
    request(f"GET {CREDIT} HTTP/1.1", "x-akool-mock: body=truncated"),
    request(f"GET {CREDIT} HTTP/1.0"),
    request(f"GET {CREDIT} HTTP/1.1", "Connection: close"),
    request(f"GET {CREDIT} HTTP/1.1", "Content-Length: 0"),
    request(f"HEAD {CREDIT} HTTP/1.1"),
    request("GET /%5fmock/health HTTP/1.1"),
    request("GET /_mock/health HTTP/1.1"),
    request("GET /nothing HTTP/1.1", "x-folded: a\r\n b"),
    post(BODY),
    post(BODY.replace("64", "32")),
    post("{}"),
    post("{" * (len(BODY))),
    post(BODY, "Transfer-Encoding: chunked"),
    post(f"{len(BODY):x}\r\n{BODY}\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
    post(BODY, f"Content-Length: {len(BODY)}", f"Content-Length: {len(BODY)}"),
    post(BODY, f"Content-Length: +{len(BODY)}"),
    post(BODY, f"Content-Length: {len(BODY)}", "Expect: 100-continue"),
    post(BODY, f"Content-Length: {len(BODY) - 1}"),
    post(BODY, f"Content-Length: {len(BODY) + 1}"),
    request(f"GET {CREDIT} HTTP/1.1").replace(b"\r\n", b"\n"),
    b"\r\n",
    b"G",
    b"GET ",
]


@st.composite
def conversations(draw):
    """Connections, each a list of pieces as they arrive."""
    made = []
    for parts in draw(st.lists(st.lists(st.sampled_from(POOL), max_size=5), max_size=4)):
        cuts = draw(st.lists(st.integers(0, 600), max_size=3))
        whole = b"".join(parts)
        if draw(st.booleans()):
            made.append(parts)
        else:
            ends = [0, *sorted(cut for cut in cuts if cut < len(whole)), len(whole)]
            made.append([whole[a:b] for a, b in pairwise(ends) if a < b])
    return made


@given(conversations())
@example([[post(BODY)], [post(BODY)], [post(BODY)[:200], post(BODY)[200:]]])
@example([[post(BODY)], [post(BODY) + post(BODY)[:-9], post(BODY)[-9:] + post("{}")]])
@example([[b"\r\n" + post(BODY)], [b"\r\n\r\n" + post(BODY)], [b"\r\n\r\n" + post("{}")]])
@example([[post(BODY, "Transfer-Encoding: chunked")], [post(BODY)], [b"G", post(BODY)]])
def test_a_known_head_never_changes_an_answer(conversations):
    async def both():
        learning, forgetful = Server(Heads()), Server(Forgetful())
        for pieces in conversations:
            assert await learning.hear(pieces) == await forgetful.hear(pieces)
        assert list(learning.sim.jobs) == list(forgetful.sim.jobs)

    asyncio.run(both())


def test_a_head_is_parsed_once_for_all_connections():
    async def talk():
        server = Server(Heads())
        await server.hear([post(BODY)])
        known = list(server.heads.known)
        assert known == [post(BODY)[: -len(BODY)]]
        await server.hear([post(BODY), post(BODY)[:-5], post(BODY)[-5:]])
        assert len(server.sim.jobs) == 3
        assert list(server.heads.known) == known

    asyncio.run(talk())


@pytest.mark.parametrize(
    "begin",
    [
        b"\r\nGET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\nhost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\n",
        b"GET / HTTP/1.1\r\nlong: " + b"a" * 9000 + b"\r\n\r\n",
    ],
)
def test_a_head_that_leaves_doubt_is_not_kept(begin):
    heads = Heads()
    heads.learn(begin, Request("GET", "/"))
    assert not heads.known


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-length", b"3")],
        [(b"content-length", b"2"), (b"content-length", b"2")],
        [(b"content-length", b"+2")],
        [(b"transfer-encoding", b"chunked")],
        [],
    ],
)
def test_a_body_whose_end_leaves_doubt_is_not_awaited(headers):
    heads = Heads()
    heads.learn(b"POST / HTTP/1.1\r\n\r\n", Request("POST", "/", headers=headers, body=b"{}"))
    assert not heads.known


def test_known_heads_are_bounded_and_hold_no_bodies():
    heads = Heads()
    length = [(b"content-length", b"2")]
    for number in range(3000):
        head = b"POST /%d HTTP/1.1\r\n\r\n" % number
        heads.learn(head + b"{}", Request("POST", "/", headers=length, body=b"{}"))
    assert 0 < len(heads.known) <= 1024
    assert all(request.body == b"" and length == 2 for request, length in heads.known.values())


@pytest.fixture
def impatient():
    """The address of a server that waits for no client."""
    with MockServer(settings=Settings(idle_s=0.05)) as server:
        host, _, port = server.url.partition("://")[2].partition(":")
        yield host, int(port)
        assert not server.simulator.failures
        assert not server.simulator.jobs


def all_of(sock):
    return b"".join(iter(lambda: sock.recv(65_536), b""))


@pytest.mark.parametrize(
    ("sent", "answers"),
    [
        (b"", 0),
        (b"GET / HT", 0),
        (POOL[0], 1),
        (POOL[0] + POOL[0], 2),
        (POOL[2], 1),
        (post(BODY)[:-5], 0),
        (post("[" + " " * 100_000 + "]")[:-1], 0),
    ],
)
def test_a_client_that_falls_silent_is_not_waited_for_for_ever(impatient, sent, answers):
    for _ in range(2):  # the second time its head is known
        with socket.create_connection(impatient, timeout=10) as sock:
            sock.sendall(sent)
            assert all_of(sock).count(b"HTTP/1.1 ") == answers


def test_a_client_is_not_silent_while_it_waits_for_its_answer(impatient):
    slow = request(f"GET {CREDIT} HTTP/1.1", "x-akool-mock: latency=400")
    with socket.create_connection(impatient, timeout=10) as sock:
        sock.sendall(slow)
        assert b'"code":1000' in all_of(sock)


def test_a_client_that_goes_away_half_way_through_its_body_has_asked_for_nothing():
    async def leave():
        server = Server(Heads())
        await server.hear([post(BODY + " " * 70_000)[:-1]])
        assert not server.sim.jobs
        assert server.sim.journal.last_number == 0

    asyncio.run(leave())


CHUNKED = request(f"POST {IMAGE} HTTP/1.1", "Transfer-Encoding: chunked")
CHUNK = b"1\r\na\r\n"
ENDLESS = {
    "request line": (b"GET /", b"a"),
    "header": (b"GET / HTTP/1.1\r\nx-long: ", b"a"),
    "headers": (b"GET / HTTP/1.1\r\n", b"a: b\r\n"),
    "extension of a chunk": (CHUNKED + b"1;x=", b"a"),
    "size of a chunk": (CHUNKED, b"0"),
    "trailer": (CHUNKED + CHUNK + b"0\r\nx-long: ", b"a"),
    "trailers": (CHUNKED + CHUNK + b"0\r\n", b"a: b\r\n"),
    "body": (CHUNKED, b"100\r\n" + b"a" * 256 + b"\r\n"),
    "body of many chunks": (CHUNKED, CHUNK),
}
PIECE = 1 << 16


@settings(max_examples=25)  # a megabyte each
@given(
    st.lists(st.sampled_from([POOL[0], POOL[11], POOL[16]]), max_size=2),
    st.sampled_from(sorted(ENDLESS)),
    st.integers(PIECE // 8, PIECE),
)
def test_whatever_has_no_end_is_refused_before_much_of_it_is_held(before, part, size):
    """Head, body, chunks and trailers alike, behind requests that were good."""
    start, more = ENDLESS[part]
    piece = more * (size // len(more))
    limit = 4096 if part.startswith("body") else MAX_HEAD_BYTES

    async def hear():
        server = Server(Heads())
        server.sim.world.use(server.sim.settings.changed({"max_body": 4096}))
        protocol, wire = server.connect()
        protocol.data_received(b"".join(before) + start)
        sent = 0
        while not wire.closed:
            assert sent <= 8 * limit + 8 * PIECE
            protocol.data_received(piece)
            sent += len(piece)
            for _ in range(TURNS):
                await asyncio.sleep(0)
        protocol.connection_lost(None)
        return wire.seen

    seen = asyncio.run(hear())
    assert seen.rpartition(b"HTTP/1.1 ")[2][:3] in {b"431", b"413", b"400"}
