"""Answers in the contract's shapes, checked against it before they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akool_mock._contract import samples
from akool_mock._contract.gateway import unavailable
from akool_mock._http import Response, json_response, text_response
from akool_mock._operations.detection import DETECTION
from akool_mock._operations.swaps import HANDLERS

if TYPE_CHECKING:
    from akool_mock._contract.compiled import Operation
    from akool_mock._simulator import Simulator
    from akool_mock._world.accounts import Refusal

__all__ = ["checked", "from_contract", "gateway", "refused"]

_BAD_PARAMETER = 1003


def checked(sim: Simulator, operation: Operation, payload: object, status: int = 200) -> Response:
    """A JSON answer; one that breaks the contract is our mistake and becomes a plain 500."""
    answer = operation.answers.get(status) or operation.answer_for(status)
    if answer is not None and answer.validator and not answer.validator.is_valid(payload):
        where, rule = answer.validator.first_error(payload) or ("", "")
        sim.failures.append(f"{operation.id}: our answer breaks the contract: {where}: {rule}")
        return text_response(
            500, "the simulator's own answer breaks the contract: see /_mock/state"
        )
    return Response(status, orjson.dumps(payload))


def refused(
    sim: Simulator, operation: Operation, refusal: Refusal, *, ordered: bool = False
) -> Response:
    """A business answer other than success, in the operation's own envelope.

    One that a fault `ordered` may break the contract: a code that nobody documents is the point.
    """
    status = sim.settings.error_status.get(refusal.code, 200)
    payload: dict[str, Any]
    if operation.id not in DETECTION:
        payload = {"code": refusal.code, "msg": refusal.message}
        if ordered or (operation.id not in HANDLERS and operation.id != "listResults"):
            # A contract of another product may not know the platform's envelope.
            return json_response(payload, status)
        return checked(sim, operation, payload, status)
    payload = {"error_code": refusal.code, "error_msg": refusal.message}
    if operation.id == "detectFaces":
        payload["faces_obj"] = {}
        if refusal.code == _BAD_PARAMETER:
            payload["error_code"], status = 1, 400
    return checked(sim, operation, payload, status)


def gateway(operation: Operation, status: int) -> Response:
    """An HTTP error: as the operation documents it, else as a gateway in front of it would."""
    documented = operation.answers.get(status)
    if documented is not None and documented.examples:
        return Response(status, orjson.dumps(documented.examples[0]))
    return unavailable(status)


def from_contract(sim: Simulator, operation: Operation) -> Response:
    """The answer of an operation that has no handler, from its examples and schemas."""
    answer = samples.best_answer(operation)
    if answer is None:
        return Response(204, headers=())
    status = answer.status if answer.status > 0 else 200
    if answer.validator is None and not answer.examples:
        return Response(status, headers=())
    payload = samples.body_of(sim.contract.document, answer)
    if "json" in answer.media_type:
        return checked(sim, operation, payload, status)
    body = payload.encode() if isinstance(payload, str) else orjson.dumps(payload)
    return Response(status, body, ((b"content-type", answer.media_type.encode()),))
