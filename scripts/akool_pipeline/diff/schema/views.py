"""Schemas made comparable: references followed, `allOf` flattened, each keyword as one value.

The spellings of OpenAPI 3.0 and 3.1 for one thing read as one here: `nullable` and the type null, a
flag beside a limit and a limit that excludes itself, `enum` of one value and `const`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.diff.model import Direction, Effect
from akool_pipeline.diff.reading import Node, Side, component_of, target_of
from akool_pipeline.documents.pointer import join
from akool_pipeline.documents.values import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from akool_pipeline.diff.words import Placed

TYPES: Final = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
NEVER: Final[dict[str, Any]] = {"not": {}}
TEXTUAL: Final = ("title", "description", "$comment")
NOTES: Final = frozenset({*TEXTUAL, "deprecated", "example", "examples", "externalDocs", "xml"})
"""Keywords that say nothing about values."""


@dataclass(frozen=True, slots=True)
class View:
    """One schema with its references followed and its `allOf` flattened."""

    nodes: tuple[Node, ...]

    @property
    def key(self) -> tuple[tuple[str, bool], ...]:
        """Equal for views of the same places."""
        return tuple((node.pointer, node.or_null) for node in self.nodes)

    @property
    def pointer(self) -> str:
        """Where the schema itself stands."""
        return self.nodes[0].pointer

    def values(self, keyword: str) -> list[Placed]:
        """Each value of `keyword`, with its pointer."""
        return [(n.value[keyword], n.at(keyword)) for n in self.nodes if keyword in n.value]

    def place(self, keyword: str) -> str:
        """Pointer of `keyword`, or where it would stand."""
        return next((p for _, p in self.values(keyword)), join(self.pointer, keyword))

    def keywords(self) -> set[str]:
        """All keywords that are set."""
        return {key for node in self.nodes for key in node.value}

    def schemas(self, keyword: str) -> list[Node]:
        """The schemas under a keyword that holds one."""
        return [Node(as_schema(value), place) for value, place in self.values(keyword)]


def place_of(one: View, other: View, keyword: str) -> str:
    """Where to point to for `keyword`: the new place, or the old one where it is gone."""
    return (other if other.values(keyword) else one).place(keyword)


def as_schema(value: Any) -> dict[str, Any]:  # noqa: ANN401 - a schema or, in OpenAPI 3.1, a boolean
    """A schema as an object; OpenAPI 3.1 knows booleans too."""
    if value is False:
        return NEVER
    return value if isinstance(value, dict) else {}


def settle(side: Side, node: Node) -> tuple[Node, list[Node]]:
    """What a schema stands for, and the schemas before it that add words and nothing else.

    Passed are a `$ref` and an `allOf` of one, whatever words stand beside them.
    """
    passed: list[Node] = []
    while True:
        step = _only_step(side, node)
        if step is None or any(step.pointer == known.pointer for known in passed):
            return node, passed
        passed.append(node)
        node = step


def _only_step(side: Side, node: Node) -> Node | None:
    beside = node.value.keys() - NOTES
    if beside == {"$ref"}:
        return _target(side, node)
    parts = node.value.get("allOf")
    if beside == {"allOf"} and isinstance(parts, list) and len(parts) == 1:
        return Node(as_schema(parts[0]), node.at("allOf", 0), node.or_null)
    return None


def _target(side: Side, node: Node) -> Node | None:
    place = target_of(str(node.value["$ref"]))
    value = side.find(place)
    return None if value is None else Node(as_schema(value), place, node.or_null)


def view(side: Side, nodes: Iterable[Node]) -> View:
    """`nodes` with references followed and `allOf` flattened, each schema once."""
    result: list[Node] = []
    seen: set[tuple[str, bool]] = set()
    stack = list(nodes)[::-1]
    while stack:
        node = stack.pop()
        if (node.pointer, node.or_null) in seen:
            continue
        seen.add((node.pointer, node.or_null))
        side.visited.add(node.pointer)
        or_null = node.or_null or (node.value.get("nullable") is True and "type" not in node.value)
        target = None
        if isinstance(node.value.get("$ref"), str):
            target = _target(side, Node(node.value, node.pointer, or_null))
            if target is not None and node.value.keys() == {"$ref"}:
                stack.append(target)
                continue
        result.append(node)
        parts = [
            Node(as_schema(part), node.at("allOf", index), or_null)
            for index, part in enumerate(node.value.get("allOf", []))
        ]
        parts += _single_alternatives(node, or_null)
        stack += ([] if target is None else [target]) + parts[::-1]
    return View(tuple(result or nodes))


def _single_alternatives(node: Node, or_null: bool) -> Iterator[Node]:  # noqa: FBT001 - one of Node's
    """The alternative of a `oneOf` or `anyOf` that has one, but for null."""
    for keyword in ("oneOf", "anyOf"):
        parts = node.value.get(keyword, [])
        others = [i for i, part in enumerate(parts) if not _is_null(part)]
        if parts and len(others) <= 1:
            index = others[0] if others else 0
            takes_null = or_null or len(parts) > 1
            yield Node(as_schema(parts[index]), node.at(keyword, index), takes_null)


def _is_null(part: Any) -> bool:  # noqa: ANN401 - any JSON value
    schema = as_schema(part)
    return schema.get("type") in ("null", ["null"]) or schema.get("enum") == [None]


def types_of(schema: View) -> frozenset[str]:
    """JSON types that the schema takes; a number may be an integer."""
    result = TYPES
    for node in schema.nodes:
        stated = node.value.get("type")
        if stated is None:
            continue
        allowed = set(stated) if isinstance(stated, list) else {stated}
        if node.value.get("nullable") is True or node.or_null:
            allowed.add("null")
        if "number" in allowed:
            allowed.add("integer")
        result &= allowed
    return result


def part_type(schema: View, side: Side, name: str) -> str:
    """Media type of the part `name` of a form that `schema` describes, where none is said."""
    part = view(side, _all_properties(schema).get(name, [Node({}, "")]))
    seen: set[str] = set()
    while types_of(part) - {"null"} == {"array"} and part.pointer not in seen:
        seen.add(part.pointer)  # of a list, its items decide
        part = view(side, part.schemas("items") or [Node({}, "")])
    types = types_of(part) - {"null"}
    is_raw = bool(formats_of(part) & {"binary", "byte"} or part.values("contentEncoding"))
    if types == {"object"}:
        return "application/json"
    is_plain = types and not is_raw and types.isdisjoint({"array", "object"})
    return "text/plain" if is_plain else "application/octet-stream"


def show_types(types: frozenset[str]) -> str:
    """Types in words."""
    if types == TYPES:
        return "any"
    shown = types - {"integer"} if "number" in types else types
    return " or ".join(sorted(shown)) or "nothing"


def enum_of(schema: View) -> frozenset[str] | None:
    """Values that the schema is limited to, as JSON texts; None if it is not."""
    result: frozenset[str] | None = None
    for node in schema.nodes:
        for keyword in ("enum", "const"):
            if keyword not in node.value:
                continue
            stated = node.value[keyword]
            mine = {canonical(value) for value in (stated if keyword == "enum" else [stated])}
            if node.or_null or node.value.get("nullable") is True:
                mine.add("null")
            result = frozenset(mine) if result is None else result & mine
    if result is not None and "null" not in types_of(schema):
        result -= {"null"}
    return result


def formats_of(schema: View) -> set[str]:
    """Formats, in OpenAPI 3.0's words: content that is base64 is `byte`, raw content `binary`."""
    found = {str(value) for value, _ in schema.values("format")}
    for node in schema.nodes:
        encoding, media = (node.value.get(k) for k in ("contentEncoding", "contentMediaType"))
        if encoding == "base64":
            found.add("byte")
        elif encoding is None and media == "application/octet-stream":
            found.add("binary")
    return found


