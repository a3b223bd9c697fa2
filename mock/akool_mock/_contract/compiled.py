"""The merged contract, compiled: routes, parameters, bodies and answers.

`Contract` is made once from an OpenAPI document and never changes. It knows nothing about face
swaps: any document works, which is how a page is served as soon as it is merged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from akool_mock._contract.schema import Validator
from akool_mock._contract.sound import unsound
from akool_mock._world.settings import MockError
from akool_openapi.operations import ExtensionError, operations
from akool_openapi.pointer import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akool_openapi.operations import OperationSpec


METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation: name, place (`query`, `path`, `header`) and rule."""

    name: str
    place: str
    required: bool
    validator: Validator
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """A documented answer: media type, examples, schema; no validator, no documented body."""

    status: int
    media_type: str
    examples: tuple[Any, ...]
    validator: Validator | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the contract.

    Attributes:
        id: operationId, or method and path if there is none.
        method: upper case.
        path: template, as the contract has it.
        secured: credentials are asked for.
        parameters: those in query, path and header.
        body: rule of the JSON body; None if no JSON body is documented.
        body_required: a request without a body is wrong.
        answers: documented answers by status; 0 is `default`.
        tags: as the contract has them.
    """

    id: str
    method: str
    path: str
    secured: bool
    parameters: tuple[Parameter, ...]
    body: Validator | None
    body_required: bool
    answers: Mapping[int, Answer]
    tags: tuple[str, ...] = ()

    def answer_for(self, status: int) -> Answer | None:
        """The documentation of a status: exact, by class (`4XX`), or the default."""
        return self.answers.get(status) or self.answers.get(-(status // 100)) or self.answers.get(0)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request leads: an operation with its path's values, or the methods that exist."""

    operation: Operation | None
    values: Mapping[str, str] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()


NOWHERE = Route(None)


