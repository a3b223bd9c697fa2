"""Sends one webhook over HTTP: to loopback, or to a host that the user named. Follows no redirect.

A simulator that posts to any URL in a request body is a hole in its network. So the host name is
resolved first, and only a loopback address is called: the very one that was checked.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection


_ANSWER_BYTES = 65_536
_AS_IT_IS = "!#$%&'()*+,/:;=?@[]~"
ADDRESSED = "X-Akool-Mock-Webhook-Url"
"""Header with the webhook's own URL, if it is sent to another one."""


class Refused(Exception):  # noqa: N818 - a decision, not a fault
    """The receiver's address may not be called."""


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


def post(
    url: str, body: bytes, *, timeout_s: float, allowed: Collection[str] = (), instead: str = ""
) -> int:
    """POST JSON and return the HTTP status.

    Args:
        url: the receiver.
        body: what it gets.
        timeout_s: how long it has.
        allowed: hosts besides loopback.
        instead: URL that gets it in the receiver's place; a header has the receiver's.

    Raises:
        Refused: the address may not be called; trying again does not help.
        OSError, http.client.HTTPException: the receiver cannot be reached or speaks no HTTP.
    """
    more = {}
    if instead:
        more[ADDRESSED] = quote(url, safe=_AS_IT_IS)
        url = instead
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
    address = host if instead else _address(host, port, allowed)
    connection = kind(address, port, timeout=timeout_s)
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    headers = {"Host": parts.netloc.rpartition("@")[2], "Content-Type": "application/json"}
    headers |= more
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
