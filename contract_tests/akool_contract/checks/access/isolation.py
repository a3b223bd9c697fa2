"""Isolation: two accounts do not see, delete or pay for each other's jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_contract._findings.registry import Finding
from akool_contract._run.plan import Stage, check
from akool_contract._run.run import MAIN, SECOND
from akool_contract.checks._shared.jobs import may_be_refunded, served

if TYPE_CHECKING:
    from akool_contract._run.run import Run

SHORT_S = 3.0


@check(
    "isolation.lists",
    "isolation",
    "One account's list does not show another account's results, alone or among its own.",
    needs=("submit", "second", "state", "codes"),
    operations=("listResults",),
    stage=Stage.ACCOUNTS,
    shows=("isolation", "state.only-what-was-asked", "state.submitted-is-listed"),
)
def lists(run: Run) -> None:
    """The model reports what should not be there."""
    mine, theirs = run.submit("swapImage"), run.submit("swapImage", account=SECOND)
    for account, other, own in ((SECOND, mine, theirs), (MAIN, theirs, mine)):
        run.look([other.id], account)
        run.look([own.id, other.id], account)
        run.look([other.id, own.id], account)
    token = next((t for t, owner in run.credentials.tokens.items() if owner == MAIN), "")
    if token:
        bearer = {"Authorization": f"Bearer {token}"}
        run.call("listResults", query={"_ids": theirs.id}, headers=bearer)
    run.waiting.until_done([mine, theirs], SHORT_S)
    run.look([mine.id], SECOND)
    run.look([theirs.id], MAIN)


@check(
    "isolation.deletes",
    "isolation",
    "One account cannot delete another account's results.",
    needs=("submit", "delete", "second", "state", "codes"),
    operations=("deleteResults", "listResults"),
    together=True,
    stage=Stage.ACCOUNTS,
)
def deletes(run: Run) -> None:
    """Whatever the answer says, the job must stay for its owner."""
    mine, theirs = run.submit("swapImage"), run.submit("swapImage", account=SECOND)
    run.waiting.until_done([mine, theirs], SHORT_S)
    for job, other in ((mine, SECOND), (theirs, MAIN)):
        run.look([job.id], job.account)
        run.delete([job.id], other)
        answer = run.look([job.id], job.account)
        gone = job.listed and job.id not in [item.get("_id") for item in answer.items]
        finding = None
        if gone:
            finding = Finding(f"{job.id} still listed for its owner", answer.short())
        run.judge.expect("isolation.deletes", finding, answer, "deleteResults")
    kinds = [kind for kind in served(run) if kind != "swapImage"]
    for kind in kinds if run.can.cheap or run.can.loopback else ():
        kept = run.submit(kind)
        run.look([kept.id])
        run.delete([kept.id], SECOND)
        run.look([kept.id])
    own = run.submit("swapImage", account=SECOND)
    run.waiting.until_done([own], SHORT_S)
    run.look([mine.id])
    run.delete([own.id, mine.id], SECOND)
    run.look([mine.id])  # the model knows that it is still there


@check(
    "isolation.credits",
    "isolation",
    "A submit is paid by the account whose credentials it carries.",
    needs=("submit", "second", "state", "codes"),
    operations=("getCredit",),
    purse=True,
    stage=Stage.ACCOUNTS,
)
def credits_apart(run: Run) -> None:
    """Both directions."""
    for payer, other in ((MAIN, SECOND), (SECOND, MAIN)):
        before = run.credit(other)
        run.submit("swapImage", account=payer)
        after = run.credit(other)
        finding = None
        if after < before or (after > before and not may_be_refunded(run)):
            seen = f"credit {after:g} after a submit of the other account"
            finding = Finding(f"credit {before:g} still", seen)
        run.judge.expect("isolation.credits", finding, None, "swapImage")
