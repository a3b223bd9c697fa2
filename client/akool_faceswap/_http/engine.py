"""What both engines share: settings, credentials, rules, the wire; all that does not wait."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx2

from akool_faceswap._core.call import callback
from akool_faceswap._core.credentials import TokenBox, redactor
from akool_faceswap._core.settings import Rules
from akool_faceswap._core.timing import ServerClock, Timeout, seconds_of
from akool_faceswap._errors import ClientClosedError, ConfigurationError, RawAnswer, ResultExpired
from akool_faceswap._http.deadline import Deadline
from akool_faceswap._http.log import observer
from akool_faceswap._http.wire import Wire, decodable_codings
from akool_faceswap._models.addresses import is_private, require_public

if TYPE_CHECKING:
    from akool_faceswap._core.call import Call, NoAnswer
    from akool_faceswap._core.credentials import Config
    from akool_faceswap._core.download import Download, Transfer
    from akool_faceswap._core.settings import Settings
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
            local_server=config.base_url if config.is_local else None,
        )
        self.once = replace(self.rules, retry=replace(settings.retry, attempts=1))
        self.deadline = Deadline(clock.monotonic)
        self.wire = Wire(config.base_url, settings.user_agent, clock.monotonic, self.deadline)
        self.closed = False
        self.local = config.base_url is not None and is_private(config.base_url)
        """Whether the API is on this machine or in a private network: then all else may be too."""
        self._secrets = redactor(config.api_key, config.client_secret)

    def timeout(self, timeout: Timeout) -> float:
        """The seconds of one call: its own timeout, or the client's."""
        return seconds_of(timeout, self.settings.timeout)

    def require_open(self) -> None:
        """Refuse to work after `close`."""
        if self.closed:
            raise ClientClosedError("This client is closed")

    def admit(self, call: Call[Any]) -> None:
        """Refuse addresses that the API could not fetch, before anything is paid for them.

        Raises:
            InvalidRequestError: One is on this machine or in a private network, the API is not.
        """
        if not self.local and call.body is not None:
            require_public(call.body)

    def transfer(self, download: Download) -> Transfer:
        """The download of a result that is still there.

        Raises:
            ResultExpired: Its seven days are over.
            InvalidRequestError: The progress callback would never run.
        """
        from akool_faceswap._core.download import Transfer, expired  # noqa: PLC0415 - few calls fetch a file

        self.require_open()
        callback("progress", download.progress)
        state = download.state

        def gone() -> bool:
            return expired(state.expires_at, self.server_clock.now())

        if gone():
            raise ResultExpired(
                f"The result expired at {state.expires_at}", job_id=state.id, operation="save"
            )
        return Transfer(
            download, self.settings.retry, gone, local=self.local, codings=decodable_codings()
        )

    def _redact(self, text: str) -> str:
        return redactor(self.tokens.secret)(self._secrets(text))

    def _note(self, result: RawAnswer | NoAnswer) -> RawAnswer | NoAnswer:
        if isinstance(result, RawAnswer):
            self.server_clock.note(result.headers.get("date"))
        return result


CLASSES: Final = {
    "FaceSwap": (httpx2.Client, httpx2.BaseTransport),
    "AsyncFaceSwap": (httpx2.AsyncClient, httpx2.AsyncBaseTransport),
}
"""What each of the clients sends with."""


def require_class(owner: str, http_client: object, transport: object) -> None:
    """Refuse what could only fail later, when a submit may have been paid for.

    Raises:
        ConfigurationError: It is of another library, of the other client, or both were given.
    """
    (other,) = CLASSES.keys() - {owner}
    given = {"http_client": http_client, "transport": transport}
    for (name, value), wanted, others in zip(
        given.items(), CLASSES[owner], CLASSES[other], strict=True
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
