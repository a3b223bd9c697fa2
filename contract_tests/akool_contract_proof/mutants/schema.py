"""Defects of form: what a rewrite in another language, or a new serializer, may do to answers."""

from __future__ import annotations

from typing import Any

from akool_contract._wire.known import SUBMITS
from akool_contract_proof.mutants._kit import (
    Json,
    answers,
    defect,
    edit,
    items,
    success,
    value,
    with_json,
)

KIND = "schema"


def _edit(operation: str, text: str, name: str, change: Any, when: str = "success") -> None:  # noqa: ANN401 - a lambda
    defect(KIND, operation, text, name=name)(edit(operation, when=when)(change))


def _set(**fields: Any) -> Any:  # noqa: ANN401 - an edit
    return lambda body: body.update(fields)


def _drop(*names: str) -> Any:  # noqa: ANN401 - an edit
    return lambda body: [body.pop(name, None) for name in names] and None


def _data(change: Any) -> Any:  # noqa: ANN401 - an edit
    def edit_data(body: Json) -> None:
        if isinstance(body.get("data"), dict):
            change(body["data"])

    return edit_data


def _camel(body: Json) -> Json:
    names = {"code": "Code", "msg": "Msg", "data": "Data"}
    return {names.get(key, key): item for key, item in body.items()}


# -- the envelope
_edit("deleteResults", "code missing", "delete-no-code", _drop("code"))
_edit("listResults", "members in capitals", "list-capitals", _camel)
_edit(
    "getCredit", "an extra envelope around the envelope", "credit-wrapped", lambda b: {"result": b}
)
_edit(
    "swapImage", "refusals have an undocumented code", "refusal-code-422", _set(code=422), "refusal"
)
_edit("listResults", "refusals have code 4001", "list-refusal-4001", _set(code=4001), "refusal")
_edit("deleteResults", "refusals have no msg", "delete-refusal-no-msg", _drop("msg"), "refusal")
_edit(
    "swapVideo",
    "refusals carry the request as data",
    "video-refusal-data",
    _set(data={"_id": "x", "job_id": "y"}),
    "refusal",
)
_edit("getToken", "refusals carry a token", "token-on-refusal", _set(token="anonymous"), "refusal")  # noqa: S106 - made up
_edit(
    "getCredit",
    "refusals have success true",
    "credit-refusal-errors",
    lambda b: {"errors": [b]},
    "refusal",
)

# -- submits
_edit(
    "swapVideo",
    "_id at the top level",
    "video-id-on-top",
    lambda b: b.update(_id=b["data"].pop("_id")),
)
_edit(
    "swapImage",
    "url is a path without host",
    "submit-relative-url",
    _data(_set(url="/final_a.jpg")),
)
_edit(
    "swapPlus", "ids in camel case", "plus-camel", _data(lambda d: d.update(jobId=d.pop("job_id")))
)


# -- lists
def _items(text: str, name: str, change: Any) -> None:  # noqa: ANN401 - an edit
    def each(item: Json) -> bool:
        change(item)
        return True

    defect(KIND, "listResults", text, name=name)(items(each))


