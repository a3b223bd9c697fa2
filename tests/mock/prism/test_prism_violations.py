import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_mock.prism import ContractViolated, Exchange, Violation, parse_violations

ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "location": st.lists(st.text(max_size=5), max_size=3).map(
                lambda rest: ["response", *rest]
            ),
            "severity": st.sampled_from(["Error", "Warning"]),
            "message": st.text(max_size=20),
        },
        optional={"code": st.text(min_size=1, max_size=8) | st.integers(400, 499)},
    ),
    min_size=1,
    max_size=5,
)


@given(ENTRIES)
def test_every_entry_counts_warnings_too(entries: list[dict[str, object]]) -> None:
    found = parse_violations(json.dumps(entries))
    assert [v.message for v in found] == [entry["message"] for entry in entries]
    assert {v.side for v in found} == {"response"}


@given(ENTRIES, st.data())
def test_a_cut_list_yields_its_whole_entries_and_says_that_there_are_more(
    entries: list[dict[str, object]], data: st.DataObject
) -> None:
    text = json.dumps(entries)
    cut = data.draw(st.integers(0, len(text)))
    found = parse_violations("Too many violations! " + text[:cut])
    assert found[-1].code == "cut"
    whole = [entry["message"] for entry in entries]
    assert [v.message for v in found[:-1]] == whole[: len(found) - 1]
    if cut == len(text):
        assert len(found) == len(entries) + 1


@given(st.text(min_size=1))
def test_whatever_stands_in_the_header_is_at_least_one_violation(text: str) -> None:
    assert parse_violations(text)


@pytest.mark.parametrize("header", [None, ""])
def test_no_header_is_no_violation(header: str | None) -> None:
    assert parse_violations(header) == ()


def test_missing_credentials_are_a_fault_of_the_request() -> None:
    entry = {"location": ["request"], "severity": "Error", "code": 401, "message": "Invalid"}
    assert parse_violations(json.dumps([entry])) == (Violation("request", (), "401", "Invalid"),)


def test_the_error_shows_each_exchange_and_each_violation() -> None:
    violation = Violation("response", ("body", "code"), "type", "must be integer")
    error = ContractViolated([Exchange("GET", "/jobs", 200, (violation,))])
    assert "GET /jobs -> 200\n  response body.code: must be integer [type]" in str(error)
