"""The merged contract as package data, for whoever serves or verifies it."""

import json
from pathlib import Path
from typing import Any

__all__ = ["json_path", "load"]


def json_path() -> Path:
    """Where the merged contract lies, as JSON."""
    return Path(__file__).with_name("contract.json")


def load() -> dict[str, Any]:
    """The merged contract: an OpenAPI 3.0 document with the extensions that docs/contract.md lists."""
    document: dict[str, Any] = json.loads(json_path().read_bytes())
    return document
