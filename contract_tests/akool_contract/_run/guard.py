"""Which requests may be sent. Every request of a check is asked for here, and only here.

The contract's `x-effect` says what a request may do. An operation without it, other than GET and
HEAD, spends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_contract._run.money import is_done, spent_on
from akool_contract._wire.errors import UnusableError
from akool_openapi.operations import Effect

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from akool_contract._findings.ledger import Ledger
    from akool_contract._options import Options
    from akool_contract._run.budget import Budget
    from akool_contract._target.target import Capabilities
    from akool_contract._wire.contract import Contract
    from akool_contract._wire.http import Request
    from akool_contract.oracle.verdict import Verdict


def _text(request: Request) -> str:
    return f"{request.url} {request.body.decode('utf-8', 'replace')}"


class Guard:
    """Permits requests that are selected, served, allowed and affordable."""

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
        self.refused = ""
        """Why the last request was held back."""

    def serves(self, name: str) -> bool:
        """Whether the operation is there, and among those that the person selected."""
        known = name in self._contract.operations and name not in self.unserved
        return known and self._options.wants_operation(name)

    def knows(self, name: str) -> bool:
        """The same, and the rules that only its pages say are known."""
        return self._contract.knows(name) and self.serves(name)

    def spends(self, request: Request) -> bool:
        """Whether a server could charge for such a request."""
        return self._contract.effect(request) is Effect.SPENDS

    def changes(self, request: Request) -> bool:
        """Whether such a request changes or deletes something."""
        return self._contract.effect(request) in (Effect.DELETES, Effect.CHANGES)

    def takes_from(self, request: Request, others: Iterable[Request]) -> bool:
        """Whether it may change or delete what the others look at: a job, or its file."""
        if not self.changes(request):
            return False
        if self._contract.effect(request) is not Effect.DELETES:
            return True
        asked = _text(request)
        named = [job for name, job in self._ledger.jobs.items() if name in asked]
        marks = [mark for job in named for mark in (job.id, job.url) if mark]
        texts = map(_text, others) if marks else ()
        return any(mark in text for text in texts for mark in marks)

    def allow(self, request: Request, verdict: Verdict) -> None:
        """Raises UnusableError, with the reason, if the request may not be sent."""
        try:
            self._allow(request, verdict)
        except UnusableError as error:
            self.refused = error.reason
            raise

    def _allow(self, request: Request, verdict: Verdict) -> None:
        name = request.operation
        if name in self.unserved:
            raise UnusableError(f"the target does not serve {name}")
        operation = self._contract.asked(request)
        if operation is not None and not self._options.wants_operation(operation.id):
            raise UnusableError(f"{operation.id} is not among the selected operations")
        effect = self._contract.effect(request)
        ours = operation is not None and operation.ours
        may_be_done = is_done(self._contract, request, verdict)
        if effect is Effect.SPENDS:
            self._may_spend(operation.id if operation else request.path, may_be_done=may_be_done)
        elif effect is Effect.CHANGES and may_be_done and not self._can.cheap:
            raise UnusableError("it changes something (x-effect), and no option allows that")
        elif effect is Effect.DELETES and (verdict.may_be_done or not ours):
            self._may_delete(request, ours=ours)

    def allow_together(self, requests: Sequence[Request], verdicts: Sequence[Verdict]) -> None:
        """The same for requests that are sent at once: all of them must be affordable."""
        for request, verdict in zip(requests, verdicts, strict=True):
            self.allow(request, verdict)
        names = spent_on(self._contract, requests)
        if len(names) > 1:
            dearest = max(names, key=self._budget.price)
            reason = self._budget.refusal(dearest, len(names))
            if reason:
                raise UnusableError(reason)

    def _may_spend(self, name: str, *, may_be_done: bool) -> None:
        if may_be_done:
            reason = self._can.refusal("submit") or self._budget.refusal(name)
        else:
            reason = self._budget.risk(name)
        if reason:
            raise UnusableError(reason)

    def _may_delete(self, request: Request, *, ours: bool) -> None:
        reason = self._can.refusal("delete")
        if reason:
            raise UnusableError(reason)
        known = self._ledger.jobs.keys() | self._ledger.made_up
        named = set(self._contract.ids_in(request))
        if not ours and not named and not self._can.cheap:
            raise UnusableError("will not delete: no x-job says how")
        if self._can.state and not known >= named:
            raise UnusableError("this run deletes only its own results")
