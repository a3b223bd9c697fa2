"""Words and wire: what is written for people in a document, and what travels.

Two descriptions of one thing agree on the wire if they differ in words alone: in a keyword of
`WORDS`, in the order of a list that is a set, or in writing the number 5 as 5.0.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.documents import grammar
from akool_pipeline.documents.pointer import join
from akool_pipeline.documents.values import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT: Final = frozenset({"description", "summary"})
_EXAMPLES: Final = frozenset({"example", "examples"})
WORDS: Final[dict[str, frozenset[str]]] = {
    "document": frozenset({"externalDocs"}),
    "docs": _TEXT | {"url"},
    "tag": _TEXT | {"externalDocs"},
    "operation": _TEXT | {"externalDocs"},
    "parameter": _TEXT | _EXAMPLES,
    "header": _TEXT | _EXAMPLES,
    "mediaType": _EXAMPLES,
    "example": _TEXT | {"value", "externalValue"},
    "schema": _TEXT | _EXAMPLES | {"title", "externalDocs", "$comment"},
    **dict.fromkeys(
        (
            "link",
            "pathItem",
            "requestBody",
            "response",
            "securityScheme",
            "server",
            "serverVariable",
        ),
        _TEXT,
    ),
}
"""For each kind of object the keywords that are for people only."""
_SETS: Final[dict[str, frozenset[str]]] = {
    "schema": frozenset({"enum", "required", "type"}),
    "serverVariable": frozenset({"enum"}),
}
"""For each kind of object the lists whose order has no meaning."""


def wire(value: Any, kind: str) -> Any:  # noqa: ANN401 - any JSON value
    """What of `value`, an object of `kind`, travels; in one form for all that mean the same."""
    if kind == grammar.DATA:
        return value
    if isinstance(value, list):
        return [wire(item, grammar.each(kind)) for item in value]
    if not isinstance(value, dict):
        return value
    words, sets = WORDS.get(kind, frozenset()), _SETS.get(kind, frozenset())
    kept: dict[str, Any] = {}
    for key, item in value.items():
        if key in words:
            continue
        if key in sets and isinstance(item, list):
            kept[key] = sorted(item, key=canonical)
        elif kind == "flow" and key == "scopes" and isinstance(item, dict):
            kept[key] = sorted(item)  # a scope's value is its description
        else:
            kept[key] = wire(item, grammar.below(kind, key))
    return kept


def same_on_the_wire(one: Any, other: Any, kind: str) -> bool:  # noqa: ANN401 - any JSON value
    """Whether two objects of `kind` differ in words at most."""
    return canonical(wire(one, kind)) == canonical(wire(other, kind))


def differences(
    one: Any,  # noqa: ANN401 - any JSON value
    other: Any,  # noqa: ANN401
    kind: str,
    place: str = "",
) -> Iterator[tuple[str, Any, Any]]:
    """Where two objects of `kind` are written differently, with both texts; None is absent.

    A keyword of words and a list that is a set are shown whole.
    """
    if _written(one) == _written(other):
        return
    if isinstance(one, dict) and isinstance(other, dict):
        whole = WORDS.get(kind, frozenset()) | _SETS.get(kind, frozenset())
        for key in [*one, *(key for key in other if key not in one)]:
            here = join(place, key)
            if key in one and key in other and key not in whole:
                below = grammar.below(kind, key)
                yield from differences(one[key], other[key], below, here)
            elif _written(one.get(key)) != _written(other.get(key)):
                yield here, one.get(key), other.get(key)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, grammar.each(kind), join(place, index))
    else:
        yield place, one, other


def _written(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A text that is equal exactly when two values are written alike but for the order of keys."""
    return json.dumps(value, sort_keys=True)
