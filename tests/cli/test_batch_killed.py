"""The proof of the batch's promise: killed at any instant, no row is lost and none is paid twice.

Real processes, a real socket, SIGKILL. The simulator runs in a process of its own and is the only
witness: what it has counted is what would have been charged.
"""

import csv
import json
import os
import random
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from akool_faceswap.cli._exit import Exit
from akool_mock import API_KEY, Control

ROWS = int(os.environ.get("AKOOL_KILL_ROWS", "200"))
KILLS = int(os.environ.get("AKOOL_KILLS", "20"))
CREDITS, PRICE = 1_000_000.0, 4.0
LINES = 4 * ROWS
"""What the runs tell all in all: each row is being sent, accepted, finished and saved."""
SPARE_KILLS = KILLS // 4
"""How many more kills than demanded the rows are shared out to."""
LAST_LINES = 8
"""Once there were enough kills each life may tell so much at least, to get done."""
BORN_DEAD = 0.15
"""Share of lives that end before they tell anything: while the journal is opened and read."""
SENDING_SHARE = 0.4
"""Share of the kills demanded that must fall into a paid request: it has left, and its answer is
not on disk.
"""
SLOW = "latency=15,jitter=30"
"""Answers dawdle, so that many kills meet a request under way."""
AFTER_S = 0.03
"""Longest time from the last line that a life may tell to its end."""
RATE = 200
"""Rows sent per second at most: how far a life gets in `AFTER_S`, however fast the machine is."""

MOST_AT_ONCE = 1 << 16

