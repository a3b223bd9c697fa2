"""Rename what several products of one vendor call alike, so that their pages merge.

A product is the fragments that share an `info.title`. Where two products define a component, a
security scheme or an operationId differently, each gets its product's name in front, everywhere:
nobody keeps the plain name by coming first. Conflicts within a product stay conflicts, and so do
two products on one path, which no renaming can settle.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.building import fragments as frag
from akool_pipeline.building.fragments import Fragment
from akool_pipeline.documents import pointer
from akool_pipeline.documents.document import Document
from akool_pipeline.documents.values import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Name = tuple[str, str]

_COMPONENT_DEPTH: Final = 3
"""Parts of a pointer to a component: `components`, its section, its name."""


def separate(fragments: Sequence[Fragment]) -> list[Fragment]:
    """Copies of `fragments` in which products do not clash by name; others are returned as is."""
    clashes = _clashing_components(fragments)
    operations = _clashing_operations(fragments)
    if not clashes and not operations:
        return list(fragments)
    return [_renamed(fragment, clashes, operations) for fragment in fragments]


def prefix(title: str) -> str:
    """A product's title as the beginning of a name: `Head Swap API` becomes `HeadSwapApi`."""
    words = re.findall(r"[A-Za-z0-9]+", title)
    return "".join(word[:1].upper() + word[1:].lower() for word in words)


def _components(data: dict[str, Any]) -> Iterator[tuple[Name, Any]]:
    for section, named in data.get("components", {}).items():
        for name, value in named.items() if isinstance(named, dict) else ():
            yield (section, name), value


def _target(reference: str) -> Name | None:
    parts = pointer.split(reference[1:])
    if len(parts) >= _COMPONENT_DEPTH and parts[0] == "components":
        return parts[1], parts[2]
    return None


def _clashing_components(fragments: Sequence[Fragment]) -> set[Name]:
    """Components that products define differently, or alike over others that they do not."""
    definitions: dict[Name, dict[str, str]] = {}
    uses: dict[Name, set[Name]] = {}
    for fragment in fragments:
        for key, value in _components(fragment.data):
            definitions.setdefault(key, {}).setdefault(fragment.title, canonical(value))
            targets = (_target(target) for _, target in pointer.references(value))
            uses.setdefault(key, set()).update(target for target in targets if target)
    shared = {key for key, titles in definitions.items() if len(titles) > 1}
    clashes = {key for key in shared if len(set(definitions[key].values())) > 1}
    while True:
        more = {key for key in shared - clashes if uses[key] & clashes}
        if not more:
            return clashes
        clashes |= more


def _clashing_operations(fragments: Sequence[Fragment]) -> set[str]:
    titles: dict[str, set[str]] = {}
    for fragment in fragments:
        for _, _, operation in frag.operations(fragment.data):
            if isinstance(operation.get("operationId"), str):
                titles.setdefault(operation["operationId"], set()).add(fragment.title)
    return {name for name, who in titles.items() if len(who) > 1}


def _renamed(fragment: Fragment, clashes: set[Name], operations: set[str]) -> Fragment:
    source = fragment.source
    data = copy.deepcopy(fragment.data)
    lines = dict(source.lines)
    front = prefix(fragment.title)
    for _, holder in pointer.walk(data):
        if isinstance(holder, dict):
            _rename_uses(holder, clashes, operations, front)
    for section, named in data.get("components", {}).items():
        if not isinstance(named, dict):
            continue
        data["components"][section] = {
            front + name if (section, name) in clashes else name: value
            for name, value in named.items()
        }
        for name in named:
            if (section, name) in clashes:
                old, new = (pointer.join("/components", section, n) for n in (name, front + name))
                lines |= {
                    new + place[len(old) :]: line
                    for place, line in source.lines.items()
                    if place == old or place.startswith(old + "/")
                }
    return Fragment(fragment.name, Document(source.name, data, lines))


def _rename_uses(
    holder: dict[str, Any], clashes: set[Name], operations: set[str], front: str
) -> None:
    """References, discriminators, security requirements and operationIds in one object."""
    reference = holder.get("$ref")
    if isinstance(reference, str) and _target(reference) in clashes:
        holder["$ref"] = _moved(reference, front)
    name = holder.get("operationId")
    if isinstance(name, str) and name in operations:
        holder["operationId"] = front[:1].lower() + front[1:] + name[:1].upper() + name[1:]
    discriminator = holder.get("discriminator")
    if isinstance(discriminator, dict) and isinstance(discriminator.get("mapping"), dict):
        mapping = discriminator["mapping"]
        for key, target in mapping.items():
            if isinstance(target, str) and _target(target) in clashes:
                mapping[key] = _moved(target, front)
    security = holder.get("security")
    if isinstance(security, list):
        holder["security"] = [
            {
                front + name if ("securitySchemes", name) in clashes else name: scopes
                for name, scopes in alternative.items()
            }
            for alternative in security
            if isinstance(alternative, dict)
        ]


def _moved(reference: str, front: str) -> str:
    parts = pointer.split(reference[1:])
    parts[2] = front + parts[2]
    return "#" + pointer.join("", *parts)
