"""JSON pointers (RFC 6901), as they are and as `$ref` writes them, and walks that yield them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

from akool_openapi.pointer import escaped, steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_INDEX: Final = re.compile(r"0|[1-9][0-9]*")
_UNQUOTED: Final = "/~!$&'()*+,;=:@?"
"""What a URI's fragment may hold as it is, beside letters and digits."""


def join(pointer: str, *parts: str | int) -> str:
    """`pointer` with `parts` appended, each escaped."""
    return "".join([pointer, *("/" + escaped(str(part)) for part in parts)])


def split(pointer: str) -> list[str]:
    """The unescaped reference tokens of `pointer`."""
    return steps(pointer)


def of(reference: str) -> str:
    """The pointer that a local `$ref` names: `#/paths/~1a~1%7Bid%7D` is `/paths/~1a~1{id}`."""
    return unquote(reference.removeprefix("#"))


def reference(pointer: str) -> str:
    """The `$ref` that names `pointer`, percent-encoded where a URI needs it."""
    return "#" + quote(pointer, safe=_UNQUOTED)


def moved(pointer: str, moves: Mapping[str, str]) -> str:
    """`pointer` after what it leads to, or the nearest part around that, has been moved."""
    prefix = pointer
    while prefix:
        if prefix in moves:
            return moves[prefix] + pointer[len(prefix) :]
        prefix = prefix.rpartition("/")[0]
    return pointer


def resolve(document: Any, pointer: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value at `pointer`.

    Raises:
        KeyError: There is none, or `pointer` is not a JSON pointer.
    """
    if pointer and not pointer.startswith("/"):
        raise KeyError(pointer)
    value = document
    for part in split(pointer):
        if isinstance(value, list) and _INDEX.fullmatch(part) and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            raise KeyError(pointer)
    return value


def walk(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any JSON value
    """Every value below and including `value`, with its pointer, parents first."""
    yield pointer, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, join(pointer, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from walk(item, join(pointer, index))
