"""Waiting for jobs: exact about time, honest about failure, shared among all who wait."""

import asyncio
import gc
import json
import os
import threading
import weakref
from collections import Counter

import httpx2
import pytest
from tests.client.conftest import (
    API_KEY,
    FACE,
    IMAGE,
    OPTS,
    FakeClock,
    Vendor,
    item,
    job_id,
    ok,
    refusal,
    virtual,
)

from akool_faceswap import (
    AsyncFaceSwap,
    ClientClosedError,
    DetectedFace,
    Face,
    FaceSwap,
    HttpStatusError,
    InvalidAuthorizationError,
    InvalidParameterError,
    InvalidRequestError,
    JobFailed,
    JobNotFound,
    JobStatus,
    JobTimeout,
    Polling,
    RequestTimeoutError,
    UnreadableAnswerError,
    WebhookUnconfirmedError,
    webhooks,
)

ID = job_id(1)


def statuses(*sequence):
    """A job's status at each look; the last one stays."""
    return lambda _name, looks: sequence[min(looks, len(sequence)) - 1]


def test_the_first_look_is_at_once_and_the_next_ones_grow_apart(both):
    vendor = Vendor(statuses=statuses(1, 1, 1, 1, 2, 3))
    both.run(vendor, lambda client: client.job(ID).wait())
    assert both.clock.slept == pytest.approx([1.0, 1.5, 2.25, 3.375, 5.0625])
    assert vendor.polls == 6


def test_a_finished_job_is_not_asked_for_again(both):
    vendor = Vendor(statuses=statuses(3))

    async def scenario(client):
        job = client.job(ID)
        first = await job.wait()
        assert await job.status() is JobStatus.SUCCESS
        assert (await job.result()).url == first.url == (await job.wait()).url
        assert [state.status async for state in job.updates()] == [JobStatus.SUCCESS]
        assert job.outcome().url == first.url

    both.run(vendor, scenario)
    assert vendor.polls == 1


def test_a_failed_job_raises_with_the_vendors_reason(both):
    def server(_request):
        return ok({"result": [item(ID, 4, alg_msg="generate temp file error")]})

    async def scenario(client):
        job = client.job(ID)
        with pytest.raises(JobFailed, match="generate temp file error") as caught:
            await job.wait()
        assert (caught.value.reason, caught.value.job_id) == ("generate temp file error", ID)
        with pytest.raises(JobFailed):
            await job.result()
        assert isinstance(job.outcome(), JobFailed)
        assert await job.status() is JobStatus.FAILED

    both.run(server, scenario)


def test_a_url_before_success_is_never_handed_out(both):
    vendor = Vendor(statuses=statuses(1, 2, 9, 4))

    async def scenario(client):
        seen = [state async for state in client.job(ID).updates()]
        assert [state.status for state in seen] == [1, 2, 9, 4]
        assert all(state.url is None for state in seen)
        assert all(state.raw["url"] for state in seen)

    both.run(vendor, scenario)


@pytest.mark.parametrize("odd", [0, 5, 99, -1, "soon", None, 2.5, [], {}])
def test_a_status_that_nobody_documented_counts_as_pending(both, odd):
    looks = []

    def server(_request):
        looks.append(1)
        return ok({"result": [item(ID, odd if len(looks) < 3 else 3)]})

    both.run(server, lambda client: client.job(ID).wait())
    assert len(looks) == 3


def test_a_status_may_be_written_as_text(both):
    vendor = Vendor(statuses=statuses("1", "2", "3"))
    assert both.run(vendor, lambda client: client.job(ID).wait()).id == ID


def test_success_without_a_url_is_an_unreadable_answer(both):
    def server(_request):
        return ok({"result": [item(ID, 3, url="")]})

    with pytest.raises(UnreadableAnswerError, match="without a URL"):
        both.run(server, lambda client: client.job(ID).wait())


@pytest.mark.parametrize("timeout", [0, 0.3, 1.0, 7.0, 100.0])
def test_the_deadline_is_kept_to_the_second_and_the_job_can_be_resumed(both, timeout):
    vendor = Vendor(statuses=statuses(2))

    async def scenario(client):
        job = client.job(ID)
        with pytest.raises(TimeoutError) as caught:
            await job.wait(timeout=timeout)
        error = caught.value
        assert isinstance(error, JobTimeout)
        assert (error.job_id, error.pending) == (ID, (ID,))
        assert both.clock.passed == pytest.approx(timeout)
        vendor.statuses = statuses(3)
        assert (await client.job(error.job_id).wait()).id == ID

    both.run(vendor, scenario)


