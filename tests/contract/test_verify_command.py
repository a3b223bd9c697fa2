"""`akool-faceswap verify`: exit codes, reports, and one line for everything that goes wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from akool_contract.cli import app, understood
from akool_contract_proof.mutants import TABLE
from akool_contract_proof.page import PAGE, updated
from akool_contract_proof.reference import ReferenceServer

QUICK = ["--profile", "quick", "--seed", "1"]
FEW = [part for name in ("swapImage", "listResults", "getCredit") for part in ("--operation", name)]


def verify(*arguments):
    return CliRunner().invoke(
        app, understood(arguments), env={"AKOOL_API_KEY": "", "AKOOL_BASE_URL": ""}
    )


@pytest.fixture(autouse=True)
def _own_state_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def reports(folder):
    return [
        part
        for kind in ("json", "junit", "html")
        for part in ("--report", f"{kind}={folder / kind}")
    ]


def test_a_conforming_target_ends_with_0_and_whole_reports(tmp_path) -> None:
    result = verify(*QUICK, *reports(tmp_path))
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "json").read_text())
    assert found["violations"] == []
    assert {"drift", "not_run", "coverage", "timings", "seed"} <= set(found)
    assert found["coverage"]["operations_seen"] == found["coverage"]["operations_documented"]
    suites = ET.fromstring((tmp_path / "junit").read_text())  # noqa: S314 - our own file
    assert suites.findall(".//failure") == []
    assert suites.findall(".//testcase")


class Outside(HTMLParser):
    """Collects what a page would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs) -> None:
        self.found += [value for name, value in attrs if name in {"src", "href"}]
        if tag == "script":
            self.found.append(tag)


def test_a_faulty_target_ends_with_1_and_says_what_where_and_how_to_repeat(tmp_path) -> None:
    broken = next(mutant for mutant in TABLE if mutant.name == "status-word")
    with ReferenceServer(layer=broken.layer) as server:
        main = server.reference.accounts.main
        result = verify(
            "--base-url", server.url, "--api-key", main.key, *QUICK, *FEW, *reports(tmp_path),
            "--allow-submit", "--max-credits", "500", "--job-timeout", "5",
        )  # fmt: skip
    assert result.exit_code == 1, result.output
    violations = json.loads((tmp_path / "json").read_text())["violations"]
    keys = {"check", "operation", "clause", "expected", "seen", "curl"}
    assert all(keys <= set(v) for v in violations)
    assert any(v["curl"].startswith("curl ") and "$AKOOL_API_KEY" in v["curl"] for v in violations)
    causes = {(v["check"], v["operation"], v["cause"]) for v in violations}
    assert len(causes) == len(violations)
    assert all(v["cause"] for v in violations)
    page = (tmp_path / "html").read_text()
    outside = Outside()
    outside.feed(page)
    assert outside.found == []
    assert main.key not in page + result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["--base-url", "http://127.0.0.1:9", "--api-key", "k"],
        ["--base-url", "http://127.0.0.1:9"],
        ["--base-url", "not an address", "--api-key", "k"],
        ["--base-url", "http://127.0.0.1:9", "--api-key", "k", "--allow-submit"],
        ["--profile", "slow"],
        ["--check", "no.such"],
        ["--operation", "swapimage"],
        ["--report", "pdf=x"],
        ["--replay", "/no/such/file"],
        ["--dry-run"],
    ],
)
def test_what_cannot_run_ends_with_2_and_no_traceback(arguments) -> None:
    result = verify(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_wrong_credentials_are_named_and_are_no_violation(server) -> None:
    result = verify("--base-url", server.url, "--api-key", "wrong" * 6, *QUICK)
    assert result.exit_code == 2
    assert "credentials" in result.output


def test_a_dry_run_prints_requests_and_costs_and_sends_nothing(server) -> None:
    result = verify(
        "--base-url", server.url, "--api-key", "k" * 32, "--dry-run", *QUICK, *FEW,
        "--allow-submit", "--max-credits", "50",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert server.reference.requests == 0
    assert f"{server.url}/api/open/v3/faceswap/quota/info" in result.output
    assert "about 4 credits" in result.output


def test_operations_and_checks_can_be_selected(tmp_path) -> None:
    result = verify(*QUICK, "--operation", "listResults", "--check", "schema", *reports(tmp_path))
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "json").read_text())
    assert set(found["coverage"]["operations"]) == {"listResults"}


def test_a_listener_needs_no_address(server) -> None:
    main = server.reference.accounts.main
    result = verify(
        "--base-url", server.url, "--client-id", main.client_id, "--client-secret", main.key,
        "--webhook-listen", *QUICK, *FEW, "--allow-submit", "--max-credits", "300", "-v",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "side.webhook-signature" in result.output


def test_every_run_against_a_server_can_be_replayed(server, tmp_path) -> None:
    main = server.reference.accounts.main
    verify("--base-url", server.url, "--api-key", main.key, *QUICK, *FEW)
    (recording,) = (tmp_path / "state").rglob("*.jsonl")
    result = verify("--replay", str(recording))
    assert result.exit_code == 0, result.output


def test_the_module_runs_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "akool_contract", "--list"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "rules.opts-required-when-many" in done.stdout


def test_the_page_lists_the_checks_that_there_are() -> None:
    text = Path(PAGE).read_text()
    assert updated(text) == text, "run: python -m akool_contract_proof.page"
