"""Which operations an overlay action names, and which its wildcard merely reaches.

A page that is new tomorrow is reached by every wildcard of today. So what an action does to an
operation that nobody has named is told, and fails the build.

"Names" is meant by what happens, not by how the target is spelled: an action that would change
the operation in the same way under another path, method and operationId does not name it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from akool_openapi.operations import METHODS
from akool_pipeline.building.patch import is_singular, select

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_pipeline.building.patch import Node

Operation = tuple[str, str, str]
"""Section (`paths`, `webhooks`), path and method."""

_SECTIONS: Final = ("paths", "webhooks")
_OTHER: Final = "-under-another-name"


def touched(
    data: dict[str, Any], target: str, nodes: list[Node], update: object
) -> tuple[set[Operation], set[Operation]]:
    """The operations that an action names and those that only its wildcard reaches.

    Args:
        data: The document before the action.
        target: The action's target.
        nodes: What it selects in `data`.
        update: The action's update; None for a remove.
    """
    operations = {*_operations(data)} | {*_written(nodes, update)}
    everything = _reached(nodes, update, operations)
    if not everything or is_singular(target):
        return everything, set()
    reached: set[Operation] = set()
    for probe, names in (_other_paths(data), _other_methods(data)):
        hits = _reached(select(probe, target), update, set(names))
        reached |= {names[hit] for hit in hits}
    return everything - reached, everything & reached


def text(operation: Operation) -> str:
    """An operation as people write it."""
    _, path, method = operation
    return f"{method.upper()} {path}"


def exists(data: dict[str, Any], operation: Operation) -> bool:
    """Whether `data` has `operation`."""
    section, path, method = operation
    item = data.get(section, {}).get(path)
    return isinstance(item, dict) and method in item


def _operations(data: dict[str, Any]) -> Iterator[Operation]:
    for section in _SECTIONS:
        items = data.get(section)
        for path, item in items.items() if isinstance(items, dict) else ():
            if isinstance(item, dict):
                yield from ((section, path, method) for method in METHODS if method in item)


def _written(nodes: list[Node], update: object) -> Iterator[Operation]:
    """Operations that the update itself spells out."""
    for node in nodes:
        whole: Any = update
        for part in reversed(node.parts):
            whole = {part: whole}
        if len(node.parts) <= len(_SECTIONS) and isinstance(whole, dict):
            yield from _operations(whole)


def _reached(nodes: list[Node], update: object, operations: set[Operation]) -> set[Operation]:
    found: set[Operation] = set()
    for node in nodes:
        parts = node.parts
        whole = (*map(str, parts[:3]),)
        if len(whole) == 3:  # noqa: PLR2004 - section, path, method
            found |= {(whole[0], whole[1], whole[2])} & operations
            continue
        below = {known for known in operations if known[: len(parts)] == whole}
        found |= {k for k in below if update is None or _holds(update, k[len(parts) :])}
    return found


def _holds(update: object, keys: tuple[str, ...]) -> bool:
    for key in keys:
        if not isinstance(update, dict) or key not in update:
            return False
        update = update[key]
    return True


def _other_paths(data: dict[str, Any]) -> tuple[dict[str, Any], dict[Operation, Operation]]:
    """The document with every path under another name, and who is who."""
    probe, names = dict(data), {}
    for section in _SECTIONS:
        items = data.get(section)
        if isinstance(items, dict):
            probe[section] = {path + _OTHER: _nameless(item) for path, item in items.items()}
    for section, path, method in _operations(data):
        names[section, path + _OTHER, method] = (section, path, method)
    return probe, names


def _other_methods(data: dict[str, Any]) -> tuple[dict[str, Any], dict[Operation, Operation]]:
    """The document with every method under another name, and who is who."""
    probe, names = dict(data), {}
    for section in _SECTIONS:
        items = data.get(section)
        if isinstance(items, dict):
            probe[section] = {
                path: {
                    key + _OTHER if key in METHODS else key: value
                    for key, value in _nameless(item).items()
                }
                for path, item in items.items()
                if isinstance(item, dict)
            }
    for section, path, method in _operations(data):
        names[section, path, method + _OTHER] = (section, path, method)
    return probe, names


def _nameless(item: Any) -> Any:  # noqa: ANN401 - a path item, whatever it is
    """A path item whose operations have other operationIds."""
    if not isinstance(item, dict):
        return item
    return {
        key: {**value, "operationId": f"{value['operationId']}{_OTHER}"}
        if key in METHODS and isinstance(value, dict) and "operationId" in value
        else value
        for key, value in item.items()
    }
