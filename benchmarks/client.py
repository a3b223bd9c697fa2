"""The client against bare httpx2, in the same run: `python benchmarks/client.py`.

Per call: `credit()` and a bare `get(...).json()` in pairs, against one keep-alive server in a
process of its own, sync and async. Import: fresh interpreters in turn. Closure: what installing the
distribution brings, from the metadata of what is installed. Memory: ten thousand waits on virtual
time. Ratios of medians; the machine may be shared. Results: benchmarks/README.md.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import statistics
import subprocess
import sys
import time
import tracemalloc
from importlib.metadata import distribution
from typing import TYPE_CHECKING

import httpx2
from packaging.markers import Marker
from packaging.requirements import Requirement

from akool_faceswap import AsyncFaceSwap, FaceSwap, Polling

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

KEY = "api-key-0123456789abcdef01234567"
PATH = "/api/open/v3/faceswap/quota/info"
BLOCK, ROUNDS, IMPORTS, WAITS = 100, 30, 15, 10_000
SERVER = """
import asyncio, sys
BODY = b'{"code":1000,"msg":"OK","data":{"credit":12.5}}'
HEAD = b"HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: %d\\r\\n\\r\\n"
ANSWER = HEAD % len(BODY) + BODY
class Same(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        for _ in range(data.count(b"\\r\\n\\r\\n")):
            self.transport.write(ANSWER)
async def main():
    server = await asyncio.get_running_loop().create_server(Same, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()
asyncio.run(main())
"""


def start_server() -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(port)])  # noqa: S603 - ourselves
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.05)
    return server, f"http://127.0.0.1:{port}"


def cpu_and_wall(work: Callable[[], object]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(BLOCK):
        work()
    return (time.process_time() - cpu) / BLOCK, (time.perf_counter() - wall) / BLOCK


async def acpu_and_wall(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(BLOCK):
        await work()
    return (time.process_time() - cpu) / BLOCK, (time.perf_counter() - wall) / BLOCK


def report(name: str, ours: list[tuple[float, float]], bare: list[tuple[float, float]]) -> None:
    for index, kind in enumerate(("CPU", "wall")):
        mine = statistics.median(pair[index] for pair in ours)
        theirs = statistics.median(pair[index] for pair in bare)
        ratios = [a[index] / b[index] for a, b in zip(ours, bare, strict=True)]
        print(
            f"| {name}, {kind} µs | {mine * 1e6:.0f} | {theirs * 1e6:.0f} "
            f"| {statistics.median(ratios):.2f} |"
        )


def sync_calls(url: str) -> None:
    with FaceSwap(KEY, base_url=url) as client, httpx2.Client() as bare:
        headers = {"x-api-key": KEY, "accept": "application/json"}

        def raw() -> float:
            return bare.get(url + PATH, headers=headers).json()["data"]["credit"]

        assert client.credit() == raw() == 12.5
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(cpu_and_wall(client.credit))
            theirs.append(cpu_and_wall(raw))
        report("sync call", ours, theirs)


async def async_calls(url: str) -> None:
    async with AsyncFaceSwap(KEY, base_url=url) as client, httpx2.AsyncClient() as bare:
        headers = {"x-api-key": KEY, "accept": "application/json"}

        async def raw() -> float:
            return (await bare.get(url + PATH, headers=headers)).json()["data"]["credit"]

        assert await client.credit() == await raw() == 12.5
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(await acpu_and_wall(client.credit))
            theirs.append(await acpu_and_wall(raw))
        report("async call", ours, theirs)


def imports() -> None:
    # What is installed has its bytecode beside it; a checkout must be let keep its own too.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def once(statement: str) -> float:
        code = f"import time; t = time.process_time(); {statement}; print(time.process_time() - t)"
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, capture_output=True, check=True, env=env)  # noqa: S603
        return float(done.stdout)

    once("from akool_faceswap._sync import client, raw; client.FaceSwap")
    ours, all_of_it, bare = [], [], []
    for _ in range(IMPORTS):
        ours.append(once("from akool_faceswap import FaceSwap"))
        all_of_it.append(once("from akool_faceswap._sync import client, raw; client.FaceSwap"))
        bare.append(once("import httpx2; httpx2.Client"))
    theirs = statistics.median(bare)
    for name, times in (("import", ours), ("import and generated code", all_of_it)):
        mine = statistics.median(times)
        print(f"| {name}, CPU ms | {mine * 1e3:.0f} | {theirs * 1e3:.0f} | {mine / theirs:.2f} |")


def closure(name: str) -> set[str]:
    found, todo = set[str](), [name]
    while todo:
        one = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if one in found:
            continue
        found.add(one)
        for requirement in distribution(one).requires or ():
            label, _, marker = requirement.partition(";")
            if not marker or Marker(marker).evaluate({"extra": ""}):
                todo.append(Requirement(label).name)
    return found


def memory() -> None:
    looks: dict[str, int] = {}

    def answer(request: httpx2.Request) -> httpx2.Response:
        items = []
        for name in request.url.params["_ids"].split(","):
            looks[name] = looks.get(name, 0) + 1
            items.append({"_id": name, "faceswap_status": 3 if looks[name] > 2 else 1, "url": "u"})
        return httpx2.Response(200, json={"code": 1000, "msg": "", "data": {"result": items}})

    async def main() -> tuple[int, int]:
        transport, polling = httpx2.MockTransport(answer), Polling(first_delay=0.5)
        async with AsyncFaceSwap(KEY, transport=transport, polling=polling) as client:
            jobs = [client.job(f"{number:024x}") for number in range(WAITS)]
            before = tracemalloc.get_traced_memory()[0]
            waits = [asyncio.create_task(job.wait()) for job in jobs]
            await asyncio.sleep(0)
            during = tracemalloc.get_traced_memory()[0]
            await asyncio.gather(*waits)
            return before, during

    tracemalloc.start()
    before, during = asyncio.run(main())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"\n{WAITS} waits: {(during - before) / WAITS:.0f} bytes for each while it waits, "
          f"{peak / WAITS:.0f} at the peak of answering, its task included")  # fmt: skip


def main() -> None:
    server, url = start_server()
    print("| | akool-faceswap | httpx2 | ratio |\n|---|---|---|---|")
    try:
        sync_calls(url)
        asyncio.run(async_calls(url))
    finally:
        server.terminate()
    imports()
    names = closure("akool-faceswap")
    print(f"\nclosure: {len(names)} distributions: {', '.join(sorted(names))}")
    memory()


if __name__ == "__main__":
    main()
