"""A contract as the suite reads it: operations, validators, codes and fields.

The contract's extensions alone say what an operation does, how its answers show success, which jobs
it starts and what it costs. Rules that no extension can express exist for the operations in
`known`.
"""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import jsonschema_rs

from akool_contract._wire import strict_json
from akool_contract._wire.fields import Fields, fields_of
from akool_contract._wire.known import KNOWN
from akool_contract._wire.schema import explain
from akool_openapi.dialect import is_old, modern
from akool_openapi.operations import (
    MISSING,
    Address,
    Effect,
    Envelope,
    Expression,
    JobSpec,
    OperationSpec,
    at,
    operations,
)
from akool_openapi.pointer import resolve

if TYPE_CHECKING:
    from akool_contract._wire.http import Request

HARMLESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that HTTP itself calls safe."""
SUCCESS = 1000

OBSERVED_ONLY = re.compile(
    r'data/result/\d+: "(?:url|uid|image|video_duration|deduction_duration)" is a required property'
)
"""The contract requires these because every recorded answer had them; the vendor's page requires
none of them. Their absence is drift (never seen), not a violation; a missing url at status 3 has
a check of its own."""

SCHEMA_ELSEWHERE = re.compile(
    r'"\$ref": "#/(?:paths/[^"]*|components/(?!schemas/)[^"]*)/schema\b', re.ASCII
)
"""A reference to a schema that has no name of its own."""

Schema = dict[str, Any]


class Shape(Enum):
    """What an operation is for, as the contract's extensions say it; the value is the words."""

    CREDIT = "tells the credit (data.credit)"
    SUBMIT = "starts a job (x-job)"
    POLL = "tells of jobs (x-job)"
    DELETE = "deletes jobs (x-job)"


@dataclass(frozen=True, slots=True)
class Operation:
    """One documented operation."""

    id: str
    method: str
    path: str
    server: str
    request: Schema | None
    responses: dict[str, Schema]
    statuses: frozenset[str] = frozenset()
    """Every documented HTTP status, with or without a schema for its body."""
    example: Any = None
    parameters: tuple[dict[str, Any], ...] = ()
    """As OpenAPI describes them, those of the path among them."""
    effect: Effect = Effect.SPENDS
    price: float | None = None
    """Credits that one request is known to cost; None: nothing is known."""
    envelope: Envelope | None = None
    """How its answers tell success; None: by the HTTP status."""
    apart: bool = False
    """It has an envelope of its own; the platform may still answer in the document's."""
    job: JobSpec | None = None
    """The job that it starts; None: it starts none."""
    secured: bool = True
    """Whether it needs credentials (`security`)."""
    ours: bool = True
    """It is a face swap operation with its method and path: its prose rules are known."""

    @property
    def spends(self) -> bool:
        """Whether a server could charge for it."""
        return self.effect is Effect.SPENDS

    @property
    def takes_away(self) -> bool:
        """Whether it deletes or changes what is there."""
        return self.effect in (Effect.DELETES, Effect.CHANGES)

    @property
    def is_submit(self) -> bool:
        """Whether it starts a job."""
        return self.job is not None

    @property
    def required_query(self) -> tuple[str, ...]:
        """Query parameters that must be there."""
        return tuple(
            p["name"] for p in self.parameters if p.get("in") == "query" and p.get("required")
        )

    def documented(self, status: int) -> str | None:
        """The key under which the contract describes answers of this HTTP status, if it does."""
        keys = (str(status), f"{status // 100}XX", f"{status // 100}xx", "default")
        return next((key for key in keys if key in self.statuses), None)

    def schema_for(self, status: int) -> Schema | None:
        """The schema of a JSON body at this HTTP status; None where there is none."""
        return self.responses.get(self.documented(status) or "default")

    def matches(self, path: str) -> bool:
        """Whether a path is its own, with any prefix before the documented part."""
        return _pattern(self.path).fullmatch(path) is not None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^{}]*\})", template)
    text = "".join("([^/]+)" if part.startswith("{") else re.escape(part) for part in parts)
    return re.compile(f"(?:/.*)?{text}/?")


