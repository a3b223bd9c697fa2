"""Isolation: two accounts do not see, delete or pay for each other's jobs."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from akool_contract._findings.registry import Finding
from akool_contract._run.plan import Stage, check
from akool_contract._run.run import MAIN, SECOND
from akool_contract._wire.contract import Shape
from akool_contract.checks._shared.jobs import kinds, may_be_refunded, submits, told_of

if TYPE_CHECKING:
    from akool_contract._run.run import Run

SHORT_S = 3.0


@check(
    "isolation.lists",
    "isolation",
    "One account's list does not show another account's results, alone or among its own.",
    needs=("submit", "second", "state", "codes"),
    operations=(Shape.SUBMIT, Shape.POLL),
    together=True,
    stage=Stage.ACCOUNTS,
    shows=(
        "isolation",
        "state.only-what-was-asked",
        "state.submitted-is-listed",
        "auth.secret-matches",
    ),
)
def lists(run: Run) -> None:
    """The model reports what should not be there."""
    for name in kinds(run):
        mine, theirs = run.submit(name), run.submit(name, account=SECOND)
        poll = mine.spec.poll
        for account, other, own in ((SECOND, mine, theirs), (MAIN, theirs, mine)):
            run.name_ids(poll, [other.id], account)
            if poll.separator is not None:
                run.name_ids(poll, [own.id, other.id], account)
                run.name_ids(poll, [other.id, own.id], account)
        token = next((t for t, owner in run.credentials.tokens.items() if owner == MAIN), "")
        if token:
            bearer = {"Authorization": f"Bearer {token}"}
            run.sender.send(run.naming(poll, [theirs.id], credentials=bearer))
        run.waiting.until_done([mine, theirs], SHORT_S)
        run.name_ids(poll, [mine.id], SECOND)
        run.name_ids(poll, [theirs.id], MAIN)
    _secrets_apart(run)


def _secrets_apart(run: Run) -> None:
    """Another account's secret gets no token for this one."""
    theirs = next((k for k, owner in run.credentials.keys.items() if owner == SECOND), "")
    mine = run.credentials.client_id
    if mine and run.ledger.apart(MAIN, SECOND) and run.guard.knows("getToken"):
        run.call("getToken", body={"clientId": mine, "clientSecret": theirs}, headers={})


@check(
    "isolation.deletes",
    "isolation",
    "One account cannot delete another account's results.",
    needs=("submit", "delete", "second", "state", "codes"),
    operations=(Shape.DELETE, Shape.POLL),
    together=True,
    stage=Stage.ACCOUNTS,
)
def deletes(run: Run) -> None:
    """Whatever the answer says, the job must stay for its owner."""
    first = kinds(run)
    for name in first:
        _of_one_kind(run, name)
    known = run.contract.operations
    others = [name for name in submits(run) if known[name].secured and name not in first]
    for name in others if run.can.cheap or run.can.loopback else ():
        kept = run.submit(name)
        if kept.spec.delete:
            run.look_at([kept])
            run.name_ids(kept.spec.delete, [kept.id], SECOND)
            run.look_at([kept])


def _of_one_kind(run: Run, name: str) -> None:
    mine, theirs = run.submit(name), run.submit(name, account=SECOND)
    poll, delete = mine.spec.poll, mine.spec.delete
    if delete is None:
        run.collector.skip("isolation.deletes", "x-job names no deletion", name)
        return
    run.waiting.until_done([mine, theirs], SHORT_S)
    for job, other in ((mine, SECOND), (theirs, MAIN)):
        run.look_at([job])
        run.name_ids(delete, [job.id], other)
        answer = run.name_ids(poll, [job.id], job.account)
        finding = None
        if job.listed and not told_of(answer, job):
            finding = Finding(f"{job.id} still listed for its owner", answer.short())
        run.judge.expect("isolation.deletes", finding, answer, delete.operation)
    if delete.separator is None:
        return
    own = run.submit(name, account=SECOND)
    run.waiting.until_done([own], SHORT_S)
    run.look_at([mine])
    run.name_ids(delete, [own.id, mine.id], SECOND)
    run.look_at([mine])  # the model knows that it is still there


@check(
    "isolation.credits",
    "isolation",
    "A submit is paid by the account whose credentials it carries.",
    needs=("submit", "second", "state", "codes"),
    operations=(Shape.CREDIT, Shape.SUBMIT),
    together=True,
    purse=True,
    stage=Stage.ACCOUNTS,
)
def credits_apart(run: Run) -> None:
    """Both directions."""
    for name, (payer, other) in product(kinds(run), ((MAIN, SECOND), (SECOND, MAIN))):
        before = run.credit(other)
        run.submit(name, account=payer)
        after = run.credit(other)
        finding = None
        if after < before or (after > before and not may_be_refunded(run)):
            seen = f"credit {after:g} after a submit of the other account"
            finding = Finding(f"credit {before:g} still", seen)
        run.judge.expect("isolation.credits", finding, None, name)
