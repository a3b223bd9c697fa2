"""Whatever a target does, a run ends with violations or one line; never with a traceback."""

from __future__ import annotations

import dataclasses
import socket
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from akool_contract._options import PROFILES, Options
from akool_contract._target.target import Capabilities, HttpTarget
from akool_contract._wire.http import Request, Response
from akool_contract.oracle.credentials import Credentials
from akool_contract.suite import verify
from akool_contract_proof.reference.core import Reference
from akool_contract_proof.runner import CONTRACT

HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BEHAVIOURS = {
    "hangs": None,
    "hangs up": b"",
    "speaks no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "sends half an answer": HTTP + b'Content-Length: 5000\r\n\r\n{"code":',
    "fails always": b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops",
    "answers with a huge length": HTTP + b"Content-Length: 99999999999\r\n\r\n{",
    "answers nothing but headers": HTTP + b"Content-Length: 0\r\n\r\n",
    "answers true": HTTP + b"Content-Length: 4\r\n\r\ntrue",
    "answers with nested arrays": HTTP + b"Content-Length: 20000\r\n\r\n" + b"[" * 20000,
    "nests valid arrays": HTTP + b"Content-Length: 40000\r\n\r\n" + b"[" * 20000 + b"]" * 20000,
    "redirects to itself": b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
    "has broken headers": b"HTTP/1.1 200 OK\r\n: x\r\n\r\n",
    "says 1000 to everything": HTTP + b'Content-Length: 13\r\n\r\n{"code":1000}',
}


def connections(listener):
    """Each that comes, until the listener is closed."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        yield connection


class Bad:
    """A server with one answer for everybody."""

    def __init__(self, answer) -> None:
        self.answer = answer
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.held = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        for connection in connections(self.socket):
            if self.answer is None:
                self.held.append(connection)
                continue
            with connection:
                try:
                    connection.recv(65536)
                    connection.sendall(self.answer)
                except OSError:
                    continue

    def close(self) -> None:
        self.socket.close()
        for connection in self.held:
            connection.close()


def check(target):
    options = Options(
        profile=PROFILES["quick"],
        max_credits=1000.0,
        job_timeout=0.2,
        operations=("swapImage", "listResults", "getCredit", "getToken", "detectFaces"),
    )
    return verify(target, CONTRACT, options)


def capable() -> Capabilities:
    return Capabilities(loopback=True, submit=True, delete=True)


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_bad_server_ends_a_run_in_good_order(behaviour) -> None:
    bad = Bad(BEHAVIOURS[behaviour])
    target = HttpTarget(bad.url, Credentials(keys={"k" * 32: "main"}), capable(), timeout=0.3)
    try:
        report = check(target)
    finally:
        target.close()
        bad.close()
    assert report.exit_code in (1, 2)
    assert "\n" not in report.error


class Scripted:
    """A target in process that answers from a list, round and round."""

    name, base_url = "scripted", "http://127.0.0.1:1"
    concurrent = False

    def __init__(self, answers) -> None:
        self.answers, self.count, self.time = answers, 0, 0.0
        self.credentials = Credentials(keys={"k" * 32: "main"})
        self.capabilities = capable()
        self.capabilities.cheap = self.capabilities.clock = True

    def send(self, _request):
        self.count += 1
        return dataclasses.replace(self.answers[self.count % len(self.answers)], seconds=0.0)

    def now(self) -> float:
        return self.time

    def wait(self, seconds) -> None:
        self.time += seconds

    def close(self) -> None:
        pass


ANSWER = st.builds(
    Response,
    st.sampled_from([200, 200, 200, 204, 302, 400, 404, 429, 500, 599]),
    st.just((("Content-Type", "application/json"),)),
    st.sampled_from(
        [
            b"",
            b"{}",
            b"[]",
            b"null",
            b'{"code":1000,"msg":"OK","data":{"_id":"a","job_id":"b","url":"http://x/y"}}',
            b'{"code":1000,"msg":"OK","data":{"result":[{"_id":"a","faceswap_status":3}]}}',
            b'{"code":1000,"msg":"OK","data":{"result":[null,1,{"_id":[]}]}}',
            b'{"code":1000,"msg":"OK","data":{"credit":-5}}',
            b'{"code":1000,"data":[1]}',
            b'{"code":1005,"msg":"x"}',
            b'{"code":{"a":1},"msg":[]}',
            b'{"error_code":0,"faces_obj":{"x":{"landmarks":[[1]],"region":{}}}}',
            b'{"code":1000,"token":"ttttttttttttt"}',
        ]
    ),
)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(ANSWER, min_size=1, max_size=4))
def test_no_mixture_of_answers_stops_the_suite(answers) -> None:
    report = check(Scripted(answers))
    assert report.exit_code in (1, 2)


class Answers:
    """A correct server over a socket, until `bend` has bent its answers: head and body as bytes.

    It keeps a connection open unless it is told not to.
    """

    def __init__(self, bend) -> None:
        self.reference, self.bend = Reference(), bend
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.over = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        for connection in connections(self.socket):
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection) -> None:
        with connection, connection.makefile("rb") as stream:
            while line := stream.readline():
                method, path, _ = line.decode().split(" ")
                headers = []
                while field := stream.readline().decode().strip():
                    name, _, value = field.partition(":")
                    headers.append((name, value.strip()))
                sent = {name.lower(): value for name, value in headers}
                body = stream.read(int(sent.get("content-length", 0)))
                request = Request(method, self.url + path, tuple(headers), body)
                answer = self.reference.handle(request)
                length = ("Content-Length", str(len(answer.body)))
                kept = [(k, v) for k, v in answer.headers if k.lower() != "content-length"]
                fields = "".join(f"{k}: {v}\r\n" for k, v in [*kept, length])
                head = f"HTTP/1.1 {answer.status} OK\r\n{fields}\r\n".encode()
                told = b"" if method == "HEAD" else answer.body
                connection.sendall(self.bend(method, head, told, answer.body))
                if sent.get("connection") == "close":
                    return
            self.over.wait()

    def close(self) -> None:
        self.over.set()
        self.socket.close()


def honest(_method, head, told, _body) -> bytes:
    return head + told


def body_after_head(_method, head, _told, body) -> bytes:
    return head + body


def length_too_long(_method, head, told, body) -> bytes:
    return head.replace(b"Length: %d" % len(body), b"Length: %d" % (len(body) + 10)) + told


@pytest.mark.parametrize(
    ("bend", "check", "seen"),
    [
        (honest, "", ""),
        (body_after_head, "wire.kept-connection", "after the head"),
        (length_too_long, "wire.answers", "without sending complete message body"),
    ],
)
def test_answers_of_another_length_than_they_say_are_found_without_waiting(
    bend, check, seen
) -> None:
    server = Answers(bend)
    key = server.reference.accounts.main.key
    target = HttpTarget(server.url, Credentials(keys={key: "main"}), capable(), timeout=600.0)
    options = Options(
        profile=PROFILES["quick"],
        operations=("listResults", "getCredit"),
        checks=("wire.kept-connection", "credits.reading-is-free"),
    )
    try:
        report = verify(target, CONTRACT, options)
    finally:
        server.close()
        target.close()
    found = {violation.check: violation.seen for violation in report.violations}
    assert seen in found.get(check, "") if check else found == {}
