"""Prism before a server: everything is forwarded, everything is judged."""

import json
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import httpx2
import pytest

from akool_mock.prism import ContractViolated, Exchange, Prism, PrismError, parse_violations

pytestmark = [pytest.mark.node, pytest.mark.xdist_group("prism")]


class Seen(Protocol):
    seen: list[tuple[str, str, bytes]]


def say(**answer: Any) -> dict[str, str]:
    return {"x-say": json.dumps(answer)}


def codes(prism: Prism) -> list[tuple[str, str]]:
    return [(v.side, v.code) for exchange in prism.exchanges() for v in exchange.violations]


def test_what_keeps_the_contract_passes_and_leaves_nothing_on_record(
    proxy: Prism, upstream: Seen, http: httpx2.Client
) -> None:
    answers = proxy.answers
    answer = http.post(proxy.url + "/jobs", json={"url": "http://a.example/x.png"})
    assert answer.json() == {"code": 1000}
    assert upstream.seen == [("POST", "/jobs", b'{"url":"http://a.example/x.png"}')]
    proxy.check()
    assert proxy.answers == answers + 1
    assert proxy.mode == "proxy"


@pytest.mark.parametrize("status", [201, 302, 307, 400, 401, 404, 429, 500, 501, 502, 520])
def test_an_undocumented_status_is_handed_on_and_is_a_violation(
    proxy: Prism, upstream: Seen, http: httpx2.Client, status: int
) -> None:
    answer = http.get(proxy.url + "/jobs", params={"ids": "a"}, headers=say(status=status))
    assert answer.status_code == status
    assert codes(proxy) == [("response", "status")]
    assert len(upstream.seen) == 1


def test_an_answer_that_breaks_the_schema_is_handed_on_and_reported(
    proxy: Prism, http: httpx2.Client
) -> None:
    answer = http.get(proxy.url + "/jobs", params={"ids": "a"}, headers=say(text='{"code": "x"}'))
    assert answer.json() == {"code": "x"}
    with pytest.raises(ContractViolated, match=r"response body\.code: .* must be integer"):
        proxy.check()
    proxy.check()


def test_another_media_type_is_a_violation(proxy: Prism, http: httpx2.Client) -> None:
    http.get(
        proxy.url + "/jobs", params={"ids": "a"}, headers=say(type="text/html", text="<p>no</p>")
    )
    assert ("response", "status") in codes(proxy)


def test_a_faulty_request_reaches_upstream_and_is_no_fault_of_the_answer(
    proxy: Prism, upstream: Seen, http: httpx2.Client
) -> None:
    http.post(proxy.url + "/jobs", json={"url": "no address"})
    assert len(upstream.seen) == 1
    proxy.check("response")


@pytest.mark.parametrize(
    ("path", "code"), [("/jobs?ids=a", "401"), ("/jobs", "required"), ("/nowhere", "status")]
)
def test_what_a_request_lacks_is_named(
    proxy: Prism, http: httpx2.Client, path: str, code: str
) -> None:
    del http.headers["x-api-key"]
    http.get(proxy.url + path)
    assert ("request", code) in codes(proxy)


def test_a_json_body_that_is_cut_off_by_upstream_is_a_fault_of_the_answer(
    proxy: Prism, http: httpx2.Client
) -> None:
    answer = http.get(proxy.url + "/jobs", params={"ids": "a"}, headers=say(text='{"code"'))
    assert answer.status_code == 500
    assert codes(proxy) == [("response", "unusable")]


def test_a_problem_of_upstreams_own_is_not_taken_for_prisms(
    proxy: Prism, http: httpx2.Client
) -> None:
    problem = say(status=500, type="application/problem+json", text='{"title":"t","detail":"d"}')
    http.get(proxy.url + "/jobs", params={"ids": "a"}, headers=problem)
    assert codes(proxy) == [("response", "status")]


def test_malformed_json_of_the_client_is_answered_and_reported(
    proxy: Prism, upstream: Seen, http: httpx2.Client
) -> None:
    answer = http.post(
        proxy.url + "/jobs", content=b'{"url":', headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400
    assert upstream.seen == []
    assert codes(proxy) == [("request", "unusable")]


def test_property_names_of_any_script_are_reported(proxy: Prism, http: httpx2.Client) -> None:
    body = {"url": "http://a.example/", "名前": 1, "имя\n": 2}
    assert http.post(proxy.url + "/jobs", json=body).status_code == 200
    [exchange] = proxy.exchanges()
    assert any("名前" in violation.message for violation in exchange.violations)


def test_more_violations_than_fit_into_a_header_are_all_counted(
    proxy: Prism, http: httpx2.Client
) -> None:
    body = {"url": "http://a.example/", **{f"extra{number}": 1 for number in range(300)}}
    answer = http.post(proxy.url + "/jobs", json=body, headers=say(text='{"code":"x"}'))
    assert answer.headers["sl-violations"].startswith("Too many violations!")
    assert parse_violations(answer.headers["sl-violations"])[-1].code == "cut"
    found = codes(proxy)
    assert found.count(("request", "additionalProperties")) == 300
    assert found.count(("response", "type")) == 1
    assert len(found) == 301


def test_violations_without_end_are_cut_and_those_of_the_answer_come_first(
    proxy: Prism, http: httpx2.Client
) -> None:
    body = {"url": "http://a.example/", **{f"extra{number}": 1 for number in range(2000)}}
    http.post(proxy.url + "/jobs", json=body, headers=say(text='{"code":"x"}'))
    found = codes(proxy)
    assert (found[0], found[-1], len(found)) == (("response", "type"), ("request", "cut"), 1001)


def test_an_upstream_that_is_not_there_is_a_fault_of_the_answer(
    installed: type[Prism], contract: dict[str, object], http: httpx2.Client
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with installed(contract, upstream=nobody) as prism:
        assert http.get(prism.url + "/free").status_code == 500
        with pytest.raises(ContractViolated, match="ECONNREFUSED"):
            prism.check()


@pytest.mark.parametrize(
    "upstream_url", ["ftp://a.example", "a.example", "", "http://u:p@a.example"]
)
def test_an_upstream_that_cannot_work_is_refused_and_not_repeated(upstream_url: str) -> None:
    with pytest.raises(PrismError) as caught:
        Prism({}, upstream=upstream_url)
    assert "u:p" not in str(caught.value)


def test_exchanges_at_the_same_time_are_not_mixed_up(proxy: Prism, http: httpx2.Client) -> None:
    statuses = [200, 404, 501, 302] * 12

    def ask(status: int) -> int:
        target = f"{proxy.url}/jobs?ids={status}"
        return http.get(target, headers=say(status=status)).status_code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, statuses)) == statuses
    seen = Counter(exchange.status for exchange in proxy.exchanges())
    assert seen == Counter(status for status in statuses if status != 200)
    assert set(codes(proxy)) == {("response", "status")}


def test_who_is_told_of_a_fault_may_fail_without_harm(
    proxy: Prism, http: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    def fail(exchange: Exchange) -> None:
        told.append(exchange.status)
        raise RuntimeError("mine")

    monkeypatch.setattr(proxy, "on_fault", fail)
    for _ in range(2):
        http.get(proxy.url + "/jobs", params={"ids": "a"}, headers=say(status=500))
    assert len(proxy.exchanges()) == 2
    assert told == [500, 500]
    assert "RuntimeError('mine')" in proxy.log[-1]


def test_mode_mock_judges_nothing(prism: Prism) -> None:
    with pytest.raises(PrismError, match="only mode `proxy`"):
        prism.check()
