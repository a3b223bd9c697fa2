"""Serves the mock to browsers, containers and phones: over HTTPS, or through a proxy.

They need its address, and must trust its certificate authority.
"""

from __future__ import annotations

import asyncio
import shlex
from typing import TYPE_CHECKING

from akool_mock._contract.hosts import hosts_of
from akool_mock._server.intercept.authority import Authority, own_context, temporary_folder
from akool_mock._server.intercept.listeners import Listeners
from akool_mock._server.run import loop_factory, run, serve, settle

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from akool_mock._server.front import Front
    from akool_mock._simulator import Simulator

    Fact = tuple[str, str]
    """Name and value of a line to print."""


def serve_front(
    sim: Simulator, host: str, port: int, front: Front, say: Callable[[Sequence[Fact]], None]
) -> None:
    """Serve until SIGINT or SIGTERM; `say` gets the facts to print when everything answers.

    Raises:
        MockError: an address is not available, or a certificate cannot be used.
    """
    hosts = hosts_of(sim.contract.document)
    if front.certificate is not None:
        context = own_context(front.certificate, front.key)
        serve(sim, host=host, port=port, context=context, ready=lambda: say(()))
        return
    wildcard = host in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
    own: list[str] = [] if wildcard else [host]
    names = dict.fromkeys([*hosts, *front.names, *own])
    authority = Authority(list(names), front.ca)
    context = authority.server_context()
    with temporary_folder() as folder:
        written = (authority.certificate or authority.write(folder).authority).absolute()
        trusted = ("certificate authority", f"{written} (trust it)")
        if not front.proxy:
            sim.world.curl = f"--cacert {shlex.quote(str(written))} "
            serve(sim, host=host, port=port, context=context, ready=lambda: say((trusted,)))
            return
        listeners = Listeners((host, port), (0, 0), hosts, front.allowed)
        where = "http://{}:{}".format(*listeners.address)
        leads = ("proxy", f"{where} for {', '.join(hosts)}")
        _serve_behind(sim, listeners, context, lambda: say((leads, trusted)))


def _serve_behind(
    sim: Simulator, listeners: Listeners, context: ssl.SSLContext, ready: Callable[[], None]
) -> None:
    async def work() -> None:
        secure = (listeners.tls, context)
        async with listeners.proxied():
            stop = asyncio.Event()
            await run(sim, listeners.plain, stop, ready=ready, signals=True, secure=secure)

    settle()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(work())
