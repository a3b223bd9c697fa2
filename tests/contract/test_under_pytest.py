"""The suite under pytest, installed or in a clone: green is only what was exercised."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from akool_contract import suite
from akool_contract._findings.registry import CLAUSES

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = ["--pyargs", "akool_contract.conformance"]
assert suite


def pytest_in(folder, *arguments):
    report = folder / "report.xml"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AKOOL_", "PYTEST_"))}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            f"--junit-xml={report}",
            *arguments,
        ],
        cwd=folder,
        env=environment | {"XDG_CACHE_HOME": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    found = ET.parse(report).getroot() if report.exists() else ET.Element("none")  # noqa: S314 - our own
    return done, found


@pytest.mark.parametrize(
    "suite", [INSTALLED, [str(ROOT / "contract_tests")]], ids=["wheel", "clone"]
)
def test_a_dead_target_fails_and_nothing_passes(tmp_path, suite) -> None:
    done, found = pytest_in(
        tmp_path, *suite, "--base-url", "http://127.0.0.1:9", "--api-key", "k" * 32
    )
    assert done.returncode == 1, done.stdout + done.stderr
    cases = found.findall(".//testcase")
    assert len(cases) == len(CLAUSES) + 1
    assert len(found.findall(".//failure")) == 1
    assert len(found.findall(".//skipped")) == len(CLAUSES)


def test_the_simulator_passes_what_was_exercised_and_no_folder_is_left(tmp_path) -> None:
    done, found = pytest_in(tmp_path, *INSTALLED, "--profile", "quick")
    assert done.returncode == 0, done.stdout + done.stderr
    skipped = found.findall(".//skipped")
    assert 0 < len(skipped) < 20
    assert {path.name for path in tmp_path.iterdir()} <= {"cache", "report.xml"}


@pytest.mark.parametrize(
    "wrong",
    [["--base-url", "nowhere"], ["--profile", "slow"], ["--base-url", "http://127.0.0.1:9"]],
)
def test_a_mistake_in_the_options_ends_the_run_in_one_line(tmp_path, wrong) -> None:
    done, _ = pytest_in(tmp_path, *INSTALLED, *wrong)
    assert done.returncode == 2
    assert "Traceback" not in done.stdout + done.stderr


def test_other_test_runs_get_none_of_its_options(tmp_path) -> None:
    (tmp_path / "test_x.py").write_text("def test_x():\n    pass\n")
    done, _ = pytest_in(tmp_path, "--help")
    assert "--allow-submit" not in done.stdout
    (tmp_path / "conftest.py").write_text(
        "def pytest_addoption(parser):\n    parser.addoption('--base-url')\n"
    )
    done, _ = pytest_in(tmp_path, "--base-url", "x")
    assert done.returncode == 0, done.stdout + done.stderr
