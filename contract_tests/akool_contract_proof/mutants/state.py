"""Defects over several calls: lost updates, stale caches, wrong joins, races frozen in code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akool_contract_proof.mutants._kit import (
    Json,
    Memory,
    asked,
    asking,
    defect,
    listed,
    note_submit,
    operation_of,
    relisted,
    stateful,
    story,
    success,
)

if TYPE_CHECKING:
    from akool_contract._wire.http import Request, Response, Upstream

KIND = "state"
SUCCESS, FAILED, PROCESSING = 3, 4, 2


def _on_items(name: str, text: str, change: Any) -> None:  # noqa: ANN401 - a lambda
    """A defect over listed items, with a memory."""

    def handle(memory: Memory, request: Request, upstream: Upstream) -> Response:
        answer = upstream(request)
        note_submit(memory, request, answer)
        if operation_of(request) != "listResults" or not success(answer):
            return answer
        result = [change(memory, item) for item in listed(answer)]
        return relisted(answer, [item for item in result if item is not None])

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
    "always-queued", "the list always says status 1", lambda m, i: {**i, "faceswap_status": 1}
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
    "the url is another one at each look",
    lambda m, i: {**i, "url": f"{i.get('url')}".replace("final_", f"final_{m.count('u')}_")},
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


@story(KIND, "listResults", "the last job is always in the list, asked for or not")
def extra_item(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    note_submit(memory, request, answer)
    if operation_of(request) == "listResults" and success(answer) and memory.jobs:
        extra = listed(upstream(asking(request, [list(memory.jobs)[-1]])))
        known = {item["_id"] for item in listed(answer)}
        return relisted(
            answer, listed(answer) + [item for item in extra if item["_id"] not in known]
        )
    return answer


@story(KIND, "listResults", "unknown ids get an invented item")
def invents_items(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) != "listResults" or not success(answer):
        return answer
    for item in listed(answer):
        memory.last["item"] = item
    have = {item["_id"] for item in listed(answer)}
    model = memory.last.get("item")
    fresh = [{**model, "_id": i} for i in asked(request) if i not in have] if model else []
    return relisted(answer, listed(answer) + fresh)


@story(KIND, "listResults", "items are doubled by a join")
def doubled_items(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) == "listResults" and success(answer):
        return relisted(answer, [item for item in listed(answer) for _ in (1, 2)])
    return answer


@story(KIND, "listResults", "lists are cached by their first id and never refreshed")
def stale_cache(memory: Memory, request: Request, upstream: Upstream) -> Response:
    if operation_of(request) != "listResults" or not asked(request):
        return upstream(request)
    key = asked(request)[0] + str(request.headers)
    if key not in memory.last:
        answer = upstream(request)
        if not listed(answer):
            return answer
        memory.last[key] = answer
    found: Response = memory.last[key]
    return found


@story(KIND, "listResults", "lists are cached by their query, whoever asks")
def cache_across_deletes(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) == "deleteResults":
        memory.deleted |= set(asked(request))
    if operation_of(request) != "listResults" or not success(answer):
        return answer
    back = [memory.jobs[i] for i in asked(request) if i in memory.deleted and i in memory.jobs]
    for item in listed(answer):
        memory.jobs[str(item["_id"])] = item
    return relisted(answer, listed(answer) + back)
