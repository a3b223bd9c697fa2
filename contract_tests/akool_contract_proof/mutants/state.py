"""Defects over several calls: lost updates, stale caches, wrong joins, races frozen in code."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from akool_contract_proof.mutants._kit import (
    SUBMITS,
    Json,
    Memory,
    asked,
    asking,
    defect,
    deleting,
    note_submit,
    operation_of,
    refuse,
    stateful,
    success,
    value,
    with_json,
)

if TYPE_CHECKING:
    from akool_contract._http import Request, Response, Upstream
    from akool_contract_proof.mutants._kit import Stateful

KIND = "state"
SUCCESS, FAILED, PROCESSING = 3, 4, 2


def _story(operation: str, text: str) -> Any:  # noqa: ANN401 - a decorator
    def register(handle: Stateful) -> Stateful:
        defect(KIND, operation, text, name=handle.__name__.strip("_").replace("_", "-"))(
            stateful(handle)
        )
        return handle

    return register


def _list(answer: Response) -> list[Json]:
    result = (value(answer.body).get("data") or {}).get("result")
    return result if isinstance(result, list) else []


def _relist(answer: Response, result: list[Json]) -> Response:
    body = value(answer.body)
    body["data"] = {"result": result}
    return with_json(answer, body)


def _on_items(name: str, text: str, change: Any) -> None:  # noqa: ANN401 - a lambda
    """A defect over listed items, with a memory."""

    def handle(memory: Memory, request: Request, upstream: Upstream) -> Response:
        answer = upstream(request)
        note_submit(memory, request, answer)
        if operation_of(request) != "listResults" or not success(answer):
            return answer
        result = [change(memory, item) for item in _list(answer)]
        return _relist(answer, [item for item in result if item is not None])

    defect(KIND, "listResults", text, name=name)(stateful(handle))


def _nth(memory: Memory, item: Json, number: int) -> bool:
    return memory.count(str(item["_id"])) == number


# -- statuses
_on_items(
    "status-goes-back",
    "a finished job is processing again at the third look",
    lambda m, i: (
        {**i, "faceswap_status": 2}
        if i["faceswap_status"] == SUCCESS and m.count("b" + i["_id"]) == 2
        else i
    ),
)
_on_items(
    "success-becomes-failure",
    "success turns into failure later",
    lambda m, i: (
        {**i, "faceswap_status": 4}
        if i["faceswap_status"] == SUCCESS and m.count("f" + i["_id"]) > 1
        else i
    ),
)
_on_items(
    "requeued",
    "a processing job goes back to the queue",
    lambda m, i: (
        {**i, "faceswap_status": 1}
        if i["faceswap_status"] == PROCESSING and m.count("q" + i["_id"]) == 2
        else i
    ),
)
_on_items(
    "never-finishes",
    "no job ever leaves processing",
    lambda m, i: {**i, "faceswap_status": min(i["faceswap_status"], 2)},
)
_on_items(
    "video-never-finishes",
    "video jobs stay in processing",
    lambda m, i: (
        {**i, "faceswap_status": min(i["faceswap_status"], 2)}
        if m.jobs.get(i["_id"], {}).get("operation") == "swapVideo"
        else i
    ),
)
_on_items(
    "plus-always-fails",
    "every Plus job fails",
    lambda m, i: (
        {**i, "faceswap_status": 4}
        if i["faceswap_status"] == SUCCESS
        and m.jobs.get(i["_id"], {}).get("operation") == "swapPlus"
        else i
    ),
)
_on_items(
    "always-queued", "the list says status 1 for ever", lambda m, i: {**i, "faceswap_status": 1}
)
_on_items(
    "statuses-shifted",
    "processing and success are confused",
    lambda m, i: {
        **i,
        "faceswap_status": {2: 3, 3: 2}.get(i["faceswap_status"], i["faceswap_status"]),
    },
)

# -- what is kept
_on_items(
    "url-changes",
    "the url gets a new query at each look",
    lambda m, i: {**i, "url": f"{i.get('url')}?v={m.count('u')}"},
)
_on_items(
    "url-moves-at-success",
    "the final url is another than the one handed out",
    lambda m, i: (
        {**i, "url": str(i.get("url")).replace("final_", "done_")}
        if i["faceswap_status"] == SUCCESS
        else i
    ),
)
_on_items(
    "url-lost-at-success",
    "the url is gone at success",
    lambda m, i: (
        {k: v for k, v in i.items() if k != "url"} if i["faceswap_status"] == SUCCESS else i
    ),
)
_on_items(
    "url-empty-at-success",
    "the url is empty at success",
    lambda m, i: {**i, "url": ""} if i["faceswap_status"] == SUCCESS else i,
)
_on_items(
    "same-url-for-all",
    "every job has the same url",
    lambda m, i: {**i, "url": m.last.setdefault("url", i.get("url"))},
)
_on_items(
    "created-is-now",
    "createdAt is the time of the question",
    lambda m, i: {
        **i,
        "createdAt": f"2026-01-01T00:{m.count('c') // 60 % 60:02d}:{m.counts['c'] % 60:02d}.000Z",
    },
)
_on_items(
    "created-lost-at-end",
    "createdAt changes when the job ends",
    lambda m, i: (
        {**i, "createdAt": "1970-01-01T00:00:00.000Z"} if i["faceswap_status"] > PROCESSING else i
    ),
)
_on_items(
    "owner-changes",
    "uid is drawn anew at each look",
    lambda m, i: {**i, "uid": 1000 + m.count("o")},
)
_on_items(
    "owner-lost-at-end",
    "uid is missing at the end",
    lambda m, i: (
        {k: v for k, v in i.items() if k != "uid"} if i["faceswap_status"] > PROCESSING else i
    ),
)
_on_items(
    "owner-is-another",
    "the second job belongs to somebody else",
    lambda m, i: {**i, "uid": 7} if list(m.jobs).index(i["_id"]) % 2 and i["_id"] in m.jobs else i,
)
_on_items(
    "other-job-id",
    "the listed job_id is another",
    lambda m, i: {**i, "job_id": "20200101000000000-0001"},
)

# -- which are listed
_on_items(
    "failed-hidden",
    "finished jobs drop out of the list after a look",
    lambda m, i: None if i["faceswap_status"] > PROCESSING and m.count("h" + i["_id"]) > 1 else i,
)
_on_items(
    "hidden-while-processing",
    "a job is not listed while it is processed",
    lambda m, i: None if i["faceswap_status"] == PROCESSING else i,
)
_on_items(
    "third-vanishes",
    "every third job is lost",
    lambda m, i: None if i["_id"] in m.jobs and list(m.jobs).index(i["_id"]) % 3 == 2 else i,
)
_on_items(
    "vanishes-for-a-moment",
    "a job is missing from its second list",
    lambda m, i: None if _nth(m, i, 2) else i,
)
_on_items(
    "ids-swapped",
    "an item carries the previous item's _id",
    lambda m, i: (
        {**i, "_id": m.last.get("p") or i["_id"]}
        if m.last.update(p=m.last.get("c"), c=i["_id"]) is None
        else i
    ),
)


@_story("listResults", "the last job is always in the list, asked for or not")
def extra_item(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    note_submit(memory, request, answer)
    if operation_of(request) == "listResults" and success(answer) and memory.jobs:
        extra = _list(upstream(asking(request, [list(memory.jobs)[-1]])))
        known = {item["_id"] for item in _list(answer)}
        return _relist(answer, _list(answer) + [item for item in extra if item["_id"] not in known])
    return answer


@_story("listResults", "unknown ids get an invented item")
def invents_items(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) != "listResults" or not success(answer):
        return answer
    for item in _list(answer):
        memory.last["item"] = item
    have = {item["_id"] for item in _list(answer)}
    model = memory.last.get("item")
    fresh = [{**model, "_id": i} for i in asked(request) if i not in have] if model else []
    return _relist(answer, _list(answer) + fresh)


@_story("listResults", "items are doubled by a join")
def doubled_items(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) == "listResults" and success(answer):
        return _relist(answer, [item for item in _list(answer) for _ in (1, 2)])
    return answer


@_story("listResults", "lists are cached for ever by their first id")
def stale_cache(memory: Memory, request: Request, upstream: Upstream) -> Response:
    if operation_of(request) != "listResults" or not asked(request):
        return upstream(request)
    key = asked(request)[0] + str(request.headers)
    if key not in memory.last:
        answer = upstream(request)
        if not _list(answer):
            return answer
        memory.last[key] = answer
    found: Response = memory.last[key]
    return found


@_story("listResults", "lists are cached by their query, whoever asks")
def cache_across_deletes(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) == "deleteResults":
        memory.deleted |= set(asked(request))
    if operation_of(request) != "listResults" or not success(answer):
        return answer
    back = [memory.jobs[i] for i in asked(request) if i in memory.deleted and i in memory.jobs]
    for item in _list(answer):
        memory.jobs[str(item["_id"])] = item
    return _relist(answer, _list(answer) + back)


# -- submits
@_story("swapImage", "a second submit of the same body gets the first one's ids")
def same_ids_for_same_body(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) in SUBMITS and success(answer):
        found: Response = memory.last.setdefault(request.body.decode(), answer)
        return found
    return answer


@_story("swapImagePro", "job_id counts from one for each operation")
def job_ids_repeat(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) in SUBMITS and success(answer):
        body = value(answer.body)
        body["data"]["job_id"] = "20240102082900592-5653"
        return with_json(answer, body)
    return answer


@_story("swapPlus", "the _id handed out is the job_id")
def hands_out_job_id(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) == "swapPlus" and success(answer):
        body = value(answer.body)
        body["data"]["_id"] = body["data"]["job_id"]
        return with_json(answer, body)
    return answer


@_story("swapVideo", "accepted, but never stored")
def accepted_never_stored(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) == "swapVideo" and success(answer):
        body = value(answer.body)
        body["data"]["_id"] = body["data"]["_id"][:-6] + f"f{memory.count('v'):05d}"
        return with_json(answer, body)
    return answer


@_story("swapImage", "the url handed out belongs to another job")
def url_of_previous_job(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) == "swapImage" and success(answer):
        body = value(answer.body)
        url, memory.last["url"] = memory.last.get("url"), body["data"]["url"]
        body["data"]["url"] = url or body["data"]["url"]
        return with_json(answer, body)
    return answer


# -- deletes
@_story("deleteResults", "deletion says OK and does nothing")
def delete_does_nothing(memory: Memory, request: Request, upstream: Upstream) -> Response:
    if operation_of(request) == "deleteResults" and asked(request):
        return upstream(deleting(request, ["0" * 24]))
    return upstream(request)


@_story("deleteResults", "only the first id is deleted")
def deletes_first_only(memory: Memory, request: Request, upstream: Upstream) -> Response:
    if operation_of(request) == "deleteResults" and len(asked(request)) > 1:
        return upstream(deleting(request, asked(request)[:1]))
    return upstream(request)


@_story("deleteResults", "the neighbour in time is deleted as well")
def deletes_neighbour(memory: Memory, request: Request, upstream: Upstream) -> Response:
    ids = list(memory.jobs)
    if operation_of(request) == "deleteResults":
        near = [ids[ids.index(i) - 1] for i in asked(request) if i in ids and ids.index(i)]
        return upstream(deleting(request, [*asked(request), *near])) if near else upstream(request)
    answer = upstream(request)
    note_submit(memory, request, answer)
    return answer


@_story("deleteResults", "what was deleted is back at the second look")
def deleted_comes_back(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) == "deleteResults" and success(answer):
        memory.deleted |= set(asked(request))
    if operation_of(request) != "listResults" or not success(answer):
        return answer
    for item in _list(answer):
        memory.jobs[str(item["_id"])] = item
    back = [
        memory.jobs[i]
        for i in dict.fromkeys(asked(request))
        if i in memory.deleted and i in memory.jobs and memory.count(i) > 1
    ]
    return _relist(answer, _list(answer) + back)


@_story("deleteResults", "deleted jobs are listed with status 4")
def deleted_listed_as_failed(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) == "deleteResults" and success(answer):
        memory.deleted |= set(asked(request))
    if operation_of(request) != "listResults" or not success(answer):
        return answer
    for item in _list(answer):
        memory.jobs[str(item["_id"])] = item
    gone = [
        memory.jobs[i]
        for i in dict.fromkeys(asked(request))
        if i in memory.deleted and i in memory.jobs
    ]
    return _relist(answer, _list(answer) + [{**item, "faceswap_status": FAILED} for item in gone])


@_story("deleteResults", "one's own results cannot be deleted: 1009")
def delete_refused(memory: Memory, request: Request, upstream: Upstream) -> Response:
    if operation_of(request) == "deleteResults" and asked(request) and request.header("x-api-key"):
        return refuse(1009, "no permission")
    return upstream(request)


@_story("deleteResults", "everything of the account is deleted")
def deletes_everything(memory: Memory, request: Request, upstream: Upstream) -> Response:
    if operation_of(request) == "deleteResults" and set(asked(request)) & set(memory.jobs):
        return upstream(deleting(request, list(memory.jobs)))
    answer = upstream(request)
    note_submit(memory, request, answer)
    return answer


@_story("deleteResults", "deletion is refused for finished jobs only")
def delete_answers_error_but_deletes(
    memory: Memory, request: Request, upstream: Upstream
) -> Response:
    answer = upstream(request)
    if (
        operation_of(request) == "deleteResults"
        and success(answer)
        and set(asked(request)) & set(memory.jobs)
    ):
        return refuse(1003)
    note_submit(memory, request, answer)
    return answer


# -- accounts
@_story("listResults", "accounts see each other's results")
def lists_for_all(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    note_submit(memory, request, answer)
    if operation_of(request) != "listResults" or not success(answer):
        return answer
    have = {str(item["_id"]) for item in _list(answer)}
    more: list[Json] = []
    for name in dict.fromkeys(asked(request)):
        if name not in have and name in memory.jobs:
            more += _list(
                upstream(replace(asking(request, [name]), headers=memory.jobs[name]["headers"]))
            )
    return _relist(answer, _list(answer) + more)


@_story("deleteResults", "accounts can delete each other's results")
def deletes_for_all(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    note_submit(memory, request, answer)
    if operation_of(request) == "deleteResults":
        for name in asked(request):
            if name in memory.jobs and request.header("x-api-key"):
                upstream(replace(deleting(request, [name]), headers=memory.jobs[name]["headers"]))
    return answer


@_story("swapImage", "jobs are booked on whoever came first")
def first_account_pays(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    key = request.header("x-api-key")
    if success(answer) and key and not request.header("authorization"):
        memory.last.setdefault("key", key)
    if operation_of(request) == "getCredit" and success(answer) and key and memory.last.get("key"):
        return upstream(request.with_headers({"x-api-key": memory.last["key"]}))
    return answer


# -- money
def _credit(name: str, operation: str, text: str, owed: Any) -> None:  # noqa: ANN401 - a function
    """A wrong balance: `owed` gives, for each forwarded answer, what is added to the credit told."""

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

    defect(KIND, operation, text, name=name)(stateful(handle))


PRICES = {"swapImage": 4.0, "swapVideo": 10.0, "swapImagePro": 4.0, "swapPlus": 4.0}


def _paid(request: Request, answer: Response, *operations: str) -> float:
    name = operation_of(request)
    return PRICES.get(name, 0.0) if success(answer) and name in (operations or SUBMITS) else 0.0


def _finished(memory: Memory, request: Request, answer: Response) -> int:
    if operation_of(request) != "listResults":
        return 0
    done = {str(i["_id"]) for i in _list(answer) if i.get("faceswap_status") == SUCCESS}
    new = done - memory.deleted
    memory.deleted |= new
    return len(new)


_credit("free-of-charge", "swapImage", "nothing is deducted", lambda m, r, a: _paid(r, a))
_credit(
    "pro-is-free",
    "swapImagePro",
    "Pro jobs are not charged",
    lambda m, r, a: _paid(r, a, "swapImagePro"),
)
_credit(
    "charged-at-the-end",
    "swapVideo",
    "charged when done, not at submission",
    lambda m, r, a: _paid(r, a) - 4.0 * _finished(m, r, a),
)
_credit(
    "charged-twice",
    "swapPlus",
    "charged at submission and again at the end",
    lambda m, r, a: -4.0 * _finished(m, r, a),
)
_credit(
    "refusals-charged",
    "swapImage",
    "refused submits are charged",
    lambda m, r, a: (
        -4.0 if operation_of(r) in SUBMITS and value(a.body).get("code") == 1003 else 0.0
    ),
)
_credit(
    "bad-auth-charged",
    "swapVideo",
    "1007 is charged",
    lambda m, r, a: -4.0 if value(a.body).get("code") == 1007 else 0.0,
)
_credit(
    "lists-charged",
    "listResults",
    "looking costs a little",
    lambda m, r, a: -0.1 if operation_of(r) == "listResults" and success(a) else 0.0,
)
_credit(
    "detections-charged",
    "detectFaces",
    "detections cost credits",
    lambda m, r, a: -1.0 if operation_of(r) == "detectFaces" and success(a) else 0.0,
)
_credit(
    "deletion-refunds",
    "deleteResults",
    "deleting gives the credits back",
    lambda m, r, a: (
        4.0 if operation_of(r) == "deleteResults" and set(asked(r)) & set(m.jobs) else 0.0
    ),
)
_credit(
    "success-refunds",
    "getCredit",
    "credits come back at success",
    lambda m, r, a: 4.0 * _finished(m, r, a),
)
_credit("credit-drifts", "getCredit", "the credit sinks by itself", lambda m, r, a: -0.5)


@_story("getCredit", "the credit goes below zero in place of 1006")
def credit_goes_negative(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if value(answer.body).get("code") == 1006 and memory.last.get("good"):  # noqa: PLR2004 - no credit
        memory.count("owed")
        return upstream(
            request.with_headers({"x-api-key": memory.last["good"], "authorization": None})
        )
    if success(answer) and request.header("x-api-key") and operation_of(request) in SUBMITS:
        memory.last.setdefault("good", request.header("x-api-key"))
    return answer


@_story("swapImage", "an empty account answers 1104")
def empty_is_1104(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    return refuse(1104, "insufficient credit") if value(answer.body).get("code") == 1006 else answer  # noqa: PLR2004


@_story("swapPlus", "an empty account gets a parameter error")
def empty_is_1003(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    return refuse(1003) if value(answer.body).get("code") == 1006 else answer  # noqa: PLR2004
