"""The simulator on a socket and behind httpx2: what a client of flesh and blood meets."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import akool_openapi
from akool_mock import (
    API_KEY,
    Clock,
    Control,
    MockServer,
    Request,
    Settings,
    Simulator,
    asgi_app,
    offline,
)

IMAGE = "/api/open/v3/faceswap/highquality/specifyimage"
CREDIT = "/api/open/v3/faceswap/quota/info"
LIST = "/api/open/v3/faceswap/result/listbyids"
PATHS = list(akool_openapi.load()["paths"])
FACES = [{"path": "https://example.com/face.jpg"}]
BODY = {
    "sourceImage": FACES,
    "targetImage": FACES,
    "modifyImage": "https://example.com/a-64x64.png",
}
KEY = {"x-api-key": API_KEY}
RESET_BY_PEER = (httpx2.ReadError, httpx2.RemoteProtocolError)


@pytest.fixture(scope="module")
def shared():
    """One server for all tests that leave no trace."""
    with MockServer(settings=Settings(credits=1e9)) as server:
        assert server.url
        yield server
        assert not server.simulator.failures


@pytest.fixture
def client(shared):
    with httpx2.Client(base_url=shared.url, headers=KEY, timeout=10) as made:
        yield made


@pytest.fixture(params=["socket", "process"])
def either(request, shared):
    """A client over the socket, and one through the transport: a fault looks the same to both."""
    if request.param == "socket":
        with httpx2.Client(base_url=shared.url, headers=KEY, timeout=10) as made:
            yield made
    else:
        with httpx2.Client(
            transport=shared.transport, base_url=shared.base_url, headers=KEY
        ) as made:
            yield made


def test_a_whole_swap_over_http(client, shared):
    job = client.post(IMAGE, json=BODY).json()["data"]
    assert job["url"].startswith(shared.url + "/final_")
    assert client.get(job["url"]).status_code == 403
    shared.advance(3)
    listed = client.get(LIST, params={"_ids": job["_id"]}).json()["data"]["result"]
    assert listed[0]["faceswap_status"] == 3
    assert client.get(job["url"]).headers["content-type"] == "image/png"
    head = client.head(job["url"])
    assert head.status_code == 200
    assert head.content == b""
    part = client.get(job["url"], headers={"range": "bytes=0-7"})
    assert (part.status_code, part.content) == (206, b"\x89PNG\r\n\x1a\n")


def test_an_http_error_and_a_business_error_look_as_ordered(either):
    answer = either.get(CREDIT, headers={"x-akool-mock": "http=520"})
    assert answer.status_code == 520
    answer = either.get(CREDIT, headers={"x-akool-mock": "code=1005"})
    assert (answer.status_code, answer.json()["code"]) == (200, 1005)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_reset_connection_is_a_reset_connection(either, when):
    with pytest.raises(RESET_BY_PEER):
        either.get(CREDIT, headers={"x-akool-mock": f"reset={when}"})
    assert either.get(CREDIT).json()["code"] == 1000


def test_a_cut_answer_ends_before_its_announced_length(either):
    with pytest.raises(httpx2.RemoteProtocolError):
        either.get(CREDIT, headers={"x-akool-mock": "body=truncated"})
    assert either.get(CREDIT).json()["code"] == 1000


def test_a_malformed_or_mistyped_answer_arrives_as_ordered(either):
    with pytest.raises(json.JSONDecodeError):
        either.get(CREDIT, headers={"x-akool-mock": "body=malformed"}).json()
    assert either.get(CREDIT, headers={"x-akool-mock": "body=empty"}).content == b""
    answer = either.get(CREDIT, headers={"x-akool-mock": "type=none"})
    assert "content-type" not in answer.headers


def test_a_slow_answer_exceeds_the_read_timeout(either):
    with pytest.raises(httpx2.ReadTimeout):
        either.get(CREDIT, headers={"x-akool-mock": "latency=60000"}, timeout=0.05)


def test_delays_in_process_let_mock_time_pass_instead_of_waiting():
    with MockServer(clock=Clock(1e9, frozen=True)) as server:
        client = httpx2.Client(transport=server.transport, base_url=server.base_url, headers=KEY)
        client.get(CREDIT, headers={"x-akool-mock": "latency=3600000"}, timeout=None)
        assert server.clock.time() == 1e9 + 3600
        with pytest.raises(httpx2.ReadTimeout):
            client.get(CREDIT, headers={"x-akool-mock": "latency=3600000"}, timeout=5)
        assert server.clock.time() == 1e9 + 3605


@pytest.mark.anyio
async def test_the_asynchronous_transport_does_the_same():
    with MockServer(clock=Clock(1e9, frozen=True)) as server:
        sent = []
        server.simulator.receiver = lambda url, _body: sent.append(url) or 200
        async with httpx2.AsyncClient(
            transport=server.async_transport, base_url=server.base_url, headers=KEY
        ) as client:
            body = {**BODY, "webhookUrl": "http://127.0.0.1:1/"}
            job = (await client.post(IMAGE, json=body)).json()["data"]
            await server.clock.for_async.sleep(10)
            answer = await client.get(job["url"])
            assert answer.headers["content-type"] == "image/png"
            assert len(sent) == 2
            with pytest.raises(httpx2.ReadError):
                await client.get(CREDIT, headers={"x-akool-mock": "reset=after"})
            with pytest.raises(httpx2.RemoteProtocolError):
                await client.get(CREDIT, headers={"x-akool-mock": "body=truncated"})


@pytest.mark.anyio
async def test_it_runs_under_any_asgi_server():
    transport = httpx2.ASGITransport(
        asgi_app(Simulator(settings=Settings(max_body=1000, host_names=("any.example",))))
    )
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://any.example", headers=KEY
    ) as client:
        job = (await client.post(IMAGE, json=BODY)).json()["data"]
        assert job["url"].startswith("http://any.example/final_")
        assert (await client.post(IMAGE, content=b"x" * 1001)).status_code == 413
        chunks = (chunk async for chunk in _chunks(b"x" * 100, 11))
        assert (await client.post(IMAGE, content=chunks)).status_code == 413


async def _chunks(data, count):
    for _ in range(count):
        yield data


def test_many_clients_at_once_each_get_their_own_answers(shared):
    found, jobs = [], 40

    def work():
        with httpx2.Client(base_url=shared.url, headers=KEY) as client:
            for _ in range(jobs):
                job = client.post(IMAGE, json=BODY).json()["data"]["_id"]
                for _ in range(2):
                    listed = client.get(LIST, params={"_ids": job}).json()["data"]["result"]
                    found.append(listed[0]["_id"] == job)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * (4 * jobs * 2)


def talk(url, *chunks, want=1):
    """Send raw bytes and read until so many answers came or the connection ended."""
    host, _, port = url.partition("://")[2].partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        seen = b""
        with contextlib.suppress(ConnectionError):
            for chunk in chunks:
                sock.sendall(chunk)
            while seen.count(b"HTTP/1.1 ") < want or not seen.endswith(b"}"):
                data = sock.recv(65_536)
                if not data:
                    break
                seen += data
        return seen


def get(path, *headers, version="1.1"):
    lines = [
        f"GET {path} HTTP/{version}",
        "Host: localhost",
        f"x-api-key: {API_KEY}",
        *headers,
        "",
        "",
    ]
    return "\r\n".join(lines).encode()


def test_pipelined_requests_are_answered_in_order(shared):
    slow = get(CREDIT, "x-akool-mock: latency=50,code=1005")
    answers = talk(shared.url, get(CREDIT) + slow + get(LIST + "?_ids=a") + get(CREDIT), want=4)
    bodies = [part.rpartition(b"\r\n\r\n")[2] for part in answers.split(b"HTTP/1.1 200 OK")[1:]]
    assert [json.loads(body)["code"] for body in bodies] == [1000, 1005, 1000, 1000]
    assert b"result" in bodies[2]


def test_the_same_request_again_is_answered_anew(shared):
    host, _, port = shared.url.partition("://")[2].partition(":")
    account = shared.simulator.accounts.first
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        for left in (5, 6, 7):
            account.credits = float(left)
            sock.sendall(get(CREDIT))
            assert f'"credit":{left}'.encode() in sock.recv(4096)
    account.credits = 1e9


def test_a_repeated_request_still_meets_a_new_fault(shared):
    host, _, port = shared.url.partition("://")[2].partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        for _ in range(2):
            sock.sendall(get(CREDIT))
            assert b'"code":1000' in sock.recv(4096)
        shared.control.add_fault("http=503", operation="getCredit", times=1)
        sock.sendall(get(CREDIT))
        assert sock.recv(4096).startswith(b"HTTP/1.1 503")
        sock.sendall(get(CREDIT))
        assert b'"code":1000' in sock.recv(4096)


@pytest.mark.parametrize("cut", [1, 10, 40, 80])
def test_a_request_may_come_in_pieces(shared, cut):
    whole = get(CREDIT)
    assert b'"code":1000' in talk(shared.url, whole[:cut], whole[cut:])


def test_a_connection_is_closed_when_the_client_asks(shared):
    for request in (get(CREDIT, "connection: close"), get(CREDIT, version="1.0")):
        answer = talk(shared.url, request, want=2)
        assert b"connection: close" in answer
        assert answer.endswith(b"}")


def test_a_large_body_is_refused_and_a_chunked_one_is_read(client):
    assert client.post(IMAGE, content=b"x" * ((10 << 20) + 1)).status_code == 413
    chunks = (json.dumps(BODY).encode()[i : i + 7] for i in range(0, 300, 7))
    headers = {"content-type": "application/json"}
    assert client.post(IMAGE, content=chunks, headers=headers).json()["code"] == 1000


def test_a_request_that_expects_to_be_asked_for_its_body_is_asked(shared):
    body = json.dumps(BODY).encode()
    head = (
        f"POST {IMAGE} HTTP/1.1\r\nhost: localhost\r\nx-api-key: {API_KEY}\r\n"
        "Expect: 100-continue\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    answer = talk(shared.url, head.encode(), body, want=2)
    assert b"100 Continue" in answer
    assert b'"code":1000' in answer


lines = st.one_of(
    st.binary(max_size=80),
    st.sampled_from([get(path) for path in PATHS]),
    st.sampled_from([
        b"GET / HTTP/1.1\r\n", b"POST /detect HTTP/1.1\r\n", b"Host: a\r\n", b"\r\n", b"\x00",
        b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"Transfer-Encoding: chunked\r\n",
        b"5\r\nhello\r\n0\r\n\r\n", b"GET http://x/%zz HTTP/1.1\r\n\r\n", b"GET * HTTP/1.1\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\n\r\n", b"Upgrade: websocket\r\nConnection: upgrade\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\n\r\n", b"Expect: 100-continue\r\n",
    ]),
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(lines, max_size=6))
def test_whatever_bytes_arrive_the_server_lives_and_shows_no_traceback(shared, parts):
    host, _, port = shared.url.partition("://")[2].partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        seen = b""
        with contextlib.suppress(ConnectionError):
            sock.sendall(b"".join(parts))
            sock.shutdown(socket.SHUT_WR)
            while data := sock.recv(65_536):
                seen += data
    assert b"Traceback" not in seen
    assert not seen or seen.startswith(b"HTTP/1.1 ")
    assert b'"code":1000' in talk(shared.url, get(CREDIT))
    assert not shared.simulator.failures


def test_events_tell_that_something_is_new(shared, client):
    with client.stream("GET", "/_mock/events", headers={"host": "localhost"}) as stream:
        lines = stream.iter_lines()
        first = json.loads(next(lines).removeprefix("data: "))
        httpx2.get(shared.url + CREDIT, headers=KEY)
        assert next(lines) == ""
        second = json.loads(next(lines).removeprefix("data: "))
    assert second["request"] > first["request"]


def test_control_works_from_afar(shared):
    control = Control.at(shared.url)
    assert control.accounts() == shared.control.accounts()
    assert control.advance(5).offset_s >= 5
    assert control.clock().now == pytest.approx(shared.clock.time(), abs=5)


def test_webhooks_leave_a_server_by_themselves():
    came = threading.Event()
    with MockServer(settings=Settings(queue_s=0.05, processing_s=3600)) as server:
        server.simulator.receiver = lambda _url, _body: came.set() or 200
        body = {**BODY, "webhookUrl": "http://127.0.0.1:1/"}
        httpx2.post(server.url + IMAGE, json=body, headers=KEY)
        assert came.wait(10)
        came.clear()
        server.control.advance(3600)
        assert came.wait(10)


def test_a_server_can_be_closed_while_clients_and_streams_hang_on():
    server = MockServer()
    with httpx2.Client(base_url=server.url, headers=KEY) as client:
        client.get(CREDIT)
        with client.stream("GET", "/_mock/events") as stream:
            next(stream.iter_lines())
            server.close()
        with pytest.raises(httpx2.TransportError):
            client.get(CREDIT)
    server.close()


def test_a_hundred_servers_come_and_go():
    before = threading.active_count()
    for _ in range(100):
        with MockServer() as server:
            assert server.url
    assert threading.active_count() <= before


def test_offline_gives_the_command_line_what_it_needs():
    made = offline()
    with httpx2.Client(transport=made.transport, base_url=made.base_url) as client:
        login = {"clientId": made.client_id, "clientSecret": made.client_secret}
        assert client.post("/api/open/v3/getToken", json=login).json()["code"] == 1000
    assert made.api_key == made.client_secret
    made.close()


@contextlib.contextmanager
def command(*options, **more):
    line = [sys.executable, "-m", "akool_mock", *options]
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_even_with_a_request_under_way(number):
    with command("--port", "0") as process:
        url = process.stdout.readline().split()[-1]
        with httpx2.Client(base_url=url, headers=KEY, timeout=30) as client:
            client.get(CREDIT)
            with client.stream("GET", "/_mock/events") as stream:
                next(stream.iter_lines())
                slow = threading.Thread(target=_ask_slowly, args=(url,))
                slow.start()
                while not any("latency" in entry.fault for entry in Control.at(url).requests()):
                    pass
                process.send_signal(number)
                assert process.wait() == 0
                slow.join()
        assert process.stderr.read() == ""


def _ask_slowly(url):
    with contextlib.suppress(httpx2.TransportError):
        httpx2.get(url + CREDIT, headers={**KEY, "x-akool-mock": "latency=600000"}, timeout=30)


def test_it_prints_a_curl_line_that_works():
    with command("--port", "0") as process:
        greeting = ""
        while "curl" not in greeting:
            greeting += process.stdout.readline()
        line = greeting.splitlines()[-1]
        done = subprocess.run(line, shell=True, capture_output=True, check=True)  # noqa: S602 - as a user would
        assert json.loads(done.stdout)["code"] == 1000
        assert API_KEY in greeting


def test_a_key_that_was_given_is_not_printed():
    key = "0123456789abcdef"
    environment = {**os.environ, "AKOOL_MOCK_API_KEY": key}
    with command("--port", "0", env=environment) as process:
        greeting = process.stdout.readline()
        url = greeting.split()[-1]
        while "curl" not in greeting:
            greeting += process.stdout.readline()
        answer = httpx2.get(url + CREDIT, headers={"x-api-key": key})
    assert key not in greeting
    assert answer.json()["code"] == 1000


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--port", "99999"), "not a port"),
        (("--host", "192.0.2.1", "--port", "0"), "cannot listen"),
        (("--api-key", "short"), "16, 24 or 32"),
        (("--set", "nothing=1"), "no setting"),
        (("--set", "faces"), "NAME=VALUE"),
        (("--queue", "-1"), "queue_s"),
        (("--scenario", "/nowhere.toml"), "nowhere.toml"),
        (("--contract", "/nowhere.json"), "nowhere.json"),
        (("--state", "/nowhere/at/all"), "state file"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line_and_exit_code_2(options, told):
    with command(*options) as process:
        assert process.wait() == 2
        text = process.stderr.read()
    assert told in text
    assert len(text.strip().splitlines()) == 1


def test_a_port_in_use_is_told(shared):
    with command("--port", shared.url.rpartition(":")[2]) as process:
        assert process.wait() == 2
        assert "choose another" in process.stderr.read()


def test_a_scenario_file_sets_the_scene(tmp_path):
    path = tmp_path / "scene.toml"
    path.write_text(
        """
        [settings]
        credits = 50
        [[accounts]]
        client_id = "second"
        api_key = "0123456789abcdef"
        credits = 12
        [[faults]]
        fault = "http=502"
        operation = "listResults"
        times = 1
        """
    )
    with command("--port", "0", "--scenario", str(path)) as process:
        url = process.stdout.readline().split()[-1]
        with httpx2.Client(base_url=url) as client:
            second = client.get(CREDIT, headers={"x-api-key": "0123456789abcdef"})
            assert second.json()["data"]["credit"] == 12
            client.headers.update(KEY)
            assert client.get(CREDIT).json()["data"]["credit"] == 50
            asked = [client.get(LIST, params={"_ids": "a"}).status_code for _ in range(2)]
    assert asked == [502, 200]


@pytest.mark.parametrize(
    "text",
    ["[settings]\nx = 1", "colour = 1", "[[faults]]\nfault = 'x=1'", "[[accounts]]", "not toml",
     "faults = 'http=502'", "[[accounts]]\nclient_id = 'a'\napi_key = 'short'"],
)  # fmt: skip
def test_a_scenario_that_makes_no_sense_is_refused(tmp_path, text):
    path = tmp_path / "scene.toml"
    path.write_text(text)
    with command("--port", "0", "--scenario", str(path)) as process:
        assert process.wait() == 2
        assert len(process.stderr.read().strip().splitlines()) == 1


def test_starting_imports_nothing_that_only_some_requests_need():
    code = (
        "import sys; from akool_mock._simulator import Simulator; import akool_mock._server.run; "
        "Simulator(); print([m for m in ('PIL', 'cryptography', 'httpx2', 'sqlite3', 'av', "
        "'jsonschema', 'pytest') if m in sys.modules])"
    )
    unmeasured = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=unmeasured, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_plugin_costs_a_test_run_nothing():
    code = (
        "import sys; import pytest; before = set(sys.modules); import akool_mock.pytest_plugin; "
        "print(sorted(m for m in set(sys.modules) - before if not m.startswith('akool_mock')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_test_that_asks_for_the_mock_without_its_extra_fails_in_one_line(tmp_path):
    (tmp_path / "test_app.py").write_text("def test_it(akool_mock): ...")
    code = "import sys, pytest; sys.modules['orjson'] = None; pytest.main(['-q'])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    _, _, report = done.stdout.partition("at setup of test_it")
    assert report.splitlines()[1] == (
        "the fixture akool_mock needs an extra (orjson is not installed): "
        "pip install 'akool-faceswap[mock]'"
    )


def test_the_fixture_is_fresh_for_each_test_and_shows_its_requests_on_failure(tmp_path):
    (tmp_path / "test_app.py").write_text(
        """
