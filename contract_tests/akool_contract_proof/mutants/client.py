"""Defects that only the ergonomic client meets: the server treats it unlike raw requests.

The client names itself in User-Agent. It gets other answers than the suite, so the client and the
raw observation must disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akool_contract._wire.known import SUBMITS
from akool_contract_proof.mutants._kit import (
    Json,
    defect,
    operation_of,
    refuse,
    success,
    value,
    with_json,
)

if TYPE_CHECKING:
    from akool_contract._wire.http import Request, Response, Upstream

KIND = "client"
SUCCESS, FAILED = 3, 4


def is_client(request: Request) -> bool:
    """Whether the ergonomic client sent this."""
    agent = (request.header("user-agent") or "").lower()
    return "faceswap" in agent and "verify" not in agent


def _told(name: str, operation: str, text: str, change: Any) -> None:  # noqa: ANN401 - a lambda
    def layer(upstream: Upstream) -> Upstream:
        def send(request: Request) -> Response:
            answer = upstream(request)
            if is_client(request) and operation_of(request) == operation and success(answer):
                body = value(answer.body)
                changed = change(body)
                return with_json(answer, body if changed is None else changed)
            return answer

        return send

    defect(KIND, operation, text, name=name)(layer)


def _items(change: Any) -> Any:  # noqa: ANN401 - an edit
    def edit(body: Json) -> None:
        for item in body["data"]["result"]:
            change(item)

    return edit


_told(
    "client-sees-other-credit",
    "getCredit",
    "the client is told another credit",
    lambda b: b["data"].update(credit=b["data"]["credit"] + 1),
)
_told(
    "client-sees-failure",
    "listResults",
    "the client's jobs look failed",
    _items(lambda i: i.update(faceswap_status=FAILED) if i["faceswap_status"] == SUCCESS else None),
)
_told(
    "client-sees-other-url",
    "listResults",
    "the client gets another result address",
    _items(lambda i: i.update(url="https://cdn.example.com/other.jpg")),
)
_told(
    "client-sees-success-early",
    "listResults",
    "the client's jobs look finished at once",
    _items(lambda i: i.update(faceswap_status=SUCCESS)),
)
_told(
    "client-sees-nothing",
    "listResults",
    "the client's lists are empty",
    lambda b: b["data"].update(result=[]),
)
_told(
    "client-gets-other-id",
    "swapImage",
    "the client is handed an id that does not exist",
    lambda b: b["data"].update(_id="0" * 24),
)
_told(
    "client-sees-other-time",
    "listResults",
    "the client is told another creation time",
    _items(lambda i: i.update(createdAt="2020-01-01T00:00:00.000Z")),
)
_told(
    "client-detects-nothing",
    "detectFaces",
    "detection finds no faces for the client",
    lambda b: b.update(faces_obj={}),
)
_told(
    "client-legacy-moved",
    "detectFacesLegacy",
    "legacy landmarks are moved for the client",
    lambda b: b.update(landmarks_str="1,1:2,2:3,3:4,4"),
)


@defect(KIND, "deleteResults", "the client's deletions are dropped")
def client_delete_dropped(upstream: Upstream) -> Upstream:
    """A middle box answers for the server."""

    def send(request: Request) -> Response:
        if is_client(request) and operation_of(request) == "deleteResults":
            return with_json(refuse(), {"code": 1000, "msg": "OK"})
        return upstream(request)

    return send


@defect(KIND, "swapVideo", "the client's submits arrive twice")
def client_submit_doubled(upstream: Upstream) -> Upstream:
    """A proxy that retries POSTs."""

    def send(request: Request) -> Response:
        answer = upstream(request)
        if is_client(request) and operation_of(request) in SUBMITS and success(answer):
            upstream(request)
        return answer

    return send


@defect(KIND, "swapPlus", "the client's submits are refused")
def client_submit_refused(upstream: Upstream) -> Upstream:
    """A firewall rule about user agents."""

    def send(request: Request) -> Response:
        if is_client(request) and operation_of(request) == "swapPlus":
            return refuse(1003)
        return upstream(request)

    return send
