"""The strict reader takes what every reader reads alike, and names what it refuses."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_contract._wire import strict_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_what_a_correct_writer_writes_is_read_back(value, ascii_only) -> None:
    assert strict_json.read(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_by_the_readers_own_error(body) -> None:
    found = None
    try:
        strict_json.read(body)
    except strict_json.JSONFaultError as fault:
        found = fault.rule
    assert found != ""


@given(st.binary(max_size=200))
def test_the_kind_reader_never_fails(body) -> None:
    strict_json.read_kindly(body)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b'\xef\xbb\xbf{"a":1}', "bom"),
        (b'{"a":1,"a":1}', "duplicate-key"),
        (b'{"a":{"b":1,"b":2}}', "duplicate-key"),
        (b'{"a":NaN}', "number"),
        (b'{"a":-Infinity}', "number"),
        (b'{"a":1e400}', "number"),
        (b'{"a":9007199254740993}', "number"),
        (b'{"a":1', "syntax"),
        (b'{"a":1}}', "syntax"),
        (b"{'a':1}", "syntax"),
        (b'{"a":"\xff"}', "utf-8"),
        (b'{"a":"\\ud800"}', "surrogate"),
        (b"[" * 150 + b"]" * 150, "depth"),
        (b"[" * 100_000, "depth"),
    ],
)
def test_each_fault_is_named(body, rule) -> None:
    with pytest.raises(strict_json.JSONFaultError) as found:
        strict_json.read(body)
    assert found.value.rule == rule


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b" ", "the body is empty"),
        (b"\xff\xfe", "the body starts with a byte order mark"),
        (b'{"a\xff": 1}', "not UTF-8: invalid start byte at byte 3"),
        (b"[1", "Expecting ',' delimiter at character 2"),
        (b'{"a": -Infinity}', "-Infinity is not JSON"),
        (b"1" + b"0" * 50 + b".5e999", f"1{'0' * 39} overflows a double"),
        (b"-9007199254740992", "-9007199254740992 is beyond 2^53: readers disagree about it"),
        (b"1" * 60, f"{'1' * 40} is beyond 2^53: readers disagree about it"),
        (b'{"b": {"a": 1, "c": 2, "a": 3}}', "key 'a' occurs twice in one object"),
        (b'{"\\ud800": 1}', "a lone surrogate is not a character"),
        (b'["\\udfff"]', "a lone surrogate is not a character"),
        (b"[" * 102 + b"]" * 102, "nested deeper than 100 levels"),
        (b"[" * 101 + b"1" + b"]" * 101, "nested deeper than 100 levels"),
        (b'{"a":' * 101 + b"null" + b"}" * 101, "nested deeper than 100 levels"),
        (b"[" * 200_000, "nested deeper than 100 levels"),
    ],
)
def test_a_fault_says_what_is_wrong(body, text) -> None:
    with pytest.raises(strict_json.JSONFaultError) as caught:
        strict_json.read(body)
    assert str(caught.value) == text


def test_what_is_just_within_the_limits_is_read() -> None:
    assert strict_json.read(b"-9007199254740991") == 1 - 2**53
    nested = strict_json.read(b"[" * 101 + b"]" * 101)
    assert isinstance(nested, list)
    assert strict_json.read(b"[" * 100 + b"1" + b"]" * 100) != nested
    assert strict_json.read(b'"\xed\x9f\xbf\xee\x80\x80"') == "\ud7ff\ue000"


def test_the_kind_reader_takes_what_it_can() -> None:
    assert strict_json.read_kindly(b'\xef\xbb\xbf{"a": NaN, "a": 1}') == {"a": 1}
    assert strict_json.read_kindly(b'"\xff"') == "\ufffd"
    assert strict_json.read_kindly(b"{") is None
    assert strict_json.read_object(b"[1]") == {}
    assert strict_json.read_object(b'{"a": 1}') == {"a": 1}


@given(st.recursive(st.text() | st.integers(0, 9), st.lists, max_leaves=9), st.integers(0, 120))
def test_what_is_looked_at_only_where_it_can_be_wrong_is_nowhere_else(value, deep) -> None:
    """Depth and half characters: looking everywhere finds nothing more."""
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        body = (deep * "[" + text + deep * "]").encode("utf-8", "surrogatepass")
        try:
            read = strict_json.read(body)
        except strict_json.JSONFaultError:
            continue
        strict_json._depth(read)
        strict_json._texts(read)
