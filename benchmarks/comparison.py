"""What a user gets from the plain stack and from this project, for the same answers and job.

    python benchmarks/comparison.py

The plain stack is the generated client as it comes and Prism as it comes (the pinned prism-cli,
started by our wrapper but otherwise untouched). Prints two Markdown tables; nothing is typed in.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx2

from akool_faceswap import AkoolError, FaceSwap
from akool_faceswap_api import AuthenticatedClient
from akool_faceswap_api.api.operations import list_results
from akool_mock import MockServer
from akool_mock.prism import Prism, find_node, install

if TYPE_CHECKING:
    from collections.abc import Callable

JOB_ID = "6593c94c0ef703e8c055e3c8"
ITEM = {
    "_id": JOB_ID,
    "faceswap_status": 3,
    "url": "https://example.com/a.jpg",
    "createdAt": "2026-01-02T03:04:05.678Z",
    "uid": 1,
    "image": 1,
    "video_duration": 0,
    "deduction_duration": 0,
}


def listed(**changes: object) -> dict[str, Any]:
    """A success answer with one item."""
    return {"code": 1000, "msg": "OK", "data": {"result": [ITEM | changes]}}


ANSWERS: dict[str, Callable[[httpx2.Request], httpx2.Response]] = {
    "a finished job": lambda _: httpx2.Response(200, json=listed()),
    "business code 1101, `data: null`": lambda _: httpx2.Response(
        200, json={"code": 1101, "msg": "expired", "data": None}
    ),
    "a status that nobody documented (5)": lambda _: httpx2.Response(
        200, json=listed(faceswap_status=5)
    ),
    "a status as text": lambda _: httpx2.Response(200, json=listed(faceswap_status="3")),
    "`data: null` on success": lambda _: httpx2.Response(
        200, json={"code": 1000, "msg": "OK", "data": None}
    ),
    "HTTP 520 with HTML": lambda _: httpx2.Response(520, text="<html>"),
    "HTTP 401": lambda _: httpx2.Response(401, json={"code": 1101, "msg": "expired"}),
    "half a JSON text": lambda _: httpx2.Response(200, text='{"code": 10'),
}


def outcome(call: Callable[[], object]) -> str:
    """What the caller of `call` has in hand."""
    try:
        value = call()
    except AkoolError as error:
        return f"`{type(error).__name__}`, typed"
    except Exception as error:  # noqa: BLE001 - which one is the finding
        return f"bare `{type(error).__name__}`"
    return "`None`" if value is None else f"`{type(value).__name__}`"


def plain_client(answer: Callable[[httpx2.Request], httpx2.Response]) -> str:
    """The generated client, used as its README says."""
    client = AuthenticatedClient(
        base_url="https://example.com",
        token="t",  # noqa: S106 - nobody listens
        httpx_args={"transport": httpx2.MockTransport(answer)},
    )
    return outcome(lambda: list_results.sync(client=client, field_ids=JOB_ID))


def our_client(answer: Callable[[httpx2.Request], httpx2.Response]) -> str:
    """The ergonomic client."""
    transport = httpx2.MockTransport(answer)
    with FaceSwap("key", transport=transport, timeout=2) as client:
        return outcome(lambda: client.job(JOB_ID).status())


def poll(url: str, key: str, looks: int) -> list[object]:
    """Submits the documented example and looks at it `looks` times, half a second apart."""
    headers = {"x-api-key": key}
    with httpx2.Client(base_url=url, headers=headers) as http:
        submitted = http.post(
            "/api/open/v3/faceswap/highquality/specifyimage",
            json={
                "sourceImage": [{"path": "https://example.com/new.jpg"}],
                "targetImage": [{"path": "https://example.com/old.jpg"}],
                "modifyImage": "https://example.com/photo.jpg",
            },
        ).json()
        seen: list[object] = []
        for _ in range(looks):
            answer = http.get(
                "/api/open/v3/faceswap/result/listbyids", params={"_ids": submitted["data"]["_id"]}
            ).json()
            seen.append(answer["data"]["result"][0]["faceswap_status"])
            time.sleep(0.5)
        return seen


def refusal(url: str) -> str:
    """How a request without credentials is refused."""
    answer = httpx2.get(url + "/api/open/v3/faceswap/quota/info")
    return f"HTTP {answer.status_code}, {answer.headers['content-type'].split(';')[0]}"


def main() -> None:
    """Measures both stacks and prints the tables."""
    print("| the server answers | generated client, plain | `akool_faceswap` |\n|---|---|---|")
    for name, answer in ANSWERS.items():
        print(f"| {name} | {plain_client(answer)} | {our_client(answer)} |")
    looks = 10
    install(find_node())  # outside the measurement: prism-cli is there already, as the simulator is
    begun = time.perf_counter()
    with Prism() as prism:
        prism_s = time.perf_counter() - begun
        prism_seen, prism_refusal = poll(prism.url, "any", looks), refusal(prism.url)
    begun = time.perf_counter()
    with MockServer() as mock:
        mock_url = mock.url
        mock_s = time.perf_counter() - begun
        mock_seen, mock_refusal = poll(mock_url, mock.api_key, looks), refusal(mock_url)
    print("\n| | Prism, plain | simulator |\n|---|---|---|")
    print(f"| ready after | {prism_s:.2f} s | {mock_s:.2f} s |")
    print(f"| statuses in {looks} looks | {prism_seen} | {mock_seen} |")
    print(f"| no credentials | {prism_refusal} | {mock_refusal} |")


if __name__ == "__main__":
    main()
