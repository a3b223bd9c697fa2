"""Prism before the simulator: the second opinion on a whole swap, and on the merged contract."""

import json

import httpx2
import pytest

import akool_openapi
from akool_mock import MockServer
from akool_mock.prism import Prism

pytestmark = [pytest.mark.node, pytest.mark.xdist_group("prism")]

V3 = "/api/open/v3/faceswap"
FACE = {"path": "https://a.example/face.png"}
SWAP = {
    "sourceImage": [FACE],
    "targetImage": [FACE],
    "modifyImage": "https://a.example/b.png",
}


def test_a_whole_swap_keeps_the_contract_at_every_step(
    server: MockServer, chain: Prism, http: httpx2.Client
) -> None:
    http.headers["x-api-key"] = server.api_key
    made = http.post(f"{chain.url}{V3}/highquality/specifyimage", json=SWAP).json()["data"]["_id"]
    statuses = []
    for _ in range(4):
        listed = http.get(f"{chain.url}{V3}/result/listbyids", params={"_ids": made}).json()
        statuses.append(listed["data"]["result"][0]["faceswap_status"])
        server.advance(1)
    http.post(f"{chain.url}{V3}/result/delbyids", json={"_ids": made})
    assert statuses == sorted(statuses)
    assert (statuses[0], statuses[-1]) == (1, 3)
    chain.check()


def test_a_fault_of_the_simulator_is_seen(
    server: MockServer, chain: Prism, http: httpx2.Client
) -> None:
    http.headers["x-api-key"] = server.api_key
    answer = http.get(f"{chain.url}{V3}/quota/info", headers={"x-akool-mock": "http=502"})
    assert answer.status_code == 502
    [exchange] = chain.exchanges("response")
    assert exchange.status == 502
    with pytest.raises(AssertionError, match="quota/info -> 502"):
        chain.check()


def test_prisms_own_answers_keep_the_merged_contract(merged: Prism, http: httpx2.Client) -> None:
    # Prism says so itself of an example that does not.
    for path, item in akool_openapi.load()["paths"].items():
        media = item.get("post", {}).get("requestBody", {}).get("content", {})
        told = media.get("application/json", {})
        named = [entry["value"] for entry in told.get("examples", {}).values()]
        body = told.get("example", named[0] if named else None)
        answer = http.request(
            "POST" if "post" in item else "GET",
            merged.url + path,
            params={} if "post" in item else {"_ids": "6593c94c0ef703e8c055e3c8"},
            content=json.dumps(body) if body else b"",
            headers={"content-type": "application/json"},
        )
        assert (answer.status_code, answer.headers.get("sl-violations")) == (200, None), path