def properties_of(side: Side, schema: View, direction: Direction) -> dict[str, list[Node]]:
    """Properties that are sent in `direction`, each with all schemas that describe it."""
    return {
        name: nodes
        for name, nodes in _all_properties(schema).items()
        if not _is_hidden(side, nodes, direction)
    }


def required_of(side: Side, schema: View, direction: Direction) -> set[str]:
    """Names that must be sent in `direction`."""
    known = _all_properties(schema)
    return {
        name
        for names, _ in schema.values("required")
        for name in names
        if name not in known or not _is_hidden(side, known[name], direction)
    }


def _all_properties(schema: View) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for properties, place in schema.values("properties"):
        for name, value in properties.items():
            found.setdefault(name, []).append(Node(as_schema(value), join(place, name)))
    return found


def _is_hidden(side: Side, nodes: Sequence[Node], direction: Direction) -> bool:
    keyword = "readOnly" if direction is Direction.REQUEST else "writeOnly"
    stack, seen = list(nodes), set()
    while stack:
        node = stack.pop()
        if node.pointer in seen:
            continue
        seen.add(node.pointer)
        if node.value.get(keyword) is True:
            return True
        if isinstance(node.value.get("$ref"), str):
            target = _target(side, node)
            stack += [] if target is None else [target]
        stack += [
            Node(as_schema(part), node.at("allOf", index))
            for index, part in enumerate(node.value.get("allOf", []))
        ]
    return False


def alternatives_of(schema: View) -> list[Node]:
    """The alternatives of `oneOf` and `anyOf`, where there is more than one but for null."""
    found: list[Node] = []
    for node in schema.nodes:
        mine = [
            Node(as_schema(part), node.at(keyword, index))
            for keyword in ("oneOf", "anyOf")
            for parts in [node.value.get(keyword, [])]
            if sum(not _is_null(part) for part in parts) > 1
            for index, part in enumerate(parts)
        ]
        if mine and node.value.get("nullable") is True and not any(_is_null(n.value) for n in mine):
            mine.append(Node({"type": "null"}, node.at("nullable")))
        found += mine
    return found


def type_effect(before: frozenset[str], after: frozenset[str]) -> Effect:
    """What the change of a set of types does."""
    return Effect.WIDENS if before < after else Effect.NARROWS if after < before else Effect.SHIFTS


def name_of(node: Node) -> str:
    """What to call a schema in a message."""
    target = node.value.get("$ref")
    if isinstance(target, str):
        return target.rpartition("/")[2]
    named = component_of(node.pointer)
    return named or str(node.value.get("title") or node.value.get("type") or "")


def component_name(schema: View) -> str | None:
    """Name of the component that a schema is, not of one that it only consists of."""
    for node in schema.nodes:
        target = node.value.get("$ref")
        name = component_of(target_of(target) if isinstance(target, str) else node.pointer)
        if name is not None or not _is_wrapping(node):
            return name
    return None


def _is_wrapping(node: Node) -> bool:
    """Whether a schema is no more than its one part or alternative."""
    return node.value.keys() <= _WRAPPING and len(node.value.get("allOf", [])) <= 1


_WRAPPING: Final = frozenset({"allOf", "anyOf", "oneOf", "nullable", *NOTES})
