"""Requests whose order does not matter, sent several at a time to a server that is far away."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from akool_contract._findings.collector import UnusableError
from akool_contract._run.judging import Run, too_often
from akool_contract.oracle import judge_request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akool_contract._findings.answer import Answer
    from akool_contract._options import Options
    from akool_contract._target.target import Target
    from akool_contract._wire.contract import Contract
    from akool_contract._wire.http import Exchange, Request, Response

LOSSES = ("deleteResults",)
TOGETHER, PAID_TOGETHER = 8, 4
"""Requests on their way at once, at most, where their order does not matter."""
FAR_S = 0.03
"""A server whose answers usually take longer is asked several things at once."""


class Together(Run):
    """A run that can send several requests at once; what comes back is judged in their order."""

    def __init__(self, target: Target, contract: Contract, options: Options) -> None:
        super().__init__(target, contract, options)
        self._is_far: bool | None = None

    def send_together(self, requests: list[Request]) -> list[Answer]:
        """Sends requests at the same time, and judges their answers one after the other."""
        verdicts = [judge_request(request, self.credentials) for request in requests]
        for request, (verdict, _) in zip(requests, verdicts, strict=True):
            self._allowed(request, verdict)
        answers = []
        exchanges = self._exchange_together(requests)
        for exchange, (verdict, account) in zip(exchanges, verdicts, strict=True):
            answer = self._answer(exchange, verdict, account)
            self._remember(answer)
            answers.append(answer)
        taken = [a for a in answers if a.ok and a.operation and a.operation.is_submit]
        if taken:
            self._paid(taken[0], len(taken))
        self.collector.flush()
        return answers

    def _exchange_together(self, requests: list[Request]) -> list[Exchange]:
        """Answers in the order of the requests; only the waiting for them is shared."""

        def one(request: Request) -> tuple[Response, float]:
            start = time.perf_counter()
            return self.target.send(request), time.perf_counter() - start

        if getattr(self.target, "concurrent", False):
            with ThreadPoolExecutor(len(requests)) as pool:
                found = list(pool.map(one, requests))
        else:
            found = [one(request) for request in requests]
        return [self.noted(r, *pair) for r, pair in zip(requests, found, strict=True)]

    def send_all(self, requests: Iterable[Request]) -> list[Request]:
        """Sends requests whose order does not matter; those that were held back.

        On a server that takes its time several are on their way at once: never two submits of one
        operation unless submitting is allowed, and none at all beyond what `rate` allows.
        """
        held: list[Request] = []
        together: list[Request] = []
        paid: list[Request] = []
        for request in requests:
            verdict, _ = judge_request(request, self.credentials)
            operation = self.contract.operations.get(request.operation)
            spends = operation is not None and (operation.is_submit or operation.id in LOSSES)
            if self.far() and not (spends and verdict.may_spend):
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
            held += self._send_batch(batch)
        return held

    def _alone(self, request: Request) -> list[Request]:
        try:
            self.send(request)
        except UnusableError:
            return [request]
        return []

    def _plenty(self, request: Request) -> bool:
        """Whether there are credits for several such submits, and leave to spend them."""
        operation = self.contract.operations.get(request.operation)
        if operation is None or not operation.is_submit or not self.can.submit or self.can.live:
            return False
        return not self.budget.refusal(request.operation, 4 * PAID_TOGETHER)

    def _paid_batch(self, requests: list[Request]) -> list[Request]:
        """Submits that may be taken: what they cost together is read once."""
        dearest = max(requests, key=lambda r: self.budget.price(r.operation))
        if self.budget.refusal(dearest.operation, len(requests)):
            return [part for request in requests for part in self._alone(request)]
        try:
            self.send_together(requests)
        except UnusableError:
            return requests
        return []

    def far(self) -> bool:
        """Whether answers take so long that waiting for several at once is worth it."""
        if self._is_far is None:
            every = sorted(s for values in self.latencies.values() for s in values)
            self._is_far = bool(every) and every[len(every) // 2] > FAR_S and not self.options.rate
        return self._is_far

    def _batch(self, requests: list[Request]) -> tuple[list[Request], list[Request]]:
        batch: list[Request] = []
        rest: list[Request] = []
        submits: set[str] = set()
        for request in requests:
            operation = self.contract.operations.get(request.operation)
            alone = operation is not None and operation.is_submit and not self.can.submit
            if len(batch) < TOGETHER and not (alone and request.operation in submits):
                batch.append(request)
                submits.add(request.operation)
            else:
                rest.append(request)
        return batch, rest

    def _send_batch(self, requests: list[Request]) -> list[Request]:
        held, allowed = [], []
        for request in requests:
            verdict, account = judge_request(request, self.credentials)
            try:
                self._allowed(request, verdict)
            except UnusableError:
                held.append(request)
                continue
            allowed.append(
                (request, verdict if self.can.codes else verdict.without_codes(), account)
            )
        exchanges = self._exchange_together([part[0] for part in allowed]) if allowed else []
        for exchange, (request, verdict, account) in zip(exchanges, allowed, strict=True):
            answer = self._answer(exchange, verdict, account)
            if too_often(answer):
                self.send(request)
                continue
            self._after(answer)
        self.collector.flush()
        return held
