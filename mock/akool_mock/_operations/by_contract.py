"""Operations that the contract alone describes: submits, polls and deletions of any product.

Which operation starts a job, how it is polled and what its statuses mean is `x-job`; what it costs
is `x-price`; what a success is and where a code stands is `x-envelope`. What an answer looks like
comes from the operation's examples and schemas; only the places that those extensions name are
filled in.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import orjson

from akool_mock._contract.answers import checked, from_contract, unanswerable
from akool_mock._contract.samples import CannotAnswer, best_answer, body_of
from akool_mock._http import Response
from akool_mock._operations.events import Event, callback_of, plain_event
from akool_mock._operations.targets import target_of
from akool_mock._world.accounts import bad_parameter, no_ids
from akool_mock._world.directives import texts_in
from akool_mock._world.ids import created_at
from akool_mock._world.jobs import Status
from akool_openapi.operations import MISSING, Effect, Phase, at, put

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akool_mock._contract.compiled import Operation
    from akool_mock._operations.call import Call
    from akool_mock._world.accounts import Refusal
    from akool_mock._world.jobs import Job
    from akool_mock._world.world import World
    from akool_openapi.operations import Address, Envelope, JobSpec, OperationSpec


_PHASES = {
    Status.IN_QUEUE: Phase.QUEUED,
    Status.PROCESSING: Phase.RUNNING,
    Status.SUCCESS: Phase.SUCCEEDED,
    Status.FAILED: Phase.FAILED,
}
_HTTP = {1003: 400, 1005: 429, 1006: 402, 1007: 400, 1101: 401, 1102: 401, 1200: 403}
_USUAL_HTTP = 400
_UNKNOWN_PRICE = 1.0
"""Credits of a request that spends, if the contract states no price."""


def successful(envelope: Envelope | None, payload: Any) -> Any:  # noqa: ANN401 - JSON
    """The body of a success, by the envelope."""
    if envelope is None or envelope.succeeded(payload):
        return payload
    return put(payload, envelope.success, envelope.value)


def refusal_of(envelope: Envelope | None, refusal: Refusal) -> tuple[dict[str, Any], int]:
    """Body and HTTP status of a refusal. Without an envelope, the status tells it from success."""
    if envelope is None:
        payload = {"code": refusal.code, "msg": refusal.message}
        return payload, _HTTP.get(refusal.code, _USUAL_HTTP)
    failed: object = refusal.code
    if isinstance(envelope.value, bool):
        failed = not envelope.value
    elif isinstance(envelope.value, str):
        failed = f"{refusal.code}"
    payload = put({}, envelope.success, failed)
    if envelope.code not in {None, envelope.success}:
        payload = put(payload, str(envelope.code), refusal.code)
    if envelope.text is not None:
        payload = put(payload, envelope.text, refusal.message)
    return payload, 0


def price_of(spec: OperationSpec) -> float:
    """Credits for one request, or for each unit of time that is begun; 0 if it does not spend."""
    if spec.price is not None:
        return spec.price.credits
    return _UNKNOWN_PRICE if spec.effect is Effect.SPENDS else 0.0


class _Answers:
    """Successes of one operation, each a fresh copy of what the contract shows."""

    def __init__(
        self, document: Mapping[str, Any], operation: Operation, spec: OperationSpec
    ) -> None:
        self._operation = operation
        self._envelope = spec.envelope
        answer = best_answer(operation)
        self._status = 200 if answer is None or answer.status <= 0 else answer.status
        self._bare = answer is not None and not answer.examples and answer.validator is None
        self._why = ""
        self._template = b"{}"
        try:
            if answer is not None and not self._bare:
                self._template = orjson.dumps(body_of(document, answer))
        except CannotAnswer as why:
            self._why = str(why)  # filling in the job's fields may supply what it lacks

    def fresh(self) -> Any:  # noqa: ANN401 - JSON
        """A success to be filled in."""
        return successful(self._envelope, orjson.loads(self._template))

    def lawful(self, payload: object) -> bool:
        """Whether a success keeps the contract."""
        answer = self._operation.answer_for(self._status)
        return answer is None or answer.validator is None or answer.validator.is_valid(payload)

    def response(self, world: World, payload: object) -> Response:
        """The answer, checked against the contract; no body if the contract documents none."""
        if self._bare:
            return Response(self._status, headers=())
        if self._why and not self.lawful(payload):
            return unanswerable(self._operation, self._status, self._why)
        return checked(self._operation, payload, world.failures, self._status)


class Paid:
    """Answers an operation that costs credits and starts no job."""

    def __init__(
        self, document: Mapping[str, Any], operation: Operation, spec: OperationSpec
    ) -> None:
        self._document = document
        self._operation = operation
        self._spec = spec

    def answer(self, world: World, call: Call) -> Response:
        """Charges the account, and answers from the contract's examples and schemas."""
        cost = _cost(world, call, self._spec)
        envelope = self._spec.envelope
        with call.account.charged(cost):
            response = from_contract(
                self._document,
                self._operation,
                world.failures,
                lambda payload: successful(envelope, payload),
            )
            world.keep(call.account)
        return response


