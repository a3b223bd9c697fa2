"""Options for serving HTTPS, or as a proxy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Front:
    """How the mock is served.

    Attributes:
        tls: serve HTTPS.
        proxy: serve as a proxy that leads the contract's hosts here.
        ca: where the authority is kept; None for one of this run.
        certificate: a certificate that the user has already, PEM.
        key: its key, if it is in a file of its own.
        allowed: other hosts that the proxy lets programs reach.
        names: names that the made certificate is for too.
    """

    tls: bool = False
    proxy: bool = False
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    allowed: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def used(self) -> bool:
        """Whether there is more than plain HTTP."""
        return self.tls or self.proxy

    def problem(self) -> str:
        """Why the options do not go together; empty if they do."""
        if self.certificate is not None and not (self.tls and not self.proxy):
            return "--certificate goes with --tls alone: --proxy answers for hosts of others"
        if self.key is not None and self.certificate is None:
            return "--key goes with --certificate"
        if self.ca is not None and (self.certificate is not None or not self.used):
            return "--ca goes with --tls or --proxy, and not with --certificate"
        if self.allowed and not self.proxy:
            return "--allow-host goes with --proxy"
        return ""
