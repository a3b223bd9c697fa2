"""Reads a request's parameters and body, and checks them against the contract.

A request that breaks a rule is refused with 1003 and a message that names the field and the rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from akool_mock._world.accounts import bad_parameter
from akool_mock._world.directives import HEADER

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_mock._contract.compiled import Operation, Parameter, Route
    from akool_mock._contract.schema import Validator
    from akool_mock._http import Request


_DECODER_WORDS = 200
_INVALID = "is not valid"


class Head:
    """All that comes before a request's body, read once: clients send the same head often.

    Args:
        request: the request.
        route: where it leads.
        base: address before a result's file name: where the client found us.
        reader: the world's epoch when it was read; in another epoch it is read again.

    Attributes:
        reader: as above.
        route: as above.
        operation: the operation, if the route leads to one.
        authorization: that header, None if it was not sent.
        key: the header `x-api-key`.
        base: as above.
        stranger: the host that it was sent to, if that is not ours.
        directives: faults asked for in the request's own header, as they were written.
        says_json: the content type is JSON.
        values: the parameters; None until they are validated.
    """

    __slots__ = (
        "authorization",
        "base",
        "directives",
        "key",
        "operation",
        "reader",
        "route",
        "says_json",
        "stranger",
        "values",
    )

    def __init__(self, request: Request, route: Route, base: str, reader: object) -> None:
        fields = request.fields
        self.reader = reader
        self.route = route
        self.operation = route.operation
        self.authorization = fields.get(b"authorization")
        self.key = fields.get(b"x-api-key")
        self.base = base
        self.stranger = ""
        self.directives = fields.get(HEADER)
        self.says_json = b"json" in fields.get(b"content-type", b"").lower()
        self.values: dict[str, Any] | None = None


def read(
    request: Request, head: Head, operation: Operation, tolerant: Callable[[Any], Any] | None = None
) -> tuple[dict[str, Any], Any]:
    """Values of the parameters, and the JSON body if the operation has one.

    Args:
        request: the request.
        head: what was read of it before.
        operation: what is called.
        tolerant: turns a body that is allowed, but breaks the schema, into one that fits.

    Raises:
        Refusal: 1003, something is missing or breaks its schema.
    """
    values = head.values
    if values is None:
        values = head.values = _parameters(request, head.route, operation)
    if operation.body is None:
        return values, None
    return values, _body(request, head, operation, tolerant)


def _parameters(request: Request, route: Route, operation: Operation) -> dict[str, Any]:
    values: dict[str, Any] = {}
    query, fields = _query_values(request.query), request.fields
    for parameter in operation.parameters:
        if parameter.place == "query":
            texts = query.get(parameter.name)
        elif parameter.place == "path":
            texts = [route.values[parameter.name]]
        else:
            found = fields.get(parameter.name.encode())
            texts = None if found is None else [found.decode("latin-1")]
        if texts is None:
            if parameter.required:
                raise bad_parameter(parameter.name, f"is required in the {parameter.place}")
            continue
        value = values[parameter.name] = _coerced(parameter, texts)
        if not parameter.validator.is_valid(value):
            where, rule = parameter.validator.first_error(value) or ("", _INVALID)
            raise bad_parameter(parameter.name + where, rule)
    return values


def _body(
    request: Request, head: Head, operation: Operation, tolerant: Callable[[Any], Any] | None
) -> Any:  # noqa: ANN401 - JSON
    if not request.body:
        if operation.body_required:
            raise bad_parameter("request body", "is required")
        return None
    if not head.says_json:
        raise bad_parameter("request body", "send it with Content-Type: application/json")
    try:
        body = orjson.loads(request.body)
    except ValueError as error:
        raise bad_parameter("request body", f"is not JSON: {str(error)[:_DECODER_WORDS]}") from None
    try:
        return _held_to(operation.body, body, tolerant)
    except ValueError:  # the validator's own, beyond its limit
        raise bad_parameter("request body", "is nested too deeply") from None


def _held_to(
    validator: Validator | None,
    body: Any,  # noqa: ANN401 - JSON
    tolerant: Callable[[Any], Any] | None,
) -> Any:  # noqa: ANN401 - JSON
    if validator is not None and not validator.is_valid(body):
        if tolerant is not None and validator.is_valid(taken := tolerant(body)):
            return taken
        where, rule = validator.first_error(body) or ("", _INVALID)
        raise bad_parameter(where or "request body", rule)
    return body


def _query_values(query: bytes) -> dict[str, list[str]]:
    """Decoded query parameters, each with all its values."""
    values: dict[str, list[str]] = {}
    if not query:
        return values
    text = query.decode("latin-1")
    if "%" not in text and "+" not in text and text.count("=") == 1 and "&" not in text:
        name, _, value = text.partition("=")  # the common case costs a tenth of parse_qsl
        return {name: [value]}
    for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
        values.setdefault(name, []).append(value)
    return values


def _coerced(parameter: Parameter, texts: list[str]) -> Any:  # noqa: ANN401 - what the schema says
    """A parameter's value as its schema wants it; what fits no type stays text."""
    kinds = parameter.kinds
    if "array" in kinds:
        parts = texts if len(texts) > 1 else texts[0].split(",")
        items = parameter.validator.schema
        kind = items.get("items", {}).get("type", "string") if isinstance(items, dict) else "string"
        return [_typed(part, frozenset([kind])) for part in parts]
    return _typed(texts[0], kinds)


def _typed(text: str, kinds: frozenset[str]) -> Any:  # noqa: ANN401 - what the schema says
    if "string" in kinds:
        return text
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    try:
        if "integer" in kinds:
            return int(text)
        if "number" in kinds:
            return float(text)
    except ValueError:
        pass
    return text
