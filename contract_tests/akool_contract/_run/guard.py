"""Which requests may be sent. Every request that a check makes is asked for here, and only here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_contract._findings.collector import UnusableError
from akool_contract.oracle import ids_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akool_contract._findings.answer import Answer
    from akool_contract._options import Options
    from akool_contract._run.budget import Budget
    from akool_contract._run.ledger import Ledger
    from akool_contract._target.target import Capabilities
    from akool_contract._wire.contract import Contract, Operation
    from akool_contract._wire.http import Request
    from akool_contract.oracle import Verdict


class Guard:
    """Leave to send: for what was selected, is served, is permitted and can be paid."""

    def __init__(
        self,
        contract: Contract,
        options: Options,
        can: Capabilities,
        budget: Budget,
        ledger: Ledger,
    ) -> None:
        self._contract, self._options, self._can = contract, options, can
        self._budget, self._ledger = budget, ledger
        self.unserved: set[str] = set()
        """Operations that the target does not serve."""
        self._surprises: set[str] = set()

    def serves(self, name: str) -> bool:
        """Whether the operation is there, and among those that the person selected."""
        known = name in self._contract.operations and name not in self.unserved
        return known and self._options.wants_operation(name)

    def spends(self, request: Request) -> bool:
        """Whether a server could charge for requests of this operation."""
        operation = self._contract.operations.get(request.operation)
        return operation is not None and operation.spends

    def takes_away(self, request: Request) -> bool:
        """Whether requests of this operation change or delete what is there."""
        operation = self._contract.operations.get(request.operation)
        return operation is not None and operation.takes_away

    def allow(self, request: Request, verdict: Verdict) -> None:
        """Raises UnusableError, with the reason, if the request may not be sent."""
        name = request.operation
        if name in self.unserved:
            raise UnusableError(f"the target does not serve {name}")
        operation = self._contract.operations.get(name)
        if operation is None:
            return
        if not self._options.wants_operation(name):
            raise UnusableError(f"{name} is not among the selected operations")
        if operation.spends:
            self._may_spend(operation, verdict)
        if operation.takes_away and verdict.may_be_done:
            self._may_delete(request)

    def _may_spend(self, operation: Operation, verdict: Verdict) -> None:
        name = operation.id
        if verdict.may_be_done:
            reason = self._can.refusal("submit") or self._budget.refusal(name)
            if reason:
                raise UnusableError(reason)
        elif not self._can.submit and name in self._surprises:
            raise UnusableError(f"{name} takes what it must refuse: not tried again without leave")

    def _may_delete(self, request: Request) -> None:
        reason = self._can.refusal("delete")
        if reason:
            raise UnusableError(reason)
        known = self._ledger.jobs.keys() | self._ledger.made_up
        if self._can.state and not known >= set(ids_in(request)):
            raise UnusableError("will not delete what this run did not create")

    def follow(self, answers: Sequence[Answer]) -> None:
        """Remembers which operations take what they must refuse."""
        self._surprises.update(answer.name for answer in answers if answer.accepted_wrongly)
