"""What a request says: its parameters and its body, held against the contract.

What breaks a rule is refused with 1003 and a message that names the field and the rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akool_mock._rules import bad
from akool_mock._wire import coerced, query_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akool_mock._contract import Operation, Parameter, Route
    from akool_mock._http import Request
    from akool_mock._schema import Validator

__all__ = ["read"]

_DECODER_WORDS = 200
_INVALID = "is not valid"
_KEPT = 4096
_LONGEST_KEPT = 512


def read(
    request: Request, operation: Operation, route: Route, fields: Mapping[bytes, bytes]
) -> tuple[dict[str, Any], Any]:
    """Values of the parameters, and the JSON body if the operation has one.

    Raises:
        Refusal: 1003, something is missing or breaks its schema.
    """
    values = operation.good_queries.get(request.query)
    if values is None:
        values = _parameters(request, operation.parameters, route, fields)
        if operation.plain_query and len(request.query) <= _LONGEST_KEPT:
            if len(operation.good_queries) >= _KEPT:
                operation.good_queries.clear()
            operation.good_queries[request.query] = values
    if operation.body is None:
        return values, None
    return values, _body(request, operation.body, fields, required=operation.body_required)


def _parameters(
    request: Request,
    parameters: tuple[Parameter, ...],
    route: Route,
    fields: Mapping[bytes, bytes],
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    query = query_values(request.query)
    for parameter in parameters:
        if parameter.place == "query":
            texts = query.get(parameter.name)
        elif parameter.place == "path":
            texts = [route.values[parameter.name]]
        else:
            found = fields.get(parameter.name.encode())
            texts = None if found is None else [found.decode("latin-1")]
        if texts is None:
            if parameter.required:
                raise bad(parameter.name, f"is required in the {parameter.place}")
            continue
        value = values[parameter.name] = coerced(parameter, texts)
        if not parameter.validator.is_valid(value):
            where, rule = parameter.validator.first_error(value) or ("", _INVALID)
            raise bad(parameter.name + where, rule)
    return values


def _body(
    request: Request, validator: Validator, fields: Mapping[bytes, bytes], *, required: bool
) -> Any:  # noqa: ANN401 - JSON
    if not request.body:
        if required:
            raise bad("request body", "is required")
        return None
    if b"json" not in fields.get(b"content-type", b"").lower():
        raise bad("request body", "send it with Content-Type: application/json")
    try:
        body = orjson.loads(request.body)
    except ValueError as error:
        raise bad("request body", f"is not JSON: {str(error)[:_DECODER_WORDS]}") from None
    if not validator.is_valid(body):
        where, rule = validator.first_error(body) or ("", _INVALID)
        raise bad(where or "request body", rule)
    return body
