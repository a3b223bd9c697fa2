"""What the oracle says of each request today: `verdicts.txt`, a record and no proof.

The oracle wrote it. It shows what a change does to the verdicts, and does not say that they are
right: that a request is documented to be accepted or refused is held by `test_oracle.py`.
`python -m tests.contract.test_verdicts` writes the file anew; read what changed in it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akool_contract._wire.http import Request
from akool_contract.oracle.credentials import Credentials
from akool_contract.oracle.operations import judge_request, makes_video

if TYPE_CHECKING:
    from collections.abc import Iterator

VERDICTS = Path(__file__).with_name("verdicts.txt")
KEY, TOKEN, OLD, BANNED = "k" * 12, "t" * 12, "o" * 12, "b" * 12
URL = "https://a.example.com/x.png"
FACE, BARE = {"path": URL, "opts": "1,2:3,4:5,6:7,8"}, {"path": URL}
PAIR = {"source_face_info": {"face_url": URL}, "target_face_info": {"face_url": URL}}
GOOD: dict[str, dict[str, Any]] = {
    "swapImage": {"sourceImage": [FACE], "targetImage": [FACE], "modifyImage": URL},
    "swapVideo": {"sourceImage": [FACE], "targetImage": [FACE], "modifyVideo": URL},
    "swapImagePro": {"sourceImage": [BARE], "targetImage": [BARE]},
    "swapPlus": {"source_url": URL, "target_url": URL, "face_mapping": [PAIR, PAIR]},
    "deleteResults": {"_ids": "a" * 24},
    "getToken": {"clientId": "me", "clientSecret": "mine"},
    "detectFaces": {"url": URL},
    "detectFacesLegacy": {"image_url": URL, "single_face": False},
    "somethingElse": {"a": 1},
}
GONE = object()
ANY: tuple[Any, ...] = (GONE, None, "", "x", 0, 1, 2, 1.5, True, [], {})
FIELDS = {
    "sourceImage": "faces", "targetImage": "faces", "modifyImage": "url", "modifyVideo": "url",
    "source_url": "url", "target_url": "url", "webhookUrl": "hook", "face_enhance": "flag",
    "single_face_mode": "flag", "single_face": "flag", "return_face_url": "flag",
    "model_name": "model", "model_style": "model", "face_mapping": "mapping", "_ids": "ids",
    "clientId": "text", "clientSecret": "text", "url": "url", "image_url": "url", "img": "text",
    "num_frames": "frames", "unknown": "text",
}  # fmt: skip
OF = {
    "swapImage": "sourceImage targetImage modifyImage webhookUrl face_enhance unknown",
    "swapVideo": "modifyVideo modifyImage",
    "swapImagePro": "sourceImage targetImage model_name face_enhance single_face_mode webhookUrl "
                    "unknown",
    "swapPlus": "source_url target_url face_mapping single_face_mode face_enhance model_style "
                "webhookUrl unknown",
    "deleteResults": "_ids unknown",
    "getToken": "clientId clientSecret unknown",
    "detectFaces": "url img num_frames return_face_url single_face unknown",
    "detectFacesLegacy": "image_url img single_face unknown",
    "somethingElse": "unknown",
}  # fmt: skip


def _info(**keys: Any) -> dict[str, Any]:
    return PAIR | {"target_face_info": keys}


VALUES: dict[str, tuple[Any, ...]] = {
    "faces": (
        [FACE, FACE], [BARE, BARE], [FACE] * 8, [FACE] * 9, [BARE] * 51, [None], ["x"],
        [FACE, BARE], [{}], [{"path": None}], [{"path": "ftp://a.example.com"}], [{"path": "//a"}],
        [{"path": "https://"}], [{"path": "data:x"}], [{"path": "https://localhost/x"}],
        [{"path": " " + URL}], [{"path": "HTTP://a.example.com:80"}], [{"path": URL + " x"}],
        [FACE | {"opts": None}], [FACE | {"opts": 1}], [FACE | {"opts": "1,2"}], [FACE | {"o": 1}],
        [FACE | {"opts": "-1.5,2:3,4:5,6:7,8"}],
    ),
    "url": ("ftp://a.example.com/x", "https://a.example.com/" + "x" * 2000, "data:,", " ", URL),
    "hook": ("http://127.0.0.1:8/x", "http://[::1]/x", "http://localhost", "nowhere", "http://[",
             URL),
    "flag": ("true", "false", "0", "1", False, -1),
    "model": ("akool_faceswap_image_hq", "realistic", "beautify", "lossless"),
    "ids": ("a" * 24, "1" * 17 + "-1234", ",".join(["a" * 24] * 51), "a b", "A" * 24),
    "text": ("other", "me", "mine"),
    "frames": (100, 101, -1, "5"),
    "mapping": (
        [PAIR], [PAIR] * 8, [PAIR] * 9, [None, PAIR], [{}, PAIR], [PAIR | {"a": 1}, PAIR],
        [_info(), PAIR], [PAIR | {"target_face_info": None}, PAIR],
        [PAIR | {"target_face_info": "x"}, PAIR], [PAIR | {"source_face_info": {}}, PAIR],
        [_info(face_url=None), PAIR], [_info(face_url=1), PAIR], [_info(face_url="foo"), PAIR],
        [_info(face_url=""), PAIR], [_info(face_url="https://x"), PAIR], [_info(bbox=None), PAIR],
        [_info(face_url=URL, more=1), PAIR],
        *([_info(bbox=box), PAIR] for box in (
            [1, 2, 30, 40], [1, 2, 30.5, 40], [0, 0, 1, 1], [-1, 2, 30, 40], [1, -2, 30, 40],
            [1, 2, 1, 40], [1, 2, 30, 2], [1, 20, 15, 40], [1, 2, 30], [1, 2, 30, 40, 5],
            [1, 2, 30, True], [1, 2, 30, "40"], "1,2,3,4",
        )),
    ),
}  # fmt: skip
RAW = (b"", b" ", b"{", b"[]", b"1", b"null", b'{"a": 1, "a": 2}', b'{"a": NaN}', b"\xff",
       b"\xef\xbb\xbf{}", b'{"a": 1e999}', b'{"a": 9007199254740993}', b'{"a": "\\ud800"}',
       b'{"a": "' + b"x" * 100_001 + b'"}', b"[" * 200 + b"]" * 200)  # fmt: skip
HEADERS: tuple[tuple[tuple[str, str], ...], ...] = (
    (), (("x-api-key", KEY),), (("X-API-Key", f" {KEY} "),), (("x-api-key", ""),),
    (("x-api-key", "wrong"),), (("x-api-key", BANNED),), (("x-api-key", TOKEN),),
    *((("Authorization", value), *key)
      for value in ("", " ", "Bearer", "Bearer ", f"Bearer {TOKEN}", f"bearer {TOKEN}", TOKEN,
                    f"Bearer  {TOKEN}", f"Bearer {OLD}", f"Bearer {KEY}", f"Bearer {BANNED}",
                    "Bearer wrong", "Basic eDp5", f"Basic {TOKEN}", "wrong")
      for key in ((), (("x-api-key", KEY),), (("x-api-key", "wrong"),))),
)  # fmt: skip


def known(**more: Any) -> Credentials:
    return Credentials(
        keys={KEY: "main"}, tokens={TOKEN: "main"}, stale_tokens={OLD}, banned={BANNED},
        client_id="me", client_secret="mine", **more,
    )  # fmt: skip


def asked(
    operation: str,
    body: object,
    *,
    headers: tuple[tuple[str, str], ...] = (("x-api-key", KEY),),
    kind: str = "application/json",
    query: str = "",
) -> Request:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    pairs = (*headers, *((("Content-Type", kind),) if kind else ()))
    return Request("POST", f"http://t/x{query}", pairs, content, operation)


def line(title: str, request: Request, speaks: Credentials) -> str:
    verdict, account = judge_request(request, speaks)
    parts = [
        verdict.outcome.value,
        ",".join(map(str, sorted(verdict.codes))) or "-",
        ",".join(map(str, sorted(verdict.statuses))),
        ",".join(verdict.rules) or "-",
        account or "nobody",
        verdict.why,
    ]
    return f"{title} | {' | '.join(parts)}"


def shown(value: object) -> str:
    text = "GONE" if value is GONE else json.dumps(value)
    return text if len(text) <= 90 else f"{text[:60]}... {len(text)}"


def lines() -> Iterator[str]:
    """All verdicts: of each field's values, of whole bodies, of bytes, queries, credentials."""
    yield from of_fields(known())
    yield from of_bodies(known())
    yield from of_texts(known())
    yield from of_credentials(known(), known(lenient_keys=True))


