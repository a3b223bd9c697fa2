"""A small HTTP proxy that knows two ways: to the simulator, or nowhere.

Hosts of the contract lead to the simulator, on any port: with TLS to its TLS listener, without TLS
to the other. Loopback is let through for programs on this machine, as their own servers live
there. Any other host is refused with a line that says so, unless it was allowed by name. Nothing is
read but the head of the first request; what follows is copied.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from akool_mock._http import is_loopback

if TYPE_CHECKING:
    from collections.abc import Collection


MAX_HEAD = 65_536
"""Most bytes of a request's head that are kept."""
HEAD_S = 30.0
"""Seconds that a client has for the head, and a server for accepting the connection."""
MAX_REFUSED = 100
"""Most refused hosts that are remembered by name."""
_CHUNK = 65_536
_TLS_HANDSHAKE = 0x16
"""First byte of a TLS connection."""

Address = tuple[str, int]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _RefusalError(Exception):
    """Status and line that the client is told."""


@dataclass(slots=True)
class Proxy:
    """One proxy; `serve` is what a listening socket calls for each connection.

    Attributes:
        hosts: hosts of the contract.
        tls: where the simulator listens for TLS.
        plain: where it listens without.
        allowed: other hosts that may be reached.
        refused: how often which other host was asked for.
    """

    hosts: Collection[str]
    tls: Address
    plain: Address
    allowed: Collection[str] = ()
    refused: Counter[str] = field(default_factory=Counter)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        try:
            async with asyncio.timeout(HEAD_S):
                head = await reader.readuntil(b"\r\n\r\n")
                other, first = await self._lead(head, reader, writer, _is_here(writer))
            other[1].write(first)
            await asyncio.gather(_copy(reader, other[1]), _copy(other[0], writer))
        except _RefusalError as refusal:
            status, line = refusal.args
            body = f"akool-faceswap mock: {line}\n".encode()
            writer.write(
                f"HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
                + body
            )
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # one side is gone, or never spoke: there is nobody to tell
        finally:
            with contextlib.suppress(OSError):
                await writer.drain()
            writer.close()

    async def _lead(
        self,
        head: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        here: bool,  # noqa: FBT001 - a fact, not a mode
    ) -> tuple[Streams, bytes]:
        """The connection to copy to, and what it gets first."""
        line, _, fields = head.partition(b"\r\n")
        method, _, rest = line.decode("latin-1").partition(" ")
        target, _, version = rest.rpartition(" ")
        if method == "CONNECT":
            host, port = _split(target, 443)
            self._check(host, here=here)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            first = await reader.read(_CHUNK)
            return await self._connect(
                host, port, secure=first[:1] == bytes([_TLS_HANDSHAKE])
            ), first
        parts = urlsplit(target) if "://" in target else None
        if parts is None or not parts.hostname:
            raise _RefusalError(
                "400 Bad Request", "this is a proxy: send it CONNECT or a whole address"
            )
        host, port = parts.hostname, parts.port or 80
        self._check(host, here=here)
        path = parts.path or "/"
        query = f"?{parts.query}" if parts.query else ""
        kept = b"".join(
            field + b"\r\n"
            for field in fields.split(b"\r\n")
            if field and not field.lower().startswith((b"proxy-", b"connection:"))
        )
        # One request a connection: the next may be for another host.
        first = f"{method} {path}{query} {version}\r\n".encode("latin-1") + kept
        return await self._connect(host, port, secure=False), first + b"connection: close\r\n\r\n"

    def _check(self, host: str, *, here: bool) -> None:
        if host in self.hosts or host in self.allowed or (here and is_loopback(host)):
            return
        if host in self.refused or len(self.refused) < MAX_REFUSED:
            self.refused[host] += 1
        raise _RefusalError(
            "403 Forbidden",
            f"{host} is not a host of the contract; --allow-host {host} lets programs reach it",
        )

    async def _connect(self, host: str, port: int, *, secure: bool) -> Streams:
        if host in self.hosts:
            host, port = self.tls if secure else self.plain
        return await asyncio.open_connection(host, port)


def _is_here(writer: asyncio.StreamWriter) -> bool:
    peer = writer.get_extra_info("peername")
    return bool(peer) and is_loopback(str(peer[0]))


def _split(authority: str, usual: int) -> Address:
    try:
        parts = urlsplit(f"//{authority}")
        port = parts.port or usual
    except ValueError:
        raise _RefusalError("400 Bad Request", f"{authority!r} is not a host and a port") from None
    return parts.hostname or "", port


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until the reader ends, then tell the writer that nothing more comes."""
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    if not writer.is_closing() and writer.can_write_eof():
        with contextlib.suppress(OSError):
            writer.write_eof()