def test_waiting_ends_by_itself_after_half_an_hour(both):
    vendor = Vendor(statuses=statuses(1))
    with pytest.raises(JobTimeout):
        both.run(vendor, lambda client: client.job(ID).wait())
    assert both.clock.passed == pytest.approx(1800)


def test_none_waits_for_ever(both):
    vendor = Vendor(statuses=lambda _name, looks: 3 if looks > 500 else 1)
    polling = Polling(first_delay=60, max_delay=600)
    both.run(vendor, lambda client: client.job(ID).wait(timeout=None), polling=polling)
    assert both.clock.passed > 3 * 86400


@pytest.mark.parametrize("timeout", [-1, float("nan"), "1", True])
def test_a_timeout_that_is_none_is_refused(both, vendor, timeout):
    with pytest.raises(InvalidRequestError):
        both.run(vendor, lambda client: client.job(ID).wait(timeout=timeout))
    assert vendor.requests == []


@pytest.mark.parametrize(
    "trouble",
    [
        lambda: httpx2.ConnectError("refused"),
        lambda: httpx2.ReadTimeout(""),
        lambda: httpx2.RemoteProtocolError("bye"),
        lambda: httpx2.Response(500),
        lambda: httpx2.Response(502, text="<html>"),
        lambda: httpx2.Response(200, text="not json"),
        lambda: httpx2.Response(200, json={"code": 1000, "msg": "", "data": None}),
        lambda: httpx2.Response(429),
        lambda: refusal(1005),
    ],
)
def test_trouble_on_the_way_is_absorbed(both, trouble):
    vendor = Vendor(statuses=statuses(1, 3))
    vendor.script.extend(trouble() for _ in range(3))
    assert both.run(vendor, lambda client: client.job(ID).wait()).id == ID
    assert vendor.polls == 5


def test_trouble_until_the_deadline_is_the_cause_of_the_timeout(both, vendor):
    vendor.script.extend(httpx2.ReadTimeout("") for _ in range(99))
    with pytest.raises(JobTimeout) as caught:
        both.run(vendor, lambda client: client.job(ID).wait(timeout=20))
    assert isinstance(caught.value.__cause__, RequestTimeoutError)


def test_a_busy_server_is_left_alone_as_long_as_it_asks(both):
    vendor = Vendor(statuses=statuses(3))
    vendor.script.append(refusal(1005, status=429, **{"retry-after": "17"}))
    both.run(vendor, lambda client: client.job(ID).wait())
    assert sum(both.clock.slept) == pytest.approx(17)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda: refusal(1101), InvalidAuthorizationError),
        (lambda: refusal(1003), InvalidParameterError),
        (lambda: httpx2.Response(404), HttpStatusError),
    ],
)
def test_a_refusal_ends_the_wait_at_once_and_another_wait_asks_again(both, vendor, answer, error):
    vendor.statuses = statuses(3)
    vendor.script.append(answer())

    async def scenario(client):
        job = client.job(ID)
        with pytest.raises(error):
            await job.wait()
        assert isinstance(job.outcome(), error)
        assert (await job.wait()).id == ID

    both.run(vendor, scenario)
    assert both.clock.slept == []


def test_an_id_that_is_not_listed_yet_is_pending_for_a_grace_then_not_found(both):
    vendor = Vendor(statuses=statuses(None))

    async def scenario(client):
        job = client.job(ID)
        seen = []
        with pytest.raises(JobNotFound, match="_id"):
            await job.wait(on_update=seen.append)
        assert [(state.status, state.listed) for state in seen] == [(JobStatus.UNKNOWN, False)]
        assert isinstance(job.outcome(), JobNotFound)

    both.run(vendor, scenario)
    assert both.clock.passed == pytest.approx(30)


def test_an_id_that_is_listed_late_is_found(both):
    vendor = Vendor(statuses=statuses(None, None, None, 1, 3))
    assert both.run(vendor, lambda client: client.job(ID).wait()).id == ID