_edit(
    "listResults",
    "data is null when nothing is found",
    "list-null-when-empty",
    lambda b: None if b["data"]["result"] else b.update(data=None),
)
_edit(
    "listResults",
    "result missing when nothing is found",
    "list-absent-when-empty",
    lambda b: None if b["data"]["result"] else b.update(data={}),
)
_edit(
    "listResults",
    "result is null when nothing is found",
    "list-result-null",
    lambda b: None if b["data"]["result"] else b["data"].update(result=None),
)
_items(
    "status as a word",
    "status-word",
    lambda i: i.update(faceswap_status="success" if i["faceswap_status"] == 3 else "processing"),
)
_items(
    "status under another name",
    "status-renamed",
    lambda i: i.update(status=i.pop("faceswap_status")),
)
_items(
    "a status 5",
    "status-5",
    lambda i: i.update(faceswap_status=5) if i["faceswap_status"] == 2 else None,
)
_items(
    "a status 0 while waiting",
    "status-0",
    lambda i: i.update(faceswap_status=0) if i["faceswap_status"] == 1 else None,
)
_items(
    "status missing while waiting",
    "status-absent",
    lambda i: i.pop("faceswap_status") if i["faceswap_status"] == 1 else None,
)
_items(
    "createdAt without time zone",
    "created-naive",
    lambda i: i.update(createdAt=i["createdAt"][:19]),
)
_items(
    "createdAt with a blank for T",
    "created-blank",
    lambda i: i.update(createdAt=i["createdAt"].replace("T", " ")),
)
_items(
    "createdAt in another calendar form",
    "created-us",
    lambda i: i.update(createdAt="01/02/2026 10:00 PM"),
)
_items("faceswap_type as a string", "type-string", lambda i: i.update(faceswap_type="image"))

# -- credit, token


# -- detections
def _frames(change: Any) -> Any:  # noqa: ANN401 - an edit
    def edit_frames(body: Json) -> None:
        for frame in (body.get("faces_obj") or {}).values():
            change(frame)

    return edit_frames


_edit("detectFaces", "error_code as a string", "detect-code-string", _set(error_code="0"))
_edit(
    "detectFaces",
    "the business envelope in place of its own",
    "detect-envelope",
    lambda b: {"code": 1000, "msg": "OK", "data": b["faces_obj"]},
)
_edit("detectFaces", "region missing", "region-absent", _frames(_drop("region")))
_edit(
    "detectFaces",
    "landmarks of five points",
    "five-points",
    _frames(lambda f: f.update(landmarks=[p[:5] for p in f["landmarks"]])),
)
_edit(
    "detectFaces",
    "landmarks as objects",
    "points-objects",
    _frames(
        lambda f: f.update(landmarks=[[{"x": x, "y": y} for x, y in p] for p in f["landmarks"]])
    ),
)
_edit(
    "detectFaces",
    "region of the first face only",
    "one-region",
    _frames(lambda f: f.update(region=f["region"][:1] + f["region"][:1])),
)
_edit(
    "detectFaces",
    "landmarks_str as one string",
    "landmarks-string",
    _frames(
        lambda f: f.update(landmarks_str=f["landmarks_str"][0]) if f["landmarks_str"] else None
    ),
)
_edit(
    "detectFaces",
    "landmarks_str with blanks",
    "landmarks-blanks",
    _frames(lambda f: f.update(landmarks_str=[t.replace(":", " ") for t in f["landmarks_str"]])),
)
_edit(
    "detectFaces",
    "x and y swapped in landmarks_str",
    "landmarks-swapped",
    _frames(
        lambda f: f.update(
            landmarks_str=[
                ":".join(",".join(reversed(p.split(","))) for p in t.split(":"))
                for t in f["landmarks_str"]
            ]
        )
    ),
)
_edit("detectFaces", "removed missing", "removed-absent", _frames(_drop("removed")))
_edit(
    "detectFaces", "errors without error_msg", "detect-error-silent", _drop("error_msg"), "refusal"
)
_edit("detectFaces", "errors with error_code 0", "detect-error-0", _set(error_code=0), "refusal")
_edit(
    "detectFacesLegacy",
    "landmarks_str of numbers",
    "legacy-str-numbers",
    lambda b: b.update(landmarks_str=b["landmarks"]),
)

for _name in SUBMITS[2:]:
    defect(
        KIND,
        _name,
        "an error envelope with HTTP 200 for every submit",
        name=f"{_name.lower()}-always-1003",
    )(
        answers(_name)(
            lambda a: with_json(a, {"code": 1003, "msg": "Parameter error"}) if success(a) else a
        )
    )
defect(KIND, "swapImage", "success without any data for repeated submits", name="submit-null-data")(
    answers("swapImage")(
        lambda a: with_json(a, {**value(a.body), "data": None}) if success(a) else a
    )
)
