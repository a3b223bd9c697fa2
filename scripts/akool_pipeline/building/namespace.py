"""Rename what several products of one vendor call alike, so that their pages merge.

A product is the fragments that share an `info.title`. Where two products define a component or an
operationId differently on the wire, each gets its product's name in front, everywhere: nobody keeps
the plain name by coming first. Conflicts within a product stay conflicts, and so do two products on
one path, which no renaming can settle.

Whatever is renamed, the wire stays: examples, enums and other data are not touched, and a
discriminator whose values are names of schemas gets those values written out.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.building.fragments import Fragment
from akool_pipeline.documents import grammar, pointer, words
from akool_pipeline.documents.document import Document
from akool_pipeline.documents.values import canonical
from akool_pipeline.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Name = tuple[str, str]
    Names = Mapping[Name, str]

_OPERATION: Final = "operationId"
"""Stands for a section in a name that is an operation's."""


def separate(fragments: Sequence[Fragment]) -> list[Fragment]:
    """Copies of `fragments` in which products do not clash by name; others are returned as is."""
    products: dict[str, list[Fragment]] = {}
    for fragment in sorted(fragments, key=lambda fragment: fragment.name):
        products.setdefault(fragment.title, []).append(fragment)
    heirs = {title: _heirs(pages) for title, pages in products.items()}
    clashes = _clashing_components(fragments, heirs)
    clashes |= _clashing_operations(fragments, clashes)
    if not clashes:
        return list(fragments)
    taken = {name for fragment in fragments for name, _ in _named(fragment.data)}
    names: dict[str, Names] = {}
    fronts: set[str] = set()
    for title, pages in sorted(products.items()):
        mine = {name for fragment in pages for name, _ in _named(fragment.data)} & clashes
        names[title] = _new_names(mine, _front(title, fronts), taken)
    return [_renamed(f, names[f.title], heirs[f.title]) for f in fragments]


def respell(fragments: Sequence[Fragment]) -> tuple[list[Fragment], list[Problem]]:
    """Copies of `fragments` whose components have names that OpenAPI allows.

    Pages have others (`Result«Video»`, `My Request`), and tools refuse the references to them. A
    name means nothing on the wire, so it may be respelled, alike in all fragments.

    Returns:
        The fragments, and a note for each name that was changed in one of them.
    """
    named = [(fragment, {name for name, _ in _named(fragment.data)}) for fragment in fragments]
    taken = set().union(*(known for _, known in named))
    names: dict[Name, str] = {}
    for section, name in sorted(taken):
        if section != _OPERATION and not _LAWFUL.fullmatch(name):
            new = _UNLAWFUL.sub("_", name).strip("_") or "Component"
            while (section, new) in taken:
                new += "_"
            taken.add((section, new))
            names[section, name] = new
    notes = [
        Problem(f"{name!r} is no name that OpenAPI allows: it becomes {new!r}",
                *fragment.source.locate(place), place)
        for fragment, known in named
        for (section, name), new in names.items() if (section, name) in known
        for place in [pointer.join("/components", section, name)]
    ]  # fmt: skip
    if not names:
        return list(fragments), notes
    return [_renamed(f, names, _heirs([f])) for f in fragments], notes


_LAWFUL: Final = re.compile(r"[A-Za-z0-9._-]+")
_UNLAWFUL: Final = re.compile(r"[^A-Za-z0-9._-]+")


def prefix(title: str) -> str:
    """A product's title as the beginning of a name: `Head Swap API` becomes `HeadSwapApi`."""
    found = re.findall(r"[A-Za-z0-9]+", title)
    return "".join(word[:1].upper() + word[1:].lower() for word in found)


def _front(title: str, fronts: set[str]) -> str:
    """The product's prefix, made different from the `fronts` that other products have."""
    front = stem = prefix(title) or "Product"
    number = 2
    while front in fronts:
        front, number = f"{stem}{number}", number + 1
    fronts.add(front)
    return front


