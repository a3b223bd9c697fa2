"""What defects are written with: a layer between the suite and a correct server.

A defect sees requests and answers as bytes, and may have a memory. It does not know the server
behind it, so one table serves both the simulator and the reference server.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from akool_contract._wire.http import Request, Response, Upstream
from akool_contract._wire.known import KNOWN, SUBMITS

PATHS = {path: name for name, (_, path) in KNOWN.items()}
IDS = "/api/open/v3/faceswap/result/listbyids"

Layer = Callable[[Upstream], Upstream]
Post = Callable[[str, bytes], int]
Hook = Callable[[str, bytes, Post], int]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One defect. `kind` is one of the six kinds of the proof; `hook` breaks webhook deliveries."""

    name: str
    kind: str
    operation: str
    text: str
    layer: Layer | None = None
    hook: Callable[[], Hook] | None = None


TABLE: list[Mutant] = []


def defect(kind: str, operation: str, text: str, *, name: str = "") -> Callable[[Layer], Layer]:
    """Registers a layer as a defect; the name is the function's unless given."""

    def register(layer: Layer) -> Layer:
        title = name or layer.__name__.strip("_").replace("_", "-")
        TABLE.append(Mutant(title, kind, operation, text, layer=layer))
        return layer

    return register


def hook_defect(text: str) -> Callable[[Callable[[], Hook]], Callable[[], Hook]]:
    """Registers a defect of webhook deliveries; made again for each run, because of its memory."""

    def register(make: Callable[[], Hook]) -> Callable[[], Hook]:
        title = make.__name__.strip("_").replace("_", "-")
        TABLE.append(Mutant(title, "side", "webhook", text, hook=make))
        return make

    return register


def operation_of(request: Request) -> str:
    """The operationId that a request's path belongs to; "" for files and others."""
    return PATHS.get(request.path, "")


def value(body: bytes) -> Json:
    """The JSON object in a body, or an empty one."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def with_json(answer: Response, body: object) -> Response:
    """The answer with another JSON body."""
    return with_body(answer, json.dumps(body).encode())


def with_body(answer: Response, body: bytes) -> Response:
    """The answer with another body and a matching length."""
    headers = tuple((k, v) for k, v in answer.headers if k.lower() != "content-length")
    return replace(answer, body=body, headers=headers)


def with_header(answer: Response, name: str, text: str | None) -> Response:
    """The answer with one header replaced, or removed when the text is None."""
    kept = tuple((k, v) for k, v in answer.headers if k.lower() != name.lower())
    return replace(answer, headers=kept if text is None else ((*kept, (name, text))))


def refuse(code: int = 1003, msg: str = "Parameter error", status: int = 200) -> Response:
    """A refusal of the defect's own."""
    body = json.dumps({"code": code, "msg": msg}).encode()
    return Response(status, (("Content-Type", "application/json"),), body)


def success(answer: Response) -> bool:
    """Whether an answer says that it did what was asked."""
    body = value(answer.body)
    return body.get("code") == 1000 or body.get("error_code") == 0


def edit(*operations: str, when: str = "success") -> Callable[[Callable[[Json], Any]], Layer]:
    """A layer that edits the JSON of some operations' answers: on success, on refusal, or any.

    The edit changes the object in place, or gives the new value.
    """

    def make(change: Callable[[Json], Any]) -> Layer:
        def layer(upstream: Upstream) -> Upstream:
            def send(request: Request) -> Response:
                answer = upstream(request)
                body = value(answer.body)
                fits = when == "any" or success(answer) == (when == "success")
                if operation_of(request) not in operations or not body or not fits:
                    return answer
                changed = change(body)
                return with_json(answer, body if changed is None else changed)

            return send

        return layer

    return make


def answers(*operations: str) -> Callable[[Callable[[Response], Response]], Layer]:
    """A layer over the raw answers of some operations (all when none is named)."""

    def make(change: Callable[[Response], Response]) -> Layer:
        def layer(upstream: Upstream) -> Upstream:
            def send(request: Request) -> Response:
                answer = upstream(request)
                name = operation_of(request)
                return change(answer) if name in operations or (name and not operations) else answer

            return send

        return layer

    return make


