"""A certificate authority for one run, and what programs of every kind need to trust it.

The private keys never leave this process. What is written to disk is public: the authority's own
certificate, alone, beside those of the system, and as a trust store for Java.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import ssl
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from akool_mock._world.settings import MockError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


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
        hosts: host names and addresses; loopback is always among them.
        folder: where the authority itself is kept and found again, its key for its owner only;
            None for one that ends with the process.

    Attributes:
        certificate: where its certificate is kept; None if it is not.

    Raises:
        MockError: the folder holds something else, or cannot be written.
    """

    def __init__(self, hosts: Sequence[str], folder: Path | None = None) -> None:
        self.certificate = None if folder is None else folder / CERTIFICATE
        self._root = _fresh("for one run") if folder is None else _kept(folder)
        self._leaf = self._root.issue_cert(*hosts, "localhost", "127.0.0.1", "::1")

    @property
    def pem(self) -> bytes:
        """The authority's certificate."""
        return self._root.cert_pem.bytes()

    def server_context(self) -> ssl.SSLContext:
        """The TLS context of a server that programs trust if they trust the authority."""
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


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that goes when this process ends, even if it is killed: a shell waits for that."""
    folder = Path(tempfile.mkdtemp(prefix="akool-mock-"))
    janitor = subprocess.Popen(  # noqa: S603 - our own line
        ["/bin/sh", "-c", 'cat; rm -rf -- "$1"', "sh", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if janitor.stdin is not None:
            janitor.stdin.close()
        janitor.wait()


CERTIFICATE, KEY = "ca.pem", "ca-key.pem"


def own_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """The TLS context for a certificate of the user's own.

    Raises:
        MockError: it cannot be read, or the key does not belong to it.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (OSError, ValueError) as error:
        raise MockError(
            f"--certificate {certificate}: {error}; it and --key are PEM files, the key without "
            "a password"
        ) from None
    return context


def _fresh(purpose: str) -> trustme.CA:
    return trustme.CA(organization_name=f"akool-faceswap mock, {purpose}")


def _kept(folder: Path) -> trustme.CA:
    certificate, key = folder / CERTIFICATE, folder / KEY
    try:
        if certificate.exists() or key.exists():
            return trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
        folder.mkdir(parents=True, exist_ok=True)
        made = _fresh("kept by its user")
        handle = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(made.private_key_pem.bytes())
        certificate.write_bytes(made.cert_pem.bytes())
    except (OSError, ValueError) as error:
        raise MockError(
            f"--ca {folder}: {error}; it is a folder that is empty, or has {CERTIFICATE} and {KEY}"
        ) from None
    return made
