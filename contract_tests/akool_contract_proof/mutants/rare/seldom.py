"""Defects that show rarely or late: now and then, on one path of many, some time afterwards."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from akool_contract._wire.http import Request, Response, Upstream
from akool_contract._wire.known import SUBMITS
from akool_contract_proof.mutants._kit import (
    Json,
    Memory,
    asked,
    asking,
    defect,
    deleting,
    hook_defect,
    items,
    listed,
    note_submit,
    operation_of,
    relisted,
    stateful,
    story,
    success,
    wrong_balance,
)

if TYPE_CHECKING:
    from akool_contract_proof.mutants._kit import Hook, Post

OK = 200
SUCCESS, PROCESSING = 3, 2
SOON = 120
DIES_AFTER = 14
"""Requests after which a cache's life is over."""


# -- deletion
@story("state", "deleteResults", "a replica brings deleted results back a while later")
def deleted_comes_back_late(memory: Memory, request: Request, upstream: Upstream) -> Response:
    number = memory.count("all")
    answer = upstream(request)
    for item in listed(answer):
        memory.jobs[str(item["_id"])] = item
    if operation_of(request) == "deleteResults" and success(answer):
        memory.counts.update({f"gone {name}": number for name in asked(request)})
    if operation_of(request) != "listResults" or not success(answer):
        return answer
    back = [
        memory.jobs[name]
        for name in asked(request)
        if name in memory.jobs and number > memory.counts.get(f"gone {name}", number) + SOON
    ]
    known = {item["_id"] for item in listed(answer)}
    return relisted(answer, listed(answer) + [item for item in back if item["_id"] not in known])


@story("state", "deleteResults", "one unknown id among several, and nothing is deleted")
def delete_all_or_nothing(memory: Memory, request: Request, upstream: Upstream) -> Response:
    if operation_of(request) == "deleteResults":
        there = {str(i["_id"]) for i in listed(upstream(_list_of(request)))}
        if there and set(asked(request)) - there:
            return upstream(deleting(request, ["f" * 24]))
    return upstream(request)


def _list_of(request: Request) -> Request:
    url = request.url.replace("delbyids", "listbyids") + "?_ids=" + ",".join(asked(request))
    return replace(request, method="GET", url=url, body=b"")


@story("state", "deleteResults", "an unknown id ends the loop over the ids")
def delete_stops_at_unknown(memory: Memory, request: Request, upstream: Upstream) -> Response:
    if operation_of(request) == "deleteResults" and len(asked(request)) > 1:
        there = {str(i["_id"]) for i in listed(upstream(_list_of(request)))}
        kept: list[str] = []
        for name in asked(request):
            if name not in there:
                break
            kept.append(name)
        if there:
            return upstream(deleting(request, kept or ["f" * 24]))
    return upstream(request)


@story("state", "deleteResults", "a job that still runs is not deleted")
def running_not_deleted(memory: Memory, request: Request, upstream: Upstream) -> Response:
    if operation_of(request) == "deleteResults" and success(upstream(_list_of(request))):
        done = [
            str(i["_id"])
            for i in listed(upstream(_list_of(request)))
            if i["faceswap_status"] > PROCESSING
        ]
        running = set(asked(request)) - set(done)
        if running & set(memory.jobs):
            return upstream(deleting(request, done or ["f" * 24]))
    answer = upstream(request)
    note_submit(memory, request, answer)
    return answer


