"""Credits: deducted at submission, once, and for nothing else."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from akool_contract._findings.job import FAILED, SUCCESS
from akool_contract._findings.registry import Finding, clause, passive
from akool_contract._run.observers import Observer
from akool_contract._run.payments import ONLY_SUBMITS
from akool_contract._run.plan import Stage, check, observer
from akool_contract._run.run import MAIN
from akool_contract._wire.contract import Shape
from akool_contract._wire.errors import UnusableError
from akool_contract._wire.strict_json import read_object
from akool_contract.checks._shared.jobs import (
    TINY,
    credit_is_off,
    hooked,
    may_be_refunded,
    submits,
)
from akool_openapi.operations import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_contract._findings.answer import Answer
    from akool_contract._findings.job import Job
    from akool_contract._run.run import Run
    from akool_contract._wire.http import Request

TAKEN = "a submit was taken that must be refused: its rule says so, and it was paid"
SAME_PRICE = "credits.same-price"


@passive(
    "credits.never-negative",
    "credits",
    "The credit is a number that is not negative.",
    when=lambda answer: answer.ok and answer.name == answer.contract.credit,
)
def never_negative(answer: Answer) -> Iterator[Finding]:
    """On every answer that tells it."""
    value = answer.data.get("credit")
    if isinstance(value, (int, float)) and value < 0:
        yield Finding("a credit of 0 or more", f"credit {value}")


def _unchanged(run: Run, name: str, before: float, what: str, operation: str) -> float:
    after = run.credit()
    finding = None
    if credit_is_off(run, before, after):
        finding = Finding(f"credit {before:g} still", f"credit {after:g} after {what}", what)
    run.judge.expect(name, finding, None, operation)
    return after


@check(
    "credits.deducted-at-submission",
    "credits",
    "Credits are deducted at submission.",
    needs=("submit", "codes", "state"),
    operations=(Shape.CREDIT, Shape.SUBMIT),
    together=True,
    purse=True,
    stage=Stage.PRICES,
)
def deducted(run: Run) -> None:
    """The credit falls with the accepted submit, on every kind of job."""
    for name in submits(run):
        seen = run.payments.cost_of(name)
        if run.budget.tight and seen > TINY:
            run.budget.prices[name] = seen
            run.judge.expect("credits.deducted-at-submission", None, None, name)
            continue
        try:
            finding = _first_unpaid(run, name) or _not_deducted(run, name)
            if finding and may_be_refunded(run):
                # A refund may have hidden the price once, but not every time.
                finding = _not_deducted(run, name) and _not_deducted(run, name)
        except UnusableError as error:
            run.collector.skip("credits.deducted-at-submission", error.reason, name)
            continue
        run.judge.expect("credits.deducted-at-submission", finding, None, name)


def _first_unpaid(run: Run, name: str) -> Finding | None:
    """If the first job shows no price, and none was stated, no other job may be paid."""
    first = run.payments.unpaid
    if first is None or first[0] != name or run.budget.stated or may_be_refunded(run):
        return None
    return Finding(f"a credit below {first[1]:g}", f"credit {first[2]:g} after {name}")


def _not_deducted(run: Run, name: str) -> Finding | None:
    before, after = _around(run, name)
    if after >= before:
        return Finding(f"a credit below {before:g}", f"credit {after:g} after {name}")
    if before - after > TINY:
        run.budget.prices[name] = max(before - after, run.budget.prices.get(name, 0.0))
    return None


def _around(run: Run, name: str) -> tuple[float, float]:
    """The credit before and after a submit.

    A job that ends meanwhile must not be taken for the payment of this one: if jobs are paid at
    their end, the credit falls once more until all have ended.
    """
    others = [job for job in run.ledger.jobs.values() if not job.done and not job.deleted]
    before, job, after = run.credit(), run.submit(name), run.credit()
    run.look_at(others)
    if any(other.done for other in others):
        run.waiting.until_done([*others, job])
        if run.credit() < after - TINY:
            return before, before
    return before, after


@check(
    SAME_PRICE,
    "credits",
    "The same request costs the same each time.",
    needs=("submit", "codes", "state"),
    operations=(Shape.CREDIT, Shape.SUBMIT),
    together=True,
    purse=True,
    stage=Stage.PRICES,
)
def same_price(run: Run) -> None:
    """Three equal submits, one of them with a webhook."""
    if run.can.live:
        raise UnusableError("others may use the account at the same time")
    hooks = (False, True, False)
    for name in submits(run) if run.can.cheap else submits(run)[:1]:
        costs: list[float] = []
        if run.budget.tight:
            run.submit(name)  # like one of the first jobs: `credits.same-price-always` compares
            continue
        for hook in hooks * 2 if run.can.cheap else hooks:
            before = run.credit()
            run.submit(name, hooked(run, name, "price") if hook else {})
            costs.append(round(before - run.credit(), 6))
        _same(run, SAME_PRICE, costs, name)


def _same(run: Run, check: str, costs: list[float], name: str) -> None:
    finding = None
    if max(costs) - min(costs) > TINY and not may_be_refunded(run):
        finding = Finding(f"the same cost {len(costs)} times", f"costs {sorted(set(costs))}")
    run.judge.expect(check, finding, None, name)


@check(
    "credits.same-price-always",
    "credits",
    "The same request costs the same each time, whenever it is sent.",
    needs=("submit", "codes", "state"),
    operations=(Shape.CREDIT, Shape.SUBMIT),
    together=True,
    stage=Stage.LAST,
)
def same_price_always(run: Run) -> None:
    """Every equal submit of the run, where its cost was seen."""
    if run.can.live:
        raise UnusableError("others may use the account at the same time")
    told = {v.operation for v in run.collector.violations.values() if v.check == SAME_PRICE}
    for request, costs in run.payments.costs.items():
        name = request.partition(" ")[0]
        if name in told:
            run.collector.skip("credits.same-price-always", f"{SAME_PRICE} told of it", name)
        elif len(costs) > 1:
            _same(run, "credits.same-price-always", costs, name)


REFUNDS = clause(
    "credits.refunds-bounded",
    "credits",
    "No more is refunded than what jobs cost that did not succeed.",
    needs=("submit",),
)


@observer
class CreditWatch(Observer):
    """Compares the credit before and after every check that submitted nothing."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._known: float | None = None
        self._start: float | None = None
        """The credit before anything was submitted."""
        self._seen = (-1, -1)

    def checked(self, what: str) -> None:
        """After a check: what is the credit, and may it be another than before?"""
        run = self._run
        unusable = run.can.live or not (run.can.codes and run.can.state)
        if (
            unusable
            or run.sender.sent == self._seen[0]
            or not run.guard.serves(run.contract.credit or "")
            or not run.auth()
        ):
            return
        before, accepted = self._known, self._seen[1]
        self._known = run.balance()
        self._seen = (run.sender.sent, run.payments.accepted)
        self._bounded(what)
        if before is None or self._known is None or accepted != run.payments.accepted:
            return
        finding = None
        if credit_is_off(run, before, self._known):
            seen = f"credit {self._known:g} after {what}"
            finding = Finding(f"credit {before:g} still", seen, what)
        run.judge.expect(ONLY_SUBMITS.name, finding, None, run.contract.credit or "")
        self._seen = (run.sender.sent, run.payments.accepted)

    def _kept(self) -> float:
        """Credits that nobody gives back: what each job cost that is seen to have succeeded."""
        jobs, paid = self._run.ledger.jobs, self._run.payments.paid
        done = (paid[name] for name in paid if name in jobs and jobs[name].status == SUCCESS)
        return sum(max(0.0, cost) for cost in done)

    def _bounded(self, what: str) -> None:
        run, known = self._run, self._known
        failed = any(job.status == FAILED for job in run.ledger.jobs.values())
        if not run.payments.accepted:
            self._start = known
        elif failed and self._start is not None and known is not None:
            finding, most = None, self._start - self._kept()
            if known > most + TINY:
                seen = f"credit {known:g} after {what}"
                finding = Finding(f"at most {most:g} credits", seen, "too much came back")
            run.judge.expect(REFUNDS.name, finding, None, run.contract.credit or "")


