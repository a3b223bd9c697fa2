"""Webhooks that are to be sent: which, when, how often. Sends nothing itself.

The page documents calls for the states 2, 3 and 4 and a repetition of whatever is not answered 200
(https://docs.akool.com/ai-tools-suite/webhook); spacing and number of the attempts are settings.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from akool_mock._jobs import DOCUMENTED
from akool_mock._settings import MockError

if TYPE_CHECKING:
    from akool_mock._faults import Directives
    from akool_mock._jobs import Job

__all__ = ["Delivery", "Outbox"]

OK = 200


@dataclass(slots=True)
class Delivery:
    """One webhook, and how its attempts went.

    Attributes:
        number: its place in the log.
        job: `_id`.
        status: state that it reports.
        url: receiver.
        due: mock time of the next attempt.
        state: `pending`, `delivered`, `failed` (no attempt left), `refused` (address not allowed)
            `lost` (by a fault) or `dropped` (the job's plan was changed).
        signed: False when a fault spoils the signature.
        attempts: mock time of each attempt and what came of it: an HTTP status or an error text.
        step: which of the job's webhooks this is, counted from 1; 0 for a repetition asked for by
            hand.
    """

    number: int
    job: str
    status: int
    url: str
    due: float
    state: str = "pending"
    signed: bool = True
    attempts: list[tuple[float, int | str]] = field(default_factory=list)
    step: int = 0

    def as_json(self) -> dict[str, Any]:
        """The delivery as the control plane shows it."""
        return {
            "number": self.number,
            "job": self.job,
            "status": self.status,
            "url": self.url,
            "due": self.due,
            "state": self.state,
            "attempts": [{"at": at, "outcome": outcome} for at, outcome in self.attempts],
        }


class Outbox:
    """Deliveries by due time, and a bounded log of all.

    Args:
        retry_s: seconds before each further attempt.
        keep: deliveries kept in the log.
    """

    def __init__(self, retry_s: tuple[float, ...], keep: int) -> None:
        self.retry_s = retry_s
        self.log: deque[Delivery] = deque(maxlen=keep)
        self._queue: list[tuple[float, int, Delivery]] = []
        self._pushed = 0
        self.last_number = 0

    def __len__(self) -> int:
        """Deliveries that are still to be tried."""
        return len(self._queue)

    def plan(self, job: Job, directives: Directives, after: int = 0) -> None:
        """Plan the webhooks of a job, from its transition number `after` on."""
        steps = job.plan.transitions()
        times = [job.created + at for at, _ in steps]
        if directives.webhook == "disordered":
            times.reverse()
        for step, ((_, status), due) in enumerate(zip(steps, times, strict=True), 1):
            if step <= after or status not in DOCUMENTED:
                continue
            late = directives.late_s if directives.webhook == "late" else 0.0
            made = Delivery(0, job.id, status, job.webhook, due + late, step=step)
            made.signed = directives.webhook != "unsigned"
            if directives.webhook == "lost":
                made.state = "lost"
            self._log(made)
            if directives.webhook == "doubled":
                self._log(replace(made, attempts=[]))

    def _log(self, delivery: Delivery) -> None:
        self.last_number += 1
        delivery.number = self.last_number
        self.log.append(delivery)
        if delivery.state == "pending":
            self._push(delivery)

    def _push(self, delivery: Delivery) -> None:
        self._pushed += 1
        heapq.heappush(self._queue, (delivery.due, self._pushed, delivery))

    def drop(self, job: str) -> None:
        """Forget what was still to be sent for a job."""
        for entry in self._queue:
            if entry[2].job == job:
                entry[2].state = "dropped"
        self._queue = [entry for entry in self._queue if entry[2].job != job]
        heapq.heapify(self._queue)

    @property
    def next_due(self) -> float | None:
        """Mock time of the next attempt."""
        return self._queue[0][0] if self._queue else None

    def take(self, now: float) -> Delivery | None:
        """The next delivery whose time has come, taken out of the queue."""
        if self._queue and self._queue[0][0] <= now:
            return heapq.heappop(self._queue)[2]
        return None

    def settle(self, delivery: Delivery, outcome: int | str, now: float) -> None:
        """Note what came of an attempt; anything but 200 is tried again while attempts are left."""
        delivery.attempts.append((now, outcome))
        tried = len(delivery.attempts)
        if outcome == OK:
            delivery.state = "delivered"
        elif delivery.state == "refused" or tried > len(self.retry_s):
            delivery.state = "failed" if delivery.state == "pending" else delivery.state
        else:
            delivery.due = now + self.retry_s[tried - 1]
            self._push(delivery)

    def again(self, number: int, now: float) -> Delivery:
        """Send a logged delivery once more, at once.

        Raises:
            MockError: it is not in the log.
        """
        for delivery in self.log:
            if delivery.number == number:
                copy = replace(delivery, due=now, state="pending", attempts=[], step=0)
                self._log(copy)
                return copy
        raise MockError(f"no webhook delivery number {number} in the log")
