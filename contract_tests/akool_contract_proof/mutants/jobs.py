"""Defects of submits and deletions: ids, urls, and what is left afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_contract._wire.known import SUBMITS
from akool_contract_proof.mutants._kit import (
    Json,
    Memory,
    asked,
    deleting,
    listed,
    note_submit,
    operation_of,
    refuse,
    relisted,
    story,
    success,
    value,
    with_json,
)

if TYPE_CHECKING:
    from akool_contract._wire.http import Request, Response, Upstream

KIND = "state"
FAILED = 4


# -- submits
@story(KIND, "swapImage", "a second submit of the same body gets the first one's ids")
def same_ids_for_same_body(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) in SUBMITS and success(answer):
        found: Response = memory.last.setdefault(request.body.decode(), answer)
        return found
    return answer


@story(KIND, "swapImagePro", "job_id counts from one for each operation")
def job_ids_repeat(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) in SUBMITS and success(answer):
        body = value(answer.body)
        body["data"]["job_id"] = "20240102082900592-5653"
        return with_json(answer, body)
    return answer


@story(KIND, "swapPlus", "the _id handed out is the job_id")
def hands_out_job_id(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) == "swapPlus" and success(answer):
        body = value(answer.body)
        body["data"]["_id"] = body["data"]["job_id"]
        return with_json(answer, body)
    return answer


@story(KIND, "swapVideo", "accepted, but never stored")
def accepted_never_stored(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) == "swapVideo" and success(answer):
        body = value(answer.body)
        body["data"]["_id"] = body["data"]["_id"][:-6] + f"f{memory.count('v'):05d}"
        return with_json(answer, body)
    return answer


@story(KIND, "swapImage", "the url handed out belongs to another job")
def url_of_previous_job(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    if operation_of(request) == "swapImage" and success(answer):
        body = value(answer.body)
        url, memory.last["url"] = memory.last.get("url"), body["data"]["url"]
        body["data"]["url"] = url or body["data"]["url"]
        return with_json(answer, body)
    return answer


# -- deletes
@story(KIND, "deleteResults", "deletion says OK and does nothing")
def delete_does_nothing(memory: Memory, request: Request, upstream: Upstream) -> Response:
    if operation_of(request) == "deleteResults" and asked(request):
        return upstream(deleting(request, ["0" * 24]))
    return upstream(request)


@story(KIND, "deleteResults", "only the first id is deleted")
def deletes_first_only(memory: Memory, request: Request, upstream: Upstream) -> Response:
    if operation_of(request) == "deleteResults" and len(asked(request)) > 1:
        return upstream(deleting(request, asked(request)[:1]))
    return upstream(request)


@story(KIND, "deleteResults", "the neighbour in time is deleted as well")
def deletes_neighbour(memory: Memory, request: Request, upstream: Upstream) -> Response:
    ids = list(memory.jobs)
    if operation_of(request) == "deleteResults":
        near = [ids[ids.index(i) - 1] for i in asked(request) if i in ids and ids.index(i)]
        return upstream(deleting(request, [*asked(request), *near])) if near else upstream(request)
    answer = upstream(request)
    note_submit(memory, request, answer)
    return answer


def _gone(memory: Memory, request: Request, answer: Response) -> list[Json]:
    """The deleted jobs that a list asks for, as they were listed before."""
    if operation_of(request) == "deleteResults" and success(answer):
        memory.deleted |= set(asked(request))
    if operation_of(request) != "listResults" or not success(answer):
        return []
    for item in listed(answer):
        memory.jobs[str(item["_id"])] = item
    there = dict.fromkeys(asked(request))
    return [memory.jobs[i] for i in there if i in memory.deleted and i in memory.jobs]


@story(KIND, "deleteResults", "what was deleted is back at the second look")
def deleted_comes_back(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    back = [item for item in _gone(memory, request, answer) if memory.count(str(item["_id"])) > 1]
    return relisted(answer, listed(answer) + back) if back else answer


@story(KIND, "deleteResults", "deleted jobs are listed with status 4")
def deleted_listed_as_failed(memory: Memory, request: Request, upstream: Upstream) -> Response:
    answer = upstream(request)
    gone = [{**item, "faceswap_status": FAILED} for item in _gone(memory, request, answer)]
    return relisted(answer, listed(answer) + gone) if gone else answer


@story(KIND, "deleteResults", "one's own results cannot be deleted: 1009")
def delete_refused(memory: Memory, request: Request, upstream: Upstream) -> Response:
    if operation_of(request) == "deleteResults" and asked(request) and request.header("x-api-key"):
        return refuse(1009, "no permission")
    return upstream(request)


@story(KIND, "deleteResults", "everything of the account is deleted")
def deletes_everything(memory: Memory, request: Request, upstream: Upstream) -> Response:
    if operation_of(request) == "deleteResults" and set(asked(request)) & set(memory.jobs):
        return upstream(deleting(request, list(memory.jobs)))
    answer = upstream(request)
    note_submit(memory, request, answer)
    return answer


@story(KIND, "deleteResults", "deletion is refused for finished jobs only")
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
