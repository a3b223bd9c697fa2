"""Sends one webhook over HTTP: to loopback, or to a host that the user named. Follows no redirect.

A simulator that posts wherever a request body says is a hole in the network it runs in, so a name
is looked up first and only a loopback address is connected to, the very one that was checked.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Refused", "post"]

_ANSWER_BYTES = 65_536


class Refused(Exception):  # noqa: N818 - a decision, not a fault
    """The receiver's address is not one that may be called."""


def _address(host: str, port: int, allowed: Collection[str]) -> str:
    if host in allowed:
        return host
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(f"{host}: no such host ({error})") from None
    for *_, address in found:
        if ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback:
            return str(address[0])
    raise Refused(f"{host} is not a loopback address: allow it with --webhook-host {host}")


def post(url: str, body: bytes, *, timeout_s: float, allowed: Collection[str] = ()) -> int:
    """POST JSON and return the HTTP status.

    Raises:
        Refused: the address may not be called; trying again does not help.
        OSError, http.client.HTTPException: the receiver cannot be reached or speaks no HTTP.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Refused(f"no address: {error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise Refused("a webhookUrl is an http or https address")
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    port = port or (443 if secure else 80)
    connection = kind(_address(host, port, allowed), port, timeout=timeout_s)
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    headers = {"Host": parts.netloc.rpartition("@")[2], "Content-Type": "application/json"}
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read(_ANSWER_BYTES)
    except (UnicodeError, ValueError) as error:
        raise Refused(f"no address: {error}") from None
    else:
        return answer.status
    finally:
        connection.close()
