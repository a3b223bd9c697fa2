"""What both engines share: settings, credentials, rules, the wire; all that does not wait."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

import httpx2

from akool_faceswap._core.call import Rules
from akool_faceswap._core.credentials import TokenBox, redactor
from akool_faceswap._core.timing import ServerClock, Timeout, seconds_of
from akool_faceswap._errors import ClientClosedError, ConfigurationError, RawAnswer
from akool_faceswap._http.deadline import Deadline
from akool_faceswap._http.log import observer
from akool_faceswap._http.wire import Wire

if TYPE_CHECKING:
    from akool_faceswap._core.call import Broken
    from akool_faceswap._core.credentials import Config, Settings
    from akool_faceswap._core.timing import AsyncClock, Clock


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
