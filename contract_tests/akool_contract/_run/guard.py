"""Which requests may be sent. Every request that a check makes is asked for here, and only here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_contract._findings.collector import UnusableError
from akool_contract.oracle import ids_in

if TYPE_CHECKING:
    from collections.abc import Sequence

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

    def serves(self, name: str) -> bool:
        """Whether the operation is there, and among those that the person selected."""
        known = name in self._contract.operations and name not in self.unserved
        return known and self._options.wants_operation(name)

    def spends(self, request: Request) -> bool:
        """Whether a server could charge for requests of this operation."""
        operation = self._contract.asked(request)
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
        operation = self._contract.asked(request)
        if operation is None:
            return
        if not self._options.wants_operation(operation.id):
            raise UnusableError(f"{operation.id} is not among the selected operations")
        if operation.spends:
            # Another method than the documented one is no way to ask for it.
            self._may_spend(operation, may_be_done=bool(name) and verdict.may_be_done)
        if operation.takes_away and verdict.may_be_done:
            self._may_delete(request)

    def allow_together(self, requests: Sequence[Request], verdicts: Sequence[Verdict]) -> None:
        """The same for requests that are sent at once: all of them must be bearable."""
        for request, verdict in zip(requests, verdicts, strict=True):
            self.allow(request, verdict)
        names = [one.id for one in map(self._contract.asked, requests) if one and one.spends]
        if len(names) > 1:
            dearest = max(names, key=self._budget.price)
            reason = self._budget.refusal(dearest, len(names))
            if reason:
                raise UnusableError(reason)

    def _may_spend(self, operation: Operation, *, may_be_done: bool) -> None:
        if may_be_done:
            reason = self._can.refusal("submit") or self._budget.refusal(operation.id)
        else:
            reason = self._budget.risk(operation.id)
        if reason:
            raise UnusableError(reason)

    def _may_delete(self, request: Request) -> None:
        reason = self._can.refusal("delete")
        if reason:
            raise UnusableError(reason)
        known = self._ledger.jobs.keys() | self._ledger.made_up
        if self._can.state and not known >= set(ids_in(request)):
            raise UnusableError("will not delete what this run did not create")
