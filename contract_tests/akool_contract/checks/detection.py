"""Face detection: what a success says must fit together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from akool_contract._findings.registry import Finding, passive
from akool_contract._run.plan import Stage, check
from akool_contract._run.sender import too_often
from akool_contract._wire.errors import UnusableError
from akool_contract._wire.known import DETECTIONS
from akool_contract.checks._shared.result_files import wrong_file
from akool_contract.oracle.samples import VIDEO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_contract._findings.answer import Answer
    from akool_contract._run.run import Run

POINTS = 6
POINT = 2
REGION = 4
NUMBER = r"-?\d+(?:\.\d+)?"
TEXT = re.compile(rf"{NUMBER},{NUMBER}(?::{NUMBER},{NUMBER}){{3}}")
IMAGE = re.compile(r"https?://[^?#]+\.(?:jpe?g|png|bmp|webp)(?:[?#].*)?", re.IGNORECASE)
DEFAULT_FRAMES = 5
ROUNDING = 2
"""Pixels by which a crop's landmarks may be off: a service may round twice."""
NO_PICTURE = "%! no picture !%"
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAE"
    "hQGAhKmMIQAAAABJRU5ErkJggg=="
)


def _body(answer: Answer) -> dict[str, Any]:
    from akool_contract._wire.strict_json import read_kindly  # noqa: PLC0415 - one use

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
    yield from _placed(lists, where)
    for name in ("landmarks_str", "crop_landmarks"):
        for text in lists.get(name, []):
            if text is not None and not (isinstance(text, str) and TEXT.fullmatch(text)):
                yield Finding(f"{where}{name}: x,y:x,y:x,y:x,y", f"{text!r}"[:100])
    yield from _agree(lists, where)


def _placed(lists: dict[str, list[Any]], where: str) -> Iterator[Finding]:
    """A box has a size, and the nose of its face is in it or next to it."""
    for points, box in zip(lists.get("landmarks", []), lists.get("region", []), strict=False):
        if not isinstance(box, list) or [type(n) in (int, float) for n in box] != [True] * REGION:
            continue
        if box[2] <= 0 or box[3] <= 0:
            yield Finding(f"{where}region: a width and a height above 0", f"{box}")
            continue
        nose = points[2] if isinstance(points, list) and len(points) > 2 else None  # noqa: PLR2004 - third point
        if not isinstance(nose, list) or [type(n) in (int, float) for n in nose] != [True] * POINT:
            continue
        off = [
            not corner - size / 10 <= value <= corner + size * 11 / 10
            for value, corner, size in zip(nose, box[:2], box[2:], strict=True)
        ]
        if any(off):
            yield Finding(
                f"{where}region around its face's landmarks", f"{box}, the nose at {nose}"
            )


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
    for points, box, text in zip(
        lists.get("landmarks", []),
        lists.get("crop_region", []),
        lists.get("crop_landmarks", []),
        strict=False,
    ):
        wanted_points = _within(points, box)
        if not isinstance(text, str) or not TEXT.fullmatch(text) or not wanted_points:
            continue
        seen = [float(number) for point in text.split(":")[:3] for number in point.split(",")]
        if any(abs(a - b) > ROUNDING for a, b in zip(seen, wanted_points, strict=True)):
            yield Finding(f"{where}crop_landmarks within the picture: {wanted_points}...", text)


def _within(points: object, box: object) -> list[int]:
    """The first three points as seen from the corner of a face's picture."""
    try:
        return [points[i][axis] - box[axis] for i in range(3) for axis in (0, 1)]  # type: ignore[index]
    except (IndexError, TypeError, KeyError):
        return []  # another check says what is wrong with these


@passive(
    "rules.detection-fits",
    "rules",
    "Every list of a detection has one entry for each face, in the same order.",
    of=DETECTIONS,
    when=lambda answer: answer.apart and answer.ok,
)
def fits(answer: Answer) -> Iterator[Finding]:
    """Counts, shapes, and agreement between numbers and texts."""
    if answer.name == "detectFacesLegacy":
        frame = dict(answer.body)
        if isinstance(frame.get("landmarks_str"), str):
            frame["landmarks_str"] = [frame["landmarks_str"]]
        yield from _frame(frame, "")
        return
    frames = answer.body.get("faces_obj")
    for key, frame in (frames if isinstance(frames, dict) else {}).items():
        if not re.fullmatch("[0-9]+", str(key)):
            yield Finding("faces_obj keys: frame indexes", f"{key!r}")
        if isinstance(frame, dict):
            yield from _frame(frame, f"faces_obj.{key}.")


