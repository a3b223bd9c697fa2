"""The queue of webhooks: which to send, when, how often. Sends nothing itself.

The page documents webhooks for the states 2, 3 and 4, and retries until the answer is 200
(https://docs.akool.com/ai-tools-suite/webhook). Number and spacing of the retries are settings.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from akool_mock._world.jobs import DOCUMENTED
from akool_mock._world.settings import MockError

if TYPE_CHECKING:
    from akool_mock._world.directives import Directives
    from akool_mock._world.jobs import Job


OK = 200
AT_ONCE = 16
"""Most webhooks in flight at once."""
AT_ONCE_EACH = 4
"""Of these, to one receiver: a slow one must not hold up the others."""


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
        attempts: mock time and result of each attempt: an HTTP status or an error text.
        step: number of this webhook among the job's, from 1; 0 if it was sent again by hand.
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
        # By receiver: the deliveries that are due and queued, and the jobs with one in flight.
        self._lines: dict[str, deque[Delivery]] = {}
        self._under_way: dict[str, set[str]] = {}
        self._pushed = 0
        self.last_number = 0

    def __len__(self) -> int:
        """Deliveries that are still to be tried."""
        return len(self._queue) + sum(map(len, self._lines.values()))

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
        for delivery in chain((entry[2] for entry in self._queue), *self._lines.values()):
            if delivery.job == job:
                delivery.state = "dropped"
        self._queue = [entry for entry in self._queue if entry[2].job != job]
        heapq.heapify(self._queue)
        self._lines = {
            name: deque(delivery for delivery in line if delivery.job != job)
            for name, line in self._lines.items()
        }

    @property
    def next_due(self) -> float | None:
        """Mock time of the next attempt that was not yet due at the last `take`."""
        return self._queue[0][0] if self._queue else None

    def take(self, now: float) -> Delivery | None:
        """The next delivery that is due and may be sent now.

        It is in flight until `settle`. At most one delivery of a job is in flight.
        """
        while self._queue and self._queue[0][0] <= now:
            delivery = heapq.heappop(self._queue)[2]
            self._lines.setdefault(_receiver(delivery), deque()).append(delivery)
        if sum(map(len, self._under_way.values())) >= AT_ONCE:
            return None
        for name, line in self._lines.items():
            busy = self._under_way.get(name, set())
            if len(busy) >= AT_ONCE_EACH:
                continue
            for place, delivery in enumerate(line):
                if delivery.job not in busy:
                    del line[place]
                    if not line:
                        del self._lines[name]
                    self._under_way[name] = busy | {delivery.job}
                    return delivery
        return None

    def settle(self, delivery: Delivery, outcome: int | str, now: float) -> None:
        """Record the result of an attempt. Any but 200 is retried while retries are left."""
        name = _receiver(delivery)
        self._under_way[name] = self._under_way.get(name, set()) - {delivery.job}
        if not self._under_way[name]:
            del self._under_way[name]
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


def _receiver(delivery: Delivery) -> str:
    """Scheme and authority of a URL: one receiver is slow or fast as a whole."""
    return "/".join(delivery.url.split("/", 3)[:3])