def of_fields(speaks: Credentials) -> Iterator[str]:
    for operation, body in GOOD.items():
        yield line(operation, asked(operation, body), speaks)
        for field in OF[operation].split():
            for value in (*ANY, *VALUES[FIELDS[field]]):
                edited = {k: v for k, v in (body | {field: value}).items() if v is not GONE}
                title = f"{operation} {field}={shown(value)}"
                yield line(title, asked(operation, edited), speaks)
        for kind in ("", "text/plain", "Application/JSON ; charset=utf-8"):
            yield line(f"{operation} as {kind}", asked(operation, body, kind=kind), speaks)


def of_bodies(speaks: Credentials) -> Iterator[str]:
    both = {"sourceImage": [FACE, FACE], "targetImage": [FACE, FACE]}
    for operation in ("swapImage", "swapImagePro"):
        for name, edit in (("two", both), ("nine", {k: v * 5 for k, v in both.items()}),
                           ("many", {k: v * 26 for k, v in both.items()}),
                           ("bare", {k: [BARE] * 2 for k in both})):  # fmt: skip
            title = f"{operation} {name}"
            yield line(title, asked(operation, GOOD[operation] | edit), speaks)
    plus = GOOD["swapPlus"]
    for value in (*ANY, *VALUES["mapping"]):
        edited = plus | {"single_face_mode": True, "face_mapping": value}
        edited = {k: v for k, v in edited.items() if v is not GONE}
        yield line(f"swapPlus single {shown(value)}", asked("swapPlus", edited), speaks)
    pictures = ({}, {"url": URL, "img": "x"}, {"url": "foo", "img": "x"}, {"url": "foo"})
    for body in pictures:
        yield line(f"detectFaces {shown(body)}", asked("detectFaces", body), speaks)


