"""Request bodies: valid ones as hypothesis strategies, and every documented way to break one."""

from __future__ import annotations

import copy
import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from akool_contract._wire.known import V3

if TYPE_CHECKING:
    from akool_contract._run.run import Run

GONE = object()
Path = tuple[str | int, ...]
Change = tuple[Path, Any]
MAX_FACES = 8
NO_FLAGS = ("true", 1, 0)
NO_PATHS = (
    "ftp://a.example/x.jpg",
    "a.example/x.jpg",
    "/x.jpg",
    "file:///etc/passwd",
    "data:image/png;base64,iVBORw0KGgo=",
    "http://",
    "https://",
    "https://a.example.com/two words.jpg",
)
NO_ADDRESS = ("not a url", "ftp://a.example/x.jpg", "/x.jpg")
MODELS = ("realistic", "beautify", "lossless")


def with_change(body: Any, change: Change) -> Any:  # noqa: ANN401 - any JSON value
    """`body` with one place replaced, or removed when the value is GONE; the rest is shared."""
    path, value = change
    if not path:
        return copy.deepcopy(value)
    step, inner = path[0], path[1:]
    out = copy.copy(body)
    if inner:
        out[step] = with_change(body[step], (inner, value))
    elif value is GONE:
        del out[step]
    else:
        out[step] = copy.deepcopy(value)
    return out


# -- valid bodies -----------------------------------------------------------------------------


def landmarks() -> st.SearchStrategy[str]:
    """Four points, as the detections return them."""
    return _numbers(8, 2000).map(
        lambda n: ":".join(f"{x},{y}" for x, y in zip(n[::2], n[1::2], strict=True))
    )


def _numbers(count: int, beyond: int) -> st.SearchStrategy[list[int]]:
    """So many numbers below a limit, drawn at once: each draw of its own costs time."""
    raw = st.binary(min_size=2 * count, max_size=2 * count)
    return raw.map(lambda drawn: [part % beyond for part in struct.unpack(f"<{count}H", drawn)])


def _face(path: str, *, opts: bool | None) -> st.SearchStrategy[dict[str, Any]]:
    required: dict[str, st.SearchStrategy[Any]] = {"path": st.just(path)}
    if opts:
        required["opts"] = landmarks()
    optional = {"opts": landmarks()} if opts is None else {}
    return st.fixed_dictionaries(required, optional=optional)


