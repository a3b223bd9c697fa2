"""Whatever a server answers: the right object, or an error of ours. Never anything else."""

import asyncio
import gzip
import json
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.client.conftest import API_KEY, FACE, IMAGE, AsyncFakeClock, FakeClock, job_id

from akool_faceswap import (
    AkoolError,
    AsyncFaceSwap,
    Credit,
    Detection,
    FaceSwap,
    HttpStatusError,
    Job,
    JobState,
    RateLimitedError,
    RetryPolicy,
    UnknownCodeError,
    UnreadableAnswerError,
    codes,
)
from akool_faceswap_api.models import DeleteResultsRequest
from akool_openapi import load

IDS = [job_id(1), job_id(2)]
CALLS = {
    "swapImage": lambda c: c.swap_image(FACE, FACE, IMAGE),
    "swapVideo": lambda c: c.swap_video(FACE, FACE, IMAGE),
    "swapImagePro": lambda c: c.swap_image_pro(FACE, IMAGE),
    "swapPlus": lambda c: c.swap_plus(FACE, IMAGE),
    "listResults": lambda c: c.results(IDS),
    "deleteResults": lambda c: c.delete(IDS),
    "getCredit": lambda c: c.credit(),
    "getToken": lambda c: c.token(),
    "detectFaces": lambda c: c.detect_faces(IMAGE),
    "detectFacesLegacy": lambda c: c.detect_faces_legacy(IMAGE),
    "status": lambda c: c.job(IDS[0]).status(),
    "wait": lambda c: c.job(IDS[0]).wait(timeout=3),
    "raw listResults": lambda c: c.raw.list_results(IDS[0]),
    "raw deleteResults": lambda c: c.raw.delete_results(DELETE),
}


DELETE = DeleteResultsRequest(field_ids=IDS[0])


def server(reply: Any) -> dict[str, Any]:
    """Settings of a client whose server always answers like this."""

    def answer(_request: httpx2.Request) -> httpx2.Response:
        return reply() if callable(reply) else reply

    return {
        "client_id": "client-id",
        "client_secret": "client-secret-0123456789",
        "transport": httpx2.MockTransport(answer),
        "retry": RetryPolicy(attempts=2),
    }


def ask(call: Any, reply: Any) -> Any:
    """What a call makes of a server that always answers like this."""
    with FaceSwap(API_KEY, clock=FakeClock(), **server(reply)) as client:
        return call(client)


async def aask(call: Any, reply: Any) -> Any:
    """The same, of the other client."""
    async with AsyncFaceSwap(API_KEY, clock=AsyncFakeClock(), **server(reply)) as client:
        return await call(client)


def outcome(call: Any, reply: Any, *, ask: Any = ask) -> Any:
    """What a call returns, or which error of ours it raises; any other goes through."""
    try:
        return ask(call, reply)
    except AkoolError as error:
        return error


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=10,
)
known_keys = st.sampled_from(
    ["code", "msg", "data", "error_code", "error_msg", "faces_obj", "landmarks", "landmarks_str"]
)
envelopes = st.one_of(
    st.dictionaries(known_keys, json_values, max_size=6),
    st.builds(
        lambda data: {"code": 1000, "msg": "OK", "data": data, "token": data},
        st.one_of(
            json_values,
            st.fixed_dictionaries({"_id": json_values}),
            st.fixed_dictionaries({"credit": json_values}),
            st.fixed_dictionaries({"result": json_values}),
            st.fixed_dictionaries(
                {
                    "result": st.lists(
                        st.fixed_dictionaries(
                            {
                                "_id": st.one_of(st.sampled_from(IDS), json_values),
                                "faceswap_status": json_values,
                                "url": json_values,
                                "createdAt": json_values,
                                "alg_msg": json_values,
                            }
                        ),
                        max_size=3,
                    )
                }
            ),
        ),
    ),
    st.builds(
        lambda columns: {"error_code": 0, "error_msg": "", "faces_obj": {"0": columns}, **columns},
        st.dictionaries(
            st.sampled_from(["landmarks", "landmarks_str", "region", "crop_region", "face_urls"]),
            st.one_of(json_values, st.lists(st.lists(st.floats(), max_size=5), max_size=3)),
        ),
    ),
)
bodies = st.one_of(
    st.binary(max_size=200),
    json_values.map(lambda value: json.dumps(value).encode()),
    envelopes.map(lambda value: json.dumps(value).encode()),
    st.just(b"[" * 100_000),
    st.just(b'{"code": ' + b"9" * 5000 + b"}"),
)
statuses = st.one_of(st.integers(100, 999), st.just(200))
headers = st.dictionaries(
    st.sampled_from(["content-type", "content-encoding", "retry-after", "date", "location", "x-a"]),
    st.one_of(
        st.sampled_from(["gzip", "deflate", "br", "identity", "0", "3", "-1", "application/json"]),
        st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=20),
    ),
    max_size=4,
)


