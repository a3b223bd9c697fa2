"""What the stateful operations do, one function for each; others need none.

A handler takes a `Call` that has been authenticated and validated and returns the JSON of its
answer. It refuses with `Refusal` (a business code) or `MediaFault` (detection's own HTTP errors).
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from akool_mock._operations import rules
from akool_mock._world.faults import NONE, Rule
from akool_mock._world.ids import job_number, result_name
from akool_mock._world.jobs import Job, Media, Plan, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akool_mock._http import Response
    from akool_mock._simulator import Simulator
    from akool_mock._world.accounts import Account
    from akool_mock._world.faults import Directives

    Handler = Callable[["Simulator", "Call"], "dict[str, Any] | Response"]

__all__ = ["HANDLERS", "Call"]

_PATIENCE = (
    "Please be patient! If your results are not generated in three hours, "
    "please check your input {}."
)
_PATIENCE_IMAGE = _PATIENCE.format("image")
_PATIENCE_VIDEO = _PATIENCE.format("video")
_OK = "OK"
_VIDEO = frozenset({"mp4", "mov", "avi", "webm"})
_EXTENSION = re.compile(r"[A-Za-z0-9]{1,5}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_STEM_CHARS = 100


class Call:
    """One accepted request on its way through a handler."""

    __slots__ = ("account", "base", "body", "directives", "now", "query")

    def __init__(  # noqa: PLR0913, PLR0917 - what a handler may look at
        self,
        account: Account,
        body: Any,  # noqa: ANN401 - JSON that keeps the operation's schema
        query: Mapping[str, str],
        directives: Directives,
        now: float,
        base: str,
    ) -> None:
        self.account = account
        self.body = body
        self.query = query
        self.directives = directives
        self.now = now
        self.base = base


def file_name(url: str) -> tuple[str, str]:
    """Stem and extension of an address' file name, made safe for a result's name."""
    name = url.partition("?")[0].partition("#")[0].rpartition("/")[2]
    stem, _, extension = name.rpartition(".")
    if not _EXTENSION.fullmatch(extension):
        stem, extension = name, ""
    return _UNSAFE.sub("_", stem)[:_STEM_CHARS] or "material", extension.lower()


def get_token(sim: Simulator, call: Call) -> dict[str, Any]:
    """POST getToken: a token at the top level, no msg and no data, as the page shows it."""
    body = call.body
    token = sim.accounts.login(
        body["clientId"], body["clientSecret"], call.now, sim.settings.token_s
    )
    return {"code": 1000, "token": token}


def get_credit(_sim: Simulator, call: Call) -> dict[str, Any]:
    """GET quota/info: what submits have left of the credits."""
    left = call.account.credits
    return {"code": 1000, "msg": _OK, "data": {"credit": int(left) if left.is_integer() else left}}


def swap_image(sim: Simulator, call: Call) -> dict[str, Any]:
    """POST specifyimage (V3)."""
    return _swap_v3(sim, call, "swapImage", call.body["modifyImage"], _PATIENCE_IMAGE)


def swap_video(sim: Simulator, call: Call) -> dict[str, Any]:
    """POST specifyvideo (V3)."""
    return _swap_v3(sim, call, "swapVideo", call.body["modifyVideo"], _PATIENCE_VIDEO)


def _swap_v3(sim: Simulator, call: Call, operation: str, target: str, msg: str) -> dict[str, Any]:
    faces = len(call.body["targetImage"])
    if faces != 1 or len(call.body["sourceImage"]) != 1:
        rules.aligned(call.body)
        rules.opts_when_many(call.body)
        rules.few_enough("targetImage", faces, sim.settings.max_faces)
    job = _submit(sim, call, operation, target)
    data = _v4(job)
    data["url"] = result_url(sim, call.base, job)
    return {"code": 1000, "msg": msg, "data": data}


def swap_image_pro(sim: Simulator, call: Call) -> dict[str, Any]:
    """POST faceswapByImage (V4): the target image itself is changed."""
    rules.opts_when_many(call.body)
    job = _submit(sim, call, "swapImagePro", call.body["targetImage"][0]["path"])
    return {"code": 1000, "msg": _OK, "data": _v4(job)}


def swap_plus(sim: Simulator, call: Call) -> dict[str, Any]:
    """POST faceswapPlusByImage (V4): image or video by the target's file name."""
    body = call.body
    rules.few_enough("face_mapping", len(body.get("face_mapping") or ()), sim.settings.max_faces)
    job = _submit(sim, call, "swapPlus", body["target_url"])
    return {"code": 1000, "msg": _OK, "data": _v4(job)}


def _v4(job: Job) -> dict[str, Any]:
    return {"_id": job.id, "job_id": job_number(job.id, job.created)}


def result_url(sim: Simulator, base: str, job: Job) -> str:
    """Where the result will be; handed out before there is one."""
    return f"{sim.settings.result_base or base}/{result_name(job.id, job.stem, job.extension)}"


