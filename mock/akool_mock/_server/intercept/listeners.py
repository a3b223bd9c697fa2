"""The sockets of a simulator behind a proxy: its own two, and the proxy's that leads to them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from akool_mock._server.intercept.proxy import MAX_HEAD, Proxy
from akool_mock._server.sockets import bound

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Collection


LOOPBACK = "127.0.0.1"


class Listeners:
    """Three sockets: the simulator's in the clear and with TLS, and the proxy that leads to them.

    Args:
        front: address and port of the proxy.
        ports: ports of the simulator on loopback, without TLS and with it; 0 is any free one.
        hosts: hosts that lead to the simulator.
        allowed: other hosts that the proxy lets programs reach.

    Raises:
        MockError: an address is not available.
    """

    def __init__(
        self,
        front: tuple[str, int],
        ports: tuple[int, int],
        hosts: Collection[str],
        allowed: Collection[str],
    ) -> None:
        self.front: socket.socket = bound(*front)
        self.plain: socket.socket = bound(LOOPBACK, ports[0])
        self.tls: socket.socket = bound(LOOPBACK, ports[1])
        self.proxy = Proxy(
            frozenset(hosts),
            self.tls.getsockname()[:2],
            self.plain.getsockname()[:2],
            frozenset(allowed),
        )

    @property
    def address(self) -> tuple[str, int]:
        """Where the proxy listens."""
        host, port = self.front.getsockname()[:2]
        return str(host), int(port)

    @contextlib.asynccontextmanager
    async def proxied(self) -> AsyncIterator[None]:
        """Run the proxy while the context lasts."""
        tasks: set[asyncio.Task[None]] = set()

        def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # Not by the library, which complains of connections that are open at the end.
            task = asyncio.create_task(self.proxy.serve(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(serve, sock=self.front, limit=MAX_HEAD)
        try:
            yield
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