@check(
    "credits.deducted-once",
    "credits",
    "A job is paid once. Polling it, its end and its deletion change no credits.",
    needs=("submit", "codes", "state"),
    operations=(Shape.CREDIT, Shape.POLL),
    together=True,
    purse=True,
    stage=Stage.WHOLE_LIVES,
)
def once(run: Run) -> None:
    """From the submit to the end of a job; a failed job may be refunded."""
    for name in submits(run)[: 1 if run.budget.limit is not None else None]:
        start = run.credit()
        job = _running(run) if run.budget.tight else None
        if job is None:
            job = run.submit(name, hooked(run, name, "once"))
        paid = run.credit()
        for _ in range(3):
            run.look_at([job])
        _unchanged(run, "credits.deducted-once", paid, "looking at the job", name)
        done = run.waiting.until_done([job])
        after = run.credit()
        most = math.inf if job.status == FAILED and run.budget.tight else start
        most = most if job.status == FAILED else paid
        wrong = credit_is_off(run, paid, after, most)
        seen = f"credit {after:g} at status {job.status}"
        finding = Finding(f"credit {paid:g} as after the submit", seen) if wrong else None
        run.judge.expect("credits.deducted-once", finding, None, name)
        if done and run.can.delete and job.status == SUCCESS and job.spec.delete:
            run.name_ids(job.spec.delete, [job.id])
            _unchanged(run, "credits.deducted-once", after, "deleting the result", name)


