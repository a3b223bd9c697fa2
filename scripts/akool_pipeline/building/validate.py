"""What the built contract must be: a valid OpenAPI document with finite schemas.

The specification's own rules are openapi-spec-validator's. On top come the two things that
generator and simulator need and the specification leaves open: references that lead somewhere
inside, and schemas that do not contain themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from akool_pipeline.documents import pointer
from akool_pipeline.errors import PipelineError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SCHEMAS: Final = "#/components/schemas/"


def validate(
    data: dict[str, Any],
    name: str,
    locate: Callable[[str], tuple[str | None, int | None]],
) -> None:
    """Refuse a document that is not a valid, finite OpenAPI contract.

    Args:
        data: The document.
        name: What to call it in messages.
        locate: File and line that a pointer of the document comes from, None where unknown.

    Raises:
        PipelineError: All faults at once.
    """
    faults = list(_dangling(data)) or list(_cycles(data)) or list(_invalid(data))
    if faults:
        raise PipelineError.of(
            Problem(message, locate(place)[0] or name, locate(place)[1], place)
            for place, message in faults
        )


def _dangling(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for place, target in pointer.references(data):
        if not target.startswith("#"):
            yield place, f"$ref to another document ({target}): the contract must stand alone"
            continue
        try:
            pointer.resolve(data, target[1:])
        except KeyError:
            yield place, f"$ref to nowhere: {target} is not in this document"


def _cycles(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    schemas = data.get("components", {}).get("schemas", {})
    uses = {
        name: sorted(
            {
                pointer.split(target[1:])[2]
                for _, target in pointer.references(schema)
                if target.startswith(_SCHEMAS)
            }
        )
        for name, schema in schemas.items()
    }
    done: set[str] = set()
    for start in sorted(uses):
        trail: list[str] = []
        cycle = _find_cycle(start, uses, trail, done)
        if cycle:
            way = " -> ".join([*cycle, cycle[0]])
            yield (
                pointer.join("/components/schemas", cycle[0]),
                f"the schema contains itself ({way}): cut the circle in an overlay",
            )


def _find_cycle(
    name: str, uses: dict[str, list[str]], trail: list[str], done: set[str]
) -> list[str]:
    if name in trail:
        return trail[trail.index(name) :]
    if name in done:
        return []
    trail.append(name)
    for used in uses.get(name, ()):
        cycle = _find_cycle(used, uses, trail, done)
        if cycle:
            done.update(cycle)
            return cycle
    trail.pop()
    done.add(name)
    return []


def _invalid(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    is_31 = str(data.get("openapi", "")).startswith("3.1")
    validator = (OpenAPIV31SpecValidator if is_31 else OpenAPIV30SpecValidator)(data)
    errors = validator.iter_errors()
    found = False
    while True:
        try:
            error = next(errors, None)
        except Exception as fault:  # noqa: BLE001 - it walks on after schema errors, into anything
            if not found:
                yield "", f"not valid OpenAPI: {fault}"
            return
        if error is None:
            return
        found = True
        yield pointer.join("", *error.absolute_path), f"not valid OpenAPI: {error.message}"
