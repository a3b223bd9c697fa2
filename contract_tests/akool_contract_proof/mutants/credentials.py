"""Defects of authentication: a middleware reordered, a comparison loosened, a code mixed up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akool_contract_proof.mutants._kit import (
    Memory,
    defect,
    operation_of,
    refuse,
    story,
    success,
    value,
    with_json,
)

if TYPE_CHECKING:
    from akool_contract._wire.http import Request, Response, Upstream

KIND = "rules"


# -- credentials
def _auth(name: str, operation: str, text: str, change: Any) -> None:  # noqa: ANN401 - a lambda
    def layer(upstream: Upstream) -> Upstream:
        good: dict[str, str] = {}

        def send(request: Request) -> Response:
            answer = upstream(request)
            if (
                success(answer)
                and request.header("x-api-key")
                and not request.header("authorization")
            ):
                good.setdefault("x-api-key", str(request.header("x-api-key")))
            fits = operation in {"all", operation_of(request)} and operation_of(request)
            return change(request, upstream, answer, good) if fits else answer

        return send

    defect(KIND, "getCredit" if operation == "all" else operation, text, name=name)(layer)


def _as_good(request: Request, upstream: Upstream, good: dict[str, str]) -> Response:
    return upstream(request.with_headers({"authorization": None, **good}))


def _code(answer: Response) -> Any:  # noqa: ANN401 - whatever is there
    return value(answer.body).get("code")


_auth(
    "key-wins",
    "all",
    "x-api-key is used although Authorization is there",
    lambda r, up, a, g: (
        up(r.with_headers({"authorization": None}))
        if r.header("authorization") and r.header("x-api-key")
        else a
    ),
)
_auth(
    "credit-open",
    "getCredit",
    "the credit is told to anybody",
    lambda r, up, a, g: _as_good(r, up, g) if g and _code(a) in (1101, 1102) else a,
)
_auth(
    "list-any-key",
    "listResults",
    "any key will do for lists",
    lambda r, up, a, g: (
        _as_good(r, up, g) if g and _code(a) == 1101 and r.header("x-api-key") else a
    ),
)
_auth(
    "submit-any-token",
    "swapImage",
    "bearer tokens are not verified",
    lambda r, up, a, g: (
        _as_good(r, up, g)
        if g and _code(a) == 1101 and str(r.header("authorization")).startswith("Bearer ")
        else a
    ),
)
_auth(
    "token-signature",
    "swapPlus",
    "a token's signature is not compared to its end",
    lambda r, up, a, g: (
        _as_good(r, up, g)
        if g
        and _code(a) == 1101
        and str(r.header("authorization")).count(".") == 2
        and "eyJpZCI6IjY0ZCI" not in str(r.header("authorization"))
        else a
    ),
)
_auth(
    "none-is-1101",
    "all",
    "no credentials answer 1101",
    lambda r, up, a, g: refuse(1101, "invalid") if _code(a) == 1102 else a,
)
_auth(
    "wrong-is-1102",
    "deleteResults",
    "wrong credentials answer 1102",
    lambda r, up, a, g: refuse(1102, "empty") if _code(a) == 1101 else a,
)
_auth(
    "wrong-is-1003",
    "swapVideo",
    "wrong credentials are a parameter error",
    lambda r, up, a, g: refuse(1003) if _code(a) == 1101 else a,
)
_auth(
    "bearer-refused",
    "all",
    "bearer tokens are not taken any more",
    lambda r, up, a, g: refuse(1101, "invalid") if r.header("authorization") else a,
)
_auth(
    "key-refused-on-list",
    "listResults",
    "x-api-key does not work for lists",
    lambda r, up, a, g: refuse(1102, "empty") if not r.header("authorization") else a,
)
_auth(
    "key-case-sensitive",
    "all",
    "the header's name is compared with its case",
    lambda r, up, a, g: refuse(1102, "empty") if any(k == "X-API-KEY" for k, _ in r.headers) else a,
)
_auth(
    "key-prefix",
    "getCredit",
    "a key is compared by its beginning",
    lambda r, up, a, g: (
        _as_good(r, up, g) if g and g["x-api-key"].startswith(r.header("x-api-key") or "?") else a
    ),
)
_auth(
    "key-any-case",
    "getCredit",
    "keys are compared without case",
    lambda r, up, a, g: (
        _as_good(r, up, g)
        if g and g["x-api-key"].lower() == str(r.header("x-api-key")).lower()
        else a
    ),
)
_auth(
    "banned-works",
    "all",
    "a banned account goes on",
    lambda r, up, a, g: _as_good(r, up, g) if g and _code(a) == 1200 else a,
)
_auth(
    "banned-is-1101",
    "all",
    "a banned account answers 1101",
    lambda r, up, a, g: refuse(1101, "invalid") if _code(a) == 1200 else a,
)
_auth(
    "detect-open",
    "detectFaces",
    "detection is open to anybody",
    lambda r, up, a, g: (
        _as_good(r, up, g) if g and not success(a) and value(r.body).get("url") else a
    ),
)
_auth(
    "delete-open",
    "deleteResults",
    "deletion without credentials says OK",
    lambda r, up, a, g: with_json(a, {"code": 1000, "msg": "OK"}) if _code(a) == 1102 else a,
)
_auth(
    "token-any-secret",
    "getToken",
    "any secret gives a token",
    lambda r, up, a, g: (
        with_json(a, {"code": 1000, "token": "eyJhbGciOiJIUzI1NiJ9.e30.x"})
        if value(r.body).get("clientSecret")
        else a
    ),
)
_auth(
    "token-empty-ok",
    "getToken",
    "an empty request gives a token",
    lambda r, up, a, g: (
        with_json(a, {"code": 1000, "token": "eyJhbGciOiJIUzI1NiJ9.e30.x"})
        if not value(r.body)
        else a
    ),
)
_auth(
    "token-useless",
    "getToken",
    "tokens are not accepted anywhere",
    lambda r, up, a, g: (
        with_json(a, {**value(a.body), "token": "eyJhbGciOiJIUzI1NiJ9.e30.y"}) if success(a) else a
    ),
)
_auth(
    "basic-works",
    "getCredit",
    "any scheme but Bearer lets the key through",
    lambda r, up, a, g: (
        _as_good(r, up, g) if g and str(r.header("authorization")).startswith("Basic ") else a
    ),
)


@story(KIND, "getToken", "any account's secret gives a token for each account")
def secret_of_another(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer, body = upstream(request), value(request.body)
    if success(answer) and request.header("x-api-key"):
        memory.count(str(request.header("x-api-key")))
    if operation_of(request) != "getToken":
        return answer
    if success(answer):
        memory.last[str(body.get("clientId"))] = answer
    known = str(body.get("clientSecret")) in memory.counts
    return memory.last.get(str(body.get("clientId")), answer) if known else answer
