"""Where the contract's parts lie in a checkout, or in any folder laid out like one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts below `root`.

    Attributes:
        root: A checkout, or a folder with `openapi/fragments` in it.
        name: Name of the contract; its client's package is called after it.
    """

    root: Path
    name: str = "akool-faceswap"

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
        """The repairs of the merged document."""
        return self.root / "openapi" / "overlays"

    @property
    def fragment_overlays(self) -> Path:
        """What is settled before the merge: `<fragment>.yaml` is for the fragment of that name."""
        return self.overlays / "fragments"

    @property
    def decisions(self) -> Path:
        """What the pages say in two ways, and which of them the contract follows."""
        return self.root / "openapi" / "decisions.toml"

    @property
    def contract(self) -> Path:
        """The built contract, for people."""
        return self.root / "openapi" / f"{self.name}.yaml"

    @property
    def contract_json(self) -> Path:
        """The same document, for programs: where there is a data package, in it."""
        package = self.root / "openapi" / "akool_openapi"
        if package.is_dir():
            return package / "contract.json"
        return self.root / "openapi" / f"{self.name}.json"

    @property
    def arazzo(self) -> Path:
        """What follows each submit, as workflows that tools of others run."""
        return self.root / "openapi" / f"{self.name}.arazzo.yaml"

    @property
    def released(self) -> Path:
        """The contract of the last release."""
        return self.root / "openapi" / "released.json"

    @property
    def changelog(self) -> Path:
        """What changed from release to release, for people."""
        return self.root / "CHANGELOG.md"

    @property
    def generator_settings(self) -> Path:
        """Names and options of the generator."""
        return self.root / "openapi" / "generator.yaml"

    @property
    def lint_rules(self) -> Path:
        """Redocly's configuration."""
        return self.root / "openapi" / "redocly.yaml"

    @property
    def lint_findings(self) -> Path:
        """What the rules find in the raw fragments, for people."""
        return self.root / "docs" / "lint-findings.md"

    @property
    def client(self) -> Path:
        """The generated package."""
        return self.root / "generated" / f"{self.name.replace('-', '_')}_api"
