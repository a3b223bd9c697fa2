"""Waiters that fail, leave, are interrupted or closed under way: the others get what they came for.

Whatever is promised about the API is tried against the simulator; the rest against a vendor in
memory, on virtual time.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any, Self

import httpx2
import pytest
from tests.client.conftest import (
    API_KEY,
    FACE,
    AsyncFakeClock,
    Both,
    FakeClock,
    Latency,
    Vendor,
    job_id,
    virtual,
)

from akool_faceswap import (
    AkoolError,
    AsyncFaceSwap,
    ClientClosedError,
    FaceSwap,
    JobFailed,
    JobStatus,
    JobTimeout,
    Polling,
    SubmissionUncertain,
)
from akool_mock import Clock, Settings, Simulator, SyncTransport

ID = job_id(1)
MANY, BAD = 1000, 617


class Counted:
    """The simulator on a client's clock, and how often its result list was asked for."""

    def __init__(self, clock: FakeClock) -> None:
        settings = Settings(credits=10_000, accept_any_key=True, extra_fields=True)
        self.simulator = Simulator(settings=settings, clock=Clock(clock.time(), frozen=True))
        self.clock = clock
        self.transport = SyncTransport(self.simulator)
        self.polls = 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.simulator.advance(self.clock.time() - self.simulator.clock.time())
        self.polls += request.url.path.endswith("/listbyids")
        return self.transport.handle_request(request)


def picture(number: int) -> str:
    fate = "mock.job=failed." if number == BAD else ""
    return f"https://pictures.example/{number}.{fate}jpg"


async def submit_many(client: Any) -> list[Any]:
    return [await client.swap_image(FACE, FACE, picture(n)) for n in range(MANY)]


def in_threads(works: list[Callable[[], Any]]) -> list[Any]:
    """What each returns or raises."""
    outcomes: list[Any] = [None] * len(works)

    def run(number: int, work: Callable[[], Any]) -> None:
        try:
            outcomes[number] = work()
        except AkoolError as error:
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


# One of a thousand fails.


def test_one_of_a_thousand_that_fails_is_named_and_the_others_can_still_be_had(both: Both) -> None:
    vendor = Counted(both.clock)

    async def scenario(client: Any) -> None:
        jobs = await submit_many(client)
        with pytest.raises(JobFailed, match="generate temp file error") as caught:
            await client.wait_all(jobs)
        assert caught.value.job_id == jobs[BAD].id
        outcomes = await client.wait_all(jobs, return_errors=True)
        assert isinstance(outcomes[BAD], JobFailed)
        assert [outcome.id for n, outcome in enumerate(outcomes) if n != BAD] == [
            job.id for n, job in enumerate(jobs) if n != BAD
        ]
        polls = vendor.polls
        assert len(await client.wait_all(jobs, return_errors=True)) == MANY
        assert vendor.polls == polls  # all is known by now

    both.run(vendor, scenario)
    # Queue and processing take three seconds: four rounds of ten chunks, twice at the most.
    assert vendor.polls <= 2 * 4 * 10


def test_of_a_thousand_waiters_only_the_one_whose_job_failed_hears_of_it() -> None:
    clock = AsyncFakeClock()
    vendor = Counted(clock)

    async def main() -> list[Any]:
        transport = httpx2.MockTransport(vendor)
        async with AsyncFaceSwap(API_KEY, transport=transport, clock=clock) as client:
            jobs = await submit_many(client)
            return await asyncio.gather(*(job.wait() for job in jobs), return_exceptions=True)

    outcomes = asyncio.run(main())
    failed = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, BaseException)]
    assert failed == [BAD]
    assert isinstance(outcomes[BAD], JobFailed)
    assert vendor.polls <= 5 * 11


def test_threads_and_tasks_that_wait_for_the_same_jobs_all_get_them() -> None:
    """Two clients, one account: each shares its own looks, neither disturbs the other."""
    vendor = Vendor(statuses=lambda _name, looks: 3 if looks >= 9 else 1)
    ids = [job_id(n) for n in range(20)]
    transport = httpx2.MockTransport(vendor)

    async def tasks() -> list[str]:
        async with AsyncFaceSwap(
            API_KEY, transport=transport, clock=AsyncFakeClock(), jitter=lambda: 0.5
        ) as client:
            results = await asyncio.gather(*(client.job(name).wait() for name in ids))
            return [result.url for result in results]

    with FaceSwap(API_KEY, transport=transport, clock=FakeClock()) as client:
        waits = [lambda name=name: client.job(name).wait().url for name in ids]
        *threads, of_tasks = in_threads([*waits, lambda: asyncio.run(tasks())])
    assert threads == of_tasks == [f"https://cdn.example/final_{name}.jpg" for name in ids]


