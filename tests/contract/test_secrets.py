"""No secret leaves the process, in whatever spelling, wherever a text was cut."""

from __future__ import annotations

import html as entities
import io
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from akool_contract._options import PROFILES, Options
from akool_contract._recording.recorder import Recorder
from akool_contract._target.simulated import SimulatorTarget
from akool_contract._wire.http import Request, Response
from akool_contract._wire.redact import ENOUGH, LONG, MASK, Redactor
from akool_contract.report import html, json_text, junit, show
from akool_contract.suite import verify
from akool_contract_proof.runner import CONTRACT


def slashed(text: str) -> str:
    return text.replace("/", "\\/").replace("+", "\\u002B")


def entity(text: str) -> str:
    return "".join(f"&#{ord(char)};" for char in text)


SPELLINGS = {
    "plain": str,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON twice": lambda text: json.dumps(json.dumps(text)),
    "JSON, all escaped": lambda text: "".join(f"\\u{ord(c):04X}" for c in text),
    "JSON, slashes": slashed,
    "URL": lambda text: quote(text, safe=""),
    "URL twice": lambda text: quote(quote(text, safe=""), safe=""),
    "URL, all": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "HTML": entities.escape,
    "HTML, all": entity,
    "HTML of a URL": lambda text: entity(quote(text, safe="")),
    "JSON of HTML": lambda text: json.dumps(entities.escape(text)),
    "Python": lambda text: repr(text)[1:-1],
}
BMP = st.characters(
    min_codepoint=33, max_codepoint=0xD7FF, exclude_characters="*", exclude_categories=["Cc"]
)
SECRETS = st.text(BMP, min_size=1, max_size=40)
AROUND = st.text(st.sampled_from(" .:{}<>\n"), max_size=6)


@pytest.mark.parametrize("name", SPELLINGS)
@given(secret=SECRETS, before=AROUND, after=AROUND)
def test_a_secret_is_masked_in_every_spelling(name, secret, before, after) -> None:
    spelled = SPELLINGS[name](secret)
    if len(secret) <= 3 and not spelled[:1].isascii():
        return  # shorter ones are looked for where they stand alone
    text = Redactor([secret]).text(f"{before} {spelled} {after}")
    assert MASK in text
    assert spelled not in text or spelled in MASK


ESCAPED = st.lists(
    st.sampled_from(["&amp;", "&lt;", "\\u0041", '\\"', "%20", "%2541", "é", "a", " "]), max_size=4
).map("".join)


@given(name=st.sampled_from(sorted(SPELLINGS)), before=ESCAPED, after=ESCAPED)
def test_what_stands_around_a_secret_stays_byte_for_byte(name, before, after) -> None:
    spelled = SPELLINGS[name]("s3cr3t/+<key>")
    text = Redactor(["s3cr3t/+<key>"]).text(f"{before} {spelled} {after}")
    assert text.startswith(f"{before} ")
    assert text.endswith(f" {after}")
    assert text.count(MASK) == 1


@given(st.text(st.sampled_from("abcdef0123456789+/="), min_size=LONG, max_size=64), st.data())
def test_of_a_secret_that_was_cut_too_little_is_left_to_use(secret, data) -> None:
    length = data.draw(st.integers(1, len(secret)))
    left = Redactor([secret]).text(f"msg: {secret[:length]}")
    assert left == "msg: ***" if length >= ENOUGH else left == f"msg: {secret[:length]}"


@given(st.text(BMP))
def test_a_text_without_secrets_stays_as_it_is(text) -> None:
    assert Redactor(["a secret that is nowhere"]).text(text) == text


