"""The merged contract as the suite reads it: operations, validators, codes and fields."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from akool_openapi.operations import Effect, effect_of

if TYPE_CHECKING:
    from akool_contract._wire.http import Request

METHODS = ("get", "post", "put", "patch", "delete")
SUBMITS = ("swapImage", "swapVideo", "swapImagePro", "swapPlus")
DETECTIONS = ("detectFaces", "detectFacesLegacy")
SUCCESS = 1000

OBSERVED_ONLY = re.compile(
    r'data/result/\d+: "(?:url|uid|image|video_duration|deduction_duration)" is a required property'
)
"""The contract requires these because every recorded answer had them; the vendor's page requires
none of them. Their absence is drift (never seen), not a violation; a missing url at status 3 has
a check of its own."""

Schema = dict[str, Any]


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
    required_query: tuple[str, ...] = ()
    effect: Effect = Effect.SPENDS
    price: float | None = None
    """Credits that one request is known to cost; None: nothing is known."""

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
        return self.id in SUBMITS

    @property
    def is_detection(self) -> bool:
        """Whether it answers in the detection service's envelope."""
        return self.id in DETECTIONS


@dataclass
class Contract:
    """A view of one merged OpenAPI document."""

    document: dict[str, Any]
    _validators: dict[tuple[str, str], jsonschema_rs.Validator] = field(default_factory=dict)
    _fields: dict[str, set[str]] = field(default_factory=dict)

    @cached_property
    def operations(self) -> dict[str, Operation]:
        """Operations by operationId, in the document's order."""
        found = {}
        for path, item in self.document.get("paths", {}).items():
            for method in METHODS:
                if method in item:
                    operation = self._operation(path, method, item)
                    found[operation.id] = operation
        return found

    @cached_property
    def codes(self) -> dict[int, str]:
        """Documented business codes and their meaning."""
        table = self.document.get("x-business-codes") or []
        return {int(row["code"]): str(row.get("meaning", "")) for row in table}

    def asked(self, request: Request) -> Operation | None:
        """The operation that a server could take a request for, whatever its method is."""
        by_name = self.operations.get(request.operation)
        return by_name or self._by_path.get(request.path)

    @cached_property
    def _by_path(self) -> dict[str, Operation]:
        return {operation.path: operation for operation in self.operations.values()}

    @property
    def prices(self) -> dict[str, float]:
        """What the operations that spend are known to cost."""
        known = self.operations.items()
        return {name: one.price for name, one in known if one.spends and one.price is not None}

    @property
    def servers(self) -> list[str]:
        """Documented server addresses."""
        return [server["url"] for server in self.document.get("servers", [])]

    def _operation(self, path: str, method: str, item: dict[str, Any]) -> Operation:
        raw = item[method]
        own = raw.get("servers") or item.get("servers") or []
        content = self.resolve(raw.get("requestBody") or {}).get("content", {})
        media = content.get("application/json", {})
        responses = {}
        for status, response in raw.get("responses", {}).items():
            body = self.resolve(response).get("content", {}).get("application/json", {})
            if "schema" in body:
                responses[str(status)] = body["schema"]
        parameters = [
            self.resolve(p) for p in [*item.get("parameters", []), *raw.get("parameters", [])]
        ]
        required = tuple(
            p["name"] for p in parameters if p.get("in") == "query" and p.get("required")
        )
        return Operation(
            id=raw.get("operationId") or f"{method.upper()} {path}",
            method=method.upper(),
            path=path,
            server=own[0]["url"] if own else "",
            request=media.get("schema"),
            responses=responses,
            statuses=frozenset(str(status) for status in raw.get("responses", {})),
            example=_example(media),
            required_query=required,
            effect=effect_of(method, raw),
            price=(raw.get("x-price") or {}).get("credits"),
        )

    def resolve(self, node: Any) -> Any:  # noqa: ANN401 - any JSON value
        """The node itself, or what its local $ref points at."""
        for _ in range(20):
            if not isinstance(node, dict) or "$ref" not in node:
                return node
            target: Any = self.document
            for part in str(node["$ref"]).removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def response_errors(self, operation: Operation, status: int, value: object) -> list[str]:
        """Where `value` departs from the documented answer; empty when it does not."""
        key = str(status) if str(status) in operation.responses else "default"
        schema = operation.responses.get(key)
        if schema is None:
            return []
        errors = self._errors((operation.id, key), schema, value)
        return [error for error in errors if not OBSERVED_ONLY.fullmatch(error)]

    def request_errors(self, operation: Operation, value: object) -> list[str]:
        """Where a request body departs from the documented schema."""
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
        return {name: modern(schema) for name, schema in schemas.items()}

    def _standalone(self, schema: Schema) -> Schema:
        root = modern(copy.deepcopy(schema))
        return {"allOf": [root], "components": {"schemas": self._components}}

    def documented_fields(self, operation: Operation) -> set[str]:
        """Names of the fields of all documented answers, as `data.result[].url`."""
        found = self._fields.get(operation.id)
        if found is None:
            found = self._fields[operation.id] = set()
            for schema in operation.responses.values():
                self._walk(schema, "", found, ())
        return found

    def _walk(self, schema: Any, path: str, found: set[str], seen: tuple[str, ...]) -> None:  # noqa: ANN401
        if isinstance(schema, dict) and "$ref" in schema:
            if schema["$ref"] in seen:
                return
            seen = (*seen, schema["$ref"])
        schema = self.resolve(schema)
        if not isinstance(schema, dict):
            return
        for key in ("allOf", "oneOf", "anyOf"):
            for part in schema.get(key, []):
                self._walk(part, path, found, seen)
        for key in ("then", "else", "if"):
            self._walk(schema.get(key), path, found, seen)
        for name, part in schema.get("properties", {}).items():
            inner = f"{path}.{name}" if path else name
            found.add(inner)
            self._walk(part, inner, found, seen)
        self._walk(schema.get("items"), f"{path}[]", found, seen)
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict):
            found.add(f"{path}.*")
            self._walk(extra, f"{path}.*", found, seen)