class Submit:
    """Answers an operation that starts a job.

    Args:
        document: the contract.
        operation: what is called.
        spec: what the extensions say of it.
        job: the operation's `x-job`.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        operation: Operation,
        spec: OperationSpec,
        job: JobSpec,
    ) -> None:
        self._spec = spec
        self._job = job
        self._answers = _Answers(document, operation, spec)
        self._callback = callback_of(document, spec)

    def answer(self, world: World, call: Call) -> Response:
        """Charges the account, starts a job and returns its id."""
        url = next(_urls(call.body), "")
        target = target_of(world.settings, call.directives, url, video=False)
        job = world.submit(
            call.account,
            call.operation.id,
            target,
            now=call.now,
            base=call.base,
            cost=_cost(world, call, self._spec),
            webhook=self._callback.receiver(call.body),
            directives=call.directives,
        )
        return self._named(world, call, job, self._answers.fresh())

    def event(self, world: World, job: Job, status: int) -> Event:
        """What a webhook says of a job: the callback's fields that `x-job` names, filled in."""
        event = orjson.loads(self._callback.event)
        url = world.result_url(job.origin, job) if status == Status.SUCCESS else ""
        said = plain_event(world.settings, job, status, url)
        if self._callback.sealed:
            event = {"type": "faceswap"} | event | said
        else:  # the platform's words, as far as the contract has them
            said["status"] = _meaning(self._job, status)
            event |= {name: value for name, value in said.items() if name in event}
        event = _shown(self._job, job, event, status, url, only_known=True)
        return Event(event, sealed=self._callback.sealed)

    def _named(self, world: World, call: Call, job: Job, payload: Any) -> Response:  # noqa: ANN401 - JSON
        spec = self._job
        if spec.id.part == "header":
            response = self._answers.response(world, payload)
            name = spec.id.name.lower().encode()
            response.headers = (*response.headers, (name, job.id.encode()))
            return response
        payload = put(payload, spec.id.name, job.id)
        # Many answers show the whole job beside its id.
        beside = spec.id.name.removesuffix(spec.job_id or spec.id.name)
        shown = at(payload, beside)
        if isinstance(shown, dict) and spec.job_id is not None:
            for early in ("", world.result_url(call.base, job)):
                item = _seen(world, call, spec, job, shown, early=early, only_known=True)
                payload = put(payload, beside, item)
                if self._answers.lawful(payload):
                    break
        return self._answers.response(world, payload)


def _cost(world: World, call: Call, spec: OperationSpec) -> float:
    """Credits for a request: for each unit of time that is begun, where the price is by time."""
    stated = world.price(call.operation.id)
    if spec.price is None or spec.price.per_seconds is None:
        return stated
    url = next(_urls(call.body), "")
    media = target_of(world.settings, call.directives, url, video=False).media
    return stated * max(1, math.ceil(media.seconds / spec.price.per_seconds))


def _seen(  # noqa: PLR0913 - what a job is shown with
    world: World,
    call: Call,
    spec: JobSpec,
    job: Job,
    item: Any,  # noqa: ANN401 - JSON
    *,
    early: str,
    only_known: bool = False,
) -> Any:  # noqa: ANN401 - JSON
    """A job as the caller sees it now; `early` is the result's URL while there is no result."""
    number = job.status(call.now - job.plan.list_lag_s)
    url = world.result_url(call.base, job) if number == Status.SUCCESS else early
    return _shown(spec, job, item, number, url, only_known=only_known)


