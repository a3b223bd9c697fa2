"""Local files on the command line and in batches: uploaded, swapped, saved, or told in time."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.cli.conftest import child

from akool_mock import MockServer, Settings

SWAP = ["swap", "image", "--detect", "--source", "me.jpg", "--image", "party.png"]
MANIFEST = """\
key,kind,source,target
a,plus,file:me.jpg,party.png
b,plus,me.jpg,file:party.png
"""
PNG = b"\x89P"
OWN = '''"""An uploader of somebody else."""

def put(content, name, media_type):
    with open("uploaded.txt", "a") as file:
        file.write(f"{type(content).__name__} {name} {media_type}\\n")
    return f"https://pictures.example/{name}"
'''


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two pictures and a manifest that names them."""
    Image.new("RGB", (400, 400), "tan").save(tmp_path / "me.jpg")
    Image.new("RGB", (640, 480), "navy").save(tmp_path / "party.png")
    (tmp_path / "rows.csv").write_text(MANIFEST, "utf-8")
    (tmp_path / "own.py").write_text(OWN, "utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("AKOOL_UPLOADER", "AKOOL_BASE_URL", "AKOOL_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def server() -> Any:
    """A mock on a socket, fast."""
    with MockServer(settings=Settings(queue_s=0, processing_s=0)) as mock:
        yield mock


def run(*words: str, mock: MockServer | None = None, **environment: str) -> tuple[int, str, str]:
    if mock is not None:
        environment |= {"AKOOL_BASE_URL": mock.url, "AKOOL_API_KEY": mock.api_key}
    process = child(*words, PYTHONPATH=".", **environment)
    out, err = process.communicate()
    return process.returncode, out, err


def test_two_files_are_swapped_in_one_command_without_an_account(here: Path) -> None:
    code, out, err = run(*SWAP, "--mock", "--out", "swapped.png", "--json")
    assert code == 0, err
    assert json.loads(out)["status"] == "SUCCESS"
    assert (here / "swapped.png").read_bytes()[:2] == PNG


@pytest.mark.parametrize("by", ["option", "environment"])
def test_the_uploader_of_the_mock_serves_what_was_uploaded(
    here: Path, server: MockServer, by: str
) -> None:
    words = ["--uploader", "mock"] if by == "option" else []
    environment = {} if by == "option" else {"AKOOL_UPLOADER": "mock"}
    code, _, err = run(*SWAP, *words, "--out", "swapped.png", mock=server, **environment)
    assert code == 0, err
    assert (here / "swapped.png").exists()
    (submit,) = (e for e in server.simulator.journal.entries if e.operation == "swapImage")
    assert json.loads(submit.request.body)["modifyImage"].startswith(f"{server.url}/_mock/files/")


def test_a_function_of_ones_own_gets_path_name_and_type(here: Path, server: MockServer) -> None:
    code, _, err = run(*SWAP, "--uploader", "own:put", "--out", "s.png", mock=server)
    assert code == 0, err
    told = (here / "uploaded.txt").read_text().splitlines()
    assert sorted(line.split()[-1] for line in told) == ["image/jpeg", "image/png"]
    (submit,) = (e for e in server.simulator.journal.entries if e.operation == "swapImage")
    assert b"https://pictures.example/" in submit.request.body


def test_a_folder_that_the_web_shows_is_an_uploader(here: Path, server: MockServer) -> None:
    uploader = f"{here / 'www'}=https://pictures.example/faces"
    code, _, err = run(*SWAP, "--uploader", uploader, "--out", "s.png", mock=server)
    assert code == 0, err
    assert {path.suffix for path in (here / "www").rglob("*.*")} == {".jpg", ".png"}


@pytest.mark.usefixtures("here")
def test_without_an_uploader_nothing_is_sent_and_the_ways_are_named(server: MockServer) -> None:
    code, out, err = run(*SWAP, "--out", "s.png", mock=server)
    assert (code, out) == (2, "")
    assert "--uploader" in err
    assert "Traceback" not in err
    assert not [e for e in server.simulator.journal.entries if e.operation == "swapImage"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--uploader", "nothing"], "No uploader is called 'nothing'"),
        (["--uploader", "own:gone"], "cannot be imported"),
        (["--uploader", "mock"], "AKOOL_BASE_URL"),
    ],
)
@pytest.mark.usefixtures("here")
def test_an_uploader_that_cannot_be_had_is_one_line(words: list[str], told: str) -> None:
    code, _, err = run(*SWAP, *words, "--out", "s.png", AKOOL_API_KEY="k" * 16)
    assert code == 2
    assert told in err
    assert len(err.splitlines()) == 1


def test_a_file_that_is_not_there_is_one_line(here: Path) -> None:
    (here / "me.jpg").unlink()
    code, _, err = run(*SWAP, "--mock", "--out", "s.png")
    assert code == 2
    assert "me.jpg" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("way", ["--mock", "--uploader"])
def test_rows_of_a_batch_may_be_files(here: Path, server: MockServer, way: str) -> None:
    words = ["--mock"] if way == "--mock" else ["--uploader", "mock"]
    mock = None if way == "--mock" else server
    code, _, err = run("batch", "rows.csv", "--yes", "--out", "results", *words, mock=mock)
    assert code == 0, err
    assert len(list((here / "results").glob("[ab]*.png"))) == 2


@pytest.mark.usefixtures("here")
def test_a_batch_of_files_without_an_uploader_sends_nothing(server: MockServer) -> None:
    code, _, err = run("batch", "rows.csv", "--yes", "--out", "results", mock=server)
    assert code == 1  # refused, as a price above --max-credits is
    assert "row a names a local file" in err
    assert "--uploader" in err
    assert server.control.state()["jobs"] == 0


def test_a_row_whose_file_is_no_picture_stops_the_batch_before_it_costs(
    here: Path, server: MockServer
) -> None:
    (here / "party.png").write_text("no picture")
    code, _, err = run(
        "batch", "rows.csv", "--yes", "--out", "results", "--uploader", "mock", mock=server
    )
    assert code == 2
    assert "party.png" in err
    assert server.control.state()["jobs"] == 0
