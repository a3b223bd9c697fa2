"""A vendor in memory with knobs and counters, a clock moved by hand, and both clients alike."""

import asyncio
import io
import json
import random
import selectors
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx2
import pytest
from PIL import Image

from akool_faceswap import AsyncFaceSwap, FaceSwap, Job, JobResult
from akool_faceswap._async.engine import AsyncSystemClock
from akool_faceswap._sync.raw import Raw

API_KEY = "api-key-0123456789abcdef01234567"
CLIENT_ID = "client-id-0123456789abcd"
IMAGE = "https://pictures.example/group.jpg"
FACE = "https://pictures.example/face.jpg"
START = 1_700_000_000.0
OPTS = "120,85:180,88:150,130:150,165"


class FakeClock:
    """Time that passes only when somebody waits, for threads and tasks alike."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.passed

    def time(self) -> float:
        return START + self.passed

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed += seconds

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        if not condition.wait(0):  # lets other threads in
            self.sleep(seconds)


class AsyncFakeClock(FakeClock):
    async def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        await asyncio.sleep(0)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        await asyncio.sleep(0)
        if not event.is_set():
            FakeClock.sleep(self, seconds)
            await asyncio.sleep(0)


class VirtualSelector(selectors.DefaultSelector):
    """Never blocks: the time that would be waited is handed to the loop's clock."""

    waited = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout is not None and timeout > 0:
            self.waited += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in which a day passes in no time, and everything else is real."""

    def __init__(self) -> None:
        self.virtual = VirtualSelector()
        super().__init__(self.virtual)

    def time(self) -> float:
        return self.virtual.waited


class LoopClock(AsyncSystemClock):
    """The time of a `VirtualLoop`; sleeping and waiting are the real ones."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.monotonic = loop.time  # type: ignore[method-assign]
        self.time = lambda: START + loop.time()  # type: ignore[method-assign]


def virtual(main: Callable[[VirtualLoop, LoopClock], Any]) -> Any:
    """Run a coroutine function on virtual time; it gets the loop and the clock."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(main(loop, LoopClock(loop)))
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


class Latency(httpx2.AsyncBaseTransport):
    """A vendor that takes its time to answer."""

    def __init__(self, vendor: "Vendor", seconds: float = 0.0) -> None:
        self.vendor = vendor
        self.seconds = seconds

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(self.seconds)
        return self.vendor(request)


def job_id(number: int) -> str:
    """An id like the vendor's: 24 hex digits, the first eight the second of its creation."""
    return f"{int(START):08x}{number:016x}"


def item(name: str, status: int = 3, **extra: Any) -> dict[str, Any]:
    return {
        "_id": name,
        "faceswap_status": status,
        "url": f"https://cdn.example/final_{name}.jpg",
        "createdAt": "2023-11-14T22:13:20.000Z",
        "image": 1,
        "video_duration": 0,
        "deduction_duration": 0,
        "uid": 1,
        **extra,
    }


@cache
def picture(seed: int = 1, side: int = 90, kind: str = "JPEG", **options: Any) -> bytes:
    """A picture of noise, which no format makes small."""
    noise = random.Random(seed).randbytes(3 * side * side)  # noqa: S311 - a picture
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), noise).save(file, kind, **options)
    return file.getvalue()


Reply = httpx2.Response | Exception | Callable[[httpx2.Request], httpx2.Response]


@dataclass
class Vendor:
    """The API in memory. Assertions read `vendor.posts == 1`."""

    statuses: Callable[[str, int], int | None] = lambda _name, looks: min(looks, 3)
    """Status of a job at its n-th look (from 1); None: not listed."""
    script: deque[Reply] = field(default_factory=deque)
    """What happens to the next requests, whatever they are; then all goes well."""
    max_ids: int | None = None
    """More ids in a request are refused with 1003."""
    token: str = "token-1-abcdefghijkl"
    tokens: int = 0
    file: bytes = field(default_factory=picture)
    requests: list[httpx2.Request] = field(default_factory=list)
    looks: Counter[str] = field(default_factory=Counter)
    submitted: int = 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if self.script:
            reply = self.script.popleft()
            if isinstance(reply, Exception):
                raise reply
            return reply(request) if callable(reply) else reply
        if request.url.host == "cdn.example":
            return httpx2.Response(200, content=self.file)
        served = {
            "info": lambda: ok({"credit": 12.5}),
            "getToken": self._token,
            "listbyids": lambda: self._list(request),
            "delbyids": lambda: httpx2.Response(200, json={"code": 1000, "msg": "OK"}),
            "detect_faces": lambda: httpx2.Response(200, json=DETECTED),
            "detect": lambda: httpx2.Response(200, json=LEGACY),
        }
        return served.get(request.url.path.rsplit("/", 1)[-1], self._submit)()

    def _token(self) -> httpx2.Response:
        self.tokens += 1
        return httpx2.Response(200, json={"code": 1000, "token": self.token})

    def _submit(self) -> httpx2.Response:
        self.submitted += 1
        return ok({"_id": job_id(self.submitted), "url": "https://cdn.example/x", "job_id": "1-2"})

    def _list(self, request: httpx2.Request) -> httpx2.Response:
        ids = request.url.params["_ids"].split(",")
        if self.max_ids is not None and len(ids) > self.max_ids:
            return refusal(1003, "too many ids")
        self.looks.update(ids)
        listed = {name: self.statuses(name, self.looks[name]) for name in ids}
        return ok({"result": [item(n, s) for n, s in listed.items() if s is not None]})

    def sent(self, ending: str) -> list[httpx2.Request]:
        return [request for request in self.requests if request.url.path.endswith(ending)]

    @property
    def posts(self) -> int:
        """Requests that would have cost credits."""
        paid = ("/specifyimage", "/specifyvideo", "ByImage")
        return sum(request.url.path.endswith(paid) for request in self.requests)

    @property
    def polls(self) -> int:
        return len(self.sent("/listbyids"))

    @property
    def body(self) -> Any:
        return json.loads(self.requests[-1].content)


