"""The conformance suite under plain pytest: one test for each check.

    pytest contract_tests --base-url URL --api-key KEY

Without --base-url it runs against the simulator, in process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from akool_contract import checks
from akool_contract._findings.registry import CLAUSES

if TYPE_CHECKING:
    from akool_contract._findings.report_model import Report

NAMES = sorted(CLAUSES) if checks else []


def test_the_target_could_be_checked(report: Report) -> None:
    """A run that stopped proves nothing."""
    if report.error:
        pytest.fail(report.error, pytrace=False)


@pytest.mark.parametrize("check", NAMES)
def test_conforms(report: Report, check: str) -> None:
    """No operation breaks this clause of the contract."""
    found = [violation for violation in report.violations if violation.check == check]
    if found:
        lines = [f"{v.operation}: expected {v.expected}, seen {v.seen}\n  {v.curl}" for v in found]
        pytest.fail(f"{CLAUSES[check].text}\n" + "\n".join(lines), pytrace=False)
    reasons = {entry.reason for entry in report.not_run if entry.check == check}
    if reasons and not any(run.check == check for run in report.checks):
        pytest.skip("; ".join(sorted(reasons)))
