"""Mistakes in the environment's proxies and certificates: one sentence that names the variable."""

import asyncio
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.client.conftest import API_KEY, FACE, IMAGE

from akool_faceswap import AsyncFaceSwap, ConfigurationError, FaceSwap, NotDeliveredError
from akool_faceswap.cli import main
from akool_faceswap.cli._exit import Exit

PASSWORD = "proxy-password"
MISTAKES = [
    ("ALL_PROXY", f"socks5://me:{PASSWORD}@h:1", "akool-faceswap[socks]"),
    ("HTTPS_PROXY", "socks5h://h", "akool-faceswap[socks]"),
    ("all_proxy", "socks5://h", "akool-faceswap[socks]"),
    ("HTTP_PROXY", f"http://me:{PASSWORD}@h:notaport", "http://host:port"),
    ("HTTPS_PROXY", "foo://bar", "http://host:port"),
    ("https_proxy", "http://[::1", "http://host:port"),
    ("SSL_CERT_FILE", "/nowhere/certificates.pem", "SSL_CERT_FILE"),
]


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxies but the test's; and no SOCKS, whether or not its extra is there."""
    for name in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setitem(sys.modules, "socksio", None)


def sync_call() -> None:
    with FaceSwap(API_KEY) as client:
        client.credit()


async def async_call() -> None:
    async with AsyncFaceSwap(API_KEY) as client:
        await client.credit()


@pytest.mark.parametrize(("name", "value", "told"), MISTAKES)
@pytest.mark.parametrize("call", [sync_call, lambda: asyncio.run(async_call())])
def test_a_mistake_in_the_environment_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, call: Callable[[], None], name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        call()
    assert name in str(caught.value)
    assert told in str(caught.value)
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("more", [[], ["--debug"]])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_command_line_says_it_in_one_paragraph(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    mistake: tuple[str, str, str],
    more: list[str],
) -> None:
    name, value, told = mistake
    monkeypatch.setenv("AKOOL_API_KEY", API_KEY)
    monkeypatch.setenv(name, value)
    assert main(["credit", *more]) == Exit.USAGE
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert name in said
    assert told in said


def test_a_certificate_file_that_holds_none_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "empty.pem").touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "empty.pem"))
    with FaceSwap(API_KEY) as client, pytest.raises(ConfigurationError, match="SSL_CERT_FILE"):
        client.credit()


def test_what_is_right_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with FaceSwap(API_KEY, base_url="http://127.0.0.1:9") as client:
        assert client._engine.http()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_mock_that_does_not_run_is_told_at_once_in_one_sentence(host: str, kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    url, attempts = f"http://{host}:{port}", []

    async def by_task() -> None:
        async with AsyncFaceSwap(API_KEY, base_url=url, on_attempt=attempts.append) as client:
            await client.swap_image(FACE, FACE, IMAGE)

    def by_thread() -> None:
        with FaceSwap(API_KEY, base_url=url, on_attempt=attempts.append) as client:
            client.swap_image(FACE, FACE, IMAGE)

    with pytest.raises(
        NotDeliveredError, match=r"Nothing listens at .*akool-faceswap mock"
    ) as caught:
        by_thread() if kind == "sync" else asyncio.run(by_task())
    assert len(attempts) == 1
    assert caught.value.__cause__ is caught.value.__context__ is None