def _new_names(clashes: set[Name], front: str, taken: set[Name]) -> dict[Name, str]:
    """A name for each clashing one, which nothing in any fragment has; adds them to `taken`."""
    names: dict[Name, str] = {}
    for section, name in sorted(clashes):
        new = front + name
        if section == _OPERATION:
            new = front[:1].lower() + front[1:] + name[:1].upper() + name[1:]
        while (section, new) in taken:
            new += "_"
        taken.add((section, new))
        names[section, name] = new
    return names


def _named(data: dict[str, Any]) -> Iterator[tuple[Name, Any]]:
    """Everything in a document that has a name which may clash."""
    for section in grammar.COMPONENTS:
        for name, value in data.get("components", {}).get(section, {}).items():
            yield (section, name), value
    for part in grammar.parts(data):
        name = part.value.get("operationId")
        if part.kind == "operation" and isinstance(name, str):
            yield (_OPERATION, name), part.value


def _target(reference: object) -> Name | None:
    """The component that a `$ref` leads to or into."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    match pointer.split(pointer.of(reference)):
        case ["components", section, name, *_]:
            return section, name
    return None


def _heirs(fragments: Sequence[Fragment]) -> dict[str, list[str]]:
    """For each component schema of a product the schemas that build on it with `allOf`."""
    parents: dict[str, set[str]] = {}
    for fragment in fragments:
        for (section, name), value in _named(fragment.data):
            if section == "schemas" and isinstance(value, dict):
                branches = value.get("allOf")
                targets = (
                    _target(branch.get("$ref"))
                    for branch in (branches if isinstance(branches, list) else ())
                    if isinstance(branch, dict)
                )
                parents.setdefault(name, set()).update(
                    target[1] for target in targets if target and target[0] == "schemas"
                )
    heirs: dict[str, set[str]] = {}
    for name, direct in parents.items():
        above, seen = list(direct), {name}
        while above:
            parent = above.pop()
            heirs.setdefault(parent, set()).add(name)
            if parent not in seen:
                seen.add(parent)
                above += parents.get(parent, ())
    return {parent: sorted(names) for parent, names in heirs.items()}


def _choices(
    part: grammar.Part, heirs: Mapping[str, list[str]]
) -> tuple[dict[str, Any], list[str]] | None:
    """A schema's discriminator, and the component schemas that its values name by themselves."""
    discriminator = part.value.get("discriminator")
    if part.kind != "schema" or not isinstance(discriminator, dict):
        return None
    branches = [*_list(part.value.get("oneOf")), *_list(part.value.get("anyOf"))]
    if branches:
        targets = [_target(branch.get("$ref")) for branch in branches if isinstance(branch, dict)]
        return discriminator, [t[1] for t in targets if t and t[0] == "schemas"]
    match pointer.split(part.pointer):
        case ["components", "schemas", name]:
            return discriminator, [name, *heirs.get(name, ())]
    return discriminator, []


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapped(target: object) -> Name | None:
    """The component that a discriminator's mapping leads to, by `$ref` or by bare name."""
    if isinstance(target, str) and not target.startswith("#"):
        return "schemas", target
    return _target(target)


def _uses(name: Name, value: object, heirs: Mapping[str, list[str]]) -> set[Name]:
    """The components that a component leads to; it changes when one of them is renamed."""
    section, own = name
    kind = grammar.below("components", section)[1:-1]
    found: set[Name | None] = set()
    for part in grammar.parts(value, kind, pointer.join("/components", section, own)):
        found.add(_target(part.value.get("$ref")))
        mapping = part.value.get("mapping") if part.kind == "discriminator" else None
        if isinstance(mapping, dict):
            found.update(map(_mapped, mapping.values()))
        choices = _choices(part, heirs)
        found.update(("schemas", named) for named in (choices[1] if choices else ()))
        if part.kind == "requirement":
            found.update(("securitySchemes", scheme) for scheme in part.value)
    return {target for target in found if target}


