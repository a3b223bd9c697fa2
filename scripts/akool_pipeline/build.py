"""Builds the merged contract: read, merge, overlay, validate, write."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import yaml
from oas_patch.overlay import apply_overlay
from openapi_spec_validator import OpenAPIV30SpecValidator

from akool_pipeline.errors import PipelineError
from akool_pipeline.merge import Document, merge

HEADER = "# Built from openapi/fragments and openapi/overlays by `make spec`. Never edited.\n"
TITLE = "AKOOL Face Swap (merged from the docs pages; unofficial)"


def read(path: Path) -> Document:
    """Reads one YAML document."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise PipelineError(f"{path}: not YAML: {error}") from None
    if not isinstance(document, dict):
        raise PipelineError(f"{path}: not a YAML mapping")
    return document


def contract(root: Path) -> Document:
    """The merged and overlaid contract of the checkout at `root`."""
    fragments = {f.stem: read(f) for f in sorted((root / "fragments").glob("*.yaml"))}
    for name, fragment in fragments.items():
        if not str(fragment.get("openapi", "")).startswith("3."):
            raise PipelineError(f"{name}: not an OpenAPI 3.x document")
    document = merge(fragments, TITLE)
    for file in sorted((root / "overlays").glob("*.yaml")):
        for number, action in enumerate(read(file)["actions"]):
            before = copy.deepcopy(document)
            apply_overlay(document, {"actions": [action]})
            if document == before:
                raise PipelineError(
                    f"{file.name}: action {number} ({action['target']}) does nothing"
                )
    document["components"] = {
        kind: dict(sorted(members.items())) for kind, members in document["components"].items()
    }
    faults = [
        f"{'/'.join(map(str, e.path))}: {e.message}"
        for e in OpenAPIV30SpecValidator(document).iter_errors()
    ]
    if faults:
        raise PipelineError("\n".join(faults))
    return document


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def write(document: Document, root: Path) -> None:
    """Writes the contract for people (YAML) and for programs (JSON)."""
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    (root / "akool-faceswap.yaml").write_text(HEADER + text, encoding="utf-8")
    (root / "akool_openapi" / "contract.json").write_text(
        json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
    )