@dataclass
class Contract:
    """A view of one merged OpenAPI document."""

    document: dict[str, Any]
    _validators: dict[tuple[str, str], jsonschema_rs.Validator] = field(default_factory=dict)
    _fields: dict[str, Fields] = field(default_factory=dict)

    @cached_property
    def operations(self) -> dict[str, Operation]:
        """Operations by operationId, in the document's order.

        Raises:
            ExtensionError: an extension does not fit its schema.
        """
        return {spec.name: self._operation(spec) for spec in operations(self.document)}

    @cached_property
    def codes(self) -> dict[int, str]:
        """Documented business codes and their meaning."""
        table = self.document.get("x-business-codes") or []
        return {int(row["code"]): str(row.get("meaning", "")) for row in table}

    @cached_property
    def envelope(self) -> Envelope | None:
        """The document's envelope: for answers of the platform itself."""
        stated = self.document.get("x-envelope")
        return None if stated is None else Envelope.read(stated)

    @cached_property
    def polls(self) -> dict[str, list[JobSpec]]:
        """The operations that poll jobs, and the kinds of jobs of each."""
        found: dict[str, list[JobSpec]] = {}
        for operation in self.operations.values():
            if operation.job is not None:
                found.setdefault(operation.job.poll.operation, []).append(operation.job)
        return found

    @cached_property
    def deletions(self) -> dict[str, Address]:
        """The operations that delete jobs, and how each names them."""
        jobs = [one.job for one in self.operations.values() if one.job is not None]
        return {job.delete.operation: job.delete for job in jobs if job.delete is not None}

    @cached_property
    def credit(self) -> str | None:
        """The operation that reads the credit and does nothing else; None: there is none."""
        readers = [one for one in self.operations.values() if one.effect is Effect.READS]
        told = (one.id for one in readers if "data.credit" in self.documented_fields(one).names)
        return next(told, None)

    def of(self, asked: Shape | str) -> list[str]:
        """The operations of a shape, or the one of face swap's that has this name."""
        match asked:
            case Shape.CREDIT:
                return [self.credit] if self.credit else []
            case Shape.SUBMIT:
                return [one.id for one in self.operations.values() if one.is_submit]
            case Shape.POLL:
                return [name for name in self.polls if name in self.operations]
            case Shape.DELETE:
                return [name for name in self.deletions if name in self.operations]
        return [asked] if self.knows(asked) else []

    def names_jobs(self, name: str) -> Address | None:
        """How an operation that is polled, or that deletes, names jobs; None for any other."""
        polled = self.polls.get(name)
        return polled[0].poll if polled else self.deletions.get(name)

    def knows(self, name: str) -> bool:
        """Whether this is an operation of the contract whose prose rules are known."""
        operation = self.operations.get(name)
        return operation is not None and operation.ours

    def asked(self, request: Request) -> Operation | None:
        """The operation that a server could take a request for, with any method."""
        by_name = self.operations.get(request.operation)
        if by_name is not None and by_name.method == request.method:
            return by_name
        there = self._at(request)
        worst = [one for one in there if one.method == request.method] or there
        worst.sort(key=lambda one: (not one.spends, not one.takes_away))
        return next(iter(worst), by_name)

    def effect(self, request: Request) -> Effect:
        """The worst effect that this request could have.

        Only our own operations are known to refuse undocumented methods. Any other request that
        is neither safe by HTTP nor marked by the contract spends.
        """
        operation = self.asked(request)
        if operation is not None and (operation.ours or operation.method == request.method):
            return operation.effect
        if request.method.upper() not in HARMLESS:
            return Effect.SPENDS
        alike = [one.effect for one in self._at(request) if one.method in HARMLESS]
        return next((effect for effect in alike if effect is not Effect.READS), Effect.READS)

    def _at(self, request: Request) -> list[Operation]:
        path = request.path
        found = [one for one in self.operations.values() if one.matches(path)]
        return found or [one for one in self.operations.values() if one.matches(unquote(path))]

    def ids_in(self, request: Request) -> list[str]:
        """The ids of jobs that a poll or a deletion names, in order; none for anything else."""
        operation = self.asked(request)
        address = self.names_jobs(operation.id) if operation else None
        if operation is None or address is None:
            return []
        said = _said(operation, address.parameter, request)
        texts = [str(part) for part in (said if isinstance(said, list) else [said]) if part]
        if address.separator is not None:
            texts = [part for text in texts for part in text.split(address.separator)]
        return [text.strip() for text in texts if text.strip()]

    @cached_property
    def rules(self) -> dict[str, list[str]]:
        """The operations that each prose rule is for (`x-rules`)."""
        rows = self.document.get("x-rules") or []
        return {str(row["id"]): list(row.get("operations", ())) for row in rows}

    @property
    def prices(self) -> dict[str, float]:
        """What the operations that spend are known to cost."""
        known = self.operations.items()
        return {name: one.price for name, one in known if one.spends and one.price is not None}

    @property
    def servers(self) -> list[str]:
        """Documented server addresses."""
        return [server["url"] for server in self.document.get("servers", [])]

    def _operation(self, spec: OperationSpec) -> Operation:
        raw, item = spec.data, self.document["paths"][spec.path]
        own = raw.get("servers") or item.get("servers") or []
        content = self.resolve(raw.get("requestBody") or {}).get("content", {})
        media = content.get("application/json", {})
        responses = {}
        for status, response in raw.get("responses", {}).items():
            body = self.resolve(response).get("content", {}).get("application/json", {})
            if "schema" in body:
                responses[str(status)] = body["schema"]
        every = [*item.get("parameters", []), *raw.get("parameters", [])]
        named = {(p.get("in"), p.get("name")): p for p in map(self.resolve, every)}
        common = self.envelope
        security = raw.get("security", self.document.get("security")) or []
        return Operation(
            id=spec.name,
            method=spec.method,
            path=spec.path,
            server=own[0]["url"] if own else "",
            request=media.get("schema"),
            responses=responses,
            statuses=frozenset(str(status) for status in raw.get("responses", {})),
            example=_example(media),
            parameters=tuple(named.values()),
            effect=spec.effect,
            price=spec.price.credits if spec.price else None,
            envelope=spec.envelope,
            apart=(spec.envelope and spec.envelope.success) != (common and common.success),
            job=spec.job,
            secured=bool(security) and {} not in security,
            ours=KNOWN.get(spec.name) == (spec.method, spec.path),
        )

    def resolve(self, node: Any) -> Any:  # noqa: ANN401 - any JSON value
        """The node itself, or what its local $ref points at."""
        return resolve(self.document, node)

    def response_errors(self, operation: Operation, status: int, value: object) -> list[str]:
        """Where `value` differs from the documented answer; empty if it fits."""
        key = operation.documented(status) or "default"
        schema = operation.responses.get(key)
        if schema is None:
            return []
        errors = self._errors((operation.id, key), schema, value)
        return [error for error in errors if not OBSERVED_ONLY.fullmatch(error)]

    def request_errors(self, operation: Operation, value: object) -> list[str]:
        """Where a request body differs from the documented schema."""
        if operation.request is None:
            return []
        return self._errors((operation.id, "request"), operation.request, value)

    def _errors(self, key: tuple[str, str], schema: Schema, value: object) -> list[str]:
        validator = self._validators.get(key)
        if validator is None:
            validator = jsonschema_rs.Draft202012Validator(
                self._standalone(schema), validate_formats=True
            )
            self._validators[key] = validator
        return [text for error in validator.iter_errors(value) for text in explain(error, value)]

    @cached_property
    def _components(self) -> dict[str, Any]:
        schemas = copy.deepcopy(self.document.get("components", {}).get("schemas", {}))
        return {name: self._modern(schema) for name, schema in schemas.items()}

    def _modern(self, schema: Any) -> Any:  # noqa: ANN401 - any JSON value
        """A schema in the words of OpenAPI 3.1, in which those of a 3.1 contract are already."""
        return modern(schema) if is_old(self.document) else schema

    def _standalone(self, schema: Schema) -> Schema:
        root = self._modern(copy.deepcopy(schema))
        return {"allOf": [root], "components": {"schemas": self._components}, **self._elsewhere}

    @cached_property
    def _elsewhere(self) -> dict[str, Any]:
        """What schemas refer to beside named schemas; most documents have no such reference."""
        if not SCHEMA_ELSEWHERE.search(json.dumps(self.document)):
            return {}
        components = self._modern(self.document.get("components", {}))
        return {
            "paths": self._modern(self.document.get("paths", {})),
            "components": {**components, "schemas": self._components},
        }

    def documented_fields(self, operation: Operation) -> Fields:
        """The fields of all documented answers."""
        if operation.id not in self._fields:
            schemas = operation.responses.values()
            self._fields[operation.id] = fields_of(schemas, self.resolve)
        return self._fields[operation.id]


def _said(operation: Operation, where: Expression, request: Request) -> Any:  # noqa: ANN401 - any JSON value
    """What a request says at a place; None where it says nothing."""
    if where.part == "body":
        found = at(strict_json.read_kindly(request.body), where.name)
        return None if found is MISSING else found
    if where.part == "header":
        return request.header(where.name)
    if where.part == "query":
        return next((value for name, value in request.query if name == where.name), None)
    match = _pattern(operation.path).fullmatch(request.path)
    names = re.findall(r"\{([^{}]*)\}", operation.path)
    values = dict(zip(names, match.groups() if match else (), strict=False))
    return unquote(values.get(where.name, ""))


def _example(media: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    if "example" in media:
        return media["example"]
    for named in media.get("examples", {}).values():
        return named.get("value")
    return None
