"""Every operation as a `Call`: people's words in, generated models onto the wire. Pure.

The generated functions say method, path and body. Answers are read from the plain object, taking
only what is needed: an unknown status, a new field or a missing extra must not cost anybody the id
of a job that is paid for. `raw` reads the same answers strictly, with the generated models.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, get_args

from akool_faceswap._core import operations
from akool_faceswap._core.job_calls import polled_by, submit_call
from akool_faceswap._errors import InvalidRequestError, RawAnswer
from akool_faceswap._models.faces import MAX_FACES, MAX_PRO_FACES, pair, web_url
from akool_openapi.operations import MISSING, at, put

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akool_faceswap._core.call import Call
    from akool_faceswap._core.operations import Decode
    from akool_faceswap._errors import RawAnswer
    from akool_faceswap._models.account import Credit, FaceMapping, ModelStyle, Submission
    from akool_faceswap._models.detection import Detection
    from akool_faceswap._models.faces import Face, Faces
    from akool_faceswap._models.job_kind import JobKind
    from akool_faceswap_api import models
    from akool_faceswap_api.operations import Operation
    from akool_faceswap_api.types import Unset


def raw_call(operation: Operation, arguments: Mapping[str, Any]) -> Call[Any]:
    """The call of an operation with generated models, and its answer read with them."""
    from akool_faceswap_api.types import Unset

    given = {key: value for key, value in arguments.items() if not isinstance(value, Unset)}
    kind = polled_by(operation.name)
    decode = _strictly(operation)
    if kind is not None and operation.answer is not None:
        decode = _keeping_statuses(kind, decode)
    return operations.call(operation.name, decode, **given)


def _strictly(operation: Operation) -> Decode[Any]:
    """Reads an answer with the generated code, which raises anything if it does not fit."""

    def decode(value: dict[str, Any], raw: RawAnswer) -> Any:  # noqa: ANN401 - the contract's
        if operation.answer is not None:
            from akool_faceswap_api import models

            return getattr(models, operation.answer).from_dict(value)
        import httpx2

        from akool_faceswap_api import Client

        module: Any = import_module(operation.module)
        answer = httpx2.Response(raw.status, headers=_plain(raw.headers), content=raw.body)
        client = Client(base_url="", raise_on_unexpected_status=True)
        return module._parse_response(client=client, response=answer)  # noqa: SLF001 - generated from the same contract

    return decode


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    """An answer's headers without the compression, which is undone."""
    return {name: value for name, value in headers.items() if name != "content-encoding"}


def _keeping_statuses(kind: JobKind, read: Decode[Any]) -> Decode[Any]:
    """Reads an answer to a poll strictly, but keeps a status that the contract does not name.

    A generated model may know only those that are named: then another one stands in for it, and it
    is among the model's `additional_properties`.
    """
    where, status = kind.spec.jobs, kind.spec.status
    place, _, name = status.rpartition("/")

    def decode(value: dict[str, Any], raw: RawAnswer) -> Any:  # noqa: ANN401 - the contract's
        try:
            return read(value, raw)
        except (TypeError, ValueError):
            found = at(value, where)
        unnamed = dict[int, Any]()
        jobs = found if isinstance(found, list) else [found]
        for number, job in enumerate(jobs):
            said = at(job, status)
            if said is MISSING:
                continue
            meant = kind.named(said)
            if meant is None:
                unnamed[number] = said
                job, meant = put(job, f"{place}/{_MARK}", number), kind.spec.phases[0][0]  # noqa: PLW2901 - the same job
            jobs[number] = put(job, status, meant)
        answer = read(put(value, where, jobs if isinstance(found, list) else jobs[0]), raw)
        for further in _further(answer):
            if _MARK in further:
                further[name] = unnamed.pop(further.pop(_MARK))
        if unnamed:
            raise ValueError(f"status {next(iter(unnamed.values()))!r:.80} is none of the contract")
        return answer

    return decode


_MARK = "\0job"


def _further(model: object) -> Iterator[dict[str, Any]]:
    """What each of the models in a model holds beyond its fields."""
    import attrs

    if isinstance(model, list):
        for part in model:
            yield from _further(part)
        return
    kind: Any = type(model)
    if attrs.has(kind):
        further = getattr(model, "additional_properties", None)
        if isinstance(further, dict):
            yield further
        for field in attrs.fields(kind):
            yield from _further(getattr(model, field.name))


