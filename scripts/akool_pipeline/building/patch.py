"""Change a document by the two moves of an OpenAPI Overlay, and remember who wrote what.

The rules are the Overlay specification's, section "Action Object": an update is merged into each
object that the target selects and appended to each array; a remove takes each selected object or
array out of what contains it. Nothing else can be selected.

Targets are JSONPath (RFC 9535), which python-jsonpath reads in its strict mode.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final, Generic, TypeVar

from jsonpath import JSONPathEnvironment, JSONPathError

from akool_pipeline.documents.pointer import join, walk
from akool_pipeline.documents.values import canonical

_JSONPATH: Final = JSONPathEnvironment(strict=True)
_ABSENT: Final = object()

Parts = tuple[str | int, ...]
"""Keys and indexes that lead from the root to a value."""

Author = TypeVar("Author")


class PatchError(Exception):
    """The action cannot be applied; says why, in one line."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value that a target selects, and where it is."""

    parts: Parts
    value: Any

    @property
    def pointer(self) -> str:
        """Where it is, as a JSON pointer."""
        return join("", *self.parts)


def select(data: dict[str, Any], target: str) -> list[Node]:
    """What `target` selects in `data`, each once.

    Raises:
        PatchError: It is not JSONPath.
    """
    try:
        found = [Node(match.parts, match.obj) for match in _JSONPATH.finditer(target, data)]
    except (JSONPathError, RecursionError) as error:
        raise _no_path(error) from error
    return list({node.parts: node for node in found}.values())


def is_singular(target: str) -> bool:
    """Whether `target` can select one place at most, because each step of it is a name or index.

    Raises:
        PatchError: It is not JSONPath.
    """
    try:
        path = _JSONPATH.compile(target)
    except (JSONPathError, RecursionError) as error:
        raise _no_path(error) from error
    return bool(getattr(path, "singular_query", lambda: False)())


def similar(data: dict[str, Any], target: str, others: str) -> tuple[str, str, str] | None:
    """Where a target that selects nothing goes wrong, if what is there has a name much like it.

    Args:
        data: The document.
        target: The target.
        others: The other targets: what they name is not what this one meant.

    Returns:
        Pointer of the last object that is there, the name that it lacks, and the one most like it;
        None if there is none, or the target is no plain path.
    """
    if not is_singular(target):
        return None
    value: Any = data
    way: list[str] = []
    for quoted, index in _STEP.findall(str(_JSONPATH.compile(target))):
        name = quoted.replace("\\'", "'").replace("\\\\", "\\")
        if isinstance(value, list) and index and int(index) < len(value):
            value = value[int(index)]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            known = [key for key in value if key not in others] if isinstance(value, dict) else []
            like = get_close_matches(name, known, n=1, cutoff=_LIKE)
            return (join("", *way), name, like[0]) if like else None
        way.append(name or index)
    return None


_STEP: Final = re.compile(r"\['((?:[^'\\]|\\.)*)'\]|\[(\d+)\]")
_LIKE: Final = 0.75
"""Share of letters in common from which a name may be another's new spelling."""


@dataclass(frozen=True, slots=True)
class Written(Generic[Author]):
    """Who wrote a value, and where the value stands in what that author wrote."""

    author: Author
    source: str


