"""Every name that a schema requires is defined: a misspelled or renamed one can never be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akool_pipeline.checking.findings import Finding
from akool_pipeline.checking.shape import layers
from akool_pipeline.checking.structure import schemas
from akool_pipeline.documents.pointer import join

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(data: dict[str, Any]) -> Iterator[Finding]:
    """Names in `required` that no schema which speaks about the same value defines.

    A schema that is a part of others (of an allOf, say) is judged in their company: it is enough
    that the name is defined in one of the places where it is used.
    """
    found: dict[str, tuple[str, set[str]]] = {}
    defined: set[str] = set()
    forbidden = tuple(join(p, "not") for p, schema in schemas(data) if "not" in schema)
    for pointer, schema in schemas(data):
        if any(pointer == place or pointer.startswith(f"{place}/") for place in forbidden):
            continue  # what is meant not to be there need not be defined
        company = list(layers(data, schema, pointer))
        names, is_map = _defined(part for _, part in company)
        for here, part in company:
            for place, name in _required(here, part):
                if is_map or name in names:
                    defined.add(place)
                found.setdefault(place, (name, names))
    for place, (name, names) in sorted(found.items()):
        if place not in defined:
            known = ", ".join(sorted(names)) or "none"
            yield Finding(place, f"requires {name!r}, which is not among its properties ({known})")


def _defined(parts: Iterator[dict[str, Any]]) -> tuple[set[str], bool]:
    """The property names that `parts` define, and whether they take names by rule."""
    names: set[str] = set()
    is_map = False
    for part in parts:
        properties = part.get("properties")
        names |= properties.keys() if isinstance(properties, dict) else set()
        is_map |= bool(part.get("patternProperties"))
        is_map |= isinstance(part.get("additionalProperties"), dict)
    return names, is_map


def _required(pointer: str, part: dict[str, Any]) -> Iterator[tuple[str, str]]:
    required = part.get("required")
    for index, name in enumerate(required if isinstance(required, list) else ()):
        if isinstance(name, str):
            yield join(pointer, "required", index), name
    dependent = part.get("dependentRequired")
    for key, names in dependent.items() if isinstance(dependent, dict) else ():
        for index, name in enumerate(names if isinstance(names, list) else ()):
            yield join(pointer, "dependentRequired", key, index), str(name)