def test_who_joins_just_after_a_look_is_told_what_it_saw_without_another(vendor: Vendor) -> None:
    async def main(_loop: Any, clock: Any) -> None:
        transport = httpx2.MockTransport(vendor)
        async with AsyncFaceSwap(API_KEY, transport=transport, clock=clock) as client:
            first = asyncio.create_task(client.job(ID).wait())
            await asyncio.sleep(0.3)
            seen = [state.status async for state in client.job(ID).updates()]
            assert seen == [JobStatus.IN_QUEUE, JobStatus.PROCESSING, JobStatus.SUCCESS]
            assert (await first).id == ID

    virtual(main)
    assert vendor.looks[ID] == 3


# One of many leaves.


def test_a_thread_whose_time_is_over_leaves_the_others_waiting() -> None:
    vendor = Vendor(statuses=lambda name, looks: 3 if name != ID and looks >= 12 else 1)
    clock = FakeClock()
    with FaceSwap(API_KEY, transport=httpx2.MockTransport(vendor), clock=clock) as client:
        first, *others = in_threads(
            [
                lambda: client.job(ID).wait(timeout=5),
                *(lambda n=n: client.job(job_id(n)).wait().id for n in range(2, 9)),
            ]
        )
    assert isinstance(first, JobTimeout)
    assert first.pending == (ID,)
    assert others == [job_id(n) for n in range(2, 9)]
    assert vendor.looks[ID] < 12  # nobody looks for one who has left


@pytest.mark.parametrize("leaver", [0, 2])
def test_a_task_that_leaves_during_a_shared_look_leaves_the_answer_to_the_others(
    leaver: int,
) -> None:
    """The first task makes the request for all; the third only waits for what it brings."""
    vendor = Vendor(statuses=lambda _name, looks: min(looks, 3))

    async def main(_loop: Any, clock: Any) -> list[Any]:
        async with AsyncFaceSwap(API_KEY, transport=Latency(vendor, 1.0), clock=clock) as client:
            waits = [asyncio.create_task(client.job(job_id(n)).wait()) for n in range(4)]
            await asyncio.sleep(2.5)  # the second request is under way, for all but the first
            waits[leaver].cancel()
            return await asyncio.gather(*waits, return_exceptions=True)

    outcomes = virtual(main)
    gone = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, BaseException)]
    assert gone == [leaver]
    assert isinstance(outcomes[leaver], asyncio.CancelledError)
    assert all(vendor.looks[job_id(n)] == 3 for n in range(4) if n != leaver)


def test_updates_left_half_way_are_forgotten_by_tasks_too() -> None:
    vendor = Vendor(statuses=lambda name, looks: 1 if name == ID else min(looks, 3))

    async def main(_loop: Any, clock: Any) -> None:
        transport = httpx2.MockTransport(vendor)
        async with AsyncFaceSwap(API_KEY, transport=transport, clock=clock) as client:
            async for state in client.job(ID).updates():
                assert state.status is JobStatus.IN_QUEUE
                break
            async for job in client.as_completed([ID, job_id(2)]):
                assert job.id == job_id(2)
                break
            looks = vendor.looks[ID]
            await client.job(job_id(3)).wait()
            assert vendor.looks[ID] == looks

    virtual(main)


def test_updates_that_are_held_but_not_read_keep_nobody_else_waiting(vendor: Vendor) -> None:
    with FaceSwap(API_KEY, transport=httpx2.MockTransport(vendor), clock=FakeClock()) as client:
        held = client.job(ID).updates()
        assert next(held).status is JobStatus.IN_QUEUE
        assert client.job(job_id(2)).wait().id == job_id(2)
        # What happened meanwhile was kept for whoever reads on.
        assert [state.status for state in held] == [JobStatus.PROCESSING, JobStatus.SUCCESS]


def test_a_callback_that_raises_ends_its_own_wait_only(both: Both, vendor: Vendor) -> None:
    class BugError(Exception):
        pass

    def bug(_state: Any) -> None:
        raise BugError

    async def scenario(client: Any) -> None:
        job = client.job(ID)
        with pytest.raises(BugError):
            await job.wait(on_update=bug)
        with pytest.raises(BugError):
            await client.wait_all([job, job_id(2)], on_update=bug)
        assert (await client.job(job_id(2)).wait()).id == job_id(2)
        assert (await job.wait()).id == ID

    both.run(vendor, scenario)


# The client is closed, the process ends.


