"""A batch of 10,000 rows with 1,000 in flight: requests, memory and CPU per row.

    python benchmarks/batch.py [--rows 10000] [--in-flight 1000]

The simulator runs in a process of its own; each contender is a process whose memory and CPU the
system reports at its end. The peer is what people write by hand: one task per row over bare httpx2,
that submits, polls its own job with the same growing pauses and writes the file; it keeps no
journal, checks nothing, and loses everything when it is killed. Results: benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from akool_batch.manifest import read_manifest
from akool_mock import API_KEY, Control

if TYPE_CHECKING:
    from collections.abc import Iterator

FACE = "https://faces.example/f.jpg"
JOB_S = (1, 4)
"""Seconds that a job waits and works."""
START_ROWS = 10
"""Rows of the run whose cost is taken as that of starting."""


@dataclass
class Cost:
    """What one run took."""

    wall_s: float
    cpu_s: float
    rss_mb: float
    requests: Counter[str]


@contextmanager
def simulator(rows: int) -> Iterator[str]:
    command = [
        sys.executable, "-m", "akool_mock", "--port", "0", "--queue", str(JOB_S[0]),
        "--processing", str(JOB_S[1]), "--credits", "1e9", "--set", f"journal={40 * rows}",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        assert process.stdout
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


def write_manifest(path: Path, rows: int) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "kind", "source", "target", "image"])
        for n in range(rows):
            image = f"https://pictures.example/row{n:05}-32x24.jpg"
            writer.writerow([f"row{n:05}", "image", FACE, FACE, image])


def measure(contender: str, rows: int, in_flight: int) -> Cost:
    """Run one contender on a fresh simulator."""
    with tempfile.TemporaryDirectory() as name, simulator(rows) as url:
        folder = Path(name)
        write_manifest(folder / "m.csv", rows)
        if contender == "batch":
            program = ["-c", "import sys; from akool_faceswap.cli import main; sys.exit(main())",
                       "batch", str(folder / "m.csv"), "--out", str(folder / "out"),
                       "--concurrency", str(in_flight)]  # fmt: skip
        else:
            program = [__file__, "--peer", name, "--in-flight", str(in_flight)]
        environment = {**os.environ, "AKOOL_BASE_URL": url, "AKOOL_API_KEY": API_KEY}
        started = time.monotonic()
        with subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, *program], env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        wall_s = time.monotonic() - started
        assert process.returncode == 0, process.returncode
        files = [path for path in (folder / "out").glob("row*") if path.stat().st_size]
        assert len(files) == rows, len(files)
        names = Counter(one.operation or "download" for one in Control.at(url).requests())
    cpu_s = usage.ru_utime + usage.ru_stime
    return Cost(wall_s, cpu_s, usage.ru_maxrss / 1024, names)


async def peer(folder: Path, in_flight: int) -> None:
    """One task per row, each with its own polling."""
    (folder / "out").mkdir()
    url, gate = os.environ["AKOOL_BASE_URL"], asyncio.Semaphore(in_flight)
    headers = {"x-api-key": os.environ["AKOOL_API_KEY"]}
    limits = httpx2.Limits(max_connections=100, max_keepalive_connections=100)
    async with httpx2.AsyncClient(headers=headers, timeout=600, limits=limits) as client:

        async def swap(key: str, image: str) -> None:
            async with gate:
                face = [{"path": FACE}]
                body = {"sourceImage": face, "targetImage": face, "modifyImage": image}
                path = "/api/open/v3/faceswap/highquality/specifyimage"
                job = (await client.post(url + path, json=body)).json()["data"]["_id"]
                path, pause = "/api/open/v3/faceswap/result/listbyids", 1.0
                while True:
                    answer = await client.get(url + path, params={"_ids": job})
                    item = answer.json()["data"]["result"][0]
                    if item["faceswap_status"] == 3:
                        break
                    await asyncio.sleep(pause)
                    pause = min(pause * 1.5, 10.0)
                content = (await client.get(item["url"])).content
                (folder / "out" / f"{key}.jpg").write_bytes(content)

        rows = read_manifest(folder / "m.csv")
        await asyncio.gather(*(swap(row.key, row.swap.arguments["image"]) for row in rows))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--in-flight", type=int, default=1_000)
    parser.add_argument("--peer", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peer:
        asyncio.run(peer(given.peer, given.in_flight))
        return
    rows, in_flight = given.rows, given.in_flight
    costs: dict[str, tuple[Cost, Cost]] = {}
    for name in ("batch", "peer"):
        costs[name] = measure(name, START_ROWS, in_flight), measure(name, rows, in_flight)
    print(f"| {rows} rows, {in_flight} in flight | batch | by hand | ratio |\n|---|---|---|---|")
    for label, numbers in figures(costs, rows).items():
        ours, theirs = numbers
        print(f"| {label} | {ours:.3g} | {theirs:.3g} | {ours / theirs:.2f} |")
    print(json.dumps({name: cost[1].requests for name, cost in costs.items()}))


def figures(costs: dict[str, tuple[Cost, Cost]], rows: int) -> dict[str, list[float]]:
    """Label to the figure of each contender."""
    whole = [cost for _, cost in costs.values()]
    more = rows - START_ROWS
    return {
        "seconds, wall clock": [cost.wall_s for cost in whole],
        "requests per row": [sum(cost.requests.values()) / rows for cost in whole],
        "result lists per row": [cost.requests["listResults"] / rows for cost in whole],
        "CPU ms per row": [(c.cpu_s - s.cpu_s) / more * 1000 for s, c in costs.values()],
        "memory KiB per row": [(c.rss_mb - s.rss_mb) / more * 1024 for s, c in costs.values()],
        "memory MiB, peak": [cost.rss_mb for cost in whole],
    }


if __name__ == "__main__":
    main()
