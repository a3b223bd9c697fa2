"""Requests whose order does not matter, sent several at a time to a server that is far away."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from akool_contract._run.sender import too_often
from akool_contract._wire.errors import UnusableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from akool_contract._findings.answer import Answer
    from akool_contract._options import Options
    from akool_contract._run.budget import Budget
    from akool_contract._run.guard import Guard
    from akool_contract._run.sender import Sender
    from akool_contract._target.target import Capabilities
    from akool_contract._wire.http import Request

PAID_TOGETHER = 4
"""Most submits in flight at once."""
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
        with self._lane(requests):
            self._guard.allow_together(requests, [verdict for verdict, _ in judged])
            self._sender.in_time()
            return self._sender.answers(self._sender.rounds.exchange(requests), judged)

    def send_each(self, requests: Iterable[Request]) -> list[Answer]:
        """The answers to requests that cost nothing and do not depend on each other.

        Raises:
            UnusableError: one of them may not be sent.
        """
        every = list(requests)
        if not self.far():
            return [self._sender.send(request) for request in every]
        answers: list[Answer] = []
        while len(answers) < len(every):
            part = every[len(answers) : len(answers) + self._sender.rounds.batch]
            for answer in self.send_together(part):
                late = too_often(answer)
                answers.append(self._sender.send(answer.exchange.request) if late else answer)
        return answers

    def _lane(self, requests: list[Request]) -> AbstractContextManager[None]:
        names = [self._sender.lane(request) for request in requests]
        return self._sender.rounds.lane(max(names, default=""))

    # -- many ---------------------------------------------------------------------------------

    def send_all(self, requests: Iterable[Request]) -> list[Request]:
        """Sends requests whose order does not matter; those that were held back.

        On a slow server several are in flight at once. Those that must be refused come first, as
        many as can be paid if all of them are accepted: the most credits are left then.
        """
        held: list[Request] = []
        alone: list[Request] = []
        together: list[Request] = []
        paid: list[Request] = []
        for request in requests:
            lasting = self._guard.spends(request) or self._guard.takes_away(request)
            verdict, _ = self._sender.judged(request)
            if not self.far():
                held += self._alone(request)
            elif not (lasting and verdict.may_be_done):
                together.append(request)
            else:
                (paid if self._plenty(request) else alone).append(request)
        together = _mixed(together)
        while together:
            with self._lane(together):  # nothing else is spent meanwhile
                batch, together = self._batch(together)
                held += self._free_batch(batch)
        while paid:
            batch, paid = paid[:PAID_TOGETHER], paid[PAID_TOGETHER:]
            held += self._paid_batch(batch)
        return held + [part for request in alone for part in self._alone(request)]

    def _alone(self, request: Request) -> list[Request]:
        try:
            self._sender.send(request)
        except UnusableError:
            return [request]
        return []

    def _plenty(self, request: Request) -> bool:
        """Whether several such submits are allowed and can be paid."""
        if not self._guard.spends(request) or not self._can.submit or self._can.live:
            return False
        return not self._budget.refusal(request.operation, 4 * PAID_TOGETHER)

    def _paid_batch(self, requests: list[Request]) -> list[Request]:
        """Submits that may be accepted: their total cost is read once."""
        dearest = max(requests, key=lambda r: self._budget.price(r.operation))
        if self._budget.refusal(dearest.operation, len(requests)):
            return [part for request in requests for part in self._alone(request)]
        try:
            self.send_together(requests)
        except UnusableError:
            return requests
        return []

    def _batch(self, requests: list[Request]) -> tuple[list[Request], list[Request]]:
        """Requests that may be sent at once, and the rest. Free ones never wait for others."""
        batch: list[Request] = []
        rest: list[Request] = []
        risky: list[str] = []
        for request in requests:
            spends = self._guard.spends(request)
            full = len(batch) >= self._sender.rounds.batch
            if full or (spends and not self._bearable([*risky, request.operation])):
                rest.append(request)
                continue
            batch.append(request)
            risky += [request.operation] if spends else []
        return batch, rest

    def _bearable(self, names: list[str]) -> bool:
        """Whether the budget bears it if all of these are charged, though they must be refused."""
        if not self._can.submit:
            return len(set(names)) == len(names)
        return len(names) == 1 or self._budget.bears(names)

    def _free_batch(self, requests: list[Request]) -> list[Request]:
        """Requests that a correct server refuses, or that cost nothing."""
        held, allowed = [], []
        for request in requests:
            judged = self._sender.judged(request)
            try:
                self._guard.allow(request, judged[0])
            except UnusableError:
                held.append(request)
            else:
                allowed.append((request, judged))
        self._sender.in_time()
        exchanges = self._sender.rounds.exchange([part[0] for part in allowed])
        answers = self._sender.answers(exchanges, [part[1] for part in allowed])
        late = [answer.exchange.request for answer in answers if too_often(answer)]
        if late:
            self._sender.rounds.slower()
        return held + [part for request in late for part in self._alone(request)]
