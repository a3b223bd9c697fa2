"""What people run, with the extras that each of it takes."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from akool_installs.environments import ROOT, Failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_installs.environments import Place

CLI = "akool-faceswap"
KEY = "0123456789abcdef"
NEEDS = re.compile(r"pip install ['\"]akool-faceswap\[[a-z0-9,]+\]['\"]")
SWAP = (
    "swap image --source https://example.com/new.jpg --target https://example.com/old.jpg "
    "--image https://example.com/photo-640x480.jpg"
)
ROW = "kind,source,target,image\nimage,{0}/new.jpg,{0}/old.jpg,{0}/photo-640x480.jpg\n"
NODE_ENGINE_ASKS = "/api/open/v3/faceswap/quota/info -H 'x-api-key: key'"

ONE_CALL = """
import httpx2, akool_faceswap
body = {"code": 1000, "msg": "OK", "data": {"credit": 7}}
answer = httpx2.MockTransport(lambda request: httpx2.Response(200, json=body))
with akool_faceswap.FaceSwap("a key", transport=answer) as client:
    assert float(client.credit()) == 7
"""
ONE_WEBHOOK = f"""
import sys
from akool_faceswap import webhooks
keys = dict(client_id="{KEY}", client_secret="{KEY}")
try:
    body = webhooks.wrap({{"_id": "5f0123456789abcdef012345", "status": 3}}, timestamp_ms=0,
                         nonce="1", **keys)
except Exception as error:
    sys.exit(print(error, file=sys.stderr) or 2)
