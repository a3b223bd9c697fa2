"""Money is never spent twice: how many paid requests arrive, for each fault, on the simulator.

Unknown outcome: exactly one, and `SubmissionUncertain`. Never delivered, or rejected without work:
repeated.
"""

import asyncio
from collections import deque

import httpx2
import pytest
from tests.client.conftest import API_KEY, FACE, IMAGE, START, Vendor, refusal

from akool_faceswap import (
    AsyncFaceSwap,
    FaceSwap,
    InvalidRequestError,
    NotDeliveredError,
    RateLimitedError,
    SubmissionUncertain,
    UnknownCodeError,
)
from akool_mock import Clock, MockServer, Rule

SUBMITS = {
    "swapImage": lambda client: client.swap_image(FACE, FACE, IMAGE),
    "swapVideo": lambda client: client.swap_video(FACE, FACE, IMAGE),
    "swapImagePro": lambda client: client.swap_image_pro(FACE, IMAGE),
    "swapPlus": lambda client: client.swap_plus(FACE, IMAGE),
}
UNKNOWN = {
    "slow answer": "latency=999000",
    "reset before the work": "reset=before",
    "reset after the work": "reset=after",
    "500 before the work": "http=500",
    "502 before the work": "http=502",
    "503 before the work": "http=503",
    "504 before the work": "http=504",
    "520, which no registry knows": "http=520",
    "408": "http=408",
    "redirect": "http=302",
    "500 after the work": "http-after=500",
    "504 after the work": "http-after=504",
    "answer cut short": "body=truncated",
    "answer that is no JSON": "body=malformed",
    "empty answer": "body=empty",
}
REJECTED = {
    "1003": ("code=1003", 1),
    "1006": ("code=1006", 1),
    "1007": ("code=1007", 1),
    "1101 with a key": ("code=1101", 1),
    "1200": ("code=1200", 1),
    "2001": ("code=2001", 1),
    "400": ("http=400", 1),
    "403": ("http=403", 1),
    "1005, again and again": ("code=1005", 4),
    "429, again and again": ("http=429", 4),
}


@pytest.fixture
def mock():
    with MockServer(clock=Clock(START, frozen=True)) as server:
        yield server


def submit(mock, kind, operation):
    """The exception of one submit, or None."""
    if kind == "sync":
        with FaceSwap(mock.api_key, transport=mock.transport, clock=mock.clock) as client:
            return outcome_of(lambda: SUBMITS[operation](client))

    async def main():
        clock = mock.clock.for_async
        transport = mock.async_transport
        async with AsyncFaceSwap(mock.api_key, transport=transport, clock=clock) as client:
            try:
                await SUBMITS[operation](client)
            except Exception as error:  # noqa: BLE001 - the table's subject
                return error
        return None

    return asyncio.run(main())


def outcome_of(call):
    try:
        call()
    except Exception as error:  # noqa: BLE001 - the table's subject
        return error
    return None


def arrived(mock, operation):
    return sum(entry.operation == operation for entry in mock.simulator.journal.entries)


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("operation", SUBMITS)
@pytest.mark.parametrize("fault", UNKNOWN)
def test_a_submit_of_unknown_outcome_is_sent_exactly_once(mock, kind, operation, fault):
    mock.simulator.add_fault(Rule(UNKNOWN[fault], operation=operation))
    error = submit(mock, kind, operation)
    assert isinstance(error, SubmissionUncertain), error
    assert arrived(mock, operation) == 1
    assert error.operation == operation
    assert error.request
    assert "credit()" in str(error)


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("operation", SUBMITS)
@pytest.mark.parametrize("fault", REJECTED)
def test_a_rejected_submit_is_repeated_only_when_the_server_was_busy(mock, kind, operation, fault):
    directive, times = REJECTED[fault]
    mock.simulator.add_fault(Rule(directive, operation=operation))
    error = submit(mock, kind, operation)
    assert error is not None
    assert not isinstance(error, SubmissionUncertain), error
    assert arrived(mock, operation) == times
    assert error.attempt == times


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("operation", SUBMITS)
def test_a_submit_that_was_busy_once_is_accepted_once(mock, kind, operation):
    mock.simulator.add_fault(Rule("code=1005", operation=operation, times=1))
    assert submit(mock, kind, operation) is None
    assert arrived(mock, operation) == 2
    assert len(mock.simulator.jobs) == 1


