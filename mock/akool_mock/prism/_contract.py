"""The contract as Prism gets it: one self-contained JSON document that makes it call nobody.

A reference to another file or address is refused, because Prism would fetch it. Callbacks are left
out, because Prism would post their example, unsigned, to whatever address a request names; webhooks
are the simulator's business.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import akool_openapi
from akool_mock._contract.file import contract_at
from akool_mock._world.settings import MockError
from akool_mock.prism._errors import ContractRefused

if TYPE_CHECKING:
    from collections.abc import Iterator


def as_json(contract: Mapping[str, Any] | Path | None) -> str:
    """A contract as JSON text: the merged one if None, else a document, or a JSON or YAML file.

    Raises:
        ContractRefused: it cannot be read, or does not stand alone.
    """
    document = akool_openapi.load() if contract is None else contract
    if isinstance(document, Path):
        try:
            document = contract_at(document)
        except MockError as error:
            raise ContractRefused(str(error)) from error
    outside = sorted({ref for ref in _references(document) if not ref.startswith("#")})
    if outside:
        raise ContractRefused(
            f"the contract points outside itself ({outside[0]}): bundle it into one document"
        )
    return json.dumps(_without_callbacks(document), default=str)


def _without_callbacks(document: Any) -> Any:  # noqa: ANN401 - whatever was given
    paths = document.get("paths") if isinstance(document, Mapping) else None
    if not isinstance(paths, Mapping):
        return document
    quiet = {path: _each_without_callbacks(item) for path, item in paths.items()}
    return {**document, "paths": quiet}


def _each_without_callbacks(item: Any) -> Any:  # noqa: ANN401 - whatever was given
    if not isinstance(item, Mapping):
        return item
    return {
        key: {name: part for name, part in node.items() if name != "callbacks"}
        if isinstance(node, Mapping)
        else node
        for key, node in item.items()
    }


def _references(node: object) -> Iterator[str]:
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            ref = here.get("$ref")
            if isinstance(ref, str):
                yield ref
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
