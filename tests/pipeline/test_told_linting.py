"""What a linter is asked, what is read of its answer, and the page of its findings; all whole."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from akool_pipeline.checking import Finding
from akool_pipeline.errors import PipelineError
from akool_pipeline.releasing import linting

if TYPE_CHECKING:
    from pathlib import Path

ASKED = """\
import json, os, sys
seen = " ".join([*sys.argv[1:], os.environ["REDOCLY_TELEMETRY"], os.environ["KEPT"]])
seen += " " + os.environ["REDOCLY_SUPPRESS_UPDATE_NOTICE"]
where = {"source": {"ref": "/x/a.yaml"}, "pointer": "#/info"}
problem = {"location": [where], "ruleId": "r", "severity": "error", "message": seen}
print("notice", json.dumps({"problems": [problem]}))
sys.exit(1)
"""


def tool(folder: Path, text: str) -> Path:
    """An executable that does `text`."""
    path = folder / "redocly"
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o700)
    return path


def refused(redocly: Path, config: Path | None = None) -> str:
    with pytest.raises(PipelineError) as caught:
        linting.lint(redocly, config, [])
    return str(caught.value)


def test_the_linter_is_asked_quietly_with_the_rules_that_there_are(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("KEPT", "kept")
    redocly, config = tool(tmp_path, ASKED), tmp_path / "c.yaml"
    files = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    for given, asked in (
        (None, "--extends recommended-strict"),
        (config, f"--config {config}"),
    ):
        assert linting.lint(redocly, given, files) == [
            linting.Fault(
                "a.yaml",
                "r",
                "error",
                "#/info",
                f"lint {files[0]} {files[1]} {asked} --format json --max-problems 10000 "
                "off kept true",
            )
        ]
    assert "REDOCLY_TELEMETRY" not in os.environ


def test_a_linter_that_does_not_lint_is_told(tmp_path: Path) -> None:
    none = tmp_path / "none"
    assert refused(none) == (
        f"{none}: cannot be run: install it with `make lint-spec`, which needs Node"
    )
    for text, says in (
        ("import sys; print('one\\ntwo\\n', file=sys.stderr); sys.exit(2)", "failed: two"),
        ("raise SystemExit(2)", "failed: said nothing"),
    ):
        redocly = tool(tmp_path, text)
        assert refused(redocly) == f"{redocly}: {says}"
    assert linting.lint(tool(tmp_path, "import sys; print('x', file=sys.stderr)"), None, []) == []
    assert refused(tool(tmp_path, "print('{no')")).startswith("Redocly's answer is not JSON: ")


def test_the_rules_of_a_project_are_those_that_it_does_not_turn_off(tmp_path: Path) -> None:
    config = tmp_path / "redocly.yaml"
    assert linting.rules(None) == ["recommended-strict"]
    for text, names in (
        ("extends: [minimal]\nrules: {a: off, b: error, c: {x: 1}}\n", ["minimal", "b", "c"]),
        ("rules:\n", []),
        ("[1]\n", []),
    ):
        config.write_text(text)
        assert linting.rules(config) == names


def test_a_finding_of_the_build_is_told_as_a_linter_does() -> None:
    fault = linting.own_fault("a.yaml", Finding("/info", "is wrong"))
    assert fault == linting.Fault(
        "a.yaml", "contract/agrees-with-itself", "error", "#/info", "is wrong"
    )


def test_the_page_counts_the_findings_of_each_fragment(tmp_path: Path) -> None:
    faults = [
        linting.Fault(file, rule, "error", "#", "m")
        for file, rule in (
            ("b.yaml", "info-license"),
            ("a.yaml", "own/rule"),
            ("a.yaml", "own/rule"),
            ("a.yaml", "info-license"),
            ("contract.yaml", "no-unused-components"),
        )
    ]
    fragments = [tmp_path / f"{name}.yaml" for name in "abc"]
    assert linting.findings_page(faults, fragments) == (
        "# Lint findings in the published pages\n\n"
        "Written by `make lint-spec`. Each number counts the findings of one rule in one "
        "fragment.\n"
        "The merged contract has none. The rules are in `openapi/redocly.yaml`.\n\n"
        "| fragment | no licence | own/rule |\n"
        "|---|---|---|\n"
        "| a | 1 | 2 |\n"
        "| b | 1 | - |\n"
        "| c | - | - |\n\n"
        "Rules: `info-license`, `own/rule`.\n"
    )