DETECTED = {
    "error_code": 0,
    "error_msg": "SUCCESS",
    "faces_obj": {
        "0": {
            "landmarks": [[[120, 85], [180, 88], [150, 130], [150, 165], [125, 165], [175, 168]]],
            "landmarks_str": [OPTS],
            "region": [[80, 50, 150, 180]],
            "removed": [],
        }
    },
}
LEGACY = {
    "error_code": 0,
    "error_msg": "SUCCESS",
    "landmarks": [[[120, 85], [180, 88], [150, 130], [150, 165], [0, 0], [0, 0]]],
    "landmarks_str": [OPTS],
    "region": [[80, 50, 150, 180]],
    "seconds": 0.04,
    "trx_id": "74178dc5-199a-479a-89d0-4b0e1c161219",
}


def ok(data: Any) -> httpx2.Response:
    return httpx2.Response(200, json={"code": 1000, "msg": "OK", "data": data})


def refusal(code: int, msg: str = "no", *, status: int = 200, **headers: str) -> httpx2.Response:
    return httpx2.Response(status, json={"code": code, "msg": msg, "data": None}, headers=headers)


class Both:
    """One of the two clients behind one face: scenarios are written once, with `await`."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.clock = FakeClock() if kind == "sync" else AsyncFakeClock()

    def client(self, vendor: Any, **settings: Any) -> Any:
        settings = {"clock": self.clock, "jitter": lambda: 0.5} | settings
        if "client_id" not in settings:
            settings.setdefault("api_key", API_KEY)
        if "http_client" not in settings:
            settings.setdefault("transport", httpx2.MockTransport(vendor))
        return FaceSwap(**settings) if self.kind == "sync" else AsyncFaceSwap(**settings)

    def run(self, vendor: Any, scenario: Callable[[Any], Any], **settings: Any) -> Any:
        """Open a client on the vendor, run the scenario with it, return what it returns."""

        async def main() -> Any:
            client = self.client(vendor, **settings)
            if self.kind == "sync":
                with client:
                    return await scenario(Awaitable(client))
            async with client:
                return await scenario(client)

        return asyncio.run(main())


class Awaitable:
    """A sync object whose methods are awaited, so that it reads like its async twin."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.real, name)
        if not callable(attribute):
            return pretend(attribute)
        if name in {"job", "outcome"}:  # not awaited in the async client either
            return lambda *args: pretend(attribute(*args))
        return lambda *args, **kwargs: Pending(attribute, args, kwargs)


class Pending:
    """A call of a sync method: awaited, or iterated with `async for`."""

    def __init__(self, method: Any, args: Any, kwargs: Any) -> None:
        self.call = lambda: method(*(real(arg) for arg in args), **kwargs)

    def __await__(self) -> Any:
        return pretend(self.call())
        yield  # makes it a generator, which is what await wants

    async def __aiter__(self) -> Any:
        for value in self.call():
            yield pretend(value)


def pretend(value: Any) -> Any:
    if isinstance(value, Job | JobResult | Raw):
        return Awaitable(value)
    return [pretend(each) for each in value] if isinstance(value, list) else value


def real(value: Any) -> Any:
    if isinstance(value, list):
        return [real(each) for each in value]
    return value.real if isinstance(value, Awaitable) else value


@pytest.fixture(params=["sync", "async"])
def both(request: pytest.FixtureRequest) -> Both:
    return Both(request.param)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()
