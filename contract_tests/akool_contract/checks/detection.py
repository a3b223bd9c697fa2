"""Face detection: what a success says must fit together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from akool_contract._registry import Finding, active, passive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_contract._answer import Answer
    from akool_contract._session import Session

POINTS = 6
POINT = 2
REGION = 4
NUMBER = r"-?\d+(?:\.\d+)?"
TEXT = re.compile(rf"{NUMBER},{NUMBER}(?::{NUMBER},{NUMBER}){{3,5}}")
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAE"
    "hQGAhKmMIQAAAABJRU5ErkJggg=="
)


def _body(answer: Answer) -> dict[str, Any]:
    from akool_contract._json import read_kindly  # noqa: PLC0415 - one use

    value = read_kindly(answer.exchange.request.body)
    return value if isinstance(value, dict) else {}


def _lists(frame: dict[str, Any]) -> dict[str, list[Any]]:
    names = ("landmarks", "landmarks_str", "region", "face_urls", "crop_region", "crop_landmarks")
    return {name: frame[name] for name in names if isinstance(frame.get(name), list)}


def _frame(frame: dict[str, Any], where: str) -> Iterator[Finding]:
    lists = _lists(frame)
    count = len(lists.get("landmarks", []))
    for name, values in lists.items():
        if len(values) != count:
            yield Finding(f"{where}{name}: one entry for each of {count} faces", f"{len(values)}")
    for points in lists.get("landmarks", []):
        pairs = isinstance(points, list) and all(
            isinstance(p, list) and len(p) == POINT for p in points
        )
        if not pairs or len(points) != POINTS:
            yield Finding(f"{where}landmarks: 6 points of x and y", f"{str(points)[:100]}")
    for box in lists.get("region", []):
        if not isinstance(box, list) or len(box) != REGION:
            yield Finding(f"{where}region: [x, y, w, h]", f"{str(box)[:100]}")
    for name in ("landmarks_str", "crop_landmarks"):
        for text in lists.get(name, []):
            if text is not None and not (isinstance(text, str) and TEXT.fullmatch(text)):
                yield Finding(f"{where}{name}: x,y:x,y:x,y:x,y", f"{text!r}"[:100])
    yield from _agree(lists, where)


def _agree(lists: dict[str, list[Any]], where: str) -> Iterator[Finding]:
    """The texts' first three points are the landmarks' (the docs disagree on the fourth)."""
    for points, text in zip(
        lists.get("landmarks", []), lists.get("landmarks_str", []), strict=False
    ):
        if not isinstance(points, list) or not isinstance(text, str):
            continue
        first = [p for p in points[:3] if isinstance(p, list) and len(p) > 1]
        if any(type(number) is not int for point in first for number in point):
            continue  # how fractions are rounded in the text is not documented
        wanted = [f"{p[0]},{p[1]}" for p in first]
        if text.split(":")[:3] != wanted:
            yield Finding(f"{where}landmarks_str starting {':'.join(wanted)}", text[:100])


@passive(
    "rules.detection-fits", "rules", "Every list of a detection has one entry per face, same order."
)
def fits(answer: Answer) -> Iterator[Finding]:
    """Counts, shapes, and agreement between numbers and texts."""
    if answer.operation is None or not answer.operation.is_detection or not answer.ok:
        return
    if answer.name == "detectFacesLegacy":
        frame = dict(answer.body)
        if isinstance(frame.get("landmarks_str"), str):
            frame["landmarks_str"] = [frame["landmarks_str"]]
        yield from _frame(frame, "")
        return
    frames = answer.body.get("faces_obj")
    for key, frame in (frames if isinstance(frames, dict) else {}).items():
        if not str(key).isdigit():
            yield Finding("faces_obj keys: frame indexes", f"{key!r}")
        if isinstance(frame, dict):
            yield from _frame(frame, f"faces_obj.{key}.")


@passive("rules.detection-single", "rules", "With single_face only the largest face is returned.")
def single(answer: Answer) -> Iterator[Finding]:
    """One face at most, in each frame."""
    if answer.operation is None or not answer.operation.is_detection or not answer.ok:
        return
    if _body(answer).get("single_face") is not True:
        return
    frames = answer.body.get("faces_obj")
    parts = list(frames.values()) if isinstance(frames, dict) else [answer.body]
    for part in parts:
        faces = part.get("landmarks") if isinstance(part, dict) else None
        if isinstance(faces, list) and len(faces) > 1:
            yield Finding("one face", f"{len(faces)} faces")


@passive(
    "rules.detection-face-urls",
    "rules",
    "return_face_url adds face_urls, crop_region and crop_landmarks.",
)
def face_urls(answer: Answer) -> Iterator[Finding]:
    """There when asked for, on every frame with faces."""
    if answer.name != "detectFaces" or not answer.ok:
        return
    if _body(answer).get("return_face_url") is not True:
        return
    frames = answer.body.get("faces_obj")
    for key, frame in (frames if isinstance(frames, dict) else {}).items():
        if not isinstance(frame, dict) or not frame.get("landmarks"):
            continue
        for name in ("face_urls", "crop_region", "crop_landmarks"):
            if not frame.get(name):
                yield Finding(f"faces_obj.{key}.{name}", f"{frame.get(name)!r}")
        urls = frame.get("face_urls")
        for url in urls if isinstance(urls, list) else []:
            if url is not None and not re.match(r"https?://", str(url)):
                yield Finding(f"faces_obj.{key}.face_urls: http(s) addresses", f"{url!r}"[:100])


@active(
    "rules.detection-answers",
    "rules",
    "A detection finds the faces of a picture given by url or as base64 img.",
    needs=("codes",),
    operations=("detectFaces", "detectFacesLegacy"),
    order=23,
)
def detects(run: Session) -> None:
    """At least one way of giving a picture must lead to a success."""
    for name in ("detectFaces", "detectFacesLegacy"):
        if name in run.unserved or not run.options.wants_operation(name):
            continue
        url = run.valid_body(name)
        bodies = [url, url | {"single_face": True}, url | {"single_face": False}]
        if name == "detectFaces":
            bodies += [url | {"return_face_url": True}, url | {"num_frames": 3}]
            bodies += [url | {"num_frames": 1}, url | {"num_frames": 100}]
            bodies.append(url | {"return_face_url": True, "single_face": True})
        answers = [run.call(name, body=body) for body in bodies]
        _consistent(run, answers)
        answers.append(run.call(name, body={"img": PIXEL, "single_face": False}))
        if any(answer.ok and _has_faces(answer) for answer in answers):
            run.expect("rules.detection-answers", None, answers[0])
        elif run.can.live or not run.can.loopback:
            run.collector.skip(
                "rules.detection-answers", f"no success: {answers[0].short(80)}", name
            )
        else:
            finding = Finding("faces in at least one picture", answers[0].short())
            run.expect("rules.detection-answers", finding, answers[0])


def _consistent(run: Session, answers: list[Answer]) -> None:
    """A picture that can be read can be read with every documented parameter."""
    for answer in answers[1:]:
        if answers[0].ok and not answer.ok and not run.can.live:
            finding = Finding("faces, as without the parameter", answer.short())
            run.expect("rules.detection-answers", finding, answer)


def _has_faces(answer: Answer) -> bool:
    frames = answer.body.get("faces_obj")
    parts = list(frames.values()) if isinstance(frames, dict) else [answer.body]
    return any(isinstance(part, dict) and part.get("landmarks") for part in parts)
