"""A violation can be repeated from its report, whatever its length, and is found in time."""

from __future__ import annotations

import io
import json
import shlex
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.console import Console

from akool_contract._findings.collector import REQUEST_S, SHRINK_S, Collector
from akool_contract._findings.report_model import Report, Violation
from akool_contract._generate import explore
from akool_contract._wire.http import Request
from akool_contract._wire.redact import TOKEN, Redactor
from akool_contract.report import _terminal


def sent(body: object) -> Request:
    headers = (("Content-Type", "application/json"),)
    return Request("POST", "http://t/x", headers, json.dumps(body).encode(), "swapImage")


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20)), st.integers(0, 4000))
def test_a_curl_line_holds_the_whole_body(body, length) -> None:
    request = sent(body | {"long": "x" * length})
    assume(not TOKEN.search(request.body.decode()))  # that is a secret, by its name
    words = shlex.split(Redactor().curl(request))
    assert words[words.index("--data-binary") + 1] == request.body.decode()


def test_the_terminal_names_a_script_for_a_line_that_is_too_long(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    curl = Redactor().curl(sent({"long": "x" * 4000}))
    report = Report(target="t", profile="quick", seed=0)
    report.violations.append(Violation("rules.type", "swapImage", "a", "b", "c", curl=curl))
    text = io.StringIO()
    _terminal.show(report, Console(file=text, width=10_000), verbose=True)
    line = next(line for line in text.getvalue().splitlines() if line.startswith("  repeat"))
    assert Path(shlex.split(line)[-1]).read_text() == f"{curl}\n"


@pytest.mark.parametrize("seconds", [0.0, 0.1, 2 * SHRINK_S])
def test_shrinking_ends_when_it_has_asked_for_enough(seconds) -> None:
    collector = Collector()
    options = SimpleNamespace(seed=0)
    can = SimpleNamespace(cheap=True, loopback=True)
    collector.shrinking = explore.SHRINKING_S
    run = SimpleNamespace(collector=collector, options=options, can=can)
    asked: list[float] = []

    def test(numbers) -> None:
        collector.asked(seconds)
        if collector.search.stop_at:
            asked.append(max(seconds, REQUEST_S))
        if sum(numbers) > 12_345:
            collector.add(Violation("rules.type", "swapImage", "a", "b", str(numbers)))
            collector.flush()

    tested = given(st.lists(st.integers(0, 10_000), min_size=5, max_size=50))(test)
    explore.search(run, explore.profile(run, 50)(explore.seeded(run, tested)))
    assert collector.violations
    assert len(asked) > 0
    assert sum(asked[:-1]) <= SHRINK_S