def test_single_looks_know_the_grace_too(both):
    vendor = Vendor(statuses=statuses(None))

    async def scenario(client):
        job = client.job(ID)
        assert await job.status() is JobStatus.UNKNOWN
        both.clock.passed += 29
        assert await job.status() is JobStatus.UNKNOWN
        both.clock.passed += 2
        with pytest.raises(JobNotFound):
            await job.status()

    both.run(vendor, scenario)


def test_a_missing_id_is_asked_for_alone_before_it_is_given_up(both):
    """A server that silently lists only so many ids is understood, and asked for fewer."""
    vendor = Vendor(statuses=statuses(3))
    listing = vendor._list

    def short(request):
        answer = listing(request).json()
        answer["data"]["result"] = answer["data"]["result"][:2]
        return httpx2.Response(200, json=answer)

    vendor._list = short
    ids = [job_id(n) for n in range(8)]
    results = both.run(vendor, lambda client: client.wait_all(ids))
    assert [result.id for result in results] == ids


def test_what_was_not_asked_for_and_what_comes_twice_is_no_trouble(both):
    def server(_request):
        other = item(job_id(99), 4)
        return ok({"result": [other, "x", None, item(ID, 1), item(ID, 3), item(ID, 2), {"_id": 7}]})

    assert both.run(server, lambda client: client.job(ID).wait()).id == ID


@pytest.mark.parametrize("limit", [1, 3, 7, 50])
def test_the_servers_limit_of_ids_is_found_and_kept(both, limit):
    vendor = Vendor(statuses=statuses(1, 3), max_ids=limit)
    ids = [job_id(n) for n in range(100)]
    results = both.run(vendor, lambda client: client.wait_all(ids))
    assert [result.id for result in results] == ids
    chunks = [len(r.url.params["_ids"].split(",")) for r in vendor.sent("/listbyids")]
    refused = [size for size in chunks if size > limit]
    assert refused == sorted(refused, reverse=True)  # found by halving, once
    assert len(refused) <= 7
    assert set(vendor.looks.values()) == {2}


def test_one_id_that_the_server_refuses_does_not_harm_the_others(both):
    bad = job_id(13)
    vendor = Vendor(statuses=statuses(1, 3))
    listing = vendor._list
    vendor._list = lambda r: refusal(1003) if bad in r.url.params["_ids"] else listing(r)
    ids = [job_id(n) for n in range(40)]
    outcomes = both.run(vendor, lambda client: client.wait_all(ids, return_errors=True))
    errors = [name for name, outcome in zip(ids, outcomes, strict=True) if not is_result(outcome)]
    assert errors == [bad]
    assert isinstance(outcomes[13], InvalidParameterError)


def is_result(outcome):
    return hasattr(outcome, "url")


def test_a_thousand_jobs_together_cost_one_request_for_each_round_and_chunk(both):
    rounds = 6
    vendor = Vendor(statuses=lambda _name, looks: 3 if looks >= rounds else 2)
    ids = [job_id(n) for n in range(1000)]
    results = both.run(vendor, lambda client: client.wait_all(ids))
    assert len(results) == 1000
    assert vendor.polls <= rounds * 10
    assert set(vendor.looks.values()) == {rounds}


def test_results_come_in_the_order_of_the_jobs_and_failures_as_soon_as_they_are_known(both):
    ends = {job_id(1): 3, job_id(2): 4, job_id(3): 2}
    vendor = Vendor(statuses=lambda name, _looks: ends[name])

    async def scenario(client):
        with pytest.raises(JobFailed):
            await client.wait_all(list(ends))
        assert both.clock.passed == 0  # the third was not waited for
        outcomes = await client.wait_all(list(ends), timeout=5, return_errors=True)
        assert [type(outcome).__name__.removeprefix("Async") for outcome in outcomes] == [
            "JobResult" if both.kind == "async" else type(outcomes[0]).__name__,
            "JobFailed",
            "JobTimeout",
        ]
        with pytest.raises(JobTimeout) as caught:
            await client.wait_all([job_id(1), job_id(3)], timeout=5)
        assert caught.value.pending == (job_id(3),)

    both.run(vendor, scenario)


