"""Credentials: from where, fetched once for all, renewed once, shown never, sent nowhere else."""

import asyncio
import logging
import pickle
import threading

import httpx2
import pytest
from tests.client.conftest import API_KEY, CLIENT_ID, FACE, IMAGE, FakeClock, Vendor, refusal

from akool_faceswap import (
    AkoolError,
    AsyncFaceSwap,
    FaceSwap,
    InvalidAuthorizationError,
    SubmissionUncertain,
)
from akool_faceswap._core.call import Credential
from akool_faceswap._core.credentials import Config, TokenBox

SECRET = "client-secret-0123456789abcdef01"
PAIR = {"client_id": CLIENT_ID, "client_secret": SECRET}
EXPIRED = {"code": 1101, "msg": f"token expired for {SECRET}", "data": None}


def test_an_api_key_is_sent_as_it_is_and_no_token_is_fetched(both, vendor):
    both.run(vendor, lambda client: client.credit())
    assert [request.headers["x-api-key"] for request in vendor.requests] == [API_KEY]
    assert "authorization" not in vendor.requests[0].headers


def test_a_pair_is_changed_for_a_token_at_first_use_and_kept(both, vendor):
    async def scenario(client):
        assert vendor.requests == []
        await client.credit()
        await client.swap_image(FACE, FACE, IMAGE)

    both.run(vendor, scenario, **PAIR)
    assert vendor.tokens == 1
    assert vendor.requests[0].read() == (
        f'{{"clientId":"{CLIENT_ID}","clientSecret":"{SECRET}"}}'.encode()
    )
    assert "authorization" not in vendor.requests[0].headers
    for request in vendor.requests[1:]:
        assert request.headers["authorization"] == f"Bearer {vendor.token}"
        assert "x-api-key" not in request.headers


def test_an_expired_token_is_renewed_and_even_a_submit_is_repeated_once(both, vendor):
    async def scenario(client):
        await client.credit()
        vendor.token = "token-2-abcdefghijkl"
        vendor.script.append(httpx2.Response(200, json=EXPIRED))
        return await client.swap_image(FACE, FACE, IMAGE)

    both.run(vendor, scenario, **PAIR)
    assert (vendor.tokens, vendor.posts, vendor.submitted) == (2, 2, 1)
    assert vendor.requests[-1].headers["authorization"] == "Bearer token-2-abcdefghijkl"
    assert both.clock.slept == []


@pytest.mark.parametrize("answer", [(200, EXPIRED), (401, EXPIRED), (401, None)])
def test_a_token_is_renewed_exactly_once(both, vendor, answer):
    async def scenario(client):
        await client.credit()
        status, body = answer
        vendor.script.append(httpx2.Response(status, json=body))
        vendor.script.append(httpx2.Response(200, json={"code": 1000, "token": "t2"}))
        vendor.script.append(httpx2.Response(status, json=body))
        with pytest.raises(InvalidAuthorizationError):
            await client.credit()

    both.run(vendor, scenario, **PAIR)
    assert len(vendor.sent("/getToken")) == 2
    assert len(vendor.sent("/info")) == 3


def test_a_key_that_is_not_accepted_is_not_tried_again(both, vendor):
    vendor.script.append(refusal(1101))
    with pytest.raises(InvalidAuthorizationError) as caught:
        both.run(vendor, lambda client: client.credit())
    assert len(vendor.requests) == 1
    assert caught.value.operation == "getCredit"


def test_a_refused_pair_names_the_operation_that_refused(both, vendor):
    vendor.script.append(refusal(1101, f"no such {SECRET}"))
    with pytest.raises(InvalidAuthorizationError) as caught:
        both.run(vendor, lambda client: client.swap_image(FACE, FACE, IMAGE), **PAIR)
    assert caught.value.operation == "getToken"
    assert (caught.value.msg, vendor.posts) == ("no such [secret]", 0)


def test_a_submit_is_not_uncertain_when_only_the_token_is(both, vendor):
    vendor.script.extend([httpx2.ReadTimeout("")] * 9)
    with pytest.raises(AkoolError) as caught:
        both.run(vendor, lambda client: client.swap_image(FACE, FACE, IMAGE), **PAIR)
    assert not isinstance(caught.value, SubmissionUncertain)
    assert vendor.posts == 0


def test_threads_share_one_fetch():
    vendor = Vendor()
    gate = threading.Barrier(8)
    with FaceSwap(**PAIR, transport=httpx2.MockTransport(vendor), clock=FakeClock()) as client:

        def work():
            gate.wait()
            client.credit()

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (vendor.tokens, len(vendor.sent("/info"))) == (1, 8)


def test_tasks_share_one_fetch_one_renewal_and_one_failure():
    vendor = Vendor()
    accepted = {"t1"}
    fetched = []

    async def answer(request):
        vendor.requests.append(request)
        await asyncio.sleep(0)
        if request.url.path.endswith("/getToken"):
            fetched.append(1)
            if len(fetched) == 3:
                return refusal(1200)
            return httpx2.Response(200, json={"code": 1000, "token": f"t{len(fetched)}"})
        if request.headers["authorization"].removeprefix("Bearer ") not in accepted:
            return refusal(1101)
        return httpx2.Response(200, json={"code": 1000, "msg": "", "data": {"credit": 1}})

    async def main():
        async with AsyncFaceSwap(**PAIR, transport=httpx2.MockTransport(answer)) as client:
            calls = [client.credit() for _ in range(8)]
            assert await asyncio.gather(*calls) == [1] * 8
            assert len(fetched) == 1
            accepted.clear()
            accepted.add("t2")
            assert await asyncio.gather(*(client.credit() for _ in range(8))) == [1] * 8
            assert len(fetched) == 2
            accepted.clear()
            failed = await asyncio.gather(
                *(client.credit() for _ in range(8)), return_exceptions=True
            )
            assert {type(error).__name__ for error in failed} == {"AccountBannedError"}
            assert len(fetched) == 3

    asyncio.run(main())