event = webhooks.unwrap(body, tolerance_ms=None, **keys)
assert event.id == "5f0123456789abcdef012345"
"""
ONE_TABLE = """
import pyarrow.csv, pyarrow.parquet
pyarrow.parquet.write_table(pyarrow.csv.read_csv("rows.csv"), "rows.parquet")
"""
ONE_STORE = """
import http.server, sys, threading
from akool_faceswap.uploads import S3
class Store(http.server.BaseHTTPRequestHandler):
    def do_PUT(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("etag", "1")
        self.send_header("content-length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Store)
threading.Thread(target=server.serve_forever, daemon=True).start()
try:
    store = S3("faces", endpoint=f"http://127.0.0.1:{server.server_port}", region="us-east-1",
               access_key_id="a", secret_access_key="b", client_options={"allow_http": True})
    url = store(b"a picture", "me.jpg", "image/jpeg")
except Exception as error:
    sys.exit(print(error, file=sys.stderr) or 2)
assert "X-Amz-Signature" in url
"""
ONE_FOLDER = """
import pathlib, sys
from akool_faceswap.uploads import Fsspec
try:
    url = Fsspec("www", public="https://pictures.example")(b"a picture", "me.jpg", "image/jpeg")
except Exception as error:
    sys.exit(print(error, file=sys.stderr) or 2)
assert url.startswith("https://pictures.example/")
assert len([path for path in pathlib.Path("www").rglob("*") if path.is_file()]) == 1
"""
ONE_SOCKS = """
import os, sys
os.environ["ALL_PROXY"] = "socks5://127.0.0.1:9"
from akool_faceswap import FaceSwap, TransportError
try:
    with FaceSwap("a key", base_url="http://api.example") as client:
        client.credit()
except TransportError:
    pass  # nobody listens there; that it was asked is enough
except Exception as error:
    sys.exit(print(error, file=sys.stderr) or 2)
"""
ONE_TEST = """
def test_it(akool_mock):
    akool_mock.advance(10)
    assert akool_mock.url
"""


@dataclass(frozen=True)
class Command:
    """Something that people run."""

    name: str
    run: Callable[[Place], object]
    needs: frozenset[str]
    once: str | None = None
    """The environment that alone does its work, where that takes long."""


def line(text: str, code: int = 0) -> Callable[[Place], object]:
    """A command line that is one line."""
    return lambda place: place.run(*text.split(), code=code)


def python(code: str) -> Callable[[Place], object]:
    """A few lines of Python; a warning that a name of ours is deprecated is an error."""
    flags = ("-W", "error::DeprecationWarning:akool")
    return lambda place: place.run("python", *flags, "-c", code)


def batch(suffix: str) -> Callable[[Place], object]:
    """One row, as a file of this kind."""

    def go(place: Place) -> None:
        (place.work / "rows.csv").write_text(ROW.format("https://example.com"), "utf-8")
        (place.work / "rows.parquet").touch()
        if suffix == "parquet" and "parquet" in place.extras:
            place.run("python", "-c", ONE_TABLE)
        place.run(CLI, "batch", f"rows.{suffix}", "--mock", "--yes", "--out", f"{suffix}-out")

    def prepared(place: Place) -> None:
        for kind in ("csv", "parquet"):
            (place.work / f"{kind}-out").mkdir(exist_ok=True)
        go(place)

    return prepared


def mock(place: Place) -> None:
    """A free port, the curl line that it prints, and a job that is followed over the socket."""
    with place.serving(
        *(CLI, "mock", "--port", "0", "--queue", "0", "--processing", "0"), until="curl "
    ) as said:
        (shown,) = [text for text in said.splitlines() if text.startswith("curl ")]
        answer = place.paste(shown)
        found = re.search(r'"_id": ?"(\w+)"', answer)
        if not found:
            raise Failed(f"{shown}\n{answer}")
        url = re.findall(r"http://[\d.:]+", shown)[0]
        key = re.findall(r"x-api-key: (\S+)'", shown)[0]
        told = place.paste(f"AKOOL_BASE_URL={url} AKOOL_API_KEY={key} {CLI} wait {found[1]} --json")
        if '"SUCCESS"' not in told:
            raise Failed(told)


def prism(place: Place) -> None:
    """The other engine on a free port, with the Node that the extra brings."""
    with place.serving(CLI, "mock", "--engine", "prism", "--port", "0", until="http://") as said:
        url = re.findall(r"http://[\d.:]+", said)[0]
        answer = place.paste(f"curl -s {url}{NODE_ENGINE_ASKS}")
        if '"code"' not in answer:
            raise Failed(f"{said}\n{answer}")


def contract(place: Place) -> None:
    """Build from a copy of the fragments: it comes out as it is committed, and is compared."""
    shutil.copytree(ROOT / "openapi", place.work / "openapi", dirs_exist_ok=True)
    place.run(CLI, "contract", "build", "--root", ".")
    built, ours = (folder / "openapi/akool-faceswap.yaml" for folder in (place.work, ROOT))
    if built.read_bytes() != ours.read_bytes():
        raise Failed("`contract build` does not make the committed contract")
    place.run(CLI, "contract", "diff", built, ours)


def fixture(place: Place) -> None:
    """A test of somebody else that asks for the mock; pytest is theirs, as the test is."""
    if "contract" not in place.extras:
        place.install("pytest")
    (place.work / "test_app.py").write_text(ONE_TEST, "utf-8")
    there = "mock" in place.extras
    said = place.run("python", "-m", "pytest", "-q", "test_app.py", code=0 if there else 1)
    if not there and not re.search(
        rf"^the fixture akool_mock needs .*{NEEDS.pattern}$", said, re.MULTILINE
    ):
        raise Failed(said)


def _command(
    name: str, needs: str, run: Callable[[Place], object], once: str | None = None
) -> Command:
    return Command(name, run, frozenset(needs.split()), once)


COMMANDS = [
    _command("one call", "", python(ONE_CALL)),
    _command("--version", "", line(f"{CLI} --version")),
    _command("a webhook", "webhook", python(ONE_WEBHOOK)),
    _command("a store", "s3", python(ONE_STORE)),
    _command("a folder", "fsspec", python(ONE_FOLDER)),
    _command("a SOCKS proxy", "socks", python(ONE_SOCKS)),
    _command("--help", "cli", line(f"{CLI} --help")),
    _command("credit", "cli mock", line(f"{CLI} credit --mock")),
    _command("detect", "cli mock", line(f"{CLI} detect --mock https://example.com/a.jpg")),
    _command("swap", "cli mock", line(f"{CLI} {SWAP} --mock")),
    _command("wait", "cli mock", line(f"{CLI} wait --mock 5f0123456789abcdef012345", code=1)),
    _command("batch", "cli mock", batch("csv")),
    _command("batch of Parquet", "cli mock parquet", batch("parquet")),
    _command("mock", "cli mock", mock),
    _command("mock with Prism", "cli prism", prism),
    _command("verify", "contract", line(f"{CLI} verify --profile quick --seed 1"), once="contract"),
    _command("contract", "spec", contract),
    _command("-m akool_mock", "cli", line("python -m akool_mock --help")),
    _command("-m akool_contract", "contract", line("python -m akool_contract --list")),
    _command("-m akool_pipeline", "cli", line("python -m akool_pipeline --help")),
    _command("the pytest fixture", "", fixture),
]


def tried(command: Command, place: Place, extras: str) -> str:
    """What came of it in a word; where something is wrong, what.

    "ok": it did its work. "says": it named the extra that it needs. "-": it was left out here.
    """
    try:
        if command.needs <= place.extras:
            if command.once not in (None, extras):
                return "-"
            command.run(place)
            return "ok"
        return _says(command, place)
    except Failed as failure:
        return str(failure)


def _says(command: Command, place: Place) -> str:
    """The same without an extra of it: one line that names it, and exit code 2."""
    try:
        command.run(place)
    except Failed as failure:
        first, _, said = str(failure).partition("\n")
        if first.startswith("exit code 2") and NEEDS.search(said) and "\n" not in said.strip():
            return "says"
        return f"must name its extra in one line; {failure}"
    return "must name its extra in one line, and did something"
