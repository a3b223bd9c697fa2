"""The merged contract as data: built by the pipeline, read by simulator and contract suite.

Depends on the standard library only. `contract.json` beside this module is the document that
`openapi/akool-faceswap.yaml` shows to people; one build step writes both. `operations` reads what
a contract says of its operations beyond OpenAPI, by the extensions whose schemas are here too.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["extension_schemas", "json_path", "load", "yaml_path"]

_HERE = Path(__file__).resolve().parent


def load() -> dict[str, Any]:
    """A fresh copy of the merged contract, an OpenAPI 3.0 document."""
    document: dict[str, Any] = json.loads(json_path().read_bytes())
    return document


def json_path() -> Path:
    """Path of the contract as JSON; valid YAML too, so every OpenAPI tool reads it."""
    return _HERE / "contract.json"


def yaml_path() -> Path:
    """Path of the contract as YAML in a checkout, and of the JSON form in an installed wheel."""
    checkout = _HERE.parent / "akool-faceswap.yaml"
    return checkout if checkout.is_file() else json_path()


def extension_schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema (2020-12) of each extension key, such as `x-job`."""
    return {
        path.stem: json.loads(path.read_bytes())
        for path in sorted((_HERE / "extensions").glob("x-*.json"))
    }
