"""What both pollers share: which failures may pass, how long to sleep, what a waiter is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_faceswap._core.polling import PollCore, Ticket
from akool_faceswap._core.timing import retry_after_of
from akool_faceswap._errors import AkoolError, ClientClosedError, TransportError
from akool_faceswap.codes import RateLimitedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_faceswap._core.polling import Event
    from akool_faceswap._core.timing import AsyncClock, Clock, Polling
    from akool_faceswap._models.job_state import JobState


SERVER_FAULT = 500
"""HTTP statuses from here on are the server's trouble, and may pass."""
REQUEST_TIMEOUT_STATUS = 408
MAX_HOLD = 60.0
"""Longest that a `Retry-After` holds back all looks, seconds."""
LONGEST_NAP = 3600.0
"""Longest sleep at once, seconds; with nothing planned there is nothing to wake up for."""
SHORTEST_NAP = 0.001
"""Shortest sleep, seconds: one that a clock cannot resolve would be repeated for ever."""
SHORTEST_LOOK = 5.0
"""A look gets at least this long, even close to a deadline, seconds."""


def may_pass(error: AkoolError) -> bool:
    """Whether a look that failed like this may go well next time."""
    if isinstance(error, TransportError | RateLimitedError):
        return True
    status = error.http_status or 0
    return status >= SERVER_FAULT or status == REQUEST_TIMEOUT_STATUS


class Desk:
    """What both pollers share: the core, and how an outcome is written into it."""

    def __init__(
        self, polling: Polling, clock: Clock | AsyncClock, jitter: Callable[[], float]
    ) -> None:
        self.core = PollCore(polling, jitter)
        self._monotonic = clock.monotonic
        self._time = clock.time

    def look_timeout(self, now: float) -> float:
        """How long the next look may take: not far beyond the next deadline."""
        left = max(self.core.next_deadline() - now, SHORTEST_LOOK)
        return min(left, self.core.polling.look_timeout)

    def nap(self, now: float) -> float:
        """How long to sleep when nothing is due."""
        return max(SHORTEST_NAP, min(self.core.next_time(now) - now, LONGEST_NAP))

    def record(self, outcome: dict[str, JobState] | AkoolError | None) -> None:
        """What came of the chunk in flight; None when whoever asked was interrupted."""
        now = self._monotonic()
        if outcome is None:
            self.core.given_up(now)
        elif not isinstance(outcome, AkoolError):
            self.core.answered(outcome, now)
        elif may_pass(outcome):
            self.core.troubled(outcome, now, self._hold(outcome))
        else:
            self.core.refused(outcome, now)
        self.core.expire(now, idle=False)

    def _hold(self, error: AkoolError) -> float:
        if not isinstance(error, RateLimitedError):
            return 0.0
        asked = retry_after_of(error.raw.headers, self._time()) if error.raw else None
        return min(self.core.polling.first_delay if asked is None else asked, MAX_HOLD)

    @staticmethod
    def tell(ticket: Ticket) -> tuple[str, Event] | None:
        """What a ready ticket has to know next; None when its deadline is over.

        Raises:
            ClientClosedError: The client was closed meanwhile.
        """
        if ticket.inbox:
            return ticket.inbox.popleft()
        if ticket.closed:
            raise ClientClosedError("The client was closed while this job was waited for")
        return None
