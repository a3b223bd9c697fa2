"""Structures that a person types, in an option or in a cell of a manifest. Pure."""

from __future__ import annotations

import json
from typing import Any


class CellError(ValueError):
    """A value that its column cannot hold; the text goes behind the column's name."""


def _structure(value: object) -> Any:  # noqa: ANN401 - JSON
    """JSON, as text in a CSV cell or as a value of its own elsewhere."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
        json.dumps(found, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        raise CellError(f"must be JSON, not {_short(value)}") from None
    return found


def read_mapping(value: object) -> list[dict[str, Any]]:
    """Pairs as objects with the fields of `FaceMapping`.

    Raises:
        CellError: They are not.
    """
    found = _structure(value)
    fields = {"source_url", "target_url", "source_bbox", "target_bbox"}
    if not isinstance(found, list) or not all(
        isinstance(pair, dict) and "source_url" in pair and set(pair) <= fields for pair in found
    ):
        raise CellError(f"must be a list of objects with {', '.join(sorted(fields))}")
    return found


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARS else text[:SHOWN_CHARS] + "..."


SHOWN_CHARS = 60
"""How much of a wrong value is shown."""
