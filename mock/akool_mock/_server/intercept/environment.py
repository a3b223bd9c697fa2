"""What programs of every kind read from their environment to find proxy and authority. Pure.

Each stack has variables of its own, and some read only the lower-case spelling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from akool_mock._server.intercept.authority import STORE_PASSWORD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akool_mock._server.intercept.authority import Files


LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""Never through the proxy: the program's own servers."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials of the first account, in place of the vendor's."""

    client_id: str
    api_key: str


def environment(
    inherited: Mapping[str, str], proxy: tuple[str, int], files: Files, account: Credentials
) -> dict[str, str]:
    """The environment of the program.

    Args:
        inherited: our own environment.
        proxy: address and port of the proxy.
        files: what it reads to trust the authority.
        account: what it authenticates with.
    """
    host, port = proxy
    url = f"http://{host}:{port}"
    direct = ",".join(LOOPBACK)
    proxies = {"http_proxy": url, "https_proxy": url, "all_proxy": url, "no_proxy": direct}
    bundle = str(files.bundle)
    java = " ".join(
        [
            *inherited.get("JAVA_TOOL_OPTIONS", "").split(),
            f"-Dhttp.proxyHost={host}", f"-Dhttp.proxyPort={port}",
            f"-Dhttps.proxyHost={host}", f"-Dhttps.proxyPort={port}",
            f"-Dhttp.nonProxyHosts={'|'.join(LOOPBACK)}",
            f"-Djavax.net.ssl.trustStore={files.java}",
            "-Djavax.net.ssl.trustStoreType=PKCS12",
            f"-Djavax.net.ssl.trustStorePassword={STORE_PASSWORD}",
        ]
    )  # fmt: skip
    return {
        **inherited,
        **proxies,
        **{name.upper(): value for name, value in proxies.items()},
        "SSL_CERT_FILE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "CURL_CA_BUNDLE": bundle,
        "AWS_CA_BUNDLE": bundle,
        "GIT_SSL_CAINFO": bundle,
        "NODE_EXTRA_CA_CERTS": str(files.authority),
        "NODE_USE_ENV_PROXY": "1",
        "JAVA_TOOL_OPTIONS": java,
        "AKOOL_CLIENT_ID": account.client_id,
        "AKOOL_CLIENT_SECRET": account.api_key,
        "AKOOL_API_KEY": account.api_key,
    }
