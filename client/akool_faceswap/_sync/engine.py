"""What grants the wishes of `_core.attempts`: connection, credentials, time, and the shared poller.

`Engine` here and `AsyncEngine` in `_async.engine` are the two shells. Whatever does not wait is
written once, here or in the modules below.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, TypeVar

import httpx2

from akool_faceswap._core.attempts import exchange
from akool_faceswap._core.call import Authorize, Send
from akool_faceswap._core.lazy import calls
from akool_faceswap._http.engine import LIMITS, EngineBase, require_sort, require_usable
from akool_faceswap._sync.polling import Poller

if TYPE_CHECKING:
    from akool_faceswap._core.call import Call, Credential, Exchange, Wish
    from akool_faceswap._core.credentials import Config, Settings
    from akool_faceswap._core.timing import Clock, Timeout
    from akool_faceswap._models.job_state import JobState


T = TypeVar("T")


class SystemClock:
    """The machine's time."""

    def monotonic(self) -> float:
        """See `Clock`."""
        return time.monotonic()

    def time(self) -> float:
        """See `Clock`."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """See `Clock`."""
        time.sleep(seconds)

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """See `Clock`."""
        condition.wait(seconds)


class Engine(EngineBase):
    """Calls one at a time for each thread; any number of threads."""

    def __init__(
        self,
        config: Config,
        settings: Settings,
        clock: Clock,
        http_client: httpx2.Client | None,
        transport: httpx2.BaseTransport | None,
    ) -> None:
        super().__init__(config, settings, clock)
        require_sort("FaceSwap", http_client, transport)
        self.clock = clock
        self._given = http_client
        self._transport = transport
        self.reset()
        _live.add(self)

    def reset(self) -> None:
        """Begin with nothing that another process holds too: called in the child after a fork."""
        self._lock = threading.Lock()
        self._token_lock = threading.Lock()
        self._own: httpx2.Client | None = None
        self.poller = Poller(self.look, self.settings.polling, self.clock, self.settings.jitter)

    def run(self, call: Call[T], timeout: Timeout) -> T:
        """Make one call. See `exchange` for what it raises."""
        return self._drive(exchange(call, self.rules, self.timeout(timeout)))

    def look(self, ids: tuple[str, ...], timeout: float) -> dict[str, JobState]:
        """Ask for these ids once; the poller asks again in its own time."""
        return self._drive(exchange(calls.list_results_call(ids), self.once, timeout))

    def http(self) -> httpx2.Client:
        """The connection pool, made at first use."""
        if self._given is not None:
            return require_usable(self._given)
        if self._own is None:
            with self._lock:
                self.require_open()  # `close` may have come meanwhile, and would not come again
                self._own = self._own or self._make()
        return self._own

    def _make(self) -> httpx2.Client:
        made = httpx2.Client(transport=self._transport, timeout=None, limits=LIMITS)
        return made if self._transport is not None else self.deadline.hold(made)

    def close(self) -> None:
        """Wake every waiter and close what is our own. Idempotent."""
        self.closed = True
        self.poller.close()
        with self._lock:
            own = self._own
        if own is not None and self._transport is None:
            own.close()

    def _drive(self, steps: Exchange[T]) -> T:
        granted: Any = None
        while True:
            try:
                wish = steps.send(granted)
            except StopIteration as done:
                result: T = done.value
                return result
            granted = self._grant(wish)

    def _grant(self, wish: Wish) -> Any:  # noqa: ANN401 - as `exchange` says, by kind of wish
        self.require_open()
        if isinstance(wish, Send):
            return self._note(self.wire.exchange(self.http(), wish))
        if isinstance(wish, Authorize):
            return self._authorize(wish)
        return self.clock.sleep(wish.seconds)

    def _authorize(self, wish: Authorize) -> Credential:
        current = self.tokens.current(wish.stale)
        if current is not None:
            return current
        mark = self.tokens.mark()
        with self._token_lock:
            current = self.tokens.after_queueing(wish.stale, mark)
            if current is not None:
                return current
            with self.tokens.fetching():
                left = max(0.0, wish.deadline - self.clock.monotonic())
                call = calls.get_token_call(*self.config.pair)
                return self.tokens.store(self._drive(exchange(call, self.rules, left)))


_live: weakref.WeakSet[Engine] = weakref.WeakSet()


def _after_fork() -> None:
    """A child must not speak on its parent's connections, nor wait for its parent's threads."""
    for engine in list(_live):
        engine.reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
