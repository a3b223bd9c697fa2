"""`akool-faceswap mock --engine prism|chain`, as a person runs it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from akool_mock import API_KEY
from akool_mock.prism import Prism

pytestmark = [pytest.mark.node, pytest.mark.xdist_group("prism")]

CREDIT = "/api/open/v3/faceswap/quota/info"
UNDOCUMENTED = "Unable to match the returned status code with those defined in the document"
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


class Running:
    """The command, started, and what it wrote until it was ready."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "akool_mock", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def address(self, mark: str) -> str:
        """The address in the first line that holds the mark."""
        for line in self.process.stdout or ():
            found = ADDRESS.search(line)
            if mark in line and found:
                return found[0]
        raise AssertionError(self.process.communicate()[1])

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """Its exit code and what it said on stderr."""
        self.process.send_signal(how)
        errors = self.process.communicate()[1]
        return self.process.returncode, errors


@pytest.fixture
def run(installed: type[Prism]) -> Iterator[Callable[..., Running]]:
    assert installed
    with ExitStack() as stack:

        def start(*arguments: str) -> Running:
            running = Running(*arguments)
            stack.enter_context(running.process)
            stack.callback(running.process.kill)
            return running

        yield start


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_engine_prism_serves_the_contract_until_it_is_interrupted(
    run: Callable[..., Running], http: httpx2.Client, how: signal.Signals
) -> None:
    running = run("--engine", "prism")
    url = running.address("Prism on")
    assert http.get(url + CREDIT).json()["code"] == 1000
    assert running.end(how) == (0, "")


def test_engine_chain_tells_each_fault_and_fails_at_the_end(
    run: Callable[..., Running], http: httpx2.Client
) -> None:
    running = run("--engine", "chain")
    url = running.address("judged by Prism")
    http.headers["x-api-key"] = API_KEY
    assert http.get(url + CREDIT).json()["code"] == 1000
    assert http.get(url + CREDIT, headers={"x-akool-mock": "http=502"}).status_code == 502
    code, errors = running.end(signal.SIGINT)
    assert code == 1
    assert errors.splitlines() == [
        f"GET {CREDIT} -> 502",
        f"  response: {UNDOCUMENTED}: 200 [status]",
        "prism: 2 answers, 1 of them broke the contract",
    ]


def test_engine_chain_ends_well_when_every_answer_keeps_the_contract(
    run: Callable[..., Running], http: httpx2.Client
) -> None:
    running = run("--engine", "chain")
    http.get(running.address("judged by Prism") + CREDIT)
    code, errors = running.end(signal.SIGTERM)
    assert code == 0
    assert errors.endswith("prism: 1 answers, 0 of them broke the contract\n")


def test_another_server_can_be_judged(
    run: Callable[..., Running], http: httpx2.Client, upstream_url: str
) -> None:
    running = run("--engine", "chain", "--upstream", upstream_url)
    http.get(running.address("Prism on") + CREDIT)
    assert running.end(signal.SIGINT)[0] == 1


def test_without_node_it_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    for engine in ("prism", "chain"):
        done = subprocess.run(
            [sys.executable, "-m", "akool_mock", "--engine", engine, "--port", "0"],
            capture_output=True,
            text=True,
            env={**os.environ, "AKOOL_NODE": str(tmp_path / "no-node")},
            check=False,
        )
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert "no-node" in done.stderr
        assert "the default engine, needs no Node" in done.stderr


def test_an_upstream_without_the_chain_is_wrong_usage() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "akool_mock", "--upstream", "http://127.0.0.1:9"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    return [int(child) for child in listed.split()]


@pytest.mark.skipif(sys.platform != "linux", reason="finds the child in /proc")
def test_the_command_ends_when_prism_dies(run: Callable[..., Running]) -> None:
    running = run("--engine", "prism")
    running.address("Prism on")
    [node] = children(running.process.pid)
    os.kill(node, signal.SIGKILL)
    errors = running.process.communicate()[1]
    assert running.process.returncode == 2
    assert errors.splitlines() == ["akool-faceswap mock: Prism failed: it ended with status -9"]
