"""A strict reader of JSON: what a parser in any other language would refuse is an error here.

Python's own reader forgives duplicate keys, NaN, numbers that overflow to infinity and a byte order
mark; other languages do not, or each reads something else. RFC 8259 and I-JSON (RFC 7493) are the
measure.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

MAX_DEPTH = 100
MAX_SAFE_INTEGER = 2**53 - 1
MAX_DIGITS = len(str(MAX_SAFE_INTEGER))
BOM = b"\xef\xbb\xbf"


class JSONFaultError(ValueError):
    """Why these bytes are not JSON that all parsers read alike. `rule` is a stable id."""

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(text)
        self.rule = rule


def _constant(name: str) -> NoReturn:
    raise JSONFaultError("number", f"{name} is not JSON")


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise JSONFaultError("number", f"{text[:40]} overflows a double")
    return value


def _int(text: str) -> int:
    if len(text) < MAX_DIGITS:
        return int(text)
    digits = text.lstrip("-")
    if len(digits) > MAX_DIGITS or int(digits) > MAX_SAFE_INTEGER:
        raise JSONFaultError("number", f"{text[:40]} is beyond 2^53: readers disagree about it")
    return int(text)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise JSONFaultError("duplicate-key", f"key {twice!r} occurs twice in one object")
    return value


def _depth(value: Any, level: int = 0) -> None:  # noqa: ANN401 - any JSON value
    if not isinstance(value, (dict, list)) or not value:
        return
    if level >= MAX_DEPTH:
        raise JSONFaultError("depth", f"nested deeper than {MAX_DEPTH} levels")
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, (dict, list)):
            _depth(item, level + 1)


def _texts(value: Any) -> None:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        _text(value)
    elif isinstance(value, (dict, list)):
        for item in value:
            _texts(item)
        for item in value.values() if isinstance(value, dict) else ():
            _texts(item)


def _text(text: str) -> None:
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise JSONFaultError("surrogate", "a lone surrogate is not a character")


DECODER = json.JSONDecoder(
    parse_constant=_constant, parse_float=_float, parse_int=_int, object_pairs_hook=_pairs
)


def read(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The value that `body` holds, or JSONFaultError."""
    if not body.strip():
        raise JSONFaultError("empty", "the body is empty")
    if body.startswith(BOM) or body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise JSONFaultError("bom", "the body starts with a byte order mark")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JSONFaultError("utf-8", f"not UTF-8: {error.reason} at byte {error.start}") from error
    try:
        value = DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise JSONFaultError("syntax", f"{error.msg} at character {error.pos}") from error
    except RecursionError as error:
        raise JSONFaultError("depth", f"nested deeper than {MAX_DEPTH} levels") from error
    # Only what has so many brackets can be too deep, and only an escape makes half a character.
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        _depth(value)
    if b"\\u" in body:
        _texts(value)
    return value


def read_kindly(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The value as a lenient reader sees it, or None: to continue after a fault was reported."""
    try:
        return json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None


def read_object(body: bytes) -> dict[str, Any]:
    """The same when it is an object, an empty one otherwise."""
    value = read_kindly(body)
    return value if isinstance(value, dict) else {}
