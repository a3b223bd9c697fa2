"""Read operations with all that they take over from their path and their document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akool_pipeline.building.fragments import METHODS
from akool_pipeline.diff.views import Node
from akool_pipeline.documents.pointer import join, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation with what it takes over from its path and its document."""

    data: dict[str, Any]
    pointer: str
    label: str
    parameters: dict[tuple[str, str], Node]
    security: list[dict[str, Any]]
    security_pointer: str
    servers: list[str]
    servers_pointer: str


def operations_of(document: dict[str, Any]) -> dict[tuple[str, str], Operation]:
    """All operations, by path (but for the names of its parameters) and method."""
    return {
        (re.sub(r"\{[^}]*\}", "{}", path), method): _operation(
            document, document["paths"][path], item, place, f"{method.upper()} {path}"
        )
        for path, whole in document.get("paths", {}).items()
        for method, item, place in _methods(whole, join("/paths", path))
    }


def _methods(item: dict[str, Any], place: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    for method in METHODS:
        if isinstance(item.get(method), dict):
            yield method, item[method], join(place, method)


def _operation(
    document: dict[str, Any],
    path_item: dict[str, Any],
    data: dict[str, Any],
    place: str,
    address: str,
) -> Operation:
    above = place.rpartition("/")[0]
    parameters: dict[tuple[str, str], Node] = {}
    positions: dict[str, int] = {name: i for i, name in enumerate(_names(address))}
    for owner, here in ((path_item, above), (data, place)):
        for index, raw in enumerate(owner.get("parameters", [])):
            node = follow(document, raw, join(here, "parameters", index))
            if node is None:
                continue
            where, name = str(node.schema.get("in")), str(node.schema.get("name"))
            if where == "path":  # known by its place: its name is not on the wire
                name = f"number {positions.get(name, 0) + 1}"
            parameters[where, name.lower() if where == "header" else name] = node
    title = data.get("operationId")

    def nearest(key: str) -> tuple[Any, str]:
        for owner, here in ((data, place), (path_item, above), (document, "")):
            if key in owner:
                return owner[key], join(here, key)
        return [], join("", key)

    security, security_pointer = nearest("security")
    servers, servers_pointer = nearest("servers")
    return Operation(
        data,
        place,
        f"{title} ({address})" if title else address,
        parameters,
        security,
        security_pointer,
        [str(server.get("url")).rstrip("/") for server in servers],
        servers_pointer,
    )


def _names(address: str) -> list[str]:
    return re.findall(r"\{([^}]*)\}", address)


def callbacks_of(document: dict[str, Any], operation: Operation) -> Iterator[tuple[str, Operation]]:
    """The calls that the service makes because of `operation`, each under a name of its own."""
    for name, raw in operation.data.get("callbacks", {}).items():
        node = follow(document, raw, join(operation.pointer, "callbacks", name))
        for expression, item in node.schema.items() if node else ():
            place = join(node.pointer, expression) if node else ""
            for method, data, here in _methods(item, place):
                key = f"{name} {expression} {method.upper()}"
                yield key, _operation({}, item, data, here, key)


def follow(document: dict[str, Any], value: Any, place: str) -> Node | None:  # noqa: ANN401 - JSON
    """`value` where it stands, or what its `$ref` names where that stands."""
    seen: set[str] = set()
    while isinstance(value, dict) and isinstance(value.get("$ref"), str) and place not in seen:
        seen.add(place)
        place = value["$ref"].removeprefix("#")
        value = find(document, place)
    return Node(value, place) if isinstance(value, dict) else None


def find(document: dict[str, Any], place: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value at a pointer; None if there is none."""
    try:
        return resolve(document, place)
    except KeyError:
        return None