def _running(run: Run) -> Job | None:
    """The newest job of the main account that has some way to go."""
    return next((job for job in reversed(run.ledger.of(MAIN)) if not job.done), None)


@check(
    "credits.reading-is-free",
    "credits",
    "Only submits cost credits.",
    needs=("codes",),
    operations=(Shape.CREDIT,),
    purse=True,
    stage=Stage.FREE,
)
def reading_is_free(run: Run) -> None:
    """Each operation that only reads, the question itself among them."""
    before = run.credit()
    for name, operation in run.contract.operations.items():
        if operation.effect is not Effect.READS or not run.guard.serves(name):
            continue
        try:
            run.sender.send(run.right(name))
        except UnusableError as error:
            run.collector.skip("credits.reading-is-free", error.reason, name)
            continue
        before = _unchanged(run, "credits.reading-is-free", before, f"a {name}", name)


@check(
    "credits.refusal-is-free",
    "credits",
    "A refused submit costs nothing.",
    needs=("codes",),
    operations=(Shape.CREDIT, Shape.SUBMIT),
    together=True,
    purse=True,
    stage=Stage.FREE,
)
def refusal_is_free(run: Run) -> None:
    """One refusal of each sort on every kind of job."""
    before, requests = run.credit(), []
    for name in submits(run):
        mine = _refusals(run, name)
        if run.parallel.far():
            requests += mine
            continue
        taken = run.payments.accepted
        if run.parallel.send_all(mine):
            raise UnusableError(run.guard.refused)
        if run.payments.accepted > taken:
            before = run.credit()
            run.collector.skip("credits.refusal-is-free", TAKEN, name)
            continue
        before = _unchanged(run, "credits.refusal-is-free", before, "refused submits", name)
    if requests:
        taken = run.payments.accepted
        run.parallel.send_all(requests)
        if run.payments.accepted > taken:
            raise UnusableError(TAKEN)
        _unchanged(run, "credits.refusal-is-free", before, "refused submits", requests[0].operation)


def _refusals(run: Run, name: str) -> list[Request]:
    """Requests for a job that must be refused: for their bodies, and for whose they are."""
    right, known = run.right(name), run.contract.knows(name)
    if not (known or run.can.submit):
        return []  # without rules of its own nothing is sure to be refused
    body = read_object(right.body)
    first = next(iter(body), "")
    broken = [{}, {**body, first: ""}, {k: v for k, v in body.items() if k != first}]
    if known and "sourceImage" in body:
        faces = body["sourceImage"] * 9
        broken += [{**body, "sourceImage": [{"path": "not a url"}]}]
        if name in run.contract.rules.get("at-most-eight-faces", ()):
            broken.append({**body, "sourceImage": faces, "targetImage": faces})
    if not known:
        operation = run.contract.operations[name]
        broken = [bad for bad in broken if run.contract.request_errors(operation, bad)]
    nobody = {"x-api-key": "no-such-key-at-all"}
    sent = body if run.can.submit else {}
    return [
        *(run.right(name, bad) for bad in broken),
        run.request(name, body=sent, headers=nobody),
    ]
