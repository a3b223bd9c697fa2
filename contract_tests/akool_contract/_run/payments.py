"""Books what was paid, and compares it with the credit."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from akool_contract._findings.registry import Finding, clause
from akool_contract._run.sender import too_often
from akool_contract._wire.errors import TargetDownError
from akool_contract._wire.strict_json import read_object
from akool_contract.oracle.verdict import NO_CREDIT, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from akool_contract._findings.answer import Answer
    from akool_contract._findings.collector import Collector
    from akool_contract._run.budget import Budget
    from akool_contract._run.judge import Judge
    from akool_contract._target.target import Capabilities
    from akool_contract._wire.contract import Contract, Operation

SERVER_ERROR = 500
PLENTY = 500.0
"""Credits that are enough for any job: its price may depend on the request."""
ENOUGH = clause(
    "credits.enough-is-enough", "credits", "1006 is answered only when the quota is not enough."
)
ONLY_SUBMITS = clause(
    "credits.only-submits-cost",
    "credits",
    "Only submits, and refunds of failed jobs, change the credits.",
)
DRAINED = (
    "the credit budget is used up, though no job was paid since the credit was read last: "
    "requests that must be free were charged for, or a charge came late"
)


class Payments:
    """`ask` reads the main account's credit; None: the server did not say."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts that money passes through
        self,
        contract: Contract,
        budget: Budget,
        can: Capabilities,
        judge: Judge,
        collector: Collector,
        ask: Callable[[], float | None],
    ) -> None:
        self._contract, self._budget, self._can, self._ask = contract, budget, can, ask
        self._judge, self._collector = judge, collector
        self.accepted = 0
        """Submits that were accepted, or may have been, of any check."""
        self.costs: dict[str, list[float]] = defaultdict(list)
        """What equal submits of the main account cost, each time."""
        self.paid: dict[str, float] = {}
        """What each job of the main account cost, by its id, where that was seen."""
        self.unpaid: tuple[str, float, float] | None = None
        """The first job's operation, and the credit before and after it, if it did not fall."""
        self._heard = False
        """Whether the server has answered the question for the credit, whatever it said."""
        self._balance: float | None = None
        """What was left after the last submit, if nothing unknown has happened since."""
        self._round: Counter[int] = Counter()
        """Requests that could be charged for, by the round in which they were sent."""
        self._free: set[str] = set()
        """Operations that were seen to refuse free of charge."""

    def cost_of(self, operation: str) -> float:
        """The most that one submit of this operation was seen to cost; 0: none was seen."""
        mine = [costs for key, costs in self.costs.items() if key.startswith(f"{operation} ")]
        return max((cost for costs in mine for cost in costs), default=0.0)

    def follow(self, answers: Sequence[Answer]) -> None:
        """Books what these answers show as paid, or possibly paid."""
        known = self._budget.balance
        for answer in answers:
            if answer.name == self._contract.credit and answer.account == "main":
                self._heard = True
                self._read(answer)
        asked = [(answer, self._contract.asked(answer.exchange.request)) for answer in answers]
        spending = [(answer, one) for answer, one in asked if one is not None and one.spends]
        self._round.update(answer.exchange.together for answer, _ in spending)
        taken = [pair for pair in spending if self._taken(*pair)]
        if taken:
            self._settle(taken, known)
        for answer, operation in spending:
            if (answer, operation) not in taken:
                self._refused(answer, operation)

    def _read(self, answer: Answer) -> None:
        value = answer.data.get("credit")
        if answer.ok and isinstance(value, (int, float)) and not isinstance(value, bool):
            before, charged = self._budget.balance, self._budget.saw(float(value))
            (self._budget.lax if charged else self._free).update(self._budget.unseen)
            if self._budget.truthful:
                self._budget.clear()
            if self._budget.drained and before is not None and not self._can.live:
                seen = f"credit {value:g} after requests that must be free (or a charge came late)"
                finding = Finding(f"credit {before:g} still", seen, "what must be free")
                self._judge.note(ONLY_SUBMITS.name, finding, answer)
                raise TargetDownError(DRAINED)

    def _taken(self, answer: Answer, operation: Operation) -> bool:
        """Whether a job was started, or may have been: then it is counted."""
        broken = bool(answer.exchange.response.fault) or answer.status >= SERVER_ERROR
        self.accepted += answer.ok or broken  # its outcome is unknown
        self._balance = None if broken else self._balance
        if answer.ok and (answer.verdict.outcome is Outcome.REFUSE or answer.operation is None):
            self._budget.lax.add(operation.id)
        if answer.ok or (broken and answer.verdict.may_be_done):
            self._budget.book(operation.id)
            return True
        return False

    def _settle(self, taken: list[tuple[Answer, Operation]], known: float | None) -> None:
        """Reads what was left, once for all that came together; `known`: what it was before.

        The last reading counts, for a job may have been refunded since the last submit.
        """
        if self._budget.limit is None or not self._can.state:
            return
        sure = self._balance is not None or self.accepted == 1
        self._heard = False
        before, after = known if sure else None, self._ask()
        self._balance = after
        if self._heard:
            self._budget.settled()
        answer, _ = taken[0]
        alone = self._round[answer.exchange.together] == 1
        if not alone or answer.account != "main" or before is None or after is None:
            return
        if answer.ok and self.accepted == 1 and after >= before:
            self.unpaid = answer.name, before, after
        if answer.ok:
            body = read_object(answer.exchange.request.body)
            body.pop("webhookUrl", None)
            key = f"{answer.name} {json.dumps(body, sort_keys=True)}"
            self.costs[key].append(round(before - after, 6))
            if answer.started:
                self.paid[answer.started] = before - after

    def _refused(self, answer: Answer, operation: Operation) -> None:
        """Refused: reads the credit now and then, to see whether that was free."""
        if self._can.state and answer.code == NO_CREDIT and answer.account == "main":
            self._had_credit(answer)
        if self._budget.limit is None or not self._can.state:
            return
        name = operation.id
        late = answer.verdict.may_be_done and too_often(answer)
        self._budget.refused(name, delayed=late)
        often = sum(self._budget.unseen.values()) >= self._budget.may_go_by(name)
        if (often or name not in self._free) and self._ask() is None:
            self._free.add(name)  # the credit is unknown: only the answer's code is left

    def _had_credit(self, answer: Answer) -> None:
        """1006 means too little quota: it is wrong if the quota is enough for many jobs."""
        balance = self._ask()
        price = max(self._budget.prices.get(answer.name, 0.0), PLENTY)
        self._collector.passed(ENOUGH.name, answer.name, ENOUGH.layer)
        if balance is not None and balance >= price:
            finding = Finding(f"no 1006 with {balance:g} credits", answer.short())
            self._judge.report(ENOUGH.name, finding, answer)
