"""Defects at edges: other refusals, whole blocks, parts of files, credentials nearly right."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from akool_contract._wire.envelope import BLOCK
from akool_contract._wire.http import Response
from akool_contract_proof.mutants._kit import (
    Json,
    Memory,
    Post,
    asked,
    defect,
    deleting,
    edit,
    hook_defect,
    note_submit,
    operation_of,
    stateful,
    story,
    success,
    value,
    with_body,
    with_header,
)
from akool_mock import API_KEY, CLIENT_ID

if TYPE_CHECKING:
    from akool_contract._wire.http import Request, Upstream
    from akool_contract_proof.mutants._kit import Hook

OK, PARTIAL, MULTIPLE, UNSATISFIABLE, SERVER_ERROR = 200, 206, 300, 416, 500
INVALID = 1101


# -- webhooks
@hook_defect("any 2xx counts as received")
def hooks_any_2xx() -> Hook:
    """`response.ok`, as most HTTP libraries have it."""

    def hook(url: str, body: bytes, post: Post) -> int:
        status = post(url, body)
        return OK if OK <= status < MULTIPLE else status

    return hook


@hook_defect("a redirected or unauthorized webhook is given up")
def hooks_retried_for_5xx_only() -> Hook:
    """The usual rule of retries, which is not the documented one."""

    def hook(url: str, body: bytes, post: Post) -> int:
        status = post(url, body)
        return OK if 0 < status < SERVER_ERROR else status

    return hook


@hook_defect("a retry sends the job's first message again")
def hooks_retried_stale() -> Hook:
    """The queue keeps one message for each address."""
    memory = Memory()

    def hook(url: str, body: bytes, post: Post) -> int:
        first = memory.last.setdefault(url, body)
        again = url in memory.deleted
        status = post(url, first if again else body)
        if status == OK:
            memory.deleted.discard(url)
        else:
            memory.deleted.add(url)
        return status

    return hook


ACCOUNTS = (
    (CLIENT_ID, API_KEY),
    tuple(base64.b64encode(t).decode() for t in (b"client-number-01", b"reference-secret-0000001")),
)
"""The main accounts of the simulator and of the reference server."""


def _whole(data: bytes, client_id: str, secret: str) -> bool:
    """Whether the last block holds nothing but padding."""
    start = client_id.encode()[:BLOCK]
    decryptor = Cipher(algorithms.AES(secret.encode()), modes.CBC(start)).decryptor()
    return decryptor.update(data).endswith(bytes([BLOCK]) * BLOCK)


@hook_defect("a message of whole blocks has no padding")
def hooks_padded_by_need() -> Hook:
    """Padding only where something is missing."""

    def hook(url: str, body: bytes, post: Post) -> int:
        envelope = json.loads(body)
        data = base64.b64decode(envelope["dataEncrypt"])
        for client_id, secret in ACCOUNTS:
            if _whole(data, client_id, secret):
                envelope["dataEncrypt"] = base64.b64encode(data[:-BLOCK]).decode()
                names = ("timestamp", "nonce", "dataEncrypt")
                parts = sorted([client_id, *(str(envelope[name]) for name in names)])
                digest = hashlib.sha1("".join(parts).encode(), usedforsecurity=False)
                envelope["signature"] = digest.hexdigest()
        return post(url, json.dumps(envelope).encode())

    return hook


# -- files
def _part(name: str, text: str, change: Any) -> None:  # noqa: ANN401 - a lambda
    """A server of parts; `change` is given the request, the whole file and a right 206."""

    def layer(upstream: Upstream) -> Upstream:
        def send(request: Request) -> Response:
            answer = upstream(request)
            asked_for = request.header("range")
            if operation_of(request) or not asked_for or request.method != "GET":
                return answer
            whole = upstream(request.with_headers({"range": None, "if-range": None}))
            return (
                change(request, whole, _right(whole, asked_for)) if whole.status == OK else answer
            )

        return send

    defect("side", "resultFile", text, name=name)(layer)


def _right(whole: Response, asked_for: str) -> Response:
    size = len(whole.body)
    first, _, last = asked_for.removeprefix("bytes=").partition("-")
    start = int(first) if first else size - int(last)
    stop = min(int(last) + 1, size) if first and last else size
    if start >= size:
        return Response(416, (("Content-Range", f"bytes */{size}"),))
    answer = with_body(whole, whole.body[start:stop])
    told = with_header(answer, "Content-Range", f"bytes {start}-{stop - 1}/{size}")
    return replace(told, status=PARTIAL)


_part("part-as-200", "a part is sent as HTTP 200", lambda r, w, a: replace(a, status=OK))
_part(
    "part-untold",
    "a part comes without Content-Range",
    lambda r, w, a: with_header(a, "Content-Range", None),
)
_part(
    "part-wrong-total",
    "Content-Range tells the part's size as the file's",
    lambda r, w, a: with_header(
        a, "Content-Range", str(a.header("content-range")).partition("/")[0] + f"/{len(a.body)}"
    ),
)
_part(
    "part-beyond-end",
    "an empty part is sent for what lies beyond the end",
    lambda r, w, a: replace(a, status=PARTIAL) if a.status == UNSATISFIABLE else a,
)


@defect("side", "resultFile", "a part is sent whatever version If-Range names")
def part_of_any_version(upstream: Upstream) -> Upstream:
    """A cache in front that knows Range and not If-Range."""

    def send(request: Request) -> Response:
        answer = upstream(request)
        if operation_of(request) or answer.status != OK:
            return answer
        answer = with_header(answer, "ETag", '"of-this-version"')
        asked_for = request.header("range")
        return _right(answer, asked_for) if asked_for else answer

    return send


@defect("side", "resultFile", "plain files are labelled as gzip")
def file_gzip_label(upstream: Upstream) -> Upstream:
    """Metadata of an upload that was compressed once."""

    def send(request: Request) -> Response:
        answer = upstream(request)
        is_file = request.method == "GET" and not operation_of(request)
        fits = is_file and answer.status == OK
        return with_header(answer, "Content-Encoding", "gzip") if fits else answer

    return send


# -- credentials
@defect("rules", "getCredit", "an empty key is the first account's", name="key-empty-works")
def _key_empty(upstream: Upstream) -> Upstream:
    """A prefix search, which an empty key matches."""
    memory = Memory()

    def send(request: Request) -> Response:
        key = request.header("x-api-key")
        if key and not request.header("authorization"):
            memory.last.setdefault("key", key)
        if key == "" and "key" in memory.last and not request.header("authorization"):
            return upstream(request.with_headers({"x-api-key": memory.last["key"]}))
        return upstream(request)

    return send


@story("rules", "deleteResults", "a refused deletion deletes all the same")
def refused_delete_acts(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    note_submit(memory, request, answer)
    if operation_of(request) == "deleteResults" and value(answer.body).get("code") == INVALID:
        for name in asked(request):
            if name in memory.jobs:
                upstream(replace(deleting(request, [name]), headers=memory.jobs[name]["headers"]))
    return answer


def _token(name: str, text: str, fits: Any) -> None:  # noqa: ANN401 - a lambda
    """A getToken that gives a token if `fits(sent, right)` is true."""

    def handle(memory: Memory, request: Request, upstream: Upstream) -> Response:
        answer = upstream(request)
        if operation_of(request) != "getToken":
            return answer
        sent = value(request.body)
        if success(answer):
            memory.last["good"] = sent
        elif "good" in memory.last and fits(sent, memory.last["good"]):
            return upstream(replace(request, body=json.dumps(memory.last["good"]).encode()))
        return answer

    defect("rules", "getToken", text, name=name)(stateful(handle))


_token(
    "token-secret-any-case",
    "the secret is compared without case",
    lambda sent, good: (
        str(sent.get("clientSecret")).lower() == good["clientSecret"].lower()
        and sent.get("clientId") == good["clientId"]
    ),
)
_token(
    "token-operator",
    "a secret may be a condition of the database's",
    lambda sent, good: (
        isinstance(sent.get("clientSecret"), dict) and sent.get("clientId") == good["clientId"]
    ),
)
_token(
    "token-secret-prefix",
    "only the beginning of a secret is compared",
    lambda sent, good: (
        str(sent.get("clientSecret")).startswith(good["clientSecret"])
        and sent.get("clientId") == good["clientId"]
    ),
)


@defect("rules", "getToken", "a token ends in a line break", name="token-newline")
@edit("getToken")
def _token_newline(body: Json) -> None:
    body["token"] += "\n"
