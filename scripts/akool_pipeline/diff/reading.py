"""One document of the two, and how its parts are read: references followed, spellings evened out.

What two documents may write differently and mean the same is decided here, so that the rules only
see what is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from akool_pipeline.documents.grammar import parts
from akool_pipeline.documents.pointer import join, resolve, split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a document and where it stands.

    Attributes:
        value: The part, an object.
        pointer: JSON pointer of it.
        or_null: Of a schema: null is taken as well, because something around it says so.
        holder: Where the `$ref` stands that led here, if something stands beside it.
        beside: The keys that stand there.
    """

    value: dict[str, Any]
    pointer: str
    or_null: bool = False
    holder: str = ""
    beside: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """Equal for nodes that say the same, since they stand in the same places."""
        return f"{self.holder} {self.pointer}" if self.beside else self.pointer

    def at(self, key: str | int, *more: str | int) -> str:
        """Pointer of what stands under `key`, or would."""
        return join(self.holder if key in self.beside else self.pointer, key, *more)

    def child(self, key: str) -> Node:
        """The object under `key`, empty if there is none."""
        value = self.value.get(key)
        return Node(value if isinstance(value, dict) else {}, self.at(key))


class Side:
    """The old or the new document."""

    def __init__(self, data: dict[str, Any]) -> None:
        """Read from `data`."""
        self.data = data
        self.root = Node(data, "")
        self.visited: set[str] = set()
        """Pointers of all parts that were compared."""
        self.operations: dict[str, str] = {}
        """Label of each operationId."""
        self.named: set[str] = set()
        """Schemas whose name was told to have come or gone."""
        self._enums: frozenset[str] | None = None
        self._has_xml: bool | None = None

    def follow(self, value: Any, place: str) -> Node | None:  # noqa: ANN401 - any JSON value
        """`value`, which stands at `place`, or what its `$ref` names, where that stands.

        Keys beside the (first) `$ref` win over those that it leads to. None if it leads nowhere.
        """
        beside: dict[str, Any] = {}
        holder = place
        seen: set[str] = set()
        while isinstance(value, dict) and isinstance(value.get("$ref"), str) and place not in seen:
            seen.add(place)
            extra = {k: v for k, v in value.items() if k != "$ref"}
            if extra and not beside:
                beside, holder = extra, place
            place = target_of(value["$ref"])
            value = self.find(place)
        if not isinstance(value, dict):
            return None
        return Node({**value, **beside}, place, holder=holder, beside=frozenset(beside))

    def find(self, place: str) -> Any:  # noqa: ANN401 - any JSON value
        """The value at a pointer; None if there is none."""
        try:
            return resolve(self.data, place)
        except KeyError:
            return None

    def components(self, section: str) -> dict[str, Any]:
        """The components of a kind, by name."""
        found = self.data.get("components", {}).get(section, {})
        return found if isinstance(found, dict) else {}

    def map_of(self, node: Node, key: str, name: Callable[[str], str] = str) -> dict[str, Node]:
        """The map under `key`: what each entry leads to, by its name as `name` spells it."""
        return self.entries(node.child(key), name)

    def entries(self, holder: Node, name: Callable[[str], str] = str) -> dict[str, Node]:
        """What each entry of a map leads to, by its name as `name` spells it."""
        result: dict[str, Node] = {}
        for entry, value in holder.value.items():
            target = self.follow(value, holder.at(entry))
            if target is not None:
                result.setdefault(name(entry), target)
        return result

    @property
    def enum_values(self) -> frozenset[str]:
        """Every text that some schema of the document lists as a value."""
        if self._enums is None:
            self._enums = frozenset(_texts_in_enums(self.data))
        return self._enums

    @property
    def has_xml(self) -> bool:
        """Whether something is sent as XML, whose names and places are then of the wire."""
        if self._has_xml is None:
            self._has_xml = any(
                media_type(name).partition(";")[0].endswith(("/xml", "+xml"))
                for part in parts(self.data)
                if isinstance(part.value.get("content"), dict)
                for name in part.value["content"]
            )
        return self._has_xml


def target_of(reference: str) -> str:
    """The pointer in a `$ref` of this document; what is not of this document stays as it is."""
    return unquote(reference.removeprefix("#")) if reference.startswith("#") else reference


def _texts_in_enums(data: Any) -> Iterable[str]:  # noqa: ANN401 - any JSON value
    stack = [data]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack += value
        elif isinstance(value, dict):
            stack += [item for key, item in value.items() if key not in {"example", "examples"}]
            listed = value.get("enum")
            if isinstance(listed, list):
                yield from (item for item in listed if isinstance(item, str))
            if isinstance(value.get("const"), str):
                yield value["const"]


def component_of(pointer: str, section: str = "schemas") -> str | None:
    """Name of the component of that kind that stands at `pointer`; None if none does."""
    parts = split(pointer)
    is_one = len(parts) == _COMPONENT and parts[:2] == ["components", section]
    return parts[2] if is_one else None


_COMPONENT: Final = 3


def media_type(written: str) -> str:
    """A media type as it is compared: letter case and order of parameters do not matter.

    JSON is always UTF-8 (RFC 8259), so saying so adds nothing.
    """
    kind, *parameters = (part.strip() for part in written.split(";"))
    kind = kind.lower()
    kept = []
    for parameter in filter(None, parameters):
        name, _, value = parameter.partition("=")
        name, value = name.strip().lower(), value.strip().strip('"')
        value = value.lower() if name == "charset" else value
        if (name, value) == ("charset", "utf-8") and kind.endswith(("/json", "+json")):
            continue
        kept.append(f"{name}={value}")
    return "; ".join([kind, *sorted(kept)])


def address(url: str) -> str:
    """A server's address as it is compared: scheme and host in small letters, no default port."""
    match = re.match(r"(?i)(https?)://([^/?#]*)", url)
    if match is None:
        return url.rstrip("/")
    scheme, host = match[1].lower(), match[2]
    if "{" not in host:
        host = host.lower().removesuffix({"http": ":80", "https": ":443"}[scheme])
    return f"{scheme}://{host}{url[match.end() :]}".rstrip("/")
