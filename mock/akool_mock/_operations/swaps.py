"""The four face-swap submits: the rules of their pages, and what their answers look like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akool_mock._operations.events import Event, plain_event
from akool_mock._operations.rules import aligned, few_enough, opts_when_many
from akool_mock._operations.targets import target_of
from akool_mock._world.ids import job_number

if TYPE_CHECKING:
    from akool_mock._operations.call import Call
    from akool_mock._world.jobs import Job
    from akool_mock._world.settings import Settings
    from akool_mock._world.world import World


_SIX_POINTS = 6

_PATIENCE = (
    "Please be patient! If your results are not generated in three hours, "
    "please check your input {}."
)
_PATIENCE_IMAGE = _PATIENCE.format("image")
_PATIENCE_VIDEO = _PATIENCE.format("video")


def swap_image(world: World, call: Call) -> dict[str, Any]:
    """POST specifyimage (V3): starts a job and returns the result's url at once."""
    _keeps_v3_rules(world, call)
    job = _submit(world, call, call.body["modifyImage"])
    return _v3(world, call, job, _PATIENCE_IMAGE)


def swap_video(world: World, call: Call) -> dict[str, Any]:
    """POST specifyvideo (V3): starts a job and returns the result's url at once."""
    _keeps_v3_rules(world, call)
    job = _submit(world, call, call.body["modifyVideo"], video=True)
    return _v3(world, call, job, _PATIENCE_VIDEO)


def _keeps_v3_rules(world: World, call: Call) -> None:
    faces = len(call.body["targetImage"])
    if faces != 1 or len(call.body["sourceImage"]) != 1:
        aligned(call.body)
        opts_when_many(call.body)
        few_enough("targetImage", faces, world.settings.max_faces)


def _v3(world: World, call: Call, job: Job, msg: str) -> dict[str, Any]:
    data = _ids(job)
    data["url"] = world.result_url(call.base, job)
    return {"code": 1000, "msg": msg, "data": data}


def swap_image_pro(world: World, call: Call) -> dict[str, Any]:
    """POST faceswapByImage (V4): starts a job that changes the target image itself."""
    opts_when_many(call.body)
    job = _submit(world, call, call.body["targetImage"][0]["path"])
    return {"code": 1000, "msg": "OK", "data": _ids(job)}


def swap_plus(world: World, call: Call) -> dict[str, Any]:
    """POST faceswapPlusByImage (V4): starts a job; image or video by the target's file name."""
    body = call.body
    few_enough("face_mapping", len(body.get("face_mapping") or ()), world.settings.max_faces)
    job = _submit(world, call, body["target_url"])
    return {"code": 1000, "msg": "OK", "data": _ids(job)}


def _submit(world: World, call: Call, url: str, *, video: bool = False) -> Job:
    target = target_of(world.settings, call.directives, url, video=video)
    return world.submit(
        call.account,
        call.operation.id,
        target,
        now=call.now,
        base=call.base,
        cost=world.price(call.operation.id) * target.units,
        webhook=call.body.get("webhookUrl") or "",
        directives=call.directives,
    )


def tolerant_opts(settings: Settings, body: Any) -> Any:  # noqa: ANN401 - JSON
    """A body whose `opts` have the six points that detection gave for a time: the first four."""
    if not settings.six_points or not isinstance(body, dict):
        return body
    return {
        name: [_four(face) for face in value] if isinstance(value, list) else value
        for name, value in body.items()
    }


def _four(face: object) -> object:
    opts = face.get("opts") if isinstance(face, dict) else None
    if not isinstance(opts, str) or opts.count(":") != _SIX_POINTS - 1:
        return face
    return {**face, "opts": ":".join(opts.split(":")[:4])}  # type: ignore[dict-item]


def face_swap_event(world: World, job: Job, status: int) -> Event:
    """The webhook of a face swap."""
    url = world.result_url(job.origin, job)
    return Event({"type": "faceswap", **plain_event(world.settings, job, status, url)})


def _ids(job: Job) -> dict[str, Any]:
    return {"_id": job.id, "job_id": job_number(job.id, job.created)}