# Every call is given the same answers: making them up takes longer than reading them.
@given(status=statuses, header=headers, body=bodies)
def test_any_bytes_status_and_headers_are_an_object_or_our_error(status, header, body):
    def reply() -> httpx2.Response:
        raw = [(name.encode(), value.encode("latin-1")) for name, value in header.items()]
        return httpx2.Response(status, headers=raw, stream=httpx2.ByteStream(body))

    for operation, call in CALLS.items():
        got = outcome(call, reply)
        if isinstance(got, AkoolError):
            assert str(got), operation
            assert API_KEY not in f"{got!r} {got}", operation


failures = st.sampled_from(
    [
        httpx2.ConnectError("a"),
        httpx2.PoolTimeout("b"),
        httpx2.ReadTimeout("c"),
        httpx2.RemoteProtocolError("d"),
        TimeoutError("e"),
        OSError("f"),
        KeyError("g"),
    ]
)


@given(status=statuses, header=headers, body=bodies, failure=st.none() | failures)
def test_both_clients_make_the_same_of_it(status, header, body, failure):
    def reply() -> httpx2.Response:
        if failure is not None:
            raise failure
        raw = [(name.encode(), value.encode("latin-1")) for name, value in header.items()]
        return httpx2.Response(status, headers=raw, stream=httpx2.ByteStream(body))

    with asyncio.Runner() as runner:
        for operation in ("swapImage", "getCredit", "getToken", "detectFaces", "wait"):
            call = CALLS[operation]
            one = outcome(call, reply)
            other = outcome(call, reply, ask=lambda *given: runner.run(aask(*given)))
            assert f"{one!r} {one}" == f"{other!r} {other}".replace("Async", ""), operation


@given(
    code=st.integers(-(10**6), 10**6).filter(lambda code: code != 1000), msg=st.text(max_size=200)
)
def test_every_code_is_typed_and_carries_what_the_server_said(code, msg):
    body = {"code": code, "msg": msg}
    error = outcome(CALLS["getCredit"], httpx2.Response(200, json=body))
    assert isinstance(error, codes.BY_CODE.get(code, UnknownCodeError))
    assert (error.code, error.http_status, error.operation) == (code, 200, "getCredit")
    words = [letter for letter in msg if letter.isprintable() and letter != " "]
    assert error.msg.isprintable()
    assert error.msg.replace(" ", "") == ("".join(words) or "noreasongiven")
    assert json.loads(error.raw.body) == body


@pytest.mark.parametrize("status", [100, 301, 304, 418, 500, 520, 599, 700, 999])
def test_a_status_without_a_code_is_an_error_with_the_status(status):
    with pytest.raises(HttpStatusError, match=str(status)) as caught:
        ask(CALLS["getCredit"], httpx2.Response(status, text="gateway"))
    assert caught.value.raw.body == b"gateway"


