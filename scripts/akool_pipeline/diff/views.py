"""Schemas made comparable: references followed, `allOf` flattened, each keyword as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.diff.model import Direction, Effect
from akool_pipeline.documents.pointer import join, resolve
from akool_pipeline.documents.values import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TYPES: Final = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
DOCUMENTATION: Final = frozenset(
    {"$comment", "deprecated", "description", "example", "examples", "externalDocs", "title", "xml"}
)
LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
WIDER_FORMATS: Final = {("int32", "int64"), ("float", "double"), ("date", "date-time")}
STRUCTURE: Final = frozenset(
    {"$ref", "allOf", "anyOf", "oneOf", "properties", "required", "items", "additionalProperties",
     "type", "nullable", "enum", "const", "pattern", "format", "multipleOf", "uniqueItems", "not",
     "default", "readOnly", "writeOnly", *LOWER, *UPPER}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """A schema and where it stands in its document."""

    schema: dict[str, Any]
    pointer: str


@dataclass(slots=True)
class View:
    """One schema with its references followed and its `allOf` flattened."""

    nodes: list[Node] = field(default_factory=list)

    @property
    def pointer(self) -> str:
        """Where the schema itself stands."""
        return self.nodes[0].pointer

    def values(self, keyword: str) -> Iterator[tuple[Any, str]]:
        """Each value of `keyword`, with its pointer."""
        for node in self.nodes:
            if keyword in node.schema:
                yield node.schema[keyword], join(node.pointer, keyword)

    def place(self, keyword: str) -> str:
        """Pointer of `keyword`, or where it would stand."""
        return next((p for _, p in self.values(keyword)), join(self.pointer, keyword))

    def keywords(self) -> set[str]:
        """All keywords that are set."""
        return {key for node in self.nodes for key in node.schema}


NEVER: Final[dict[str, Any]] = {"not": {}}


def view(document: dict[str, Any], nodes: Iterable[Node]) -> View:
    """`nodes` with references followed and `allOf` flattened, each schema once."""
    result = View()
    seen: set[str] = set()
    stack = list(nodes)[::-1]
    while stack:
        node = stack.pop()
        target = node.schema.get("$ref")
        if isinstance(target, str):
            place = target.removeprefix("#")
            if place not in seen:
                seen.add(place)
                stack.append(Node(as_schema(resolve(document, place)), place))
            continue
        result.nodes.append(node)
        parts = node.schema.get("allOf", [])
        stack += [
            Node(as_schema(part), join(node.pointer, "allOf", index))
            for index, part in reversed(list(enumerate(parts)))
        ]
    return result if result.nodes else View([Node({}, "")])


def as_schema(value: Any) -> dict[str, Any]:  # noqa: ANN401 - a schema or, in OpenAPI 3.1, a boolean
    """A schema as an object; OpenAPI 3.1 knows booleans too."""
    if value is False:
        return NEVER
    return value if isinstance(value, dict) else {}


def types_of(schema: View) -> frozenset[str]:
    """JSON types that the schema takes; a number may be an integer."""
    result = TYPES
    for node in schema.nodes:
        stated = node.schema.get("type")
        if stated is None:
            continue
        allowed = set(stated) if isinstance(stated, list) else {stated}
        if node.schema.get("nullable") is True:
            allowed.add("null")
        if "number" in allowed:
            allowed.add("integer")
        result &= allowed
    return result


def show_types(types: frozenset[str]) -> str:
    """Types in words."""
    if types == TYPES:
        return "any"
    shown = types - {"integer"} if "number" in types else types
    return " or ".join(sorted(shown)) or "nothing"


def type_effect(before: frozenset[str], after: frozenset[str]) -> Effect:
    """What the change of a set of types does."""
    return Effect.WIDENS if before < after else Effect.NARROWS if after < before else Effect.SHIFTS


def enum_of(schema: View) -> frozenset[str] | None:
    """Values that the schema is limited to, as JSON texts; None if it is not."""
    result: frozenset[str] | None = None
    for values, _ in schema.values("enum"):
        mine = frozenset(canonical(value) for value in values)
        result = mine if result is None else result & mine
    for value, _ in schema.values("const"):
        mine = frozenset({canonical(value)})
        result = mine if result is None else result & mine
    return result


def limit_of(schema: View, keyword: str) -> float | None:
    """The strictest value of a limit; None if there is none."""
    values = []
    for node in schema.nodes:
        value = node.schema.get(keyword)
        plain = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}.get(keyword)
        if value is True and plain:  # OpenAPI 3.0: a flag beside the limit
            value = node.schema.get(plain)
        if isinstance(value, int | float) and not isinstance(value, bool):
            values.append(value)
    zero_says_nothing = keyword in {"minLength", "minItems", "minProperties"}
    kept = [v for v in values if v or not zero_says_nothing]
    if not kept:
        return None
    return max(kept) if keyword in LOWER else min(kept)


def properties_of(schema: View, direction: Direction) -> dict[str, list[Node]]:
    """Properties that are sent in `direction`, each with all schemas that describe it."""
    hidden = "readOnly" if direction is Direction.REQUEST else "writeOnly"
    found: dict[str, list[Node]] = {}
    for properties, place in schema.values("properties"):
        for name, value in properties.items():
            if not as_schema(value).get(hidden):
                found.setdefault(name, []).append(Node(as_schema(value), join(place, name)))
    return found


def required_of(schema: View, direction: Direction) -> set[str]:
    """Names that must be sent in `direction`."""
    hidden = "readOnly" if direction is Direction.REQUEST else "writeOnly"
    unseen = {
        name
        for properties, _ in schema.values("properties")
        for name, value in properties.items()
        if as_schema(value).get(hidden)
    }
    return {name for names, _ in schema.values("required") for name in names} - unseen


def unions_of(schema: View) -> list[list[Node]]:
    """The alternatives of `oneOf` and `anyOf`."""
    return [
        [Node(as_schema(part), join(place, index))]
        for keyword in ("oneOf", "anyOf")
        for parts, place in schema.values(keyword)
        for index, part in enumerate(parts)
    ]


def is_only_union(schema: View) -> bool:
    """Whether the schema is nothing but its alternatives."""
    return not any(
        key in STRUCTURE - {"$ref", "allOf", "anyOf", "oneOf", "nullable"}
        for key in schema.keywords()
    )


def name_of(node: Node) -> str:
    """What to call an alternative in a message."""
    target = node.schema.get("$ref")
    if isinstance(target, str):
        return target.rpartition("/")[2]
    return str(node.schema.get("title") or node.schema.get("type") or "")


def match(
    old: dict[str, Any], new: dict[str, Any], before: list[list[Node]], after: list[list[Node]]
) -> tuple[list[tuple[list[Node], list[Node]]], list[list[Node]], list[list[Node]]]:
    """Which alternatives belong together: by component, then content, name and order."""

    def component(document: dict[str, Any], nodes: list[Node]) -> str:
        place = view(document, nodes[:1]).pointer
        return place if place.startswith("/components/") and place.count("/") == _DEPTH else ""

    def content(document: dict[str, Any], nodes: list[Node]) -> str:
        return canonical([node.schema for node in view(document, nodes).nodes])

    def name(_: dict[str, Any], nodes: list[Node]) -> str:
        return name_of(nodes[0])

    def order(_: dict[str, Any], nodes: list[Node]) -> str:
        return nodes[0].pointer.rpartition("/")[2]

    left, right = list(before), list(after)
    pairs: list[tuple[list[Node], list[Node]]] = []
    for key in (component, content, name, order):
        for one in list(left):
            mine = key(old, one)
            other = next((n for n in right if mine and key(new, n) == mine), None)
            if other is not None:
                pairs.append((one, other))
                left.remove(one)
                right.remove(other)
    return pairs, left, right


_DEPTH: Final = 3
"""Slashes in the pointer of a component."""
