"""What the built contract must be: a valid OpenAPI document that can be used by itself.

The specification's own rules are openapi-spec-validator's. On top come the things that generator
and simulator need and the specification leaves open: references that lead somewhere inside and
come to an end, discriminators whose values name schemas, schemas that a value can fill.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from jsonschema import Draft4Validator, Draft202012Validator
from jsonschema.exceptions import best_match
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from akool_pipeline.building.finite import endless
from akool_pipeline.building.fragments import bad_reference
from akool_pipeline.documents import grammar, pointer
from akool_pipeline.errors import PipelineError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_EITHER: Final = "is not valid under any of the schemas listed"
_META: Final = Draft202012Validator(
    Draft202012Validator.META_SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER
)
_SHOWN: Final = 300
"""Most characters of another library's message; it may quote half the document."""


def validate(
    data: dict[str, Any],
    name: str,
    locate: Callable[[str], tuple[str | None, int | None]],
) -> None:
    """Refuse a document that is not a valid OpenAPI contract that can be used by itself.

    Args:
        data: The document.
        name: What to call it in messages.
        locate: File and line that a pointer of the document comes from, None where unknown.

    Raises:
        PipelineError: All faults at once.
    """
    faults = [*_dangling(data), *_unmapped(data)] or list(_endless(data)) or list(_invalid(data))
    if faults:
        raise PipelineError.of(
            Problem(message, locate(place)[0] or name, locate(place)[1], place)
            for place, message in faults
        )


def _dangling(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for place, target in grammar.references(data):
        wrong = bad_reference(data, target)
        if wrong:
            yield place, wrong


def _unmapped(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Discriminator mappings to what is not there."""
    schemas = data.get("components", {}).get("schemas", {})
    for part in grammar.parts(data):
        mapping = part.value.get("mapping") if part.kind == "discriminator" else None
        for value, target in mapping.items() if isinstance(mapping, dict) else ():
            place = pointer.join(part.pointer, "mapping", value)
            if not isinstance(target, str):
                yield place, "a discriminator's mapping must name a schema"
            elif target not in schemas:
                wrong = bad_reference(data, target)
                if wrong:
                    yield place, f"the mapping names no schema: {wrong}"


def _endless(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for place, target in grammar.references(data):
        if _leads_back(data, place):
            yield place, f"the reference leads back to itself ({target}): say what it means"
    for place, way in endless(data):
        circle = " -> ".join(way)
        yield (
            place,
            (
                f"no finite value can fill the schema ({circle}): make a property optional or "
                "nullable, or an array empty, in an overlay"
            ),
        )


def _leads_back(data: dict[str, Any], place: str) -> bool:
    """Whether references that stand for nothing else lead from `place` to it again."""
    met: set[str] = set()
    here = place
    while here not in met:
        met.add(here)
        found = pointer.resolve(data, here)
        target = found.get("$ref") if isinstance(found, dict) else None
        if not isinstance(target, str):
            return False
        here = pointer.of(target)
    return here == place


def _invalid(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    is_31 = data["openapi"].startswith("3.1")
    validator = (OpenAPIV31SpecValidator if is_31 else OpenAPIV30SpecValidator)(data)
    errors = validator.iter_errors()
    found = False
    for place, message in _invalid_schemas(data) if is_31 else ():
        found = True
        yield place, f"not valid OpenAPI: {_short(message)}"
    while True:
        try:
            error = next(errors, None)
        except Exception as fault:  # noqa: BLE001 - it walks on after schema errors, into anything
            if not found:
                yield "", f"not valid OpenAPI: {fault}"
            return
        if error is None:
            return
        place = pointer.join("", *error.absolute_path)
        if not place and error.instance is not data:
            continue  # a default, of which it does not say where: `checking` does
        if found and not _is_in(data, place):
            continue  # what follows an error in a schema names its place from there
        found = True
        # The first line says it; the others quote the specification and the document.
        message = error.message.partition("\n")[0]
        inner = _innermost(data, place) if not is_31 and _EITHER in message else []
        for where, what in inner or [(place, message)]:
            yield where, f"not valid OpenAPI: {_short(what)}"


def _short(message: str) -> str:
    return message if len(message) <= _SHOWN else message[:_SHOWN] + "…"


def _invalid_schemas(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Schemas of 3.1 that JSON Schema 2020-12 does not allow, wherever they stand.

    The validator does not go into inline schemas of request bodies, headers and webhooks, and says
    of the others only where it is inside the schema.
    """
    outermost = ""
    for part in grammar.parts(data):
        if part.kind != "schema" or (outermost and part.pointer.startswith(f"{outermost}/")):
            continue
        outermost = part.pointer
        # The validator goes through some keywords in an order that is another in each process.
        errors = (
            (pointer.join(outermost, *error.absolute_path), error.message)
            for error in _META.iter_errors(part.value)
        )
        yield from sorted(errors)


def _innermost(data: dict[str, Any], place: str) -> list[tuple[str, str]]:
    """The innermost objects at or below `place` that are not what OpenAPI 3.0 says of their kind.

    "A schema or a reference" is what the specification says of most places, and that a whole body
    is neither tells nobody anything.
    """
    whole = OpenAPIV30SpecValidator.schema_validator.schema
    specification = dict(cast("dict[str, Any]", whole))  # it may be `true`, says its type
    known = {name[:1].lower() + name[1:]: name for name in specification["definitions"]}
    inside = [
        part
        for part in grammar.parts(pointer.resolve(data, place), grammar.kind_at(place), place)
        if part.kind in known and "$ref" not in part.value
    ]
    found: dict[str, tuple[str, str]] = {}
    for part in reversed(inside):
        if any(inner.startswith(f"{part.pointer}/") for inner in found):
            continue  # it is not valid because of them
        definition = {**specification, "$ref": f"#/definitions/{known[part.kind]}"}
        for key in ("type", "required", "properties", "patternProperties", "additionalProperties"):
            definition.pop(key, None)
        error = best_match(Draft4Validator(definition).iter_errors(part.value))
        if error is not None:
            here = pointer.join(part.pointer, *error.absolute_path)
            found[part.pointer] = (here, error.message)
    return list(found.values())[::-1]


def _is_in(data: dict[str, Any], place: str) -> bool:
    try:
        pointer.resolve(data, place)
    except KeyError:
        return False
    return True
