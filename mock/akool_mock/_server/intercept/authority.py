"""A certificate authority for one run, and what programs of every kind need to trust it.

The private keys never leave this process. What is written to disk is public: the authority's own
certificate, alone, beside those of the system, and as a trust store for Java.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["STORE_PASSWORD", "SYSTEM_BUNDLES", "Authority", "Files"]

STORE_PASSWORD = "changeit"  # noqa: S105 - Java's own default; the store holds nothing secret
SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, OpenSSL's default
)
"""Where systems keep the certificates that they trust."""


@dataclass(frozen=True, slots=True)
class Files:
    """What was written for programs to read.

    Attributes:
        authority: The authority's certificate alone, PEM.
        bundle: The same beside what the system trusts, PEM.
        java: The same two as a trust store for Java, PKCS #12 under `STORE_PASSWORD`.
    """

    authority: Path
    bundle: Path
    java: Path


class Authority:
    """Issues one certificate for all hosts that a run answers for.

    Args:
        hosts: host names; loopback is always among them.
    """

    def __init__(self, hosts: Sequence[str]) -> None:
        self._root = trustme.CA(organization_name="akool-faceswap mock, for one run")
        self._leaf = self._root.issue_cert(*hosts, "localhost", "127.0.0.1", "::1")

    @property
    def pem(self) -> bytes:
        """The authority's certificate."""
        return self._root.cert_pem.bytes()

    def server_context(self) -> ssl.SSLContext:
        """What a server needs to be believed by programs that trust the authority."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.set_alpn_protocols(["http/1.1"])
        self._leaf.configure_cert(context)
        return context

    def write(self, folder: Path) -> Files:
        """Write what programs read into `folder`."""
        system = next((p for p in map(Path, SYSTEM_BUNDLES) if p.is_file()), None)
        known = system.read_bytes() if system else b""
        files = Files(folder / "ca.pem", folder / "ca-bundle.pem", folder / "ca.p12")
        files.authority.write_bytes(self.pem)
        files.bundle.write_bytes(self.pem + known)
        own = x509.load_pem_x509_certificate(self.pem)
        entry = pkcs12.PKCS12Certificate(own, b"akool-faceswap-mock")
        store = pkcs12.serialize_java_truststore(
            [entry], BestAvailableEncryption(STORE_PASSWORD.encode())
        )
        files.java.write_bytes(store)
        return files