def _shown(  # noqa: PLR0913 - what a job is shown with
    spec: JobSpec,
    job: Job,
    item: Any,  # noqa: ANN401 - JSON
    number: int,
    url: str,
    *,
    only_known: bool,
) -> Any:  # noqa: ANN401 - JSON
    """A job as the contract shows it.

    Args:
        spec: where which part of a job stands.
        job: the job.
        item: what to fill in.
        number: its status.
        url: address of its result; none if empty.
        only_known: fill in only fields that the item already has.
    """
    values: dict[str | None, object] = {spec.job_id: job.id}
    values[spec.status] = _meaning(spec, number)
    values[spec.created] = _like(at(item, spec.created or "/"), job.created)
    values[spec.reason] = job.plan.alg_msg if number == Status.FAILED else ""
    for pointer, value in values.items():
        known = pointer is not None and at(item, pointer) is not MISSING
        if pointer is not None and (known or not only_known):
            item = put(item, pointer, value)
    if spec.result is not None and (not only_known or at(item, spec.result) is not MISSING):
        listed = spec.result_item is not None or isinstance(at(item, spec.result), list)
        one = url if spec.result_item is None else put({}, spec.result_item, url)
        item = put(item, spec.result, ([one] if url else []) if listed else one)
    return item


def _meaning(spec: JobSpec, number: int) -> object:
    """A status as the contract writes it; the number itself if it has no value for it."""
    phase = _PHASES.get(Status(number)) if number in _PHASES else None
    meant = spec.statuses(phase) if phase else []
    if not meant and phase is Phase.QUEUED:
        meant = spec.statuses(Phase.RUNNING)
    return meant[0] if meant else number


def _like(sample: object, created: float) -> object:
    """A time as the sample writes it: milliseconds or text."""
    number = isinstance(sample, int | float) and not isinstance(sample, bool)
    return round(created * 1000) if number else created_at(created)


class _AboutJobs:
    """Answers an operation that names jobs.

    Args:
        document: the contract.
        operation: what is called.
        spec: what the extensions say of it.
        address: how its request names the jobs.
        jobs: the `x-job` of each operation that starts such jobs.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        operation: Operation,
        spec: OperationSpec,
        address: Address,
        jobs: Mapping[str, JobSpec],
    ) -> None:
        self._answers = _Answers(document, operation, spec)
        self._address = address
        self._jobs = jobs


class Poll(_AboutJobs):
    """Answers the operation that tells how jobs stand."""

    def answer(self, world: World, call: Call) -> Response:
        """Lists the caller's jobs in the order of the ids, without unknown ids."""
        where = next(iter(self._jobs.values())).jobs
        payload = self._answers.fresh()
        place = at(payload, where)
        listed = isinstance(place, list) or (
            place is MISSING and self._address.separator is not None
        )
        template = orjson.dumps(place[0] if isinstance(place, list) and place else {})
        found = []
        for job in _asked_for(world, call, self._address, self._jobs):
            age = call.now - job.created - job.plan.list_lag_s
            if age < 0 and job.plan.list_lag_s:
                continue
            found.append(job)
        if not listed and not found:
            raise bad_parameter(self._address.parameter.name, "there is no such job")
        for early in (False, True):
            items = [
                _seen(
                    world,
                    call,
                    self._jobs[job.operation],
                    job,
                    orjson.loads(template) if listed else place,
                    early=world.result_url(call.base, job) if early else "",
                )
                for job in found
            ]
            payload = put(payload, where, items if listed else items[0])
            if self._answers.lawful(payload):
                break
        return self._answers.response(world, payload)


class Deletion(_AboutJobs):
    """Answers the operation that deletes jobs."""

    def answer(self, world: World, call: Call) -> Response:
        """Deletes the caller's jobs for good, and ignores unknown ids."""
        for job in _asked_for(world, call, self._address, self._jobs):
            world.forget(job)
        return self._answers.response(world, self._answers.fresh())


def _asked_for(
    world: World, call: Call, address: Address, jobs: Mapping[str, JobSpec]
) -> Iterator[Job]:
    """The caller's jobs of these operations that a request names, each once.

    Raises:
        Refusal: 1003, it names none.
    """
    parameter = address.parameter
    name = parameter.name.lower() if parameter.part == "header" else parameter.name
    said = at(call.body, name) if parameter.part == "body" else call.query.get(name)
    texts = said if isinstance(said, list) else [said]
    if address.separator is not None:
        texts = [part for text in texts for part in str(text).split(address.separator)]
    names = dict.fromkeys(str(text).strip() for text in texts)
    if address.separator == "," and not any(names):
        raise no_ids(parameter.name)
    for text in names:
        job = world.jobs.by_id.get(text)
        if job is not None and job.account == call.account.client_id and job.operation in jobs:
            yield job


def _urls(body: object) -> Iterator[str]:
    return (text for text in texts_in(body) if text.startswith(("http://", "https://")))
