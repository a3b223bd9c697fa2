"""Class names in the generator's settings that rename nothing any more.

The generator takes a name that it never meets without a word; the class that was to be renamed
then has another name, and whoever imports it fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from akool_pipeline.documents import document, pointer
from akool_pipeline.errors import PipelineError
from akool_pipeline.generating import parsing, settings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from akool_pipeline.errors import Problem
    from akool_pipeline.generating.parsing import LeftOut


def stale(
    file: Path | None, contract: document.Document, without: Iterable[LeftOut] = ()
) -> list[Problem]:
    """One problem for each entry of `class_overrides` without which the same classes come out.

    Settings or a contract that the generator cannot read at all are not judged here: `generate`
    says what is wrong with them.

    Args:
        file: The generator's settings; need not exist.
        contract: The built contract.
        without: What of it is left out.
    """
    if file is None or not file.is_file():
        return []
    problems: list[Problem] = []
    try:
        source = document.read(file)
        config = settings.read(file, file.parent)
        now = parsing.classes(contract, settings.effective(config), without)
        for key in config.class_overrides:
            others = {name: to for name, to in config.class_overrides.items() if name != key}
            fewer = settings.effective(evolve(config, class_overrides=others))
            if parsing.classes(contract, fewer, without) == now:
                text = f"stale: the client has no class {key!r} to be renamed; adapt or delete it"
                problems += source.error(text, pointer.join("/class_overrides", key)).problems
    except PipelineError:
        return []
    return problems
