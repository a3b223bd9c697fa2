"""Which requests about money may be in flight at the same time.

A fall of the credit must have one cause. So a submit that may be accepted is alone, and so is
whatever compares the credit before and after. Requests that must be refused go together, as many as
the budget bears if all of them are charged; so do questions for the credit, and submits whose price
need not be told apart. What is not about money goes beside all of them.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING

from akool_openapi.operations import Effect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from akool_contract._run.budget import Budget
    from akool_contract._target.rounds import Rounds
    from akool_contract._target.target import Capabilities
    from akool_contract._wire.contract import Contract
    from akool_contract._wire.http import Request
    from akool_contract.oracle.verdict import Verdict

MONEY = "money"
"""The lane for requests that could be charged for, and for reading the credit."""
ALONE, REFUSED, ASKED, PAID = "", "must be refused", "asks for the credit", "paid"
"""What is done in it: by one check at a time, or by several at once."""


def spent_on(contract: Contract, requests: Iterable[Request]) -> list[str]:
    """The operations of those requests that a server could charge for."""
    spending = (one for one in requests if contract.effect(one) is Effect.SPENDS)
    return [one.id if one else "" for one in map(contract.asked, spending)]


def is_done(contract: Contract, request: Request, verdict: Verdict) -> bool:
    """Whether a correct server may do what is asked.

    Without known rules, no request is sure to be refused. On our own operations, another method
    than the documented one is.
    """
    operation = contract.asked(request)
    ours = operation is not None and operation.ours
    return verdict.may_be_done and bool(request.operation) if ours else True


class Money:
    """The lane of money, and what is in flight there."""

    def __init__(
        self, rounds: Rounds, contract: Contract, budget: Budget, can: Capabilities
    ) -> None:
        self._rounds, self._contract, self._budget, self._can = rounds, contract, budget, can
        self._flying: Counter[str] = Counter()
        """The operations of requests that could be charged for and are not settled."""

    def alone(self, *, late: bool = False) -> AbstractContextManager[None]:
        """Nothing else about money is in flight inside the block; `late`: others go first."""
        return self._rounds.lane(MONEY, ALONE, late=late)

    def lane(
        self, requests: Sequence[Request], verdicts: Sequence[Verdict]
    ) -> AbstractContextManager[None]:
        """For requests that are sent at once, whatever they are about."""
        return self._lane(requests, verdicts) if self._rounds.running else nullcontext()

    @contextmanager
    def _lane(self, requests: Sequence[Request], verdicts: Sequence[Verdict]) -> Iterator[None]:
        kind = self.kind(requests, verdicts)
        with ExitStack() as stack:
            if kind == REFUSED:
                places = stack.enter_context(self.beside(kind, requests, len(requests)))
                if len(places) < len(requests):
                    stack.close()
                    stack.enter_context(self.alone())
            elif kind is not None:
                stack.enter_context(self._rounds.lane(MONEY, kind))
            yield

    def kind(self, requests: Sequence[Request], verdicts: Sequence[Verdict]) -> str | None:
        """What these do together; None: they have nothing to do with money."""
        pairs, reads = zip(requests, verdicts, strict=True), any(map(self.asks, requests))
        if not spent_on(self._contract, requests):
            return ASKED if reads else None
        done = [one for one, verdict in pairs if is_done(self._contract, one, verdict)]
        return ALONE if reads or spent_on(self._contract, done) else REFUSED

    def asks(self, request: Request) -> bool:
        """Whether it asks for the credit."""
        return request.operation == self._contract.credit

    def affords(self, names: Sequence[str]) -> bool:
        """Whether all of these can be paid, even if some cost more than is known."""
        dearest = max(names, key=self._budget.price)
        return not self._budget.refusal(dearest, len(names)) and self._budget.bears(names)

    def _bears(self, names: Sequence[str]) -> bool:
        """Whether the budget bears it if all of these are charged, though they must be refused."""
        if not self._can.submit:
            return len(set(names)) == len(names)
        return len(names) == 1 or self._budget.bears(names)

    @contextmanager
    def beside(
        self, kind: str | None, requests: Sequence[Request], most: int
    ) -> Iterator[list[int]]:
        """The lane for requests of one kind, with others of that kind.

        Inside are the places of those that may go now, at least one and not more than `most`.
        """
        if kind is None:
            yield list(range(min(most, len(requests))))
            return
        with ExitStack() as stack:
            stack.enter_context(self._rounds.lane(MONEY, kind))
            chosen = self._bearable(kind, requests, most)
            if not chosen:  # beside the others it is too much
                stack.close()
                stack.enter_context(self.alone())
                chosen = self._bearable(kind, requests, most) or [0]
            names = spent_on(self._contract, [requests[place] for place in chosen])
            self._flying.update(names)
            try:
                yield chosen
            finally:
                self._flying.subtract(names)
                self._flying += Counter()  # forgets zeros

    def _bearable(self, kind: str, requests: Sequence[Request], most: int) -> list[int]:
        """Those that the budget bears beside what is in flight. Free ones never wait for others."""
        chosen: list[int] = []
        names = list(self._flying.elements())
        bears = self.affords if kind == PAID else self._bears
        for place, request in enumerate(requests):
            name = spent_on(self._contract, [request])
            if name and not bears([*names, *name]):
                continue
            chosen.append(place)
            names += name
            if len(chosen) == most:
                break
        return chosen
