"""Answers in the contract's shapes, checked against it before they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akool_mock._contract import samples
from akool_mock._http import Response, json_response, text_response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableSequence

    from akool_mock._contract.compiled import Operation


def checked(
    operation: Operation, payload: object, failures: MutableSequence[str], status: int = 200
) -> Response:
    """A JSON answer; one that breaks the contract is our mistake: a plain 500, and a failure."""
    answer = operation.answers.get(status) or operation.answer_for(status)
    if answer is not None and answer.validator and not answer.validator.is_valid(payload):
        where, rule = answer.validator.first_error(payload) or ("", "")
        failures.append(f"{operation.id}: our answer breaks the contract: {where}: {rule}")
        return text_response(
            500, "the simulator's own answer breaks the contract: see /_mock/state"
        )
    return Response(status, orjson.dumps(payload))


_TEXTS = ("message", "msg", "detail", "error", "error_message", "error_description", "title")
_BAD_REQUEST, _UNPROCESSABLE = 400, 422


def refusal_as_documented(
    document: Mapping[str, Any], operation: Operation, payload: object, status: int, text: str
) -> Response:
    """A refusal of another product, in the shape that its contract has for this status.

    Args:
        document: the contract.
        operation: what was called.
        payload: what is said where the contract has no shape, or one that this keeps.
        status: HTTP status. 422 is used where the contract has that one and no 400.
        text: what was wrong.
    """
    if status == _BAD_REQUEST and status not in operation.answers:
        status = _UNPROCESSABLE if _UNPROCESSABLE in operation.answers else status
    answer = operation.answer_for(status)
    if status < _BAD_REQUEST or answer is None or "json" not in answer.media_type:
        return json_response(payload, status)
    if answer.validator is not None and not answer.validator.is_valid(payload):
        try:
            made = samples.body_of(document, answer)
        except samples.CannotAnswer:
            return json_response(payload, status)
        told = _telling(made, text)
        payload = told if answer.validator.is_valid(told) else made
    headers = ((b"content-type", answer.media_type.encode()),)
    return Response(status, orjson.dumps(payload), headers)


def _telling(body: Any, text: str) -> Any:  # noqa: ANN401 - JSON
    """The body with `text` in the first of its fields that are for people."""
    if not isinstance(body, dict):
        return body
    for name in _TEXTS:
        if isinstance(body.get(name), str):
            return body | {name: text}
        if isinstance(body.get(name), dict):
            return body | {name: _telling(body[name], text)}
    return body


def unanswerable(operation: Operation, status: int, why: str) -> Response:
    """The 501 for an operation that cannot be answered: it says what to do."""
    return text_response(
        501,
        f"{operation.id} cannot be answered: {why}. Give its answer {status} an example in the "
        "contract.",
    )


def from_contract(
    document: Mapping[str, Any],
    operation: Operation,
    failures: MutableSequence[str],
    successful: Callable[[Any], Any],
) -> Response:
    """The answer of an operation without a handler, from its examples and schemas.

    Args:
        document: the contract.
        operation: what was called.
        failures: gets our own mistakes.
        successful: turns a body into that of a success.
    """
    answer = samples.best_answer(operation)
    if answer is None:
        return Response(204, headers=())
    status = answer.status if answer.status > 0 else 200
    if answer.validator is None and not answer.examples:
        return Response(status, headers=())
    try:
        payload = samples.body_of(document, answer)
    except samples.CannotAnswer as why:
        return unanswerable(operation, status, str(why))
    if "json" in answer.media_type and status // 100 == 2:  # noqa: PLR2004 - HTTP
        payload = successful(payload)
    if "json" in answer.media_type:
        return checked(operation, payload, failures, status)
    body = payload.encode() if isinstance(payload, str) else orjson.dumps(payload)
    return Response(status, body, ((b"content-type", answer.media_type.encode()),))
