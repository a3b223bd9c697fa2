"""A server that always sends a little more holds nobody beyond the deadline. On real sockets."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.client.conftest import FACE, IMAGE, OPTS, Both, FakeClock, Vendor, job_id, picture

from akool_faceswap import (
    ConfigurationError,
    DownloadError,
    Face,
    FaceSwap,
    JobState,
    JobStatus,
    NotDeliveredError,
    RequestTimeoutError,
    SubmissionUncertain,
)
from akool_faceswap._http.deadline import PIECE_BYTES
from akool_faceswap.uploads import Mock
from akool_mock import MockServer

ANSWER = b'{"code":1000,"msg":"OK","data":{"credit":12.5}}'
GOOD = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(ANSWER), ANSWER)
ENDLESS = {
    # A name that never ends; one interim answer after the other; a body that never ends.
    "header": (b"HTTP/1.1 200 OK\r\nx-a: ", b"a"),
    "interim": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "body": (
        b"HTTP/1.1 200 OK\r\ncontent-type: image/next\r\ncontent-length: 9999999\r\n\r\n",
        b"\xff",
    ),
}
MOST = 2_000
"""Pieces after which a dripping server gives up, so that a client without a deadline fails."""
PACE = 0.001


class Dripper:
    """Answers well, but for the second request, on which it drips."""

    def __init__(self, kind: str, tick: Any, tls: ssl.SSLContext | None) -> None:
        self.kind = kind
        self.tick = tick
        self.tls = tls
        self.requests = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        scheme = "http" if tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                self._converse(self.listener.accept()[0])

    def _converse(self, connection: socket.socket) -> None:
        if self.tls is not None:
            connection = self.tls.wrap_socket(connection, server_side=True)
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
def dripping(kind: str, tick: Any, tls: ssl.SSLContext | None) -> Iterator[Dripper]:
    dripper = Dripper(kind, tick, tls)
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
def served(
    both: Both, kind: str, tls: ssl.SSLContext | None = None
) -> Iterator[tuple[Dripper, float]]:
    """A dripping server, and a timeout that passes quickly.

    Threads ask a clock how long to wait: here every piece takes half a second of it. Tasks are
    woken by their event loop, which only the real time moves.
    """
    if both.kind == "async":
        pause = threading.Event()
        with dripping(kind, lambda: pause.wait(PACE), tls) as dripper:
            yield dripper, 0.05
        return

    def tick() -> None:
        both.clock.passed += 0.5

    with dripping(kind, tick, tls) as dripper:
        yield dripper, 30


def run(both: Both, dripper: Dripper, scenario: Any, **settings: Any) -> None:
    """Run a scenario with a client that has its connection already."""

    async def connected(client: Any) -> None:
        assert await client.credit() == 12.5
        await scenario(client)

    both.run(None, connected, **{"base_url": dripper.url, "transport": None, **settings})


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
        job.record.note(JobState(id=job_id(1), status=JobStatus.SUCCESS, url=url))
        with pytest.raises(DownloadError, match="not complete in time"):
            await (await job.result()).save(tmp_path / "a.jpg", timeout=seconds)

    with served(both, kind) as (dripper, seconds):
        run(both, dripper, scenario)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate that this process trusts for the test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    local = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(local, critical=False)
        .sign(key, hashes.SHA256())
    )
    shown = certificate.public_bytes(serialization.Encoding.PEM)
    hidden = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = tmp_path / "server.pem"
    file.write_bytes(shown + hidden)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize("kind", ENDLESS)
def test_the_deadline_holds_inside_tls(both: Both, kind: str, tls: ssl.SSLContext) -> None:
    async def scenario(client: Any) -> None:
        with pytest.raises(RequestTimeoutError):
            await client.credit(timeout=seconds)
        assert await client.credit() == 12.5

    with served(both, kind, tls) as (dripper, seconds):
        run(both, dripper, scenario)


def test_the_deadline_holds_behind_a_proxy(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(client: Any) -> None:
        with pytest.raises(RequestTimeoutError):
            await client.credit(timeout=seconds)
        assert await client.credit() == 12.5

    with served(both, "interim") as (dripper, seconds):
        monkeypatch.setenv("HTTP_PROXY", dripper.url)
        run(both, dripper, scenario, base_url="http://api.example")
    assert dripper.requests == 3


def test_a_large_request_arrives_whole(both: Both) -> None:
    """It is written in pieces, each within what is left of the deadline."""
    faces = [
        Face(f"https://pictures.example/{number}?{'x' * 1000}.jpg", OPTS) for number in range(50)
    ]
    with MockServer() as mock:

        async def scenario(client: Any) -> None:
            job = await client.swap_image_pro(faces, faces)
            assert len(json.dumps([face.path for face in faces * 2])) > 6 * PIECE_BYTES
            assert await job.status() in (JobStatus.IN_QUEUE, JobStatus.PROCESSING)

        both.run(None, scenario, base_url=mock.url, transport=None, api_key=mock.api_key)


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
        url = Mock(mock.url)(picture(), "a.jpg", "image/jpeg")
        job.record.note(JobState(id=job_id(1), status=JobStatus.SUCCESS, url=url))
        job.result().save(tmp_path / "a.jpg", timeout=77, progress=ask)
        # The file's deadline holds while the client waits for the file, not while others work.
        assert set(moments) == {float("inf")}
        assert client._engine.deadline.moment == float("inf")


@pytest.mark.parametrize("gone", ["_mounts", "_transport"])
def test_a_library_that_is_built_otherwise_is_named_with_its_version(
    monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    class Other(httpx2.Client):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.kept = getattr(self, gone)
            delattr(self, gone)

        def close(self) -> None:
            setattr(self, gone, self.kept)
            super().close()

    monkeypatch.setattr(httpx2, "Client", Other)
    with (
        FaceSwap("api-key-0123456789", base_url="http://127.0.0.1:9") as client,
        pytest.raises(ConfigurationError, match=f"httpx2 {version('httpx2')}"),
    ):
        client.credit()


def test_a_transport_of_the_callers_keeps_its_own_timeouts() -> None:
    with httpx2.HTTPTransport() as transport:
        backend = transport._pool._network_backend
        with FaceSwap("api-key-0123456789", transport=transport) as client:
            client._engine.http()
            assert transport._pool._network_backend is backend
