"""Every code block and command in the README and the docs runs.

Python blocks of a page run in order, in one process, against a simulator whose address and key are
in the environment, as a reader has them. Blocks with tests in them run under pytest. Shell blocks
run in a folder with a copy of openapi/ and a page to import. What starts a build of the whole
checkout, or needs the world outside, is checked for what can be wrong with it (see shim.py). Data
blocks must parse. A block in a language that this file does not know fails.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from akool_mock import MockServer

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SKIPPED_FOLDERS = {"site"}
FENCE = re.compile(
    r"^(?P<fence>```+)(?P<info>[^\n]*)\n(?P<code>.*?)^(?P=fence)\s*$", re.MULTILINE | re.DOTALL
)
# Runs until it is interrupted.
SERVES = re.compile(r"^akool-faceswap mock\b(?!.*--help)", re.MULTILINE)
# Shown, not run: what a command or a call printed.
SHOWN = {"text", "diff", "html"}


class Block(NamedTuple):
    page: Path
    line: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    return [p for p in found if not SKIPPED_FOLDERS & set(p.relative_to(ROOT).parts)]


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        info = match["info"].strip()
        if not info.startswith("{"):
            yield Block(page, text.count("\n", 0, match.start()) + 1, info, match["code"])


def of_language(*languages: str) -> list[Block]:
    return [b for page in pages() for b in blocks(page) if b.language in languages]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A reader's environment: a mock to talk to, our commands on the PATH."""
    shims = tmp_path_factory.mktemp("shims")
    for name in ("make", "pip", "git", "podman", "docker"):
        (shims / name).symlink_to(HERE / "shim.py")
    with MockServer() as mock:
        yield {
            "PATH": os.pathsep.join(
                [str(shims), str(Path(sys.executable).parent), os.environ["PATH"]]
            ),
            "HOME": str(tmp_path_factory.mktemp("home")),
            "AKOOL_BASE_URL": mock.url,
            "AKOOL_API_KEY": mock.api_key,
            "AKOOL_CLIENT_ID": mock.client_id,
            "CHECKOUT": str(ROOT),
            "NO_COLOR": "1",
        }


def run(command: list[str], cwd: Path, env: dict[str, str], what: object) -> None:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{what} exited {done.returncode}\n{done.stdout}\n{done.stderr}"


def serve(command: list[str], cwd: Path, env: dict[str, str]) -> None:
    """Starts what runs until interrupted, waits for its address, interrupts."""
    with subprocess.Popen(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        said = next((line for line in process.stdout if "http://127.0.0.1:" in line), None)
        os.killpg(process.pid, signal.SIGINT)
        process.stdout.read()
    assert said
    assert process.returncode in {0, 130, -signal.SIGINT}


@pytest.mark.parametrize(
    "page",
    [p for p in pages() if any(b.language == "python" for b in blocks(p))],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_the_python_of_a_page_runs(page: Path, tmp_path: Path, reader: dict[str, str]) -> None:
    code, tests = [], []
    for block in blocks(page):
        if block.language == "python":
            (tests if re.search(r"^(async )?def test_", block.code, re.MULTILINE) else code).append(
                block
            )
    if code:
        # Blank lines keep the page's line numbers, so that a traceback points into the page.
        script, at = "", 1
        for block in code:
            script += "\n" * (block.line + 1 - at) + block.code
            at = block.line + 1 + block.code.count("\n")
        file = tmp_path / "page.py"
        file.write_text(script, encoding="utf-8")
        run([sys.executable, "-W", "error", str(file)], tmp_path, reader, page)
    for block in tests:
        file = tmp_path / f"test_line_{block.line}.py"
        file.write_text(block.code, encoding="utf-8")
        run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)],
            tmp_path,
            reader,
            block,
        )


@pytest.mark.parametrize("block", of_language("sh"), ids=str)
def test_the_commands_of_a_page_run(block: Block, tmp_path: Path, reader: dict[str, str]) -> None:
    shutil.copytree(ROOT / "openapi", tmp_path / "openapi")
    shutil.copy(HERE / "page.md", tmp_path)
    command = ["bash", "-euo", "pipefail", "-c", block.code]
    if SERVES.search(block.code):
        serve(command, tmp_path, reader)
    else:
        run(command, tmp_path, reader, block)


@pytest.mark.parametrize("block", of_language("json", "yaml", "toml"), ids=str)
def test_the_data_of_a_page_parses(block: Block) -> None:
    parse = {"json": json.loads, "yaml": yaml.safe_load, "toml": tomllib.loads}[block.language]
    assert parse(block.code) is not None


def test_every_block_is_of_a_kind_that_is_checked() -> None:
    known = {"python", "sh", "json", "yaml", "toml"} | SHOWN
    assert not [
        f"{b}: {b.language!r}" for p in pages() for b in blocks(p) if b.language not in known
    ]