SWAP = "swapImage"
"""A person's bare id is that of a face swap, unless another operation is named; this is one."""
MAX_FRAMES = 100
"""`maximum` of `num_frames`."""
BOX_CORNERS = 4
MAX_IMAGE_CHARS = 24 << 20
"""Longest base64 image that is sent to detection."""


def swap_image_call(
    source: Faces, target: Faces, image: str, *, face_enhance: bool, webhook_url: str | None
) -> Call[Submission]:
    """`swapImage`."""
    from akool_faceswap_api import models

    new, old = pair(source, target, aligned=True, most=MAX_FACES)
    body = models.SwapImageRequest(
        source_image=[_face_model(face) for face in new],
        target_image=[_face_model(face) for face in old],
        modify_image=web_url("image", image),
        face_enhance=models.SwapImageRequestFaceEnhance(int(_switch("face_enhance", face_enhance))),
        webhook_url=_webhook(webhook_url),
    )
    return submit_call("swapImage", body, {})


def swap_video_call(
    source: Faces, target: Faces, video: str, *, face_enhance: bool, webhook_url: str | None
) -> Call[Submission]:
    """`swapVideo`."""
    from akool_faceswap_api import models

    new, old = pair(source, target, aligned=True, most=MAX_FACES)
    body = models.SwapVideoRequest(
        source_image=[_face_model(face) for face in new],
        target_image=[_face_model(face) for face in old],
        modify_video=web_url("video", video),
        face_enhance=models.SwapVideoRequestFaceEnhance(int(_switch("face_enhance", face_enhance))),
        webhook_url=_webhook(webhook_url),
    )
    return submit_call("swapVideo", body, {})


def swap_image_pro_call(
    source: Faces,
    target: Faces,
    *,
    face_enhance: bool,
    single_face: bool,
    webhook_url: str | None,
) -> Call[Submission]:
    """`swapImagePro`."""
    from akool_faceswap_api import models

    new, old = pair(source, target, aligned=False, most=MAX_PRO_FACES)
    body = models.SwapImageProRequest(
        source_image=[_face_model(face) for face in new],
        target_image=[_face_model(face) for face in old],
        face_enhance=_switch("face_enhance", face_enhance),
        single_face_mode=_switch("single_face", single_face),
        webhook_url=_webhook(webhook_url),
    )
    return submit_call("swapImagePro", body, {})


def swap_plus_call(  # noqa: PLR0913 - the operation has that many fields
    source: str,
    target: str,
    *,
    mapping: Sequence[FaceMapping] | None,
    model_style: ModelStyle,
    face_enhance: bool,
    webhook_url: str | None,
) -> Call[Submission]:
    """`swapPlus`."""
    from akool_faceswap._models.account import ModelStyle
    from akool_faceswap_api import models
    from akool_faceswap_api.types import UNSET

    if model_style not in get_args(ModelStyle):
        raise InvalidRequestError(f"model_style is one of {get_args(ModelStyle)}")
    if isinstance(mapping, str) or not isinstance(mapping, Sequence | None):
        raise InvalidRequestError("mapping is a list of FaceMapping")
    items = None if mapping is None else [_mapping_item(pair) for pair in mapping]
    if items is not None and not 1 <= len(items) <= MAX_FACES:
        raise InvalidRequestError(
            f"mapping has {len(items)} pairs; it takes 1 to {MAX_FACES}. Leave it out to swap the "
            "one face of a picture"
        )
    body = models.SwapPlusRequest(
        source_url=web_url("source", source),
        target_url=web_url("target", target),
        face_mapping=UNSET if items is None else items,
        single_face_mode=items is None,
        model_style=models.SwapPlusRequestModelStyle(model_style),
        face_enhance=_switch("face_enhance", face_enhance),
        webhook_url=_webhook(webhook_url),
    )
    return submit_call("swapPlus", body, {})


def get_credit_call() -> Call[Credit]:
    """`getCredit`."""
    from akool_faceswap._models.account import Credit

    def decode(value: dict[str, Any], raw: RawAnswer) -> Credit:
        credit = value["data"]["credit"]
        if isinstance(credit, bool) or not math.isfinite(float(credit)):
            raise TypeError("credit is not a number")
        return Credit(float(credit), raw)

    return operations.call("getCredit", decode)


