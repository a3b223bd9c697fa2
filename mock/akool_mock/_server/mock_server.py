"""`MockServer`: a simulator for a test, in process or on a socket."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from akool_mock._http import IN_PROCESS
from akool_mock._simulator import Simulator
from akool_mock._world.settings import MockError, Settings
from akool_mock._world.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from akool_mock._contract.compiled import Contract
    from akool_mock._control.client import Control
    from akool_mock._server.transports import AsyncTransport, SyncTransport
    from akool_mock._world.clock import Clock


_START_S = 10.0


class MockServer:
    """A simulator, ready to use.

    Use it in process through `transport` and `async_transport`. `url` opens a socket on loopback
    when you first read it. `close`, or leaving the `with` block, ends both.

    Args:
        settings: settings for what the pages do not say.
        contract: an OpenAPI document; default: the merged contract.
        clock: the clock; default: one that runs with the real time.
        seed: seed of ids, failures and jitter.
        port: port of the socket; 0: any free one.
        state: file that keeps accepted jobs across restarts.

    Example:
        >>> with MockServer() as mock:
        ...     client = httpx2.Client(base_url=mock.url, headers={"x-api-key": mock.api_key})
    """

    def __init__(  # noqa: PLR0913 - everything that a simulator takes
        self,
        *,
        settings: Settings | None = None,
        contract: Contract | Mapping[str, Any] | None = None,
        clock: Clock | None = None,
        seed: int = 0,
        port: int = 0,
        state: Path | str | None = None,
    ) -> None:
        self.simulator = Simulator(contract, settings=settings, clock=clock, seed=seed)
        if state is not None:
            from akool_mock._world.state_file import StateFile  # noqa: PLC0415 - brings sqlite3

            StateFile(state).attach(self.simulator.world)
        self._port = port
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Address of the socket; opens it the first time."""
        if self._thread is None:
            self._start()
        return self.simulator.origin

    @property
    def base_url(self) -> str:
        """A loopback address for clients that use `transport`. Nothing listens there."""
        return IN_PROCESS

    @property
    def client_id(self) -> str:
        """ClientId of the first account."""
        return self.simulator.world.accounts.first.client_id

    @property
    def api_key(self) -> str:
        """API key of the first account."""
        return self.simulator.world.accounts.first.api_key

    @property
    def client_secret(self) -> str:
        """ClientSecret of the first account: the API key under another name."""
        return self.api_key

    @property
    def clock(self) -> Clock:
        """The simulator's clock. A client with this clock waits in no time."""
        return self.simulator.clock

    @property
    def transport(self) -> SyncTransport:
        """A transport for `httpx2.Client`."""
        from akool_mock._server.transports import SyncTransport  # noqa: PLC0415 - a server needs no httpx2

        return SyncTransport(self.simulator)

    @property
    def async_transport(self) -> AsyncTransport:
        """A transport for `httpx2.AsyncClient`."""
        from akool_mock._server.transports import AsyncTransport  # noqa: PLC0415 - a server needs no httpx2

        return AsyncTransport(self.simulator)

    @property
    def control(self) -> Control:
        """Typed access to the control plane."""
        from akool_mock._control.client import Control  # noqa: PLC0415 - many tests need none

        return Control.of(self.simulator)

    def advance(self, seconds: float) -> None:
        """Let mock time pass at once, and send the webhooks that are due."""
        self.simulator.advance(seconds)

    def reset(self) -> None:
        """Forget jobs, faults, requests and webhooks; keep the address."""
        self.simulator.reset()

    def _start(self) -> None:
        from akool_mock._server.run import (  # noqa: PLC0415 - in process there is no server
            loop_factory,
            run,
        )
        from akool_mock._server.sockets import bound  # noqa: PLC0415 - same

        sock = bound("127.0.0.1", self._port)
        ready = threading.Event()

        def work() -> None:
            with asyncio.Runner(loop_factory=loop_factory) as runner:
                self._loop, self._stop = runner.get_loop(), asyncio.Event()
                runner.run(run(self.simulator, sock, self._stop, ready=ready.set))

        self._thread = threading.Thread(target=work, name="akool-mock", daemon=True)
        self._thread.start()
        if not ready.wait(_START_S):
            raise MockError(
                "the simulator's server did not start: is the machine out of threads or sockets?"
            )

    def close(self) -> None:
        """Close the socket, if there is one, and the state file."""
        if self._thread is not None and self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(_START_S)
            self._thread = None
        world = self.simulator.world
        with world.lock:  # a webhook that is still under way is noted, or not at all
            world.storage.close()
            world.storage = Storage()


def offline(*, settings: Settings | None = None) -> MockServer:
    """A simulator in process, for `--mock`. It opens a socket only if `url` is read."""
    return MockServer(settings=settings)
