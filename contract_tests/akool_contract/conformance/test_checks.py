"""The conformance suite under plain pytest: one test for each check.

    pytest --pyargs akool_contract.conformance --base-url URL --api-key KEY

Without `--base-url` it runs against the simulator, in process. A check that was not run is skipped,
with the reason; a target that could not be checked is a failure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import akool_contract.suite  # noqa: F401 - importing it registers every clause
from akool_contract._findings.registry import CLAUSES
from akool_contract._findings.report_model import State

if TYPE_CHECKING:
    from akool_contract._findings.report_model import Report

__all__ = ["test_conforms", "test_the_target_could_be_checked"]

NAMES = sorted(CLAUSES)


def test_the_target_could_be_checked(contract_report: Report) -> None:
    """A run that stopped proves nothing."""
    if contract_report.error:
        pytest.fail(contract_report.error, pytrace=False)


@pytest.mark.parametrize("check", NAMES)
def test_conforms(contract_report: Report, check: str) -> None:
    """No operation breaks this clause of the contract."""
    outcome = next(one for one in contract_report.outcomes if one.check == check)
    if outcome.state is State.NOT_RUN:
        pytest.skip(outcome.reason)
    if outcome.state is State.FAILED:
        own = [
            f"{v.operation}: expected {v.expected}, seen {v.seen}\n  {v.curl}"
            for v in contract_report.violations
            if v.check == check
        ]
        lines = own or [f"see {name}" for name in outcome.broken]
        pytest.fail("\n".join([outcome.clause, *lines]), pytrace=False)
