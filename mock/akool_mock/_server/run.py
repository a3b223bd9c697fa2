"""The simulator on a socket: uvicorn's HTTP parser, our start and stop.

uvicorn's own main loop looks ten times a second whether it should stop; a server per test cannot
wait for that, so the loop here waits for an event. Webhooks are sent by one daemon thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import threading
from typing import TYPE_CHECKING

from akool_mock._server.asgi import asgi_app
from akool_mock._server.heads import Heads
from akool_mock._server.protocol import Protocol
from akool_mock._server.sockets import BACKLOG, bound, origin_of
from akool_mock._server.uvicorn_parts import Config, ServerState

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable, Iterator

    from akool_mock._service import Service


_DRAIN_S = 2.0
_LONGEST_WAIT_S = 0.5
_LOOK_S = 5.0
_GC_OBJECTS = 20_000


def loop_factory() -> asyncio.AbstractEventLoop:
    """Uvloop where there is one."""
    try:
        import uvloop  # noqa: PLC0415 - not on Windows
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


async def run(  # noqa: PLR0913 - all that a server is started with
    sim: Service,
    sock: socket.socket,
    stop: asyncio.Event,
    *,
    ready: Callable[[], None] | None = None,
    signals: bool = False,
    context: ssl.SSLContext | None = None,
    secure: tuple[socket.socket, ssl.SSLContext] | None = None,
) -> None:
    """Serve until `stop`; answers under way then have `_DRAIN_S` seconds left.

    `context` is what `sock` shows if it speaks TLS; `secure` is a second socket, and what it shows.
    """
    config = Config(
        asgi_app(sim, stop),
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
    )
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    if signals:
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(
                NotImplementedError
            ):  # Windows: KeyboardInterrupt ends the loop
                loop.add_signal_handler(number, stop.set)
    sim.world.origin = origin_of(sock, secure=context is not None)

    async def listen(on: socket.socket, context: ssl.SSLContext | None) -> asyncio.Server:
        heads = Heads()  # of one listener: what was sent in the clear means something else in TLS
        return await loop.create_server(
            lambda: Protocol(config, state, sim, heads, loop),
            sock=on,
            backlog=BACKLOG,
            ssl=context,
        )

    servers = [await listen(sock, context)]
    if secure is not None:
        servers.append(await listen(*secure))
    with sender(sim):
        if ready is not None:
            ready()
        watch = loop.create_task(_close_silent(sim, state))
        await stop.wait()
        watch.cancel()
        for server in servers:
            server.close()
        for connection in list(state.connections):
            connection.shutdown()
        if state.tasks:
            await asyncio.wait(state.tasks, timeout=_DRAIN_S)
        for connection in list(state.connections):
            connection.transport.abort()


async def _close_silent(sim: Service, state: ServerState) -> None:
    """Close connections whose client has been silent for too long."""
    while True:
        limit_s = sim.world.settings.idle_s
        await asyncio.sleep(min(limit_s / 4, _LOOK_S) or _LOOK_S)
        for connection in list(state.connections) if limit_s else ():
            if isinstance(connection, Protocol):
                connection.close_if_silent(limit_s)


@contextlib.contextmanager
def sender(sim: Service) -> Iterator[None]:
    """Run a thread that sends webhooks when they are due, while the context lasts."""
    news = threading.Event()
    over = False

    def work() -> None:
        while True:
            news.clear()
            if over:
                return
            while sim.courier.launch(news.set):
                pass
            due = sim.world.outbox.next_due
            wait = None if due is None else due - sim.world.clock.time()
            news.wait(None if wait is None else min(max(wait, 0.001), _LONGEST_WAIT_S))

    def wake() -> None:
        if len(sim.world.outbox):
            news.set()

    thread = threading.Thread(target=work, name="akool-mock-webhooks", daemon=True)
    sim.world.listen(wake)
    sim.courier.served = True
    thread.start()
    try:
        yield
    finally:
        over = True
        news.set()
        thread.join(timeout=_DRAIN_S)
        sim.courier.join(_DRAIN_S)
        sim.world.unlisten(wake)
        sim.courier.served = False


def serve(
    sim: Service,
    *,
    host: str = "127.0.0.1",
    port: int = 8970,
    ready: Callable[[], None] | None = None,
    context: ssl.SSLContext | None = None,
) -> None:
    """Serve a simulator until SIGINT or SIGTERM.

    Args:
        sim: what answers.
        host: address to listen on.
        port: port; 0: any free one.
        ready: called when it answers.
        context: TLS context, if it serves HTTPS.
    """
    sock = bound(host, port)
    settle()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(run(sim, sock, asyncio.Event(), ready=ready, signals=True, context=context))


def settle() -> None:
    """Spare the garbage collector most of its work: from now on this process only serves."""
    # What was imported lives as long as the process: the collector need not look at it again, and
    # a million jobs are not looked through for the sake of a few requests.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_OBJECTS)
