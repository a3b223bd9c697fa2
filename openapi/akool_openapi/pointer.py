"""Steps of JSON Pointers (RFC 6901, section 3), and where a document's own references lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_STEPS: Final = 32
"""More references that only lead on are taken for an endless chain."""


def escaped(step: str) -> str:
    """A name as it stands in a pointer: `a/b~c` is `a~1b~0c`."""
    return step.replace("~", "~0").replace("/", "~1")


def unescaped(step: str) -> str:
    """The name that a step of a pointer means."""
    return step.replace("~1", "/").replace("~0", "~")


def steps(pointer: str) -> list[str]:
    """The names on the way that a pointer describes; none for the empty one, the whole."""
    return [unescaped(step) for step in pointer.split("/")[1:]]


def resolve(document: Mapping[str, Any], node: Any) -> Any:  # noqa: ANN401 - any node of the document
    """The node that a local `$ref` leads to, however many references away; others as they are.

    Raises:
        KeyError: The reference leads nowhere, out of the document, or round in a circle.
    """
    for _ in range(_MAX_STEPS):
        if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
            return node
        node = pointed(document, node["$ref"])
    raise KeyError(f"an endless chain of references at {node['$ref']}")


def pointed(document: Mapping[str, Any], ref: str) -> Any:  # noqa: ANN401 - any node of the document
    """The node that a reference names.

    Raises:
        KeyError: It leads nowhere, or out of the document.
    """
    if not ref.startswith("#/"):
        raise KeyError(f"only references inside the contract can be followed, not {ref}")
    found: Any = document
    for key in steps(unquote(ref[1:])):
        if isinstance(found, list) and key.isdecimal() and int(key) < len(found):
            found = found[int(key)]
        elif isinstance(found, dict) and key in found:
            found = found[key]
        else:
            raise KeyError(f"{ref} leads nowhere")
    return found
