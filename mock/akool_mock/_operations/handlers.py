"""Which handler answers an operation: one written by hand, or one made from the contract.

A handler written by hand is for an operation's name, and for the method and path that the merged
contract has for it. Another contract may use the same name for something else, and is then answered
by the contract alone.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from akool_mock._contract.compiled import places
from akool_mock._operations import account, by_contract, detection, results, swaps
from akool_openapi.operations import Effect

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akool_mock._contract.compiled import Contract, Operation
    from akool_mock._http import Response
    from akool_mock._operations.call import Call
    from akool_mock._operations.events import Event
    from akool_mock._world.accounts import Refusal
    from akool_mock._world.jobs import Job
    from akool_mock._world.settings import Settings
    from akool_mock._world.world import World
    from akool_openapi.operations import JobSpec, OperationSpec

    Answer = Callable[[World, Call], dict[str, Any] | Response]


def refused(refusal: Refusal) -> tuple[dict[str, Any], int]:
    """A refusal in the platform's envelope, with its HTTP status (0: as the settings say)."""
    return {"code": refusal.code, "msg": refusal.message}, 0


class Handler(NamedTuple):
    """How an operation is answered and refused.

    Attributes:
        answer: answers it.
        refused: body and HTTP status of a refusal; 0 for what the settings say.
        tolerant: turns a body that only the settings allow into one that fits the schema.
        by_hand: written by hand; a refusal that breaks the contract is our mistake.
        event: makes the webhook event for a state of a job that it started.
    """

    answer: Answer
    refused: Callable[[Refusal], tuple[dict[str, Any], int]] = refused
    tolerant: Callable[[Settings, Any], Any] | None = None
    by_hand: bool = True
    event: Callable[[World, Job, int], Event] = swaps.face_swap_event


BY_HAND: Mapping[str, Handler] = {
    "getToken": Handler(account.get_token),
    "getCredit": Handler(account.get_credit),
    "swapImage": Handler(swaps.swap_image, tolerant=swaps.tolerant_opts),
    "swapVideo": Handler(swaps.swap_video, tolerant=swaps.tolerant_opts),
    "swapImagePro": Handler(swaps.swap_image_pro, tolerant=swaps.tolerant_opts),
    "swapPlus": Handler(swaps.swap_plus),
    "listResults": Handler(results.list_results),
    "detectFaces": Handler(detection.detect_faces, detection.refused),
    "detectFacesLegacy": Handler(
        detection.detect_faces_legacy, detection.refused_legacy, detection.tolerant_legacy
    ),
}


def handlers_of(contract: Contract) -> dict[str, Handler]:
    """The handlers of a contract's operations: written by hand, or made from its extensions.

    An operation without a handler is answered from its examples and schemas.
    """
    specs = contract.specs
    jobs = {name: spec.job for name, spec in specs.items() if spec.job is not None}
    found: dict[str, Handler] = {}
    for name, operation in contract.operations.items():
        spec = specs[name]
        by_hand = BY_HAND.get(name)
        if by_hand is not None and places()[name] == (spec.method, spec.path):
            found[name] = by_hand
            continue
        answering = _by_contract(contract.document, operation, spec, jobs)
        if answering is None:
            continue
        refusal = partial(by_contract.refusal_of, spec.envelope)
        handler = Handler(answering.answer, refusal, by_hand=False)
        if isinstance(answering, by_contract.Submit):
            handler = handler._replace(event=answering.event)
        found[name] = handler
    return found


def _by_contract(
    document: Mapping[str, Any],
    operation: Operation,
    spec: OperationSpec,
    jobs: Mapping[str, JobSpec],
) -> by_contract.Submit | by_contract.Paid | by_contract.Poll | by_contract.Deletion | None:
    if spec.job is not None:
        return by_contract.Submit(document, operation, spec, spec.job)
    polled = {name: job for name, job in jobs.items() if job.poll.operation == spec.name}
    for job in polled.values():
        return by_contract.Poll(document, operation, spec, job.poll, polled)
    for job in jobs.values():
        if job.delete is not None and job.delete.operation == spec.name:
            return by_contract.Deletion(document, operation, spec, job.delete, jobs)
    if spec.effect is Effect.SPENDS or spec.price is not None:
        return by_contract.Paid(document, operation, spec)
    return None
