"""JSON pointers (RFC 6901) and walks over documents that yield them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def join(pointer: str, *parts: str | int) -> str:
    """`pointer` with `parts` appended, each escaped."""
    return "".join([pointer, *("/" + escape(str(part)) for part in parts)])


def escape(part: str) -> str:
    """One reference token, escaped."""
    return part.replace("~", "~0").replace("/", "~1")


def split(pointer: str) -> list[str]:
    """The unescaped reference tokens of `pointer`."""
    if not pointer:
        return []
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/")]


def resolve(document: Any, pointer: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value at `pointer`.

    Raises:
        KeyError: There is none.
    """
    value = document
    for part in split(pointer):
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
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


def references(document: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON value
    """Every `$ref` outside examples: the pointer of its holder and its target.

    Example values and enums are data: a key `$ref` in them is not a reference.
    """
    stack: list[tuple[str, Any, bool]] = [("", document, False)]
    while stack:
        pointer, value, named = stack.pop()
        if isinstance(value, list):
            stack.extend((f"{pointer}/{i}", item, False) for i, item in enumerate(value))
        elif isinstance(value, dict):
            target = value.get("$ref")
            # Under `properties` (and other maps by name) a key "$ref" is a name, not a reference.
            if isinstance(target, str) and not named:
                yield pointer, target
                continue
            for key, item in value.items():
                if not named and key in {"example", "enum", "default"}:
                    continue
                if not named and key == "examples":
                    continue
                stack.append((join(pointer, key), item, not named and key in _BY_NAME))


_BY_NAME = frozenset(
    {
        "callbacks",
        "headers",
        "links",
        "parameters",
        "paths",
        "patternProperties",
        "properties",
        "requestBodies",
        "responses",
        "schemas",
        "securitySchemes",
    }
)