def detect_faces_call(
    url: str | None,
    image: str | None,
    *,
    frames: int,
    crops: bool,
    single_face: bool,
) -> Call[Detection]:
    """`detectFaces`."""
    from akool_faceswap._models.detection import read_detection
    from akool_faceswap_api import models
    from akool_faceswap_api.types import UNSET

    place = _media(url, image)
    if isinstance(frames, bool) or not isinstance(frames, int) or not 1 <= frames <= MAX_FRAMES:
        raise InvalidRequestError(f"frames is a whole number from 1 to {MAX_FRAMES}")
    body = models.DetectFacesRequest(
        url=place.get("url", UNSET),
        img=place.get("img", UNSET),
        num_frames=frames,
        return_face_url=_switch("crops", crops),
        single_face=_switch("single_face", single_face),
    )

    def decode(value: dict[str, Any], raw: RawAnswer) -> Detection:
        return read_detection(value, raw, url)

    return operations.call("detectFaces", decode, body=body)


def detect_faces_legacy_call(
    url: str | None, image: str | None, *, single_face: bool
) -> Call[Detection]:
    """`detectFacesLegacy`."""
    from akool_faceswap._models.detection import read_legacy_detection
    from akool_faceswap_api import models
    from akool_faceswap_api.types import UNSET

    place = _media(url, image)
    body = models.DetectFacesLegacyRequest(
        image_url=place.get("url", UNSET),
        img=place.get("img", UNSET),
        single_face=_switch("single_face", single_face),
    )

    def decode(value: dict[str, Any], raw: RawAnswer) -> Detection:
        return read_legacy_detection(value, raw, url)

    return operations.call("detectFacesLegacy", decode, body=body)


def _face_model(face: Face) -> models.FaceImageWithOpts:
    from akool_faceswap_api import models
    from akool_faceswap_api.types import UNSET

    return models.FaceImageWithOpts(path=face.path, opts=UNSET if face.opts is None else face.opts)


def _mapping_item(pair: FaceMapping) -> models.FaceMappingItem:
    from akool_faceswap._models.account import FaceMapping
    from akool_faceswap_api import models
    from akool_faceswap_api.types import UNSET

    if not isinstance(pair, FaceMapping):
        raise InvalidRequestError("mapping is a list of FaceMapping")
    if pair.target_url is None and pair.target_bbox is None:
        raise InvalidRequestError("A FaceMapping needs target_url, target_bbox or both")
    return models.FaceMappingItem(
        source_face_info=models.SourceFaceInfo(
            face_url=web_url("source_url", pair.source_url), bbox=_box(pair.source_bbox)
        ),
        target_face_info=models.TargetFaceInfo(
            face_url=UNSET if pair.target_url is None else web_url("target_url", pair.target_url),
            bbox=_box(pair.target_bbox),
        ),
    )


def _box(corners: Sequence[float] | None) -> list[float] | Unset:
    from akool_faceswap_api.types import UNSET

    if corners is None:
        return UNSET
    given = list(corners) if isinstance(corners, Iterable) else []
    numbers = [float(c) for c in given if type(c) in (int, float)]
    if len(given) != BOX_CORNERS or len(numbers) != BOX_CORNERS:
        raise InvalidRequestError("A bbox is four numbers: x1, y1, x2, y2")
    return numbers


def _webhook(url: str | None) -> str | Unset:
    from akool_faceswap_api.types import UNSET

    return UNSET if url is None else web_url("webhook_url", url)


def _switch(name: str, value: object) -> bool:
    if not isinstance(value, bool | int) or value not in (0, 1):
        raise InvalidRequestError(f"{name} is True or False, not {value!r:.40}")
    return bool(value)


def _media(url: str | None, image: str | None) -> dict[str, str]:
    if (url is None) == (image is None):
        raise InvalidRequestError("Pass either url= or image= (base64)")
    if url is not None:
        return {"url": web_url("url", url)}
    if not isinstance(image, str) or not image or len(image) > MAX_IMAGE_CHARS:
        raise InvalidRequestError(f"image is base64 text of at most {MAX_IMAGE_CHARS} characters")
    return {"img": image}
