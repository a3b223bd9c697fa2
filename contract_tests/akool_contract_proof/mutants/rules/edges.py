"""Defects at the edges that the contract's patterns and types draw."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from akool_contract_proof.mutants._kit import (
    defect,
    items,
    listed,
    note_submit,
    operation_of,
    refuse,
    relisted,
    requests,
    story,
)
from akool_contract_proof.mutants.rules._kit import (
    FACE,
    KIND,
    any_opts,
    any_path,
    elements,
    lax,
    wrong,
)

if TYPE_CHECKING:
    from akool_contract._wire.http import Request, Response, Upstream
    from akool_contract_proof.mutants._kit import Json, Memory

lax(
    "swapPlus",
    "nine pairs are taken",
    "plus-nine",
    lambda b: (
        b.update(face_mapping=b["face_mapping"][:8])
        if isinstance(b.get("face_mapping"), list)
        else None
    ),
)
wrong(
    "swapPlus",
    "a box alone does not name the face to be replaced",
    "plus-target-box-only",
    lambda b, ok, r: (
        ok and any("face_url" not in p["target_face_info"] for p in b.get("face_mapping") or [])
    ),
    refuse(),
)
wrong(
    "swapImage",
    "negative opts are refused",
    "opts-negative",
    any_opts(lambda o: "-" in o),
    refuse(),
)
wrong(
    "swapVideo",
    "opts in fractions are refused",
    "opts-decimals",
    any_opts(lambda o: "." in o),
    refuse(),
)
wrong(
    "swapImagePro",
    "a long path is refused",
    "path-long",
    any_path(lambda p: len(p) > 255),
    refuse(),
)
wrong(
    "swapImage",
    "HTTPS in capitals is refused",
    "path-capitals",
    any_path(lambda p: p[:1] == "H"),
    refuse(),
)
wrong(
    "swapVideo",
    "a path without a picture's ending is refused",
    "path-no-ending",
    any_path(lambda p: not re.search(r"[.](jpe?g|png|webp|bmp|gif)([?]|$)", p)),
    refuse(),
)


def _taken(operation: str, text: str, name: str, pattern: str) -> None:
    def repaired(item: Json) -> Json:
        odd = isinstance(item.get("path"), str) and re.fullmatch(pattern, item["path"])
        return item | {"path": FACE} if odd else item

    lax(operation, text, name, elements(repaired))


_taken("swapImage", "an ftp path is taken", "path-ftp", "ftp:.*")
_taken("swapImage", "a data: path is taken", "path-data", "data:.*")
_taken("swapImagePro", "an empty path is taken", "path-empty", "")
_taken("swapVideo", "a path of nothing but a scheme is taken", "path-scheme-only", "https?://")
_taken("swapImagePro", "a path with a space is taken", "path-space", "https?://.* .*")


@defect(KIND, "detectFaces", "what is no base64 has faces", name="detect-no-picture")
@requests("detectFaces")
def _garbage(body: Json) -> None:
    if isinstance(body.get("img"), str) and not body.get("url") and "%" in body["img"]:
        body["img"] = "iVBORw0KGgo="


@story("state", "listResults", "a swap with face_enhance never ends")
def enhanced_stuck(memory: Memory, request: Request, upstream: Upstream) -> Response:
    """It keeps status 2."""
    answer = upstream(request)
    note_submit(memory, request, answer)
    if operation_of(request) != "listResults":
        return answer
    result = listed(answer)
    for item in result:
        body = memory.jobs.get(str(item.get("_id")), {}).get("body", {})
        if body.get("face_enhance") == 1 and item.get("faceswap_status", 0) > 2:
            item["faceswap_status"] = 2
    return relisted(answer, result) if result else answer


def _unlisted(item: Json) -> bool:
    if item.get("faceswap_status") == 1:
        item.pop("url", None)
    return True


defect("schema", "listResults", "no url while in the queue", name="queue-without-url")(
    items(_unlisted)
)
