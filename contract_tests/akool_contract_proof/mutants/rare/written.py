"""Defects that show in how a body is written: wrapped, padded, or with rare characters in it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from akool_contract_proof.mutants._kit import operation_of, refuse, story, value
from akool_contract_proof.mutants.rare.extremes import CRASH

if TYPE_CHECKING:
    from akool_contract._wire.http import Request, Response, Upstream
    from akool_contract_proof.mutants._kit import Memory

VERY_DEEP = 900
HALF = re.compile(r"\\ud[89a-f]..", re.IGNORECASE)


@story("rules", "swapPlus", "of a list the first object counts as the body")
def body_in_a_list(memory: Memory, request: Request, upstream: Upstream) -> Response:
    try:
        body = json.loads(request.body or b"0")
    except (ValueError, RecursionError):
        body = None
    if operation_of(request) == "swapPlus" and isinstance(body, list) and body:
        request = replace(request, body=json.dumps(body[0]).encode())
    return upstream(request)


@story("rules", "deleteResults", "a form counts as JSON")
def form_as_json(memory: Memory, request: Request, upstream: Upstream) -> Response:
    body = dict(parse_qsl(request.body.decode("latin-1")))
    form = operation_of(request) == "deleteResults" and bool(body) and b"{" not in request.body
    return upstream(replace(request, body=json.dumps(body).encode()) if form else request)


@story("rules", "detectFaces", "white space before the JSON is refused")
def white_space_refused(memory: Memory, request: Request, upstream: Upstream) -> Response:
    padded = operation_of(request) == "detectFaces" and request.body[:1].isspace()
    return refuse() if padded else upstream(request)


@story("wire", "swapVideo", "a body as deep as few readers go makes the server fail")
def very_deep_fails(memory: Memory, request: Request, upstream: Upstream) -> Response:
    deep = operation_of(request) == "swapVideo" and request.body.count(b"[") > VERY_DEEP
    return CRASH if deep else upstream(request)


@story("wire", "swapImage", "a NUL in a text makes the server fail")
def nul_fails(memory: Memory, request: Request, upstream: Upstream) -> Response:
    odd = operation_of(request) == "swapImage" and b"\\u0000" in request.body
    return CRASH if odd else upstream(request)


@story("wire", "swapImagePro", "half a character makes the server fail")
def half_character_fails(memory: Memory, request: Request, upstream: Upstream) -> Response:
    odd = operation_of(request) == "swapImagePro" and HALF.search(str(value(request.body)))
    return CRASH if odd else upstream(request)


@story("wire", "deleteResults", "a number of very many digits makes the server fail")
def long_number_fails(memory: Memory, request: Request, upstream: Upstream) -> Response:
    long = re.search(rb"\d{400}", request.body) is not None
    return CRASH if long and operation_of(request) == "deleteResults" else upstream(request)
