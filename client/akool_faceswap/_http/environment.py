"""The machine's settings that the HTTP library reads by itself: proxies and certificates.

The library finds a mistake in one of them when it connects, and reports it in its own way: a
missing module, a wrong address, a missing file. Here that becomes one sentence that names the
variable.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.request import getproxies

import httpx2

from akool_faceswap._errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


@contextmanager
def understandable() -> Iterator[None]:
    """Make connections inside the block.

    Raises:
        ConfigurationError: A setting of the environment makes that impossible; the text names it.
    """
    try:
        yield
    except (httpx2.InvalidURL, ImportError, OSError, ValueError) as error:
        # Without the cause: the library's text may quote the proxy's password.
        raise ConfigurationError(_what_is_wrong(error, os.environ)) from None


def _what_is_wrong(error: Exception, environ: Mapping[str, str]) -> str:
    if isinstance(error, OSError):  # ssl.SSLError is one
        named = [name for name in CERTIFICATES if environ.get(name)]
        where = " or ".join(named) or "the system's store"
        return (
            f"The certificates to trust cannot be read from {where}: {error}. Correct the variable "
            "or unset it"
        )
    for name in _proxy_names(environ):
        problem = _fault_of(environ[name])
        if problem is not None:
            return f"{name} {problem}. Correct the variable or unset it"
    return (
        f"The proxies of the environment ({', '.join(_proxy_names(environ)) or 'of the system'}, "
        "NO_PROXY) cannot be used. Correct or unset them"
    )


def _proxy_names(environ: Mapping[str, str]) -> list[str]:
    known = {f"{scheme}_proxy" for scheme in getproxies()} | {n.lower() for n in PROXIES}
    return [name for name, value in environ.items() if name.lower() in known and value]


def _fault_of(address: str) -> str | None:
    """What is wrong with the address of a proxy, without the address: it may have a password."""
    url = address if "://" in address else f"http://{address}"
    try:
        httpx2.HTTPTransport(proxy=url, verify=False, trust_env=False).close()
    except ImportError:
        return 'is a SOCKS proxy, which needs an extra: pip install "akool-faceswap[socks]"'
    except (httpx2.InvalidURL, OSError, ValueError):
        return "is not the address of a proxy: use http://host:port, https://host:port or socks5://host:port"
    return None
