"""What a program sent and got, as an HTTP Archive (HAR 1.2), without its secrets. Pure.

Credentials that were sent are struck out wherever they occur, however a body, a URL or a header
spells them. So are fields and headers whose names say that they hold credentials.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote

from akool_mock._http import base_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from akool_mock._http import Headers, Request
    from akool_mock._world.journal import Entry


STRUCK_OUT = "***"
_SHORTEST = 4
"""Characters of a secret that is looked for everywhere; shorter ones are words."""
_NAMED = re.compile(
    r"authorization|api.?key|token|secret|password|cookie|credential", re.IGNORECASE
)
_FIELD = re.compile(
    r'(?P<before>"[^"\\]*(?:token|secret|api_?key|password)[^"\\]*"\s*:\s*")'
    r'(?P<value>(?:[^"\\]|\\.)*)',
    re.IGNORECASE,
)
_BEARER = re.compile(r"\s*(?:bearer|basic|token)\s+", re.IGNORECASE)


def archive(entries: Iterable[Entry], secrets: Iterable[str] = ()) -> dict[str, Any]:
    """The archive.

    Args:
        entries: what was sent and answered, oldest first.
        secrets: more secrets to strike out, besides those found in the entries.
    """
    entries = list(entries)
    known = {*secrets}
    for entry in entries:
        known.update(_sent_as_secrets(entry))
    strike = _striker(known)
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "akool-faceswap mock", "version": version("akool-faceswap")},
            "comment": "Times are mock time. Credentials are struck out.",
            "entries": [_exchange(entry, strike) for entry in entries],
        }
    }


class _Striker:
    """Strikes secrets out of a text, the longest first: one may be part of another."""

    def __init__(self, spellings: Iterable[str]) -> None:
        words = sorted(spellings, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, words))) if words else None

    def __call__(self, text: str) -> str:
        text = _FIELD.sub(rf"\g<before>{STRUCK_OUT}", text)
        return text if self._pattern is None else self._pattern.sub(STRUCK_OUT, text)


def _striker(secrets: Iterable[str]) -> _Striker:
    return _Striker(
        {way for secret in secrets if len(secret) >= _SHORTEST for way in _ways(secret)}
    )


def _ways(secret: str) -> Iterator[str]:
    """How a text may spell a secret."""
    yield secret
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1].replace("/", "\\/")
    data = secret.encode("utf-8", "surrogateescape")
    for encoded in (base64.b64encode(data), base64.urlsafe_b64encode(data)):
        yield encoded.decode()
        if len(encoded.rstrip(b"=")) >= _SHORTEST:
            yield encoded.rstrip(b"=").decode()
    yield data.hex()


def _sent_as_secrets(entry: Entry) -> Iterator[str]:
    for name, value in entry.request.headers:
        if _NAMED.search(name.decode("latin-1")):
            text = value.decode("latin-1").strip()
            yield text
            yield _BEARER.sub("", text)
    for name, value in parse_qsl(entry.request.query.decode("latin-1")):
        if _NAMED.search(name):
            yield value
            yield unquote(value)
    for body in (entry.request.body, entry.response.body):
        for match in _FIELD.finditer(body.decode("utf-8", "replace")):
            yield match["value"]
            try:
                yield json.loads(f'"{match["value"]}"')
            except ValueError:
                continue  # cut off in the middle of an escape


def _exchange(entry: Entry, strike: _Striker) -> dict[str, Any]:
    request, response = entry.request, entry.response
    query = request.query.decode("latin-1")
    base = base_of(request, "http://127.0.0.1", trust_proxy=False)
    url = f"{base}{quote(request.path)}{'?' if query else ''}{query}"
    sent = request.body.decode("utf-8", "replace")
    kind = request.header(b"content-type") or b""
    made: dict[str, Any] = {
        "startedDateTime": datetime.fromtimestamp(entry.at, UTC).isoformat(),
        "time": response.delay_s * 1000,
        "request": {
            "method": request.method,
            "url": strike(url),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _headers(request.headers, strike),
            "queryString": [
                {"name": name, "value": STRUCK_OUT if _NAMED.search(name) else strike(value)}
                for name, value in parse_qsl(query, keep_blank_values=True)
            ],
            "headersSize": -1,
            "bodySize": _size(request, len(request.body)),
        },
        "response": {
            "status": response.status,
            "statusText": _phrase(response.status),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _headers(response.headers, strike),
            "content": {
                "size": len(response.body),
                "mimeType": strike((response.header(b"content-type") or b"").decode("latin-1")),
                "text": strike(response.body.decode("utf-8", "replace")),
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": response.delay_s * 1000, "receive": 0},
    }
    if sent:
        made["request"]["postData"] = {
            "mimeType": strike(kind.decode("latin-1")),
            "params": [],
            "text": strike(sent),
        }
    if entry.fault:
        made["comment"] = strike(f"fault: {entry.fault}")
    return made


def _headers(headers: Headers | Iterable[tuple[bytes, bytes]], strike: _Striker) -> list[Any]:
    found = []
    for raw, value in headers:
        name = raw.decode("latin-1")
        shown = STRUCK_OUT if _NAMED.search(name) else strike(value.decode("latin-1"))
        found.append({"name": name, "value": shown})
    return found


def _size(request: Request, kept: int) -> int:
    stated = request.header(b"content-length") or b""
    return int(stated) if stated.isdigit() and len(stated) < 19 else kept  # noqa: PLR2004 - a 64-bit number


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
