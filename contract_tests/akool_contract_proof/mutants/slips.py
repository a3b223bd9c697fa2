"""Slips in what is accepted: credentials, parameters, ways to write JSON, detections."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from akool_contract_proof.mutants._kit import (
    Json,
    Memory,
    asking,
    defect,
    edit,
    items,
    operation_of,
    refuse,
    requests,
    stateful,
    story,
    success,
    value,
    with_json,
)

if TYPE_CHECKING:
    from akool_contract._wire.http import Request, Response, Upstream

OK = 200
SUCCESS, PROCESSING = 3, 2


# -- tokens and keys
@story("rules", "getToken", "the token ends after an hour")
def token_short(memory: Memory, request: Request, upstream: Upstream) -> Response:
    return _with_life(memory, request, upstream, 3600)


@story("rules", "getToken", "the token has ended when it is handed out")
def token_expired_at_birth(memory: Memory, request: Request, upstream: Upstream) -> Response:
    return _with_life(memory, request, upstream, -10)


def _with_life(memory: Memory, request: Request, upstream: Upstream, life: int) -> Response:
    bearer = str(request.header("authorization") or "").removeprefix("Bearer ")
    if bearer in memory.last:
        request = request.with_headers({"authorization": f"Bearer {memory.last[bearer]}"})
    answer = upstream(request)
    body = value(answer.body)
    token = body.get("token")
    if operation_of(request) != "getToken" or not isinstance(token, str) or token.count(".") != 2:
        return answer
    head, claims, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    said["exp"] = int(said["iat"]) + life
    text = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    body["token"] = f"{head}.{text}.{signature}"
    memory.last[body["token"]] = token
    return with_json(answer, body)


def _taken_as(name: str, operations: tuple[str, ...], text: str, fits: Any) -> None:  # noqa: ANN401 - a lambda
    """A wrong credential that works like the last good one."""

    def handle(memory: Memory, request: Request, upstream: Upstream) -> Response:
        key, bearer = request.header("x-api-key"), request.header("authorization")
        answer = upstream(request)
        if success(answer) and key and not bearer and operation_of(request) != "getToken":
            memory.last.setdefault("key", key)
        if operation_of(request) == "getToken" and success(answer):
            memory.last["token"] = value(answer.body).get("token", "")
            memory.last["id"] = value(request.body).get("clientId", "")
        wanted = not operations or operation_of(request) in operations
        if wanted and value(answer.body).get("code") == 1101 and fits(memory, request):
            good = {"x-api-key": memory.last.get("key"), "authorization": None}
            return upstream(request.with_headers(good))
        return answer

    defect("rules", operations[0] if operations else "getCredit", text, name=name)(stateful(handle))


def _jwt(request: Request) -> list[str]:
    return str(request.header("authorization") or "").removeprefix("Bearer ").split(".")


def _claims_of_ours(memory: Memory, request: Request) -> bool:
    return len(_jwt(request)) == 3 and bool(_jwt(request)[1])


_taken_as(
    "client-id-as-key",
    (),
    "the clientId is taken for the key",
    lambda m, r: r.header("x-api-key") == m.last.get("id") and not r.header("authorization"),
)
_taken_as(
    "client-id-as-token",
    ("listResults",),
    "the clientId is taken for a token",
    lambda m, r: r.header("authorization") == f"Bearer {m.last.get('id')}",
)
_taken_as(
    "token-payload-unsigned",
    (),
    "what a token says is believed, whoever signed it",
    lambda m, r: (
        _claims_of_ours(m, r) and _jwt(r)[2] == str(m.last.get("token", "..")).split(".")[-1]
    ),
)
_taken_as(
    "token-alg-none",
    ("getCredit",),
    "a token may say that it is not signed",
    lambda m, r: _claims_of_ours(m, r) and not _jwt(r)[2],
)


@defect("rules", "swapVideo", "a bearer token cannot submit videos")
def no_bearer_for_video(upstream: Upstream) -> Upstream:
    """A route without the token's middleware."""

    def send(request: Request) -> Response:
        if operation_of(request) == "swapVideo" and request.header("authorization"):
            answer = upstream(request)
            return refuse(1101) if success(answer) else answer
        return upstream(request)

    return send


@story("rules", "listResults", "with both credentials the key says whose results are listed")
def key_wins_in_lists(memory: Memory, request: Request, upstream: Upstream) -> Response:
    key = request.header("x-api-key")
    if operation_of(request) == "listResults" and key and request.header("authorization"):
        own = upstream(request.with_headers({"authorization": None}))
        return own if success(own) else upstream(request)
    return upstream(request)


# -- parameters
def _lets(name: str, operation: str, text: str, change: Any) -> None:  # noqa: ANN401 - a function
    defect("rules", operation, text, name=name)(requests(operation)(change))


def _two_is_one(body: Json) -> None:
    if body.get("face_enhance") == 2:
        body["face_enhance"] = 1


_lets("enhance-2", "swapImage", "face_enhance 2 is taken", _two_is_one)
_lets("video-enhance-2", "swapVideo", "face_enhance 2 is taken", _two_is_one)


@defect("rules", "listResults", "a list without _ids lists something")
def list_without_ids(upstream: Upstream) -> Upstream:
    """The filter is optional."""

    def send(request: Request) -> Response:
        if operation_of(request) == "listResults" and "_ids" not in dict(request.query):
            return upstream(asking(request, ["f" * 24]))
        return upstream(request)

    return send


def _not_json(name: str, operation: str, text: str, fits: Any) -> None:  # noqa: ANN401 - a lambda
    def layer(upstream: Upstream) -> Upstream:
        def send(request: Request) -> Response:
            answer = upstream(request)
            if operation_of(request) == operation and success(answer) and fits(request):
                if operation == "detectFaces":
                    return with_json(answer, {"error_code": 1, "error_msg": "bad", "faces_obj": {}})
                return refuse(1003)
            return answer

        return send

    defect("rules", operation, text, name=name)(layer)


_not_json("no-spaces", "swapImage", "a body with line breaks is refused", lambda r: b"\n" in r.body)
_not_json(
    "no-escapes", "detectFaces", "escapes in strings are not read", lambda r: b"\\u" in r.body
)
_not_json(
    "no-charset",
    "swapPlus",
    "a charset next to application/json is refused",
    lambda r: ";" in str(r.header("content-type")),
)
_not_json(
    "no-query-in-path",
    "swapImage",
    "an address with a query is refused",
    lambda r: b"?v=1" in r.body,
)


# -- detections
def _wrong_face(body: Json) -> None:
    frames = body.get("faces_obj") or {"0": body}
    for frame in frames.values():
        frame["region"] = [[box[0] + 5000, box[1], *box[2:]] for box in frame["region"]]


def _no_size(body: Json) -> None:
    body["region"] = [[*box[:2], 0, 0] for box in body["region"]]


defect("schema", "detectFaces", "boxes of another picture", name="region-elsewhere")(
    edit("detectFaces")(_wrong_face)
)
defect("schema", "detectFacesLegacy", "boxes of another picture", name="legacy-region-elsewhere")(
    edit("detectFacesLegacy")(_wrong_face)
)
defect("schema", "detectFacesLegacy", "boxes without a size", name="legacy-region-empty")(
    edit("detectFacesLegacy")(_no_size)
)
defect("schema", "detectFacesLegacy", "seconds below zero", name="negative-seconds")(
    edit("detectFacesLegacy")(lambda b: b.update(seconds=-1.0))
)
defect("schema", "listResults", "a duration below zero", name="negative-duration")(
    items(lambda i: i.update(video_duration=-1) or True)
)
