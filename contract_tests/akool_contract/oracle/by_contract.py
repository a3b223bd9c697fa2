"""Requests of operations without hand-written rules: from the contract's examples and schemas."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from akool_contract._wire.errors import UnusableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akool_contract._wire.contract import Contract, Operation


def sample_by_contract(contract: Contract, operation: Operation) -> Any:  # noqa: ANN401 - any JSON value
    """A body that fits the schema; None for an operation that takes none.

    Raises:
        UnusableError: it cannot be made from an example or the schema.
    """
    if operation.request is None:
        return None
    body = copy.deepcopy(operation.example)
    if body is None or contract.request_errors(operation, body):
        body = _made(contract.document, operation.request)
    wrong = contract.request_errors(operation, body)
    if wrong:
        raise UnusableError(f"no example of a body of {operation.id}: {wrong[0][:120]}")
    return body


def sample_parameter(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """A value of a parameter that fits its schema."""
    if "example" in parameter:
        return parameter["example"]
    for named in parameter.get("examples", {}).values():
        return named.get("value")
    return _made(document, parameter.get("schema") or {})


def _made(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    # The simulator makes up the answers of any contract from the same schemas.
    from akool_mock import CannotAnswer, sample  # noqa: PLC0415 - slow to import

    try:
        return sample(document, schema)
    except CannotAnswer as error:
        raise UnusableError(f"no value can be made from its schema: {error}") from error
