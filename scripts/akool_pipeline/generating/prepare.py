"""The document that the generator is given: the contract without what would move names. Pure.

openapi-python-client makes folders of tags, and class names of titles. Both are words for people,
which a page changes without changing the API. They are taken out, so that every module and class is
called after an operationId or a component. Members of enums get names that are told apart.
"""

from __future__ import annotations

import copy
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from openapi_python_client.strings import PythonIdentifier, in_double_quote_literal, snake_case

from akool_pipeline.building.fragments import operations
from akool_pipeline.documents import grammar, pointer
from akool_pipeline.documents.values import canonical
from akool_pipeline.errors import PipelineError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akool_pipeline.documents.document import Document

TAG: Final = "operations"
"""The one folder of all operations' modules."""


def prepare(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the contract that generates the same code whatever its tags and titles say."""
    result: dict[str, Any] = copy.deepcopy(dict(document))
    _name_targets(result)  # first, while everything is where the references say
    schemas = result.get("components", {}).get("schemas", {})
    schemas.update({name: _spelled(schema) for name, schema in schemas.items()})
    _name_alternatives(schemas)
    for holder, key in (
        (result, "tags"),
        (result, "webhooks"),
        (result.get("components", {}), "callbacks"),
    ):
        holder.pop(key, None)
    for _, _, operation in operations(result):
        operation["tags"] = [TAG]
        # 3.1 asks for none, the generator does; extensions it takes for answers.
        answers = operation.get("responses", {}).items()
        operation["responses"] = {code: a for code, a in answers if not code.startswith("x-")}
        operation.pop("callbacks", None)  # calls that are received; the generator knows no `$ref`
    _write_out(result)
    _say_json(result)
    for part in grammar.parts(result):
        if part.kind != "schema":
            continue
        _spell_out(part.value)
        _drop_conditions(part.value)
        words = part.value.pop("title", None)
        if isinstance(words, str):
            part.value.setdefault("description", words)
        if isinstance(part.value.get("enum"), list):
            _name_members(part.value)
    return result


def _write_out(document: dict[str, Any]) -> None:
    """Put parameters in the place of references to some that have no name of their own.

    The generator follows references to components alone; merging makes others, where a path says a
    parameter for its operations and another page's path refers to that.
    """
    for _, _, operation in operations(document):
        for index, parameter in enumerate(operation.get("parameters", ())):
            target, seen = parameter, set[str]()
            while isinstance(target.get("$ref"), str) and target["$ref"].startswith("#/paths/"):
                if target["$ref"] in seen:
                    break
                seen.add(target["$ref"])
                target = pointer.resolve(document, pointer.of(target["$ref"]))
            operation["parameters"][index] = target


def _say_json(document: dict[str, Any]) -> None:
    """Read an answer that is described by a schema and of any type as JSON; others stay."""
    for part in grammar.parts(document):
        content = part.value.get("content")
        if part.kind != "response" or not isinstance(content, dict) or _JSON in content:
            continue
        known = next((media for media in _ANY_TYPE if "schema" in content.get(media, {})), None)
        if known is not None:
            part.value["content"] = {
                _JSON if media == known else media: value for media, value in content.items()
            }


_JSON: Final = "application/json"
_ANY_TYPE: Final = ("*/*", "application/*")


def _name_targets(document: dict[str, Any]) -> None:
    """Make components of schemas that are referred to and are none, as those in `$defs`.

    The generator knows components alone.
    """
    schemas = document.get("components", {}).get("schemas", {})
    names: dict[str, str] = {}
    for part in list(grammar.parts(document)):
        target = part.value.get("$ref")
        place = pointer.of(target) if isinstance(target, str) else ""
        steps = pointer.split(place) if place.startswith("/") else []
        if part.kind != "schema" or not steps or grammar.kind_at(place) != "schema":
            continue
        if steps[0] == "components" and len(steps) == _COMPONENT:
            continue
        if place not in names:
            names[place] = _free_name(steps, schemas)
            schemas[names[place]] = pointer.resolve(document, place)
            document.setdefault("components", {})["schemas"] = schemas
        part.value["$ref"] = pointer.reference(f"/components/schemas/{names[place]}")


def _name_alternatives(schemas: dict[str, Any]) -> None:
    """Make components of the alternatives of a component that extend another one.

    The generator reads alternatives before it knows what a component extends.
    """
    for name, schema in list(schemas.items()):
        for keyword in ("anyOf", "oneOf"):
            for index, part in enumerate(schema.get(keyword, ())):
                bases = part.get("allOf", ()) if isinstance(part, dict) else ()
                if any(isinstance(base, dict) and "$ref" in base for base in bases):
                    given = _free_name([f"{name}Type{index}"], schemas)
                    schemas[given] = part
                    schema[keyword][index] = {
                        "$ref": pointer.reference(f"/components/schemas/{given}")
                    }


_COMPONENT: Final = 3
"""Steps of a pointer to a component."""


def _free_name(steps: list[str], taken: Mapping[str, Any]) -> str:
    """A name for the schema at the end of `steps`, after the component that it is in, if any."""
    known = [steps[2]] if steps[0] == "components" else []
    wish = re.sub(r"[^A-Za-z0-9_]", "_", "_".join([*known, steps[-1]]))
    name, number = wish, 2
    while name in taken:
        name, number = f"{wish}_{number}", number + 1
    return name


def _spell_out(schema: dict[str, Any]) -> None:
    """Write as an object what may be left out or a boolean: the items of an array, any schema."""
    types = schema.get("type")
    if "array" in (types if isinstance(types, list) else [types]) and "prefixItems" not in schema:
        schema.setdefault("items", {})
    if schema.get("items") is False and "prefixItems" in schema:
        del schema["items"]  # the generator has no other length than any
    for key, value in schema.items():
        kind = grammar.below("schema", key)
        if kind == "schema" and isinstance(value, bool) and key != "additionalProperties":
            schema[key] = _spelled(value)
        elif kind == "[schema]" and isinstance(value, list):
            schema[key] = [_spelled(item) for item in value]
        elif kind == "{schema}" and isinstance(value, dict):
            schema[key] = {name: _spelled(item) for name, item in value.items()}


def _spelled(schema: Any) -> Any:  # noqa: ANN401 - a schema
    return schema if not isinstance(schema, bool) else {} if schema else {"not": {}}


def _drop_conditions(schema: dict[str, Any]) -> None:
    """Take out alternatives that only say which of the object's own properties must be there.

    The generator makes a union of them, in the place of the object.
    """
    for keyword in ("anyOf", "oneOf"):
        parts = schema.get(keyword)
        if "properties" in schema and parts and all(part.keys() <= _CONDITION for part in parts):
            del schema[keyword]


_CONDITION: Final = frozenset(
    {"required", "not", "minProperties", "maxProperties", "description", "title"}
)


def python_names(contract: Document, prefix: str) -> dict[tuple[str, str], PythonIdentifier]:
    """The Python name of each operation, by path and method.

    Raises:
        PipelineError: Two operations get one name: one of them would replace the other.
    """
    names: dict[tuple[str, str], PythonIdentifier] = {}
    holders: dict[str, tuple[str, str]] = {}
    problems: list[Problem] = []
    for path, method, operation in operations(contract.data):
        # Where there is no operationId the generator makes one of method and path, in this way.
        made = f"{method}_{path.replace('/', '_')}"
        name = PythonIdentifier(operation.get("operationId") or made, prefix)
        names[path, method] = name
        first = holders.setdefault(unicodedata.normalize("NFKC", name), (path, method))
        if first != (path, method):
            problems += _twins(contract, first, (path, method), name).problems
    if problems:
        raise PipelineError.of(problems)
    return names


def title(path: str, method: str, operation: Mapping[str, Any]) -> str:
    """What messages call an operation."""
    stated = operation.get("operationId")
    return f"{method.upper()} {path}" + (f" ({stated})" if stated else "")


def _twins(
    contract: Document, one: tuple[str, str], other: tuple[str, str], name: str
) -> PipelineError:
    titles = [title(*place, contract.data["paths"][place[0]][place[1]]) for place in (one, other)]
    return contract.error(
        f"{titles[0]} and {titles[1]} both become the Python name {name}: give one of them another "
        "operationId with an overlay",
        pointer=pointer.join("/paths", *other),
    )


def unwritable(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Operations and components with a name or value that the generator would change.

    It drops control characters from what it writes, and the wire would have another name.

    Yields:
        The pointer of the operation or component, and what is wrong with it.
    """
    told: set[str] = set()
    for part in grammar.parts(document):
        texts: list[Any] = []
        if part.kind == "schema":
            texts = [*part.value.get("properties", {}), *part.value.get("enum", ())]
        elif part.kind == "parameter":
            texts = [part.value.get("name")]
        wrong = [text for text in texts if isinstance(text, str) and _changes(text)]
        holder = pointer.join("", *pointer.split(part.pointer)[:3])
        if wrong and holder not in told:
            told.add(holder)
            yield holder, f"{wrong[0]!r} has a control character, which cannot be written"


def _changes(text: str) -> bool:
    return bool(json.loads(f'"{in_double_quote_literal(text)}"') != text)


def _name_members(schema: dict[str, Any]) -> None:
    """Give the members of an enum names that Python can tell apart; a value twice is one value."""
    stated = schema.get("x-enum-varnames")
    given = schema["enum"]
    if not isinstance(stated, list) or len(stated) != len(given):
        stated = [None] * len(given)
    distinct = {canonical(value): (value, stated[index]) for index, value in enumerate(given)}
    schema["enum"] = [value for value, _ in distinct.values()]
    members = [(value, name) for value, name in distinct.values() if value is not None]
    if {type(value) for value, _ in members} not in ({str}, {int}):
        return  # the generator says what it cannot do with others
    taken: set[str] = set()
    names = [_member(index, *member, taken) for index, member in enumerate(members)]
    schema["x-enum-varnames"] = names


def _member(index: int, value: str | int, stated: object, taken: set[str]) -> str:
    """One member's name: as stated or as the generator makes it, numbered where that is taken."""
    if isinstance(stated, str):
        wish = stated
    elif isinstance(value, int):
        wish = f"VALUE_{value}" if value >= 0 else f"VALUE_NEGATIVE_{-value}"
    else:
        wish = value.upper() if value[:1].isalpha() else f"VALUE_{index}"
    wish = unicodedata.normalize("NFKC", snake_case(wish).upper())
    if not wish.isidentifier():
        wish = f"VALUE_{wish}" if wish and f"VALUE_{wish}".isidentifier() else f"VALUE_{index}"
    name, number = wish, 2
    while name in taken:
        name, number = f"{wish}_{number}", number + 1
    taken.add(name)
    return name
