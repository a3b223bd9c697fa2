"""Defects of the V4 rules, Pro and Plus."""

from __future__ import annotations

from akool_contract_proof.mutants._kit import refuse
from akool_contract_proof.mutants._rules_kit import (
    ARRAYS,
    FACE,
    OPTS,
    count,
    default,
    elements,
    lax,
    typed,
    wrong,
)

# -- Pro
lax("swapImagePro", "any model_name", "pro-model", lambda b: b.pop("model_name", None) and None)
lax(
    "swapImagePro",
    "face_enhance 0/1 and texts are taken",
    "pro-enhance-int",
    typed("face_enhance", bool, good=True),
)
lax(
    "swapImagePro",
    "51 elements are taken",
    "pro-51",
    lambda b: [b.update({n: b[n][:8]}) for n in ARRAYS if isinstance(b.get(n), list)] and None,
)
lax(
    "swapImagePro",
    "an empty array is taken",
    "pro-empty",
    lambda b: [b.update({n: [{"path": FACE}]}) for n in ARRAYS if b.get(n) == []] and None,
)
lax(
    "swapImagePro",
    "opts are optional in batches",
    "pro-opts",
    elements(lambda i: {"opts": OPTS, **i}),
)
lax(
    "swapImagePro",
    "single_face_mode of any type",
    "pro-single",
    typed("single_face_mode", bool, good=False),
)
wrong(
    "swapImagePro",
    "model_name is required again",
    "pro-model-required",
    lambda b, ok, r: ok and "model_name" not in b,
    refuse(),
)
wrong(
    "swapImagePro",
    "two faces are refused",
    "pro-two",
    lambda b, ok, r: ok and count(b) == 2,
    refuse(1007),
)

# -- Plus
lax(
    "swapPlus",
    "face_mapping is never required",
    "plus-mapping-optional",
    lambda b: b.update(single_face_mode=True) if "face_mapping" not in b else None,
)
lax(
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
lax("swapPlus", "any model_style", "plus-style", lambda b: b.pop("model_style", None) and None)
lax("swapPlus", "source_url is not required", "plus-source-optional", default("source_url", FACE))
lax(
    "swapPlus",
    "an empty target_url is taken",
    "plus-target-empty",
    lambda b: b.update(target_url=FACE) if b.get("target_url") == "" else None,
)
lax(
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
lax(
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
wrong(
    "swapPlus",
    "model_style lossless is unknown",
    "plus-lossless",
    lambda b, ok, r: ok and b.get("model_style") == "lossless",
    refuse(),
)
wrong(
    "swapPlus",
    "a mapping is required in simple mode too",
    "plus-simple-needs-mapping",
    lambda b, ok, r: ok and "face_mapping" not in b,
    refuse(),
)
wrong(
    "swapPlus",
    "bbox is required",
    "plus-bbox-required",
    lambda b, ok, r: (
        ok and any("bbox" not in p["source_face_info"] for p in b.get("face_mapping") or [])
    ),
    refuse(),
)