@story("state", "deleteResults", "one own id opens the door to another account's")
def delete_checks_first_id(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    note_submit(memory, request, answer)
    if operation_of(request) == "deleteResults" and success(answer) and len(asked(request)) > 1:
        for name in asked(request)[1:]:
            if name in memory.jobs:
                upstream(replace(deleting(request, [name]), headers=memory.jobs[name]["headers"]))
    return answer


# -- lists
@story("state", "swapImage", "every fifth accepted job is lost before it is stored")
def lost_job(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    name = note_submit(memory, request, answer)
    if name and memory.count("submits") % 5 == 0:
        memory.deleted.add(name)
    if operation_of(request) == "listResults" and success(answer) and memory.deleted:
        return relisted(answer, [i for i in listed(answer) if i["_id"] not in memory.deleted])
    return answer


@story("state", "listResults", "results are gone from the list after a while")
def vanishes_later(memory: Memory, request: Request, upstream: Upstream) -> Response:
    number = memory.count("all")
    answer = upstream(request)
    name = note_submit(memory, request, answer)
    if name:
        memory.counts[f"new {name}"] = number
    if operation_of(request) != "listResults" or not success(answer):
        return answer
    late = 4 * SOON
    return relisted(
        answer,
        [i for i in listed(answer) if number < memory.counts.get(f"new {i['_id']}", number) + late],
    )


@story("state", "listResults", "the status stays the one of the first poll")
def stale_status(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) != "listResults" or not success(answer):
        return answer
    for item in (found := listed(answer)):
        key = str(item["_id"])
        item["faceswap_status"] = memory.last.setdefault(key, item["faceswap_status"])
    return relisted(answer, found)


@story("state", "listResults", "ids are matched by their beginning")
def ids_by_prefix(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    note_submit(memory, request, answer)
    names = asked(request) if operation_of(request) == "listResults" else []
    if len(names) == 1 and len(names[0]) > 7 and not listed(answer) and success(answer):
        near = [name for name in memory.jobs if name.startswith(names[0])]
        return upstream(asking(request, near[:1])) if near else answer
    return answer


def _matched(name: str, text: str, fits: Any) -> None:  # noqa: ANN401 - a lambda
    def handle(memory: Memory, request: Request, upstream: Upstream) -> Response:
        answer = upstream(request)
        own = note_submit(memory, request, answer)
        if own:
            memory.last["own"] = own
        if operation_of(request) == "listResults" and fits(request.query) and memory.last:
            return upstream(asking(request, [memory.last["own"]]))
        return answer

    defect("state", "listResults", text, name=name)(stateful(handle))


_matched("ids-as-pattern", "an id is a pattern", lambda q: dict(q).get("_ids") in ("*", ".*", "%"))
_matched("ids-injected", "an id ends up in a query", lambda q: "' OR" in dict(q).get("_ids", ""))
_matched(
    "ids-operator", "_ids[$ne] becomes an operator", lambda q: any("[$" in name for name, _ in q)
)


@defect("state", "listResults", "only %2C separates ids, not a plain comma")
def raw_comma_unknown(upstream: Upstream) -> Upstream:
    """Splits before it decodes."""

    def send(request: Request) -> Response:
        query = request.url.partition("?")[2]
        if operation_of(request) == "listResults" and "," in query:
            url = request.url.partition(",")[0]
            return upstream(replace(request, url=url))
        return upstream(request)

    return send


# -- times
def _moved(name: str, text: str, seconds: int) -> None:
    from datetime import datetime, timedelta  # noqa: PLC0415 - one use

    def change(item: Json) -> bool:
        stamp = datetime.fromisoformat(str(item["createdAt"])) + timedelta(seconds=seconds)
        moved = stamp.isoformat(timespec="milliseconds")
        item["createdAt"] = moved.replace("+00:00", "Z")
        return True

    defect("state", "listResults", text, name=name)(items(change))


_moved("created-eight-hours-ahead", "createdAt is local time called UTC", 8 * 3600)
_moved("created-five-hours-ago", "createdAt is local time called UTC", -5 * 3600)
_moved("created-an-hour-ago", "createdAt knows no daylight saving", -3600)
defect("state", "listResults", "createdAt is 1970", name="created-1970")(
    items(lambda i: i.update(createdAt="1970-01-01T00:00:00.000Z") or True)
)
_HOURS_MS = 8 * 3_600_000


# -- credits
_sometimes = partial(wrong_balance, "state")
_sometimes(
    "charged-twice-sometimes",
    "swapImage",
    "every fourth job is paid twice",
    lambda m, r, a: (
        -4.0
        if operation_of(r) in SUBMITS and success(a) and m.count(operation_of(r)) % 4 == 0
        else 0
    ),
)
_sometimes(
    "garbage-charged",
    "swapVideo",
    "a body that is no JSON is charged",
    lambda m, r, a: -1.0 if operation_of(r) == "swapVideo" and r.body[:1] not in b"{" else 0.0,
)
_sometimes(
    "wrong-pairs-charged",
    "swapPlus",
    "a refused face_mapping is charged",
    lambda m, r, a: (
        -4.0
        if operation_of(r) == "swapPlus" and b"face_mapping" in r.body and not success(a)
        else 0.0
    ),
)


# -- webhooks
def _messages(name: str, text: str, handle: Any) -> None:  # noqa: ANN401 - a function
    def make() -> Hook:
        memory = Memory()

        def hook(url: str, body: bytes, post: Post) -> int:
            status: int = handle(memory, url, body, post)
            return status

        return hook

    make.__name__ = name
    hook_defect(text)(make)


def _reversed(memory: Memory, url: str, body: bytes, post: Post) -> int:
    """Holds the first message until the second has gone."""
    if memory.count(url) == 1:
        memory.last[url] = body
        return OK
    status = post(url, body)
    if url in memory.last:
        import time  # noqa: PLC0415 - one use

        if "127.0.0.1:9/" not in url:
            time.sleep(1.1)  # a queue that is tried again after a second
        post(url, memory.last.pop(url))
    return status


def _no_retry(memory: Memory, url: str, body: bytes, post: Post) -> int:
    post(url, body)
    return OK


def _no_query(memory: Memory, url: str, body: bytes, post: Post) -> int:
    return post(url.partition("?")[0], body)


def _some_lost(memory: Memory, url: str, body: bytes, post: Post) -> int:
    return OK if memory.count("all") > DIES_AFTER else post(url, body)


_messages("hooks_in_reverse", "success is announced before processing", _reversed)
_messages("hooks_never_again", "a refused webhook is not sent again", _no_retry)
_messages("hook_query_dropped", "the query of webhookUrl is dropped", _no_query)
_messages("hooks_lost_later", "the sender of webhooks dies after a while", _some_lost)


# -- files
@story("side", "resultFile", "the file can be fetched once, then it is gone")
def file_gone_soon(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if request.method == "GET" and not operation_of(request) and answer.status == OK:
        gone = memory.count(request.url) > 1
        return Response(404, (("Content-Type", "text/plain"),), b"gone") if gone else answer
    return answer


@defect("side", "resultFile", "a part of a file starts one byte late")
def file_range_shifted(upstream: Upstream) -> Upstream:
    """Counts bytes from one."""

    def send(request: Request) -> Response:
        wanted = str(request.header("range") or "")
        if operation_of(request) or not wanted:
            return upstream(request)
        whole = upstream(request.with_headers({"range": None}))
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        if whole.status != OK or not first:
            return whole
        part = whole.body[int(first) + 1 : int(last) + 2 if last else None]
        kind = (("Content-Type", str(whole.header("content-type"))),)
        return Response(206, kind, part)

    return send
