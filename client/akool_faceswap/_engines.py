"""What grants the wishes of `_exchange`: connection, credentials, time, and the shared poller.

`Engine` here and `AsyncEngine` in `_async_engine` are the two shells. Whatever does not wait is
written once, here or in the modules below.
"""

from __future__ import annotations

import os
import threading
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx2

from akool_faceswap._auth import TokenBox
from akool_faceswap._clock import ServerClock
from akool_faceswap._config import redactor
from akool_faceswap._deadline import Deadline
from akool_faceswap._errors import ClientClosedError, ConfigurationError, RawAnswer
from akool_faceswap._exchange import Authorize, Rules, Send, exchange
from akool_faceswap._lazy import calls
from akool_faceswap._logging import observer
from akool_faceswap._polling import Poller
from akool_faceswap._timing import Timeout, seconds_of
from akool_faceswap._wire import Wire

if TYPE_CHECKING:
    from akool_faceswap._clock import AsyncClock, Clock
    from akool_faceswap._config import Config, Settings
    from akool_faceswap._exchange import Broken, Call, Credential, Exchange, Wish
    from akool_faceswap._states import JobState

T = TypeVar("T")
K = TypeVar("K", httpx2.Client, httpx2.AsyncClient)
LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=20)


class EngineBase:
    """What both engines have in common: everything that does not wait."""

    def __init__(self, config: Config, settings: Settings, clock: Clock | AsyncClock) -> None:
        self.config = config
        self.settings = settings
        self.server_clock = ServerClock(clock.time)
        self.tokens = TokenBox(config)
        self.rules = Rules(
            retry=settings.retry,
            monotonic=clock.monotonic,
            time=clock.time,
            jitter=settings.jitter,
            redact=self._redact,
            observe=observer(settings.on_attempt),
        )
        self.once = replace(self.rules, retry=replace(settings.retry, attempts=1))
        self.deadline = Deadline(clock.monotonic)
        self.wire = Wire(config.base_url, settings.user_agent, clock.monotonic, self.deadline)
        self.closed = False
        self._secrets = redactor(config.api_key, config.client_secret)

    def timeout(self, timeout: Timeout) -> float:
        """The seconds of one call: its own timeout, or the client's."""
        return seconds_of(timeout, self.settings.timeout)

    def require_open(self) -> None:
        """Refuse to work after `close`."""
        if self.closed:
            raise ClientClosedError("This client is closed")

    def _redact(self, text: str) -> str:
        return redactor(self.tokens.secret)(self._secrets(text))

    def _note(self, granted: RawAnswer | Broken) -> RawAnswer | Broken:
        if isinstance(granted, RawAnswer):
            self.server_clock.note(granted.headers.get("date"))
        return granted


SORTS: Final = {
    "FaceSwap": (httpx2.Client, httpx2.BaseTransport),
    "AsyncFaceSwap": (httpx2.AsyncClient, httpx2.AsyncBaseTransport),
}
"""What each of the clients sends with."""


def require_sort(owner: str, http_client: object, transport: object) -> None:
    """Refuse what could only fail later, when a submit may have been paid for.

    Raises:
        ConfigurationError: It is of another library, of the other client, or both were given.
    """
    (other,) = SORTS.keys() - {owner}
    given = {"http_client": http_client, "transport": transport}
    for (name, value), wanted, others in zip(
        given.items(), SORTS[owner], SORTS[other], strict=True
    ):
        if value is None or isinstance(value, wanted):
            continue
        text = f"{name} must be an httpx2.{wanted.__name__}"
        if isinstance(value, others):
            text += f"; this {type(value).__name__} goes with {other}"
        raise ConfigurationError(text)
    if http_client is not None and transport is not None:
        raise ConfigurationError("Pass http_client or transport, not both")


def require_usable(given: K) -> K:
    """The caller's own client. Closed, it sends nothing: the outcome of a submit is not uncertain.

    Raises:
        ClientClosedError: It is closed.
    """
    if given.is_closed:
        raise ClientClosedError("The http_client that was passed is closed")
    return given


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