class Target(NamedTuple):
    """What an address to be changed makes of a job: parts of the result's name, file, price."""

    stem: str
    extension: str
    media: Media
    cost: float


def _target(sim: Simulator, directives: Directives, operation: str, url: str) -> Target:
    if directives is NONE:
        known = sim.targets.get((operation, url))
        if known is not None:
            return known
    settings = sim.settings
    stem, extension = file_name(url)
    video = operation == "swapVideo" or extension in _VIDEO
    usual = settings.video_size if video else settings.image_size
    seconds = (directives.length_s or settings.video_s) if video else 0.0
    media = Media(*picture_size(stem, directives.size, usual), seconds)
    units = max(1, math.ceil(seconds / settings.video_price_s))
    cost = settings.prices.get(operation, 0.0) * units
    made = Target(stem, "mp4" if video else extension or "jpg", media, cost)
    if directives is NONE:
        if len(sim.targets) >= _KEPT_TARGETS:
            sim.targets.clear()
        sim.targets[operation, url] = made
    return made


def _submit(sim: Simulator, call: Call, operation: str, url: str) -> Job:
    stem, extension, media, cost = _target(sim, call.directives, operation, url)
    call.account.charge(cost)
    job = Job(
        sim.ids.object_id(call.now),
        call.account.client_id,
        operation,
        call.now,
        _plan(sim, call.directives),
        media,
        stem,
        extension,
        call.base,
        call.body.get("webhookUrl") or "",
        cost,
    )
    sim.accept(job, call.account, call.directives)
    return job


_SHOWN_IDS = 1000
_KEPT_TARGETS = 4096


def seeded(sim: Simulator, account: Account, *, count: int, age_s: float, base: str) -> list[str]:
    """Jobs from nowhere, for tests that need many; the first thousand ids."""
    created = sim.clock.time() - age_s
    media = Media(*sim.settings.image_size)
    ids = []
    for number in range(count):
        job = Job(
            id=sim.ids.object_id(created),
            account=account.client_id,
            operation="swapImage",
            created=created,
            plan=sim.plan,
            media=media,
            stem="seeded",
            extension="jpg",
            origin=base,
        )
        sim.accept(job, account, NONE)
        if number < _SHOWN_IDS:
            ids.append(job.id)
    return ids


def _plan(sim: Simulator, directives: Directives) -> Plan:
    settings, plan = sim.settings, sim.plan
    if settings.failure_rate and sim.rng.random() < settings.failure_rate:
        plan = replace(plan, outcome=Status.FAILED, alg_msg=settings.failure_text)
    if directives is NONE:
        return plan
    if directives.job == "failed":
        plan = replace(plan, outcome=Status.FAILED, alg_msg=settings.failure_text)
    elif directives.job:
        plan = replace(
            plan, stuck=Status.IN_QUEUE if directives.job == "queued" else Status.PROCESSING
        )
    if directives.status:
        plan = replace(plan, outcome=directives.status)
    if directives.queue_s >= 0:
        plan = replace(plan, queue_s=directives.queue_s)
    if directives.processing_s >= 0:
        plan = replace(plan, processing_s=directives.processing_s)
    return replace(plan, list_lag_s=directives.list_lag_s)


_SIZE = re.compile(r"(?<!\d)(\d{2,4})x(\d{2,4})(?!\d)")
_LARGEST = 4096


def picture_size(stem: str, ordered: tuple[int, int], usual: tuple[int, int]) -> tuple[int, int]:
    """Pixels: as ordered by a directive, else as the file name says, else as usual."""
    if any(ordered):
        return ordered
    said = _SIZE.search(stem)
    return (min(int(said[1]), _LARGEST), min(int(said[2]), _LARGEST)) if said else usual


def delete_results(sim: Simulator, call: Call) -> dict[str, Any]:
    """POST delbyids: this account's jobs are gone for good; unknown ids do not matter."""
    ids = [part.strip() for part in call.body["_ids"].split(",")]
    if not any(ids):
        raise rules.bad("_ids", "must name at least one id, several separated by commas")
    for name in ids:
        job = sim.jobs.get(name)
        if job is not None and job.account == call.account.client_id:
            sim.forget(job)
    return {"code": 1000, "msg": _OK}


def remember_polls(sim: Simulator, job: Job, directives: Directives) -> None:
    """Standing orders for the first result list that names the job (`poll-` directives)."""
    fault = ",".join(f"{name}={value}" for name, value in directives.poll)
    sim.add_fault(Rule(fault, operation="listResults", job=job.id, times=1))


HANDLERS: Mapping[str, Handler] = {
    "getToken": get_token,
    "getCredit": get_credit,
    "swapImage": swap_image,
    "swapVideo": swap_video,
    "swapImagePro": swap_image_pro,
    "swapPlus": swap_plus,
    "deleteResults": delete_results,
}
