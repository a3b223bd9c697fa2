"""What a contract says of its operations beyond OpenAPI's own words, read into plain values.

Client, simulator and contract suite know an operation from here and from nowhere else. The
extensions that are read (`x-effect`, `x-price`, `x-envelope`, `x-job`) are described by the JSON
Schemas in `extensions/` beside this module, which the build holds every contract to. What a
contract leaves out is not guessed: an operation without `x-job` starts no job, one without
`x-effect` that is neither GET nor HEAD spends.

Pure; depends on the standard library only.
"""

from __future__ import annotations

import enum
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from akool_openapi.pointer import steps, unescaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The keys of a path item that are operations, in OpenAPI's order."""


class ExtensionError(ValueError):
    """An extension has not the form that its JSON Schema demands; the message says which."""


class Effect(enum.StrEnum):
    """What a request does (`x-effect`)."""

    READS = "reads"
    """Nothing: it may be sent as often as one likes."""
    SPENDS = "spends"
    """It may cost credits: sent at most once, and by the suite only with leave and a budget."""
    DELETES = "deletes"
    """It takes away what may be somebody's: never without leave."""
    CHANGES = "changes"
    """It changes something that costs nothing: never without leave."""


class Phase(enum.StrEnum):
    """The phase of a job, under any name that the contract gives it."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


MISSING: Final = object()
"""What `at` answers where there is nothing; `None` is a value of JSON."""


def at(value: object, pointer: str) -> Any:  # noqa: ANN401 - any JSON value
    """The part of a JSON value that a JSON Pointer names (RFC 6901), or `MISSING`."""
    for key in steps(pointer):
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and _INDEX.fullmatch(key) and int(key) < len(value):
            value = value[int(key)]
        else:
            return MISSING
    return value


def put(value: object, pointer: str, new: object) -> Any:  # noqa: ANN401 - any JSON value
    """A JSON value with another part at a JSON Pointer; objects that lack on the way are made.

    What is on the way is copied, the value itself stays as it is.
    """
    if not pointer:
        return new
    part, slash, rest = pointer[1:].partition("/")
    key = unescaped(part)
    if isinstance(value, list) and _INDEX.fullmatch(key) and int(key) < len(value):
        place = int(key)
        return [*value[:place], put(value[place], slash + rest, new), *value[place + 1 :]]
    found = value if isinstance(value, dict) else {}
    return {**found, key: put(found.get(key), slash + rest, new)}


_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,8}")


def same(one: object, other: object) -> bool:
    """Whether two scalars are one value in JSON, where true is not 1 and 1 is 1.0."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


@dataclass(frozen=True, slots=True)
class Expression:
    """A runtime expression of OpenAPI that names one place of a request or an answer.

    Attributes:
        source: `request` or `response`.
        part: `body`, `header`, `query` or `path`.
        name: JSON Pointer into the body, or the name of the header or parameter.
    """

    source: str
    part: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Expression:
        """Read `$response.body#/data/_id`, `$request.query.id` and the like.

        Raises:
            ExtensionError: It is not one of these.
        """
        match = _EXPRESSION.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise ExtensionError(f"not a runtime expression: {text!r}")
        if match["pointer"] is not None:
            return cls(match["source"], "body", match["pointer"])
        return cls(match["source"], match["part"], match["name"])

    def __str__(self) -> str:
        """The expression as it is written."""
        between = "#" if self.part == "body" else "."
        return f"${self.source}.{self.part}{between}{self.name}"


