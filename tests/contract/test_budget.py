"""A run never spends more than was allowed, but for the real price of one job."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest

from akool_contract._options import Options, Profile
from akool_contract._run.budget import Budget
from akool_contract._target.target import Capabilities
from akool_contract._wire.http import Response
from akool_contract._wire.known import SUBMITS
from akool_contract.checks.money.credit import CreditWatch
from akool_contract.oracle.credentials import Credentials
from akool_contract.oracle.operations import judge_request
from akool_contract.oracle.verdict import Outcome
from akool_contract.suite import verify
from akool_contract_proof.reference import Variant
from akool_contract_proof.reference.core import Reference
from akool_contract_proof.runner import CONTRACT

TINY = Profile("tiny", 1, 1, 1, 4, 4)
LOOKS = ("listResults", "deleteResults", "getCredit")
EPSILON = 1e-6
HAD = 100_000.0
TELLS = (
    "the truth",
    "nothing spent",
    "nothing left",
    "a hundredth",
    "that it grows",
    "no number",
    "a text",
)


def told(tells: str, charged: float) -> object:
    """What such a server says of the credit."""
    return {
        "the truth": HAD - charged,
        "nothing spent": HAD,
        "nothing left": 0,
        "a hundredth": HAD - charged / 100,
        "that it grows": HAD + charged,
        "no number": None,
        "a text": "plenty",
    }[tells]


@dataclass
class Hostile:
    """A server that takes and charges for what it likes, and tells of it what it likes.

    It need not be honest about anything: what it says of the credit, or that a job was taken.
    """

    price: float
    takes: float
    """The part of the bad requests that it takes."""
    tells: str
    charges_refused: bool
    breaks: float
    """The part of the good requests that it charges for and answers with HTTP 500 or not at all."""
    limit: float
    leave: bool
    seed: int
    far: bool = False
    """Whether it takes its time, so that several requests are on their way at once."""

    name = base_url = "http://127.0.0.1:1"
    concurrent = False
    charged: float = 0.0
    wrongly: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.time = 1_767_225_600.0
        prices = dict.fromkeys(Variant().prices, self.price)
        self.inner = Reference(Variant(prices=prices), clock=self.now, credit=HAD)
        self.inner.base = self.base_url
        main = self.inner.accounts.main
        self.credentials = Credentials(
            keys={main.key: "main"}, client_id=main.client_id, client_secret=main.key
        )
        can = Capabilities(loopback=True, submit=self.leave, delete=self.leave, clock=True)
        self.capabilities = can
        self.dice = 0

    def chance(self, part: float) -> bool:
        self.dice = (self.dice * 6364136223846793005 + self.seed + 1442695040888963407) % 2**64
        return (self.dice >> 33) / 2**31 < part

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        self.time += seconds

    def close(self) -> None:
        pass

    def send(self, request) -> Response:
        operation = CONTRACT.asked(request)
        known = operation is not None and operation.spends
        answer = self.sell(request, operation) if known else self.tell(request)
        return replace(answer, seconds=0.15 if self.far else 0.0)

    def tell(self, request) -> Response:
        answer = self.inner.handle(request)
        if not request.path.endswith("/quota/info") or answer.status != 200:
            return answer
        value = json.loads(answer.body)
        if isinstance(value.get("data"), dict):
            value["data"] = {"credit": told(self.tells, self.charged)}
        return Response(answer.status, answer.headers, json.dumps(value).encode())

    def sell(self, request, operation) -> Response:
        verdict, _ = judge_request(request, self.credentials)
        good = verdict.outcome is not Outcome.REFUSE and bool(request.operation)
        answer = self.inner.handle(request)
        taken = b'"code": 1000' in answer.body or b'"code":1000' in answer.body
        if good and self.chance(self.breaks):
            self.charged += self.price
            return Response(500, (), b"oops") if self.chance(0.5) else Response(0, fault="reset")
        if not taken and self.chance(self.takes):
            taken = True
            number = f"{self.inner.requests:024x}"
            data = {"_id": number, "job_id": number, "url": f"{self.base_url}/files/{number}.jpg"}
            body = json.dumps({"code": 1000, "msg": "OK", "data": data}).encode()
            answer = Response(200, (("Content-Type", "application/json"),), body)
        if taken:
            self.charged += self.price
            self.wrongly[operation.id] += not good
        elif self.charges_refused:
            self.charged += self.price
        return answer


def hostile(number: int) -> tuple[Hostile, float]:
    """A server, and what the person says of its price: the truth, where it is hidden."""
    draw = random.Random(number)  # noqa: S311 - repeatable
    tells = draw.choice(TELLS)
    price = draw.choice([0.01, 0.5, 3.0, 4.0, 7.5, 20.0, 90.0])
    honest = tells == "the truth"
    server = Hostile(
        price=price,
        takes=draw.choice([0.0, 0.1, 0.5, 1.0]),
        tells=tells,
        charges_refused=draw.choice([True, False]),
        breaks=draw.choice([0.0, 0.0, 0.1, 1.0]),
        limit=draw.choice([1.0, 4.0, 10.0, 25.0, 60.0]),
        leave=draw.choice([True, True, False]),
        seed=number,
        far=number % 2 == 1,
    )
    known = honest or price <= min(CONTRACT.prices.values())
    return server, 0.0 if known and draw.choice([True, False]) else price


SERVERS = 200 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 24


@pytest.mark.parametrize("number", range(SERVERS))
def test_whatever_a_server_charges_for_and_says_a_run_overspends_by_one_job_at_most(number) -> None:
    server, stated = hostile(number)
    options = Options(
        profile=TINY,
        seed=number,
        operations=(*random.Random(number).sample(SUBMITS, 2), *LOOKS),  # noqa: S311 - repeatable
        allow_submit=server.leave,
        allow_delete=server.leave,
        max_credits=server.limit if server.leave else 0.0,
        price=stated,
        job_timeout=1.0,
        webhook_patience=0.1,
        list_grace=0.1,
    )
    report = verify(server, CONTRACT, options)
    if server.leave:
        assert server.charged <= server.limit + server.price + EPSILON
    else:
        assert max(server.wrongly.values(), default=0) <= 1
    hidden = server.charges_refused and server.tells != "the truth"  # nobody can know of it
    known = server.tells == "the truth" or server.price <= (stated or min(CONTRACT.prices.values()))
    if known and not hidden:
        assert report.credits_spent >= server.charged - EPSILON


def spend(server: Hostile, **chosen):
    """A run with everything allowed that knows no price, on such a server."""
    options = Options(
        profile=TINY,
        operations=("swapImage", "swapPlus", *LOOKS),
        allow_submit=True,
        allow_delete=True,
        max_credits=server.limit,
        job_timeout=1.0,
        webhook_patience=0.1,
        list_grace=0.1,
    )
    return verify(server, CONTRACT, replace(options, **chosen))


def lying(kind=Hostile, **changes) -> Hostile:
    """A server that breaks nothing but its promises about money, unless told to."""
    settled = {"takes": 0.0, "tells": "the truth", "charges_refused": False, "breaks": 0.0}
    return kind(**({"price": 30.0, "limit": 60.0, "leave": True, "seed": 1} | settled | changes))


@pytest.mark.parametrize("far", [False, True])
@pytest.mark.parametrize("takes", [0.0, 1.0])
@pytest.mark.parametrize("tells", [tells for tells in TELLS if tells != "the truth"])
def test_a_price_beyond_the_contract_that_the_credit_hides_is_paid_once(tells, takes, far) -> None:
    server = lying(tells=tells, takes=takes, far=far, limit=20.0)
    spend(server)
    assert server.charged <= server.limit + server.price


def test_a_credit_that_does_not_fall_with_the_first_job_is_told_though_no_other_is_paid() -> None:
    report = spend(lying(tells="nothing spent"))
    assert "credits.deducted-at-submission" in {v.check for v in report.violations}
    assert any("--price" in entry.reason for entry in report.not_run)


def test_a_stated_price_lets_a_run_go_on_though_the_credit_hides_it() -> None:
    server = lying(tells="a hundredth", limit=300.0)
    spend(server, price=30.0)
    assert server.charged > server.price
    assert server.charged <= server.limit


def test_a_cheap_server_is_believed() -> None:
    server = lying(price=1.0, limit=100.0)
    spend(server)
    assert server.charged > 5 * server.price


@dataclass
class PutsOff(Hostile):
    """Refuses every right submit as too frequent, and charges for it."""

    def sell(self, request, operation) -> Response:
        verdict, _ = judge_request(request, self.credentials)
        if verdict.outcome is Outcome.REFUSE or not request.operation:
            return super().sell(request, operation)
        self.charged += self.price
        body = b'{"code": 1005, "msg": "Operation is too frequent"}'
        return Response(200, (("Content-Type", "application/json"),), body)


@pytest.mark.parametrize("tells", TELLS)
def test_a_submit_that_is_put_off_is_sent_again_only_while_the_budget_bears_it(tells) -> None:
    delayed = lying(PutsOff, tells=tells, price=4.0, limit=12.0)
    spend(delayed)
    assert delayed.charged <= delayed.limit + delayed.price


@dataclass
class SellsLooks(Hostile):
    """Charges a credit for each list."""

    def send(self, request) -> Response:
        if request.path.endswith("/result/listbyids"):
            self.charged += 1.0
        return super().send(request)


def test_a_run_ends_once_looks_that_must_be_free_have_used_up_the_budget() -> None:
    selling = lying(SellsLooks, price=4.0, limit=30.0)
    report = spend(selling)
    assert "credits.only-submits-cost" in {v.check for v in report.violations}
    assert "must be free" in report.error
    assert selling.charged <= 2 * selling.limit


@pytest.mark.parametrize(("limit", "sent"), [(5.0, False), (1_000.0, True)])
def test_what_a_lost_connection_has_sent_again_is_sent_only_if_it_can_be_paid_twice(limit, sent):
    asked = []

    @dataclass
    class Listens(Hostile):
        def sell(self, request, operation) -> Response:
            asked.append(request.header("connection") == "keep-alive")
            return super().sell(request, operation)

    spend(lying(Listens, price=4.0, limit=limit), checks=("wire.kept-connection",))
    assert any(asked) == sent


def test_a_job_is_never_counted_as_less_than_its_estimate() -> None:
    budget = Budget(100.0, {"swapImage": 4.0})
    budget.saw(1000.0)
    budget.book("swapImage")
    budget.saw(999.96)
    assert budget.spent == pytest.approx(4.0)


def test_a_fall_of_the_credit_that_no_job_explains_is_spent_too() -> None:
    budget = Budget(100.0, {"swapImage": 4.0})
    budget.saw(1000.0)
    assert budget.saw(990.0)
    assert budget.spent == pytest.approx(10.0)


def test_before_a_price_is_known_the_dearest_of_the_contract_is_assumed() -> None:
    budget = Budget(9.0, {"swapImage": 4.0, "swapVideo": 10.0})
    assert "10" in budget.refusal("swapImage")
    assert Budget(9.0, {"swapVideo": 10.0}, stated=5.0).refusal("swapImage") == ""


def test_a_price_that_was_seen_of_one_operation_is_expected_of_the_others() -> None:
    budget = Budget(100.0, {"swapImage": 4.0, "swapVideo": 10.0})
    budget.saw(1000.0)
    budget.book("swapImage")
    budget.saw(975.0)
    assert budget.price("swapPlus") == pytest.approx(25.0)
    assert budget.spent == pytest.approx(25.0)


def test_an_account_with_few_credits_keeps_some_for_the_last_checks() -> None:
    budget = Budget(1000.0, {"dear": 10.0, "cheap": 4.0})
    assert not budget.tight
    budget.saw(60.0)
    assert budget.tight
    budget.saw(23.0)
    budget.share(1.0)
    assert "23 credits left" in budget.refusal("cheap")
    budget.share(1.0, last=True)
    assert budget.refusal("cheap") == ""


def watched(*refunds: float):
    """What is found of refunds: of five jobs at 4 credits each, two have failed."""
    run, found = SimpleNamespace(), []
    jobs = {str(number): SimpleNamespace(status=4 if number < 2 else 3) for number in range(5)}
    run.ledger = SimpleNamespace(jobs=jobs)
    run.payments = SimpleNamespace(accepted=0, paid=dict.fromkeys(jobs, 4.0))
    run.contract = SimpleNamespace(credit="getCredit")
    run.judge = SimpleNamespace(expect=lambda _name, finding, *_: found.append(finding))
    run.can = SimpleNamespace(live=False, codes=True, state=True)
    run.guard = SimpleNamespace(serves=lambda _name: True)
    run.auth = lambda: {"x-api-key": "key"}
    run.sender = SimpleNamespace(sent=0)
    watch = CreditWatch(run)
    for credit in (100.0, *(80.0 + sum(refunds[: n + 1]) for n in range(len(refunds)))):
        run.balance = lambda credit=credit: credit
        run.sender.sent += 1
        watch.checked("a check")
        run.payments.accepted += 1
    return [finding for finding in found if finding]


def test_a_failed_job_gives_back_what_it_cost_and_no_more() -> None:
    assert watched(4.0, 4.0) == []
    assert watched(4.0, 8.0)[0].cause == "too much came back"