def test_a_cancelled_fetch_leaves_the_turn_to_the_next():
    started = asyncio.Event()

    async def answer(request):
        if request.url.path.endswith("/getToken"):
            if not started.is_set():
                started.set()
                await asyncio.sleep(3600)
            return httpx2.Response(200, json={"code": 1000, "token": "t"})
        return httpx2.Response(200, json={"code": 1000, "msg": "", "data": {"credit": 1}})

    async def main():
        async with AsyncFaceSwap(**PAIR, transport=httpx2.MockTransport(answer)) as client:
            first = asyncio.create_task(client.credit())
            await started.wait()
            second = asyncio.create_task(client.credit())
            await asyncio.sleep(0)
            first.cancel()
            assert await second == 1

    asyncio.run(main())


def test_a_key_is_all_that_is_needed():
    box = TokenBox(Config(API_KEY, "me", "secret", None))
    assert box.fixed == box.current(box.fixed) == Credential("x-api-key", API_KEY)
    assert box.secret is None


def test_a_token_is_current_until_it_is_stale():
    box = TokenBox(Config(None, "me", "secret", None))
    assert (box.fixed, box.current(None), box.secret) == (None, None, None)
    token = box.store("t1")
    assert token == Credential("authorization", "Bearer t1", renewable=True)
    assert (box.current(None), box.current(token), box.secret) == (token, None, "t1")
    assert box.after_queueing(None, box.mark()) is token


def test_a_fetch_that_failed_is_told_to_those_who_queued_and_not_to_the_next():
    box, error = TokenBox(Config(None, "me", "secret", None)), AkoolError("no")
    mark = box.mark()
    with pytest.raises(AkoolError), box.fetching():
        raise error
    with pytest.raises(AkoolError) as caught:
        box.after_queueing(None, mark)
    # Raised in many places, one error would gather the traces of all.
    assert caught.value is not error
    assert caught.value.args == error.args
    assert box.after_queueing(None, box.mark()) is None
    with pytest.raises(KeyError), box.fetching():
        raise KeyError
    assert box.after_queueing(None, box.mark()) is None


def test_a_base_url_serves_every_operation_and_without_it_each_has_its_own(both):
    vendor = Vendor()

    async def scenario(client):
        await client.credit()
        await client.detect_faces(IMAGE)
        await client.detect_faces_legacy(IMAGE)

    both.run(vendor, scenario)
    assert [request.url.host for request in vendor.requests] == [
        "openapi.akool.com",
        "openapi.akool.com",
        "sg3.akool.com",
    ]
    vendor.requests.clear()
    both.run(vendor, scenario, base_url="http://127.0.0.1:1/proxy/")
    assert {request.url.host for request in vendor.requests} == {"127.0.0.1"}
    assert all(request.url.path.startswith("/proxy/") for request in vendor.requests)


def test_a_redirect_is_not_followed_so_that_no_credential_goes_elsewhere(both, vendor):
    vendor.script.append(httpx2.Response(307, headers={"location": "https://evil.example/"}))
    with pytest.raises(SubmissionUncertain, match="307"):
        both.run(vendor, lambda client: client.swap_image(FACE, FACE, IMAGE))
    assert len(vendor.requests) == 1


def test_a_users_own_client_is_not_closed_nor_its_settings_mixed_in(both, vendor, tmp_path):
    kind = httpx2.Client if both.kind == "sync" else httpx2.AsyncClient
    own = kind(
        transport=httpx2.MockTransport(vendor),
        headers={"authorization": "Bearer other", "x-api-key": "other", "cookie": "a=b"},
        auth=("user", "password"),
        follow_redirects=True,
        base_url="https://elsewhere.example",
    )

    async def scenario(client):
        await client.credit()
        job = await client.swap_image(FACE, FACE, IMAGE)
        await (await job.wait()).save(tmp_path / "x.jpg")

    both.run(vendor, scenario, http_client=own)
    assert not own.is_closed
    for request in vendor.requests:
        assert "authorization" not in request.headers
        assert "cookie" not in request.headers
    assert {r.headers.get("x-api-key") for r in vendor.requests[:-1]} == {API_KEY}
    assert vendor.requests[-1].url.host == "cdn.example"
    assert "x-api-key" not in vendor.requests[-1].headers


def test_no_secret_shows_in_reprs_errors_logs_or_hooks(both, vendor, caplog):
    attempts = []
    texts = []

    async def scenario(client):
        texts.append(repr(client))
        await client.credit()
        vendor.script.append(refusal(1006, f"{SECRET} {vendor.token} has no quota"))
        try:
            await client.swap_image(FACE, FACE, IMAGE)
        except AkoolError as error:
            texts.extend([str(error), repr(error), str(error.msg), str(vars(error))])
            texts.append(str(pickle.loads(pickle.dumps(error))))  # noqa: S301 - our own

    with caplog.at_level(logging.DEBUG, "akool_faceswap"):
        both.run(vendor, scenario, on_attempt=attempts.append, **PAIR)
    everything = "\n".join([*texts, caplog.text, repr(attempts)])
    assert len(attempts) == 3
    assert "getToken" in everything
    for secret in (SECRET, vendor.token):
        assert secret not in everything
