"""The words of one call: what is sent, what the rules wish for, what an attempt came to. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from akool_faceswap._core.timing import RetryPolicy
    from akool_faceswap._errors import AkoolError, RawAnswer


class Fate(Enum):
    """What became of a request, as far as can be known."""

    DONE = auto()
    NOT_DELIVERED = auto()
    """It never reached the server."""
    BUSY = auto()
    """Rejected without work: called too often."""
    UNAUTHORIZED = auto()
    """Rejected without work: the token or key is not accepted."""
    REJECTED = auto()
    """Rejected; the same request would be again."""
    UNKNOWN = auto()
    """It may or may not have been carried out."""


class Envelope(Enum):
    """How an operation wraps its answer."""

    BUSINESS = auto()
    """`{"code", "msg", "data"}`, success is code 1000."""
    DETECTION = auto()
    """`{"error_code", "error_msg", ...}`, success is 0."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the contract, as far as sending it is concerned."""

    name: str
    """operationId."""
    envelope: Envelope = Envelope.BUSINESS
    submit: bool = False
    """Whether it costs money, so that it must not be repeated blindly."""
    authorized: bool = True
    server: str | None = None
    """Server of its own, where the contract gives it one (path-level `servers`)."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request to make and how to read its answer."""

    operation: Operation
    method: str
    path: str
    decode: Callable[[dict[str, Any], RawAnswer], T]
    """The answer's object to what the caller gets. May raise anything: the answer is foreign."""
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """The header that authorizes a request."""

    header: str
    value: str = field(repr=False)
    renewable: bool = False
    """Whether a fresh one can be had when the API does not accept it."""


@dataclass(frozen=True, slots=True)
class Authorize:
    """Wish: a credential, other than the stale one. Granted with a `Credential`."""

    stale: Credential | None
    deadline: float


@dataclass(frozen=True, slots=True)
class Send:
    """Wish: one attempt. Granted with a `RawAnswer` or a `Broken`."""

    call: Call[Any]
    credential: Credential | None
    connect_timeout: float
    read_timeout: float
    deadline: float
    """Monotonic time at which the answer must be complete. Any of the three may be infinite."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Wish: let that many seconds pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Broken:
    """No answer: what became of the request, and the error to raise for it."""

    fate: Fate
    error: AkoolError


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of one call, for the `on_attempt` hook and the log. Carries no secret."""

    operation: str
    number: int
    """From 1."""
    method: str
    path: str
    elapsed: float
    """Seconds."""
    status: int | None
    """HTTP status, None when no answer came."""
    error: AkoolError | None
    pause: float | None
    """Seconds until the next attempt; None when this was the last."""


Wish: TypeAlias = Authorize | Send | Pause
Exchange: TypeAlias = "Generator[Wish, Any, T]"


@dataclass(frozen=True, slots=True)
class Rules:
    """What every call of a client has in common."""

    retry: RetryPolicy
    monotonic: Callable[[], float]
    time: Callable[[], float]
    jitter: Callable[[], float]
    """Random numbers in [0, 1)."""
    redact: Callable[[str], str]
    observe: Callable[[Attempt], None]
