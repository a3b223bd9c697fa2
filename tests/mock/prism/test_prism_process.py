"""Prism as a process: it starts, reloads and ends as told, whatever the machine does around it."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import httpx2
import pytest

from akool_mock.prism import ContractRefused, Prism, PrismError, PrismFailed

pytestmark = [
    pytest.mark.node,
    pytest.mark.xdist_group("prism"),
    pytest.mark.usefixtures("installed"),
]

NEW_OPERATION = {"get": {"security": [], "responses": {"200": {"description": "ok"}}}}


class Upstream(Protocol):
    url: str
    seen: list[tuple[str, str, bytes]]


def gone(pid: int, timeout_s: float = 20) -> bool:
    """Whether a process, not necessarily a child, ends in time: the kernel tells."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], timeout_s)[0])
    finally:
        os.close(handle)


@pytest.fixture(scope="module")
def own(installed: type[Prism], contract: dict[str, object]) -> Iterator[Prism]:
    """One that the tests of this file may reload."""
    with installed(contract) as running:
        yield running


def test_it_answers_as_soon_as_start_returns(prism: Prism, http: httpx2.Client) -> None:
    answer = http.get(prism.url + "/jobs", params={"ids": "a"})
    assert (answer.status_code, answer.json()) == (200, {"code": 1000})
    assert prism.mode == "mock"


def test_it_refuses_what_breaks_the_contract(prism: Prism, http: httpx2.Client) -> None:
    assert http.post(prism.url + "/jobs", json={"url": "no address"}).status_code == 422
    assert http.get(prism.url + "/jobs").status_code == 422


def test_malformed_json_is_answered(prism: Prism, http: httpx2.Client) -> None:
    answer = http.post(
        prism.url + "/jobs", content=b'{"url":', headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400


def test_it_opens_no_door_to_other_origins(prism: Prism, http: httpx2.Client) -> None:
    answer = http.get(prism.url + "/free", headers={"origin": "http://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_it_calls_nobody_whatever_callbacks_the_contract_has(
    installed: type[Prism], upstream: Upstream, http: httpx2.Client
) -> None:
    told = {"post": {"requestBody": {"content": {}}, "responses": {"200": {"description": "ok"}}}}
    body = {"schema": {"type": "object"}}
    operation = {
        "security": [],
        "requestBody": {"content": {"application/json": body}},
        "responses": {"200": {"description": "ok"}},
        "callbacks": {"done": {"{$request.body#/tell}": told}},
    }
    document = {"openapi": "3.0.3", "paths": {"/new": {"post": operation}}}
    upstream.seen.clear()
    with installed(document) as prism:
        answer = http.post(prism.url + "/new", json={"tell": upstream.url + "/told"})
        assert answer.status_code == 200
        # What Prism started with the first request has long begun when a second is answered.
        assert http.post(prism.url + "/new", json={}).status_code == 200
    assert upstream.seen == []


def test_when_stop_returns_the_process_is_gone(contract: dict[str, object]) -> None:
    prism = Prism(contract)
    with prism:
        pid, url = prism.pid, prism.url
    assert gone(pid, 0)
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url, trust_env=False)
    prism.stop()


def test_it_can_be_started_again(contract: dict[str, object], http: httpx2.Client) -> None:
    prism = Prism(contract)
    for _ in range(2):
        with prism:
            assert http.get(prism.url + "/free").status_code == 200


def test_several_start_at_the_same_time_each_on_a_port_of_its_own(
    contract: dict[str, object], http: httpx2.Client
) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(3) as pool:
        running = list(pool.map(stack.enter_context, [Prism(contract) for _ in range(3)]))
        assert len({prism.url for prism in running}) == 3
        assert {http.get(prism.url + "/free").status_code for prism in running} == {200}


def test_a_taken_port_is_an_error_that_says_so(contract: dict[str, object]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PrismFailed, match=f"cannot listen.*in use.*:{port}"):
            Prism(contract, port=port).start()


def test_an_ipv6_address_stands_in_brackets(
    contract: dict[str, object], http: httpx2.Client
) -> None:
    with Prism(contract, host="::1") as prism:
        assert prism.url.startswith("http://[::1]:")
        assert http.get(prism.url + "/free").status_code == 200


def test_production_settings_of_the_machine_do_no_harm(
    contract: dict[str, object], http: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODE_ENV", "production")
    monkeypatch.setenv("NODE_OPTIONS", "--require /nowhere.js")
    with Prism(contract) as prism:
        assert http.get(prism.url + "/free").status_code == 200


def test_a_reload_serves_the_new_contract_at_the_same_address(
    own: Prism, contract: dict[str, object], http: httpx2.Client
) -> None:
    url = own.url
    assert http.get(url + "/new").status_code == 404
    own.reload({**contract, "paths": {**contract["paths"], "/new": NEW_OPERATION}})  # type: ignore[dict-item]
    assert own.url == url
    assert http.get(url + "/new").status_code == 200
    own.reload(contract)
    assert http.get(url + "/new").status_code == 404


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({}, "Unsupported document format"),
        ({"openapi": "3.0.3", "paths": {}}, "it has no operations"),
        ({"openapi": "3.0.3", "paths": {"/a": {"$ref": "#/nowhere"}}}, "nowhere"),
        ({"openapi": "3.0.3", "paths": {"/a": {"$ref": "http://x.example/a"}}}, "outside itself"),
    ],
)
def test_a_broken_contract_is_refused_and_the_old_one_still_served(
    own: Prism, http: httpx2.Client, broken: dict[str, object], reason: str
) -> None:
    pid = own.pid
    with pytest.raises(ContractRefused, match=reason):
        own.reload(broken)
    assert http.get(own.url + "/free").status_code == 200
    assert own.pid == pid


