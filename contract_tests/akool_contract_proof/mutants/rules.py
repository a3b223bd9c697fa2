"""Defects of the V3 rules: a validation dropped, loosened, or with the wrong code."""

from __future__ import annotations

from akool_contract_proof.mutants._kit import refuse, value
from akool_contract_proof.mutants._rules_kit import (
    ARRAYS,
    FACE,
    OPTS,
    count,
    default,
    elements,
    lax,
    typed,
    web,
    wrong,
)

# -- V3 image
lax("swapImage", "modifyImage is not required", "modify-optional", default("modifyImage", FACE))
lax(
    "swapImage",
    "an empty modifyImage is taken",
    "modify-empty",
    lambda b: b.update(modifyImage=FACE) if b.get("modifyImage") == "" else None,
)
lax("swapImage", "modifyImage of any type", "modify-typed", typed("modifyImage", str, FACE))
lax(
    "swapImage",
    "path may be any text",
    "path-any-text",
    elements(
        lambda i: (
            i if web(i.get("path")) or not isinstance(i.get("path"), str) else {**i, "path": FACE}
        )
    ),
)
lax(
    "swapImage",
    "ftp addresses are taken",
    "path-ftp",
    elements(lambda i: {**i, "path": FACE} if str(i.get("path")).startswith("ftp:") else i),
)
lax("swapImage", "path is not required", "path-optional", elements(lambda i: {"path": FACE, **i}))
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
    "opts may be an array",
    "opts-array",
    elements(lambda i: {**i, "opts": OPTS} if isinstance(i.get("opts"), list) else i),
)
lax(
    "swapImage",
    "opts may be a number",
    "opts-number",
    elements(lambda i: {**i, "opts": OPTS} if isinstance(i.get("opts"), (int, float, dict)) else i),
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
lax(
    "swapImage",
    "an empty sourceImage is taken",
    "source-empty",
    lambda b: (
        b.update(sourceImage=[{"path": FACE, "opts": OPTS}]) if b.get("sourceImage") == [] else None
    ),
)
lax(
    "swapImage",
    "face_enhance takes any integer",
    "enhance-any",
    lambda b: b.update(face_enhance=1) if type(b.get("face_enhance")) is int else None,
)
lax("swapImage", "face_enhance takes any text", "enhance-text", typed("face_enhance", int, 1))
lax("swapImage", "webhookUrl of any type", "hook-typed", typed("webhookUrl", str, ""))
lax(
    "swapImage",
    "one object in place of an array",
    "source-object",
    lambda b: (
        b.update(sourceImage=[b["sourceImage"]]) if isinstance(b.get("sourceImage"), dict) else None
    ),
)
lax(
    "swapImage",
    "targetImage is not required",
    "target-optional",
    lambda b: b.setdefault("targetImage", b.get("sourceImage")) and None,
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
    "modifyVideo is not required",
    "video-optional",
    default("modifyVideo", "https://cdn.example.com/a.mp4"),
)
lax(
    "swapVideo",
    "opts may be an array in videos",
    "video-opts-array",
    elements(lambda i: {**i, "opts": OPTS} if isinstance(i.get("opts"), list) else i),
)
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
lax(
    "swapVideo",
    "path of a video's face may be any text",
    "video-path",
    elements(lambda i: i if web(i.get("path")) else {**i, "path": FACE}),
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
