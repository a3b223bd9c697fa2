"""Defects of the rules for ids and detections, and of codes without a cause."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from akool_contract._wire.http import Request, Response, Upstream
from akool_contract._wire.known import SUBMITS
from akool_contract_proof.mutants._kit import (
    defect,
    edit,
    operation_of,
    refuse,
    value,
    with_json,
)
from akool_contract_proof.mutants.rules._kit import FACE, KIND, lax, wrong

# -- ids, token, detections
wrong(
    "deleteResults",
    "a deletion without _ids succeeds",
    "delete-nothing",
    lambda b, ok, r: not b.get("_ids") and value(r.body).get("code") == 1003,
    Response(200, (("Content-Type", "application/json"),), b'{"code":1000,"msg":"OK"}'),
)
lax(
    "detectFaces",
    "neither url nor img is needed",
    "picture-optional",
    lambda b: b.update(url=FACE) if not b.get("url") and not b.get("img") else None,
)
lax(
    "detectFaces",
    "single_face is ignored",
    "detect-single-ignored",
    lambda b: b.update(single_face=False) if b.get("single_face") is True else None,
)
lax(
    "detectFaces",
    "return_face_url is ignored",
    "face-url-ignored",
    lambda b: b.pop("return_face_url", None) and None,
)
lax(
    "detectFacesLegacy",
    "no picture is needed",
    "legacy-picture",
    lambda b: b.update(image_url=FACE) if not b.get("image_url") and not b.get("img") else None,
)
wrong(
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
                answer: Response = change(request, upstream)
                return answer
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


defect(KIND, "swapImage", "every submit answers 1005", name="submit-1005")(
    edit("swapImage")(lambda b: {"code": 1005, "msg": "Operation is too frequent"})
)
for _op in SUBMITS:
    wrong(
        _op,
        "accepted requests answer 1006 although there is credit",
        f"{_op.lower()}-1006",
        lambda b, ok, r: ok,
        refuse(1006, "Your quota is not enough"),
    )
