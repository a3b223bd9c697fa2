"""The simulator against Prism `-v silent`, in the same run: `python benchmarks/mock.py`.

Both serve the merged contract from one core and get the same authenticated requests from the other:
the list of one job and a submit. What counts is requests per second of the server's CPU time, which
a slow load generator does not spoil. Also: time until ready, memory at rest, a million stored jobs,
and calls per second through the in-process transport. `bare` is what any server pays here: see
benchmarks/bare.py. Results: benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import uvloop

from akool_mock import API_KEY, MockServer, Settings
from akool_mock.prism import Prism

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGE = "/api/open/v3/faceswap/highquality/specifyimage"
LIST = "/api/open/v3/faceswap/result/listbyids?_ids="
FACE = {"path": "https://example.com/crop.png", "opts": "262,175:363,175:313,215:272,279"}
SUBMIT = json.dumps(
    {"targetImage": [FACE], "sourceImage": [FACE], "modifyImage": "https://example.com/a.jpeg"}
).encode()
TICKS = os.sysconf("SC_CLK_TCK")
CONNECTIONS = (1, 16, 64)
MILLION = 1_000_000


@dataclass
class Target:
    """A server under load: where it is, whose CPU counts, and the id that it is asked for."""

    name: str
    port: int
    pid: int
    job: str

    def request(self, operation: str) -> bytes:
        """The bytes of one request."""
        head = f"Host: 127.0.0.1:{self.port}\r\nx-api-key: {API_KEY}\r\nAccept: */*\r\n"
        if operation == "list":
            return f"GET {LIST}{self.job} HTTP/1.1\r\n{head}\r\n".encode()
        kind = f"Content-Type: application/json\r\nContent-Length: {len(SUBMIT)}\r\n"
        return f"POST {IMAGE} HTTP/1.1\r\n{head}{kind}\r\n".encode() + SUBMIT

    def cpu_s(self) -> float:
        """CPU time that the server has used, seconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss_mb(self) -> float:
        """Memory of the server, megabytes."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        line = next(line for line in lines if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


class Connection(asyncio.Protocol):
    """Sends one request after the other and counts complete answers."""

    def __init__(self, request: bytes, left: list[int], done: asyncio.Event) -> None:
        self.request = request
        self.left = left
        self.done = done
        self.seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self.transport = transport
        transport.write(self.request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Send the next one when an answer is complete."""
        self.seen += data
        head, end, body = self.seen.partition(b"\r\n\r\n")
        if not end:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"not answered with 200: {self.seen[:300]!r}")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if len(body) < int(length) if length else not body.endswith(b"0\r\n\r\n"):
            return
        self.seen = b""
        self.left[0] -= 1
        if self.left[0] > 0:
            self.transport.write(self.request)  # type: ignore[attr-defined]
        else:
            self.done.set()


async def _load(target: Target, operation: str, connections: int, requests: int) -> None:
    loop, done, left = asyncio.get_running_loop(), asyncio.Event(), [requests]
    request = target.request(operation)
    made = [
        await loop.create_connection(
            lambda: Connection(request, left, done), "127.0.0.1", target.port
        )
        for _ in range(connections)
    ]
    await done.wait()
    for transport, _ in made:
        transport.close()


def per_cpu_second(target: Target, operation: str, connections: int, requests: int) -> float:
    before = target.cpu_s()
    uvloop.run(_load(target, operation, connections, requests))
    return requests / (target.cpu_s() - before)


def _command() -> list[str]:
    settings = ["--credits", "1e15", "--set", "max_jobs=3000000"]
    return [sys.executable, "-m", "akool_mock", "--port", "0", *settings]


def _post(port: int, path: str, body: bytes) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    headers = {"x-api-key": API_KEY, "content-type": "application/json"}
    connection.request("POST", path, body, headers)
    return dict(json.load(connection.getresponse()))


