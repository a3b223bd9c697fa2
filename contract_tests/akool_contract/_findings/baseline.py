"""Known violations: a file lists them by check, operation and cause; they do not fail a run."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from akool_contract._findings.report_model import State, Violation

if TYPE_CHECKING:
    from pathlib import Path

    from akool_contract._findings.report_model import Key, Report

FIELDS = ("check", "operation", "cause")


class BaselineError(Exception):
    """The file lists no violations; the message says why."""


def read(path: Path) -> list[Violation]:
    """The violations that a file lists.

    Raises:
        BaselineError: it is not a baseline file.
        OSError: it cannot be read.
    """
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))["violations"]
        entries = [[str(entry[name]) for name in FIELDS] for entry in listed]
    except (ValueError, LookupError, TypeError) as error:
        raise BaselineError(f"{path} is not a baseline: write one with --write-baseline") from error
    return [
        Violation(check, operation, "", "", "", layer=check.partition(".")[0], cause=cause)
        for check, operation, cause in entries
    ]


def apply(report: Report, listed: list[Violation]) -> None:
    """Marks listed violations as known, and notes which are gone.

    A violation is gone if the run looked for it and did not see it. A run that was stopped has not
    looked.
    """
    keys = {violation.key for violation in listed}
    seen = {violation.key for violation in report.violations}
    report.violations = [replace(v, known=v.key in keys) for v in report.violations]
    report.outcomes = [
        replace(o, state=State.KNOWN) if o.state is State.FAILED and keys >= set(o.found) else o
        for o in report.outcomes
    ]
    tried = {(run.check, run.operation) for run in report.checks if run.outcomes}
    report.gone = [
        violation
        for violation in listed
        if violation.key not in seen and violation.key[:2] in tried and not report.error
    ]


def write(path: Path, report: Report, listed: list[Violation]) -> int:
    """Writes the violations of this run, and those it did not look for; returns how many."""
    gone = {violation.key for violation in report.gone}
    keys: set[Key] = {violation.key for violation in (*report.violations, *listed)} - gone
    entries = [dict(zip(FIELDS, key, strict=True)) for key in sorted(keys)]
    text = json.dumps({"violations": entries}, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    return len(entries)
