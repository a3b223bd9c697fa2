"""Whoever leaves a paid request under way is told: by a note on what passes, and by a warning."""

import asyncio
import logging
import os
import signal
import threading
import traceback
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from tests.client.conftest import API_KEY, FACE, Vendor
from tests.client.test_submit_safety import SUBMITS

from akool_faceswap import AsyncFaceSwap, FaceSwap

SIGNED = "https://pictures.example/group.jpg?X-Amz-Signature=topsecret"
PAID = {**SUBMITS, "signed": lambda client: client.swap_image(FACE, FACE, SIGNED)}
FREE: dict[str, Callable[[Any], Any]] = {
    "credit": lambda client: client.credit(),
    "results": lambda client: client.results(["a" * 24]),
}


class Hanging(httpx2.AsyncBaseTransport):
    """Takes the request, never answers."""

    def __init__(self) -> None:
        self.taken = asyncio.Event()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.taken.set()
        await asyncio.Event().wait()
        raise AssertionError


def notes(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]


def leave(submit: Callable[[Any], Any], how: str) -> BaseException:
    """What reaches the caller that leaves a call under way."""

    async def main() -> BaseException:
        hanging = Hanging()
        async with AsyncFaceSwap(API_KEY, transport=hanging) as client:
            task = asyncio.ensure_future(submit(client))
            await hanging.taken.wait()
            try:
                if how == "cancel":
                    task.cancel()
                    await task
                elif how == "wait_for":
                    await asyncio.wait_for(task, 0.01)
                else:
                    async with asyncio.timeout(0.01):
                        await task
            except (asyncio.CancelledError, TimeoutError) as error:
                return error
        raise AssertionError

    return asyncio.run(main())


@pytest.mark.parametrize("how", ["timeout", "wait_for", "cancel"])
@pytest.mark.parametrize("operation", PAID)
def test_a_task_that_is_given_up_names_the_paid_request(
    caplog: pytest.LogCaptureFixture, operation: str, how: str
) -> None:
    error = leave(PAID[operation], how)
    assert type(error) is (asyncio.CancelledError if how == "cancel" else TimeoutError)
    (warning,) = warnings(caplog)
    for told in (notes(error), warning):
        assert "https://pictures.example/group.jpg" in told
        assert "may have been accepted" in told
        assert "credit()" in told
        assert "topsecret" not in told
        assert API_KEY not in told


@pytest.mark.parametrize("call", FREE)
def test_what_costs_nothing_is_left_in_silence(caplog: pytest.LogCaptureFixture, call: str) -> None:
    assert "may have been accepted" not in notes(leave(FREE[call], "timeout"))
    assert warnings(caplog) == []


class Interrupted(httpx2.BaseTransport):
    """The person at the terminal loses patience while this waits for the answer."""

    def __init__(self, error: type[BaseException]) -> None:
        self._error = error

    def handle_request(self, _: httpx2.Request) -> httpx2.Response:
        raise self._error


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("operation", SUBMITS)
def test_a_thread_that_is_interrupted_names_the_paid_request(
    caplog: pytest.LogCaptureFixture, operation: str, kind: type[BaseException]
) -> None:
    with FaceSwap(API_KEY, transport=Interrupted(kind)) as client, pytest.raises(kind) as caught:
        SUBMITS[operation](client)
    assert operation in notes(caught.value)
    assert operation in warnings(caplog)[0]


def test_a_real_ctrl_c_on_a_real_socket_names_the_paid_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    import socket  # noqa: PLC0415 - only here

    with socket.create_server(("127.0.0.1", 0)) as silent:

        def interrupt() -> None:
            connection, _ = silent.accept()
            with connection:
                connection.recv(1 << 16)
                os.kill(os.getpid(), signal.SIGINT)
                connection.recv(1)

        thread = threading.Thread(target=interrupt)
        thread.start()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with FaceSwap(API_KEY, base_url=url) as client, pytest.raises(KeyboardInterrupt) as caught:
            client.swap_image(FACE, FACE, SIGNED)
        thread.join(10)
    assert "swapImage" in notes(caught.value)
    assert len(warnings(caplog)) == 1


def test_a_request_whose_answer_was_read_leaves_no_note(
    caplog: pytest.LogCaptureFixture, vendor: Vendor
) -> None:
    async def main() -> None:
        transport = httpx2.MockTransport(vendor)
        async with AsyncFaceSwap(API_KEY, transport=transport) as client:
            async with asyncio.timeout(30):
                await client.swap_image(FACE, FACE, SIGNED)

    asyncio.run(main())
    assert warnings(caplog) == []
