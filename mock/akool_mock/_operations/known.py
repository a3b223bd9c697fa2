"""The operations that need more than the contract: which function answers each.

An operation is known by its name, and by the method and path that the merged contract has for it:
another contract may use the same name for something else. Then it is answered like any operation
that nobody knows.
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

    Handler = Callable[[World, Call], dict[str, Any] | Response]


def refused(refusal: Refusal) -> tuple[dict[str, Any], int]:
    """A refusal in the platform's envelope, with its HTTP status (0: as the settings say)."""
    return {"code": refusal.code, "msg": refusal.message}, 0


class Known(NamedTuple):
    """What is known of an operation: what answers it, how it refuses.

    Attributes:
        handler: answers it.
        refused: body and HTTP status of a refusal; 0 for what the settings say.
        tolerant: turns a body that only the settings allow into one that fits the schema.
        ours: written by hand; a refusal that breaks the contract is our mistake.
        event: makes the webhook event for a state of a job that it started.
    """

    handler: Handler
    refused: Callable[[Refusal], tuple[dict[str, Any], int]] = refused
    tolerant: Callable[[Settings, Any], Any] | None = None
    ours: bool = True
    event: Callable[[World, Job, int], Event] = swaps.face_swap_event


KNOWN: Mapping[str, Known] = {
    "getToken": Known(account.get_token),
    "getCredit": Known(account.get_credit),
    "swapImage": Known(swaps.swap_image, tolerant=swaps.tolerant_opts),
    "swapVideo": Known(swaps.swap_video, tolerant=swaps.tolerant_opts),
    "swapImagePro": Known(swaps.swap_image_pro, tolerant=swaps.tolerant_opts),
    "swapPlus": Known(swaps.swap_plus),
    "listResults": Known(results.list_results),
    "detectFaces": Known(detection.detect_faces, detection.refused),
    "detectFacesLegacy": Known(
        detection.detect_faces_legacy, detection.refused_legacy, detection.tolerant_legacy
    ),
}


def known(contract: Contract) -> dict[str, Known]:
    """The handlers of a contract's operations: written by hand, or made from its extensions.

    An operation without a handler is answered from its examples and schemas.
    """
    specs = contract.specs
    jobs = {name: spec.job for name, spec in specs.items() if spec.job is not None}
    found: dict[str, Known] = {}
    for name, operation in contract.operations.items():
        spec = specs[name]
        ours = KNOWN.get(name)
        if ours is not None and places()[name] == (spec.method, spec.path):
            found[name] = ours
            continue
        answering = _by_contract(contract.document, operation, spec, jobs)
        if answering is None:
            continue
        refusal = partial(by_contract.refusal_of, spec.envelope)
        one = Known(answering.answer, refusal, ours=False)
        if isinstance(answering, by_contract.Submit):
            one = one._replace(event=answering.event)
        found[name] = one
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
