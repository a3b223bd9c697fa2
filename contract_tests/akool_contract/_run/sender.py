"""Sends the requests that are allowed, within the rate limit, and judges the answers."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from akool_contract._findings.answer import Answer
from akool_contract._findings.registry import Finding, clause
from akool_contract._run.money import Money
from akool_contract._target.rounds import Rounds
from akool_contract._target.target import MAX_REDIRECTS, REDIRECTS
from akool_contract._wire.errors import TargetDownError, UnusableError
from akool_contract._wire.http import Exchange, Request
from akool_contract.oracle.operations import judge_request
from akool_contract.oracle.verdict import TOO_OFTEN, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from akool_contract._findings.collector import Collector
    from akool_contract._findings.coverage import Coverage
    from akool_contract._run.budget import Budget
    from akool_contract._run.guard import Guard
    from akool_contract._run.judge import Judge
    from akool_contract._target.clock import Clock, Pace
    from akool_contract._target.target import Target
    from akool_contract._wire.contract import Contract, Operation
    from akool_contract._wire.http import Response

    Judged = tuple[Verdict, str]
    """The oracle's verdict on a request, and the account of its credentials."""
    Follower = Callable[[Sequence[Answer]], None]
    """Called with answers that came together, once all of them are judged."""

STARVED = (
    "this machine was too busy to read an answer in time ({}): run it again, or with --timeout"
)
MAX_SILENT = 3
"""So many requests in sequence without any answer end the run."""
UNAVAILABLE, MAX_UNAVAILABLE = 503, 20
"""The same for a server that answers that it is unavailable."""
PATIENCE_1005 = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 35.0)
"""Pauses, in seconds, before a request that was refused as too frequent is sent again."""
TOO_MANY_REQUESTS = 429
RATE = clause(
    "rules.rate-limit-ends",
    "rules",
    "1005 means that requests came too often. After a pause they are answered.",
)


