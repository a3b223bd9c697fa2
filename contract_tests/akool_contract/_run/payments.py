"""What submits cost: the credit is read after each that was taken."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from akool_contract._findings.registry import Finding, clause
from akool_contract._wire.strict_json import read_object
from akool_contract.oracle.verdict import NO_CREDIT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from akool_contract._findings.answer import Answer
    from akool_contract._findings.collector import Collector
    from akool_contract._run.budget import Budget
    from akool_contract._run.judge import Judge
    from akool_contract._target.target import Capabilities

SERVER_ERROR = 500
PLENTY = 500.0
"""Credits that pay for any one job: its price may depend on what it asks for."""
ENOUGH = clause(
    "credits.enough-is-enough", "credits", "1006 is answered only when the quota is not enough."
)


class Payments:
    """Keeps the budget's books. `ask` reads the main account's credit; None: it was not told."""

    def __init__(
        self,
        budget: Budget,
        can: Capabilities,
        judge: Judge,
        collector: Collector,
        ask: Callable[[], float | None],
    ) -> None:
        self._budget, self._can, self._ask = budget, can, ask
        self._judge, self._collector = judge, collector
        self.accepted = 0
        """Submits that were taken, or may have been, whoever asked."""
        self.costs: dict[str, list[float]] = defaultdict(list)
        """What equal submits of the main account cost, each time."""
        self._balance: float | None = None
        """What was left after the last submit, if nothing unknown has happened since."""

    def follow(self, answers: Sequence[Answer]) -> None:
        """Books what these answers say was paid."""
        submits = [a for a in answers if a.operation is not None and a.operation.spends]
        for answer in submits:
            broken = bool(answer.exchange.response.fault) or answer.status >= SERVER_ERROR
            self.accepted += answer.ok or broken  # who knows what became of it
            self._balance = None if broken else self._balance
        if not self._can.state:
            return
        taken = [answer for answer in submits if answer.ok]
        if taken:
            self._paid(taken[0], len(taken))
        for answer in submits:
            if not answer.ok and answer.code == NO_CREDIT and answer.account == "main":
                self._had_credit(answer)

    def _paid(self, answer: Answer, count: int) -> None:
        if self._budget.limit is None:
            self._budget.submits += count
            return
        before, after = self._balance, self._ask()
        self._balance = after
        self._budget.accepted(answer.name, after, count)
        if count == 1 and answer.account == "main" and before is not None and after is not None:
            body = read_object(answer.exchange.request.body)
            body.pop("webhookUrl", None)
            key = f"{answer.name} {json.dumps(body, sort_keys=True)}"
            self.costs[key].append(round(before - after, 6))

    def _had_credit(self, answer: Answer) -> None:
        """1006 is for a quota that is not enough: not for one that pays for many."""
        balance = self._ask()
        price = max(self._budget.prices.get(answer.name, 0.0), PLENTY)
        self._collector.passed(ENOUGH.name, answer.name, ENOUGH.layer)
        if balance is not None and balance >= price:
            finding = Finding(f"no 1006 with {balance:g} credits", answer.short())
            self._judge.report(ENOUGH.name, finding, answer)
