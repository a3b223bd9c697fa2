"""The fields of documented answers, by name: `data.result[].url`. Pure.

Schemas may refer to themselves and to hundreds of others. What a schema says below itself again,
and what is more than anybody reads, is not listed; such places are kept as open.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MOST: Final = 1_000
"""More fields of one operation are not listed."""
_ALTERNATIVES: Final = ("allOf", "oneOf", "anyOf")
_CONDITIONS: Final = ("if", "then", "else")


@dataclass(frozen=True, slots=True)
class Fields:
    """What an operation's answers may hold.

    Attributes:
        names: The fields, as `data.result[].url`; `*` stands for any name in a map.
        open: Places below which there are more than are listed, as `data.children[]`.
    """

    names: frozenset[str]
    open: frozenset[str]

    def know(self, name: str) -> bool:
        """Whether a field that came is documented, by its name, in a map or at an open place."""
        if name in self.names or "" in self.open:
            return True
        if any(name.startswith((f"{place}.", f"{place}[")) for place in self.open):
            return True
        parts = name.split(".")
        return any(_fits(pattern.split("."), parts) for pattern in self.names if "*" in pattern)


def fields_of(schemas: Iterable[object], resolve: Callable[[Any], Any]) -> Fields:
    """The fields of all these schemas, those nearest to the top first.

    Args:
        schemas: Of the answers of one operation.
        resolve: Follows a reference.
    """
    names: set[str] = set()
    more: set[str] = set()
    been: set[tuple[str, str]] = set()
    waiting = deque[tuple[Any, str, frozenset[str]]](
        (schema, "", frozenset()) for schema in schemas
    )
    while waiting:
        schema, path, above = waiting.popleft()
        if not isinstance(schema, dict):
            continue
        ref = schema.get("$ref")
        if ref in above or len(names) >= MOST:
            more.add(path)
            continue
        if isinstance(ref, str):
            if (ref, path) not in been:
                been.add((ref, path))
                waiting.append((resolve(schema), path, above | {ref}))
            continue
        for part, inner in _below(schema, path):
            if inner not in {path, f"{path}[]"}:
                names.add(inner)
            waiting.append((part, inner, above))
    return Fields(frozenset(names), frozenset(more))


def _below(schema: dict[str, Any], path: str) -> Iterator[tuple[Any, str]]:
    """The schemas in a schema, each with the path of what it describes."""
    for key in _ALTERNATIVES:
        yield from ((part, path) for part in schema.get(key, ()))
    yield from ((schema.get(key), path) for key in _CONDITIONS)
    for name, part in schema.get("properties", {}).items():
        yield part, f"{path}.{name}" if path else name
    yield schema.get("items"), f"{path}[]"
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        yield extra, f"{path}.*" if path else "*"


def _fits(pattern: list[str], parts: list[str]) -> bool:
    return len(pattern) == len(parts) and all(
        wanted in {"*", "*[]", part} for wanted, part in zip(pattern, parts, strict=True)
    )