def _clashing_components(
    fragments: Sequence[Fragment], heirs: Mapping[str, Mapping[str, list[str]]]
) -> set[Name]:
    """Components that products define differently, or alike over others that they do not."""
    definitions: dict[Name, dict[str, set[str]]] = {}
    uses: dict[Name, set[Name]] = {}
    for fragment in fragments:
        for key, value in _named(fragment.data):
            if key[0] == _OPERATION:
                continue
            kind = grammar.below("components", key[0])[1:-1]
            text = canonical(words.wire(value, kind))
            definitions.setdefault(key, {}).setdefault(fragment.title, set()).add(text)
            uses.setdefault(key, set()).update(_uses(key, value, heirs[fragment.title]))
    shared = {key for key, titles in definitions.items() if len(titles) > 1}
    clashes = {key for key in shared if len(set().union(*definitions[key].values())) > 1}
    while True:
        more = {key for key in shared - clashes if uses[key] & clashes}
        if not more:
            return clashes
        clashes |= more


def _clashing_operations(fragments: Sequence[Fragment], clashes: set[Name]) -> set[Name]:
    """Names of operations of several products; those in a shared component are one."""
    titles: dict[str, set[str]] = {}
    for fragment in fragments:
        for part in grammar.parts(fragment.data):
            name, holder = part.value.get("operationId"), _target("#" + part.pointer)
            stands_alone = holder is None or holder in clashes
            if part.kind == "operation" and isinstance(name, str) and stands_alone:
                titles.setdefault(name, set()).add(fragment.title)
    return {(_OPERATION, name) for name, who in titles.items() if len(who) > 1}


def _renamed(fragment: Fragment, names: Names, heirs: Mapping[str, list[str]]) -> Fragment:
    data = copy.deepcopy(fragment.data)
    for part in grammar.parts(data):
        _rename_uses(part, names, heirs)
    for section in grammar.COMPONENTS:
        if section in data.get("components", {}):
            named = data["components"][section]
            data["components"][section] = {
                names.get((section, name), name): value for name, value in named.items()
            }
    moves = {
        pointer.join("/components", section, old): pointer.join("/components", section, new)
        for (section, old), new in names.items()
    }
    source = fragment.source
    lines = {pointer.moved(place, moves): line for place, line in source.lines.items()}
    return Fragment(fragment.name, Document(source.name, data, lines))


def _rename_uses(part: grammar.Part, names: Names, heirs: Mapping[str, list[str]]) -> None:
    """References, discriminators, security requirements and operationIds in one object."""
    holder = part.value
    if _target(holder.get("$ref")) in names:
        holder["$ref"] = _moved(holder["$ref"], names)
    if part.kind in {"operation", "link"}:
        name = holder.get("operationId")
        if isinstance(name, str):
            holder["operationId"] = names.get((_OPERATION, name), name)
    choices = _choices(part, heirs)
    if choices:
        _rename_choices(*choices, names)
    if part.kind in {"document", "operation"} and isinstance(holder.get("security"), list):
        holder["security"] = [
            {names.get(("securitySchemes", name), name): scopes for name, scopes in one.items()}
            if isinstance(one, dict)
            else one
            for one in holder["security"]
        ]


def _rename_choices(discriminator: dict[str, Any], implied: list[str], names: Names) -> None:
    """Keep a discriminator's values: what was the name of a schema is now mapped to it."""
    mapping = discriminator.get("mapping", {})
    if not isinstance(mapping, dict):
        return
    kept = {
        value: _moved(target, names) if _mapped(target) in names else target
        for value, target in mapping.items()
    }
    for name in implied:
        if ("schemas", name) in names and name not in kept:
            kept[name] = _moved(name, names)
    if kept:
        discriminator["mapping"] = kept


def _moved(reference: str, names: Names) -> str:
    """A `$ref`, or the bare name of a schema, after its component was renamed."""
    if not reference.startswith("#"):
        return pointer.reference(pointer.join("/components/schemas", names["schemas", reference]))
    components, section, name, *rest = pointer.split(pointer.of(reference))
    place = pointer.join("", components, section, names[section, name], *rest)
    return pointer.reference(place)
