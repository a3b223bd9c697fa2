"""Tests of users freeze and move time, with several libraries: everything works, nothing hangs."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import freezegun
import pytest
import time_machine

from akool_faceswap import (
    AsyncFaceSwap,
    ConfigurationError,
    FaceSwap,
    JobTimeout,
    Polling,
    webhooks,
)
from akool_faceswap._async.engine import AsyncSystemClock
from akool_mock import API_KEY, CLIENT_ID, Clock, MockServer, Settings

FACE = "https://faces.test/face.jpg"
IMAGE = "https://pictures.test/photo-32x24.jpg"
QUICK = Polling(first_delay=0.01, max_delay=0.02)
THEN = "2031-05-06T07:08:09+00:00"


@contextmanager
def moved() -> Iterator[None]:
    with time_machine.travel(THEN, tick=True):
        yield


LIBRARIES = {
    "freezegun": lambda: freezegun.freeze_time(THEN),
    "freezegun, real asyncio": lambda: freezegun.freeze_time(THEN, real_asyncio=True),
    "freezegun, ticking": lambda: freezegun.freeze_time(THEN, tick=True),
    "time-machine": lambda: time_machine.travel(THEN, tick=False),
    "time-machine, ticking": moved,
}


@pytest.fixture(params=LIBRARIES)
def frozen(request: pytest.FixtureRequest) -> Iterator[None]:
    with LIBRARIES[request.param]():
        yield


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer(settings=Settings(queue_s=0, processing_s=0)) as server:
        yield server


def options(mock: MockServer) -> dict[str, Any]:
    return {"api_key": API_KEY, "base_url": mock.base_url, "polling": QUICK}


@pytest.mark.timeout(30)
@pytest.mark.usefixtures("frozen")
def test_a_swap_goes_from_submit_to_its_result(mock: MockServer) -> None:
    with FaceSwap(**options(mock), transport=mock.transport) as client:
        assert client.swap_image(FACE, FACE, IMAGE).wait().url

    async def main() -> str:
        async with AsyncFaceSwap(**options(mock), transport=mock.async_transport) as client:
            return (await (await client.swap_image(FACE, FACE, IMAGE)).wait()).url

    assert asyncio.run(main())


@pytest.mark.timeout(30)
@pytest.mark.usefixtures("frozen")
def test_a_wait_for_what_never_ends_comes_to_its_deadline(mock: MockServer) -> None:
    mock.control.add_fault("job=stuck", operation="swapImage")
    with FaceSwap(**options(mock), transport=mock.transport) as client:
        job = client.swap_image(FACE, FACE, IMAGE)
        with pytest.raises(JobTimeout):
            job.wait(timeout=0.1)

    async def main() -> None:
        async with AsyncFaceSwap(**options(mock), transport=mock.async_transport) as client:
            job = await client.swap_image(FACE, FACE, IMAGE)
            with pytest.raises(JobTimeout):
                await job.wait(timeout=0.1)

    asyncio.run(main())


@pytest.mark.usefixtures("frozen")
def test_a_webhook_is_fresh_by_the_time_that_the_test_has_set() -> None:
    account = {"client_id": CLIENT_ID, "client_secret": API_KEY}
    event = {"_id": "a" * 24, "status": 3, "type": "faceswap", "url": "https://r.test/r.jpg"}
    body = webhooks.wrap(event, **account, timestamp_ms=int(time.time() * 1000), nonce="1")
    assert webhooks.unwrap(body, **account).id == "a" * 24


@pytest.mark.parametrize("clock", ["for threads", "for tasks"])
def test_the_client_for_tasks_takes_either_clock(clock: str) -> None:
    with MockServer(clock=Clock(1_790_000_000.0, frozen=True)) as mock:
        given = mock.clock if clock == "for threads" else mock.clock.for_async

        async def main() -> str:
            transport = mock.async_transport
            async with AsyncFaceSwap(API_KEY, transport=transport, clock=given) as client:
                return (await (await client.swap_image(FACE, FACE, IMAGE)).wait()).url

        assert asyncio.run(main())


def test_the_blocking_client_refuses_a_clock_that_it_could_not_wait_with() -> None:
    with pytest.raises(ConfigurationError, match="AsyncFaceSwap"):
        FaceSwap(API_KEY, clock=AsyncSystemClock())
