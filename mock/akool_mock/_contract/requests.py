"""What a request says: its parameters and its body, held against the contract.

What breaks a rule is refused with 1003 and a message that names the field and the rule.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from akool_mock._contract.gateway import coerced, query_values
from akool_mock._operations.rules import bad
from akool_mock._world.faults import HEADER

if TYPE_CHECKING:
    from akool_mock._contract.compiled import Operation, Route
    from akool_mock._http import Request
    from akool_mock._simulator import Simulator

__all__ = ["Head", "read"]

_DECODER_WORDS = 200
_INVALID = "is not valid"
_HOST = re.compile(rb"[A-Za-z0-9.:\[\]_-]{1,255}")
_KEPT_ORIGINS = 256


class Head:
    """All that a request says before its body, read once: clients send the same again and again.

    Attributes:
        owner: the simulator that read it.
        route: where it leads.
        operation: the operation, if it leads to one.
        authorization: that header, None if it was not sent.
        key: the header `x-api-key`.
        base: address before a result's file name.
        order: directives in the request's own header.
        says_json: the content type is JSON.
        values: parameters; None until they were found good.
    """

    __slots__ = (
        "authorization",
        "base",
        "key",
        "operation",
        "order",
        "owner",
        "route",
        "says_json",
        "values",
    )

    def __init__(self, owner: Simulator, request: Request, route: Route) -> None:
        fields = request.fields
        self.owner = owner
        self.route = route
        self.operation = route.operation
        self.authorization = fields.get(b"authorization")
        self.key = fields.get(b"x-api-key")
        self.base = request.origin or _origin(owner, fields.get(b"host"))
        self.order = fields.get(HEADER)
        self.says_json = b"json" in fields.get(b"content-type", b"").lower()
        self.values: dict[str, Any] | None = None


def _origin(sim: Simulator, host: bytes | None) -> str:
    """Where the client found us: results are served there too."""
    if host is None:
        return sim.origin
    known = sim.origins.get(host)
    if known is None:
        if not _HOST.fullmatch(host):
            return sim.origin
        if len(sim.origins) >= _KEPT_ORIGINS:
            sim.origins.clear()
        known = sim.origins[host] = f"http://{host.decode()}"
    return known


def read(request: Request, head: Head, operation: Operation) -> tuple[dict[str, Any], Any]:
    """Values of the parameters, and the JSON body if the operation has one.

    Raises:
        Refusal: 1003, something is missing or breaks its schema.
    """
    values = head.values
    if values is None:
        values = head.values = _parameters(request, head.route, operation)
    if operation.body is None:
        return values, None
    return values, _body(request, head, operation)


def _parameters(request: Request, route: Route, operation: Operation) -> dict[str, Any]:
    values: dict[str, Any] = {}
    query, fields = query_values(request.query), request.fields
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
                raise bad(parameter.name, f"is required in the {parameter.place}")
            continue
        value = values[parameter.name] = coerced(parameter, texts)
        if not parameter.validator.is_valid(value):
            where, rule = parameter.validator.first_error(value) or ("", _INVALID)
            raise bad(parameter.name + where, rule)
    return values


def _body(request: Request, head: Head, operation: Operation) -> Any:  # noqa: ANN401 - JSON
    if not request.body:
        if operation.body_required:
            raise bad("request body", "is required")
        return None
    if not head.says_json:
        raise bad("request body", "send it with Content-Type: application/json")
    try:
        body = orjson.loads(request.body)
    except ValueError as error:
        raise bad("request body", f"is not JSON: {str(error)[:_DECODER_WORDS]}") from None
    validator = operation.body
    if validator is not None and not validator.is_valid(body):
        where, rule = validator.first_error(body) or ("", _INVALID)
        raise bad(where or "request body", rule)
    return body