def test_jobs_come_as_they_are_completed(both):
    vendor = Vendor(statuses=lambda name, looks: 3 if looks >= int(name[-1], 16) else 1)

    async def scenario(client):
        ids = [job_id(n) for n in (3, 1, 2)]
        done = [job.id async for job in client.as_completed([client.job(i) for i in ids])]
        assert done == [job_id(1), job_id(2), job_id(3)]

    both.run(vendor, scenario)


def test_nothing_to_wait_for_takes_no_request(both, vendor):
    async def scenario(client):
        assert await client.wait_all([]) == []
        assert await client.results([]) == []
        assert [job async for job in client.as_completed([])] == []
        await client.delete([])

    both.run(vendor, scenario)
    assert vendor.requests == []


def test_the_same_id_twice_is_watched_once(both):
    vendor = Vendor(statuses=statuses(1, 3))

    async def scenario(client):
        results = await client.wait_all([ID, f" {ID}\n", client.job(ID)])
        assert [result.id for result in results] == [ID] * 3
        assert [state.id for state in await client.results([ID, ID])] == [ID]

    both.run(vendor, scenario)
    assert all(r.url.params["_ids"] == ID for r in vendor.sent("/listbyids"))


@pytest.mark.parametrize(
    "wrong", ["", " ", "a,b", "a b", None, 7, "é", "x" * 201, "../x", b"bytes"]
)
def test_what_cannot_be_an_id_is_refused_before_anything_is_sent(both, vendor, wrong):
    async def scenario(client):
        for call in (
            lambda: client.job(wrong),
            lambda: client.results([wrong]),
            lambda: client.delete([ID, wrong]),
            lambda: client.wait_all([wrong]),
        ):
            with pytest.raises(InvalidRequestError):
                await call()

    both.run(vendor, scenario)
    assert vendor.requests == []


@pytest.mark.parametrize("wrong", [ID, b"x", None, 7])
def test_one_id_is_not_a_list_of_ids(both, vendor, wrong):
    for method in ("results", "delete", "wait_all"):
        with pytest.raises(InvalidRequestError, match="list"):
            both.run(vendor, lambda client, name=method: getattr(client, name)(wrong))
    assert vendor.requests == []


def test_a_job_of_another_client_is_refused(vendor):
    transport = httpx2.MockTransport(vendor)
    one, other = FaceSwap(API_KEY, transport=transport), FaceSwap(API_KEY)
    with one, other, pytest.raises(InvalidRequestError, match="another client"):
        one.wait_all([other.job(ID)])


def test_results_and_deletions_of_many_ids_go_in_chunks(both):
    vendor = Vendor(statuses=statuses(3))

    async def scenario(client):
        ids = [job_id(n) for n in range(250)]
        states = await client.results(ids)
        assert [state.id for state in states] == ids
        await client.delete(ids)

    both.run(vendor, scenario)
    assert (vendor.polls, len(vendor.sent("/delbyids"))) == (3, 3)


# Many waiters at once.


class PatientClock(FakeClock):
    """Time stands still until so many jobs are watched."""

    def __init__(self, poller, jobs):
        super().__init__()
        self.poller, self.jobs = poller, jobs

    def wait(self, condition, seconds):
        schedule = self.poller().schedule
        if self.passed == 0:
            assert condition.wait_for(lambda: len(schedule._jobs) >= self.jobs, timeout=30)
        self.sleep(seconds)


def test_waiting_threads_share_one_poller():
    vendor = Vendor(statuses=lambda _name, looks: 3 if looks >= 4 else 1)
    results = []
    clients = []
    clock = PatientClock(lambda: clients[0]._engine.poller, jobs=20)
    with FaceSwap(API_KEY, transport=httpx2.MockTransport(vendor), clock=clock) as client:
        clients.append(client)

        def work(number):
            results.append(client.job(job_id(number)).wait().id)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert sorted(results) == [job_id(n) for n in range(20)]
    assert max(vendor.looks.values()) <= 5
    # First looks come as the threads do; every round after them takes one request.
    assert vendor.polls <= 20 + 5