@pytest.mark.parametrize("code", [1000, 1000.0, "1000"])
def test_a_success_code_may_be_written_in_three_ways(code):
    body = {"code": code, "msg": "fine", "data": {"credit": 1}}
    assert ask(CALLS["getCredit"], httpx2.Response(200, json=body)) == 1


@pytest.mark.parametrize("data", [None, {}, [], "x"])
def test_an_error_may_come_with_any_data_or_none(data):
    body = {"code": 1005, "msg": "busy", "data": data}
    with pytest.raises(RateLimitedError):
        ask(CALLS["getCredit"], httpx2.Response(200, json=body))


LANDMARKS = "238,365:386,363:318,470:267,539"


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"landmarks_str": [LANDMARKS]}, 1),
        ({"landmarks_str": LANDMARKS, "error_msg": "SUCCESS"}, 1),
        ({"landmarks": [], "landmarks_str": [], "region": []}, 0),
        ({"landmarks": None, "landmarks_str": None}, None),
        ({"error_msg": "no face"}, None),
        ({"code": 1000, "msg": "OK", "data": {}}, None),
        ({}, None),
    ],
)
def test_a_legacy_detection_needs_no_error_code_if_it_says_what_it_found(answer, found):
    got = outcome(CALLS["detectFacesLegacy"], httpx2.Response(200, json=answer))
    if found is None:
        assert isinstance(got, UnreadableAnswerError)
    else:
        assert len(got.faces) == found


def test_an_answer_without_end_is_not_read():
    class Endless(httpx2.SyncByteStream):
        sent = 0

        def __iter__(self):
            while True:
                self.sent += 1 << 20
                yield b"x" * (1 << 20)

    stream = Endless()
    with pytest.raises(UnreadableAnswerError, match="larger than"):
        ask(CALLS["getCredit"], lambda: httpx2.Response(200, stream=stream))
    assert stream.sent <= 2 * (17 << 20)  # two attempts


def test_a_small_answer_that_unpacks_without_end_is_not_unpacked():

    bomb = gzip.compress(b"\0" * (200 << 20))
    header = {"content-encoding": "gzip"}
    with pytest.raises(UnreadableAnswerError, match="larger than"):
        ask(
            CALLS["getCredit"],
            lambda: httpx2.Response(200, headers=header, stream=httpx2.ByteStream(bomb)),
        )


# Answers that are valid by the contract's own schemas, written out from them.


