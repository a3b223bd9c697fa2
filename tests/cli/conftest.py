"""The command as a process; batches on a simulator whose clock stands still until one waits."""

import asyncio
import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from akool_batch.batch import BatchResult, Options, open_batch
from akool_batch.run import LONGEST_NAP_S
from akool_batch.states import Change
from akool_faceswap import AsyncFaceSwap
from akool_mock import Clock, MockServer

GRACE_S = 0.02
"""Real time that the process gets before mock time jumps: the journal writes on disk."""


class JumpClock:
    """The simulator's clock for a client: whoever waits makes time jump, nobody sleeps."""

    def __init__(self, clock: Clock) -> None:
        self.time = clock.time
        self.monotonic = clock.monotonic
        self._advance = clock.advance

    async def sleep(self, seconds: float) -> None:
        self._advance(seconds)
        await asyncio.sleep(0)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        endless = seconds >= LONGEST_NAP_S
        with suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), None if endless else GRACE_S)
            return
        self._advance(seconds)


def child(*arguments: str, **more: Any) -> "subprocess.Popen[Any]":
    """The command in a process; names in capitals go into its environment, others to `Popen`."""
    code = "import sys; from akool_faceswap.cli import main; sys.exit(main(sys.argv[1:]))"
    environment = {name: more.pop(name) for name in list(more) if name.isupper()}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **environment}, **{**pipes, **more},
    )  # fmt: skip


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer(clock=Clock(1_790_000_000.0, frozen=True)) as server:
        yield server


class Batches:
    """Runs batches in one folder against one simulator."""

    def __init__(self, mock: MockServer, folder: Path) -> None:
        self.mock = mock
        self.manifest = folder / "manifest.csv"
        self.out = folder / "out"
        self.clock = JumpClock(mock.clock)
        self.changes: list[Change] = []
        self.happened = asyncio.Event()
        """Set by the first change."""

    def rows(self, *rows: dict[str, str]) -> None:
        """Write the manifest."""
        names = list(dict.fromkeys(name for row in rows for name in row))
        with self.manifest.open("w", newline="") as file:
            writer = csv.DictWriter(file, names, restval="")
            writer.writeheader()
            writer.writerows(rows)

    def images(self, count: int) -> None:
        """A manifest of small pictures, rows r0, r1, ..."""
        self.rows(*(image_row(f"r{n}") for n in range(count)))

    def client(self, **options: Any) -> AsyncFaceSwap:
        return AsyncFaceSwap(
            self.mock.api_key,
            base_url=self.mock.base_url,
            transport=self.mock.async_transport,
            clock=self.clock,
            **options,
        )

    def run(self, **options: Any) -> BatchResult:
        """One run from beginning to end."""
        return asyncio.run(self.arun(**options))

    def listen(self, change: Change) -> None:
        self.changes.append(change)
        self.happened.set()

    async def arun(self, **options: Any) -> BatchResult:
        chosen = replace(Options(self.manifest, self.out), **options)
        with open_batch(chosen, "test") as batch:
            async with self.client() as client:
                plan = batch.plan(float(await client.credit()))
                return await batch.run(client, plan, self.listen, self.clock)

    def submits(self) -> int:
        """Paid jobs, as the simulator has counted them."""
        return len(self.mock.control.jobs(limit=10_000))


def image_row(key: str, **more: str) -> dict[str, str]:
    face = "https://faces.test/face.jpg"
    return {
        "key": key, "kind": "image", "source": face, "target": face,
        "image": f"https://pictures.test/{key}-32x24.jpg", **more,
    }  # fmt: skip


@pytest.fixture
def batches(mock: MockServer, tmp_path: Path) -> Batches:
    return Batches(mock, tmp_path)
