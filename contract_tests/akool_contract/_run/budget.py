"""What a run may spend: asked before every request that a server could charge for.

What counts is what the server charges, not what it says: a job never counts as less than its
estimate, and a fall of the credit that no job explains counts too.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNKNOWN = 10.0
"""Credits of one request if not even the contract states a price."""
CAUTION = 4
"""Each of several requests at once may cost so many times the known price."""
FEW = 40
"""With fewer jobs than these, checks share them."""
KEPT = 2
"""Jobs of the highest price that an account with few credits must still pay at the end."""
MAX_UNSEEN = 50
"""Most refused requests between two readings of the credit."""
LEAST = 0.1
"""With a fall below this part of the contract's lowest price it does not show what a job costs."""
HIDDEN = "the credit does not show what a job costs: --price says it"


class Share(threading.local):
    """What one check may spend and has spent. Checks that run side by side have one each."""

    most = math.inf
    spent = kept = 0.0


@dataclass(slots=True)
class Budget:
    """Credits a run may spend. `limit` None means that credits are play money."""

    limit: float | None = None
    guesses: Mapping[str, float] = field(default_factory=dict)
    """What the contract says of prices, until the run has seen the real ones."""
    stated: float = 0.0
    """The price of one job as the person gave it; 0: not given."""
    planned: float = math.inf
    """What may be spent on purpose. The rest of the limit is for requests that must be refused."""
    leave: bool = True
    """Whether jobs may be submitted at all."""
    balance: float | None = None
    """The main account's credit, as last read; None: never read, or not reliable."""
    spent: float = 0.0
    prices: dict[str, float] = field(default_factory=dict)
    """What one job of a kind costs, measured alone: others must cost the same."""
    highest: dict[str, float] = field(default_factory=dict)
    """The most that a job of a kind has cost: to plan with."""
    share_of: Share = field(default_factory=Share)
    """What the running check may spend: it must leave what others need."""
    unseen: Counter[str] = field(default_factory=Counter)
    """Requests that were refused since the credit was last read, by operation."""
    lax: set[str] = field(default_factory=set)
    """Operations that accepted, or charged for, what they must refuse."""
    accepted: bool = False
    """Whether a job was accepted, or may have been."""
    truthful: bool = False
    """Whether the credit was seen to fall when jobs were accepted. Only then it shows that a
    refused request was free."""
    shown: bool = True
    """Whether the credit, as far as it was read after a job, has shown what one costs."""
    drained: bool = False
    """Whether the limit was exceeded by requests that must be free."""
    delayed: Counter[str] = field(default_factory=Counter)
    """Submits that were put off as too frequent since the credit was last seen to be true."""
    _free: bool = True
    """Whether nothing was sent since the credit was last read that a server could charge for."""
    _first: float = math.inf
    """The credit at the first reading."""
    _last: float | None = None
    """The credit at the last reading."""
    _booked: list[tuple[str, float]] = field(default_factory=list)
    """Jobs that were booked since then, and what each was counted as."""

    def spare(self, jobs: int) -> None:
        """Spends at most the price of so many of the dearest jobs; 0: as much as is allowed."""
        if self.limit is not None and jobs:
            self.planned = min(self.limit, jobs * (self.stated or self._dearest()))

    @property
    def tight(self) -> bool:
        """Whether each job has to serve several checks."""
        if self.limit is None:
            return False
        return min(self.limit, self.planned, self._first) < FEW * (self.stated or self._dearest())

    # -- prices -------------------------------------------------------------------------------

    def estimate(self, operation: str) -> float:
        """The least that a job counts as: the stated price, or else the contract's."""
        return self.stated or self.guesses.get(operation, self._dearest())

    def price(self, operation: str) -> float:
        """The price to plan with: the highest seen of this operation, or else of any."""
        seen = self.highest.get(operation)
        if seen is None:
            most = max(self.highest.values(), default=0.0)
            return max(self.stated or self._dearest(), most)
        return max(seen, self.estimate(operation))

    def _dearest(self) -> float:
        return max(self.guesses.values(), default=UNKNOWN)

    @property
    def assumed(self) -> str:
        """The assumed price of a job, before one was paid, in words."""
        if self.stated:
            return f"{self.stated:g} credits a job (--price)"
        whence = "the highest price in the contract" if self.guesses else "a guess"
        return f"{self._dearest():g} credits a job ({whence}; set it with --price)"

    # -- before a request ---------------------------------------------------------------------

    def refusal(self, operation: str, count: int = 1) -> str:
        """Why so many of this submit must not be sent; empty when they may."""
        reason = self._doubt(count)
        if self.limit is None or reason:
            return reason
        price = self.price(operation) * count
        most = min(self.limit, self.planned)
        # The first job shows whether the credit tells the truth.
        doubtful = self.unseen if self.accepted else self.delayed
        spent = self.spent + (0.0 if self.truthful else self._hidden(doubtful))
        if spent + price > most:
            return (
                f"the credit budget is used up: {spent:g} of {most:g} spent, "
                f"{operation} costs about {price:g}"
            )
        if self.share_of.spent + price > self.share_of.most:
            return f"this check's share of the credit budget of {most:g} is used up"
        if self.balance is not None and self.balance - self.share_of.kept < price:
            return (
                f"the account has {self.balance:g} credits left, {operation} costs about {price:g}"
            )
        return ""

    def risk(self, operation: str) -> str:
        """Why a request that must be refused is not sent; empty if it may be.

        A server may accept it. So it may be tried once beyond the budget. If that was charged, only
        within it: a run overspends by one job at most.
        """
        lax = operation in self.lax
        if not self.leave:
            return f"{operation} takes what it must refuse: not tried again" if lax else ""
        reason = self._doubt()
        if self.limit is None or reason:
            return reason
        if self.spent > self.limit:
            return f"more than the credit budget is spent: {self.spent:g} of {self.limit:g}"
        if not self.truthful and self.spent + self._hidden() + self.price(operation) > self.limit:
            return (
                "the credit does not show what jobs cost, so refused requests count as paid; "
                "a lower price can be set with --price"
            )
        if lax and self.spent + self.price(operation) > self.limit:
            return f"{operation} takes what it must refuse, and the credit budget cannot bear it"
        return ""

    def _doubt(self, count: int = 1) -> str:
        """Why so many must not be sent while nobody knows what one costs."""
        if self.limit is None or self.stated:
            return ""
        if not self.shown:
            return HIDDEN
        alone = self.accepted or count == 1
        return "" if alone else "the first job is paid alone, to see its price"

    def bears(self, operations: Sequence[str]) -> bool:
        """Whether a run overspends by one job at most if all of these at once are charged for.

        A request that was never paid may cost several times what the contract says.
        """
        if self.limit is None:
            return True
        prices = [
            self.price(name) * (1 if self.stated or name in self.highest else CAUTION)
            for name in operations
        ]
        beyond = max(prices) if self.truthful and self.known(operations) else 0.0
        return self.spent + self._hidden() + sum(prices) - beyond <= self.limit

    def _hidden(self, requests: Mapping[str, int] | None = None) -> float:
        """What refused requests may have cost that no reading of the credit has cleared."""
        refused = self.unseen if requests is None else requests
        return sum(self.price(name) * count for name, count in refused.items())

    def known(self, operations: Sequence[str]) -> bool:
        """Whether each of these prices was stated, or seen when it was paid."""
        return bool(self.stated) or all(name in self.highest for name in operations)

    def may_go_by(self, operation: str) -> int:
        """How many more refused requests may be sent before the credit must be read again."""
        if self.limit is None or not self.leave:
            return MAX_UNSEEN
        left = max(0.0, self.limit - self.spent)
        return max(1, min(MAX_UNSEEN, int(left / self.price(operation))))

    @property
    def was_read(self) -> bool:
        """Whether the credit has been read in this run."""
        return self._last is not None

    @property
    def left(self) -> float | None:
        """Credits that the check which runs may still spend; None: any number."""
        if self.limit is None:
            return None
        most = min(self.limit, self.planned)
        return min(most - self.spent, self.share_of.most - self.share_of.spent)

    def share(self, part: float, *, last: bool = False) -> None:
        """The check that starts now may spend at most this share of the budget.

        The last credits of an account that has few are for the checks that come `last`.
        """
        part = part / 2 if self.tight and part < 1 else part
        most = math.inf if self.limit is None else min(self.limit, self.planned)
        self.share_of.most = part * most
        poor = not last and self._first < FEW * self._dearest()
        self.share_of.spent, self.share_of.kept = 0.0, KEPT * self._dearest() if poor else 0.0

    # -- after it -----------------------------------------------------------------------------

    def book(self, operation: str) -> None:
        """A job was accepted, or may have been: books the least that it can have cost."""
        if self.limit is None:
            return
        seen = self.highest.get(operation, 0.0)
        cost = max(seen, self.estimate(operation))
        self.accepted = True
        self._pay(cost)
        self._booked.append((operation, cost))

    def refused(self, operation: str, *, delayed: bool = False) -> None:
        """A request was refused that a server could charge for; `delayed`: as too frequent."""
        self.unseen[operation] += 1
        self.delayed[operation] += delayed
        self._free = False

    def clear(self) -> None:
        """The credit is true, and was read: what was refused has cost what it has shown."""
        self.unseen.clear()
        self.delayed.clear()

    def settled(self) -> None:
        """The credit was asked for after a job: by now it must have shown what one costs."""
        self.shown = self.truthful

    def saw(self, balance: float) -> bool:
        """The main account's credit was read. True: it fell although no job was accepted.

        A fall that the booked jobs do not explain counts as spent, too.
        """
        before, booked = self._last, self._booked
        self._first = balance if before is None else self._first
        self.balance = self._last = balance
        self._booked = []
        fall = 0.0 if before is None else before - balance
        least = LEAST * len(booked) * min(self.guesses.values(), default=0.0)
        self.truthful |= bool(booked) and fall > 0 and fall >= least
        free, self._free = self._free and not booked, True
        if self.limit is None or fall <= 0:
            return False
        for operation, _ in booked:
            each = fall / len(booked)
            self.highest[operation] = max(each, self.highest.get(operation, 0.0))
        self._pay(max(0.0, fall - sum(cost for _, cost in booked)))
        self.drained |= free and self.spent > self.limit
        return not booked

    def _pay(self, cost: float) -> None:
        self.spent += cost
        self.share_of.spent += cost
