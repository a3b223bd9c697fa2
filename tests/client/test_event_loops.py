"""One `AsyncFaceSwap`, several event loops: scripts call `asyncio.run` twice, test suites often."""

import asyncio
import gc
import threading
from typing import Any

import httpx2
import pytest
from tests.client.conftest import API_KEY, FACE, IMAGE, Vendor

from akool_faceswap import AsyncFaceSwap, ConfigurationError
from akool_mock import MockServer


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # nobody closed it in its own loop
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_client_goes_on_in_the_next_loop_with_connections_of_that_loop() -> None:
    attempts: list[Any] = []
    with MockServer() as mock:
        client = AsyncFaceSwap(mock.api_key, base_url=mock.url, on_attempt=attempts.append)
        before = asyncio.run(client.credit())
        job = asyncio.run(client.swap_plus(FACE, IMAGE))  # not uncertain: it has a connection
        mock.advance(60)
        assert asyncio.run(job.wait()).id == job.id
        assert asyncio.run(client.credit()) < before
        asyncio.run(client.close())
        gc.collect()
    assert all(attempt.error is None for attempt in attempts)


def test_a_token_is_fetched_in_any_loop(vendor: Vendor) -> None:
    """Even if tasks queued for it in an earlier one."""

    async def many(client: AsyncFaceSwap) -> None:
        await asyncio.gather(*(client.credit() for _ in range(3)))

    async def answer(_request: Any) -> Any:
        await asyncio.sleep(0)
        return vendor(_request)

    client = AsyncFaceSwap(
        client_id="client-id", client_secret=API_KEY, transport=httpx2.MockTransport(answer)
    )
    asyncio.run(many(client))
    client._engine.tokens._token = None
    asyncio.run(many(client))
    assert vendor.tokens == 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_loop_that_ends_in_the_middle_of_a_wait_leaves_nobody_behind_it_waiting(
    vendor: Vendor,
) -> None:
    """Nobody cancelled the task that asked for all: it can never hand that on."""
    vendor.statuses = lambda _name, _looks: 1
    client = AsyncFaceSwap(API_KEY, transport=httpx2.MockTransport(vendor))
    loop = asyncio.new_event_loop()
    left = loop.create_task(client.job("a1").wait())
    while not vendor.looks:
        loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    assert not left.done()
    del left
    vendor.statuses = lambda _name, _looks: 3
    assert asyncio.run(client.job("b2").wait()).id == "b2"
    gc.collect()


def test_two_loops_at_once_are_told_to_take_two_clients() -> None:
    asked, release = threading.Event(), threading.Event()
    outcome: list[Any] = []

    async def elsewhere(client: AsyncFaceSwap) -> None:
        await client.credit()
        asked.set()
        await asyncio.to_thread(release.wait, 30)

    with MockServer() as mock:
        client = AsyncFaceSwap(mock.api_key, base_url=mock.url)

        async def main() -> None:
            await elsewhere(client)
            await client.close()

        other = threading.Thread(target=lambda: outcome.append(asyncio.run(main())))
        other.start()
        assert asked.wait(30)
        try:
            with pytest.raises(ConfigurationError, match="another event loop"):
                asyncio.run(client.credit())
        finally:
            release.set()
            other.join(30)
    assert outcome == [None]