class Contract:
    """A compiled OpenAPI 3 document.

    Args:
        document: the parsed document.
        is_sound: its schemas and references were judged before, so that no start pays for it again.

    Attributes:
        document: as above.
        operations: by operationId, or by method and path if there is none.
        specs: by the same names: effect, price, envelope and job from the extensions.

    Raises:
        MockError: it is not an OpenAPI 3 document, a schema in it is none, a reference points to
            nothing, or an extension does not fit its schema.
    """

    def __init__(self, document: Mapping[str, Any], *, is_sound: bool = False) -> None:
        if not str(document.get("openapi", "")).startswith("3."):
            raise MockError("the contract is not an OpenAPI 3 document: it has no `openapi: 3.x`")
        if not is_sound and (flaw := unsound(document)):
            raise MockError(f"the contract cannot be read: {flaw}")
        self.document = document
        self.operations: dict[str, Operation] = {}
        self.specs: dict[str, OperationSpec] = {}
        self._fixed: dict[str, dict[str, Route]] = {}
        self._templates: list[tuple[str, re.Pattern[str], dict[str, Operation]]] = []
        try:
            for path, item in document.get("paths", {}).items():
                self._add(path, resolve(document, item))
            self.specs.update((spec.name, spec) for spec in operations(document))
        except ExtensionError as error:
            raise MockError(f"the contract cannot be read: {error}") from error
        except (KeyError, AttributeError, TypeError) as error:
            raise MockError(f"the contract cannot be read: {error!r}") from error
        self._templates.sort(key=lambda entry: _openness(entry[0]))

    def _add(self, path: str, item: Mapping[str, Any]) -> None:
        found = {
            method.upper(): self._operation(path, method, item)
            for method in METHODS
            if method in item
        }
        self.operations.update((operation.id, operation) for operation in found.values())
        if "{" in path:
            parts = re.split(r"\{([^}]+)\}", path)
            pattern = "".join(
                "([^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts)
            )
            self._templates.append((path, re.compile(pattern), found))
        else:
            self._fixed[path] = {name: Route(operation) for name, operation in found.items()}

    def _operation(self, path: str, method: str, item: Mapping[str, Any]) -> Operation:
        raw = item[method]
        security = raw.get("security", self.document.get("security", []))
        body = resolve(self.document, raw.get("requestBody", {}))
        schema = body.get("content", {}).get("application/json", {}).get("schema")
        return Operation(
            id=raw.get("operationId") or f"{method.upper()} {path}",
            method=method.upper(),
            path=path,
            secured=bool(security) and {} not in security,
            parameters=self._parameters(item, raw),
            body=None if schema is None else Validator(self.document, schema),
            body_required=bool(body.get("required")),
            answers=self._answers(raw.get("responses", {})),
            tags=tuple(raw.get("tags", ())),
        )

    def _parameters(self, item: Mapping[str, Any], raw: Mapping[str, Any]) -> tuple[Parameter, ...]:
        found: dict[tuple[str, str], Parameter] = {}
        for node in (*item.get("parameters", ()), *raw.get("parameters", ())):
            entry = resolve(self.document, node)
            place, schema = entry["in"], entry.get("schema", {})
            name = entry["name"].lower() if place == "header" else entry["name"]
            if place == "cookie":
                continue
            kind = resolve(self.document, schema).get("type", "string")
            found[place, name] = Parameter(
                name=name,
                place=place,
                required=bool(entry.get("required")) or place == "path",
                validator=Validator(self.document, schema),
                kinds=frozenset([kind] if isinstance(kind, str) else kind),
            )
        return tuple(found.values())

    def _answers(self, responses: Mapping[str, Any]) -> dict[int, Answer]:
        answers: dict[int, Answer] = {}
        for code, node in responses.items():
            raw = resolve(self.document, node)
            text = str(code).upper()
            status = 0 if text == "DEFAULT" else -int(text[0]) if text[1:] == "XX" else int(text)
            content = raw.get("content") or {}
            media_type = "application/json" if "application/json" in content else ""
            media_type = media_type or next(iter(content), "")
            media = content.get(media_type, {})
            answers[status] = Answer(
                status=status,
                media_type=media_type,
                examples=self._examples(media),
                validator=Validator(self.document, media["schema"]) if "schema" in media else None,
            )
        return answers

    def _examples(self, media: Mapping[str, Any]) -> tuple[Any, ...]:
        named = [resolve(self.document, node) for node in media.get("examples", {}).values()]
        found = [media["example"]] if "example" in media else []
        return (*found, *(node["value"] for node in named if "value" in node))

    def route(self, method: str, path: str) -> Route:
        """The operation of a request.

        A path without parameters beats one with, and of two with parameters the one that has a
        literal segment first; where one of them has no such method, the next may have it.
        """
        here = self._fixed.get(path, {})
        if method in here:
            return here[method]
        allowed = {*here}
        for template, pattern, found in self._templates:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            if method in found:
                names = re.findall(r"\{([^}]+)\}", template)
                return Route(found[method], dict(zip(names, match.groups(), strict=True)))
            allowed |= found.keys()
        return Route(None, allowed=tuple(sorted(allowed))) if allowed else NOWHERE


def _openness(path: str) -> list[int]:
    """Sorts path templates: segment by segment, more literal text first."""
    literal = (re.sub(r"\{[^}]*\}", "\0", segment) for segment in path.split("/"))
    return [0 if "\0" not in text else 1_000 - len(text) for text in literal]


@cache
def places() -> dict[str, tuple[str, str]]:
    """Method and path of each operation of the merged contract, by operationId."""
    import akool_openapi  # noqa: PLC0415 - as below

    return {spec.name: (spec.method, spec.path) for spec in operations(akool_openapi.load())}


@cache
def merged_contract() -> Contract:
    """The merged contract of this distribution, compiled once for all simulators of a process."""
    import akool_openapi  # noqa: PLC0415 - a simulator of another contract does not need ours

    return Contract(akool_openapi.load(), is_sound=True)  # its build holds it to more