@contextlib.contextmanager
def simulator() -> Iterator[tuple[Target, float]]:
    """A simulator on core 0, and the seconds until it answered its first request."""
    start = time.perf_counter()
    process = subprocess.Popen(_command(), stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own server
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        port = int(line.strip().rpartition(":")[2])
        answer = _post(port, IMAGE, SUBMIT)
        ready = time.perf_counter() - start
        os.sched_setaffinity(process.pid, {0})
        yield Target("simulator", port, process.pid, answer["data"]["_id"]), ready
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def bare() -> Iterator[Target]:
    """A server on core 0 that does nothing but answer."""
    command = [sys.executable, str(Path(__file__).with_name("bare.py"))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        os.sched_setaffinity(process.pid, {0})
        yield Target("bare", port, process.pid, "")
    finally:
        process.terminate()
        process.wait()


def _ready_s(runs: int) -> tuple[float, float]:
    ours, prisms = [], []
    for _ in range(runs):
        with simulator() as (_, ready):
            ours.append(ready)
        start = time.perf_counter()
        with Prism():
            prisms.append(time.perf_counter() - start)
    return statistics.median(ours), statistics.median(prisms)


def _rates(targets: list[Target], requests: dict[str, int], rounds: int) -> None:
    print("requests per CPU second of the server, median of", rounds)
    for operation in ("list", "submit"):
        for connections in CONNECTIONS:
            found: dict[str, list[float]] = {target.name: [] for target in targets}
            for _ in range(rounds):
                for target in targets:
                    rate = per_cpu_second(target, operation, connections, requests[target.name])
                    found[target.name].append(rate)
            middle = {name: statistics.median(rates) for name, rates in found.items()}
            ours, peer = middle["simulator"], middle.get("prism", 0)
            ratio = f"  ratio {ours / peer:5.1f}" if peer else ""
            shown = "  ".join(f"{name} {rate:9,.0f}" for name, rate in middle.items())
            print(f"  {operation:6} {connections:3} connections  {shown}{ratio}")


def _stored(target: Target, requests: int, rounds: int) -> None:
    def medians() -> dict[str, float]:
        return {
            operation: statistics.median(
                per_cpu_second(target, operation, 16, requests) for _ in range(rounds)
            )
            for operation in ("list", "submit")
        }

    empty = medians()
    _post(target.port, "/_mock/jobs", json.dumps({"count": MILLION}).encode())
    full = medians()
    for operation in empty:
        ratio = full[operation] / empty[operation]
        print(f"  {operation:6} with a million stored jobs: {ratio:.2f} of the rate with few")
    print(f"  memory with a million stored jobs: {target.rss_mb():.0f} MB")


def _in_process(calls: int) -> None:
    with MockServer(settings=Settings(credits=1e15)) as mock:
        client = httpx2.Client(transport=mock.transport, base_url=mock.base_url)
        client.headers.update({"x-api-key": mock.api_key, "content-type": "application/json"})
        job = client.post(IMAGE, content=SUBMIT).json()["data"]["_id"]
        bare = httpx2.Client(
            transport=httpx2.MockTransport(lambda _: httpx2.Response(200, content=b"{}")),
            base_url=mock.base_url,
        )
        sends = {
            "submit": lambda: client.post(IMAGE, content=SUBMIT),
            "list": lambda: client.get(LIST + job),
            "httpx2 with a constant answer": lambda: bare.get(LIST + job),
        }
        for name, send in sends.items():
            start = time.perf_counter()
            for _ in range(calls):
                send()
            print(f"  {name}: {calls / (time.perf_counter() - start):,.0f} calls/s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer requests and rounds")
    parser.add_argument("--alone", action="store_true", help="without Prism")
    chosen = parser.parse_args()
    rounds = 3 if chosen.quick else 5
    ours = 10_000 if chosen.quick else 30_000
    os.sched_setaffinity(0, {1})
    with contextlib.ExitStack() as stack:
        target, _ = stack.enter_context(simulator())
        print(f"memory at rest: simulator {target.rss_mb():.0f} MB")
        targets = [target, stack.enter_context(bare())]
        if not chosen.alone:
            prism = stack.enter_context(Prism())
            os.sched_setaffinity(prism.pid, {0})
            port = int(prism.url.rpartition(":")[2])
            targets.append(Target("prism", port, prism.pid, target.job))
            print(f"memory at rest: prism     {targets[-1].rss_mb():.0f} MB")
        _rates(targets, {"simulator": ours, "bare": ours, "prism": ours // 6}, rounds)
        _stored(target, ours, rounds)
    if not chosen.alone:
        os.sched_setaffinity(0, {0, 1})
        mine, prisms = _ready_s(rounds)
        print(f"ready after: simulator {mine * 1000:.0f} ms, prism {prisms * 1000:.0f} ms")
    print("in process:")
    _in_process(ours // 2)


if __name__ == "__main__":
    main()