def of_texts(speaks: Credentials) -> Iterator[str]:
    for body in RAW:
        for operation in ("swapImage", "getToken", "detectFaces", "getCredit"):
            title = f"{operation} {body[:30]!r} {len(body)}"
            yield line(title, asked(operation, body), speaks)
    for query in ("", "?a=1", "?_ids", "?_ids=", f"?_ids={'a' * 24}", "?_ids=a", "?_ids=a&_ids=b",
                  f"?_ids={'a' * 24}&b=", f"?_ids={','.join(['a' * 24] * 51)}"):  # fmt: skip
        for operation in ("listResults", "getCredit"):
            title = f"{operation} {query[:40]} {len(query)}"
            yield line(title, asked(operation, b"", query=query), speaks)


def of_credentials(speaks: Credentials, lenient: Credentials) -> Iterator[str]:
    for headers in HEADERS:
        for who, credentials in (("", speaks), ("lenient ", lenient)):
            for operation in ("getCredit", "detectFacesLegacy", "swapImage"):
                body = b"{}" if operation == "swapImage" else GOOD.get(operation, b"")
                title = f"{who}{operation} {shown(headers)}"
                yield line(title, asked(operation, body, headers=headers), credentials)
    other = {"clientId": "me", "clientSecret": "other"}
    yield line("lenient getToken", asked("getToken", other), lenient)


def test_verdicts_are_those_of_the_record() -> None:
    anew = "`python -m tests.contract.test_verdicts` writes verdicts.txt; read what changed in it"
    assert [*lines(), ""] == VERDICTS.read_text("utf-8").split("\n"), anew


def test_a_video_is_known_by_its_operation_or_its_address() -> None:
    for operation, target, expected in (
        ("swapVideo", "x", True), ("swapImage", "a.mp4", True), ("swapImage", "a.mp4?b", True),
        ("swapImage", "a.png?.mp4", False), ("swapImage", None, False),
    ):  # fmt: skip
        assert makes_video(asked(operation, {"target_url": target})) is expected


def test_a_new_token_takes_the_place_of_the_old_ones() -> None:
    credentials = Credentials(
        keys={"k": "main"}, tokens={"t": "main", "u": "other"}, stale_tokens={"s"}, banned={"b"},
        derived={"d": ("k", "cut")}, client_secret="c",
    )  # fmt: skip
    credentials.renew("s")
    assert credentials.tokens == {"s": "main", "u": "other"}
    assert credentials.stale_tokens == {"t"}
    credentials.renew("s")
    assert credentials.tokens == {"s": "main", "u": "other"}
    assert credentials.real() == {"k", "s", "u", "t", "b", "c"}
    assert credentials.secrets() == credentials.real() | {"d"}
    assert Credentials().real() == set()


if __name__ == "__main__":
    VERDICTS.write_text("".join(f"{text}\n" for text in lines()), "utf-8")
