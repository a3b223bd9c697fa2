"""Defects on side channels: webhooks and result files."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from akool_contract._wire.http import Request, Response, Upstream
from akool_contract_proof.mutants._kit import (
    Memory,
    Post,
    defect,
    hook_defect,
    listed,
    note_submit,
    operation_of,
    stateful,
    story,
    success,
    value,
    with_body,
    with_header,
    with_json,
)

if TYPE_CHECKING:
    from akool_contract_proof.mutants._kit import Hook

KIND = "side"
OK = 200
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


# -- deliveries: (url, body, post) -> status
def _edit(text: str, name: str, change: Any) -> None:  # noqa: ANN401 - a lambda
    """A defect that changes the envelope of every message."""

    def make() -> Hook:
        def hook(url: str, body: bytes, post: Post) -> int:
            envelope = json.loads(body)
            changed = change(envelope)
            return post(url, json.dumps(envelope if changed is None else changed).encode())

        return hook

    make.__name__ = name
    hook_defect(text)(make)


_edit(
    "signature in capitals",
    "signature_in_capitals",
    lambda e: e.update(signature=e["signature"].upper()),
)
_edit(
    "signature of something else",
    "signature_wrong",
    lambda e: e.update(
        signature=hashlib.sha1(e["dataEncrypt"].encode(), usedforsecurity=False).hexdigest()
    ),
)
_edit(
    "signature in base64",
    "signature_base64",
    lambda e: e.update(signature=base64.b64encode(bytes.fromhex(e["signature"])).decode()),
)
_edit("signature missing", "signature_absent", lambda e: e.pop("signature") and None)
_edit(
    "timestamp in seconds after signing",
    "timestamp_seconds",
    lambda e: e.update(timestamp=e["timestamp"] // 1000),
)
_edit(
    "timestamp as a string", "timestamp_string", lambda e: e.update(timestamp=str(e["timestamp"]))
)
_edit(
    "data in hex",
    "data_hex",
    lambda e: e.update(dataEncrypt=base64.b64decode(e["dataEncrypt"]).hex()),
)
_edit("data not encrypted", "data_plain", lambda e: e.update(dataEncrypt={"_id": "x", "status": 3}))
_edit(
    "data with one block lost",
    "data_cut",
    lambda e: e.update(
        dataEncrypt=base64.b64encode(base64.b64decode(e["dataEncrypt"])[:-16]).decode()
    ),
)
_edit("nonce missing", "nonce_absent", lambda e: e.pop("nonce") and None)
_edit("dataEncrypt renamed", "data_renamed", lambda e: e.update(data=e.pop("dataEncrypt")))
_edit("the message nested under another key", "message_nested", lambda e: {"message": e})


@hook_defect("webhooks are never sent")
def hooks_never_sent() -> Hook:
    """The worker is down."""
    return lambda url, body, post: OK


@hook_defect("every second webhook is lost")
def hooks_half_lost() -> Hook:
    """Two workers, one with an old configuration."""
    memory = Memory()

    def hook(url: str, body: bytes, post: Post) -> int:
        return OK if memory.count("n") % 2 == 0 else post(url, body)

    return hook


@hook_defect("every webhook is sent twice")
def hooks_doubled() -> Hook:
    """At-least-once without a memory."""

    def hook(url: str, body: bytes, post: Post) -> int:
        post(url, body)
        return post(url, body)

    return hook


@hook_defect("a refused webhook is not tried again")
def hooks_never_retried() -> Hook:
    """Fire and forget."""

    def hook(url: str, body: bytes, post: Post) -> int:
        post(url, body)
        return OK

    return hook


@hook_defect("an accepted webhook is tried again")
def hooks_retried_after_200() -> Hook:
    """Only 204 counts as received."""
    memory = Memory()

    def hook(url: str, body: bytes, post: Post) -> int:
        status = post(url, body)
        return 500 if status == OK and memory.count(url) == 1 else status

    return hook


@hook_defect("webhooks are form-encoded")
def hooks_not_json() -> Hook:
    """Another HTTP library's default."""
    return lambda url, body, post: post(url, b"payload=" + base64.b64encode(body))


@hook_defect("webhooks go to another job's address")
def hooks_to_wrong_address() -> Hook:
    """A variable shared between jobs."""
    memory = Memory()

    def hook(url: str, body: bytes, post: Post) -> int:
        other, memory.last["url"] = memory.last.get("url"), url
        return post(str(other or url), body)

    return hook


@defect(KIND, "swapImage", "the webhook of image jobs is forgotten")
def image_hook_forgotten(upstream: Upstream) -> Upstream:
    """The field was renamed inside."""

    def send(request: Request) -> Response:
        body = value(request.body)
        if operation_of(request) == "swapImage" and body.pop("webhookUrl", None):
            return upstream(replace(request, body=json.dumps(body).encode()))
        return upstream(request)

    return send