class Sender:
    """One request, one judged answer."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of a run that a request passes through
        self,
        target: Target,
        contract: Contract,
        clock: Clock,
        pace: Pace,
        guard: Guard,
        budget: Budget,
        judge: Judge,
        collector: Collector,
        coverage: Coverage,
        most: int,
    ) -> None:
        self.target, self._contract = target, contract
        self._can, self._credentials = target.capabilities, target.credentials
        self._clock = clock
        self._guard, self._judge, self.collector = guard, judge, collector
        self._coverage = coverage
        self.rounds = Rounds(target, clock, pace, self._noted, guard.takes_from, most)
        self.money = Money(self.rounds, contract, budget, self._can)
        clock.waiter = self.rounds.wait
        self._silent = self._unavailable = 0
        self.deadline = math.inf
        """When the run has to end, by the monotonic clock."""
        self.sent = 0
        """Requests so far."""
        self.latencies: dict[str, list[float]] = defaultdict(list)
        """Seconds of each answer, by operation."""
        self.listeners: list[Callable[[Exchange], None]] = []
        """Told of every exchange, as it comes."""
        self.followers: list[Follower] = []
        self.files_origin = urlsplit(target.base_url).netloc

    # -- one request --------------------------------------------------------------------------

    def send(self, request: Request) -> Answer:
        """Sends a request if it may be sent, and judges the answer in every respect."""
        self.in_time()
        judged = self.judged(request)
        with self.money.lane([request], [judged[0]]):
            first = answer = self._once(request, judged)
            for pause in PATIENCE_1005:
                if not too_often(answer):
                    break
                self.rounds.slower()
                self.settle([answer])
                self._clock.wait(pause)
                answer = self._once(request, judged)
            if too_often(answer):
                self._never_ends(answer)
            elif answer is not first:
                self._judge.note(RATE.name, None, answer)
            self.settle([answer])
        return answer

    def in_time(self) -> None:
        """Raises TargetDownError when the run's time is over."""
        if time.monotonic() > self.deadline:
            raise TargetDownError("the time of --max-time is over")

    def judged(self, request: Request) -> Judged:
        """The oracle's verdict on a request, as far as it applies to this target."""
        if not self._contract.knows(request.operation):
            request = replace(request, operation="")  # no rules but the contract's
        verdict, account = judge_request(request, self._credentials)
        return (verdict if self._can.codes else verdict.without_codes()), account

    def _once(self, request: Request, judged: Judged) -> Answer:
        self._guard.allow(request, judged[0])
        exchange = self.exchange(request)
        try:
            return self.answer(exchange, judged)
        except TargetDownError:
            self._tell([self._unjudged(exchange, judged)])
            raise

    def answers(self, exchanges: Sequence[Exchange], judged: Sequence[Judged]) -> list[Answer]:
        """Judges and settles all answers that came together, even if the target went down."""
        answers: list[Answer] = []
        down: TargetDownError | None = None
        for exchange, verdict in zip(exchanges, judged, strict=True):
            try:
                answers.append(self.answer(exchange, verdict))
            except TargetDownError as error:
                down = error
                answers.append(self._unjudged(exchange, verdict))
        if down is not None:
            self._tell(answers)
            raise down
        self.settle(answers)
        return answers

    def _unjudged(self, exchange: Exchange, judged: Judged) -> Answer:
        return self._made(
            exchange, self._contract.operations.get(exchange.request.operation), *judged
        )

    def _tell(self, answers: Sequence[Answer]) -> None:
        for follower in self.followers:
            follower(answers)

    def _never_ends(self, answer: Answer) -> None:
        """The operation is refused as too frequent, however long we wait."""
        self._guard.unserved.add(answer.name)
        seconds = sum(PATIENCE_1005)
        if not self._can.live:
            seen = f"{answer.short()} for {seconds:g} s"
            self._judge.report(RATE.name, Finding("an answer after a pause", seen), answer)
        raise UnusableError(f"{answer.name} is refused as too frequent for {seconds:g} s")

    # -- its parts ----------------------------------------------------------------------------

    def exchange(self, request: Request) -> Exchange:
        """Sends a request as it is: recorded, but neither judged nor held back."""
        return self.rounds.exchange([request])[0]

    def probe(self, request: Request) -> Response:
        """Sends a request only to see whether the server answers.

        The answer is not judged, unless it accepts what it must refuse. Its cost is booked as
        always.
        """
        judged = self.judged(request)
        operation = self._contract.operations.get(request.operation)
        with self.money.lane([request], [judged[0]]):
            self._guard.allow(request, judged[0])
            exchange = self.exchange(request)
            answer = self._made(exchange, operation, *judged)
            if answer.accepted_wrongly:
                self._judge.look(answer)
            self.settle([answer])
        return exchange.response

    def _noted(
        self, request: Request, response: Response, seconds: float, together: int
    ) -> Exchange:
        """Counts a request that was sent, and tells the listeners."""
        self.sent += 1
        if response.seconds is not None:
            seconds = response.seconds
        self.collector.asked(seconds)
        at = time.time() if response.at is None else response.at
        exchange = Exchange(self.sent, request, response, seconds, at, together)
        for listener in self.listeners:
            listener(exchange)
        return exchange

    def answer(self, exchange: Exchange, judged: Judged) -> Answer:
        """Judges an answer; raises TargetDownError once there are no answers any more."""
        operation = self._contract.operations.get(exchange.request.operation)
        answer = self._made(exchange, operation, *judged)
        if exchange.response.starved:
            return answer  # it is no answer of the server's: `settle` ends the check
        if operation:
            self.latencies[operation.id].append(exchange.seconds)
        self._silence(answer)
        self._coverage.see(answer)
        if answer.own_refusal and not self._can.codes:
            what = f"HTTP {answer.status} in a form of the target's own"
            self._coverage.note("status", answer.name, what, "its refusal, not the contract's")
        self._judge.look(answer)
        return answer

    def _made(
        self,
        exchange: Exchange,
        operation: Operation | None,
        verdict: Verdict,
        account: str,
        *,
        is_file: bool = False,
    ) -> Answer:
        known, mask = self._credentials, self._judge.mask
        return Answer(
            exchange, operation, verdict, account, self._contract, known, mask, is_file=is_file
        )

    def settle(self, answers: Sequence[Answer]) -> None:
        """Passes answers that came together to the run; raises findings of a generated test.

        Raises:
            FoundError: inside a generated test, when something new is wrong.
            UnusableError: this machine was too busy to read one of them.
        """
        self._tell(answers)
        starved = [answer for answer in answers if answer.exchange.response.starved]
        if starved:
            raise UnusableError(STARVED.format(starved[0].exchange.response.fault))
        self.collector.flush()

    def _silence(self, answer: Answer) -> None:
        self._unavailable = self._unavailable + 1 if answer.status == UNAVAILABLE else 0
        if self._unavailable >= MAX_UNAVAILABLE:
            self._judge.look(answer)
            raise TargetDownError(f"the target answered HTTP 503 {MAX_UNAVAILABLE} times in a row")
        if not answer.exchange.response.fault or answer.status:
            self._silent = 0
            return
        self._silent += 1
        if self._silent >= MAX_SILENT:
            self._judge.look(answer)
            fault = answer.exchange.response.fault
            raise TargetDownError(f"the target does not answer any more ({fault})")

    # -- files --------------------------------------------------------------------------------

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Gets a result file: no credentials, no business rules."""
        extra = tuple((headers or {}).items())
        exchange = self.exchange(Request("GET", url, extra))
        for _ in range(MAX_REDIRECTS):
            # File stores redirect; to another host only in a live run.
            there = exchange.response.header("location")
            if exchange.response.status not in REDIRECTS or not there:
                break
            url = urljoin(url, there)
            if not self.is_own_file(url):
                break
            exchange = self.exchange(Request("GET", url, extra))
        if exchange.response.starved:
            raise UnusableError(STARVED.format(exchange.response.fault))
        verdict = Verdict(Outcome.OPEN)
        return self._made(exchange, None, verdict, "", is_file=True)

    def is_own_file(self, url: str) -> bool:
        """Whether a file's address is on the target itself, or the run is a live one."""
        return urlsplit(url).netloc == self.files_origin or self._can.live


def too_often(answer: Answer) -> bool:
    """Whether this says that calls came too often, and nothing else."""
    refused = answer.verdict.outcome is Outcome.REFUSE
    if refused and answer.apart:
        return False
    return answer.code == TOO_OFTEN or answer.status == TOO_MANY_REQUESTS
