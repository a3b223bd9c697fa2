"""The parts of one call: the request, the steps, the outcome of an attempt. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from akool_faceswap._errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from akool_faceswap._errors import AkoolError, RawAnswer
    from akool_openapi.operations import Envelope


class Fate(Enum):
    """The outcome of a request, as far as it is known."""

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


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the contract, as far as sending it is concerned."""

    name: str
    """operationId."""
    envelope: Envelope | None = None
    """How its answers tell success; None if the HTTP status does."""
    submit: bool = False
    """Whether it costs money, so that it must not be repeated blindly."""
    authorized: bool = True
    server: str = ""
    """Its server, as the contract says."""
    busy_codes: frozenset[int] = frozenset()
    """Codes of a refusal without work, after which the same request may succeed."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request to make and how to read its answer."""

    operation: Operation
    method: str
    path: str
    decode: Callable[[dict[str, Any], RawAnswer], T]
    """The answer's object to what the caller gets. May raise anything: the answer is foreign."""
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Header parameters of the operation; they never replace one of the client's own."""
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """The header that authorizes a request."""

    header: str
    value: str = field(repr=False)
    renewable: bool = False
    """Whether a new one can be fetched if the API rejects it."""


@dataclass(frozen=True, slots=True)
class Authorize:
    """A step: get a credential other than the stale one. Its result is a `Credential`."""

    stale: Credential | None
    deadline: float


@dataclass(frozen=True, slots=True)
class Send:
    """A step: make one attempt. Its result is a `RawAnswer` or a `NoAnswer`."""

    call: Call[Any]
    credential: Credential | None
    connect_timeout: float
    read_timeout: float
    deadline: float
    """Monotonic time at which the answer must be complete. Any of the three may be infinite."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A step: let that many seconds pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No answer: the outcome of the request, and the error to raise."""

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


Step: TypeAlias = Authorize | Send | Pause
Steps: TypeAlias = "Generator[Step, Any, T]"


def callback(name: str, given: Callable[..., Any] | None) -> bool:
    """Whether there is a callback.

    Raises:
        InvalidRequestError: It would never run: it is a coroutine function, or no function at all.
    """
    if given is not None and (not callable(given) or iscoroutinefunction(given)):
        raise InvalidRequestError(f"{name} is called, not awaited: pass a plain function")
    return given is not None
