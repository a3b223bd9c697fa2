"""Whether a host is private: the vendor cannot reach it, and a result must not lead there. Pure.

Only the name itself is judged; nothing is resolved.
"""

from __future__ import annotations

import ipaddress
import socket
import unicodedata
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from akool_faceswap._errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCAL_NAMES: Final = ("localhost", "local", "internal", "home.arpa")
"""Names, and endings of names, that no public name server knows."""
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


def is_private(url: str) -> bool:
    """Whether a URL leads to this machine or into a private network, in any spelling."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    # Resolvers fold full-width digits and dots.
    return is_private_host(unicodedata.normalize("NFKC", host).replace("\u3002", "."))


def is_private_host(host: str) -> bool:
    """Whether a host, a name or an address, is of this machine or of a private network."""
    name = host.lower().rstrip(".").partition("%")[0]
    address = _address(name)
    if address is not None:
        return _is_private_address(address)
    return any(name == local or name.endswith(f".{local}") for local in _LOCAL_NAMES) or (
        # No top-level domain serves files: such names are those of a local network.
        bool(name) and "." not in name and ":" not in name
    )


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        pass
    try:
        # 127.1, 0x7f000001 and 2130706433: resolvers take them for addresses too.
        return ipaddress.IPv4Address(socket.inet_aton(name)) if name[:1].isdigit() else None
    except (OSError, ValueError):
        return None


def _is_private_address(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if inside is None and address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return _is_private_address(inside)
    return not address.is_global or address.is_multicast


def addresses(body: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Every web address in a request's body, with the name of its field."""
    if isinstance(body, dict):
        for key, value in body.items():
            yield from addresses(value, str(key))
    elif isinstance(body, list | tuple):
        for value in body:
            yield from addresses(value, name)
    elif isinstance(body, str) and body[:8].lower().startswith(("http://", "https://")):
        yield name, body


def require_public(body: object) -> None:
    """Check that another machine can fetch every URL in a request's body.

    Raises:
        InvalidRequestError: One leads to this machine or into a private network.
    """
    for name, url in addresses(body):
        if is_private(url):
            raise InvalidRequestError(
                f"{name}: the vendor cannot fetch {url!r:.80}: it leads to this machine or into a "
                "private network. Put the file where everybody can fetch it, or let an `uploader` "
                "do so; a mock on this machine takes such addresses (AKOOL_BASE_URL)"
            )