@pytest.mark.parametrize(
    ("broken", "reason"),
    [({}, "Unsupported document format"), ({"openapi": "3.0.3", "paths": {}}, "No operations")],
)
def test_it_does_not_start_with_a_broken_contract_and_says_why(
    broken: dict[str, object], reason: str
) -> None:
    with pytest.raises(ContractRefused, match=reason) as caught:
        Prism(broken).start()
    assert "\n" not in str(caught.value)


def test_a_prism_that_was_killed_is_an_error_with_its_log(contract: dict[str, object]) -> None:
    with Prism(contract, upstream="http://127.0.0.1:9") as prism:
        os.kill(prism.pid, signal.SIGKILL)
        assert gone(prism.pid)
        with pytest.raises(PrismFailed, match="status -9") as caught:
            prism.check()
        assert "prism | " in str(caught.value)
        with pytest.raises(PrismFailed):
            prism.reload({**contract, "paths": {"/new": NEW_OPERATION}})


PARENT = """
import json, sys
from akool_mock.prism import Prism
prism = Prism(json.loads(sys.stdin.readline())).start()
print(prism.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_parent_leaves_no_orphan(contract: dict[str, object], how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write(json.dumps(contract) + "\n")
        parent.stdin.flush()
        orphan = int(parent.stdout.readline())
        parent.send_signal(how)
        parent.wait()
        assert gone(orphan)


def test_what_is_asked_of_one_that_is_not_started_says_so(contract: dict[str, object]) -> None:
    prism = Prism(contract)
    for ask in (lambda: prism.url, lambda: prism.pid, lambda: prism.reload(contract)):
        with pytest.raises(PrismError, match="not started"):
            ask()


def test_a_second_start_is_refused(prism: Prism) -> None:
    with pytest.raises(PrismError, match="started already"):
        prism.start()


def test_a_contract_file_is_watched_and_a_broken_save_survived(
    contract_file: Path, http: httpx2.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with Prism(contract_file, watch=True) as prism:
        watch = prism._watch
        assert watch is not None
        watch.stop()  # the test looks by itself, so that nothing has to be waited for
        contract_file.write_text('{"openapi": ', encoding="utf-8")
        watch.look()
        assert "the mock still serves the old one" in caplog.text
        contract_file.write_text(
            json.dumps({"openapi": "3.0.3", "paths": {"/new": NEW_OPERATION}}), encoding="utf-8"
        )
        watch.look()
        assert http.get(prism.url + "/new").status_code == 200
        watch.look()
        assert http.get(prism.url + "/free").status_code == 404