def test_a_callback_that_dawdles_does_not_hold_up_the_other_waiters():
    vendor = Vendor(statuses=statuses(1, 2, 3))
    entered, release = threading.Event(), threading.Event()

    def dawdle(_state):
        entered.set()
        assert release.wait(30)

    transport = httpx2.MockTransport(vendor)
    with FaceSwap(API_KEY, transport=transport, clock=FakeClock()) as client:
        slow = threading.Thread(target=lambda: client.job(job_id(1)).wait(on_update=dawdle))
        slow.start()
        assert entered.wait(30)
        assert client.job(job_id(2)).wait().id == job_id(2)
        release.set()
        slow.join(30)


def test_ten_thousand_waits_in_one_process():
    vendor = Vendor(statuses=lambda _name, looks: 3 if looks >= 5 else 1)

    async def main(_loop, clock):
        async with AsyncFaceSwap(
            API_KEY, transport=httpx2.MockTransport(vendor), clock=clock
        ) as client:
            jobs = [client.job(job_id(n)) for n in range(10_000)]
            results = await asyncio.gather(*(job.wait() for job in jobs))
            return Counter(result.state.status for result in results)

    assert virtual(main) == {JobStatus.SUCCESS: 10_000}
    # Tasks join while the first round is under way: one more chunk at most.
    assert vendor.polls <= 5 * 101
    assert set(vendor.looks.values()) == {5}


def test_a_cancelled_waiter_hands_the_lead_to_the_next():
    vendor = Vendor(statuses=lambda _name, looks: 3 if looks >= 3 else 1)

    async def main(_loop, clock):
        transport = httpx2.MockTransport(vendor)
        async with AsyncFaceSwap(API_KEY, transport=transport, clock=clock) as client:
            waits = [asyncio.create_task(client.job(job_id(n)).wait()) for n in range(4)]
            await asyncio.sleep(0.5)
            waits[0].cancel()
            waits[2].cancel()
            return await asyncio.gather(*waits, return_exceptions=True)

    outcomes = virtual(main)
    assert [isinstance(outcome, asyncio.CancelledError) for outcome in outcomes] == [
        True,
        False,
        True,
        False,
    ]
    assert max(vendor.looks[job_id(n)] for n in (0, 2)) == 1


def test_an_interrupted_leader_gives_its_look_to_the_next():
    vendor = Vendor(statuses=statuses(3))
    vendor.script.append(lambda _request: (_ for _ in ()).throw(KeyboardInterrupt()))
    transport = httpx2.MockTransport(vendor)
    with FaceSwap(API_KEY, transport=transport, clock=FakeClock()) as client:
        with pytest.raises(KeyboardInterrupt):
            client.job(ID).wait()
        assert client.job(ID).wait().id == ID


