"""Writes `operations.py` of the generated package: every operation as data. Pure.

Whatever stands above the generated package reads here what the contract says of an operation, so
that a new operation is known everywhere without a line written by hand.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from akool_openapi.operations import ExtensionError, at, operations, same
from akool_pipeline.documents import pointer
from akool_pipeline.errors import PipelineError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from openapi_python_client.parser.openapi import Endpoint

    from akool_openapi.operations import Envelope, OperationSpec
    from akool_pipeline.documents.document import Document
    from akool_pipeline.generating.parsing import Parsed

_HEAD: Final = '''\
"""Every operation of the contract as data: where it goes, what it takes, what it does.

Generated from the contract; importing it loads no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from akool_openapi.operations import Envelope


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation."""

    name: str
    """As the wire has it."""
    place: str
    """`path`, `query`, `header` or `cookie`."""
    python_name: str
    """As the generated functions take it."""
    required: bool = False


@dataclass(frozen=True)
class Operation:
    """One operation of the contract."""

    name: str
    """operationId, or method and path where there is none."""
    python_name: str
    """Its module in `api.operations`, and its method of the raw client."""
    method: str
    """HTTP method, upper case."""
    path: str
    """Path template."""
    effect: str
    """`reads`, `spends`, `deletes` or `changes`."""
    parameters: tuple[Parameter, ...] = ()
    body: str | None = None
    """Class of the JSON body in `models`; None without one, or if it is no single class."""
    answer: str | None = None
    """Class in `models` of a success's body; None if it is no single class."""
    security: tuple[tuple[str, ...], ...] = ()
    """Alternatives, each the security schemes that it needs; empty if it needs none."""
    server: str | None = None
    """Server of its own; None if the contract's."""
    envelope: Envelope | None = field(default=None, repr=False)
    """The operation's or the contract's; None if the HTTP status decides."""
    job: Mapping[str, Any] | None = field(default=None, repr=False)
    """`x-job`."""
    price: Mapping[str, Any] | None = field(default=None, repr=False)
    """`x-price`."""
    retryable_codes: tuple[int, ...] = ()
    """Codes of the envelope after which the same request may succeed, and nothing was done."""

    @property
    def module(self) -> str:
        """Full name of the module with `_get_kwargs` and `_parse_response`; not yet imported."""
        return f"{__package__}.api.operations.{self.python_name}"


