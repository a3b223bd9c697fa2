"""Defects of the submits' rules: in prose, loosened, or with the wrong code.

Rules that are one constraint of the contract are in `derived`.
"""

from __future__ import annotations

from akool_contract_proof.mutants._kit import refuse, value
from akool_contract_proof.mutants.rules._kit import (
    ARRAYS,
    OPTS,
    count,
    elements,
    lax,
    wrong,
)

# -- V3 image
lax(
    "swapImage",
    "opts is not required with several faces",
    "opts-never-required",
    elements(lambda i: {"opts": OPTS, **i}),
)
lax(
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
lax(
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
lax(
    "swapImage",
    "nine faces are taken",
    "nine-faces",
    lambda b: [b.update({n: b[n][:8]}) for n in ARRAYS if isinstance(b.get(n), list)] and None,
)
lax(
    "swapImage",
    "arrays of different lengths are taken",
    "lengths-differ",
    lambda b: (
        [b.update({n: b[n][: min(len(b[m]) for m in ARRAYS)] or b[n]}) for n in ARRAYS] and None
        if all(isinstance(b.get(n), list) and b[n] for n in ARRAYS)
        else None
    ),
)
wrong(
    "swapImage",
    "nine faces answer 1003",
    "nine-faces-1003",
    lambda b, ok, r: not ok and count(b) > 8,
    refuse(1003),
)
wrong(
    "swapImage",
    "eight faces are too many",
    "eight-too-many",
    lambda b, ok, r: ok and count(b) == 8,
    refuse(1007),
)
wrong(
    "swapImage",
    "an empty webhookUrl is refused",
    "hook-empty-refused",
    lambda b, ok, r: b.get("webhookUrl") == "",
    refuse(),
)
wrong(
    "swapImage",
    "opts is required even for one face",
    "opts-always-required",
    lambda b, ok, r: ok and any("opts" not in i for n in ARRAYS for i in b[n]),
    refuse(),
)
wrong(
    "swapImage",
    "face_enhance 0 counts as missing and is refused",
    "enhance-0-refused",
    lambda b, ok, r: ok and b.get("face_enhance") == 0 and "face_enhance" in b,
    refuse(),
)
wrong(
    "swapImage",
    "more than one face is refused",
    "one-face-only",
    lambda b, ok, r: ok and count(b) > 1,
    refuse(1007),
)

# -- V3 video
lax(
    "swapVideo",
    "opts are optional in videos",
    "video-opts-optional",
    elements(lambda i: {"opts": OPTS, **i}),
)
lax(
    "swapVideo",
    "nine faces in a video are taken",
    "video-nine",
    lambda b: [b.update({n: b[n][:8]}) for n in ARRAYS if isinstance(b.get(n), list)] and None,
)
wrong(
    "swapVideo",
    "every parameter error answers 1007",
    "video-1007",
    lambda b, ok, r: value(r.body).get("code") == 1003,
    refuse(1007),
)
wrong(
    "swapVideo",
    "face_enhance is refused for videos",
    "video-enhance",
    lambda b, ok, r: ok and b.get("face_enhance") == 1,
    refuse(),
)

# -- Pro
lax(
    "swapImagePro",
    "opts are optional in batches",
    "pro-opts",
    elements(lambda i: {"opts": OPTS, **i}),
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
