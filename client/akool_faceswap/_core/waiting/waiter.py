"""A waiter: the jobs it waits for, its deadline, and the events for it. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from akool_faceswap._errors import AkoolError, ClientClosedError
from akool_faceswap._models.job_state import JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


K = TypeVar("K")
"""What names a job."""
Event: TypeAlias = JobState | AkoolError
"""What a waiter is told about an id: a state, or an error that ends the wait for it."""
LookResult: TypeAlias = "Mapping[str, JobState] | AkoolError | None"
"""The result of a poll: states by id, an error, or None if it was interrupted."""


@dataclass(eq=False, slots=True)
class Waiter(Generic[K]):
    """One call that waits for jobs."""

    deadline: float
    """Monotonic time, may be infinite."""
    every_change: bool
    """Whether it gets every change of state, not only the end."""
    wake: Callable[[], None]
    """Called when the waiter became ready."""
    pending: set[K] = field(default_factory=set[K])
    """Jobs whose end it has not been told yet."""
    unseen: set[K] = field(default_factory=set[K])
    """Jobs that were not polled for it yet."""
    inbox: deque[tuple[K, Event]] = field(default_factory=deque[tuple[K, Event]])
    expired: bool = False
    closed: bool = False
    trouble: AkoolError | None = None
    """Why the last look at one of its ids failed, if it did; the cause of a timeout."""

    @property
    def ready(self) -> bool:
        """Whether there is something to tell, or nothing to wait for."""
        return bool(self.inbox) or self.expired or self.closed or not self.pending

    def next_event(self) -> tuple[K, Event] | None:
        """The next event of a ready waiter; None if its deadline is over.

        Raises:
            ClientClosedError: The client was closed meanwhile.
        """
        if self.inbox:
            return self.inbox.popleft()
        if self.closed:
            raise ClientClosedError("The client was closed during the wait for this job")
        return None