@passive(
    "rules.detection-frames",
    "rules",
    "An image has one frame, 0; a video at most num_frames, in the order of their times.",
    of=("detectFaces",),
    when=lambda answer: answer.ok and isinstance(answer.body.get("faces_obj"), dict),
)
def frames_fit(answer: Answer) -> Iterator[Finding]:
    """Which frames were looked at."""
    frames = answer.body.get("faces_obj")
    if not isinstance(frames, dict):
        return
    body = _body(answer)
    if IMAGE.fullmatch(str(body.get("url"))) and set(frames) - {"0"}:
        yield Finding('no frame but "0" for an image', f"frames {', '.join(sorted(frames))}"[:200])
    most = body.get("num_frames", DEFAULT_FRAMES)
    if type(most) is int and len(frames) > most > 0:
        yield Finding(f"at most {most} frames", f"{len(frames)} frames")
    keyed = [(int(k), f) for k, f in frames.items() if str(k).isdecimal() and isinstance(f, dict)]
    times = [frame.get("frame_time") for _, frame in sorted(keyed, key=lambda pair: pair[0])]
    known = [float(time) for time in times if isinstance(time, (int, float))]
    if known != sorted(known):
        yield Finding("frame_time rising with the frame index", f"{known}"[:200])


@passive(
    "rules.detection-single",
    "rules",
    "With single_face only the largest face is returned.",
    of=DETECTIONS,
    when=lambda answer: answer.apart and answer.ok and _body(answer).get("single_face") is True,
)
def single(answer: Answer) -> Iterator[Finding]:
    """One face at most, in each frame."""
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
    of=("detectFaces",),
    when=lambda answer: answer.ok,
)
def face_urls(answer: Answer) -> Iterator[Finding]:
    """There when asked for, on every frame with faces."""
    wanted = _body(answer).get("return_face_url", False)
    frames = answer.body.get("faces_obj")
    for key, frame in (frames if isinstance(frames, dict) else {}).items():
        if not isinstance(frame, dict) or not frame.get("landmarks"):
            continue
        if wanted is False and any(frame.get("face_urls") or []):
            seen = f"{frame.get('face_urls')}"[:100]
            yield Finding(f"no faces_obj.{key}.face_urls: the request did not ask for them", seen)
        if wanted is not True:
            continue
        for name in ("face_urls", "crop_region", "crop_landmarks"):
            if not frame.get(name):
                yield Finding(f"faces_obj.{key}.{name}", f"{frame.get(name)!r}")
        urls = frame.get("face_urls")
        for url in urls if isinstance(urls, list) else []:
            if url is not None and not re.match(r"https?://", str(url)):
                yield Finding(f"faces_obj.{key}.face_urls: http(s) addresses", f"{url!r}"[:100])


@check(
    "rules.detection-answers",
    "rules",
    "A detection finds the faces of a picture that is given by url or as base64 img.",
    needs=("codes",),
    operations=("detectFaces", "detectFacesLegacy"),
    stage=Stage.FREE,
)
def detects(run: Run) -> None:
    """At least one way of giving a picture must lead to a success."""
    for name in ("detectFaces", "detectFacesLegacy"):
        if not run.guard.knows(name):
            continue
        url = run.valid_body(name)
        bodies = [url, url | {"single_face": True}, url | {"single_face": False}]
        if name == "detectFaces":
            bodies += [url | {"return_face_url": True}, url | {"num_frames": 3}]
            bodies.append(url | {"return_face_url": True, "single_face": True})
        else:
            bodies.append(url | {"img": ""})  # as the documented example has it
        pixels = [{"img": img, "single_face": False} for img in (PIXEL, PIXEL.partition(",")[2])]
        *answers, plain = run.parallel.send_each(
            run.request(name, body=body) for body in (*bodies, *pixels)
        )
        _consistent(run, answers[:-1])
        finding = None
        if answers[-1].ok != plain.ok and name == "detectFaces":
            worse = answers[-1] if plain.ok else plain
            finding = Finding("the same picture with and without data:...;base64,", worse.short())
        run.judge.expect("rules.detection-answers", finding, plain)
        if name == "detectFaces":
            _no_picture(run)
            video = run.options.video_url or VIDEO
            answers.append(run.call(name, body={"url": video, "num_frames": 2}))
        if any(answer.ok and _has_faces(answer) for answer in answers):
            run.judge.expect("rules.detection-answers", None, answers[0])
        elif run.can.live or not run.can.loopback:
            run.collector.skip(
                "rules.detection-answers", f"no success: {answers[0].short(80)}", name
            )
        else:
            finding = Finding("faces in at least one picture", answers[0].short())
            run.judge.expect("rules.detection-answers", finding, answers[0])
        for answer in answers:
            _pictures(run, answer)
        if answers[0].ok:
            _largest(run, answers[1], answers[2])