_EXPRESSION: Final = re.compile(
    r"\$(?P<source>request|response)\."
    r"(?:body#(?P<pointer>(?:/(?:[^~/]|~[01])*)*)|(?P<part>header|query|path)\.(?P<name>\S+))"
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """How an answer's body says whether the request succeeded (`x-envelope`).

    Attributes:
        success: JSON Pointer to the value that decides.
        value: That value in a success.
        code: JSON Pointer to a failure's code; None if failures have none.
        text: JSON Pointer to the text for people; None if there is none.
        data: JSON Pointer to what a success brings; the whole body if empty.
    """

    success: str
    value: object
    code: str | None = None
    text: str | None = None
    data: str = ""

    @classmethod
    def read(cls, extension: Mapping[str, Any]) -> Envelope:
        """Read the extension.

        Raises:
            ExtensionError: Its criterion is not valid.
        """
        stated = extension.get("success")
        match = _CRITERION.fullmatch(stated) if isinstance(stated, str) else None
        if match is None:
            raise ExtensionError(f"x-envelope: success is not a criterion: {stated!r}")
        literal = match["literal"]
        value = literal[1:-1] if literal.startswith("'") else json.loads(literal)
        return cls(
            match["pointer"],
            value,
            extension.get("code"),
            extension.get("text"),
            extension.get("data", ""),
        )

    def succeeded(self, body: object) -> bool:
        """Whether this is the body of a success."""
        return same(at(body, self.success), self.value)


_CRITERION: Final = re.compile(
    r"\$response\.body#(?P<pointer>(?:/(?:[^~/\s]|~[01])*)*) == "
    r"(?P<literal>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|true|false|'[^']*')"
)


@dataclass(frozen=True, slots=True)
class Price:
    """What one accepted request is known to cost (`x-price`).

    Attributes:
        credits: Credits for one request, or for each unit of time that is begun.
        per_seconds: Length of that unit in seconds of video; None if length does not matter.
    """

    credits: float
    per_seconds: float | None = None

    @classmethod
    def read(cls, extension: Mapping[str, Any]) -> Price:
        """Read the extension."""
        return cls(extension["credits"], extension.get("perSeconds"))


@dataclass(frozen=True, slots=True)
class Address:
    """An operation that takes ids of jobs, and how its request names them.

    Attributes:
        operation: Its operationId.
        parameter: Where its request names the job.
        separator: What joins many ids in one request; None if it takes one at a time.
    """

    operation: str
    parameter: Expression
    separator: str | None = None

    @classmethod
    def read(cls, part: Mapping[str, Any]) -> Address:
        """Read `poll` or `delete` of the extension."""
        return cls(part["operationId"], Expression.parse(part["parameter"]), part.get("separator"))


@dataclass(frozen=True, slots=True)
class JobSpec:
    """How a job is named, polled, understood and deleted (`x-job`).

    Attributes:
        id: Where the answer to the submit names the job.
        poll: The operation that polls the jobs.
        jobs: JSON Pointer to the job, or the list of jobs, in its answer.
        status: JSON Pointer, from a job, to its status; the next ones are from a job too.
        phases: Values of the status that have a meaning, and it.
        job_id: JSON Pointer to the job's id; None if the answer does not repeat it.
        result: JSON Pointer to the result's address, or a list of them; None if there is none.
        result_item: JSON Pointer to the address in each object of that list; None for plain texts.
        reason: JSON Pointer to why it failed; None if that is not told.
        created: JSON Pointer to the time of creation; None if that is not told.
        result_s: Seconds that a result can be fetched, from creation; None if not known.
        delete: The operation that deletes jobs; None if there is none.
    """

    id: Expression
    poll: Address
    jobs: str
    status: str
    phases: Sequence[tuple[object, Phase]]
    job_id: str | None = None
    result: str | None = None
    result_item: str | None = None
    reason: str | None = None
    created: str | None = None
    result_s: float | None = None
    delete: Address | None = None

    @classmethod
    def read(cls, extension: Mapping[str, Any]) -> JobSpec:
        """Read the extension.

        Raises:
            ExtensionError: It has not the form that its schema demands.
        """
        try:
            fields, poll = extension["fields"], extension["poll"]
            return cls(
                id=Expression.parse(extension["id"]),
                poll=Address.read(poll),
                jobs=Expression.parse(poll["job"]).name,
                status=fields["status"],
                phases=tuple(
                    (value, phase)
                    for phase in Phase
                    for value in extension["statuses"].get(phase.value, ())
                ),
                job_id=fields.get("id"),
                result=fields.get("result"),
                result_item=fields.get("resultItem"),
                reason=fields.get("reason"),
                created=fields.get("created"),
                result_s=extension.get("resultLifetimeSeconds"),
                delete=Address.read(extension["delete"]) if "delete" in extension else None,
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ExtensionError(f"x-job has not the form of its schema: {error}") from error

    def phase(self, status: object) -> Phase | None:
        """What a value of the status means; None for one that the contract does not name."""
        return next((phase for value, phase in self.phases if same(value, status)), None)

    def statuses(self, phase: Phase) -> list[object]:
        """The values of the status that mean this."""
        return [value for value, meaning in self.phases if meaning is phase]

    def jobs_in(self, body: object) -> list[Any]:
        """The jobs that an answer to the poll holds."""
        found = at(body, self.jobs)
        if isinstance(found, list):
            return found
        return [found] if isinstance(found, dict) else []

    def results_of(self, job: object) -> list[str]:
        """The addresses of a job's results, in the answer's order."""
        if self.result is None:
            return []
        found = at(job, self.result)
        parts = found if isinstance(found, list) else [found]
        if self.result_item is not None:
            parts = [at(part, self.result_item) for part in parts]
        return [part for part in parts if isinstance(part, str) and part]


@dataclass(frozen=True, slots=True)
class OperationSpec:
    """One operation of a contract.

    Attributes:
        name: operationId, or method and path where it has none.
        method: HTTP method, upper case.
        path: The path template.
        data: The operation as OpenAPI describes it.
        effect: What a request does.
        envelope: How its answers tell success; None if the HTTP status does.
        job: How the job that it starts is followed; None if it starts none.
        price: What it is known to cost; None if nothing is known.
    """

    name: str
    method: str
    path: str
    data: Mapping[str, Any] = field(repr=False)
    effect: Effect
    envelope: Envelope | None
    job: JobSpec | None
    price: Price | None


def effect_of(method: str, operation: Mapping[str, Any]) -> Effect:
    """`x-effect`, or what holds where it is left out: GET and HEAD read, all else spends.

    Raises:
        ExtensionError: It is not one of the four words.
    """
    stated = operation.get("x-effect")
    if stated is None:
        return Effect.READS if method.upper() in {"GET", "HEAD"} else Effect.SPENDS
    try:
        return Effect(stated)
    except ValueError as error:
        words = ", ".join(Effect)
        raise ExtensionError(f"x-effect is {stated!r}: one of {words}") from error


def operations(document: Mapping[str, Any]) -> Iterator[OperationSpec]:
    """Every operation of a contract, in its order.

    Args:
        document: An OpenAPI 3 document.

    Raises:
        ExtensionError: An extension has not the form that its schema demands.
    """
    common = document.get("x-envelope")
    for path, item in document.get("paths", {}).items():
        for method in METHODS if isinstance(item, dict) else ():
            operation = item.get(method)
            if not isinstance(operation, dict):
                continue
            name = operation.get("operationId") or f"{method.upper()} {path}"
            try:
                yield _operation(name, method, path, operation, common)
            except ExtensionError as error:
                raise ExtensionError(f"{name}: {error}") from error


def _operation(
    name: str,
    method: str,
    path: str,
    operation: Mapping[str, Any],
    common: Any,  # noqa: ANN401 - JSON
) -> OperationSpec:
    envelope = operation.get("x-envelope", common)
    job, price = operation.get("x-job"), operation.get("x-price")
    return OperationSpec(
        name=name,
        method=method.upper(),
        path=path,
        data=operation,
        effect=effect_of(method, operation),
        envelope=None if envelope is None else Envelope.read(envelope),
        job=None if job is None else JobSpec.read(job),
        price=None if price is None else Price.read(price),
    )
