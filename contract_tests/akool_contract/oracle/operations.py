"""One judge for each operation of the contract."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from akool_contract._wire import strict_json
from akool_contract._wire.known import NO_AUTH_NEEDED
from akool_contract.oracle import fields
from akool_contract.oracle.credentials import Credentials, judge_credentials
from akool_contract.oracle.fields import MISSING
from akool_contract.oracle.verdict import (
    BAD_AUTH,
    BAD_PARAMETER,
    NO_AUTH,
    TOO_MANY_FACES,
    Judgement,
    Outcome,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_contract._wire.http import Request

MAX_FACES = 8
MAX_PRO = 50
MAX_FRAMES = 100
BOX = 4
MANY_IDS = 50
BIG_BODY = 100_000
KEPT_BODY = 10_000
"""Bytes of a body up to which what was found in it is kept."""
UNPARSED = frozenset({200, 400, 415, 422})
"""Statuses of a refusal of bytes that are not JSON: a framework may choose its own."""
PLAIN_ID = re.compile(r"[0-9a-f]{24}|\d{17}-\d{4}")
OPEN_AUTH = frozenset({"detectFacesLegacy"})
"""Seen to answer without credentials: what it must do is not known."""


def judge_request(request: Request, known: Credentials) -> tuple[Verdict, str]:
    """The verdict on a request of a known operation, and the account that it speaks for."""
    found = Judgement()
    account = ""
    if request.operation in OPEN_AUTH:
        probe = Judgement()
        account = judge_credentials(request, known, probe)
        if probe.broken or probe.unclear:
            found.open("the legacy detection was seen to answer without credentials")
            found.statuses |= probe.statuses
    elif request.operation not in NO_AUTH_NEEDED:
        account = judge_credentials(request, known, found)
    if request.operation not in _JUDGES:
        return Verdict(Outcome.OPEN, why="an operation without special rules"), account
    unclear = bool(found.unclear) and request.operation not in OPEN_AUTH
    if _JUDGES[request.operation] is _token or len(request.body) > KEPT_BODY:
        _JUDGES[request.operation](request, found, known)
    else:
        kind = ("content-type", request.header("content-type") or "")
        found.add(_by_itself(replace(request, headers=(kind,))))
    if unclear and found.broken:
        found.codes |= {BAD_AUTH, NO_AUTH}  # a server may check either of them first
    return found.verdict(), account


@lru_cache(maxsize=2048)
def _by_itself(request: Request) -> Judgement:
    """What a request breaks, whoever sends it; its judge asks for no credentials.

    A request is judged when it is chosen, allowed and answered, and many runs make the same ones.
    """
    found = Judgement()
    _JUDGES[request.operation](request, found, Credentials())
    return found


def makes_video(request: Request) -> bool:
    """Whether the result of a submit is a video."""
    target = strict_json.read_object(request.body).get("target_url")
    return request.operation == "swapVideo" or str(target).partition("?")[0].endswith(".mp4")


def _body(request: Request, found: Judgement) -> dict[str, Any] | None:
    if len(request.body) > BIG_BODY:
        found.open("a large body")
        found.statuses.add(413)
    kind = (request.header("content-type") or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        found.open("another content type")
        found.statuses |= UNPARSED
    try:
        value = strict_json.read(request.body)
    except strict_json.JSONFaultError as fault:
        if fault.rule in ("syntax", "empty", "utf-8"):
            found.breaks("body-is-json", f"the body is not JSON: {fault}")
        else:
            # Parsers differ here: any rule may be the one that is named.
            found.open(f"unusual JSON: {fault}")
            found.codes |= {BAD_PARAMETER, TOO_MANY_FACES}
        found.statuses |= UNPARSED
        return None
    if not isinstance(value, dict):
        found.breaks("body-is-json", "the body is not an object")
        found.statuses |= UNPARSED
        return None
    return value


def _v3(target: str, request: Request, found: Judgement, _known: Credentials) -> None:
    body = _body(request, found)
    if body is None:
        return
    source, old = (fields.faces(body, n, found) for n in ("sourceImage", "targetImage"))
    fields.web_address(body.get(target, MISSING), target, found, strict=False)
    fields.switch(body, "face_enhance", found)
    fields.webhook(body, found)
    fields.opts_when_many((source, old), found)
    if source and old and len(source) != len(old):
        found.breaks("faces-correspond", "the two arrays differ in length")
    if max(len(source), len(old)) > MAX_FACES:
        found.breaks("at-most-8-faces", "more than 8 faces", TOO_MANY_FACES)
    known = {"sourceImage", "targetImage", target, "face_enhance", "webhookUrl"}
    fields.unknown_fields(body, known, found)


def _pro(request: Request, found: Judgement, _known: Credentials) -> None:
    body = _body(request, found)
    if body is None:
        return
    source, old = (fields.faces(body, n, found) for n in ("sourceImage", "targetImage"))
    fields.choice(body, "model_name", ("akool_faceswap_image_hq",), found)
    fields.flag(body, "face_enhance", found, strict=True)
    fields.flag(body, "single_face_mode", found, strict=True)
    fields.webhook(body, found)
    fields.opts_when_many((source, old), found)
    longest = max(len(source), len(old))
    if longest > MAX_PRO:
        found.breaks("at-most-50-items", "more than 50 elements", BAD_PARAMETER, TOO_MANY_FACES)
    elif longest > MAX_FACES:
        found.codes.add(TOO_MANY_FACES)
        found.open("more than 8 faces in an array of up to 50")
    if source and old and len(source) != len(old):
        found.open("arrays of different lengths")
    known = {"sourceImage", "targetImage", "model_name", "face_enhance", "single_face_mode"}
    fields.unknown_fields(body, known | {"webhookUrl"}, found)


def _plus(request: Request, found: Judgement, _known: Credentials) -> None:
    body = _body(request, found)
    if body is None:
        return
    for name in ("source_url", "target_url"):
        fields.web_address(body.get(name, MISSING), name, found, strict=False)
    single = fields.flag(body, "single_face_mode", found, strict=True)
    fields.flag(body, "face_enhance", found, strict=True)
    fields.choice(body, "model_style", ("realistic", "beautify", "lossless"), found)
    fields.webhook(body, found)
    _mapping(body.get("face_mapping", MISSING), found, single=single)
    known = {"source_url", "target_url", "single_face_mode", "face_enhance", "model_style"}
    fields.unknown_fields(body, known | {"webhookUrl", "face_mapping"}, found)


def _mapping(value: object, found: Judgement, *, single: bool) -> None:
    if value is MISSING or value is None:
        if not single:
            found.breaks("mapping-required", "neither single_face_mode nor face_mapping")
        elif value is None:
            found.open("face_mapping is null")
        return
    if not isinstance(value, list):
        found.breaks("type", "face_mapping is not an array")
        return
    _pairs(len(value), found, single=single)
    if single:
        found.open("face_mapping together with single_face_mode")
    for index, pair in enumerate(value):
        name = f"face_mapping[{index}]"
        if not isinstance(pair, dict):
            found.breaks("type", f"{name} is not an object")
            continue
        _face_info(pair.get("source_face_info"), f"{name}.source_face_info", found, source=True)
        _face_info(pair.get("target_face_info"), f"{name}.target_face_info", found, source=False)
        fields.unknown_fields(pair, {"source_face_info", "target_face_info"}, found)


def _pairs(count: int, found: Judgement, *, single: bool) -> None:
    if not count and not single:
        found.breaks("mapping-required", "face_mapping is empty, and not single_face_mode")
    elif count > MAX_FACES and not single:
        found.breaks("at-most-8-faces", "more than 8 faces", TOO_MANY_FACES)
    elif count > MAX_FACES:
        found.codes.add(TOO_MANY_FACES)
    elif count in (0, 1):
        found.open("a face_mapping of no or one pair")


def _face_info(info: object, name: str, found: Judgement, *, source: bool) -> None:
    if not isinstance(info, dict):
        rule = "mapping-complete" if info is None else "type"
        found.breaks(rule, f"{name} is missing" if info is None else f"{name} is not an object")
        return
    face, box = info.get("face_url", MISSING), info.get("bbox", MISSING)
    if face is MISSING:
        if source:
            found.breaks("mapping-complete", f"{name}.face_url is missing")
        elif box is MISSING:
            found.open(f"{name} holds nothing")
    elif face is not None and not isinstance(face, str):
        found.breaks("type", f"{name}.face_url is not a string")
    elif face and fields.url_kind(face) == "bad":
        found.breaks("face-url-is-url", f"{name}.face_url is not an http(s) URL")
    elif not face or fields.url_kind(face) != "good":
        found.open(f"{name}.face_url may not be a valid URL")
    if box is None:
        found.open(f"{name}.bbox is null")
    elif box is not MISSING:
        _box(box, name, found)
    fields.unknown_fields(info, {"face_url", "bbox"}, found)


def _box(box: object, name: str, found: Judgement) -> None:
    numbers = isinstance(box, list) and all(type(n) in (int, float) for n in box)
    if not numbers or not isinstance(box, list) or len(box) != BOX:
        found.breaks("bbox-is-four-numbers", f"{name}.bbox is not four numbers")
    elif min(box) < 0 or box[2] <= box[0] or box[3] <= box[1]:
        found.open(f"{name}.bbox is not a box")


def _ids(value: object, found: Judgement) -> None:
    if value is MISSING:
        found.breaks("required", "_ids is missing")
    elif value is None or value == "":
        found.breaks("not-empty", "_ids is empty")
    elif not isinstance(value, str):
        found.breaks("type", "_ids is not a string")
    else:
        parts = value.split(",")
        if not all(PLAIN_ID.fullmatch(part) for part in parts):
            found.open("ids in another form")
        if len(parts) > MANY_IDS:
            found.open("many ids in one request")


def _list(request: Request, found: Judgement, _known: Credentials) -> None:
    query = parse_qs(request.url.partition("?")[2], keep_blank_values=True)
    values = query.get("_ids", [])
    _ids(values[0] if values else MISSING, found)
    if len(values) > 1 or set(query) - {"_ids"}:
        found.open("other query parameters")


def _delete(request: Request, found: Judgement, _known: Credentials) -> None:
    body = _body(request, found)
    if body is not None:
        _ids(body.get("_ids", MISSING), found)
        fields.unknown_fields(body, {"_ids"}, found)


def _credit(request: Request, found: Judgement, _known: Credentials) -> None:
    if request.query:
        found.open("query parameters where none are documented")


def _token(request: Request, found: Judgement, known: Credentials) -> None:
    body = _body(request, found)
    found.statuses |= {401, 403}
    if body is None:
        found.codes |= {BAD_AUTH, NO_AUTH}
        return
    client_id, secret = body.get("clientId"), body.get("clientSecret")
    texts = [isinstance(value, str) and value for value in (client_id, secret)]
    if not all(texts):
        rule = "required" if not {"clientId", "clientSecret"} <= set(body) else "not-empty"
        found.breaks(rule, "clientId or clientSecret is missing", BAD_PARAMETER, NO_AUTH, BAD_AUTH)
    elif (client_id, secret) != (known.client_id, known.client_secret):
        if known.lenient_keys:
            found.open("a mock that takes any key")
        found.breaks("secret-matches", "no such clientId and clientSecret", BAD_AUTH)
    fields.unknown_fields(body, {"clientId", "clientSecret"}, found)


def _picture(body: dict[str, Any], url_key: str, found: Judgement) -> None:
    found.statuses |= {400, 500}
    url, img = body.get(url_key), body.get("img")
    if not url and not img:
        found.breaks("picture-required", f"neither {url_key} nor img")
    for name, value in ((url_key, url), ("img", img)):
        if value is not None and not isinstance(value, str):
            found.breaks("type", f"{name} is not a string")
    if url and img:
        found.open("both pictures at once")
    if isinstance(url, str) and url and fields.url_kind(url) == "bad" and not img:
        found.breaks("path-is-url", f"{url_key} is not an http(s) URL: nothing can be downloaded")


def _detect(request: Request, found: Judgement, _known: Credentials) -> None:
    body = _body(request, found)
    if body is None:
        return
    _picture(body, "url", found)
    fields.flag(body, "return_face_url", found)
    fields.flag(body, "single_face", found)
    frames = body.get("num_frames", MISSING)
    if frames is None or isinstance(frames, (bool, float)):
        found.open("num_frames is a number in another type")
    elif frames is not MISSING and not isinstance(frames, int):
        found.breaks("type", "num_frames is not an integer")
    elif isinstance(frames, int) and not 1 <= frames <= MAX_FRAMES:
        found.breaks("frames-1-to-100", "num_frames is out of range")
    known = {"url", "img", "num_frames", "return_face_url", "single_face"}
    fields.unknown_fields(body, known, found)


def _legacy(request: Request, found: Judgement, _known: Credentials) -> None:
    body = _body(request, found)
    if body is None:
        return
    _picture(body, "image_url", found)
    single = body.get("single_face", MISSING)
    if single is MISSING or single is None:
        found.open("single_face left out, as some working clients do")
    else:
        fields.flag(body, "single_face", found)


_JUDGES: dict[str, Callable[[Request, Judgement, Credentials], None]] = {
    "swapImage": partial(_v3, "modifyImage"),
    "swapVideo": partial(_v3, "modifyVideo"),
    "swapImagePro": _pro,
    "swapPlus": _plus,
    "listResults": _list,
    "deleteResults": _delete,
    "getCredit": _credit,
    "getToken": _token,
    "detectFaces": _detect,
    "detectFacesLegacy": _legacy,
}
