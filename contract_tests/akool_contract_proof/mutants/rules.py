"""Defects of rules: a validation that was dropped, loosened, or answers with the wrong code.

A check that is not made is played by repairing the request before the server sees it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from akool_contract._http import Request, Response, Upstream
from akool_contract_proof.mutants._kit import (
    SUBMITS,
    Json,
    defect,
    edit,
    operation_of,
    refuse,
    requests,
    success,
    value,
    with_json,
)

KIND = "rules"
FACE = "https://d21ksh0k4smeql.cloudfront.net/face.png"
OPTS = "262,175:363,175:313,215:272,279"
ARRAYS = ("sourceImage", "targetImage")


def _lax(operation: str, text: str, name: str, repair: Any) -> None:  # noqa: ANN401 - a lambda
    """A check that is not made."""
    defect(KIND, operation, text, name=name)(requests(operation)(repair))


def _wrong(operation: str, text: str, name: str, when: Any, answer: Response) -> None:  # noqa: ANN401 - a lambda
    """A refusal where none is due, or another refusal than documented; `when` sees the body."""

    def layer(upstream: Upstream) -> Upstream:
        def send(request: Request) -> Response:
            reply = upstream(request)
            if operation_of(request) == operation and when(
                value(request.body), success(reply), reply
            ):
                return answer
            return reply

        return send

    defect(KIND, operation, text, name=name)(layer)


def _default(name: str, good: Any) -> Any:  # noqa: ANN401 - an edit
    return lambda b: b.setdefault(name, good) and None


def _elements(change: Any) -> Any:  # noqa: ANN401 - an edit
    def repair(body: Json) -> None:
        for name in ARRAYS:
            if isinstance(body.get(name), list):
                body[name] = [change(i) if isinstance(i, dict) else i for i in body[name]]

    return repair


def _typed(name: str, kind: type, good: Any) -> Any:  # noqa: ANN401 - an edit
    def repair(body: Json) -> None:
        if name in body and not isinstance(body[name], kind):
            body[name] = good

    return repair


def _web(text: object) -> bool:
    return isinstance(text, str) and bool(re.match(r"https?://[\w.-]+\.\w+", text))


def _count(body: Json) -> int:
    return max(len(body.get(n) or []) if isinstance(body.get(n), list) else 0 for n in ARRAYS)


# -- V3 image
_lax("swapImage", "modifyImage is not required", "modify-optional", _default("modifyImage", FACE))
_lax(
    "swapImage",
    "an empty modifyImage is taken",
    "modify-empty",
    lambda b: b.update(modifyImage=FACE) if b.get("modifyImage") == "" else None,
)
_lax("swapImage", "modifyImage of any type", "modify-typed", _typed("modifyImage", str, FACE))
_lax(
    "swapImage",
    "path may be any text",
    "path-any-text",
    _elements(
        lambda i: (
            i if _web(i.get("path")) or not isinstance(i.get("path"), str) else {**i, "path": FACE}
        )
    ),
)
_lax(
    "swapImage",
    "ftp addresses are taken",
    "path-ftp",
    _elements(lambda i: {**i, "path": FACE} if str(i.get("path")).startswith("ftp:") else i),
)
_lax("swapImage", "path is not required", "path-optional", _elements(lambda i: {"path": FACE, **i}))
_lax(
    "swapImage",
    "opts is not required with several faces",
    "opts-never-required",
    _elements(lambda i: {"opts": OPTS, **i}),
)
_lax(
    "swapImage",
    "only the first element's opts is looked at",
    "opts-first-only",
    lambda b: (
        [
            b.update(
                {
                    n: [
                        b[n][0],
                        *[{"opts": OPTS, **i} if isinstance(i, dict) else i for i in b[n][1:]],
                    ]
                }
            )
            for n in ARRAYS
            if isinstance(b.get(n), list) and b[n]
        ]
        and None
    ),
)
_lax(
    "swapImage",
    "only sourceImage's opts are looked at",
    "opts-source-only",
    lambda b: (
        b.update(
            targetImage=[
                {"opts": OPTS, **i} if isinstance(i, dict) else i for i in b["targetImage"]
            ]
        )
        if isinstance(b.get("targetImage"), list)
        else None
    ),
)
_lax(
    "swapImage",
    "opts may be an array",
    "opts-array",
    _elements(lambda i: {**i, "opts": OPTS} if isinstance(i.get("opts"), list) else i),
)
_lax(
    "swapImage",
    "opts may be a number",
    "opts-number",
    _elements(
        lambda i: {**i, "opts": OPTS} if isinstance(i.get("opts"), (int, float, dict)) else i
    ),
)
_lax(
    "swapImage",
    "nine faces are taken",
    "nine-faces",
    lambda b: [b.update({n: b[n][:8]}) for n in ARRAYS if isinstance(b.get(n), list)] and None,
)
_lax(
    "swapImage",
    "arrays of different lengths are taken",
    "lengths-differ",
    lambda b: (
        [b.update({n: b[n][: min(len(b[m]) for m in ARRAYS)] or b[n]}) for n in ARRAYS] and None
        if all(isinstance(b.get(n), list) and b[n] for n in ARRAYS)
        else None
    ),
)
_lax(
    "swapImage",
    "an empty sourceImage is taken",
    "source-empty",
    lambda b: (
        b.update(sourceImage=[{"path": FACE, "opts": OPTS}]) if b.get("sourceImage") == [] else None
    ),
)
_lax(
    "swapImage",
    "face_enhance takes any integer",
    "enhance-any",
    lambda b: b.update(face_enhance=1) if type(b.get("face_enhance")) is int else None,
)
_lax("swapImage", "face_enhance takes any text", "enhance-text", _typed("face_enhance", int, 1))
_lax("swapImage", "webhookUrl of any type", "hook-typed", _typed("webhookUrl", str, ""))
_lax(
    "swapImage",
    "one object in place of an array",
    "source-object",
    lambda b: (
        b.update(sourceImage=[b["sourceImage"]]) if isinstance(b.get("sourceImage"), dict) else None
    ),
)
_lax(
    "swapImage",
    "targetImage is not required",
    "target-optional",
    lambda b: b.setdefault("targetImage", b.get("sourceImage")) and None,
)
_wrong(
    "swapImage",
    "nine faces answer 1003",
    "nine-faces-1003",
    lambda b, ok, r: not ok and _count(b) > 8,
    refuse(1003),
)
_wrong(
    "swapImage",
    "eight faces are too many",
    "eight-too-many",
    lambda b, ok, r: ok and _count(b) == 8,
    refuse(1007),
)
_wrong(
    "swapImage",
    "an empty webhookUrl is refused",
    "hook-empty-refused",
    lambda b, ok, r: b.get("webhookUrl") == "",
    refuse(),
)
_wrong(
    "swapImage",
    "opts is required even for one face",
    "opts-always-required",
    lambda b, ok, r: ok and any("opts" not in i for n in ARRAYS for i in b[n]),
    refuse(),
)
_wrong(
    "swapImage",
    "face_enhance 0 counts as missing and is refused",
    "enhance-0-refused",
    lambda b, ok, r: ok and b.get("face_enhance") == 0 and "face_enhance" in b,
    refuse(),
)
_wrong(
    "swapImage",
    "more than one face is refused",
    "one-face-only",
    lambda b, ok, r: ok and _count(b) > 1,
    refuse(1007),
)

# -- V3 video
_lax(
    "swapVideo",
    "modifyVideo is not required",
    "video-optional",
    _default("modifyVideo", "https://cdn.example.com/a.mp4"),
)
_lax(
    "swapVideo",
    "opts may be an array in videos",
    "video-opts-array",
    _elements(lambda i: {**i, "opts": OPTS} if isinstance(i.get("opts"), list) else i),
)
_lax(
    "swapVideo",
    "opts are optional in videos",
    "video-opts-optional",
    _elements(lambda i: {"opts": OPTS, **i}),
)
_lax(
    "swapVideo",
    "nine faces in a video are taken",
    "video-nine",
    lambda b: [b.update({n: b[n][:8]}) for n in ARRAYS if isinstance(b.get(n), list)] and None,
)
_lax(
    "swapVideo",
    "path of a video's face may be any text",
    "video-path",
    _elements(lambda i: i if _web(i.get("path")) else {**i, "path": FACE}),
)
_wrong(
    "swapVideo",
    "every parameter error answers 1007",
    "video-1007",
    lambda b, ok, r: value(r.body).get("code") == 1003,
    refuse(1007),
)
_wrong(
    "swapVideo",
    "face_enhance is refused for videos",
    "video-enhance",
    lambda b, ok, r: ok and b.get("face_enhance") == 1,
    refuse(),
)

# -- Pro
_lax("swapImagePro", "any model_name", "pro-model", lambda b: b.pop("model_name", None) and None)
_lax(
    "swapImagePro",
    "face_enhance 0/1 and texts are taken",
    "pro-enhance-int",
    _typed("face_enhance", bool, good=True),
)
_lax(
    "swapImagePro",
    "51 elements are taken",
    "pro-51",
    lambda b: [b.update({n: b[n][:8]}) for n in ARRAYS if isinstance(b.get(n), list)] and None,
)
_lax(
    "swapImagePro",
    "an empty array is taken",
    "pro-empty",
    lambda b: [b.update({n: [{"path": FACE}]}) for n in ARRAYS if b.get(n) == []] and None,
)
_lax(
    "swapImagePro",
    "opts are optional in batches",
    "pro-opts",
    _elements(lambda i: {"opts": OPTS, **i}),
)
_lax(
    "swapImagePro",
    "single_face_mode of any type",
    "pro-single",
    _typed("single_face_mode", bool, good=False),
)
_wrong(
    "swapImagePro",
    "model_name is required again",
    "pro-model-required",
    lambda b, ok, r: ok and "model_name" not in b,
    refuse(),
)
_wrong(
    "swapImagePro",
    "two faces are refused",
    "pro-two",
    lambda b, ok, r: ok and _count(b) == 2,
    refuse(1007),
)

# -- Plus
_lax(
    "swapPlus",
    "face_mapping is never required",
    "plus-mapping-optional",
    lambda b: b.update(single_face_mode=True) if "face_mapping" not in b else None,
)
_lax(
    "swapPlus",
    "bbox of any length",
    "plus-bbox",
    lambda b: (
        [
            i.update(bbox=[1, 2, 30, 40])
            for p in b.get("face_mapping") or []
            if isinstance(p, dict)
            for i in p.values()
            if isinstance(i, dict) and isinstance(i.get("bbox"), list)
        ]
        and None
        if isinstance(b.get("face_mapping"), list)
        else None
    ),
)
_lax("swapPlus", "any model_style", "plus-style", lambda b: b.pop("model_style", None) and None)
_lax("swapPlus", "source_url is not required", "plus-source-optional", _default("source_url", FACE))
_lax(
    "swapPlus",
    "an empty target_url is taken",
    "plus-target-empty",
    lambda b: b.update(target_url=FACE) if b.get("target_url") == "" else None,
)
_lax(
    "swapPlus",
    "target_face_info is not required",
    "plus-target-info",
    lambda b: (
        [
            p.setdefault("target_face_info", {"face_url": FACE})
            for p in b["face_mapping"]
            if isinstance(p, dict)
        ]
        and None
        if isinstance(b.get("face_mapping"), list)
        else None
    ),
)
_lax(
    "swapPlus",
    "face_url of a source is not required",
    "plus-face-url",
    lambda b: (
        [
            p["source_face_info"].setdefault("face_url", FACE)
            for p in b["face_mapping"]
            if isinstance(p, dict) and isinstance(p.get("source_face_info"), dict)
        ]
        and None
        if isinstance(b.get("face_mapping"), list)
        else None
    ),
)
_wrong(
    "swapPlus",
    "model_style lossless is unknown",
    "plus-lossless",
    lambda b, ok, r: ok and b.get("model_style") == "lossless",
    refuse(),
)
_wrong(
    "swapPlus",
    "a mapping is required in simple mode too",
    "plus-simple-needs-mapping",
    lambda b, ok, r: ok and "face_mapping" not in b,
    refuse(),
)
_wrong(
    "swapPlus",
    "bbox is required",
    "plus-bbox-required",
    lambda b, ok, r: (
        ok and any("bbox" not in p["source_face_info"] for p in b.get("face_mapping") or [])
    ),
    refuse(),
)

# -- ids, token, detections
_lax(
    "deleteResults",
    "_ids may be an array",
    "delete-array",
    lambda b: (
        b.update(_ids=",".join(map(str, b["_ids"]))) if isinstance(b.get("_ids"), list) else None
    ),
)
_wrong(
    "deleteResults",
    "a deletion without _ids succeeds",
    "delete-nothing",
    lambda b, ok, r: not b.get("_ids") and value(r.body).get("code") == 1003,
    Response(200, (("Content-Type", "application/json"),), b'{"code":1000,"msg":"OK"}'),
)
_lax(
    "detectFaces",
    "num_frames has no limit",
    "frames-unlimited",
    lambda b: b.update(num_frames=5) if type(b.get("num_frames")) is int else None,
)
_lax(
    "detectFaces",
    "neither url nor img is needed",
    "picture-optional",
    lambda b: b.update(url=FACE) if not b.get("url") and not b.get("img") else None,
)
_lax(
    "detectFaces",
    "single_face of any type",
    "detect-single-type",
    _typed("single_face", bool, good=True),
)
_lax(
    "detectFaces",
    "single_face is ignored",
    "detect-single-ignored",
    lambda b: b.update(single_face=False) if b.get("single_face") is True else None,
)
_lax(
    "detectFaces",
    "return_face_url is ignored",
    "face-url-ignored",
    lambda b: b.pop("return_face_url", None) and None,
)
_lax(
    "detectFacesLegacy",
    "no picture is needed",
    "legacy-picture",
    lambda b: b.update(image_url=FACE) if not b.get("image_url") and not b.get("img") else None,
)
_wrong(
    "detectFaces",
    "num_frames 100 is refused",
    "frames-100",
    lambda b, ok, r: ok and b.get("num_frames") == 100,
    Response(
        400,
        (("Content-Type", "application/json"),),
        b'{"error_code":1,"error_msg":"too many","faces_obj":{}}',
    ),
)


def _query(name: str, text: str, change: Any) -> None:  # noqa: ANN401 - a lambda
    def layer(upstream: Upstream) -> Upstream:
        def send(request: Request) -> Response:
            if operation_of(request) == "listResults":
                return change(request, upstream)
            return upstream(request)

        return send

    defect(KIND, "listResults", text, name=name)(layer)


EMPTY = {"code": 1000, "msg": "OK", "data": {"result": []}}


def _with_ids(request: Request, ids: str) -> Request:
    return replace(request, url=request.url.partition("?")[0] + f"?_ids={ids}")


_query(
    "list-no-ids-ok",
    "a list without _ids is empty, not refused",
    lambda r, up: (
        with_json(up(r), EMPTY) if "_ids" not in dict(r.query) and r.header("x-api-key") else up(r)
    ),
)
_query(
    "list-first-id-only",
    "only the first id is looked up",
    lambda r, up: (
        up(_with_ids(r, dict(r.query).get("_ids", "").split(",")[0]))
        if dict(r.query).get("_ids")
        else up(r)
    ),
)
_query(
    "list-unknown-refused",
    "one unknown id makes the whole list an error",
    lambda r, up: (
        refuse(1014)
        if any(i.endswith("deadbeef") for i in dict(r.query).get("_ids", "").split(","))
        else up(r)
    ),
)
_query(
    "list-semicolons",
    "ids are separated by semicolons",
    lambda r, up: up(_with_ids(r, "0" * 24)) if "," in dict(r.query).get("_ids", "") else up(r),
)
_query(
    "list-more-than-three",
    "more than three ids are cut",
    lambda r, up: (
        up(_with_ids(r, ",".join(dict(r.query)["_ids"].split(",")[:3])))
        if dict(r.query).get("_ids", "").count(",") > 2
        else up(r)
    ),
)


# -- credentials
def _auth(name: str, operation: str, text: str, change: Any) -> None:  # noqa: ANN401 - a lambda
    def layer(upstream: Upstream) -> Upstream:
        good: dict[str, str] = {}

        def send(request: Request) -> Response:
            answer = upstream(request)
            if (
                success(answer)
                and request.header("x-api-key")
                and not request.header("authorization")
            ):
                good.setdefault("x-api-key", str(request.header("x-api-key")))
            fits = operation in {"all", operation_of(request)} and operation_of(request)
            return change(request, upstream, answer, good) if fits else answer

        return send

    defect(KIND, "getCredit" if operation == "all" else operation, text, name=name)(layer)


def _as_good(request: Request, upstream: Upstream, good: dict[str, str]) -> Response:
    return upstream(request.with_headers({"authorization": None, **good}))


def _code(answer: Response) -> Any:  # noqa: ANN401 - whatever is there
    return value(answer.body).get("code")


_auth(
    "key-wins",
    "all",
    "x-api-key is used although Authorization is there",
    lambda r, up, a, g: (
        up(r.with_headers({"authorization": None}))
        if r.header("authorization") and r.header("x-api-key")
        else a
    ),
)
_auth(
    "credit-open",
    "getCredit",
    "the credit is told to anybody",
    lambda r, up, a, g: _as_good(r, up, g) if g and _code(a) in (1101, 1102) else a,
)
_auth(
    "list-any-key",
    "listResults",
    "any key will do for lists",
    lambda r, up, a, g: (
        _as_good(r, up, g) if g and _code(a) == 1101 and r.header("x-api-key") else a
    ),
)
_auth(
    "submit-any-token",
    "swapImage",
    "bearer tokens are not verified",
    lambda r, up, a, g: (
        _as_good(r, up, g)
        if g and _code(a) == 1101 and str(r.header("authorization")).startswith("Bearer ")
        else a
    ),
)
_auth(
    "token-signature",
    "swapPlus",
    "a token's signature is not compared to its end",
    lambda r, up, a, g: (
        _as_good(r, up, g)
        if g
        and _code(a) == 1101
        and str(r.header("authorization")).count(".") == 2
        and "eyJpZCI6IjY0ZCI" not in str(r.header("authorization"))
        else a
    ),
)
_auth(
    "none-is-1101",
    "all",
    "no credentials answer 1101",
    lambda r, up, a, g: refuse(1101, "invalid") if _code(a) == 1102 else a,
)
_auth(
    "wrong-is-1102",
    "deleteResults",
    "wrong credentials answer 1102",
    lambda r, up, a, g: refuse(1102, "empty") if _code(a) == 1101 else a,
)
_auth(
    "wrong-is-1003",
    "swapVideo",
    "wrong credentials are a parameter error",
    lambda r, up, a, g: refuse(1003) if _code(a) == 1101 else a,
)
_auth(
    "bearer-refused",
    "all",
    "bearer tokens are not taken any more",
    lambda r, up, a, g: refuse(1101, "invalid") if r.header("authorization") else a,
)
_auth(
    "key-refused-on-list",
    "listResults",
    "x-api-key does not work for lists",
    lambda r, up, a, g: refuse(1102, "empty") if not r.header("authorization") else a,
)
_auth(
    "key-case-sensitive",
    "all",
    "the header's name is compared with its case",
    lambda r, up, a, g: refuse(1102, "empty") if any(k == "X-API-KEY" for k, _ in r.headers) else a,
)
_auth(
    "key-prefix",
    "getCredit",
    "a key is compared by its beginning",
    lambda r, up, a, g: (
        _as_good(r, up, g) if g and g["x-api-key"].startswith(r.header("x-api-key") or "?") else a
    ),
)
_auth(
    "key-any-case",
    "getCredit",
    "keys are compared without case",
    lambda r, up, a, g: (
        _as_good(r, up, g)
        if g and g["x-api-key"].lower() == str(r.header("x-api-key")).lower()
        else a
    ),
)
_auth(
    "banned-works",
    "all",
    "a banned account goes on",
    lambda r, up, a, g: _as_good(r, up, g) if g and _code(a) == 1200 else a,
)
_auth(
    "banned-is-1101",
    "all",
    "a banned account answers 1101",
    lambda r, up, a, g: refuse(1101, "invalid") if _code(a) == 1200 else a,
)
_auth(
    "detect-open",
    "detectFaces",
    "detection is open to anybody",
    lambda r, up, a, g: (
        _as_good(r, up, g) if g and not success(a) and value(r.body).get("url") else a
    ),
)
_auth(
    "delete-open",
    "deleteResults",
    "deletion without credentials says OK",
    lambda r, up, a, g: with_json(a, {"code": 1000, "msg": "OK"}) if _code(a) == 1102 else a,
)
_auth(
    "token-any-secret",
    "getToken",
    "any secret gives a token",
    lambda r, up, a, g: (
        with_json(a, {"code": 1000, "token": "eyJhbGciOiJIUzI1NiJ9.e30.x"})
        if value(r.body).get("clientSecret")
        else a
    ),
)
_auth(
    "token-empty-ok",
    "getToken",
    "an empty request gives a token",
    lambda r, up, a, g: (
        with_json(a, {"code": 1000, "token": "eyJhbGciOiJIUzI1NiJ9.e30.x"})
        if not value(r.body)
        else a
    ),
)
_auth(
    "token-useless",
    "getToken",
    "tokens are not accepted anywhere",
    lambda r, up, a, g: (
        with_json(a, {**value(a.body), "token": "eyJhbGciOiJIUzI1NiJ9.e30.y"}) if success(a) else a
    ),
)
_auth(
    "basic-works",
    "getCredit",
    "any scheme but Bearer lets the key through",
    lambda r, up, a, g: (
        _as_good(r, up, g) if g and str(r.header("authorization")).startswith("Basic ") else a
    ),
)

defect(KIND, "swapImage", "every submit answers 1005", name="submit-1005")(
    edit("swapImage")(lambda b: {"code": 1005, "msg": "Operation is too frequent"})
)
for _op in SUBMITS:
    _wrong(
        _op,
        "accepted requests answer 1006 although there is credit",
        f"{_op.lower()}-1006",
        lambda b, ok, r: ok,
        refuse(1006, "Your quota is not enough"),
    )
