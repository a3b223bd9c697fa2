"""Deadlines that hold for threads, however slowly a server sends.

The HTTP library's timeouts begin anew with every read: a server that drips a byte now and then, or
one interim answer after the other, would hold a call endlessly. Under asyncio a timeout scope ends
that. A thread that sits in `recv` can only be told beforehand how long to sit there: so the
connections of our own pool ask, at every read, how much is left to the thread that reads.

Not covered is what the system offers no timeout for: looking up the server's name.
"""

from __future__ import annotations

import math
import socket
import threading
from contextlib import contextmanager, suppress
from importlib.metadata import version
from typing import TYPE_CHECKING

import httpx2

from akool_faceswap._errors import ConfigurationError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from httpcore2 import NetworkBackend, NetworkStream


PIECE_BYTES = 1 << 14
"""Written at once, so that a server that reads slowly is held to the deadline too."""


class Deadline(threading.local):
    """When the call that the current thread is in must be over."""

    moment = math.inf
    """Monotonic; infinite outside a call."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic

    @contextmanager
    def at(self, moment: float) -> Iterator[None]:
        """Apply a deadline to all that this thread sends and reads in the block."""
        before, self.moment = self.moment, moment
        try:
            yield
        finally:
            self.moment = before  # a progress callback may make calls of its own

    def left(self, timeout: float | None, late: type[Exception]) -> float | None:
        """The timeout of one operation, cut to what is left.

        Raises:
            Exception: Nothing is left: of the type `late`.
        """
        if self.moment == math.inf:
            return timeout
        left = self.moment - self._monotonic()
        if left <= 0:
            raise late("The deadline of the call is over")
        return left if timeout is None else min(timeout, left)

    def hold(self, client: httpx2.Client) -> httpx2.Client:
        """Give the connections of this client the deadline.

        The library takes a network backend in its lower half only; it is put in place afterwards,
        where the environment's proxies are set up as always.

        Raises:
            ConfigurationError: The library has changed: no deadline would hold.
        """
        try:
            mounted = (transport for transport in client._mounts.values() if transport)  # noqa: SLF001 - see above
            for transport in (client._transport, *mounted):  # noqa: SLF001 - see above
                pool: Any = transport._pool  # type: ignore[attr-defined]  # noqa: SLF001 - see above
                pool._network_backend = _Backend(pool._network_backend, self)  # noqa: SLF001 - see above
        except AttributeError:
            found = version("httpx2")
            client.close()
            raise ConfigurationError(
                f"Deadlines do not work with httpx2 {found}, which is built "
                f"differently: pip install 'httpx2<{found}'"
            ) from None
        return client


class _Backend:
    """A `httpcore2.NetworkBackend`, as far as our pool uses it."""

    def __init__(self, inner: NetworkBackend, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> _Stream:
        left = self._deadline.left(timeout, httpx2.ConnectTimeout)
        opened = self._inner.connect_tcp(host, port, left, local_address, socket_options)
        return _Stream(opened, self._deadline)


class _Stream:
    """A `httpcore2.NetworkStream`; it may serve another thread with each call."""

    def __init__(self, inner: NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout, httpx2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), PIECE_BYTES):
            left = self._deadline.left(timeout, httpx2.WriteTimeout)
            self._inner.write(buffer[start : start + PIECE_BYTES], left)

    def close(self) -> None:
        # Closing alone does not wake a thread that waits in `recv`.
        with suppress(OSError):
            self._inner.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> _Stream:
        left = self._deadline.left(timeout, httpx2.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - the library's own signature
        return self._inner.get_extra_info(info)