@check(
    "rules.detection-takes",
    "rules",
    "url wins over img, and num_frames may be anything from 1 to 100.",
    needs=("codes",),
    operations=("detectFaces",),
    stage=Stage.FREE,
)
def takes(run: Run) -> None:
    """What works with the url alone works next to an img, and with every number of frames."""
    url = run.valid_body("detectFaces")
    extras: tuple[dict[str, object], ...]
    extras = ({"num_frames": 1}, {"num_frames": 100}, {"img": PIXEL}, {"img": "no picture"})
    answers = run.parallel.send_each(
        run.request("detectFaces", body=url | extra) for extra in ({}, {}, *extras)
    )
    plain = answers[:2]
    if not all(answer.ok for answer in plain):
        raise UnusableError(f"no success with the url alone: {plain[0].short(80)}")
    for extra, answer in zip(extras, answers[2:], strict=True):
        finding = None
        if not answer.ok:
            finding = Finding("error_code 0 as for the url alone", answer.short())
        elif "img" in extra and plain[0].body == plain[1].body != answer.body:
            finding = Finding("the faces of url, which wins over img", answer.short())
        run.judge.expect("rules.detection-takes", finding, answer)


def _pictures(run: Run, answer: Answer) -> None:
    """The pictures of faces that are on the target itself are pictures."""
    frames = answer.body.get("faces_obj")
    frame = frames.get("0") if isinstance(frames, dict) and answer.ok else None
    urls = frame.get("face_urls") if isinstance(frame, dict) else None
    for url in urls[:2] if isinstance(urls, list) and run.can.files else ():
        if isinstance(url, str) and url.startswith("http") and run.sender.is_own_file(url):
            picture = run.sender.fetch(url)
            # A stand-in may name pictures that it does not keep; one that comes is to be one.
            kept = picture.status == 200  # noqa: PLR2004 - HTTP OK
            finding = wrong_file("image", picture) if kept else None
            run.judge.expect("rules.detection-face-urls", finding, answer)


def _largest(run: Run, single: Answer, every: Answer) -> None:
    """Judged only where the one face is surely one of the several."""
    boxes, chosen = (_boxes(answer) for answer in (every, single))
    if len(chosen) != 1 or chosen[0] not in boxes:
        return
    sizes = [box[2] * box[3] for box in boxes]
    finding = None
    if chosen[0][2] * chosen[0][3] < max(sizes):
        finding = Finding(f"the largest of the faces at {boxes}"[:200], f"the one at {chosen[0]}")
    run.judge.expect("rules.detection-single", finding, single)


def _boxes(answer: Answer) -> list[list[int]]:
    frames = answer.body.get("faces_obj")
    part = frames.get("0") if isinstance(frames, dict) else answer.body
    boxes = part.get("region") if isinstance(part, dict) and answer.ok else None
    whole = isinstance(boxes, list) and all(
        isinstance(box, list) and [type(n) for n in box] == [int] * REGION for box in boxes
    )
    return boxes if whole and isinstance(boxes, list) else []


def _no_picture(run: Run) -> None:
    """What no alphabet of base64 holds is no picture, and has no faces."""
    answer = run.call("detectFaces", body={"img": NO_PICTURE, "single_face": False})
    found = answer.ok and _has_faces(answer)
    finding = Finding("no faces where there is no picture", answer.short()) if found else None
    run.judge.expect("rules.detection-answers", finding, answer)


@check(
    "rules.detections-apart",
    "rules",
    "Each of several detections at the same time gets the answer to its own request.",
    needs=("codes",),
    operations=("detectFaces",),
    stage=Stage.FREE,
)
def apart(run: Run) -> None:
    """Requests that differ in everything: whose answer it is can be seen."""
    if run.can.clock:
        raise UnusableError("a simulator in process answers one request at a time")
    url = run.valid_body("detectFaces")
    bodies = [url | {"return_face_url": True}, url, {"url": NO_PICTURE}] * 2
    requests = [run.request("detectFaces", body=body) for body in bodies]
    alone = [run.sender.send(request) for request in requests[:3]]
    together = run.parallel.send_together(requests)
    for answer, other in zip(together, alone * 2, strict=True):
        finding = None
        if other.ok and not answer.ok and not run.can.live and not too_often(answer):
            finding = Finding("faces, as when asked alone", answer.short())
        run.judge.expect("rules.detections-apart", finding, answer)


def _consistent(run: Run, answers: list[Answer]) -> None:
    """A picture that can be read can be read with every documented parameter."""
    for answer in answers[1:]:
        if answers[0].ok and not answer.ok and not run.can.live:
            finding = Finding("faces, as without the parameter", answer.short())
            run.judge.expect("rules.detection-answers", finding, answer)


def _has_faces(answer: Answer) -> bool:
    frames = answer.body.get("faces_obj")
    parts = list(frames.values()) if isinstance(frames, dict) else [answer.body]
    return any(isinstance(part, dict) and part.get("landmarks") for part in parts)
