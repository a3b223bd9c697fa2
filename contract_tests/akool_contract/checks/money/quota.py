"""The quota at its end: what an account with nothing, or next to nothing, left is answered."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from akool_contract._findings.registry import Finding
from akool_contract._run.plan import Stage, check
from akool_contract._run.run import MAIN, SECOND
from akool_contract._wire.contract import Shape
from akool_contract._wire.errors import UnusableError
from akool_contract.checks._shared.jobs import NO_SUBMIT, TINY, may_be_refunded, submits
from akool_contract.oracle.verdict import NO_CREDIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akool_contract._findings.answer import Answer
    from akool_contract._run.run import Run

MAX_DRAIN, FEW_JOBS = 250, 25
AT_ONCE = 4
"""Submits that race for what is left."""


def _accounts(run: Run) -> list[str]:
    """The accounts to use up, the one with the least to lose first."""
    known = set(run.credentials.keys.values())
    return [account for account in ("empty", SECOND, MAIN) if account in known] or [MAIN]


def _poorest(run: Run, price: float) -> tuple[str, float]:
    """The account to find empty, or to empty, and its credit; raises UnusableError."""
    credit = 0.0
    for account in _accounts(run):
        credit = run.credit(account)
        left = run.budget.left
        affordable = left is None or credit <= left
        few = price > 0 and credit / price <= MAX_DRAIN and affordable
        if account == "empty" or credit <= TINY or few:
            return account, credit
    raise UnusableError(f"no empty account, and {credit:g} credits are too many to use up")


def _try(run: Run, name: str, account: str) -> Answer:
    """A submit that the account need not be able to pay: that it cannot is what is tried."""
    run.budget.balance = None
    return run.sender.send(run.right(name, account=account))


@check(
    "credits.never-overdrawn",
    "credits",
    "When submits arrive at once, the server accepts no more than the credits pay for.",
    needs=("submit", "codes", "state"),
    operations=(Shape.CREDIT, Shape.SUBMIT),
    together=True,
    purse=True,
    stage=Stage.LAST,
    share=0.4,
)
def overdrawn(run: Run) -> None:
    """On an account that has one job's price left, or can be brought there."""
    if run.can.live:
        raise UnusableError("others may use the account at the same time")
    name, price, account, credit = _nearly_empty(run)
    for _ in range(FEW_JOBS):
        if credit < 2 * price - TINY:
            break
        answer, before, credit = _try(run, name, account), credit, run.credit(account)
        price = before - credit  # what this account pays
        if not answer.ok or price <= TINY:
            raise UnusableError(f"{before:g} credits could not be spent: {answer.short(100)}")
    run.budget.balance = None
    reason = run.budget.refusal(name, AT_ONCE)
    if reason or not price - TINY <= credit < 2 * price - TINY:
        raise UnusableError(reason or f"one job's price could not be left over: {credit:g}")
    requests = [run.right(name, account=account)] * AT_ONCE
    taken = sum(answer.ok for answer in run.parallel.send_together(requests))
    finding = None
    if taken * price > credit + TINY and not may_be_refunded(run):
        seen = f"{taken} of {AT_ONCE} taken with {credit:g} credits, the price is {price:g}"
        finding = Finding("one submit taken, the others refused with 1006", seen)
    run.judge.expect("credits.never-overdrawn", finding, None, name)


def _dearest(run: Run, prices: Mapping[str, float]) -> tuple[str, float]:
    """The submit that costs most, and its price; 0: it has none. Raises UnusableError."""
    name = max(submits(run), key=lambda n: prices.get(n, 0.0), default="")
    if not name:
        raise UnusableError(NO_SUBMIT)
    return name, prices.get(name, 0.0)


def _nearly_empty(run: Run) -> tuple[str, float, str, float]:
    """A submit and its price, and an account that has that left a few times, with its credit.

    Raises:
        UnusableError: there is none.
    """
    left = math.inf if run.budget.left is None else run.budget.left
    prices = sorted((run.budget.prices.get(name, 0.0), name) for name in submits(run))
    prices = [(price, name) for price, name in prices if price > TINY]
    if not prices:
        raise UnusableError("no price has been measured")
    for account in _accounts(run):
        credit = run.credit(account)
        for price, name in reversed(prices):
            if price - TINY <= credit <= min(FEW_JOBS * price, left - AT_ONCE * price):
                return name, price, account, credit
    raise UnusableError(f"no account has a few times {prices[-1][0]:g} credits, the price of a job")


@check(
    "credits.refused-when-empty",
    "credits",
    "When the quota is not enough the submit is refused with 1006, and nothing is deducted.",
    needs=("submit", "codes", "state"),
    operations=(Shape.CREDIT, Shape.SUBMIT),
    together=True,
    purse=True,
    stage=Stage.LAST,
    share=0.5,
)
def when_empty(run: Run) -> None:
    """On an empty account if there is one, else by using up what little is left of one."""
    # What was seen at all, if none was measured.
    name, seen_price = _dearest(run, run.budget.prices or run.budget.highest)
    price = run.budget.prices.get(name, 0.0)
    account, credit = _poorest(run, seen_price)
    answer = _try(run, name, account)
    cost = math.inf  # of this very request, once it was paid
    for _ in range(MAX_DRAIN + 1):
        before, credit = credit, run.credit(account)
        if answer.code == NO_CREDIT:
            seen = f"credit {credit:g} after 1006"
            finding = Finding(f"credit {before:g} still", seen) if credit != before else None
            if price and before >= price - TINY:
                finding = Finding(f"no 1006: {before:g} credits, the price is {price:g}", seen)
            run.judge.expect("credits.refused-when-empty", finding, answer)
            return
        broke = before <= TINY and credit <= TINY
        due = price if cost == math.inf and broke else cost
        if answer.ok and broke and not price and cost in (0.0, math.inf):
            raise UnusableError("the account is empty, and no price has been seen")
        if answer.ok and due != math.inf and before < due - TINY:
            break
        if not answer.ok:
            raise UnusableError(f"the submit was refused for another reason: {answer.short(100)}")
        cost = before - credit
        answer = _try(run, name, account)
    finding = Finding("code 1006: the quota is not enough", answer.short())
    run.judge.expect("credits.refused-when-empty", finding, answer)
