"""Every example fits its schema: media types', parameters', headers' and schemas' own.

So does every default, which the client sends for a caller who says nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from openapi_schema_validator import (
    OAS30ReadValidator,
    OAS30Validator,
    OAS30WriteValidator,
    OAS31Validator,
    oas30_format_checker,
    oas31_format_checker,
)
from referencing import Registry
from referencing.jsonschema import DRAFT4, DRAFT202012

from akool_pipeline.checking.findings import Finding
from akool_pipeline.checking.structure import Use, follow, holders, schemas
from akool_pipeline.documents.pointer import join, of, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.exceptions import ValidationError

_BASE: Final = "urn:contract"
_READERS: Final = {
    Use.REQUEST: OAS30WriteValidator,
    Use.ANSWER: OAS30ReadValidator,
    Use.EITHER: OAS30Validator,
}


def check(data: dict[str, Any]) -> Iterator[Finding]:
    """Examples that are not instances of the schema that they stand beside."""
    reader = _Reader(data)
    for holder in holders(data):
        if "schema" not in holder.value or not _is_data(holder.media):
            continue
        for place, example in _shown(data, holder.value, holder.pointer):
            yield from reader.faults(place, example, join(holder.pointer, "schema"), holder.use)
    for pointer, schema in schemas(data):
        if "$ref" in schema and not reader.is_31:
            continue  # what stands beside a reference is not read in 3.0
        for keyword in ("example", "default"):
            if keyword in schema:
                place = join(pointer, keyword)
                yield from reader.faults(place, schema[keyword], pointer, Use.EITHER)
        many = schema.get("examples")
        for index, example in enumerate(many if isinstance(many, list) else ()):
            place = join(pointer, "examples", index)
            yield from reader.faults(place, example, pointer, Use.EITHER)


def _is_data(media: str) -> bool:
    """Whether examples of a media type are values that a schema describes, rather than its text."""
    kind = media.partition(";")[0].strip().lower()
    return (
        not kind
        or kind.endswith(("/json", "+json"))
        or kind in {"application/x-www-form-urlencoded", "multipart/form-data"}
    )


def _shown(data: dict[str, Any], value: dict[str, Any], pointer: str) -> Iterator[tuple[str, Any]]:
    if "example" in value:
        yield join(pointer, "example"), value["example"]
    many = value.get("examples")
    for name, example in many.items() if isinstance(many, dict) else ():
        place = join(pointer, "examples", name)
        shown = follow(data, example)
        if isinstance(shown, dict) and "value" in shown:
            yield join(place, "value") if shown is example else place, shown["value"]


class _Reader:
    """Validates values against schemas where they stand in the document."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.is_31 = data["openapi"].startswith("3.1")
        kind = DRAFT202012 if self.is_31 else DRAFT4
        registry: Registry[Any] = Registry()
        self.registry = registry.with_resource(_BASE, kind.create_resource(data))

    def faults(self, place: str, example: object, schema: str, use: Use) -> Iterator[Finding]:
        fragment = quote(schema, safe="/~!$&'()*+,;=:@")
        reference = {"$ref": f"{_BASE}#{fragment}"}
        if self.is_31:
            validator = OAS31Validator(
                reference, registry=self.registry, format_checker=oas31_format_checker
            )
        else:
            validator = _READERS[use](
                reference, registry=self.registry, format_checker=oas30_format_checker
            )
        for error in validator.iter_errors(example):
            worst = _deepest(error)
            keyword = self._keyword(schema, error, worst)
            at = join("", *worst.absolute_path)
            where = f" at {at}" if at else ""
            word = "default" if place.endswith("/default") else "example"
            yield Finding(
                place + at if place_exists(self.data, place + at) else place,
                f"the {word} does not fit its schema{where}: {_short(worst.message)}",
                (keyword,),
            )

    def _keyword(self, schema: str, error: ValidationError, worst: ValidationError) -> str:
        """Pointer of the keyword that `worst` breaks: its path, with the references followed."""
        steps: list[str | int] = []
        chain: list[Any] = [worst]
        while chain[-1] is not error and chain[-1].parent is not None:
            chain.append(chain[-1].parent)
        for one in reversed(chain):
            steps += one.relative_schema_path
        pointer = schema
        for step in steps:
            pointer = join(_followed(self.data, pointer, step), step)
        return pointer


def _followed(data: dict[str, Any], pointer: str, step: str | int) -> str:
    """`pointer`, or where its references lead, until what is there has `step`."""
    seen: set[str] = set()
    while pointer not in seen:
        seen.add(pointer)
        try:
            value = resolve(data, pointer)
        except KeyError:
            return pointer
        target = value.get("$ref") if isinstance(value, dict) and step not in value else None
        if isinstance(target, str):
            pointer = of(target)
    return pointer


def place_exists(data: dict[str, Any], pointer: str) -> bool:
    """Whether the document has something at `pointer`."""
    try:
        resolve(data, pointer)
    except KeyError:
        return False
    return True


def _deepest(error: ValidationError) -> ValidationError:
    """The most telling cause: of alternatives, the one that got furthest into the value."""
    while error.context:
        error = max(
            error.context,
            key=lambda cause: (len(cause.absolute_path), cause.validator not in {"enum", "type"}),
        )
    return error


def _short(message: str) -> str:
    limit = 160
    return message if len(message) <= limit else f"{message[: limit - 3]}..."