def test_closing_the_client_wakes_whoever_waits():
    vendor = Vendor(statuses=statuses(1))

    async def main(_loop, clock):
        client = AsyncFaceSwap(API_KEY, transport=httpx2.MockTransport(vendor), clock=clock)
        waits = [asyncio.create_task(client.job(job_id(n)).wait(timeout=None)) for n in range(3)]
        await asyncio.sleep(100)
        await client.close()
        await client.close()
        outcomes = await asyncio.gather(*waits, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {ClientClosedError}
        for call in (client.credit, client.job(ID).wait, client.job(ID).status):
            with pytest.raises(ClientClosedError):
                await call()

    virtual(main)


def test_closing_the_client_wakes_waiting_threads():
    vendor = Vendor(statuses=statuses(1))
    client = FaceSwap(API_KEY, transport=httpx2.MockTransport(vendor))
    errors = []

    def work(number):
        try:
            client.job(job_id(number)).wait()
        except ClientClosedError as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    while not vendor.looks.total() >= 3:
        threading.Event().wait(0.001)
    client.close()
    for thread in threads:
        thread.join(30)
    assert len(errors) == 3
    with pytest.raises(ClientClosedError):
        client.credit()


@pytest.mark.parametrize("kind", [FaceSwap, AsyncFaceSwap])
def test_a_call_that_meets_the_closing_half_way_opens_nothing_that_stays_open(kind):
    client = kind(API_KEY)
    closed = client.close()
    if closed is not None:
        asyncio.run(closed)
    with pytest.raises(ClientClosedError):
        client._engine.http()  # what a thread does that was let in just before
    assert client._engine._own is None


def test_updates_that_nobody_reads_to_the_end_are_not_looked_for_any_more():
    vendor = Vendor(statuses=statuses(1, 2, 3))
    transport = httpx2.MockTransport(vendor)
    with FaceSwap(API_KEY, transport=transport, clock=FakeClock()) as client:
        for state in client.job(ID).updates():
            assert state.status is JobStatus.IN_QUEUE
            break
        assert client.job(job_id(2)).wait().id == job_id(2)
    assert vendor.looks[ID] == 1


def test_a_forgotten_client_is_freed():
    client = FaceSwap(API_KEY, transport=httpx2.MockTransport(Vendor()), clock=FakeClock())
    client.job(ID).wait()
    client.close()
    gone = weakref.ref(client._engine)
    del client
    gc.collect()
    assert gone() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_process_speaks_on_a_connection_of_its_own():
    client = FaceSwap(API_KEY, base_url="http://127.0.0.1:1")
    parents = client._engine.http()
    lock = client._engine.poller._lock
    lock.acquire()  # as if another thread were at work
    child = os.fork()
    if child == 0:
        fresh = client._engine.http() is not parents
        usable = client._engine.poller._lock.acquire(timeout=1)
        os._exit(0 if fresh and usable else 1)
    lock.release()
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    client.close()


# Conveniences.


def test_detect_and_swap_sends_the_landmarks_that_were_found(both, vendor):
    job = both.run(vendor, lambda client: client.detect_and_swap(FACE, IMAGE))
    assert job.id == job_id(1)
    assert vendor.body == {
        "sourceImage": [{"path": FACE, "opts": OPTS}],
        "targetImage": [{"path": IMAGE, "opts": OPTS}],
        "modifyImage": IMAGE,
        "face_enhance": 0,
    }
    assert vendor.posts == 1


@pytest.mark.parametrize(
    ("face", "says"),
    [
        (DetectedFace(0, OPTS), "given as a URL"),
        (DetectedFace(0, None, media_url=IMAGE), "no landmarks"),
    ],
)
def test_a_detected_face_that_cannot_be_swapped_says_why(face, says):
    with pytest.raises(InvalidRequestError, match=says):
        face.as_face()


def test_the_faces_of_a_video_are_found_by_frame(both, vendor):
    frame = {"landmarks": [], "landmarks_str": [OPTS], "region": []}
    frames = {"0": frame, "10": {**frame, "landmarks_str": [OPTS, OPTS]}}
    vendor.script.append(
        httpx2.Response(200, json={"error_code": 0, "error_msg": "", "faces_obj": frames})
    )
    found = both.run(vendor, lambda client: client.detect_faces(IMAGE))
    assert [len(found.in_frame(n)) for n in (0, 5, 10)] == [1, 0, 2]


@pytest.mark.parametrize(
    ("name", "said", "read"),
    [
        (ID, "2024-01-02T03:04:05.678Z", "2024-01-02T03:04:05.678000+00:00"),
        (ID, "2024-01-02T03:04:05", "2024-01-02T03:04:05+00:00"),
        (ID, "2024-01-02T05:04:05+02:00", "2024-01-02T03:04:05+00:00"),
        (ID, "yesterday", "2023-11-14T22:13:20+00:00"),  # from the id itself
        (ID, None, "2023-11-14T22:13:20+00:00"),
        (ID, "9999-12-31T23:59:59Z", "2023-11-14T22:13:20+00:00"),
        ("zz" * 12, None, None),
        ("a1", "", None),
    ],
)
def test_the_time_of_creation_is_read_from_whatever_is_there(both, name, said, read):
    def server(_request):
        return ok({"result": [item(name, 3, createdAt=said)]})

    (state,) = both.run(server, lambda client: client.results([name]))
    assert (state.created_at and state.created_at.isoformat()) == read
    assert (state.expires_at is None) == (read is None)


def test_detect_and_swap_spends_nothing_when_the_faces_do_not_fit(both, vendor):
    for arguments in ({"source": [FACE, FACE]}, {"source": FACE, "faces": [1]}, {"source": []}):
        with pytest.raises(InvalidRequestError):
            both.run(vendor, lambda c, a=arguments: c.detect_and_swap(image=IMAGE, **a))
    assert vendor.posts == 0


CROP_OPTS = "90,85:150,88:120,130:120,165"
VIDEO = "https://videos.example/clip.mp4"


def frames(*faces_per_frame):
    """Detection's answer: so many faces in each frame, each with a crop."""
    return {
        "error_code": 0, "error_msg": "SUCCESS",
        "faces_obj": {
            str(n): {
                "landmarks_str": [OPTS] * count,
                "face_urls": [f"https://crops.test/{n}-{face}.jpg" for face in range(count)],
                "crop_landmarks": [CROP_OPTS] * count,
            }
            for n, count in enumerate(faces_per_frame)
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sources", "faces", "crops"),
    [
        (2, None, ["1-0", "1-1"]),  # the first frame that shows two
        (1, None, ["2-0"]),
        (2, [5, 1], ["2-0", "0-1"]),
        (4, None, None),
        (1, [6], None),
        (1, [0, 1], None),
    ],
)
def test_faces_of_a_video_are_replaced_by_their_crops(both, sources, faces, crops):
    asked = []

    def vendor(request):
        asked.append(json.loads(request.content))
        shown = (3, 2, 1) if asked[-1]["url"] == VIDEO else (1,)
        return httpx2.Response(200, json=frames(*shown))

    async def scenario(client):
        return await client.detect_pairs([FACE] * sources, video=VIDEO, faces=faces, frames=7)

    if crops is None:
        with pytest.raises(InvalidRequestError, match="faces"):
            both.run(vendor, scenario)
        return
    new, old = both.run(vendor, scenario)
    assert new == [Face(FACE, OPTS)] * sources
    assert old == [Face(f"https://crops.test/{crop}.jpg", CROP_OPTS) for crop in crops]
    assert (asked[0]["num_frames"], asked[0]["return_face_url"]) == (7, True)


@pytest.mark.parametrize("media", [{}, {"image": IMAGE, "video": VIDEO}])
def test_faces_are_paired_in_one_image_or_one_video(both, vendor, media):
    with pytest.raises(InvalidRequestError, match="either an image or a video"):
        both.run(vendor, lambda client: client.detect_pairs(FACE, **media))
    assert not vendor.posts


def test_a_detected_face_is_a_face_to_swap(both, vendor):
    async def scenario(client):
        for found in (await client.detect_faces(IMAGE), await client.detect_faces_legacy(IMAGE)):
            (face,) = found.faces
            assert face.as_face() == Face(IMAGE, OPTS)
            assert face.bbox == (80, 50, 230, 230)
            with pytest.raises(InvalidRequestError, match="return_face_url"):
                face.as_crop()

    both.run(vendor, scenario)


def test_a_webhook_is_confirmed_by_asking_the_api(vendor):
    vendor.statuses = statuses(3)
    pair = {"client_id": "MDEyMzQ1Njc4OWFiY2RlZg==", "client_secret": API_KEY}
    transport = httpx2.MockTransport(vendor)
    with FaceSwap(API_KEY, transport=transport, clock=FakeClock()) as client:

        def deliver(status):
            event = {"_id": ID, "status": status, "type": "faceswap", "url": "https://evil.example"}
            body = webhooks.wrap(event, **pair, timestamp_ms=0, nonce="1")
            return webhooks.unwrap(body, **pair, tolerance_ms=None, confirm=client.confirm)

        event = deliver(3)
        assert event.confirmed
        assert event.url == f"https://cdn.example/final_{ID}.jpg"  # the API's, not the delivery's
        assert deliver(2).url is None
        with pytest.raises(WebhookUnconfirmedError, match="FAILED"):
            deliver(4)
        vendor.statuses = statuses(None)
        with pytest.raises(WebhookUnconfirmedError, match="not listed"):
            deliver(3)


def test_a_job_says_what_it_is_and_keeps_the_raw_answer(both, vendor):
    async def scenario(client):
        job = await client.swap_image(FACE, FACE, IMAGE)
        result = await job.wait()
        return job.raw, result

    raw, result = both.run(vendor, scenario)
    assert b'"job_id"' in raw.body
    state = result.real.state if both.kind == "sync" else result.state
    assert state.raw["uid"] == 1
    with FaceSwap(API_KEY) as client:
        assert repr(client.job(ID)) == f"<Job {ID}>"
