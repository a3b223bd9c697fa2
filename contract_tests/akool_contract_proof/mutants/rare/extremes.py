"""Defects that only rare requests show: other methods, odd headers, enormous inputs."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from akool_contract._wire.http import Response
from akool_contract._wire.known import SUBMITS
from akool_contract_proof.mutants._kit import (
    Memory,
    asked,
    asking,
    deleting,
    operation_of,
    refuse,
    story,
    success,
    value,
    with_body,
    with_header,
    with_json,
)

if TYPE_CHECKING:
    from akool_contract._wire.http import Request, Upstream

CRASH = Response(500, (("Content-Type", "application/json"),), b'{"code":2001,"msg":"error"}')
MANY = 50
NO_CREDIT = 1006


@story("state", "deleteResults", "a GET deletes what its query names")
def get_deletes(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) == "deleteResults" and request.method == "GET":
        memory.deleted |= set(dict(request.query).get("_ids", "").split(","))
    if operation_of(request) == "listResults" and memory.deleted and success(answer):
        kept = [one for one in asked(request) if one not in memory.deleted]
        return upstream(asking(request, kept or ["0" * 24]))
    return answer


@story("wire", "getCredit", "HEAD makes the server fail")
def head_fails(memory: Memory, request: Request, upstream: Upstream) -> Response:
    return CRASH if request.method == "HEAD" else upstream(request)


@story("wire", "listResults", "OPTIONS makes the server fail")
def options_fails(memory: Memory, request: Request, upstream: Upstream) -> Response:
    return CRASH if request.method == "OPTIONS" else upstream(request)


@story("rules", "getCredit", "quotes around a key are taken off")
def key_in_quotes(memory: Memory, request: Request, upstream: Upstream) -> Response:
    key = (request.header("x-api-key") or "").strip('"')
    quoted = request.header("x-api-key") is not None
    return upstream(request.with_headers({"x-api-key": key}) if quoted else request)


@story("rules", "listResults", "a key in api-key counts too")
def key_misspelt(memory: Memory, request: Request, upstream: Upstream) -> Response:
    key = request.header("api-key")
    return upstream(request.with_headers({"x-api-key": key, "api-key": None}) if key else request)


@story("wire", "getCredit", "a header that is there twice makes the server fail")
def header_twice_fails(memory: Memory, request: Request, upstream: Upstream) -> Response:
    names = [name.lower() for name, _ in request.headers]
    return CRASH if names.count("x-api-key") > 1 else upstream(request)


@story("wire", "deleteResults", "a deep body makes the server fail")
def deep_fails(memory: Memory, request: Request, upstream: Upstream) -> Response:
    return CRASH if request.body.count(b"[") > 150 else upstream(request)


@story("wire", "detectFaces", "a long text makes the server fail")
def long_fails(memory: Memory, request: Request, upstream: Upstream) -> Response:
    return CRASH if len(request.body) > 100_000 else upstream(request)


@story("state", "listResults", "of more than fifty ids the rest is not looked for")
def many_ids_cut(memory: Memory, request: Request, upstream: Upstream) -> Response:
    ids = asked(request)
    if operation_of(request) != "listResults" or len(ids) <= MANY:
        return upstream(request)
    return upstream(asking(request, ids[:MANY]))


@story("state", "deleteResults", "of many ids only ten are deleted")
def many_deleted_cut(memory: Memory, request: Request, upstream: Upstream) -> Response:
    ids = asked(request)
    if operation_of(request) != "deleteResults" or len(ids) <= 10:
        return upstream(request)
    return upstream(deleting(request, ids[:10]))


def _packed(request: Request, answer: Response, kept: int | None) -> Response:
    if "gzip" not in str(request.header("accept-encoding")):
        return answer
    body = gzip.compress(answer.body)[:kept]
    return with_header(with_body(answer, body), "Content-Encoding", "gzip")


@story("wire", "listResults", "gzip data lack their end")
def gzip_cut(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    return _packed(request, answer, -6) if operation_of(request) == "listResults" else answer


@story("wire", "getCredit", "what is said to be gzip data is none")
def gzip_only_said(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    asked_for = "gzip" in str(request.header("accept-encoding"))
    if operation_of(request) != "getCredit" or not asked_for:
        return answer
    return with_header(answer, "Content-Encoding", "gzip")


@story("rules", "getCredit", "whoever asks for gzip is refused")
def gzip_refused(memory: Memory, request: Request, upstream: Upstream) -> Response:
    asked_for = "gzip" in str(request.header("accept-encoding"))
    return refuse() if operation_of(request) == "getCredit" and asked_for else upstream(request)


@story("state", "swapImage", "of submits that come at once the quota is read before any is paid")
def quota_raced(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    payer = str(request.header("x-api-key"))
    if operation_of(request) not in SUBMITS:
        memory.last.pop(payer, None)  # some time has passed
    elif success(answer):
        memory.last[payer] = answer
    elif payer in memory.last and value(answer.body).get("code") == NO_CREDIT:
        body = value(memory.last[payer].body)
        body["data"]["_id"] = f"{memory.count('raced'):024x}"
        return with_json(memory.last[payer], body)
    return answer