@pytest.mark.parametrize("code", [1003, 1101])
@pytest.mark.parametrize(
    "spelling", ["plain", "JSON, all escaped", "JSON, slashes", "URL", "HTML, all"]
)
def test_a_server_that_repeats_the_key_in_msg_finds_it_nowhere_in_what_is_written(
    tmp_path, code, spelling
) -> None:
    key = "s3cr+t/K" * 4
    target = SimulatorTarget(seed=1)
    accounts, known = target.simulator.accounts, target.credentials
    first = accounts.first
    honest = target.upstream
    del known.keys[first.api_key]
    known.keys[key], known.client_secret = "main", key

    def repeating(request) -> Response:
        headers = tuple(
            (name, value.replace(key, first.api_key)) for name, value in request.headers
        )
        body = request.body.replace(key.encode(), first.api_key.encode())
        answer = honest(type(request)(request.method, request.url, headers, body))
        if f'"code":{code}'.encode() not in answer.body.replace(b": ", b":"):
            return answer
        told = SPELLINGS[spelling](key)
        if not spelling.startswith("JSON"):
            told = json.dumps(told)[1:-1]
        text = f'{{"code": {code}, "msg": "{"x" * 40}{told}", "data": {{"why": "{told}"}}}}'
        return Response(200, (("Content-Type", "application/json"),), text.encode())

    target.upstream = repeating
    path = tmp_path / "run.jsonl"
    options = Options(
        profile=PROFILES["quick"],
        operations=("listResults", "getCredit", "getToken"),
    )
    recorder = Recorder(path, options)
    report = verify(target, CONTRACT, options, mailbox=target.mailbox, observe=recorder.attach)
    recorder.close()
    assert report.violations
    terminal = io.StringIO()
    show(report, Console(file=terminal, width=200))
    written = [terminal.getvalue(), json_text(report), junit(report), html(report)]
    for text in [*written, path.read_text()]:
        for spell in SPELLINGS.values():
            assert spell(key) not in text
    for text in written:
        assert key[:ENOUGH] not in text


@pytest.mark.parametrize(
    ("method", "headers", "body", "line"),
    [
        ("GET", (), b"", "curl -sS -i 'http://t/x?a=***'"),
        ("POST", (), b"a b", "curl -sS -i -X POST 'http://t/x?a=***' --data-binary 'a b'"),
        (
            "GET",
            (("Authorization", "Bearer " + "s" * 12), ("x-api-key", "s" * 12), ("X-A", "s" * 12)),
            b"",
            (
                "curl -sS -i 'http://t/x?a=***' -H \"Authorization: Bearer $AKOOL_TOKEN\" "
                '-H "x-api-key: $AKOOL_API_KEY" -H "X-A: $AKOOL_API_KEY"'
            ),
        ),
        (
            "DELETE",
            (("Authorization", "s" * 12), ("X-B", "a " + "s" * 12), ("X-C", "Bearer other")),
            b'{"s": "' + b"s" * 12 + b'", "\xff": 1}',
            (
                "curl -sS -i -X DELETE 'http://t/x?a=***' -H \"Authorization: $AKOOL_TOKEN\" "
                "-H 'X-B: a ***' -H 'X-C: Bearer other' "
                "--data-binary '{\"s\": \"***\", \"\ufffd\": 1}'"
            ),
        ),
        (
            "GET",
            tuple((n, "1") for n in
                  ("Host", "User-Agent", "Accept", "Accept-Encoding", "Connection", "Range")),
            b"",
            "curl -sS -i 'http://t/x?a=***' -H 'Range: 1'",
        ),
    ],
)  # fmt: skip
def test_a_repeat_line_takes_credentials_from_the_environment(method, headers, body, line) -> None:
    request = Request(method, "http://t/x?a=" + "s" * 12, headers, body, "op")
    assert Redactor(["s" * 12]).curl(request) == line


def test_a_secret_goes_by_its_name_if_it_has_one() -> None:
    redactor = Redactor(["plain-secret"], {"named-secret": "<A>"})
    assert redactor.text("named-secret plain-secret") == "<A> ***"
    redactor.learn(["", "third-secret"], {"named-secret": "<B>", "fourth-secret": "<D>"})
    assert redactor.whole("third-secret fourth-secret named-secret") == "*** <D> <A>"
    assert Redactor().text('"token": "abc", "clientSecret": "d"') == (
        '"token": "***", "clientSecret": "***"'
    )


def test_headers_of_credentials_are_masked_whatever_they_hold() -> None:
    headers = (("AUTHORIZATION", "a"), ("X-Api-Key", ""), ("Cookie", "b"), ("set-cookie", "c"),
               ("X-Other", "plain-secret"), ("Date", "now"))  # fmt: skip
    assert Redactor(["plain-secret"]).headers(headers) == (
        ("AUTHORIZATION", MASK), ("X-Api-Key", MASK), ("Cookie", MASK), ("set-cookie", MASK),
        ("X-Other", MASK), ("Date", "now"),
    )  # fmt: skip