@lru_cache(maxsize=4 * MAX_FACES)
def _faces(path: str, count: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    """So many faces. Kept, for hypothesis looks through each strategy that is new to it."""
    face = _face(path, opts=True if count > 1 else None)
    return st.lists(face, min_size=count, max_size=count)


@st.composite
def _pairs(draw: st.DrawFn, source: str, old: str) -> tuple[list[Any], list[Any]]:
    count = draw(st.integers(1, MAX_FACES))
    return draw(_faces(source, count)), draw(_faces(old, count))


def valid(run: Run, name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies that follow every documented rule of an operation."""
    base = run.valid_body(name)
    if name in V3:
        target = "modifyImage" if name == "swapImage" else "modifyVideo"
        source, old = base["sourceImage"][0]["path"], base["targetImage"][0]["path"]
        extra = {"face_enhance": st.sampled_from([0, 1]), "webhookUrl": st.just("")}
        return st.tuples(
            _pairs(source, old),
            st.fixed_dictionaries({target: st.just(base[target])}, optional=extra),
        ).map(lambda t: {"sourceImage": t[0][0], "targetImage": t[0][1]} | t[1])
    if name == "swapImagePro":
        source, old = base["sourceImage"][0]["path"], base["targetImage"][0]["path"]
        extra = {
            "model_name": st.just("akool_faceswap_image_hq"),
            "face_enhance": st.booleans(),
            "single_face_mode": st.booleans(),
            "webhookUrl": st.just(""),
        }
        return st.tuples(_pairs(source, old), st.fixed_dictionaries({}, optional=extra)).map(
            lambda t: {"sourceImage": t[0][0], "targetImage": t[0][1]} | t[1]
        )
    if name == "swapPlus":
        return _plus(base)
    if name == "detectFaces":
        extra = {
            "num_frames": st.integers(1, 100),
            "return_face_url": st.booleans(),
            "single_face": st.booleans(),
        }
        return st.fixed_dictionaries({"url": st.just(base["url"])}, optional=extra)
    if name == "detectFacesLegacy":
        return st.booleans().map(lambda single: base | {"single_face": single})
    return st.just(base)


def _plus(base: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    box = _numbers(4, 800).map(lambda n: [n[0] % 100, n[1] % 100, n[2] + 100, n[3] + 100])
    source = st.fixed_dictionaries(
        {"face_url": st.just(base["source_url"])}, optional={"bbox": box}
    )
    target = st.fixed_dictionaries(
        {"face_url": st.just(base["target_url"])}, optional={"bbox": box}
    )
    pair = st.fixed_dictionaries({"source_face_info": source, "target_face_info": target})
    mapping = st.lists(pair, min_size=2, max_size=MAX_FACES)
    extra = {
        "model_style": st.sampled_from(MODELS),
        "face_enhance": st.booleans(),
        "webhookUrl": st.just(""),
    }
    urls = {key: st.just(base[key]) for key in ("source_url", "target_url")}
    simple = st.fixed_dictionaries(urls | {"single_face_mode": st.just(value=True)}, optional=extra)
    mapped = st.fixed_dictionaries(
        urls | {"face_mapping": mapping},
        optional=extra | {"single_face_mode": st.just(value=False)},
    )
    return st.one_of(simple, mapped)


# -- ways to break one ------------------------------------------------------------------------

JUNK: tuple[Any, ...] = (
    None,
    "",
    0,
    1,
    -1,
    7,
    1.5,
    True,
    [],
    {},
    "x",
    "not a url",
    ["a"],
    {"a": 1},
)


def places(body: Any, path: Path = ()) -> list[Path]:  # noqa: ANN401 - any JSON value
    """Every place in a JSON value, the root first."""
    found = [path]
    if isinstance(body, dict):
        for key, value in body.items():
            found += places(value, (*path, key))
    elif isinstance(body, list):
        for index, value in enumerate(body):
            found += places(value, (*path, index))
    return found


def breakages(body: Any) -> list[Change]:  # noqa: ANN401 - any JSON value
    """Every place removed, or replaced by each kind of junk."""
    changes: list[Change] = []
    for path in places(body):
        if path and isinstance(path[-1], str):
            changes.append((path, GONE))
        changes += [(path, junk) for junk in JUNK]
    return changes


def full(run: Run, name: str) -> Any:  # noqa: ANN401 - any JSON value
    """A valid body that uses every documented parameter, for breaking each of them."""
    base = run.valid_body(name)
    if name in V3:
        return base | {"face_enhance": 1, "webhookUrl": ""}
    if name == "swapImagePro":
        pro = {"model_name": "akool_faceswap_image_hq", "face_enhance": True, "webhookUrl": ""}
        return base | pro | {"single_face_mode": False}
    if name == "swapPlus":
        return _full_plus(base)
    if name == "detectFaces":
        return base | {"num_frames": 5, "return_face_url": False, "single_face": False}
    return base


def _full_plus(base: dict[str, Any]) -> dict[str, Any]:
    pair = {
        "source_face_info": {"face_url": base["source_url"], "bbox": [10, 20, 110, 220]},
        "target_face_info": {"face_url": base["target_url"], "bbox": [10, 20, 110, 220]},
    }
    extra = {"model_style": "realistic", "face_enhance": False, "webhookUrl": ""}
    mapping = [pair, copy.deepcopy(pair)]
    return base | extra | {"single_face_mode": False, "face_mapping": mapping}


def edges(run: Run, name: str) -> list[Any]:
    """Bodies at both sides of each documented limit."""
    base = run.valid_body(name)
    if name in ("swapImage", "swapVideo", "swapImagePro"):
        pro = name == "swapImagePro"
        switches = [base | {"face_enhance": value} for value in (NO_FLAGS if pro else (2, -1))]
        switches += [base | {"single_face_mode": value} for value in NO_FLAGS if pro]
        odd = _odd_but_right(run, base, "sourceImage")
        return switches + odd + _face_edges(base, 50 if pro else MAX_FACES)
    if name == "swapPlus":
        return _plus_edges(run, base)
    if name == "detectFaces":
        frames = [base | {"num_frames": n} for n in (0, 1, 100, 101, -1)]
        frames += [{"url": bad} for bad in NO_ADDRESS]
        frames += [{"url": ""}, {"img": ""}, {"url": "", "img": ""}, {"img": 7}]
        return [*frames, {}, {"num_frames": 5}]
    if name == "detectFacesLegacy":
        bare = [{}, {"single_face": True}, {"single_face": True, "img": "", "image_url": ""}]
        bare.append({"single_face": False, "img": 7})
        return bare + [{"single_face": False, "image_url": bad} for bad in NO_ADDRESS]
    return []


def _odd_but_right(run: Run, base: dict[str, Any], name: str) -> list[Any]:
    """What the contract's patterns and `nullable` allow, but few clients send."""
    path = base[name][0]["path"]
    points = "-2.5,175:363.25,-0.5:313,215.75:-272,279"
    bodies: list[dict[str, Any]] = [{name: [{"path": path, "opts": points}]}, {"webhookUrl": None}]
    if not run.can.live:  # these name no picture that could be fetched
        scheme, mark, rest = path.partition("://")
        long = f"{scheme.upper()}{mark}{rest.partition('/')[0]}/{'long' * 75}"
        bodies.append({name: [base[name][0] | {"path": long}]})
    return [base | body for body in bodies]


def _face_edges(base: dict[str, Any], most: int) -> list[Any]:
    opts = "262,175:363,175:313,215:272,279"
    source, old = base["sourceImage"][0]["path"], base["targetImage"][0]["path"]

    def faces(path: str, count: int, *, bare: int | None = None) -> list[dict[str, str]]:
        out = [{"path": path, "opts": opts} for _ in range(count)]
        if bare is not None:
            del out[bare]["opts"]
        return out

    def pair(count: int, other: int | None = None) -> dict[str, Any]:
        many = {"sourceImage": faces(source, count)}
        return base | many | {"targetImage": faces(old, count if other is None else other)}

    out: list[Any] = [pair(n) for n in (0, 1, 2, 8, 9, 10, most, most + 1)]
    out += [pair(2, 1), pair(1, 2), pair(8, 7), pair(0, 1), pair(1, 0), pair(9, 1)]
    for name, path in (("sourceImage", source), ("targetImage", old)):
        out += [pair(2) | {name: faces(path, 2, bare=index)} for index in (0, 1)]
        out.append(pair(3) | {name: faces(path, 3, bare=2)})
        out.append(pair(2) | {name: faces(path, 1, bare=0)})  # the other one is the longer
        for bad in NO_PATHS:
            out.append(base | {name: [{"path": bad, "opts": opts}]})
        for bad in NO_PATHS[:2]:
            out.append(pair(2) | {name: [*faces(path, 1), {"path": bad, "opts": opts}]})
        for shape in ([[262, 175], [363, 175]], [262, 175], 262, {"x": 1}):
            out.append(base | {name: [{"path": path, "opts": shape}]})
        plain = path.replace("https://", "http://", 1)
        out.append(base | {name: [{"path": plain, "opts": opts}]})
        out.append(base | {name: [{"path": f"{path}?v=1&size=a%20b", "opts": opts}]})
        out.append(base | {name: {"path": path}})
        out.append(base | {name: path})
    bare = {"sourceImage": faces(source, 1, bare=0), "targetImage": faces(old, 1, bare=0)}
    out += [base | bare, base | {"sourceImage": faces(source, 1, bare=0)}]
    return out


def _plus_edges(run: Run, base: dict[str, Any]) -> list[Any]:
    whole = _full_plus(base)
    without = {key: value for key, value in base.items() if key != "single_face_mode"}
    out = [without, without | {"single_face_mode": False}, base, whole]
    for name in ("source_face_info", "target_face_info"):
        boxes: tuple[Any, ...] = (
            [1, 2, 3],
            [1, 2, 3, 4, 5],
            [],
            ["1", "2", "3", "4"],
            "1,2,3,4",
            4,
            {"x1": 1},
        )
        out += [with_change(whole, (("face_mapping", 1, name, "bbox"), box)) for box in boxes]
        out.append(with_change(whole, (("face_mapping", 0, name, "bbox"), GONE)))
        out.append(with_change(whole, (("face_mapping", 1, name), GONE)))
        out.append(with_change(whole, (("face_mapping", 0, name, "bbox"), [0.5, 1, 100.25, 99])))
        for bad in ("foo", "/x.jpg"):
            out.append(with_change(whole, (("face_mapping", 0, name, "face_url"), bad)))
    for name in ("source_face_info", "target_face_info"):
        # A box may stand for the face to be replaced, whose picture is optional.
        out.append(with_change(whole, (("face_mapping", 1, name, "face_url"), GONE)))
    out += [base | {"single_face_mode": value} for value in NO_FLAGS]
    out += [base | {"face_enhance": value} for value in NO_FLAGS]
    out.append(base | {"webhookUrl": None})
    pair = whole["face_mapping"][0]
    out += [whole | {"face_mapping": [pair] * count} for count in (0, MAX_FACES, MAX_FACES + 1)]
    out += [base | {"model_style": style} for style in (*MODELS, "anime", "Realistic")]
    if run.options.video_url or not run.can.live:
        out.append(base | {"target_url": run.pictures.video})
    return out
