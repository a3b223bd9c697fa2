"""Every operation's request whole, what is refused in which words, and the raw answers' models."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from tests.client.conftest import DETECTED, LEGACY, item

from akool_faceswap import FaceMapping, InvalidRequestError
from akool_faceswap._core import requests
from akool_faceswap._core.job_calls import OPERATIONS
from akool_faceswap._errors import RawAnswer
from akool_faceswap._models.faces import Face
from akool_faceswap._models.job_kind import JobKind
from akool_faceswap_api import models
from akool_faceswap_api.types import UNSET
from akool_openapi.operations import JobSpec

A, B, C, D = (f"https://a.example/{name}.png" for name in "abcd")
OPTS = "1,2:3,4:5,6:7,8"
FACE = Face(A, OPTS)
RAW = RawAnswer(200, {}, b"{}")
PLAIN = {"face_enhance": False, "webhook_url": None}


def image(source: Any = FACE, target: Any = B, image: Any = C, **more: Any) -> Any:
    return requests.swap_image_call(source, target, image, **(PLAIN | more))


def video(source: Any = FACE, target: Any = B, video: Any = C, **more: Any) -> Any:
    return requests.swap_video_call(source, target, video, **(PLAIN | more))


def pro(source: Any = FACE, target: Any = B, **more: Any) -> Any:
    return requests.swap_image_pro_call(source, target, **(PLAIN | {"single_face": False} | more))


def plus(source: Any = A, target: Any = B, **more: Any) -> Any:
    usual = PLAIN | {"mapping": None, "model_style": "realistic"}
    return requests.swap_plus_call(source, target, **(usual | more))


def detect(url: Any = A, image: Any = None, **more: Any) -> Any:
    usual = {"frames": 3, "crops": False, "single_face": False}
    return requests.detect_faces_call(url, image, **(usual | more))


def legacy(url: Any = A, image: Any = None) -> Any:
    return requests.detect_faces_legacy_call(url, image, single_face=False)


SOURCE, TARGET = {"path": A, "opts": OPTS}, {"path": B}
SWAP = {"sourceImage": [SOURCE], "targetImage": [TARGET]}
PLUS = {"source_url": A, "target_url": B, "model_style": "realistic", "face_enhance": False}
DETECT = {"num_frames": 3, "return_face_url": False, "single_face": False}
REQUESTS = [
    ("swapImage", image, SWAP | {"modifyImage": C, "face_enhance": 0}),
    ("swapVideo", video, SWAP | {"modifyVideo": C, "face_enhance": 0}),
    (
        "swapImagePro",
        lambda: pro([FACE, FACE], FACE),
        {
            "sourceImage": [SOURCE, SOURCE],
            "targetImage": [SOURCE],
            "model_name": "akool_faceswap_image_hq",
            "face_enhance": False,
            "single_face_mode": False,
        },
    ),
    ("swapPlus", plus, PLUS | {"single_face_mode": True}),
    ("swapPlus", lambda: plus(model_style="lossless"), PLUS | {"single_face_mode": True,
                                                       "model_style": "lossless"}),
    (
        "swapPlus",
        lambda: plus(mapping=[FaceMapping(C, D), FaceMapping(C, target_bbox=(1, 2, 3, 4))]),
        PLUS
        | {
            "single_face_mode": False,
            "face_mapping": [
                {"source_face_info": {"face_url": C}, "target_face_info": {"face_url": D}},
                {
                    "source_face_info": {"face_url": C},
                    "target_face_info": {"bbox": [1.0, 2.0, 3.0, 4.0]},
                },
            ],
        },
    ),
    ("detectFaces", detect, DETECT | {"url": A}),
    (
        "detectFaces",
        lambda: detect(None, "aGk=", frames=100),
        DETECT | {"img": "aGk=", "num_frames": 100},
    ),
    ("detectFaces", lambda: detect(frames=1), DETECT | {"url": A, "num_frames": 1}),
    ("detectFacesLegacy", legacy, {"image_url": A, "single_face": False}),
    ("detectFacesLegacy", lambda: legacy(None, "aGk="), {"img": "aGk=", "single_face": False}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make", "body"), REQUESTS)
def test_an_operation_is_sent_whole(name, make, body) -> None:
    call = make()
    assert (call.operation.name, call.body) == (name, body)


@pytest.mark.parametrize(
    ("make", "given", "name"),
    [
        (image, {"image": "x"}, "image"),
        (image, {"webhook_url": "x"}, "webhook_url"),
        (video, {"video": "x"}, "video"),
        (pro, {"webhook_url": "x"}, "webhook_url"),
        (plus, {"source": "x"}, "source"),
        (plus, {"target": "x"}, "target"),
        (plus, {"mapping": [FaceMapping("x", B)]}, "source_url"),
        (plus, {"mapping": [FaceMapping(A, "x")]}, "target_url"),
        (detect, {"url": "x"}, "url"),
        (legacy, {"url": "x"}, "url"),
    ],
)
def test_what_is_no_address_is_told_by_the_name_of_its_argument(make, given, name) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        make(**given)
    assert caught.value.args[0].startswith(f"{name} must be a public http(s) URL, not 'x';")


PAIRS = "mapping has {} pairs; it takes 1 to 8. Leave it out to swap the one face of a picture"
MAPPING = "mapping is a list of FaceMapping"
BOX = "A bbox is four numbers: x1, y1, x2, y2"
EITHER = "Pass either url= or image= (base64)"
BASE64 = "image is base64 text of at most 25165824 characters"
FRAMES = "frames is a whole number from 1 to 100"
STYLE = "model_style is one of ('realistic', 'beautify', 'lossless')"
ALIGNED = "source has 2 faces, target 1: they must match by position"
TOO_LONG = "a" * (requests.MAX_IMAGE_CHARS + 1)


def boxed(box: Any) -> Any:
    return plus(mapping=[FaceMapping(A, B, source_bbox=box)])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: image([FACE] * 2, FACE), ALIGNED),
        (lambda: video([FACE] * 2, FACE), ALIGNED),
        (lambda: image([FACE] * 9, [FACE] * 9), "At most 8 faces can be swapped in one request"),
        (lambda: pro([FACE] * 51, FACE), "At most 50 faces can be swapped in one request"),
        (lambda: plus(model_style="ugly"), STYLE),
        (lambda: plus(mapping="x"), MAPPING),
        (lambda: plus(mapping=7), MAPPING),
        (lambda: plus(mapping=[(A, B)]), MAPPING),
        (lambda: plus(mapping=[]), PAIRS.format(0)),
        (lambda: plus(mapping=[FaceMapping(A, B)] * 9), PAIRS.format(9)),
        (
            lambda: plus(mapping=[FaceMapping(A)]),
            "A FaceMapping needs target_url, target_bbox or both",
        ),
        *((lambda box=box: boxed(box), BOX) for box in (7, (1, 2, 3), (1, 2, 3, 4, 5))),
        *((lambda box=box: boxed(box), BOX) for box in ((1, 2, 3, "4"), (1, 2, 3, True))),
        (lambda: boxed((1, 2, 3, 4, "5")), BOX),
        (lambda: detect(None, None), EITHER),
        (lambda: legacy(A, "aGk="), EITHER),
        (lambda: detect(None, ""), BASE64),
        (lambda: detect(None, b"aGk="), BASE64),
        (lambda: detect(None, TOO_LONG), BASE64),
        (lambda: image(face_enhance=1.0), "face_enhance is True or False, not 1.0"),
        (lambda: image(face_enhance=2), "face_enhance is True or False, not 2"),
        *((lambda n=n: detect(frames=n), FRAMES) for n in (0, 101, 2.5, True)),
    ],
)
def test_what_cannot_be_sent_is_told_in_these_words(make, says) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        make()
    assert caught.value.args == (says,)


def test_as_many_as_the_contract_takes_are_sent() -> None:
    assert len(image([FACE] * 8, [FACE] * 8).body["sourceImage"]) == 8
    assert len(pro([FACE] * 50, FACE).body["sourceImage"]) == 50
    assert len(plus(mapping=[FaceMapping(A, B)] * 8).body["face_mapping"]) == 8
    assert detect(None, TOO_LONG[1:]).body["img"] == TOO_LONG[1:]


@pytest.mark.parametrize(("make", "answer"), [(detect, DETECTED), (legacy, LEGACY)])
def test_faces_that_were_found_know_their_picture_if_it_has_an_address(make, answer) -> None:
    for given, known in (((A, None), A), ((None, "aGk="), None)):
        found = make(*given).decode(answer, RAW)
        assert [face.media_url for face in found.faces] == [known]


# Raw answers.


def raw_call(name: str, **given: Any) -> Any:
    return requests.raw_call(OPERATIONS[name], given)


def test_a_raw_call_sends_what_is_given_and_leaves_out_what_is_not() -> None:
    assert raw_call("listResults", field_ids="a,b").params == {"_ids": "a,b"}
    with pytest.raises(TypeError, match="field_ids"):
        raw_call("listResults", field_ids=UNSET)
    value = {"code": 1000, "msg": "OK", "data": {"credit": 7}}
    assert raw_call("getCredit").decode(value, RAW).to_dict() == value


@pytest.mark.parametrize(
    ("said", "named", "kept"),
    [
        (3, 3, {}),
        ("2", 2, {}),
        (9, 1, {"faceswap_status": 9}),
        ("so", 1, {"faceswap_status": "so"}),
    ],
)
def test_a_raw_poll_keeps_a_status_that_the_contract_does_not_name(said, named, kept) -> None:
    value = {"code": 1000, "msg": "OK", "data": {"result": [item("a"), item("b", said)]}}
    first, job = raw_call("listResults", field_ids="a").decode(value, RAW).data.result
    assert (first.faceswap_status, first.additional_properties) == (3, {})
    assert (job.faceswap_status, job.additional_properties) == (named, kept)


def test_an_answer_of_several_classes_is_read_by_its_status() -> None:
    call = raw_call("detectFaces", body=models.DetectFacesRequest(url=A))
    body, headers = json.dumps(DETECTED).encode(), {"content-encoding": "gzip"}
    found = call.decode({}, RawAnswer(200, headers, body))
    assert isinstance(found, models.DetectFacesResponse)
    assert found.to_dict()["faces_obj"] == DETECTED["faces_obj"]
    with pytest.raises(Exception, match="418"):
        call.decode({}, RawAnswer(418, {}, body))


def _parse_response(*, client: Any, response: Any) -> Any:
    """As the generated module of an operation that answers with text."""
    assert client.raise_on_unexpected_status
    return response.text


def test_a_text_is_read_as_the_answer_says_but_not_unpacked_again() -> None:
    operation: Any = SimpleNamespace(answer=None, module=__name__)
    headers = {"content-type": "text/plain; charset=latin-1", "content-encoding": "gzip"}
    raw = RawAnswer(200, headers, "é".encode("latin-1"))
    assert requests._strictly(operation)({}, raw) == "é"


@attrs.define
class Info:
    state: object
    additional_properties: dict[str, Any] = attrs.field(factory=dict)


@attrs.define
class Job:
    info: Info | None


@attrs.define
class Answer:
    jobs: list[Job] | Job
    raw: RawAnswer


FILMS: dict[str, Any] = {
    "id": "$response.body#/id",
    "poll": {
        "operationId": "x",
        "parameter": "$request.query.ids",
        "job": "$response.body#/answer/jobs",
    },
    "fields": {"status": "/info/state"},
    "statuses": {"queued": ["new"], "running": [1], "succeeded": ["done"]},
}
KIND = JobKind(JobSpec.read(FILMS))


def strict(*, keeps: bool = True, error: type[Exception] = ValueError) -> Any:
    """What a generated model does: reads the statuses of the contract only."""

    def job(part: dict[str, Any]) -> Job:
        if "info" not in part:
            return Job(None)
        info = dict(part["info"])
        state = info.pop("state")
        if not any(state is known or state == known for known in ("new", 1, "done")):
            raise error(state)
        return Job(Info(state, info) if keeps else state)

    def read(value: dict[str, Any], raw: RawAnswer) -> Answer:
        found = value["answer"]["jobs"]
        return Answer([job(p) for p in found] if isinstance(found, list) else job(found), raw)

    return requests._keeping_statuses(KIND, read)


def films(*states: object) -> list[dict[str, Any]]:
    return [{} if state is None else {"info": {"state": state, "more": 5}} for state in states]


@pytest.mark.parametrize("error", [TypeError, ValueError])
def test_every_unnamed_status_is_kept_where_it_was_said(error) -> None:
    value = {"answer": {"jobs": films("new", "odd", None, "1", 7, "done")}, "other": 1}
    answer = strict(error=error)(value, RAW)
    assert answer.raw is RAW
    assert [
        job.info and (job.info.state, job.info.additional_properties) for job in answer.jobs
    ] == [
        ("new", {"more": 5}),
        ("new", {"more": 5, "state": "odd"}),
        None,
        (1, {"more": 5}),
        ("new", {"more": 5, "state": 7}),
        ("done", {"more": 5}),
    ]


def test_the_status_of_one_job_is_kept_as_well() -> None:
    (film,) = films("odd")
    info = strict()({"answer": {"jobs": film}}, RAW).jobs.info
    assert (info.state, info.additional_properties) == ("new", {"more": 5, "state": "odd"})


def test_an_answer_that_fits_is_read_once_as_it_is() -> None:
    value = {"answer": {"jobs": films("done")}}
    assert strict()(value, RAW) == Answer([Job(Info("done", {"more": 5}))], RAW)


def test_a_status_that_no_model_keeps_is_told() -> None:
    with pytest.raises(ValueError, match="of the contract") as caught:
        strict(keeps=False)({"answer": {"jobs": films("new", "o" * 99)}}, RAW)
    assert caught.value.args == (f"status '{'o' * 79} is none of the contract",)
    with pytest.raises(KeyError):
        strict(error=KeyError)({"answer": {"jobs": films("odd")}}, RAW)
