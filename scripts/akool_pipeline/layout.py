"""Where the contract's parts lie in a checkout, or in any folder laid out like one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts below `root`."""

    root: Path

    @property
    def fragments(self) -> Path:
        """One OpenAPI document per docs page."""
        return self.root / "openapi" / "fragments"

    @property
    def page_list(self) -> Path:
        """The docs pages that are fetched."""
        return self.root / "openapi" / "pages.toml"

    @property
    def provenance(self) -> Path:
        """Page, date and checksums of each published fragment."""
        return self.root / "openapi" / "provenance.json"

    @property
    def overlays(self) -> Path:
        """The repairs."""
        return self.root / "openapi" / "overlays"

    @property
    def contract(self) -> Path:
        """The built contract, for people."""
        return self.root / "openapi" / "akool-faceswap.yaml"

    @property
    def contract_json(self) -> Path:
        """The same document, for programs: packaged in the wheel."""
        return self.root / "openapi" / "akool_openapi" / "contract.json"

    @property
    def generator_settings(self) -> Path:
        """Names and options of the generator."""
        return self.root / "openapi" / "generator.yaml"

    @property
    def client(self) -> Path:
        """The generated package."""
        return self.root / "generated" / "akool_faceswap_api"
