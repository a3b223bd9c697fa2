"""A server that always sends a little more holds nobody beyond the deadline. On real sockets."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.client.conftest import FACE, IMAGE, Both, FakeClock, Vendor, job_id

from akool_faceswap import (
    DownloadError,
    FaceSwap,
    JobState,
    JobStatus,
    NotDeliveredError,
    RequestTimeoutError,
    SubmissionUncertain,
)
from akool_mock import MockServer

ANSWER = b'{"code":1000,"msg":"OK","data":{"credit":12.5}}'
GOOD = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(ANSWER), ANSWER)
ENDLESS = {
    # A name that never ends; one interim answer after the other; a body that never ends.
    "header": (b"HTTP/1.1 200 OK\r\nx-a: ", b"a"),
    "interim": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "body": (b"HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n", b" "),
}
MOST = 2_000
"""Pieces after which a dripping server gives up, so that a client without a deadline fails."""
PACE = 0.001


class Dripper:
    """Answers well, but for the second request, on which it drips."""

    def __init__(self, kind: str, tick: Any) -> None:
        self.kind = kind
        self.tick = tick
        self.requests = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                self._converse(self.listener.accept()[0])

    def _converse(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while True:
                read_request(connection)
                self.requests += 1
                if self.requests == 2:
                    return self._drip(connection)
                connection.sendall(GOOD)

    def _drip(self, connection: socket.socket) -> None:
        head, piece = ENDLESS[self.kind]
        connection.sendall(head)
        for _ in range(MOST):
            self.tick()
            connection.sendall(piece)


def read_request(connection: socket.socket) -> None:
    """All of it: a connection that is closed with something unread in it loses its answer."""
    request = connection.recv(65536)
    ending = b"}" if request.startswith(b"POST") else b"\r\n\r\n"
    while not request.endswith(ending):
        more = connection.recv(65536)
        if not more:
            raise OSError("the client is gone")
        request += more


@contextmanager
def dripping(kind: str, tick: Any = lambda: None) -> Iterator[Dripper]:
    dripper = Dripper(kind, tick)
    thread = threading.Thread(target=dripper.serve)
    thread.start()
    try:
        yield dripper
    finally:
        with suppress(OSError):
            dripper.listener.shutdown(socket.SHUT_RDWR)
        dripper.listener.close()
        thread.join(30)


@contextmanager
def served(both: Both, kind: str) -> Iterator[tuple[Dripper, float]]:
    """A dripping server, and a timeout that passes quickly.

    Threads ask a clock how long to wait: here every piece takes half a second of it. Tasks are
    woken by their event loop, which only the real time moves.
    """
    if both.kind == "async":
        pause = threading.Event()
        with dripping(kind, lambda: pause.wait(PACE)) as dripper:
            yield dripper, 0.05
        return

    def tick() -> None:
        both.clock.passed += 0.5

    with dripping(kind, tick) as dripper:
        yield dripper, 30


def run(both: Both, dripper: Dripper, scenario: Any) -> None:
    """Run a scenario with a client that has its connection already."""

    async def connected(client: Any) -> None:
        assert await client.credit() == 12.5
        await scenario(client)

    both.run(None, connected, base_url=dripper.url, transport=None)


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_read_ends_at_its_deadline_however_the_server_drips(both: Both, kind: str) -> None:
    async def scenario(client: Any) -> None:
        with pytest.raises(RequestTimeoutError):
            await client.credit(timeout=seconds)
        assert await client.credit() == 12.5  # the client is none the worse for it

    with served(both, kind) as (dripper, seconds):
        run(both, dripper, scenario)


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_submit_that_drips_is_uncertain_at_its_deadline(both: Both, kind: str) -> None:
    async def scenario(client: Any) -> None:
        with pytest.raises(SubmissionUncertain, match="No answer in time"):
            await client.swap_image(FACE, FACE, IMAGE, timeout=seconds)

    with served(both, kind) as (dripper, seconds):
        run(both, dripper, scenario)
    assert dripper.requests == 2


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_download_that_drips_ends_at_its_deadline(both: Both, kind: str, tmp_path: Path) -> None:
    async def scenario(client: Any) -> None:
        job = client.job(job_id(1))
        url = f"{dripper.url}/final.jpg"
        job.known.note(JobState(id=job_id(1), status=JobStatus.SUCCESS, url=url))
        with pytest.raises(DownloadError, match="not complete in time"):
            await (await job.result()).save(tmp_path / "a.jpg", timeout=seconds)

    with served(both, kind) as (dripper, seconds):
        run(both, dripper, scenario)
    assert list(tmp_path.iterdir()) == []


def test_a_submit_that_got_no_connection_in_time_was_not_delivered(both: Both) -> None:
    """The system takes the connection, but nobody answers the greeting of TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(NotDeliveredError):
            both.run(
                None,
                lambda client: client.swap_image(FACE, FACE, IMAGE, timeout=0.05),
                base_url=url,
                transport=None,
            )


def test_a_callback_that_is_late_by_itself_is_not_taken_for_the_deadline(
    both: Both, vendor: Vendor, tmp_path: Path
) -> None:
    vendor.statuses = lambda _name, _looks: 3

    def late(_sofar: int, _total: int | None) -> None:
        raise TimeoutError("of the callback")

    async def scenario(client: Any) -> None:
        result = await client.job(job_id(1)).wait()
        with pytest.raises(TimeoutError, match="of the callback"):
            await result.save(tmp_path / "a.jpg", progress=late)

    both.run(vendor, scenario)


def test_a_call_made_while_a_file_is_saved_has_a_deadline_of_its_own(tmp_path: Path) -> None:
    clock = FakeClock()
    with (
        MockServer() as mock,
        FaceSwap(mock.api_key, base_url=mock.url, clock=clock) as client,
    ):
        moments = []

        def ask(_sofar: int, _total: int | None) -> None:
            client.credit(timeout=5)
            moments.append(client._engine.deadline.moment)

        job = client.job(job_id(1))
        url = f"{mock.url}/api/open/v3/faceswap/quota/info"
        job.known.note(JobState(id=job_id(1), status=JobStatus.SUCCESS, url=url))
        job.result().save(tmp_path / "a.json", timeout=77, progress=ask)
        assert set(moments) == {77.0}
        assert client._engine.deadline.moment == float("inf")


def test_a_transport_of_the_callers_keeps_its_own_timeouts() -> None:
    with httpx2.HTTPTransport() as transport:
        backend = transport._pool._network_backend
        with FaceSwap("api-key-0123456789", transport=transport) as client:
            client._engine.http()
            assert transport._pool._network_backend is backend
