"""Class names in the generator's settings that rename nothing any more.

The generator takes a name that it never meets without a word; the class that was to be renamed
then has another name, and whoever imports it fails.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from pydantic import ValidationError

from akool_pipeline.documents import document
from akool_pipeline.documents.pointer import join

if TYPE_CHECKING:
    from akool_pipeline.errors import Problem

_Names = frozenset[tuple[str, str]]
"""Generated classes, each with its module."""


def stale(settings: Path, contract: dict[str, Any]) -> list[Problem]:
    """One problem for each entry of `class_overrides` that `contract` has no class for.

    Settings or a contract that the generator cannot read at all are not judged here: `generate`
    says what is wrong with them.

    Args:
        settings: The generator's settings file; need not exist.
        contract: The built contract.
    """
    if not settings.is_file():
        return []
    source = document.read(settings)
    overrides = source.data.get("class_overrides") if isinstance(source.data, dict) else None
    if not isinstance(overrides, dict):
        return []
    everything = _classes(source.data, overrides, contract)
    if everything is None:
        return []
    problems: list[Problem] = []
    for name in overrides:
        others = {key: value for key, value in overrides.items() if key != name}
        if _classes(source.data, others, contract) == everything:
            message = (
                f"stale: the client has no class {name!r} to be renamed; adapt or delete the entry"
            )
            problems += source.error(message, join("/class_overrides", name)).problems
    return problems


def _classes(
    settings: dict[str, Any], overrides: dict[str, Any], contract: dict[str, Any]
) -> _Names | None:
    try:
        stated = ConfigFile(**{**settings, "class_overrides": overrides})
    except (ValidationError, TypeError):
        return None
    config = Config.from_sources(
        stated,
        meta_type=MetaType.NONE,
        document_source=Path("contract"),
        file_encoding="utf-8",
        overwrite=True,
        output_path=None,
    )
    parsed = GeneratorData.from_dict(contract, config=config)
    if isinstance(parsed, GeneratorError):
        return None
    return frozenset(
        (one.class_info.name, one.class_info.module_name) for one in [*parsed.models, *parsed.enums]
    )
