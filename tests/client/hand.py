"""The schedule of looks, with a clock and a server that are moved by hand."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from akool_faceswap import (
    JobStatus,
    Polling,
)
from akool_faceswap._core.job_calls import OPERATIONS, job_kind
from akool_faceswap._core.waiting.schedule import PollSchedule
from akool_faceswap._core.waiting.waiter import Waiter
from akool_faceswap._models.job_kind import JobKind, JobRef
from akool_faceswap._models.job_state import JobState
from akool_faceswap.codes import InvalidParameterError
from akool_openapi.operations import JobSpec

QUEUED, RUNNING, DONE = JobStatus.IN_QUEUE, JobStatus.PROCESSING, JobStatus.SUCCESS
UNKNOWN = JobStatus.UNKNOWN
MANY = job_kind("swapImage")
X_JOB: Any = OPERATIONS["swapImage"].job
OTHER = JobKind(JobSpec.read(X_JOB))
ALONE = JobKind(
    JobSpec.read(X_JOB | {"poll": {k: v for k, v in X_JOB["poll"].items() if k != "separator"}})
)
USUAL: dict[str, Any] = {"first_delay": 4.0, "factor": 2.0, "max_delay": 16.0, "jitter": 0.25}
USUAL |= {"chunk_size": 5, "grace": 20.0, "look_timeout": 30.0}
REFUSED = InvalidParameterError("too many")


class Hand:
    """A schedule, moved by hand."""

    def __init__(self, jitter: float = 0.5, **polling: Any) -> None:
        self.schedule = PollSchedule(Polling(**(USUAL | polling)), lambda: jitter)
        self.woken = Counter[int]()

    def wait(
        self,
        names: str,
        now: float = 0.0,
        deadline: float = math.inf,
        *,
        kind: JobKind = MANY,
        every_change: bool = True,
    ) -> Waiter[JobRef]:
        """Somebody waits for jobs, a letter each."""
        waiter: Waiter[JobRef] = Waiter(
            deadline, every_change, lambda: self.woken.update([id(waiter)])
        )
        self.schedule.join([JobRef(kind, name) for name in names], waiter, now)
        return waiter

    def asked(self, now: float) -> str | None:
        """What is asked for now."""
        chunk = self.schedule.take(now)
        return None if chunk is None else "".join(ref.id for ref in chunk.ids)

    def say(self, now: float, **statuses: JobStatus) -> None:
        """The server answers with these jobs."""
        self.schedule.answered({n: JobState(n, status) for n, status in statuses.items()}, now)

    def look(self, now: float, **statuses: JobStatus) -> str | None:
        """Ask, and answer at once."""
        asked = self.asked(now)
        self.say(now, **statuses)
        return asked

    def wakes(self, waiter: Waiter[JobRef]) -> int:
        """How often a waiter was woken since the last time."""
        return self.woken.pop(id(waiter), 0)


def told(waiter: Waiter[JobRef]) -> list[Any]:
    """What a waiter was told since the last time: ids with states, or with errors."""
    events = [(r.id, e.status if isinstance(e, JobState) else e) for r, e in waiter.inbox]
    waiter.inbox.clear()
    return events
