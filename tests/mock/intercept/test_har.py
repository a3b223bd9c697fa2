"""The archive of `mock run --har`: everything that was said, and no secret in any spelling."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, quote_plus

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_mock import MockServer
from akool_mock._server.intercept.har import archive

RUN = [str(Path(sys.executable).with_name("akool-faceswap")), "mock", "run"]
PROGRAM = Path(__file__).with_name("programs") / "program.py"
SECRET = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=30).map(
    lambda text: f"{text}~9"
)  # no word of the archive's own


def spellings(secret: str) -> set[str]:
    raw = secret.encode()
    return {
        secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1],
        base64.b64encode(raw).decode().rstrip("="),
        base64.urlsafe_b64encode(raw).decode().rstrip("="), raw.hex(),
    }  # fmt: skip


@given(SECRET, st.sampled_from(["key", "bearer", "login", "query"]))
def test_no_secret_is_in_the_archive_in_any_spelling(secret: str, way: str) -> None:
    headers = {"x-api-key": secret} if way == "key" else {}
    if way == "bearer":
        headers["authorization"] = f"Bearer {secret}"
    body: dict[str, str] = {"clientId": "me", "clientSecret": secret} if way == "login" else {}
    query = {"token": secret} if way == "query" else {}
    body |= {f"note{number}": text for number, text in enumerate(sorted(spellings(secret)))}
    with MockServer() as mock:
        with httpx2.Client(transport=mock.transport, base_url=mock.base_url) as http:
            http.post("/api/open/v3/getToken", headers=headers, json=body, params=query)
            http.post("/elsewhere", json=body, headers={"x-note": quote(secret)})
        text = json.dumps(archive(mock.simulator.world.journal.entries), ensure_ascii=False)
    found = {way for way in spellings(secret) if way in text}
    assert not found


def test_what_was_sent_and_answered_is_there() -> None:
    with MockServer() as mock:
        with httpx2.Client(transport=mock.transport, base_url=mock.base_url) as http:
            http.get("/api/open/v3/faceswap/quota/info?a=b", headers={"x-api-key": mock.api_key})
        log = archive(mock.simulator.world.journal.entries)["log"]
    (entry,) = log["entries"]
    assert log["version"] == "1.2"
    assert (
        entry["request"]["url"] == "http://akool-mock.localhost/api/open/v3/faceswap/quota/info?a=b"
    )
    assert entry["request"]["queryString"] == [{"name": "a", "value": "b"}]
    assert entry["response"]["status"] == 200
    assert json.loads(entry["response"]["content"]["text"])["code"] == 1000


@pytest.mark.parametrize("way", ["--no-private-network"])
def test_mock_run_writes_the_archive(tmp_path: Path, way: str) -> None:
    file = tmp_path / "out.har"
    fast = ["--set", "queue_s=0.2", "--set", "processing_s=0.2"]
    done = subprocess.run(
        [*RUN, way, *fast, "--har", str(file), "--", sys.executable, str(PROGRAM)],
        capture_output=True, text=True, check=False, timeout=110,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    urls = [entry["request"]["url"] for entry in json.loads(file.read_text())["log"]["entries"]]
    assert any(url.startswith("https://openapi.akool.com/api/open/v4/") for url in urls)


def test_an_archive_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    words = ["--no-private-network", "--har", str(tmp_path / "no" / "x.har"), "--", "true"]
    done = subprocess.run([*RUN, *words], capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 2
    assert "--har" in done.stderr
    assert "Traceback" not in done.stderr