@dataclass(slots=True)
class Patch(Generic[Author]):
    """A document being changed.

    Attributes:
        data: The document; a copy of what was given.
        removals: For the pointer of each thing that was removed, who did it.
    """

    data: dict[str, Any]
    removals: dict[str, Author] = field(default_factory=dict)
    # By identity of the container; it is kept beside its notes so that no other can take its id.
    _notes: dict[int, tuple[Any, dict[str | int, Written[Author]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Part the document from its original, and its parts from each other."""
        self.data = unshared(self.data)

    def update(self, nodes: list[Node], value: Any, author: Author, source: str) -> set[str]:  # noqa: ANN401 - any JSON value
        """Merge `value` into each of `nodes`, or append it; returns the pointers that changed.

        Args:
            nodes: What the target selects now.
            value: The update.
            author: Who writes.
            source: Pointer of the update in the author's document.

        Raises:
            PatchError: A node is neither object nor array, or an object's update is none.
        """
        for node in nodes:
            _container(node)
            if isinstance(node.value, dict) and not isinstance(value, dict):
                raise PatchError(f"selects an object, #{node.pointer}: the update must be one too")
        changed: set[str] = set()
        for node in nodes:
            if isinstance(node.value, list):
                changed.add(self._append(node.value, value, node.pointer, author, source))
            else:
                changed |= self._merge(node.value, value, node.pointer, author, source)
        return changed

    def remove(self, nodes: list[Node], author: Author) -> set[str]:
        """Take `nodes` out of what contains them; returns their pointers.

        Raises:
            PatchError: A node is the root, or neither object nor array.
        """
        for node in nodes:
            if not node.parts:
                raise PatchError("selects the whole document, which cannot be removed")
            _container(node)
        parents = [(self._parent(node), node) for node in nodes]
        for parent, node in parents:
            if isinstance(parent, dict):
                del parent[node.parts[-1]]
                self._noted(parent).pop(node.parts[-1], None)
            self.removals[node.pointer] = author
        for parent in {id(p): p for p, _ in parents if isinstance(p, list)}.values():
            self._shorten(parent, {n.parts[-1] for p, n in parents if p is parent})
        return {node.pointer for node in nodes}

    def writers(self) -> dict[str, Written[Author]]:
        """For the pointer of each value that was written, by whom; what is below is theirs too."""
        found: dict[str, Written[Author]] = {}
        for pointer, value in walk(self.data):
            if id(value) in self._notes and self._notes[id(value)][0] is value:
                for key, written in self._notes[id(value)][1].items():
                    found[join(pointer, key)] = written
        return found

    def _merge(
        self,
        target: dict[str, Any],
        update: dict[str, Any],
        place: str,
        author: Author,
        source: str,
    ) -> set[str]:
        changed: set[str] = set()
        for key, value in update.items():
            here, there = join(place, key), join(source, key)
            old = target.get(key, _ABSENT)
            if isinstance(value, dict) and isinstance(old, dict):
                changed |= self._merge(old, value, here, author, there)
            elif isinstance(value, list) and isinstance(old, list):
                for index, item in enumerate(value):
                    changed.add(self._append(old, item, here, author, join(there, index)))
            elif old is _ABSENT or canonical(old) != canonical(value):
                target[key] = unshared(value)
                self._noted(target)[key] = Written(author, there)
                changed.add(here)
        return changed

    def _append(
        self, target: list[Any], value: object, place: str, author: Author, source: str
    ) -> str:
        self._noted(target)[len(target)] = Written(author, source)
        target.append(unshared(value))
        return join(place, len(target) - 1)

    def _parent(self, node: Node) -> Any:  # noqa: ANN401 - an object or an array
        value: Any = self.data
        for part in node.parts[:-1]:
            value = value[part]
        return value

    def _shorten(self, target: list[Any], gone: set[str | int]) -> None:
        """Take the elements `gone` out and move the notes on the others with them."""
        notes = self._noted(target)
        kept = [index for index in range(len(target)) if index not in gone]
        moved: dict[str | int, Written[Author]] = {
            new: notes[old] for new, old in enumerate(kept) if old in notes
        }
        target[:] = [target[index] for index in kept]
        notes.clear()
        notes.update(moved)

    def _noted(self, container: Any) -> dict[str | int, Written[Author]]:  # noqa: ANN401 - an object or an array
        return self._notes.setdefault(id(container), (container, {}))[1]


def nearest(found: dict[str, Any], pointer: str) -> str | None:
    """The longest key of `found` that is `pointer` or above it."""
    while pointer not in found:
        if not pointer:
            return None
        pointer = pointer.rpartition("/")[0]
    return pointer


def unshared(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A copy in which no object stands in two places; `copy.deepcopy` would keep them together."""
    if isinstance(value, dict):
        return {key: unshared(item) for key, item in value.items()}
    return [unshared(item) for item in value] if isinstance(value, list) else value


def _no_path(error: Exception) -> PatchError:
    # Not `str(error)`: that of python-jsonpath 2.2 fails where the fault is at the target's end.
    reason = str(error.args[0]) if error.args else type(error).__name__
    return PatchError(f"is not JSONPath: {' '.join(reason.split())}")


def _container(node: Node) -> None:
    if not isinstance(node.value, dict | list):
        raise PatchError(
            f"selects a single value, #{node.pointer}: select the object or array that holds it"
        )
