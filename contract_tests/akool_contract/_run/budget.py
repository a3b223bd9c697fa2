"""Keeps a run's spending within what was allowed, before the request that would exceed it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN = 10.0
"""Credits for one request where not even the contract names a price."""


@dataclass(slots=True)
class Budget:
    """Credits a run may spend. `limit` None means that credits are play money."""

    limit: float | None = None
    guesses: Mapping[str, float] = field(default_factory=dict)
    """What the contract says of prices, until the run has seen the real ones."""
    balance: float | None = None
    spent: float = 0.0
    submits: int = 0
    prices: dict[str, float] = field(default_factory=dict)
    """What one job of a kind costs, measured while nothing else went on: to hold others to."""
    highest: dict[str, float] = field(default_factory=dict)
    """The most that a job of a kind has cost: to plan with."""
    ceiling: float | None = None
    """What `spent` may reach in the check that runs: no check eats up what others need."""

    def price(self, operation: str) -> float:
        """The highest price seen of this operation, or the first guess."""
        dearest = max(self.guesses.values(), default=UNKNOWN)
        return self.highest.get(operation, self.guesses.get(operation, dearest))

    def refusal(self, operation: str, count: int = 1) -> str:
        """Why so many of this submit must not be sent; empty when they may."""
        if self.limit is None:
            return ""
        price = self.price(operation) * count
        if self.spent + price > self.limit:
            return (
                f"the credit budget is used up: {self.spent:g} of {self.limit:g} spent, "
                f"{operation} costs about {price:g}"
            )
        if self.ceiling is not None and self.spent + price > self.ceiling:
            return f"this check's share of the credit budget of {self.limit:g} is used up"
        if self.balance is not None and self.balance < price:
            return (
                f"the account has {self.balance:g} credits left, {operation} costs about {price:g}"
            )
        return ""

    @property
    def left(self) -> float | None:
        """Credits that the check which runs may still spend; None: any number."""
        if self.limit is None:
            return None
        return min(self.limit, self.ceiling or self.limit) - self.spent

    def share(self, part: float) -> None:
        """The check that starts now may spend this part of the whole budget, no more."""
        self.ceiling = None if self.limit is None else self.spent + part * self.limit

    def accepted(self, operation: str, balance: float | None, count: int = 1) -> None:
        """Submits were taken; `balance` is what quota/info says now (None: it did not say)."""
        self.submits += count
        cost = self.price(operation) * count
        if balance is not None and self.balance is not None and balance < self.balance:
            cost = self.balance - balance
            self.highest[operation] = max(cost / count, self.highest.get(operation, 0.0))
        self.spent += cost
        if balance is not None:
            self.balance = balance
