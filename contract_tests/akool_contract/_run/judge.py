"""Runs the checks over every answer, and reports what any check finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_contract._findings.registry import CLAUSES, JUDGES, PASSIVE
from akool_contract._findings.report_model import Violation

if TYPE_CHECKING:
    from akool_contract._findings.answer import Answer
    from akool_contract._findings.collector import Collector
    from akool_contract._findings.registry import Finding, Passive
    from akool_contract._target.target import Capabilities
    from akool_contract._wire.redact import Redactor

BY_FORM = ("wire", "schema")
"""Layers that apply to a server whose answers do not depend on the request (Prism)."""
MAX_SEEN = 600


class Judge:
    """From an answer, or a check's finding, to the collector."""

    def __init__(self, can: Capabilities, collector: Collector, redactor: Redactor) -> None:
        self._can, self._collector, self._redactor = can, collector, redactor
        self._checks: dict[tuple[str, bool, bool], list[Passive]] = {}

    def mask(self, text: str) -> str:
        """A text without secrets."""
        return self._redactor.text(text)

    def look(self, answer: Answer) -> None:
        """Every check over every answer, on this one."""
        if answer.operation is None:
            return
        self._collector.answered[answer.name] += 1
        if answer.own_refusal and not self._can.codes:
            return
        for check in self._applying(answer):
            if not check.when(answer):
                continue
            name = check.clause.name
            self._collector.passed(name, answer.name, check.clause.layer)
            for found in check.fn(answer):
                self.report(name, found, answer)
        for judge in JUDGES if self._can.codes else ():
            for name, finding in judge(answer):
                self.note(name, finding, answer)

    def _applying(self, answer: Answer) -> list[Passive]:
        """The checks over every answer that are about its operation."""
        ours = answer.operation is not None and answer.operation.ours
        key = (answer.name, ours, self._can.codes)
        if key not in self._checks:
            fit = (one for one in PASSIVE if self._can.codes or one.clause.layer in BY_FORM)
            self._checks[key] = [
                one for one in fit if not one.of or (ours and answer.name in one.of)
            ]
        return self._checks[key]

    def report(
        self, name: str, finding: Finding, answer: Answer | None, operation: str = ""
    ) -> None:
        """Reports what a check found."""
        promise = CLAUSES[name]
        self._collector.add(
            Violation(
                check=name,
                operation=operation or (answer.name if answer else ""),
                clause=promise.text,
                expected=self.mask(finding.expected),
                seen=self.mask(finding.seen)[:MAX_SEEN],
                curl=self._redactor.curl(answer.exchange.request) if answer else "",
                layer=promise.layer,
                cause=self.mask(finding.why),
            )
        )

    def expect(
        self, name: str, finding: Finding | None, answer: Answer | None, operation: str = ""
    ) -> None:
        """The same; inside a generated test it raises what was found."""
        self.note(name, finding, answer, operation)
        self._collector.flush()

    def note(
        self, name: str, finding: Finding | None, answer: Answer | None, operation: str = ""
    ) -> None:
        """Counts that a check was exercised, and reports what is wrong."""
        where = operation or (answer.name if answer else "")
        self._collector.passed(name, where, CLAUSES[name].layer)
        if finding is not None:
            self.report(name, finding, answer, operation)