import httpx2, pytest
from akool_mock import Settings

@pytest.fixture
def akool_mock_settings():
    return Settings(credits=7)

@pytest.mark.parametrize("turn", [1, 2])
def test_it(akool_mock, turn):
    client = httpx2.Client(transport=akool_mock.transport, base_url=akool_mock.base_url)
    client.headers["x-api-key"] = akool_mock.api_key
    assert client.get("/api/open/v3/faceswap/quota/info").json()["data"]["credit"] == 7
    assert len(akool_mock.control.requests()) == 1
    assert turn == 1
"""
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert "1 failed, 1 passed" in done.stdout
    assert "akool_mock: the latest requests" in done.stdout
    assert "GET /api/open/v3/faceswap/quota/info -> 200" in done.stdout


def test_memory_stays_bounded_while_requests_keep_coming():
    sim = Simulator(settings=Settings(journal=50, credits=1e9, max_jobs=100))
    headers = [(b"x-api-key", API_KEY.encode()), (b"content-type", b"application/json")]
    for number in range(10_000):
        host = [(b"host", b"h%d.localhost" % number)]
        post = Request("POST", IMAGE, headers=headers + host, body=json.dumps(BODY).encode())
        job = sim.handle(post).json()["data"]["_id"]
        sim.handle(Request("GET", LIST, query=f"_ids={job}".encode(), headers=headers))
    assert len(sim.journal.entries) == 50
    assert len(sim.jobs) == 100
    assert len(sim.world.list_items) <= 8192


def test_loop_and_threads_end_with_the_server():
    server = MockServer()
    assert server.url
    loop = server._loop
    server.close()
    assert isinstance(loop, asyncio.AbstractEventLoop)
    assert loop.is_closed()


@pytest.mark.parametrize("start", [b"GET /", b"GET / HTTP/1.1\r\nx-long: "])
def test_headers_without_end_are_refused_and_not_gathered(shared, start):
    seen = talk(shared.url, start, b"a" * ((1 << 20) + 1))
    assert seen.startswith(b"HTTP/1.1 431")
    assert b'"code":' in talk(shared.url, get(CREDIT))


def test_trailers_are_no_headers(shared):
    key = f"x-api-key: {API_KEY}\r\n".encode()
    path = CREDIT.encode()
    head = b"GET " + path + b" HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"
    for size in (0, 1):
        body = b"1\r\na\r\n" * size
        assert b'"code":1102' in talk(shared.url, head + body + b"0\r\n" + key + b"\r\n")
