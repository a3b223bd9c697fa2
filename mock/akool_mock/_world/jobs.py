"""Jobs. The state of a job is a pure function of its plan and its age.

Nothing here reads a clock, waits or keeps a timer. A plan is made once, at submission; asking
later never changes it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import dropwhile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Status(IntEnum):
    """`faceswap_status` as the result page documents it."""

    IN_QUEUE = 1
    PROCESSING = 2
    SUCCESS = 3
    FAILED = 4


# Plain numbers: an enum's members cost a look-up each time they are used.
_IN_QUEUE, _PROCESSING = 1, 2
DOCUMENTED = frozenset(int(status) for status in Status)
_STALE_IDS = 1024


@dataclass(frozen=True, slots=True)
class Plan:
    """What will happen to a job, decided when it is submitted.

    Attributes:
        queue_s: seconds in state 1.
        processing_s: seconds in state 2.
        outcome: last state; 3 or 4, or a number that no page documents.
        stuck: state that the job never leaves (1 or 2), 0 for none.
        list_lag_s: seconds by which the result list shows the job and its states late.
        alg_msg: what the undocumented `alg_msg` says of a failure.
    """

    queue_s: float = 1.0
    processing_s: float = 2.0
    outcome: int = Status.SUCCESS
    stuck: int = 0
    list_lag_s: float = 0.0
    alg_msg: str = ""

    def phase(self, age_s: float) -> tuple[int, float]:
        """The state `age_s` seconds after submission, and the age at which it began."""
        if self.stuck == _IN_QUEUE or age_s < self.queue_s:
            return _IN_QUEUE, 0.0
        done = self.queue_s + self.processing_s
        if self.stuck == _PROCESSING or age_s < done:
            return _PROCESSING, self.queue_s
        return self.outcome, done

    def status(self, age_s: float) -> int:
        """The state `age_s` seconds after submission."""
        return self.phase(age_s)[0]

    def transitions(self) -> tuple[tuple[float, int], ...]:
        """Every state after the first with the age at which it begins, in order."""
        if self.stuck == Status.IN_QUEUE:
            return ()
        begun = (self.queue_s, int(Status.PROCESSING))
        if self.stuck == Status.PROCESSING:
            return (begun,)
        return (begun, (self.queue_s + self.processing_s, self.outcome))

    def forced(self, age_s: float, status: int) -> Plan:
        """The same plan, but in `status` from `age_s` on, without further changes."""
        if status in (Status.IN_QUEUE, Status.PROCESSING):
            queue = 0.0 if status == Status.PROCESSING else self.queue_s
            return replace(self, stuck=status, queue_s=min(queue, age_s), outcome=Status.SUCCESS)
        queue = min(self.queue_s, age_s)
        return replace(
            self, stuck=0, queue_s=queue, processing_s=max(0.0, age_s - queue), outcome=status
        )


@dataclass(frozen=True, slots=True)
class Media:
    """What the result file is.

    Attributes:
        width: pixels.
        height: pixels.
        seconds: length of a video; 0 for a picture.
    """

    width: int
    height: int
    seconds: float = 0.0

    @property
    def is_video(self) -> bool:
        """A video, not a picture."""
        return self.seconds > 0


class TargetMedia(NamedTuple):
    """What is to be changed: stem and extension of the result's name, its file, its length.

    Attributes:
        stem: of the result's name.
        extension: of the result's name.
        media: what the result file is.
        units: how often the price is charged: spans of `video_price_s` begun; 1 for a picture.
    """

    stem: str
    extension: str
    media: Media
    units: int


class Job:
    """One accepted job. A million of them are kept, so: slots, and nothing that can be computed."""

    __slots__ = (
        "account",
        "cost",
        "created",
        "extension",
        "id",
        "media",
        "notified",
        "operation",
        "origin",
        "plan",
        "stem",
        "webhook",
    )

    # Positions may be used: passing twelve names costs more than everything else in here.
    def __init__(  # noqa: PLR0913, PLR0917 - a record of this many fields
        self,
        id: str,  # noqa: A002 - the field's name
        account: str,
        operation: str,
        created: float,
        plan: Plan,
        media: Media,
        stem: str,
        extension: str,
        origin: str,
        webhook: str = "",
        cost: float = 0.0,
        notified: int = 0,
    ) -> None:
        self.id = id
        self.account = account
        self.operation = operation
        self.created = created
        self.plan = plan
        self.media = media
        self.stem = stem
        self.extension = extension
        self.origin = origin
        self.webhook = webhook
        self.cost = cost
        self.notified = notified

    def status(self, now: float) -> int:
        """The state at mock time `now`."""
        return self.plan.status(now - self.created)


class Jobs:
    """All accepted jobs.

    Attributes:
        by_id: every job by `_id`, oldest first.
    """

    __slots__ = ("_order", "by_id")

    def __init__(self) -> None:
        self.by_id: dict[str, Job] = {}
        # Taking the oldest key out of a dict again and again passes over all that went before it.
        self._order: deque[str] = deque()

    def __len__(self) -> int:
        return len(self.by_id)

    def add(self, job: Job, limit: int) -> list[Job]:
        """Keep a job; returns the oldest ones, which were dropped because of the limit."""
        self.by_id[job.id] = job
        self._order.append(job.id)
        gone: list[Job] = []
        while len(self.by_id) > limit:
            oldest = self.by_id.pop(self._order.popleft(), None)
            if oldest is not None:
                gone.append(oldest)
        return gone

    def remove(self, job: Job) -> None:
        """Delete a job for good; its id is never used again."""
        del self.by_id[job.id]
        if len(self._order) > 2 * len(self.by_id) + _STALE_IDS:
            self._order = deque(self.by_id)  # deleted jobs leave their ids behind

    def newest(self, before: Job | None = None) -> Iterator[Job]:
        """The jobs, newest first; with `before` those older than that one."""
        jobs = reversed(self.by_id.values())
        if before is None:
            return jobs
        older = dropwhile(lambda job: job is not before, jobs)
        next(older)
        return older
