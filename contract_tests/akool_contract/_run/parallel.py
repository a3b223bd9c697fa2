"""Requests whose order does not matter, sent several at a time to a server that is far away."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from akool_contract._run.sender import too_often
from akool_contract._wire.errors import UnusableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akool_contract._findings.answer import Answer
    from akool_contract._options import Options
    from akool_contract._run.budget import Budget
    from akool_contract._run.guard import Guard
    from akool_contract._run.sender import Sender
    from akool_contract._target.target import Capabilities
    from akool_contract._wire.http import Exchange, Request, Response

TOGETHER, PAID_TOGETHER = 8, 4
"""Requests on their way at once, at most, where their order does not matter."""
FAR_S = 0.03
"""A server whose answers usually take longer is asked several things at once."""


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
            self._is_far = usual > FAR_S and not self._options.rate
        return self._is_far

    def send_together(self, requests: list[Request]) -> list[Answer]:
        """Sends requests at the same time, and judges their answers one after the other.

        Raises:
            UnusableError: one of them may not be sent; then none is.
        """
        judged = [self._sender.judged(request) for request in requests]
        self._guard.allow_together(requests, [verdict for verdict, _ in judged])
        exchanges = self._exchange(requests)
        answers = [self._sender.answer(*pair) for pair in zip(exchanges, judged, strict=True)]
        self._sender.settle(answers)
        return answers

    def _exchange(self, requests: list[Request]) -> list[Exchange]:
        """Answers in the order of the requests; only the waiting for them is shared."""
        target = self._sender.target
        self._sender.in_time()

        def one(request: Request) -> tuple[Response, float]:
            start = time.perf_counter()
            return target.send(request), time.perf_counter() - start

        if target.concurrent:
            with ThreadPoolExecutor(len(requests)) as pool:
                found = list(pool.map(one, requests))
        else:
            found = [one(request) for request in requests]
        return [self._sender.noted(r, *pair) for r, pair in zip(requests, found, strict=True)]

    # -- many ---------------------------------------------------------------------------------

    def send_all(self, requests: Iterable[Request]) -> list[Request]:
        """Sends requests whose order does not matter; those that were held back.

        On a server that takes its time several are on their way at once: never two submits of one
        operation unless submitting is allowed, and none at all beyond what `rate` allows.
        """
        held: list[Request] = []
        together: list[Request] = []
        paid: list[Request] = []
        for request in requests:
            lasting = self._guard.spends(request) or self._guard.takes_away(request)
            verdict, _ = self._sender.judged(request)
            if self.far() and not (lasting and verdict.may_be_done):
                together.append(request)
            elif self.far() and self._plenty(request):
                paid.append(request)
            else:
                held += self._alone(request)
        while paid:
            batch, paid = paid[:PAID_TOGETHER], paid[PAID_TOGETHER:]
            held += self._paid_batch(batch)
        while together:
            batch, together = self._batch(together)
            held += self._free_batch(batch)
        return held

    def _alone(self, request: Request) -> list[Request]:
        try:
            self._sender.send(request)
        except UnusableError:
            return [request]
        return []

    def _plenty(self, request: Request) -> bool:
        """Whether there are credits for several such submits, and leave to spend them."""
        if not self._guard.spends(request) or not self._can.submit or self._can.live:
            return False
        return not self._budget.refusal(request.operation, 4 * PAID_TOGETHER)

    def _paid_batch(self, requests: list[Request]) -> list[Request]:
        """Submits that may be taken: what they cost together is read once."""
        dearest = max(requests, key=lambda r: self._budget.price(r.operation))
        if self._budget.refusal(dearest.operation, len(requests)):
            return [part for request in requests for part in self._alone(request)]
        try:
            self.send_together(requests)
        except UnusableError:
            return requests
        return []

    def _batch(self, requests: list[Request]) -> tuple[list[Request], list[Request]]:
        batch: list[Request] = []
        rest: list[Request] = []
        risky: list[str] = []
        for request in requests:
            spends = self._guard.spends(request)
            if len(batch) == TOGETHER or (
                spends and not self._bearable([*risky, request.operation])
            ):
                rest.append(request)
                continue
            batch.append(request)
            risky += [request.operation] if spends else []
        return batch, rest

    def _bearable(self, names: list[str]) -> bool:
        """Whether so many requests that must be refused may all be taken, and charged for."""
        if not self._can.submit:
            return len(set(names)) == len(names)
        dearest = max(names, key=self._budget.price)
        return len(names) == 1 or self._budget.bears(dearest, len(names))

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
        exchanges = self._exchange([part[0] for part in allowed]) if allowed else []
        answers = []
        for exchange, (_, judged) in zip(exchanges, allowed, strict=True):
            answers.append(self._sender.answer(exchange, judged))
        self._sender.settle(answers)
        for answer in answers:
            if too_often(answer):
                held += self._alone(answer.exchange.request)
        return held
