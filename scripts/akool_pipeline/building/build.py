"""Fragments and overlays in, the contract out: read, merge, repair, validate, write.

Everything is checked before the first byte is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.building import emit, fragments, namespace, overlay
from akool_pipeline.building.merge import Merged, merge
from akool_pipeline.building.validate import validate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from akool_pipeline.layout import Layout


HEADER: Final = """\
Built from openapi/fragments and openapi/overlays. Never edit: change those and run `make spec`."""


@dataclass(frozen=True, slots=True)
class Built:
    """The contract and how it came to be.

    Attributes:
        merged: The fragments merged, not yet repaired.
        data: The contract.
        actions: The repairs that were applied.
    """

    merged: Merged
    data: dict[str, Any]
    actions: Sequence[overlay.Action]


def assemble(fragment_folder: Path, overlay_folder: Path, *, by_namespace: bool = False) -> Built:
    """Read, merge, repair and validate; writes nothing.

    Args:
        fragment_folder: One OpenAPI document per page.
        overlay_folder: The repairs; need not exist.
        by_namespace: Whether to rename what products call alike instead of reporting it.

    Raises:
        PipelineError: What is wrong, with file, line and pointer.
    """
    actions = overlay.load_folder(overlay_folder)
    found = fragments.load_folder(fragment_folder)
    merged = merge(namespace.separate(found) if by_namespace else found)
    data = overlay.apply(merged.data, actions)
    validate(data, "the merged contract", merged.locate)
    return Built(merged, data, actions)


def build(layout: Layout, *, by_namespace: bool = False) -> list[Path]:
    """Write the contract in both forms; returns the files that changed."""
    built = assemble(layout.fragments, layout.overlays, by_namespace=by_namespace)
    return emit.write_files(
        {
            layout.contract: emit.to_yaml(built.data, HEADER),
            layout.contract_json: emit.to_json(built.data),
        }
    )