'''


def source(contract: Document, parsed: Parsed) -> str:
    """The module's text.

    Raises:
        PipelineError: An extension of the contract has not its form.
    """
    try:
        specs = {(spec.path, spec.method.lower()): spec for spec in operations(contract.data)}
    except ExtensionError as error:
        raise PipelineError(str(error), file=contract.name) from error
    lines = [_HEAD, f"SERVER: Final[str | None] = {_server(contract.data)!r}\n"]
    lines.append('"""The contract\'s server, for every operation that names no other."""\n')
    lines.append("OPERATIONS: Final[Mapping[str, Operation]] = {\n")
    for place, endpoint in parsed.endpoints.items():
        fields = dict(_fields(contract.data, specs[place], endpoint))
        inside = ", ".join(f"{key}={value}" for key, value in fields.items())
        lines.append(f"    {specs[place].name!r}: Operation({inside}),\n")
    lines.append("}\n")
    gone = {item.name: item.reason for item in parsed.left_out}
    lines.append(f"LEFT_OUT: Final[Mapping[str, str]] = {gone!r}\n")
    lines.append('"""Parts of the contract that Python does not have, each with the reason."""\n')
    return "".join(lines)


def answers(data: Mapping[str, Any], spec: OperationSpec) -> list[dict[str, Any]]:
    """The schemas that the JSON body of a success may have, as the contract writes them."""
    found: list[dict[str, Any]] = []
    for code, stated in spec.data.get("responses", {}).items():
        if not code.startswith("2"):
            continue
        for media, content in _resolved(data, stated).get("content", {}).items():
            if "json" in media and "schema" in content:
                found += _alternatives(data, content["schema"])
    if spec.envelope is None:
        return found
    return [schema for schema in found if _may_succeed(data, schema, spec.envelope)]


def _fields(
    data: Mapping[str, Any], spec: OperationSpec, endpoint: Endpoint
) -> Iterator[tuple[str, str]]:
    """Arguments of `Operation(...)`, each as source text; what is the default is left out."""
    item = data["paths"][spec.path]
    servers = spec.data.get("servers") or item.get("servers")
    security = spec.data.get("security", data.get("security", []))
    optional = {
        "parameters": _parameters(endpoint),
        "body": repr(body_class(endpoint)),
        "answer": repr(answer_class(data, spec, endpoint)),
        "security": repr(tuple(tuple(sorted(one)) for one in security) if all(security) else ()),
        "server": repr(servers[0]["url"] if servers else None),
        "envelope": repr(spec.envelope),
        "job": repr(spec.data.get("x-job")),
        "price": repr(spec.data.get("x-price")),
        "retryable_codes": repr(_retryable(data, spec.name)),
    }
    yield "name", repr(spec.name)
    yield "python_name", repr(str(endpoint.name))
    yield "method", repr(spec.method)
    yield "path", repr(spec.path)
    yield "effect", repr(spec.effect.value)
    yield from ((key, text) for key, text in optional.items() if text not in {"None", "()"})


def _parameters(endpoint: Endpoint) -> str:
    listed = [
        f"Parameter({prop.name.get_untrusted_value()!r}, {str(place)!r}, "
        f"{str(prop.python_name)!r}, required={prop.required})"
        for place, prop in endpoint.iter_all_parameters()
    ]
    return f"({', '.join(listed)},)" if listed else "()"


def body_class(endpoint: Endpoint) -> str | None:
    """Class of the only body, if it is JSON and a model."""
    if len(endpoint.bodies) != 1 or endpoint.bodies[0].body_type != "json":
        return None
    info = getattr(endpoint.bodies[0].prop, "class_info", None)
    return None if info is None else str(info.name)


def answer_class(data: Mapping[str, Any], spec: OperationSpec, endpoint: Endpoint) -> str | None:
    """Class of a success's body: of the answers, the only one that can be a success.

    The generator makes the alternatives of an answer in the contract's order.
    """
    made: list[Any] = []
    for answer in endpoint.responses.patterns:
        if answer.status_code.pattern.startswith("2"):
            made += getattr(answer.prop, "inner_properties", [answer.prop])
    every = answers(data, replace(spec, envelope=None))
    if len(every) != len(made):
        return None
    good = answers(data, spec)
    fits = [made[index] for index, schema in enumerate(every) if schema in good]
    info = getattr(fits[0], "class_info", None) if len(fits) == 1 else None
    return None if info is None else str(info.name)


def _may_succeed(data: Mapping[str, Any], schema: Any, envelope: Envelope) -> bool:  # noqa: ANN401 - JSON
    """Whether a body of this schema can be a success by the envelope."""
    found = _resolved(data, schema)
    for part in pointer.split(envelope.success):
        found = _resolved(data, found.get("properties", {}).get(part, {}))
    if "enum" in found:
        return any(same(value, envelope.value) for value in found["enum"])
    return "const" not in found or same(found["const"], envelope.value)


def _alternatives(data: Mapping[str, Any], schema: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    found = _resolved(data, schema)
    inner = found.get("oneOf") or found.get("anyOf")
    return [one for part in inner for one in _alternatives(data, part)] if inner else [schema]


def _resolved(data: Mapping[str, Any], value: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    seen = 0
    while isinstance(value, dict) and isinstance(value.get("$ref"), str) and seen < 50:  # noqa: PLR2004 - longer than any chain
        value, seen = at(data, pointer.of(value["$ref"])), seen + 1
    return value if isinstance(value, dict) else {}


def _retryable(data: Mapping[str, Any], name: str) -> tuple[int, ...]:
    """Retryable codes that are documented for the operation, or for none in particular."""
    return tuple(
        entry["code"]
        for entry in data.get("x-business-codes", ())
        if entry["retryable"] and (not entry["operations"] or name in entry["operations"])
    )


def _server(data: Mapping[str, Any]) -> str | None:
    servers = data.get("servers") or []
    return servers[0]["url"] if servers else None
