"""The simulator, its TLS listener and the proxy, in a thread while a program runs."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING

from akool_mock._server.run import bound, loop_factory, run
from akool_mock._world.settings import MockError
from akool_mock.intercept.proxy import MAX_HEAD, Proxy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from akool_mock._simulator import Simulator
    from akool_mock.intercept.authority import Authority

__all__ = ["serving"]

LOOPBACK = "127.0.0.1"
_START_S = 30.0


@contextlib.contextmanager
def serving(
    sim: Simulator,
    authority: Authority,
    hosts: Collection[str],
    *,
    allowed: Collection[str] = (),
    ports: tuple[int, int] = (0, 0),
) -> Iterator[tuple[Proxy, tuple[str, int]]]:
    """Serve while the context lasts; yields the proxy and where it listens.

    Args:
        sim: what answers.
        authority: whose certificate the TLS listener shows.
        hosts: hosts that lead to the simulator.
        allowed: other hosts that the proxy lets programs reach.
        ports: where to listen, without TLS and with it; 0 is any free port.

    Raises:
        MockError: a port cannot be had.
    """
    plain, tls, front = (bound(LOOPBACK, port) for port in (*ports, 0))
    proxy = Proxy(
        frozenset(hosts), tls.getsockname()[:2], plain.getsockname()[:2], frozenset(allowed)
    )
    stops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
    ready = threading.Event()

    async def work() -> None:
        stop = asyncio.Event()
        stops.append((asyncio.get_running_loop(), stop))
        server = await asyncio.start_server(proxy.serve, sock=front, limit=MAX_HEAD)
        try:
            secure = (tls, authority.server_context())
            await run(sim, plain, stop, ready=ready.set, secure=secure)
        finally:
            server.close()

    def thread() -> None:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(work())

    worker = threading.Thread(target=thread, name="akool-mock-run", daemon=True)
    worker.start()
    if not ready.wait(_START_S):
        raise MockError("the simulator did not start: try again, or report it as a fault")
    try:
        yield proxy, front.getsockname()[:2]
    finally:
        loop, stop = stops[0]
        loop.call_soon_threadsafe(stop.set)
        worker.join(_START_S)
