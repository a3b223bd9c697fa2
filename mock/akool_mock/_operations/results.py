"""The result list, which every poll asks.

Every poll comes here, so each job is encoded once per state and kept. It is checked against the
contract when it is encoded, and stays valid until the job's plan or the settings change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akool_mock._contract.answers import checked
from akool_mock._http import Response
from akool_mock._world.accounts import no_ids
from akool_mock._world.ids import created_at, job_number
from akool_mock._world.jobs import DOCUMENTED, Status

if TYPE_CHECKING:
    from akool_mock._operations.call import Call
    from akool_mock._world.accounts import Account
    from akool_mock._world.jobs import Job
    from akool_mock._world.world import World


_KEPT = 8192
_HEAD = b'{"code":1000,"msg":"OK","data":{"result":['
_TAIL = b"]}}"


def list_results(world: World, call: Call) -> Response:
    """GET listbyids: lists this account's jobs in the order of the ids, without unknown ids."""
    asked = dict.fromkeys(part.strip() for part in call.query["_ids"].split(","))
    if not any(asked):
        raise no_ids("_ids")
    lag_s = call.directives.list_lag_s
    now = call.now - lag_s
    jobs, items = world.jobs.by_id, world.list_items
    found = []
    for name in asked:
        job = jobs.get(name)
        if job is None or job.account != call.account.client_id or (lag_s and now < job.created):
            continue
        age = now - job.created - job.plan.list_lag_s
        if age < 0 and job.plan.list_lag_s:
            continue
        status, begun = job.plan.phase(age)
        key = (name, status, begun, call.base)
        item = items.get(key)
        if item is None:
            if len(items) >= _KEPT:
                items.clear()
            fresh = _item(world, job, call.account, call.base, status=status, begun=begun)
            complaint = _complaint(world, call, fresh)
            if complaint is not None:
                return complaint
            item = items[key] = orjson.dumps(fresh)
        found.append(item)
    return Response(200, _HEAD + b",".join(found) + _TAIL)


def _item(  # noqa: PLR0913 - what an item is made of
    world: World, job: Job, account: Account, base: str, *, status: int, begun: float
) -> dict[str, Any]:
    seconds = job.media.seconds
    item = {
        "faceswap_type": 2 if seconds else 1,
        "faceswap_quality": 2,
        "faceswap_status": status,
        "deduction_status": 1,
        "image": 0 if seconds else 1,
        "video_duration": seconds or 0,
        "deduction_duration": seconds or 0,
        "update_time": round((job.created + begun) * 1000) if begun else 0,
        "_id": job.id,
        "userId": account.user_id,
        "uid": account.uid,
        "url": world.result_url(base, job),
        "createdAt": created_at(job.created),
    }
    if world.settings.extra_fields:
        item["job_id"] = job_number(job.id, job.created)
        if status == Status.FAILED:
            item["alg_msg"] = job.plan.alg_msg
    return item


def _complaint(world: World, call: Call, item: dict[str, Any]) -> Response | None:
    """An error answer, if the item breaks the contract and no fault asked for that."""
    if item["faceswap_status"] not in DOCUMENTED:
        return None
    payload = {"code": 1000, "msg": "OK", "data": {"result": [item]}}
    answer = checked(call.operation, payload, world.failures)
    return None if answer.status == 200 else answer  # noqa: PLR2004 - HTTP
