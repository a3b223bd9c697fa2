"""`mock --tls` and `mock --proxy`: HTTPS and a proxy for what runs elsewhere."""

import contextlib
import json
import os
import re
import signal
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import trustme

from akool_mock import API_KEY, MockError
from akool_mock._server.front import Front
from akool_mock._server.intercept.authority import Authority

MOCK = [str(Path(sys.executable).with_name("akool-faceswap")), "mock", "--port", "0"]
CREDIT = "/api/open/v3/faceswap/quota/info"
KEY = {"x-api-key": API_KEY}


@contextlib.contextmanager
def mock(*words: str | Path) -> Iterator[str]:
    """What the mock says when it answers; it has ended well when the context is left."""
    process = subprocess.Popen(
        [*MOCK, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    lines = []
    try:
        while line := process.stdout.readline():
            lines.append(line)
            if line.startswith("curl"):
                break
        yield "".join(lines)
        process.send_signal(signal.SIGINT)
        assert process.communicate()[1] == ""
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()


def authority(said: str) -> ssl.SSLContext:
    found = re.search(r"certificate authority +(\S+)", said)
    assert found, said
    return ssl.create_default_context(cafile=found[1])


def address(said: str) -> str:
    found = re.search(r"on (https?://\S+)", said)
    assert found, said
    return found[1]


def test_https_is_believed_by_who_trusts_the_authority_that_is_told() -> None:
    with mock("--tls") as said:
        url = address(said)
        with httpx2.Client(verify=authority(said), trust_env=False, headers=KEY) as http:
            assert http.get(url + CREDIT).json()["code"] == 1000
            faces = {"url": "https://example.com/a.jpg", "return_face_url": True}
            found = http.post(url + "/interface/detect-api/detect_faces", json=faces).json()
            crop = found["faces_obj"]["0"]["face_urls"][0]
            assert crop.startswith(url)
            assert http.get(crop).status_code == 200
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(url, trust_env=False)


def test_the_curl_line_works_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is copied from the dashboard too, into whatever terminal is open."""
    folder, elsewhere = tmp_path / "of me", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(folder)
    with mock("--tls", "--ca", "kept") as said:
        line = said.splitlines()[-1]
        done = subprocess.run(["sh", "-c", line], cwd=elsewhere, capture_output=True, check=True)
    assert json.loads(done.stdout)["code"] == 1000


def test_a_certificate_of_ones_own_is_shown(tmp_path: Path) -> None:
    own = trustme.CA()
    leaf = own.issue_cert("127.0.0.1")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.write_bytes(leaf.cert_chain_pems[0].bytes())
    key.write_bytes(leaf.private_key_pem.bytes())
    context = ssl.create_default_context()
    own.configure_trust(context)
    with mock("--tls", "--certificate", certificate, "--key", key) as said:
        answer = httpx2.get(address(said) + CREDIT, verify=context, trust_env=False, headers=KEY)
        assert answer.json()["code"] == 1000


def test_the_proxy_leads_the_vendors_hosts_to_the_mock_and_others_nowhere() -> None:
    with mock("--proxy") as said:
        found = re.search(r"proxy +(http://\S+) for openapi.akool.com, sg3.akool.com", said)
        assert found, said
        context = authority(said)
        with httpx2.Client(proxy=found[1], verify=context, trust_env=False, headers=KEY) as http:
            assert http.get(f"https://openapi.akool.com{CREDIT}").json()["code"] == 1000
            face = {"image_url": "https://example.com/a.jpg", "single_face": True}
            assert http.post("https://sg3.akool.com/detect", json=face).json()["error_code"] == 0
            assert http.get(f"http://openapi.akool.com{CREDIT}").json()["code"] == 1000
            assert http.get("http://example.com/").status_code == 403
            with pytest.raises(httpx2.ProxyError, match="403"):
                http.get("https://example.com/")


def test_an_authority_is_kept_and_found_again(tmp_path: Path) -> None:
    folder = tmp_path / "ca"
    pem = Authority(["a.test"], folder).pem
    assert Authority(["b.test"], folder).pem == pem == (folder / "ca.pem").read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE((folder / "ca-key.pem").stat().st_mode) == 0o600


@pytest.mark.parametrize("left", ["ca.pem", "ca-key.pem"])
def test_half_an_authority_is_refused_in_words(tmp_path: Path, left: str) -> None:
    (tmp_path / left).write_text("nothing")
    with pytest.raises(MockError, match=r"--ca .*has ca\.pem and ca-key\.pem"):
        Authority(["a.test"], tmp_path)


@pytest.mark.parametrize(
    ("front", "told"),
    [
        (Front(certificate=Path("x")), "--certificate goes with --tls"),
        (Front(tls=True, proxy=True, certificate=Path("x")), "--certificate goes with --tls"),
        (Front(tls=True, key=Path("x")), "--key goes with --certificate"),
        (Front(ca=Path("x")), "--ca goes with --tls or --proxy"),
        (Front(tls=True, allowed=("a.test",)), "--allow-host goes with --proxy"),
    ],
)
def test_what_does_not_go_together_is_told(front: Front, told: str) -> None:
    assert told in front.problem()


@pytest.mark.parametrize("words", [["--ca", "x"], ["--tls", "--certificate", "no-such-file"]])
def test_a_mistake_is_one_line(words: list[str]) -> None:
    done = subprocess.run([*MOCK, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
