"""Compare two contracts: their operations, their webhooks, and what stands around them."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from akool_pipeline.diff import exchange, extensions, words
from akool_pipeline.diff.exchange import Call, calls, calls_of, path_words
from akool_pipeline.diff.graph import Graph
from akool_pipeline.diff.model import Change, Direction, Severity
from akool_pipeline.diff.reading import Node, Side, target_of
from akool_pipeline.diff.schema.compare import component
from akool_pipeline.diff.schema.views import as_schema
from akool_pipeline.diff.security import scheme, security
from akool_pipeline.diff.servers import servers
from akool_pipeline.diff.visit import Visit
from akool_pipeline.documents.grammar import references
from akool_pipeline.documents.pointer import join

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from akool_pipeline.diff.visit import Rule

_REQUEST, _RESPONSE, _NONE = Direction


def compare(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """Every change between two valid OpenAPI documents, worst first; none if they say the same."""
    return Comparison(old, new).changes()


class Comparison:
    """The comparison of two documents, by operation first and then by what is left."""

    def __init__(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        """Compare these two."""
        self.old, self.new = Side(old), Side(new)
        self.graph = Graph()

    def changes(self) -> list[Change]:
        """Every change, worst first."""
        before, after = (_operations(side) for side in (self.old, self.new))
        for key in sorted(before.keys() | after.keys()):
            one, other = before.get(key), after.get(key)
            label = _label(other or one)
            self._root(label, key, partial(_operation, one=one, other=other), _REQUEST)
        self._root("", "webhooks", self._webhooks, _RESPONSE)
        self._root("", "document", _document, _REQUEST)
        for compare_entries in (extensions.codes, extensions.rules):
            compare_entries(self._root, self.old, self.new)
        self.graph.run()
        # Those that others refer to come last: most are compared by then, as parts of those.
        inner = {
            target_of(ref) for side in (self.old, self.new) for _, ref in references(side.data)
        }
        for name, is_inner in (("components", False), ("inner components", True)):
            rule = partial(_components, inner=inner, is_inner=is_inner)
            self._root("", name, rule, _RESPONSE)
            self.graph.run()
        return self.graph.changes()

    def _root(
        self, label: str, name: str, rule: Callable[[Visit], None], direction: Direction
    ) -> None:
        key = self.graph.pair(
            ("root", name, direction),
            lambda pair: rule(Visit(self.graph, self.old, self.new, direction, pair)),
        )
        self.graph.roots.append((label, key))

    def _webhooks(self, visit: Visit) -> None:
        calls(
            visit,
            "webhook",
            *(calls_of(side.map_of(side.root, "webhooks")) for side in (self.old, self.new)),
        )


def _operations(side: Side) -> dict[str, Call]:
    """All operations, by path (but for the names of its parameters) and method."""
    found: dict[str, Call] = {}
    for path, item in side.map_of(side.root, "paths").items():
        if not path.startswith("/"):
            continue
        for call in calls_of({path: item}).values():
            call = Call(call.operation, item, call.method, path)  # noqa: PLW2901 - with its path
            found[f"{re.sub(r'{[^}]*}', '{}', path)} {call.method}"] = call
            name = call.operation.value.get("operationId")
            if name:
                side.operations[str(name)] = _label(call)
    return found


def _label(call: Call | None) -> str:
    if call is None:
        return ""
    address = f"{call.method.upper()} {call.path}"
    name = call.operation.value.get("operationId")
    return f"{name} ({address})" if name else address


def _operation(visit: Visit, one: Call | None, other: Call | None) -> None:
    if one is None or other is None:
        call = other or one
        place = "" if call is None else call.operation.pointer
        if one is None:
            visit.add(Severity.ADDITIVE, "operation-added", place, "new operation")
        else:
            visit.add(Severity.BREAKING, "operation-removed", place, "operation is gone")
        return
    before, after = one.operation, other.operation
    _names(visit, before, after)
    for key, rule, is_of_path in (
        ("servers", servers, True),
        ("security", security, False),
        ("x-envelope", extensions.envelope, False),
    ):
        old, new = (
            _nearest(side, call, key, is_of_path=is_of_path)
            for side, call in ((visit.old, one), (visit.new, other))
        )
        visit.part(rule, old, new)
    exchange.exchange(visit, one, other)
    visit.part(path_words, one.item, other.item, _NONE)
    extensions.effect(visit, before, after, other.method)
    extensions.price(visit, before, after)
    extensions.job(visit, before, after)
    words.details(visit, before, after, _OPERATION)


_OPERATION = frozenset(
    {"operationId", "tags", "servers", "security", *exchange.CALL, *extensions.OF_OPERATIONS}
)


def _nearest(side: Side, call: Call, key: str, *, is_of_path: bool) -> Node:
    """The operation, path item or document that says what holds for the operation."""
    owners = (call.operation, call.item) if is_of_path else (call.operation,)
    return next((owner for owner in owners if key in owner.value), side.root)


def _names(visit: Visit, before: Node, after: Node) -> None:
    was, now = (node.value.get("operationId") for node in (before, after))
    if was != now:
        place = (after if now else before).at("operationId")
        message = f"operationId {was or 'none'} became {now or 'none'}: functions change name"
        visit.generated("operation-id-changed", place, message)
    old, new = (node.value.get("tags") or [] for node in (before, after))
    if set(old) != set(new) or old[:1] != new[:1]:
        shown = (", ".join(map(str, tags)) or "none" for tags in (old, new))
        place = (after if "tags" in after.value else before).at("tags")
        visit.generated("tags-changed", place, "tags {} became {}".format(*shown))


def _document(visit: Visit) -> None:
    """What stands around the operations: title, texts, servers, tags, extensions."""
    old, new = visit.old.root, visit.new.root
    visit.part(servers, old, new)
    visit.part(security, old, new)
    visit.part(extensions.envelope, old, new)
    words.details(visit, old, new, _DOCUMENT)
    for key in ("paths", "components", "webhooks"):
        was, now = (exchange.extensions_of(node.child(key)) for node in (old, new))
        words.details(visit, was, now)
    one, other = (
        {str(tag.get("name")): Node(tag, join("/tags", i))
         for i, tag in enumerate(node.value.get("tags", []))}
        for node in (old, new)
    )  # fmt: skip
    for name in sorted(one.keys() | other.keys()):
        if name in one and name in other:
            words.details(visit, one[name], other[name])
        else:
            verb, node = ("is new", other[name]) if name in other else ("is gone", one[name])
            visit.add(Severity.DOCUMENTATION, "detail-changed", node.pointer, f"tag {name} {verb}")


_DOCUMENT = frozenset(
    {"paths", "components", "webhooks", "servers", "security", "tags", *extensions.OF_DOCUMENTS}
)


def _details(visit: Visit, before: Node, after: Node) -> None:
    words.details(visit, before, after)


_KINDS: dict[str, tuple[Rule, Direction]] = {
    "schemas": (component, _RESPONSE),
    "parameters": (exchange.parameter, _REQUEST),
    "headers": (exchange.header, _RESPONSE),
    "requestBodies": (exchange.body, _REQUEST),
    "responses": (exchange.response, _RESPONSE),
    "securitySchemes": (scheme, _REQUEST),
}


def _components(visit: Visit, inner: Collection[str], *, is_inner: bool) -> None:
    """Components that no operation of one side refers to, and those that came or went.

    Whoever uses such a schema, say of an encrypted body, reads it: it is compared as a response.
    Only those whose pointer is one of `inner`, or only the others.
    """
    sections = {
        *visit.old.root.child("components").value,
        *visit.new.root.child("components").value,
    }
    for section in sorted(name for name in sections if not name.startswith("x-")):
        before, after = (side.components(section) for side in (visit.old, visit.new))
        rule, direction = _KINDS.get(section, (_details, _NONE))
        places = {name: join("/components", section, name) for name in before.keys() | after.keys()}
        names = {name for name, place in places.items() if (place in inner) is is_inner}
        for name in sorted(before.keys() & after.keys() & names):
            place = places[name]
            if place not in visit.old.visited or place not in visit.new.visited:
                pair = [side.follow(side.find(place), place) for side in (visit.old, visit.new)]
                if section == "schemas":
                    pair = [Node(as_schema(found[name]), place) for found in (before, after)]
                if pair[0] is not None and pair[1] is not None:
                    visit.part(rule, pair[0], pair[1], direction)
        for name in sorted((before.keys() ^ after.keys()) & names):
            _came_or_went(visit, section, name, is_new=name in after)


def _came_or_went(visit: Visit, section: str, name: str, *, is_new: bool) -> None:
    place = join("/components", section, name)
    is_schema = section == "schemas"
    if is_schema and name in (visit.new if is_new else visit.old).named:
        return
    what = f"schema {name}" if is_schema else f"{name} of components.{section}"
    if is_new:
        visit.add(Severity.DOCUMENTATION, "component-added", place, f"{what} is new")
    elif is_schema:
        visit.generated("component-removed", place, f"{what} is gone")
    else:
        visit.add(Severity.DOCUMENTATION, "component-removed", place, f"{what} is gone")