def requests(*operations: str) -> Callable[[Callable[[Json], Any]], Layer]:
    """A layer that edits request bodies before the server sees them, as if a check were missing."""

    def make(change: Callable[[Json], Any]) -> Layer:
        def layer(upstream: Upstream) -> Upstream:
            def send(request: Request) -> Response:
                body = value(request.body)
                if operation_of(request) not in operations or not request.body:
                    return upstream(request)
                changed = change(body)
                text = json.dumps(body if changed is None else changed).encode()
                return upstream(replace(request, body=text))

            return send

        return layer

    return make


def items(change: Callable[[Json], Any]) -> Layer:
    """A layer over each item of a result list; None drops the item."""

    def each(body: Json) -> None:
        result = body.get("data", {}).get("result")
        if isinstance(result, list):
            changed = [(item, change(item)) for item in result]
            kept = [item if new is True else new for item, new in changed if new is not None]
            body["data"]["result"] = kept

    return edit("listResults")(each)


@dataclass
class Memory:
    """What a stateful defect remembers."""

    jobs: dict[str, Json] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    last: dict[str, Any] = field(default_factory=dict)

    def count(self, key: str) -> int:
        """One more of that key; the count."""
        self.counts[key] = self.counts.get(key, 0) + 1
        return self.counts[key]


Stateful = Callable[[Memory, Request, Upstream], Response]


def stateful(handle: Stateful) -> Layer:
    """A layer with a memory; `handle` decides what to forward and what to answer."""

    def layer(upstream: Upstream) -> Upstream:
        memory = Memory()

        def send(request: Request) -> Response:
            return handle(memory, request, upstream)

        return send

    return layer


def asked(request: Request) -> list[str]:
    """The ids of a list or delete request."""
    if operation_of(request) == "listResults":
        text = dict(request.query).get("_ids", "")
    else:
        text = str(value(request.body).get("_ids") or "")
    return [part.strip() for part in text.split(",") if part.strip()]


def asking(request: Request, ids: list[str]) -> Request:
    """The list request with other ids."""
    return replace(request, url=request.url.partition("?")[0] + "?_ids=" + ",".join(ids))


def deleting(request: Request, ids: list[str]) -> Request:
    """The delete request with other ids."""
    return replace(request, body=json.dumps({"_ids": ",".join(ids)}).encode())


def note_submit(memory: Memory, request: Request, answer: Response) -> str:
    """Remembers an accepted submit; its `_id` or ""."""
    data = value(answer.body).get("data")
    if operation_of(request) in SUBMITS and success(answer) and isinstance(data, dict):
        memory.jobs[str(data.get("_id"))] = {
            "data": data,
            "body": value(request.body),
            "headers": request.headers,
            "operation": operation_of(request),
        }
        return str(data.get("_id"))
    return ""


def story(kind: str, operation: str, text: str) -> Callable[[Stateful], Stateful]:
    """Registers a defect with a memory; the name is the function's."""

    def register(handle: Stateful) -> Stateful:
        title = handle.__name__.strip("_").replace("_", "-")
        defect(kind, operation, text, name=title)(stateful(handle))
        return handle

    return register


def listed(answer: Response) -> list[Json]:
    """The items of a result list."""
    result = (value(answer.body).get("data") or {}).get("result")
    return result if isinstance(result, list) else []


def relisted(answer: Response, result: list[Json]) -> Response:
    """The answer with other items."""
    body = value(answer.body)
    body["data"] = {"result": result}
    return with_json(answer, body)


def wrong_balance(kind: str, name: str, operation: str, text: str, owed: Any) -> None:  # noqa: ANN401 - a function
    """Registers a wrong balance: after each answer, `owed` says what is added to the credit."""

    def handle(memory: Memory, request: Request, upstream: Upstream) -> Response:
        answer = upstream(request)
        key = str(request.header("x-api-key") or request.header("authorization"))
        if operation_of(request) == "getCredit" and success(answer):
            body = value(answer.body)
            body["data"]["credit"] += memory.last.get(key, 0.0)
            return with_json(answer, body)
        memory.last[key] = memory.last.get(key, 0.0) + owed(memory, request, answer)
        note_submit(memory, request, answer)
        return answer

    defect(kind, operation, text, name=name)(stateful(handle))
