"""Two independent readers of the contract, our simulator and Prism, must agree.

The same generated requests go to both. They must agree on whether a request is accepted, and Prism,
as a proxy before the simulator, must find no fault in any of the simulator's answers. What they may
disagree on stands in one table, `TOLERATED`, each entry with its reason, its own reading of
the rule and an example: an entry whose example no longer shows a difference fails, and so goes.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

import httpx2
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

import akool_openapi
from akool_contract._generate.explore import same_everywhere
from akool_mock import MockServer, Request, Response, Settings, Simulator
from akool_mock.prism import Prism

pytestmark = [pytest.mark.node, pytest.mark.xdist_group("prism")]

CONTRACT = akool_openapi.load()
SCHEMA = schemathesis.openapi.from_dict(CONTRACT)
OPERATIONS = {
    found.ok().definition.raw["operationId"]: found.ok() for found in SCHEMA.get_all_operations()
}
EXAMPLES = 12
JSON = "application/json"


class Verdict(Enum):
    """What a server makes of a request."""

    ACCEPTED = "accepted"
    REJECTED = "rejected: it breaks the contract"
    UNAUTHORISED = "no or wrong credentials"
    TOO_MANY_FACES = "too many faces"
    UNUSABLE = "the media cannot be used"
    NO_PATH = "no such path"
    NO_METHOD = "no such method"


class Sent(NamedTuple):
    """One request, as bytes that both get alike."""

    operation: str
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def faces(self, name: str) -> list[dict[str, Any]]:
        return list(self.json.get(name) or [])


def by_simulator(answer: Response) -> Verdict:
    codes = {
        1000: Verdict.ACCEPTED,
        1003: Verdict.REJECTED,
        1007: Verdict.TOO_MANY_FACES,
        1101: Verdict.UNAUTHORISED,
        1102: Verdict.UNAUTHORISED,
    }
    if answer.status in (404, 405):
        return Verdict.NO_PATH if answer.status == 404 else Verdict.NO_METHOD
    said = answer.json()
    if "code" in said:
        return codes[said["code"]]
    if said["error_code"] == 0:
        return Verdict.ACCEPTED
    rejected = said["error_msg"].startswith("parameter error")
    return Verdict.REJECTED if rejected else Verdict.UNUSABLE


PRISM_STATUS = {
    200: Verdict.ACCEPTED,
    400: Verdict.REJECTED,
    401: Verdict.UNAUTHORISED,
    404: Verdict.NO_PATH,
    405: Verdict.NO_METHOD,
    415: Verdict.REJECTED,
    422: Verdict.REJECTED,
}


@dataclass(frozen=True)
class Tolerated:
    """A difference that is right: what each says, and why.

    `applies` is this test's own reading of the rule; it must not ask the simulator.
    """

    simulator: Verdict
    reason: str
    applies: Callable[[Sent], bool]
    example: Sent
    prism: Verdict = Verdict.ACCEPTED


KEY = {"x-api-key": Settings().api_key, "content-type": JSON}
LIST = "/api/open/v3/faceswap/result/listbyids"
V3 = "/api/open/v3/faceswap/highquality/specifyimage"
FACE = {"path": "https://a.example/face.png", "opts": "1,2:3,4:5,6:7,8"}


def post(operation: str, body: object, **headers: str) -> Sent:
    api = OPERATIONS[operation]
    sent = {**KEY, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Sent(operation, api.method.upper(), api.path, sent, json.dumps(body).encode())


def swap(source: list[Any], target: list[Any]) -> Sent:
    body = {"sourceImage": source, "targetImage": target, "modifyImage": "https://a.example/b.png"}
    return post("swapImage", body)


def ruled(rule: str) -> tuple[str, ...]:
    """The operations for which the contract states a rule in words."""
    [entry] = [entry for entry in CONTRACT["x-rules"] if entry["id"] == rule]
    return tuple(entry["operations"])


def _lacks_opts(sent: Sent) -> bool:
    if sent.operation not in ruled("opts-required-when-many"):
        return False
    sides = [sent.faces("sourceImage"), sent.faces("targetImage")]
    several = any(len(side) > 1 for side in sides)
    return several and any(not face.get("opts") for side in sides for face in side)


def _not_aligned(sent: Sent) -> bool:
    return sent.operation in ruled("source-target-aligned") and len(
        sent.faces("sourceImage")
    ) != len(sent.faces("targetImage"))


def _crowded(sent: Sent) -> bool:
    counted = max(len(sent.faces(name)) for name in ("targetImage", "sourceImage", "face_mapping"))
    return sent.operation in ruled("at-most-eight-faces") and counted > 8


def _strangers(sent: Sent) -> bool:
    authorization = sent.headers.get("authorization")
    wrong = authorization != f"Bearer {KEY['x-api-key']}" if authorization else False
    return bool(OPERATIONS[sent.operation].definition.raw.get("security")) and (
        wrong or sent.headers.get("x-api-key") != KEY["x-api-key"]
    )


def _no_media(sent: Sent) -> bool:
    if not sent.operation.startswith("detectFaces"):
        return False
    address = sent.json.get("url") or sent.json.get("image_url") or ""
    return not address.lower().startswith(("http://", "https://"))


def _blank_ids(sent: Sent) -> bool:
    return sent.operation == "deleteResults" and not sent.json["_ids"].replace(",", "").strip()


TOLERATED = {
    "opts-required-when-many": Tolerated(
        Verdict.REJECTED,
        "whether opts is required depends on the lengths of two arrays: JSON Schema cannot say it",
        _lacks_opts,
        swap([FACE, FACE], [FACE, {"path": FACE["path"]}]),
    ),
    "source-target-aligned": Tolerated(
        Verdict.REJECTED,
        "JSON Schema cannot compare the lengths of two arrays",
        _not_aligned,
        swap([FACE, FACE], [FACE]),
    ),
    "at-most-eight-faces": Tolerated(
        Verdict.TOO_MANY_FACES,
        "the vendor documents a code of its own, 1007, for what a maxItems would refuse with 1003",
        _crowded,
        swap([FACE] * 9, [FACE] * 9),
    ),
    "unknown-credentials": Tolerated(
        Verdict.UNAUTHORISED,
        "Prism looks whether there are credentials, not whose they are; of two it takes either",
        _strangers,
        post("deleteResults", {"_ids": "6593c94c0ef703e8c055e3c8"}, authorization="Bearer nobody"),
    ),
    "unknown-pair": Tolerated(
        Verdict.UNAUTHORISED,
        "which clientId and clientSecret belong together is state, and Prism has none",
        lambda sent: sent.operation == "getToken",
        post("getToken", {"clientId": "nobody", "clientSecret": "nothing"}),
    ),
    "media": Tolerated(
        Verdict.UNUSABLE,
        "whether there is a face to find depends on what an address or base64 text holds; for "
        "that, and for an address that is none of http, detection documents errors of its own",
        _no_media,
        post("detectFaces", {"img": ""}),
    ),
    "blank-ids": Tolerated(
        Verdict.REJECTED,
        "the contract asks for one character; ids that are blank name nothing (1003: empty)",
        _blank_ids,
        post("deleteResults", {"_ids": " ,"}),
    ),
    "repeated-parameter": Tolerated(
        Verdict.ACCEPTED,
        "what a parameter means that comes twice and is no list, the contract leaves open; Prism "
        "makes it a list and refuses that, the simulator reads the first",
        lambda sent: sent.target.count("_ids=") > 1,
        Sent("listResults", "GET", LIST + "?_ids=a&_ids=b", {"x-api-key": Settings().api_key}),
        prism=Verdict.REJECTED,
    ),
}


@dataclass
class Pair:
    """Both servers, and Prism once more before the simulator."""

    simulator: Simulator
    prism: Prism
    chain: Prism
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(trust_env=False, timeout=20))

    def of_simulator(self, sent: Sent) -> Verdict:
        path, _, query = sent.target.partition("?")
        headers = [(name.encode(), value.encode("latin-1")) for name, value in sent.headers.items()]
        request = Request(sent.method, path, query=query.encode(), headers=headers, body=sent.body)
        return by_simulator(self.simulator.handle(request))

    def of_prism(self, sent: Sent) -> Verdict:
        answer = self._send(self.prism, sent)
        known = answer.status_code in PRISM_STATUS
        assert known, f"Prism {answer.status_code}, {answer.text}: {sent}; {self.prism.log}"
        return PRISM_STATUS[answer.status_code]

    def judge_answer(self, sent: Sent) -> None:
        self._send(self.chain, sent)
        self.chain.check("response")

    def _send(self, prism: Prism, sent: Sent) -> httpx2.Response:
        return self.http.request(
            sent.method, prism.url + sent.target, headers=sent.headers, content=sent.body
        )

    def compare(self, sent: Sent) -> None:
        ours, theirs = self.of_simulator(sent), self.of_prism(sent)
        if ours != theirs:
            pair = (ours, theirs)
            allowed = [rule for rule in TOLERATED.values() if (rule.simulator, rule.prism) == pair]
            assert any(rule.applies(sent) for rule in allowed), f"{ours}, Prism {theirs}: {sent}"
        self.judge_answer(sent)


@pytest.fixture(scope="module")
def both(server: MockServer, merged: Prism, chain: Prism) -> Iterator[Pair]:
    pair = Pair(server.simulator, merged, chain)
    with pair.http:
        yield pair


def sent_as(case: schemathesis.Case, operation: str) -> Sent:
    """A generated case as bytes, with our credentials and no header but its content type."""
    made = case.as_transport_kwargs(base_url="http://host")
    known = ("method", "url", "headers", "json", "data", "params")
    prepared = requests.Request(**{name: made[name] for name in known if name in made}).prepare()
    body = prepared.body or b""
    headers = {"x-api-key": KEY["x-api-key"]}
    if "content-type" in prepared.headers:
        headers["content-type"] = str(prepared.headers["content-type"])
    return Sent(
        operation,
        str(prepared.method),
        str(prepared.url).removeprefix("http://host"),
        headers,
        body.encode() if isinstance(body, str) else body,
    )


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_simulator_and_prism_agree_on_generated_requests(
    both: Pair, operation: str, mode: GenerationMode
) -> None:
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
        # Shrinking a body this nested takes minutes, and the message tells enough.
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(OPERATIONS[operation].as_strategy(generation_mode=mode))
    def compare(case: schemathesis.Case) -> None:
        both.compare(sent_as(case, operation))

    # Else the examples depend on which tests ran before in the same process.
    with same_everywhere():
        compare()


@pytest.mark.parametrize("rule", TOLERATED)
def test_every_tolerated_difference_is_still_one(both: Pair, rule: str) -> None:
    entry = TOLERATED[rule]
    assert entry.applies(entry.example)
    assert both.of_simulator(entry.example) is entry.simulator
    assert both.of_prism(entry.example) is entry.prism
    both.compare(entry.example)


def test_what_the_examples_lack_is_what_makes_the_difference(both: Pair) -> None:
    assert both.of_simulator(swap([FACE, FACE], [FACE, FACE])) is Verdict.ACCEPTED
    assert both.of_simulator(swap([FACE] * 8, [FACE] * 8)) is Verdict.ACCEPTED


ADDRESSES = [
    "http://a.example", "HTTPS://A.EXAMPLE/x.png", "http://user:secret@a.example/", "http://[::1]/a",
    "http://a.example:99999/", "http://a.example/ü.png", "http://a.example/a b.png", "http://",
    "http:///x", "https:/a.example", "ftp://a.example/x.png", "file:///etc/passwd", "a.example",
    "//a.example/x.png", "", " ", "http://a.example/%zz", "http://a.example/\t", "http://a.example/#f",
    "http://a.example/?q=1", "javascript:alert(1)", "data:image/png;base64,AA==", "http://a_b.example",
    "http://localhost:1/x", "http://münchen.example/x", "http://a.example\\x",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_they_agree_on_addresses(both: Pair, address: str) -> None:
    face = {"path": address}
    both.compare(swap([face], [FACE]))
    both.compare(
        post("swapPlus", {"source_url": address, "target_url": address, "single_face_mode": True})
    )
    both.compare(post("detectFaces", {"url": address}))


@pytest.mark.parametrize("webhook", [None, "", "http://127.0.0.1:9/hook", "hook", " ", 7])
def test_they_agree_on_webhook_addresses(both: Pair, webhook: object) -> None:
    body = json.loads(swap([FACE], [FACE]).body) | {"webhookUrl": webhook}
    both.compare(post("swapImage", body))


@pytest.mark.parametrize(
    "opts", ["1,2:3,4:5,6:7,8", "1.5,2:3,4:5,6:7,-8", "1,2:3,4", "", "a", "1,2:3,4:5,6:7,8:9,10"]
)
def test_they_agree_on_landmarks(both: Pair, opts: str) -> None:
    both.compare(swap([FACE], [{"path": FACE["path"], "opts": opts}]))


CREDENTIALS = [
    {}, {"x-api-key": ""}, {"x-api-key": "nobody"}, {"authorization": ""},
    {"authorization": "Basic abc"}, {"authorization": "Bearer nobody"},
]  # fmt: skip


@pytest.mark.parametrize("headers", CREDENTIALS)
def test_they_agree_on_credentials(both: Pair, headers: dict[str, str]) -> None:
    both.compare(Sent("getCredit", "GET", "/api/open/v3/faceswap/quota/info", headers))


IDS = b'{"_ids": "a"}'
BODIES = [
    (JSON, b""), (JSON, b"{"), (JSON, b"null"), (JSON, b"[]"), (JSON, b'"text"'),
    (JSON, b"\xff\xfe"), (JSON + "; charset=utf-8", IDS), ("text/plain", IDS),
    ("application/problem+json", IDS), ("application/x-www-form-urlencoded", b"a=b"), (None, IDS),
]  # fmt: skip


@pytest.mark.parametrize(("content_type", "body"), BODIES)
def test_they_agree_on_bodies_of_any_kind(
    both: Pair, content_type: str | None, body: bytes
) -> None:
    headers = {"x-api-key": KEY["x-api-key"]}
    if content_type is not None:
        headers["content-type"] = content_type
    both.compare(
        Sent("deleteResults", "POST", "/api/open/v3/faceswap/result/delbyids", headers, body)
    )


@pytest.mark.parametrize(
    "query", ["", "?_ids=", "?_ids=a", "?_ids=a&_ids=b", "?_ids=a,b&more=1", "?ids=a", "?_ids=%FF"]
)
def test_they_agree_on_query_strings(both: Pair, query: str) -> None:
    both.compare(Sent("listResults", "GET", LIST + query, {"x-api-key": KEY["x-api-key"]}))


PLACES = [
    ("GET", "/nowhere"), ("GET", "/"), ("GET", V3 + "/"), ("GET", V3), ("PUT", V3), ("POST", LIST),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), PLACES)
def test_they_agree_on_what_there_is(both: Pair, method: str, path: str) -> None:
    sent = Sent("swapImage", method, path, KEY)
    assert both.of_simulator(sent) is both.of_prism(sent)
