"""One who waits for jobs: what it waits for, until when, and what it has to be told. Pure."""

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
"""What became of a look at jobs of a kind: states by id, an error, or an interruption."""


@dataclass(eq=False, slots=True)
class Waiter(Generic[K]):
    """One waiter."""

    deadline: float
    """Monotonic time, may be infinite."""
    every_change: bool
    """Whether it wants to hear of states on the way, not only of the end."""
    wake: Callable[[], None]
    """Called when the waiter became ready."""
    pending: set[K] = field(default_factory=set[K])
    """Jobs whose end it has not been told yet."""
    unseen: set[K] = field(default_factory=set[K])
    """Jobs that it has not had a look at yet."""
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
        """What a ready waiter has to know next; None when its deadline is over.

        Raises:
            ClientClosedError: The client was closed meanwhile.
        """
        if self.inbox:
            return self.inbox.popleft()
        if self.closed:
            raise ClientClosedError("The client was closed during the wait for this job")
        return None
