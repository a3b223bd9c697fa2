"""`akool-faceswap webhook`: deliveries opened, and received."""

import json
import re
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.cli.conftest import child

from akool_faceswap import webhooks
from akool_faceswap.cli import main
from akool_faceswap.cli._exit import Exit
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