def schema_values(schema: dict[str, Any], document: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values valid under a schema of the contract: the parts of JSON Schema that it uses."""
    if "$ref" in schema:
        return schema_values(
            document["components"]["schemas"][schema["$ref"].split("/")[-1]], document
        )
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "allOf" in schema:
        parts = [schema_values(part, document) for part in schema["allOf"]]
        return st.tuples(*parts).map(
            lambda values: {k: v for each in values for k, v in each.items()}
        )
    for word in ("oneOf", "anyOf"):
        if word in schema and "properties" not in schema:
            return st.one_of([schema_values(each, document) for each in schema[word]])
    made = _typed(schema, document)
    return st.one_of(st.none(), made) if schema.get("nullable") else made


def _typed(schema: dict[str, Any], document: dict[str, Any]) -> st.SearchStrategy[Any]:
    kind = schema.get("type")
    if kind == "object":
        return _objects(schema, document)
    if kind == "array":
        low, high = schema.get("minItems", 0), schema.get("maxItems", 3)
        return st.lists(schema_values(schema["items"], document), min_size=low, max_size=high)
    if kind == "integer":
        return st.integers(schema.get("minimum", -(10**9)), schema.get("maximum", 10**9)).filter(
            lambda number: number not in schema.get("not", {}).get("enum", [])
        )
    text = st.text("abcdef0123456789", min_size=8, max_size=24)
    moments = st.datetimes().map(lambda moment: moment.isoformat() + "Z")
    simple = {
        "number": st.floats(-1e9, 1e9),
        "boolean": st.booleans(),
        "string": moments if schema.get("format") == "date-time" else text,
    }
    return simple.get(kind, st.none())


def _objects(schema: dict[str, Any], document: dict[str, Any]) -> st.SearchStrategy[Any]:
    known = schema.get("properties", {})
    parts = {name: schema_values(part, document) for name, part in known.items()}
    required = set(schema.get("required", ()))
    made = st.fixed_dictionaries(
        {name: part for name, part in parts.items() if name in required},
        optional={name: part for name, part in parts.items() if name not in required},
    )
    rest = schema.get("additionalProperties")
    if isinstance(rest, dict):
        more = st.dictionaries(st.sampled_from(["0", "5", "10"]), schema_values(rest, document))
    else:
        most = schema.get("maxProperties", 2)
        more = st.dictionaries(st.text("xyz", min_size=2, max_size=5), st.integers(), max_size=most)
    return st.tuples(made, more).map(lambda pair: {**pair[1], **pair[0]})


CONTRACT = load()
SCHEMAS = {
    operation["operationId"]: operation["responses"]["200"]["content"]["application/json"]["schema"]
    for path in CONTRACT["paths"].values()
    for operation in path.values()
    if isinstance(operation, dict) and "operationId" in operation
}


# Made once: put together anew for every example, they cost more than the examples.
ANSWERS = {operation: schema_values(schema, CONTRACT) for operation, schema in SCHEMAS.items()}


@pytest.mark.parametrize("operation", SCHEMAS)
@given(data=st.data())
def test_any_answer_that_the_contract_allows_is_read_right(operation, data):
    value = data.draw(ANSWERS[operation])
    if operation == "listResults" and value.get("code") == 1000:
        for item, name in zip(value["data"]["result"], IDS, strict=False):
            item["_id"] = name
    detection = "Faces" in operation
    code = value["error_code"] if detection and "error_code" in value else value.get("code")
    got = outcome(CALLS[operation], httpx2.Response(200, json=value))
    if detection and "error_code" not in value and code in (None, 1000):
        # The one page that does not promise the field which says whether it went well.
        assert operation == "detectFacesLegacy"
        if isinstance(got, AkoolError):
            assert isinstance(got, UnreadableAnswerError)
            assert not any(value.get(name) for name in ("landmarks", "landmarks_str", "region"))
        else:
            same_faces(got, value)
    elif code != (0 if detection else 1000):
        assert isinstance(got, AkoolError)
        assert got.code == code
    else:
        CHECKS[operation](got, value)


def same_job(job: Job, value: Any) -> None:
    assert job.id == value["data"]["_id"]


def same_states(states: list[JobState], value: Any) -> None:
    listed = {item["_id"]: item for item in value["data"]["result"]}
    for state in states:
        assert state.listed == (state.id in listed)
        if state.listed:
            assert state.status == listed[state.id]["faceswap_status"]
            assert state.url in (None, listed[state.id]["url"])
            assert dict(state.raw) == listed[state.id]


def same_faces(found: Detection, value: Any) -> None:
    frames = value["faces_obj"].values() if "faces_obj" in value else [value]
    texts = []
    for frame in frames:
        text = frame.get("landmarks_str") or []
        texts += [text] if isinstance(text, str) else text
    assert sorted(f.landmarks_str for f in found.faces if f.landmarks_str in texts) == sorted(texts)


def same_credit(credit: Credit, value: Any) -> None:
    assert credit == value["data"]["credit"]
    assert json.loads(credit.raw.body) == value


CHECKS = {
    **dict.fromkeys(["swapImage", "swapVideo", "swapImagePro", "swapPlus"], same_job),
    "listResults": same_states,
    "deleteResults": lambda got, _value: got is None,
    "getCredit": same_credit,
    "getToken": lambda token, value: token == value["token"],
    "detectFaces": same_faces,
    "detectFacesLegacy": same_faces,
}
