"""Requests whose order does not matter, sent several at a time to a server that is far away."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from akool_contract._run.money import ASKED, PAID, REFUSED
from akool_contract._run.sender import too_often
from akool_contract._wire.errors import UnusableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from akool_contract._findings.answer import Answer
    from akool_contract._options import Options
    from akool_contract._run.budget import Budget
    from akool_contract._run.guard import Guard
    from akool_contract._run.sender import Judged, Sender
    from akool_contract._target.target import Capabilities
    from akool_contract._wire.http import Request

PAID_TOGETHER = 8
"""Most submits of one check in flight at once."""
FAR_S = 0.03
"""A server whose answers usually take longer is asked several things at once."""


def _mixed(requests: list[Request]) -> list[Request]:
    """The requests of each operation spread evenly, so that expensive ones do not come together."""
    count = Counter(request.operation for request in requests)
    seen: Counter[str] = Counter()
    places: list[tuple[float, int]] = []
    for number, request in enumerate(requests):
        places.append((seen[request.operation] / count[request.operation], number))
        seen[request.operation] += 1
    return [requests[number] for _, number in sorted(places)]


class Parallel:
    """Sends several requests at once; what comes back is judged in their order."""

    def __init__(
        self, sender: Sender, guard: Guard, budget: Budget, can: Capabilities, options: Options
    ) -> None:
        self._sender, self._guard, self._budget = sender, guard, budget
        self._can, self._options = can, options
        self._is_far: bool | None = None

    def far(self) -> bool:
        """Whether answers take so long that waiting for several at once is worth it."""
        if self._is_far is None:
            every = sorted(s for values in self._sender.latencies.values() for s in values)
            usual = every[len(every) // 2] if every else 0.0
            self._is_far = usual > FAR_S and self._options.concurrency > 1
        return self._is_far

    def send_together(self, requests: list[Request]) -> list[Answer]:
        """Sends requests at the same time, and judges their answers one after the other.

        Raises:
            UnusableError: one of them may not be sent; then none is.
        """
        judged = [self._sender.judged(request) for request in requests]
        with self._sender.money.lane(requests, [verdict for verdict, _ in judged]):
            self._guard.allow_together(requests, [verdict for verdict, _ in judged])
            self._sender.in_time()
            return self._sender.answers(self._sender.rounds.exchange(requests), judged)

    def send_each(self, requests: Iterable[Request]) -> list[Answer]:
        """The answers to requests that cost nothing and do not depend on each other.

        Raises:
            UnusableError: one of them may not be sent; others may have been.
        """
        every = list(requests)
        if not self.far():
            return [self._sender.send(request) for request in every]
        verdicts = [self._sender.judged(request)[0] for request in every]
        answers = self._free(every, self._sender.money.kind(every, verdicts))
        found = [answer for answer in answers if answer is not None]
        if len(found) < len(every):
            raise UnusableError(self._guard.refused)
        return found

    def side_by_side(self, parts: Sequence[Callable[[], None]]) -> None:
        """Does the parts of a check side by side; they share what it may spend.

        Raises what the first of them raises, once all have ended.
        """
        if not parts:
            return
        collector, share = self._sender.collector, self._budget.share_of
        name, shows, kept = collector.search.current, collector.search.shows, share.kept
        most = (share.most - share.spent) / len(parts)
        counts: list[Counter[str]] = []
        errors: list[Exception] = []

        def one(part: Callable[[], None]) -> None:
            collector.begin(name, shows)
            share.most, share.kept = most, kept
            counts.append(collector.answered)
            try:
                part()
            except Exception as error:  # noqa: BLE001 - raised again below
                errors.append(error)

        self._sender.rounds.run([partial(one, part) for part in parts])
        for count in counts:
            collector.answered.update(count)
        for error in errors:
            raise error

    # -- many ---------------------------------------------------------------------------------

    def send_all(self, requests: Iterable[Request]) -> list[Request]:
        """Sends requests whose order does not matter; those that were held back.

        On a slow server several are in flight at once. Those that must be refused come first, as
        many as can be paid if all of them are accepted: the most credits are left then.
        """
        if not self.far():
            return [part for request in requests for part in self._alone(request)]
        reads: list[Request] = []
        free: list[Request] = []
        paid: list[Request] = []
        for request in requests:
            verdict, _ = self._sender.judged(request)
            lasting = self._guard.spends(request) or self._guard.changes(request)
            if lasting and verdict.may_be_done:
                paid.append(request)
            else:
                (reads if self._sender.money.asks(request) else free).append(request)
        held: list[Request] = []
        for kind, group in ((ASKED, reads), (REFUSED, _mixed(free))):
            answers = self._free(group, kind)
            held += [one for one, answer in zip(group, answers, strict=True) if answer is None]
        several = [request for request in paid if self._plenty(request)]
        held += self._paid(several)
        alone = [request for request in paid if request not in several]
        return held + [part for request in alone for part in self._alone(request)]

    def _free(self, requests: list[Request], kind: str | None) -> list[Answer | None]:
        """The answers to what costs nothing, or must be refused; None: it was held back."""
        answers: list[Answer | None] = [None] * len(requests)
        left = list(range(len(requests)))
        while left:
            waiting, most = [requests[number] for number in left], self._sender.rounds.batch
            with self._sender.money.beside(kind, waiting, most) as places:
                now = [left[place] for place in places]
                for number, answer in self._batch({number: requests[number] for number in now}):
                    answers[number] = answer
            left = [number for number in left if number not in now]
        return answers

    def _batch(self, requests: Mapping[int, Request]) -> Iterator[tuple[int, Answer]]:
        """The answers to those of these that are allowed, sent at once."""
        allowed: dict[int, Judged] = {}
        for number, request in requests.items():
            judged = self._sender.judged(request)
            try:
                self._guard.allow(request, judged[0])
            except UnusableError:
                continue
            allowed[number] = judged
        self._sender.in_time()
        exchanges = self._sender.rounds.exchange([requests[number] for number in allowed])
        answers = self._sender.answers(exchanges, list(allowed.values()))
        if any(map(too_often, answers)):
            self._sender.rounds.slower()
        for number, answer in zip(allowed, answers, strict=True):
            try:
                yield number, self._sender.send(requests[number]) if too_often(answer) else answer
            except UnusableError:
                continue

    def _paid(self, requests: list[Request]) -> list[Request]:
        """Submits that may be accepted, their total cost read once; those that were held back."""
        held: list[Request] = []
        while requests:
            with self._sender.money.beside(PAID, requests, PAID_TOGETHER) as places:
                batch = [requests[place] for place in places]
                try:
                    self.send_together(batch)
                except UnusableError:
                    held += batch
            requests = [one for place, one in enumerate(requests) if place not in places]
        return held

    def _alone(self, request: Request) -> list[Request]:
        try:
            self._sender.send(request)
        except UnusableError:
            return [request]
        return []

    def _plenty(self, request: Request) -> bool:
        """Whether several such submits are allowed and can be paid."""
        allowed = self._guard.spends(request) and self._can.submit and not self._can.live
        return allowed and self._sender.money.affords([request.operation] * PAID_TOGETHER)
