"""What a server sends after the head of an answer to HEAD. HTTP clients leave it in the pipe."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from akool_contract._wire.http import Request

PORTS = {"http": 80, "https": 443}
END = b"\r\n\r\n"
MOST = 65_536
REST_S = 1.0
"""Seconds to wait for the rest, from a server that does not close the connection."""


def beyond_head(request: Request, timeout: float, ca: str) -> bytes:
    """Asks by HEAD on a connection of its own, which the server is told to close.

    What has come in time counts. So a slow machine may find less, and never too much.

    Returns:
        What came after the head, up to 64 KiB; empty as well if there was no answer.
    """
    parts = urlsplit(request.url)
    pairs = (("Host", parts.netloc), *request.headers, ("Connection", "close"))
    fields = "".join(f"{name}: {value}\r\n" for name, value in pairs)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    told = bytearray()
    address = parts.hostname or "", parts.port or PORTS[parts.scheme]
    with suppress(OSError), _connected(address, timeout, parts.scheme, ca) as way:
        way.sendall(f"HEAD {target} HTTP/1.1\r\n{fields}\r\n".encode("latin-1", "replace"))
        last = time.monotonic() + timeout
        while len(told) < MOST and time.monotonic() < last and (part := way.recv(MOST)):
            told += part
            if END in told:
                last = min(last, time.monotonic() + REST_S)
                way.settimeout(REST_S)
    head, _, rest = bytes(told).partition(END)
    return rest if head.startswith(b"HTTP/") and not rest.startswith(b"HTTP/") else b""


def _connected(address: tuple[str, int], timeout: float, scheme: str, ca: str) -> socket.socket:
    plain = socket.create_connection(address, timeout)
    if scheme != "https":
        return plain
    try:
        context = ssl.create_default_context(cafile=ca or None)
        return context.wrap_socket(plain, server_hostname=address[0])
    except OSError:
        plain.close()
        raise
