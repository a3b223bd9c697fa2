"""The calls that start, poll and delete the jobs of any operation with `x-job`. Pure.

Nothing here knows an operation by name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any

from akool_faceswap._core.operations import call, writer
from akool_faceswap._errors import InvalidRequestError
from akool_faceswap._models.job_kind import JobKind
from akool_faceswap._text import plain
from akool_faceswap_api.operations import OPERATIONS
from akool_openapi.operations import JobSpec
from akool_openapi.pointer import steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akool_faceswap._core.call import Call, T
    from akool_faceswap._errors import RawAnswer
    from akool_faceswap._models.account import Submission
    from akool_faceswap._models.job_state import JobState
    from akool_openapi.operations import Address


def job_kind(name: str) -> JobKind:
    """The kind of the jobs that an operation starts.

    Raises:
        InvalidRequestError: It starts no jobs, by the contract.
    """
    entry = OPERATIONS.get(name) if isinstance(name, str) else None
    if entry is None:
        raise InvalidRequestError(f"The contract has no operation {name!r:.80}")
    if entry.job is None:
        raise InvalidRequestError(
            f"{name} starts no job: the contract has no x-job for it; "
            f"client.raw.{entry.python_name} sends it"
        )
    return _kind(json.dumps(entry.job, sort_keys=True))


def kind_of_ids(name: str | None, usual: str) -> JobKind:
    """The kind of jobs that are given by their ids alone.

    Args:
        name: The operation that started them, if it was said.
        usual: The one whose jobs are meant if it was not, and the contract has several kinds.

    Raises:
        InvalidRequestError: It is not clear which.
    """
    if name is not None:
        return job_kind(name)
    submits = [entry.name for entry in OPERATIONS.values() if entry.job is not None]
    kinds = list(dict.fromkeys(map(job_kind, submits)))
    if len(kinds) > 1 and usual not in submits:
        raise InvalidRequestError(f"Pass operation=, one of {', '.join(submits)}")
    if not kinds:
        raise InvalidRequestError("The contract has no x-job, so there are no jobs")
    return kinds[0] if len(kinds) == 1 else job_kind(usual)


@cache
def polled_by(name: str) -> JobKind | None:
    """The kind of jobs that an operation polls; None if it polls none."""
    submits = [entry.name for entry in OPERATIONS.values() if entry.job is not None]
    return next((kind for kind in map(job_kind, submits) if kind.looks == name), None)


@cache
def _kind(extension: str) -> JobKind:
    return JobKind(JobSpec.read(json.loads(extension)))


def submit_call(name: str, body: object, parameters: Mapping[str, Any]) -> Call[Submission]:
    """The call of an operation that starts a job.

    Args:
        name: Its operationId.
        body: Generated model, or the object as the wire has it; None for no body.
        parameters: Its other parameters, as the generated function names them.

    Raises:
        InvalidRequestError: It starts no job, or takes something else.
    """
    kind = job_kind(name)

    def decode(value: dict[str, Any], raw: RawAnswer) -> Submission:
        from akool_faceswap._models.account import Submission

        return Submission(kind.named_in(_whole(value, raw), raw.headers), raw)

    given = dict(parameters)
    if body is not None:
        given["body"] = _body(name, body)
    try:
        signature(writer(name)).bind(**given)
    except TypeError as error:
        raise InvalidRequestError(f"{name}: {error}") from None
    try:
        return call(name, decode, **given)
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidRequestError(f"{name} cannot be written: {plain(str(error))}") from None


def look_call(kind: JobKind, ids: Sequence[str]) -> Call[dict[str, JobState]]:
    """Polls jobs of a kind, by their clean ids: all in one request."""

    def decode(value: dict[str, Any], raw: RawAnswer) -> dict[str, JobState]:
        return kind.states(_whole(value, raw), ids)

    return _about(ids, call(kind.looks, decode, **_naming(kind.spec.poll, ids)))


def delete_call(kind: JobKind, ids: Sequence[str]) -> Call[RawAnswer]:
    """Deletes jobs of a kind, by their clean ids: all in one request.

    Raises:
        InvalidRequestError: The contract has no operation for that.
    """
    address = deletion(kind)
    return _about(ids, call(address.operation, lambda _value, raw: raw, **_naming(address, ids)))


def deletion(kind: JobKind) -> Address:
    """The operation that deletes jobs of a kind.

    Raises:
        InvalidRequestError: The contract has none.
    """
    if kind.spec.delete is None:
        raise InvalidRequestError(
            f"These jobs cannot be deleted: the x-job that {kind.looks} looks at has no `delete`"
        )
    return kind.spec.delete


def _whole(value: dict[str, Any], raw: RawAnswer) -> Any:  # noqa: ANN401 - JSON
    """The body of a success: without an envelope it may be something else than an object."""
    return value or json.loads(raw.body or b"{}")


def _about(ids: Sequence[str], made: Call[T]) -> Call[T]:
    """The call, whose errors name the job when it is about one."""
    return replace(made, job_id=ids[0]) if len(ids) == 1 else made


def _naming(address: Address, ids: Sequence[str]) -> dict[str, Any]:
    """The arguments of the operation that name the jobs."""
    place = address.parameter
    text = (address.separator or "").join(ids)
    if place.part == "body":
        return {"body": _body(address.operation, _nested(place.name, text))}
    name = place.name.lower() if place.part == "header" else place.name
    for parameter in OPERATIONS[address.operation].parameters:
        known = parameter.name.lower() if parameter.place == "header" else parameter.name
        if (parameter.place, known) == (place.part, name):
            return {parameter.python_name: text}
    raise InvalidRequestError(f"{address.operation} has no {place.part} parameter {place.name}")


def _nested(pointer: str, value: object) -> Any:  # noqa: ANN401 - JSON
    """The smallest JSON value that has this one at a JSON Pointer."""
    for key in reversed(steps(pointer)):
        value = [value] if key == "0" else {key: value}
    return value


def _body(name: str, given: object) -> object:
    """What the generated function takes as the body."""
    entry = OPERATIONS[name]
    if entry.body is None:
        return _Plain(given) if isinstance(given, Mapping) else given
    model: Any = getattr(import_module("akool_faceswap_api.models"), entry.body)
    if isinstance(given, model):
        return given
    if not isinstance(given, Mapping):
        raise InvalidRequestError(
            f"{name} takes an object or a models.{entry.body}, not {type(given).__name__}"
        )
    try:
        return model.from_dict(given)
    except KeyError as error:
        raise InvalidRequestError(f"{name}: the body lacks {error}") from None
    except Exception as error:  # noqa: BLE001 - a model may raise anything for what it cannot read
        why = plain(str(error))
        raise InvalidRequestError(f"{name}: the body is no {entry.body}: {why}") from None


class _Plain:
    """A body that no single generated model describes."""

    def __init__(self, value: Mapping[str, Any]) -> None:
        self._value = dict(value)

    def to_dict(self) -> dict[str, Any]:
        return self._value
