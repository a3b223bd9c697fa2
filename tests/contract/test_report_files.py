"""Report files are read by strict readers, also of a run that was stopped."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_contract._findings.report_model import CheckOutcome, CheckRun, Report, State, Violation
from akool_contract.report import WRITERS, html, junit

ORDER = ["properties", "testcase", "system-out", "system-err"]
"""Of the parts of a suite, as the schema of Ant's JUnit task has them; Jenkins takes any order."""
SUITE = {"name", "id", "package", "hostname", "timestamp", "time"}
COUNTS = {"failure": "failures", "error": "errors", "skipped": "skipped"}
TEXT = st.text(max_size=30)
OUTCOMES = st.builds(
    CheckOutcome,
    st.sampled_from(["wire.json", "wire.status", "rules.type"]),
    st.sampled_from(["wire", "rules"]),
    TEXT,
    st.sampled_from(State),
    st.integers(0, 9),
    TEXT,
    st.lists(st.tuples(st.just("wire.json"), TEXT, TEXT), max_size=2).map(tuple),
)
VIOLATIONS = st.builds(
    Violation, st.sampled_from(["wire.json", "rules.type"]), TEXT, TEXT, TEXT, TEXT, TEXT,
    st.sampled_from(["wire", "rules"]), TEXT,
)  # fmt: skip
REPORTS = st.builds(
    Report,
    target=TEXT,
    profile=st.just("quick"),
    seed=st.integers(0, 9),
    violations=st.lists(VIOLATIONS, max_size=4),
    outcomes=st.lists(OUTCOMES, max_size=5, unique_by=lambda o: (o.layer, o.check)),
    checks=st.lists(
        st.builds(CheckRun, st.sampled_from(["wire.json"]), TEXT, st.just("wire"), st.just(1)),
        max_size=4,
    ),
    error=st.one_of(st.just(""), TEXT),
    latencies=st.dictionaries(TEXT, st.lists(st.floats(0, 9), min_size=1, max_size=3), max_size=3),
)


@given(REPORTS)
def test_junit_is_valid_for_strict_readers_whatever_a_server_answered(report) -> None:
    root = ET.fromstring(junit(report))  # noqa: S314 - our own text
    assert root.tag == "testsuites"
    assert not root.attrib
    for suite in root:
        assert suite.tag == "testsuite"
        assert suite.attrib.keys() == SUITE | set(COUNTS.values()) | {"tests"}
        assert all(suite.get(name) for name in SUITE)
        datetime.strptime(suite.get("timestamp"), "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007 - it has no zone
        places = [ORDER.index(part.tag) for part in suite]
        assert places == sorted(places)
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        names = [(case.get("classname"), case.get("name")) for case in cases]
        assert len(set(names)) == len(names)
        for case in cases:
            assert case.attrib.keys() == {"classname", "name", "time"}
            assert len(case) <= 1
            assert all(part.tag in COUNTS for part in case)
            assert all(part.get("type") for part in case if part.tag != "skipped")
        for tag, count in COUNTS.items():
            assert int(suite.get(count)) == len(suite.findall(f"testcase/{tag}"))
    assert len({suite.get("name") for suite in root}) == len(root)


@pytest.mark.parametrize("written", WRITERS.values(), ids=WRITERS)
def test_every_report_names_what_was_spent_and_each_job_that_is_left(written) -> None:
    report = Report(
        "t",
        outcomes=[CheckOutcome("wire.json", "wire", "c", State.PASSED, 1)],
        credits_spent=12.5,
        jobs_left=["6b0b260a5384e7bd34082fee", "6b0b260a5384e7bd34082fef"],
    )
    text = written(report)
    assert "12.5" in text
    assert all(job in text for job in report.jobs_left)


def test_a_page_counts_the_checks_of_each_layer() -> None:
    ended = [
        CheckOutcome("wire.json", "wire", "c", State.PASSED, 2),
        CheckOutcome("wire.status", "wire", "c", State.FAILED, 3, "", (("wire.status", "a", "x"),)),
        CheckOutcome("rules.type", "rules", "c", State.NOT_RUN),
    ]
    text = re.sub("</?span[^>]*>", "", html(Report("t", outcomes=ended)))
    cells = dict.fromkeys(State, 0)
    for layer, counts, exercised in (
        ("wire", cells | {State.PASSED: 1, State.FAILED: 1}, 5),
        ("rules", cells | {State.NOT_RUN: 1}, 0),
    ):
        row = [layer, *counts.values(), exercised, "0.0"]
        assert "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" in text


class Page(HTMLParser):
    """What can be filtered on a page, and by what."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.options: dict[str, list[str]] = {}
        self.marked: dict[str, set[str]] = {"layer": set(), "operation": set(), "outcome": set()}
        self._select = ""
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        if tag == "select":
            self._select = found["id"]
            self.options[self._select] = []
        elif tag == "option" and found["value"]:
            self.options[self._select].append(found["value"])
        for name in self.marked:
            self.marked[name].update((found.get(f"data-{name}") or "").split())


@given(REPORTS)
def test_the_page_can_be_filtered_by_all_that_is_on_it_and_runs_no_script(report) -> None:
    text = html(report)
    page = Page(text)
    assert "script" not in page.tags
    assert page.options.keys() == page.marked.keys()
    for name, marks in page.marked.items():
        assert marks <= set(page.options[name])
        for value in page.options[name]:
            assert f'#{name} option[value="{value}"]:checked' in text
    assert "@media print" in text


@pytest.mark.browser
def test_a_filter_hides_what_was_not_picked_and_labels_are_whole(tmp_path) -> None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - browsers are seldom there

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        pytest.skip("no browser is on the PATH")
    long = "anOperationWithAVeryLongName" * 2
    outcomes = [
        CheckOutcome("wire.json", "wire", "c", State.FAILED, 2, "", (("wire.json", "a", "x"),)),
        CheckOutcome("rules.type", "rules", "c", State.PASSED, 1),
    ]
    checks = [CheckRun("wire.json", "a", "wire", 2), CheckRun("rules.type", long, "rules", 1)]
    found = [Violation("wire.json", "a", "c", "e", "s", layer="wire", cause="x")]
    report = Report("t", outcomes=outcomes, checks=checks, violations=found)
    report.latencies = {long: [0.001, 2.5], "a": [0.5]}
    path = tmp_path / "report.html"
    path.write_text(html(report), encoding="utf-8")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(path.as_uri())
        assert page.locator(".card").is_visible()
        page.select_option("#layer", "rules")
        assert not page.locator(".card").is_visible()
        page.select_option("#layer", "")
        page.select_option("#outcome", "passed")
        assert not page.locator(".card").is_visible()
        page.select_option("#outcome", "")
        page.select_option("#operation", label=long)
        assert not page.locator(".card").is_visible()
        assert page.locator("tr", has_text="rules.type").first.is_visible()
        cell = page.locator("td", has_text=re.compile(f"^{long}$")).last
        assert cell.evaluate("e => e.scrollWidth <= e.clientWidth")
        browser.close()
