"""Where requests go (a socket, a simulator in process, a recording), and what each can do."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import httpx2

from akool_contract._target.head import beyond_head
from akool_contract._target.starvation import StarvationWatch
from akool_contract._wire.http import Request, Response

if TYPE_CHECKING:
    from akool_contract.oracle.credentials import Credentials

MAX_BODY = 16 * 1024 * 1024
"""An answer beyond this many bytes is cut off and reported."""
IDLE_S = 0.3
"""The least patience of a server with a connection on which no request comes."""
MAX_FILE = 65_536
"""Bytes of a result file that a recording keeps."""
REDIRECTS, MAX_REDIRECTS = (301, 302, 303, 307, 308), 5
"""Redirects of file stores, and the most in sequence."""

ALL_ALLOWED = ("submit", "delete", "webhooks", "token", "second", "empty", "banned")


@dataclass(slots=True)
class Capabilities:
    """What applies to a target. The names are those that checks list under `needs`."""

    state: bool = True
    """Jobs are kept (a plain Prism keeps none)."""
    codes: bool = True
    """Refusals come as business codes (Prism answers 4xx of its own)."""
    clock: bool = False
    """`wait` advances a clock of the target's and costs no real time."""
    cheap: bool = False
    """Requests cost neither money nor much time: shrinking may repeat them freely."""
    loopback: bool = False
    submit: bool = False
    delete: bool = False
    webhooks: bool = False
    token: bool = False
    second: bool = False
    empty: bool = False
    banned: bool = False
    files: bool = True
    live: bool = False
    reasons: dict[str, str] = field(default_factory=dict)
    """Why a capability is absent, for the report."""

    def allow_all(self) -> None:
        """All permissions and credentials are there."""
        for name in ALL_ALLOWED:
            setattr(self, name, True)

    def lacks(self, needs: frozenset[str]) -> str:
        """Why checks with these needs cannot run; empty when they can."""
        for name in sorted(needs):
            if not getattr(self, name):
                return self.refusal(name)
        return ""

    def refusal(self, name: str) -> str:
        """Why this is not there; empty when it is."""
        return "" if getattr(self, name) else self.reasons.get(name, f"the target has no {name}")


class Target(Protocol):
    """A server under test. `now` and `wait` are in seconds of the target's clock."""

    name: str
    base_url: str
    credentials: Credentials
    capabilities: Capabilities
    concurrent: bool
    """Whether several threads may send at once."""

    def send(self, request: Request) -> Response:
        """Sends one request; never raises for what the server does."""
        ...

    def now(self) -> float:
        """The target's time."""
        ...

    def wait(self, seconds: float) -> None:
        """Lets the target's time pass."""
        ...

    def close(self) -> None:
        """Frees what the target holds."""
        ...


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


KEPT = {"Connection": "keep-alive"}
"""Headers of a request that is sent over one connection, with the others that have them."""


class LateError(Exception):
    """An answer began in time and did not end in time."""


class HttpTarget:
    """Any base URL."""

    concurrent = True

    def __init__(  # noqa: PLR0913 - what a connection needs
        self,
        base_url: str,
        credentials: Credentials,
        capabilities: Capabilities | None = None,
        *,
        timeout: float = 10.0,
        transport: httpx2.BaseTransport | None = None,
        name: str = "",
        watch: StarvationWatch | None = None,
        ca: str = "",
        connections: int = 20,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.name = name or self.base_url
        self.credentials = credentials
        self.capabilities = capabilities or Capabilities(loopback=is_loopback(base_url))
        self._timeout = timeout
        self._ca = ca
        self._fresh = self._here = is_loopback(base_url)
        self._watch = watch or StarvationWatch()
        # A reused loopback connection waits 40 ms for a delayed ACK when a simple server writes
        # head and body apart; a fresh one does not, and costs a fifth of a ms.
        limits = httpx2.Limits(
            max_connections=connections,
            max_keepalive_connections=0 if self._fresh else connections,
        )
        only = httpx2.Limits(max_connections=1, max_keepalive_connections=1)
        self._client, self._kept = (
            httpx2.Client(
                timeout=timeout,
                transport=transport,
                verify=ssl.create_default_context(cafile=ca) if ca else True,
                trust_env=not is_loopback(base_url),
                follow_redirects=False,
                limits=each,
            )
            for each in (limits, only)
        )
        for client in (self._client, self._kept):
            for header in ("accept", "accept-encoding", "user-agent"):
                client.headers.pop(header, None)
        if self._fresh:
            # The server closes it: then an answer shorter than it says is seen at once.
            self._client.headers["connection"] = "close"

    def send(self, request: Request) -> Response:
        """One request over the socket; transport faults come back as `fault`."""
        before = self._watch.waits()
        for attempt in (1, 2):
            try:
                return self._send(request)
            except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError) as error:
                # A server may close an idle connection as we reuse it: that alone is no fault.
                # It may do so with a new one too, if this machine lets it wait for the request.
                kept = request.header("connection") == KEPT["Connection"]
                idle = self._watch.waits().kept_waiting(before, IDLE_S, here=False)
                reused = kept or (request.method == "GET" and (idle or not self._fresh))
                if attempt > 1 or not reused:
                    fault = f"{type(error).__name__}: {error}"[:200]
                    return Response(0, fault=fault, starved=idle)
            except (httpx2.TimeoutException, LateError) as error:
                fault = f"{type(error).__name__}: {error}"[:200]
                waits = self._watch.waits()
                starved = waits.kept_waiting(before, self._timeout, here=self._here)
                return Response(0, fault=fault, starved=starved)
            except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
                return Response(0, fault=f"{type(error).__name__}: {error}"[:200])
        raise AssertionError

    def _send(self, request: Request) -> Response:
        headers = list(request.headers)
        if request.header("accept-encoding") is None:
            headers.append(("accept-encoding", "identity"))
        if request.header("user-agent") is None:
            headers.append(("user-agent", "akool-faceswap-verify"))
        deadline = time.monotonic() + self._timeout
        content = request.body if request.body or request.method != "GET" else None
        kept = request.header("connection") == KEPT["Connection"]
        with (self._kept if kept else self._client).stream(
            request.method, request.url, headers=headers, content=content
        ) as answer:
            chunks, size = [], 0
            for chunk in answer.iter_raw():
                chunks.append(chunk)
                size += len(chunk)
                if size > MAX_BODY:
                    return Response(answer.status_code, fault=f"more than {MAX_BODY} bytes")
                if time.monotonic() > deadline:
                    raise LateError(f"not finished after {self._timeout:g} s")
            raw = tuple(
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in answer.headers.raw
            )
            return Response(answer.status_code, raw, b"".join(chunks))

    def beyond_head(self, request: Request) -> bytes:
        """What the server sends after the head of its answer to HEAD: it must be nothing."""
        return beyond_head(request, self._timeout, self._ca)

    def now(self) -> float:
        """Real time."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Waits in real time."""
        time.sleep(seconds)

    def close(self) -> None:
        """Closes the connections."""
        self._watch.close()
        self._client.close()
        self._kept.close()