# Forking a process that has imported everything saves 0.3 s of start for each of the runs; what is
# killed is a process of its own all the same.
NURSERY = """
import json, os, sys
import akool_faceswap.cli._app, akool_batch.cli, akool_faceswap._async.client
import akool_faceswap._async.raw, akool_faceswap_api.api.operations.swap_image
from akool_faceswap.cli import main
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        order = json.loads(line)
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(order[name], os.O_CREAT | os.O_TRUNC | os.O_WRONLY), number)
        os._exit(main(order["arguments"]))
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture
def simulator() -> Iterator[str]:
    """Address of a simulator in another process: quick jobs, small pictures."""
    command = [
        sys.executable, "-m", "akool_mock", "--port", "0", "--queue", "0", "--processing", "0.05",
        "--credits", str(CREDITS), "--set", "journal=100000",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1]
            yield url
        finally:
            process.terminate()


class Nursery:
    """Starts runs of the command line and kills them."""

    def __init__(self, url: str, folder: Path) -> None:
        # Measuring coverage costs time, and who is killed does not tell what it measured.
        unmeasured = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
        environment = {**unmeasured, "AKOOL_BASE_URL": url, "AKOOL_API_KEY": API_KEY}
        self._process = subprocess.Popen(
            [sys.executable, "-c", NURSERY], env=environment, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdin
        assert self._process.stdout
        self._orders, self._news = self._process.stdin, self._process.stdout
        self._out, self._err = folder / "stdout", folder / "stderr"
        os.mkfifo(self._out)
        self.told = b""

    def run(self, arguments: list[str], lines: int | None = None, after_s: float = 0) -> int:
        """The exit code of one run, -9 if it was killed: so long after it had told so much."""
        order = {"arguments": arguments, "out": str(self._out), "err": str(self._err)}
        self._orders.write(json.dumps(order) + "\n")
        child = int(self._news.readline())
        self.told = b""
        with self._out.open("rb", buffering=0) as pipe:
            while lines is None or self.told.count(b"\n") < lines:
                if not (more := pipe.read(MOST_AT_ONCE)):
                    break
                self.told += more
            else:
                if not select.select([self._news], [], [], after_s)[0]:
                    os.kill(child, signal.SIGKILL)
            self.told += pipe.read()
        return int(self._news.readline())

    def last_answer(self) -> dict[str, object]:
        """What the last run answered at its end."""
        answer = json.loads(self.told.splitlines()[-1])
        assert isinstance(answer, dict)
        return answer

    def errors(self) -> str:
        return self._err.read_text()

    def close(self) -> None:
        self._orders.close()
        self._process.wait(10)
        self._news.close()


@pytest.fixture
def nursery(simulator: str, tmp_path: Path) -> Iterator[Nursery]:
    nursery = Nursery(simulator, tmp_path)
    yield nursery
    nursery.close()


def write_manifest(path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "kind", "source", "target", "image"])
        for n in range(ROWS):
            face, image = "https://faces.test/f.jpg", f"https://pics.test/row{n:05}-32x24.jpg"
            writer.writerow([f"row{n:05}", "image", face, face, image])


def submitted(url: str) -> dict[str, list[str]]:
    """Row to the ids of the jobs that the simulator has accepted for it."""
    found: dict[str, list[str]] = {}
    jobs = Control.at(url).jobs(limit=1000)  # the control plane tells no more than that
    assert len(jobs) == Control.at(url).state()["jobs"]
    for job in jobs:
        name = job.url.rsplit("/final_", 1)[1]
        found.setdefault(name[: name.index("-")], []).append(job.id)
    return found


@pytest.mark.timeout(900 * max(1, ROWS // 500))
def test_killed_at_random_instants_every_row_is_submitted_exactly_once_and_every_file_is_whole(
    simulator: str, nursery: Nursery, tmp_path: Path
) -> None:
    """Batch after batch, until there were kills enough: on a slow machine a life gets further."""
    manifest = tmp_path / "manifest.csv"
    write_manifest(manifest)
    life = random.Random(6)  # noqa: S311 - repeatable, not secret
    done = Kills()
    while done.kills < KILLS or done.sending < KILLS * SENDING_SHARE:
        out = tmp_path / f"out{done.batches}"
        command = ["batch", str(manifest), "--out", str(out), "--json", "--rate", str(RATE)]
        Control.at(simulator).reset()
        Control.at(simulator).add_fault(SLOW, operation="swapImage")
        kill_until_done(nursery, command, simulator, done, life)
        done.batches += 1
        assert Counter(map(len, submitted(simulator).values())) == {1: ROWS}
        assert Control.at(simulator).accounts()[0].credits == CREDITS - PRICE * ROWS
        assert whole_files(out) == ROWS
        assert [path.name for path in out.glob(".*")] == []
    print(  # noqa: T201 - for -s
        f"{done.kills} kills, {done.sending} of them while a paid request was under way; none "
        f"lost, none doubled; {done.settled} rows of unknown outcome settled by hand; "
        f"{done.batches} batches"
    )


@dataclass
class Kills:
    """What happened so far, over all batches."""

    kills: int = 0
    sending: int = 0
    settled: int = 0
    batches: int = 0


def kill_until_done(
    nursery: Nursery, command: list[str], simulator: str, done: Kills, life: random.Random
) -> None:
    """Run one batch to its end, however often it is killed on the way."""
    out = Path(command[command.index("--out") + 1])
    for _ in range(3):  # the first waits for the nursery's imports, the last shows how fast it is
        started = time.monotonic()
        assert nursery.run([*command, "--dry-run"]) == Exit.DONE
        start_s = time.monotonic() - started
    requested = Requested(simulator)
    kills = told = 0
    resolve: list[str] = []
    while True:
        share = 2 * (LINES - told) / max(KILLS + SPARE_KILLS - kills, 1)
        lines = int(life.uniform(0, max(share, LAST_LINES if kills >= KILLS else 0)))
        if life.random() < BORN_DEAD:
            lines = 0
        after_s = life.uniform(0, AFTER_S if lines else start_s)
        code = nursery.run([*command, *resolve], lines, after_s)
        told += nursery.told.count(b'"row"')
        if code == -signal.SIGKILL:
            kills += 1
            done.kills += 1
            done.sending += bool(under_way(out, out.parent) & requested.lately())
        elif code == Exit.UNCERTAIN:
            orders = orders_of(submitted(simulator), nursery.last_answer()["uncertain_rows"])
            resolve = [word for order in orders for word in ("--resolve", order)]
            done.settled += len(orders)
            continue
        elif code == Exit.DONE:
            return
        else:
            pytest.fail(f"exit code {code}: {nursery.errors()}")
        resolve = []


def orders_of(accepted: dict[str, list[str]], uncertain: object) -> list[str]:
    """What a person finds out about rows of unknown outcome, as `--resolve` takes it."""
    assert isinstance(uncertain, list)
    return [f"{row}={(accepted.get(row) or ['again'])[0]}" for row in uncertain]


def under_way(out: Path, folder: Path) -> set[str]:
    """Rows whose intent was on disk and whose answer was not, at the last kill.

    Read from a copy: what the kill left is for the next run alone.
    """
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for path in out.glob("batch.sqlite*"):
        shutil.copy(path, copy)
    with closing(sqlite3.connect(copy / "batch.sqlite")) as journal:
        try:
            found = journal.execute("SELECT key FROM rows WHERE state = 'submitting'").fetchall()
        except sqlite3.OperationalError:  # killed before it had a table
            return set()
    return {key for (key,) in found}


class Requested:
    """Rows of which a paid request has reached the simulator, answered or not."""

    def __init__(self, url: str) -> None:
        self._control = Control.at(url)
        self._number = 0

    def lately(self) -> set[str]:
        """Those that came since this was asked before."""
        seen = self._control.requests(after=self._number)
        self._number = max([self._number, *(request.number for request in seen)])
        paid = [request.request for request in seen if request.operation == "swapImage"]
        return {found[1] for body in paid if (found := re.search(r"/(row\d+)-32x24", body))}


def whole_files(out: Path) -> int:
    """How many rows of the report have exactly the file that the simulator serves for them."""
    whole = 0
    with (out / "report.csv").open(newline="") as report, httpx2.Client() as client:
        for row in csv.DictReader(report):
            served = client.get(row["url"]).raise_for_status().content
            assert (out / row["file"]).read_bytes() == served, row
            whole += 1
    return whole