@pytest.mark.parametrize(
    "failure",
    [
        httpx2.ConnectError("refused"),
        httpx2.ConnectTimeout("no route"),
        httpx2.PoolTimeout("no connection free"),
        httpx2.ProxyError("proxy says no"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_a_submit_that_never_left_is_sent_again(both, failure):
    vendor = Vendor(script=deque([failure, failure]))
    job = both.run(vendor, lambda client: client.swap_image(FACE, FACE, IMAGE))
    assert job.id
    assert vendor.submitted == 1
    vendor = Vendor(script=deque([failure] * 9))
    with pytest.raises(NotDeliveredError) as caught:
        both.run(vendor, lambda client: client.swap_image(FACE, FACE, IMAGE))
    assert (vendor.posts, vendor.submitted, caught.value.attempt) == (4, 0, 4)


@pytest.mark.parametrize(
    "failure",
    [
        httpx2.ReadTimeout(""),
        httpx2.WriteTimeout(""),
        httpx2.ReadError("reset"),
        httpx2.WriteError("broken pipe"),
        httpx2.RemoteProtocolError("server disconnected"),
        httpx2.LocalProtocolError("state"),
        httpx2.DecodingError("gzip"),
        OSError("anything"),
        TimeoutError("of a transport of somebody's own"),
        RuntimeError("a transport of somebody's own"),
        KeyError("a bug in it"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_any_failure_after_the_connection_is_of_unknown_outcome(both, failure, vendor):
    vendor.script.append(failure)
    with pytest.raises(SubmissionUncertain) as caught:
        both.run(vendor, lambda client: client.swap_image(FACE, FACE, IMAGE))
    assert vendor.posts == 1
    assert type(failure).__name__ in str(caught.value)
    assert caught.value.request["modifyImage"] == IMAGE


def test_an_accepted_submit_without_an_id_is_of_unknown_outcome(both, vendor):
    for data in [
        None,
        {},
        {"_id": None},
        {"_id": 7.5},
        {"_id": True},
        {"_id": ""},
        {"_id": "a,b"},
        [],
    ]:
        vendor.script.append(httpx2.Response(200, json={"code": 1000, "msg": "OK", "data": data}))
        with pytest.raises(SubmissionUncertain):
            both.run(vendor, lambda client: client.swap_image(FACE, FACE, IMAGE))
    assert vendor.posts == 8


def test_a_server_that_fails_with_a_business_code_may_have_begun(both, vendor):
    vendor.script.append(refusal(1003, status=500))
    with pytest.raises(SubmissionUncertain) as caught:
        both.run(vendor, lambda client: client.swap_image(FACE, FACE, IMAGE))
    assert (caught.value.code, caught.value.http_status) == (1003, 500)


@pytest.mark.parametrize(
    ("header", "pause"),
    [("7", 7.0), ("99999", 60.0), ("Tue, 14 Nov 2023 22:13:30 GMT", 10.0), ("soon", None)],
)
def test_a_busy_server_says_when_to_come_back_and_is_believed_up_to_a_minute(both, header, pause):
    vendor = Vendor()
    vendor.script.append(refusal(1005, status=429, **{"retry-after": header}))
    both.run(vendor, lambda client: client.swap_image(FACE, FACE, IMAGE), timeout=120)
    assert both.clock.slept == [pause or 0.5 * (1 - 0.25 * 0.5)]


def test_a_pause_beyond_the_deadline_is_not_begun(both, vendor):
    vendor.script.extend([refusal(1005, status=429, **{"retry-after": "50"})] * 4)
    with pytest.raises(RateLimitedError):
        both.run(vendor, lambda client: client.swap_image(FACE, FACE, IMAGE, timeout=30))
    assert (vendor.posts, both.clock.slept) == (1, [])


def test_rules_are_checked_before_anything_is_sent(both, vendor):
    for wrong in (
        lambda client: client.swap_image([FACE, FACE], [FACE, FACE], IMAGE),
        lambda client: client.swap_image([FACE, FACE], FACE, IMAGE),
        lambda client: client.swap_image([], [], IMAGE),
        lambda client: client.swap_video(FACE, FACE, "file:///etc/passwd"),
        lambda client: client.swap_image_pro([FACE, FACE], [FACE]),
        lambda client: client.swap_plus(FACE, IMAGE, mapping=[]),
        lambda client: client.swap_plus(FACE, IMAGE, model_style="cubist"),
        lambda client: client.swap_image(FACE, FACE, IMAGE, face_enhance=7),
        lambda client: client.swap_image(FACE, FACE, IMAGE, webhook_url="here"),
        lambda client: client.swap_image(FACE, FACE, IMAGE, timeout="soon"),
    ):
        with pytest.raises(InvalidRequestError):
            both.run(vendor, wrong)
    assert vendor.requests == []


def test_a_code_nobody_documented_is_a_refusal(both, vendor):
    vendor.script.append(refusal(7777, "what is this"))
    with pytest.raises(UnknownCodeError, match="what is this") as caught:
        both.run(vendor, lambda client: client.swap_image(FACE, FACE, IMAGE))
    assert (vendor.posts, caught.value.code) == (1, 7777)


class Hanging(httpx2.AsyncBaseTransport):
    """A transport of the caller's: takes the whole request in its own way, and never answers."""

    taken = 0

    async def handle_async_request(self, request):
        assert request.content
        self.taken += 1
        await asyncio.get_running_loop().create_future()


def test_a_transport_of_the_callers_that_hangs_leaves_the_outcome_open():
    transport = Hanging()

    async def main():
        async with AsyncFaceSwap(API_KEY, transport=transport) as client:
            with pytest.raises(SubmissionUncertain):
                await client.swap_image(FACE, FACE, IMAGE, timeout=0.05)

    asyncio.run(main())
    assert transport.taken == 1
