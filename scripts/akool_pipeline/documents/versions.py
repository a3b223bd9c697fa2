"""OpenAPI 3.0 documents in the words of 3.1, which says all that 3.0 does. Pure."""

from __future__ import annotations

import copy
from typing import Any

from akool_openapi import dialect
from akool_pipeline.documents import grammar


def lift(data: dict[str, Any], version: str, *, beside_references: bool = True) -> dict[str, Any]:
    """A copy of an OpenAPI document, with its schemas in the words of 3.1.

    Args:
        data: The document; parts of it may be written for 3.1 already.
        version: What it then says of itself.
        beside_references: Whether to drop what stands beside a `$ref`, which 3.0 does not read.
    """
    result = {**copy.deepcopy(data), "openapi": version}
    for part in list(grammar.parts(result)):
        if part.kind == "schema" and (beside_references or "$ref" not in part.value):
            written = dialect.one(part.value)
            part.value.clear()
            part.value.update(written)
    return result
