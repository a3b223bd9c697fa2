"""Compare the servers of an operation: their addresses, which comes first, their variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akool_pipeline.diff import words
from akool_pipeline.diff.model import Severity
from akool_pipeline.diff.reading import Node, address

if TYPE_CHECKING:
    from akool_pipeline.diff.visit import Visit


def servers(visit: Visit, before: Node, after: Node) -> None:
    """Compare what stands under `servers` of two nodes; without any the server is `/`."""
    one, other = (_servers(node) for node in (before, after))
    for url in sorted(one.keys() - other.keys()):
        place = before.at("servers")
        visit.add(Severity.BREAKING, "server-removed", place, f"server {url or '/'} is gone")
    for url in sorted(other.keys() - one.keys()):
        place = after.at("servers")
        visit.add(Severity.ADDITIVE, "server-added", place, f"server {url or '/'} is new")
    first, now_first = next(iter(one)), next(iter(other))
    if first != now_first and first in other:  # callers take the first if they do not choose
        message = f"server {now_first or '/'} comes first, was {first or '/'}"
        visit.add(Severity.BREAKING, "server-first-changed", after.at("servers"), message)
    for url in sorted(one.keys() & other.keys()):
        visit.part(_server, one[url], other[url])


def _servers(node: Node) -> dict[str, Node]:
    listed: list[Any] = node.value.get("servers") or [{"url": "/"}]
    found: dict[str, Node] = {}
    for index, server in enumerate(listed):
        found.setdefault(address(str(server.get("url"))), Node(server, node.at("servers", index)))
    return found


def _server(visit: Visit, before: Node, after: Node) -> None:
    one, other = (
        {name: node.child("variables").child(name) for name in node.child("variables").value}
        for node in (before, after)
    )
    for name in sorted(one.keys() & other.keys()):
        visit.part(_variable, one[name], other[name])
    for name in sorted(one.keys() ^ other.keys()):
        verb, node = ("is new", other[name]) if name in other else ("is gone", one[name])
        message = f"server variable {name} {verb}"
        visit.add(Severity.BREAKING, "server-variable-changed", node.pointer, message)
    words.details(visit, before, after, {"url", "variables"})


def _variable(visit: Visit, before: Node, after: Node) -> None:
    name = after.pointer.rpartition("/")[2]
    was, now = (node.value.get("default") for node in (before, after))
    if was != now:
        message = f"default of server variable {name}: {was} became {now}"
        visit.add(Severity.BREAKING, "server-variable-changed", after.at("default"), message)
    old, new = (node.value.get("enum") for node in (before, after))
    if old != new:
        place = (before if new is None else after).at("enum")
        gone = [] if new is None else (old or ["any other value"])
        come = [] if old is None else (new or ["any other value"])
        for value in sorted(set(gone) - set(new or ())):
            message = f"server variable {name} no longer takes {value}"
            visit.add(Severity.BREAKING, "server-variable-changed", place, message)
        for value in sorted(set(come) - set(old or ())):
            message = f"server variable {name} takes {value}"
            visit.add(Severity.ADDITIVE, "server-variable-changed", place, message)
    words.details(visit, before, after, {"default", "enum"})
