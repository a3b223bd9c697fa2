"""Opens listening sockets, and gives the URL that a client uses for one."""

from __future__ import annotations

import socket

from akool_mock._world.settings import MockError

BACKLOG = 2048
_LAST_PORT = 65_535


def bound(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        MockError: the address is not available.
    """
    if not 0 <= port <= _LAST_PORT:
        raise MockError(f"{port} is not a port: choose one from 0 to {_LAST_PORT}")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        # The library adds what it was trying to do; that is in our words already.
        why = (error.strerror or str(error)).partition(" (")[0]
        raise MockError(
            f"cannot listen on {host}:{port}: {why}; choose another with --port "
            "(0 takes any free one) or --host"
        ) from None


def origin_of(sock: socket.socket, *, secure: bool = False) -> str:
    """`http://host:port` of a listening socket; the wildcard address becomes loopback."""
    scheme = "https" if secure else "http"
    bound_to, port = sock.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bound_to, str(bound_to))  # noqa: S104 - read, not bound
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