@defect(KIND, "swapPlus", "webhooks announce success while the list says processing")
def list_behind_webhooks(upstream: Upstream) -> Upstream:
    """The list is read from a replica that is a step behind, for jobs with webhooks."""
    memory = Memory()

    def send(request: Request) -> Response:
        answer = upstream(request)
        note_submit(memory, request, answer)
        if operation_of(request) != "listResults" or not success(answer):
            return answer
        body = value(answer.body)
        for item in body["data"]["result"]:
            job = memory.jobs.get(item["_id"], {})
            if job.get("body", {}).get("webhookUrl") and memory.count(item["_id"]) < 60:
                item["faceswap_status"] = min(item["faceswap_status"], 1)
        return with_json(answer, body)

    return send


# -- files
def _file(name: str, text: str, change: Any) -> None:  # noqa: ANN401 - a lambda
    def layer(upstream: Upstream) -> Upstream:
        def send(request: Request) -> Response:
            answer = upstream(request)
            is_file = request.method == "GET" and not operation_of(request)
            return change(request, answer) if is_file and answer.status == OK else answer

        return send

    defect(KIND, "resultFile", text, name=name)(layer)


_file(
    "file-404",
    "finished files are not found",
    lambda r, a: Response(404, (("Content-Type", "text/plain"),), b"not found"),
)
_file(
    "file-403",
    "finished files are forbidden",
    lambda r, a: Response(
        403, (("Content-Type", "application/xml"),), b"<Error><Code>AccessDenied</Code></Error>"
    ),
)


def _shorter(request: Request, answer: Response, share: float) -> Response:
    """Without a length, as if the connection was closed too early."""
    return with_body(answer, answer.body[: int(len(answer.body) * share)])


_file("file-cut-at-the-end", "files lack their end", lambda r, a: _shorter(r, a, 0.97))
_file("file-cut-in-half", "files lack their second half", lambda r, a: _shorter(r, a, 0.5))
_file(
    "file-garbled",
    "what a picture shows is garbled",
    lambda r, a: with_body(a, a.body[:160] + bytes(len(a.body) - 164) + a.body[-4:]),
)
_file("file-empty", "finished files are empty", lambda r, a: with_body(a, b""))
_file(
    "file-html",
    "an error page in place of the file",
    lambda r, a: with_header(with_body(a, b"<html>oops</html>"), "Content-Type", "text/html"),
)
_file(
    "file-json-inside",
    "a JSON error under an image's type",
    lambda r, a: with_body(a, b'{"error":"not ready"}'),
)
_file(
    "file-always-png",
    "videos are delivered as pictures",
    lambda r, a: with_header(with_body(a, PNG), "Content-Type", "image/png"),
)
_file(
    "file-type-html",
    "files are served as text/html",
    lambda r, a: with_header(a, "Content-Type", "text/html"),
)
_file(
    "file-type-video",
    "every file is served as video/mp4",
    lambda r, a: with_header(a, "Content-Type", "video/mp4"),
)


@defect(KIND, "resultFile", "the file is there before the job is done")
def file_before_success(upstream: Upstream) -> Upstream:
    """The input is copied to the result's address first."""

    def send(request: Request) -> Response:
        answer = upstream(request)
        if request.method == "GET" and not operation_of(request) and answer.status != OK:
            return Response(OK, (("Content-Type", "image/png"),), PNG)
        return answer

    return send


@story(KIND, "resultFile", "the file is there as soon as the work begins")
def file_while_processing(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    for item in listed(answer):
        memory.last[str(item.get("url"))] = item.get("faceswap_status")
    if not operation_of(request) and memory.last.get(request.url) == 2:
        return Response(OK, (("Content-Type", "image/png"),), PNG)
    return answer


@defect(KIND, "resultFile", "the first finished file is served for every job")
def file_of_another(upstream: Upstream) -> Upstream:
    """A cache keyed by path prefix: a video's address gives the first picture."""
    memory = Memory()

    def send(request: Request) -> Response:
        answer = upstream(request)
        if request.method == "GET" and not operation_of(request) and answer.status == OK:
            found: Response = memory.last.setdefault("file", answer)
            return found
        return answer

    return send


def _early(memory: Memory, request: Request, upstream: Upstream) -> Response:
    """Status 3 one look after the submit, long before the file is there."""
    answer = upstream(request)
    note_submit(memory, request, answer)
    if operation_of(request) == "listResults" and success(answer):
        body = value(answer.body)
        for item in body["data"]["result"]:
            if item["_id"] in memory.jobs:
                item["faceswap_status"] = 3
        return with_json(answer, body)
    return answer


defect(KIND, "listResults", "success is listed before the file exists", name="success-too-early")(
    stateful(_early)
)
