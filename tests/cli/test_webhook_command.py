"""`akool-faceswap webhook`: deliveries opened, and received."""

import asyncio
import json
import re
import signal
import socket
import time
from pathlib import Path
from typing import Any, Self

import httpx2
import pytest
from tests.cli.conftest import child

from akool_faceswap import webhooks
from akool_faceswap.cli import main
from akool_faceswap.cli._exit import Exit
from akool_faceswap.cli._output import Output
from akool_faceswap.cli._session import Session
from akool_faceswap.cli._webhook import _Receiver
from akool_faceswap.webhooks import WebhookEvent
from akool_mock import API_KEY, CLIENT_ID


def delivery(status: int = 3) -> bytes:
    event = {"_id": "a" * 24, "status": status, "type": "faceswap", "url": "https://r.test/r.jpg"}
    return webhooks.wrap(
        event, client_id=CLIENT_ID, client_secret=API_KEY, timestamp_ms=1, nonce="7"
    )


def test_webhook_decode_opens_a_delivery(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def run(*arguments: str) -> tuple[int, Any, str]:
        code = main([*arguments, "--mock", "--json"])
        said = capsys.readouterr()
        return code, [json.loads(line) for line in said.out.splitlines()], said.err

    body = tmp_path / "body.json"
    body.write_bytes(delivery())
    code, answers, _ = run("webhook", "decode", str(body))
    assert (code, answers[0]["status"]) == (Exit.DONE, "SUCCESS")
    code, _, err = run("webhook", "decode", str(body), "--fresh")
    assert code == Exit.REFUSED
    assert "clock" in err
    body.write_bytes(b"\xff")
    assert run("webhook", "decode", str(body))[0] == Exit.REFUSED


def test_webhook_decode_names_the_variables_that_it_needs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AKOOL_API_KEY", "AKOOL_CLIENT_ID", "AKOOL_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "body").write_bytes(delivery())
    assert main(["webhook", "decode", str(tmp_path / "body")]) == Exit.USAGE
    assert "AKOOL_CLIENT_ID" in capsys.readouterr().err


def test_webhook_commands_say_at_once_that_the_secret_cannot_open_anything(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AKOOL_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("AKOOL_CLIENT_SECRET", "seventeen letters")
    assert main(["webhook", "listen", "--port", "0", "--count", "1"]) == Exit.USAGE
    assert "seventeen" not in capsys.readouterr().err


def test_webhook_listen_shows_events_and_answers_200_or_400() -> None:
    with child("webhook", "listen", "--port", "0", "--count", "2", "--mock", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = re.search(r"http://\S+", process.stderr.readline().replace(",", " "))
        assert url is not None
        fresh = [fresh_delivery(2), b"{}", fresh_delivery(3)]
        answers = [httpx2.post(url[0], content=body).status_code for body in fresh]
        assert answers == [200, 400, 200]
        shown = [json.loads(line)["status"] for line in process.stdout]
        assert shown == ["PROCESSING", "SUCCESS"]
        assert process.wait(30) == Exit.DONE
        assert "dropped a delivery" in process.stderr.read()


def fresh_delivery(status: int) -> bytes:

    event = {"_id": "a" * 24, "status": status, "type": "faceswap", "url": "https://r.test/r.jpg"}
    return webhooks.wrap(
        event, client_id=CLIENT_ID, client_secret=API_KEY,
        timestamp_ms=int(time.time() * 1000), nonce="7",
    )  # fmt: skip


class Listening:
    """The receiver in this process, as long as the block lasts."""

    def __init__(self, deadline_s: float) -> None:
        self.shown: list[bytes] = []
        self._deadline_s = deadline_s
        session = Session(Output(as_json=True))
        self._receiver = _Receiver(session, self._read, None)

    def _read(self, body: bytes) -> WebhookEvent:
        self.shown.append(body)
        return webhooks.unwrap(body, client_id=CLIENT_ID, client_secret=API_KEY, tolerance_ms=None)

    async def __aenter__(self) -> Self:
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        self._task = asyncio.create_task(self._receiver.serve(listening, self._deadline_s))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._receiver._end()
        await self._task

    async def answer_to(self, *pieces: bytes, pause_s: float = 0.0) -> bytes:
        """What a client gets that sends these pieces; empty if it was cut off."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause_s)
            return await reader.readline()
        except OSError:
            return b""
        finally:
            writer.transport.abort()


def request(body: bytes, length: str | None = None, method: str = "POST") -> bytes:
    said = str(len(body)) if length is None else length
    return f"{method} / HTTP/1.1\r\nHost: h\r\nContent-Length: {said}\r\n\r\n".encode() + body


MEGABYTE = b"x" * (1 << 20)


@pytest.mark.parametrize("length", ["000000000000900000000", "900000000", str(2 << 20)])
def test_a_body_is_bounded_by_what_is_read_not_by_what_is_announced(length: str) -> None:
    async def main() -> tuple[bytes, int]:
        async with Listening(30) as receiver:
            pieces = [request(b"", length), *[MEGABYTE] * 400]
            return await receiver.answer_to(*pieces), len(receiver.shown)

    answer, shown = asyncio.run(main())
    assert shown == 0
    assert not answer or answer.split()[1] in {b"400", b"413"}


def test_a_chunked_body_without_an_end_is_cut_off_at_the_bound() -> None:
    async def main() -> tuple[bytes, int]:
        async with Listening(30) as receiver:
            head = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            chunk = b"100000\r\n" + MEGABYTE + b"\r\n"
            return await receiver.answer_to(head, *[chunk] * 100), len(receiver.shown)

    answer, shown = asyncio.run(main())
    assert shown == 0
    assert not answer or b"413" in answer


@pytest.mark.parametrize("drip", [request(b"", "100"), b"POST / HTTP/1.1\r\nX-Slow: a", b"\0"])
def test_clients_that_drip_block_nobody_and_are_cut_off(drip: bytes) -> None:
    async def main() -> tuple[list[bytes], list[bytes]]:
        async with Listening(2) as receiver:
            slow = [
                asyncio.create_task(receiver.answer_to(drip, *[b"a"] * 400, pause_s=0.05))
                for _ in range(20)
            ]
            await asyncio.sleep(0.2)
            good = [await receiver.answer_to(request(delivery())) for _ in range(3)]
            assert receiver.shown
            return good, [(await task)[:15] for task in slow]

    good, slow = asyncio.run(main())
    assert [answer.split()[1] for answer in good] == [b"200"] * 3
    assert set(slow) <= {b"", b"HTTP/1.1 400 Bad"[:15]}


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\0\xa5", request(b"", "5, 6"), request(b"", "-1")])
def test_what_is_no_request_is_refused(sent: bytes) -> None:
    async def main() -> bytes:
        async with Listening(2) as receiver:
            return await receiver.answer_to(sent)

    assert asyncio.run(main()).split()[1:2] in ([b"400"], [])


def test_only_deliveries_are_taken() -> None:
    async def main() -> bytes:
        async with Listening(5) as receiver:
            return await receiver.answer_to(request(b"", "0", "GET"))

    assert b"405" in asyncio.run(main())


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_webhook_listen_ends_by_a_signal_and_says_how_to_go_on(sent: signal.Signals) -> None:
    with child("webhook", "listen", "--port", "0", "--mock") as process:
        process.stderr.readline()
        process.send_signal(sent)
        _, err = process.communicate()
    assert process.returncode == Exit.INTERRUPTED
    assert "Traceback" not in err