def _example(media: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    if "example" in media:
        return media["example"]
    for named in media.get("examples", {}).values():
        return named.get("value")
    return None


def modern(schema: Any) -> Any:  # noqa: ANN401 - any JSON value
    """An OpenAPI 3.0 schema as JSON Schema 2020-12: `nullable` and boolean limits translated."""
    if isinstance(schema, list):
        return [modern(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    out = {
        key: modern(value) for key, value in schema.items() if key not in ("example", "examples")
    }
    for flag, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(out.get(flag), bool):
            strict = out.pop(flag)
            if strict and limit in out:
                out[flag] = out.pop(limit)
    if out.pop("nullable", False) is True:
        if "enum" in out:
            out["enum"] = [*out["enum"], None]
        if "type" in out:
            out["type"] = [out["type"], "null"]
        else:
            out = {"anyOf": [out, {"type": "null"}]}
    return out


def explain(error: jsonschema_rs.ValidationError, value: object) -> list[str]:
    """Lines for a person; for oneOf and anyOf, of the branch that the answer's code points at."""
    branches = getattr(error.kind, "context", None)
    if not branches:
        where = "/".join(str(part) for part in error.instance_path) or "the answer"
        return [f"{where}: {error.message[:200]}"]

    def misses(branch: list[jsonschema_rs.ValidationError]) -> tuple[bool, int]:
        return any(_at_code(inner) for inner in branch), len(branch)

    best = min(branches, key=misses)
    return [line for inner in best for line in explain(inner, value)]


def _at_code(error: jsonschema_rs.ValidationError) -> bool:
    path = [str(part) for part in error.instance_path]
    return path in (["code"], ["error_code"])