class Silent:
    """A server that takes a request and never answers."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.asked = threading.Event()
        self.thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        connection, _ = self.listener.accept()
        with connection:
            connection.recv(65536)
            self.asked.set()
            while connection.recv(65536):
                pass

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.thread.join(30)
        self.listener.close()


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda client: client.job(ID).wait(timeout=None), ClientClosedError),
        (lambda client: client.credit(timeout=None), ClientClosedError),
        (lambda client: client.swap_image(FACE, FACE, FACE), SubmissionUncertain),
    ],
)
def test_closing_wakes_a_thread_that_sits_in_a_request(call: Any, error: type) -> None:
    with Silent() as server:
        client = FaceSwap(API_KEY, base_url=server.url)

        def close() -> None:
            assert server.asked.wait(30)
            client.close()

        outcome, _ = in_threads([lambda: call(client), close])
    assert isinstance(outcome, error)


def test_closing_wakes_a_task_that_sits_in_a_request() -> None:
    async def main(server: Silent) -> list[Any]:
        client = AsyncFaceSwap(API_KEY, base_url=server.url)
        waits = [asyncio.create_task(client.job(job_id(n)).wait(timeout=None)) for n in range(3)]
        assert await asyncio.to_thread(server.asked.wait, 30)
        await client.close()
        return await asyncio.gather(*waits, return_exceptions=True)

    with Silent() as server:
        outcomes = asyncio.run(main(server))
    assert {type(outcome) for outcome in outcomes} == {ClientClosedError}


def test_a_task_left_waiting_when_the_loop_ends_is_cancelled_without_a_sound() -> None:
    vendor = Vendor(statuses=lambda _name, _looks: 1)
    left = []

    async def main() -> None:
        asked = asyncio.Event()

        def answer(request: httpx2.Request) -> httpx2.Response:
            answered = vendor(request)
            if vendor.looks.total() >= 3:
                asked.set()
            return answered

        client = AsyncFaceSwap(API_KEY, transport=httpx2.MockTransport(answer))
        left.extend(asyncio.create_task(client.job(job_id(n)).wait()) for n in range(3))
        await asked.wait()

    asyncio.run(main())
    assert all(task.cancelled() for task in left)


def test_a_process_ends_with_waiting_threads_without_a_sound() -> None:
    code = """
import threading, httpx2
from akool_faceswap import FaceSwap
asked = threading.Event()
def vendor(request):
    ids = request.url.params["_ids"].split(",")
    asked.set()
    items = [{"_id": name, "faceswap_status": 1} for name in ids]
    return httpx2.Response(200, json={"code": 1000, "data": {"result": items}})
client = FaceSwap("api-key-0123456789", transport=httpx2.MockTransport(vendor))
for name in ("a1", "b2", "c3"):
    threading.Thread(target=client.job(name).wait, daemon=True).start()
assert asked.wait(30)
"""
    command = [sys.executable, "-X", "dev", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_waits_for_itself_and_its_parent_goes_on() -> None:
    parents_look, release = threading.Event(), threading.Event()
    vendor = Vendor(statuses=lambda _name, looks: min(looks, 3))

    def answer(request: httpx2.Request) -> httpx2.Response:
        if ID in request.url.params["_ids"]:
            parents_look.set()
            assert release.wait(30)
        return vendor(request)

    with FaceSwap(API_KEY, transport=httpx2.MockTransport(answer), clock=FakeClock()) as client:

        def fork() -> int:
            assert parents_look.wait(30)
            child = os.fork()
            if child == 0:
                os._exit(0 if client.job(job_id(2)).wait().id == job_id(2) else 1)
            release.set()
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

        result, code = in_threads([lambda: client.job(ID).wait().id, fork])
    assert (result, code) == (ID, 0)


def until(happened: Callable[[], Any]) -> None:
    while not happened():
        threading.Event().wait(0.001)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs pthread_kill")
@pytest.mark.parametrize("leads", [True, False])
def test_ctrl_c_ends_a_wait_and_leaves_the_other_thread_waiting(leads: bool) -> None:  # noqa: FBT001 - a case
    vendor = Vendor(statuses=lambda _name, _looks: 1)
    transport, polling = httpx2.MockTransport(vendor), Polling(first_delay=0.01, max_delay=0.01)
    with FaceSwap(API_KEY, transport=transport, polling=polling) as client:
        poller = client._engine.poller
        done: list[str] = []
        other = threading.Thread(target=lambda: done.append(client.job(job_id(2)).wait().id))

        def press() -> None:
            until(lambda: poller._leader)
            if leads:
                other.start()
            until(lambda: poller._blocked)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        finger = threading.Thread(target=press)
        if not leads:
            other.start()
            until(lambda: poller._leader)
        finger.start()
        with pytest.raises(KeyboardInterrupt):
            client.job(ID).wait(timeout=60)
        vendor.statuses = lambda _name, _looks: 3
        finger.join(30)
        other.join(30)
        assert done == [job_id(2)]
        assert client.job(ID).wait().id == ID
