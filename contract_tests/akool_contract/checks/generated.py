"""Requests that schemathesis generates from the contract: positive, negative, coverage, examples.

Its own checks look at HTTP statuses, which say nothing here (everything is 200), so only its
generation is used: every case goes through the session and is judged by the code-based checks.
"""

from __future__ import annotations

import copy
import json
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from hypothesis import given

from akool_contract._generate.explore import GENERATING, explore, profile, seeded
from akool_contract._run.observers import Observer
from akool_contract._run.plan import Stage, check, observer
from akool_contract._wire.errors import UnusableError
from akool_contract._wire.http import Request
from akool_contract.checks._shared.jobs import cohort, served
from akool_contract.oracle.samples import OLD, OPTS, SOURCE, TARGET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemathesis import Case

    from akool_contract._run.run import Run
    from akool_contract._wire.contract import Contract

MAX_ITEMS = 3


def for_generation(contract: Contract, urls: list[str]) -> dict[str, Any]:
    """The contract with help for the generator: known addresses, short lists, no foreign fields.

    Without it, random strings are (rightly) refused as addresses, and no other rule is reached.
    """
    document = copy.deepcopy(contract.document)
    document.pop("x-rules", None)
    for schema in document.get("components", {}).get("schemas", {}).values():
        _help(schema, urls)
    for item in document.get("paths", {}).values():
        for operation in item.values():
            if isinstance(operation, dict):
                operation.pop("callbacks", None)
                _help(operation.get("requestBody"), urls)
    return document


def _help(node: Any, urls: list[str]) -> None:  # noqa: ANN401 - any JSON value
    if isinstance(node, list):
        for part in node:
            _help(part, urls)
    if not isinstance(node, dict):
        return
    if node.get("type") == "string":
        _help_address(node, urls)
    if node.get("type") == "array":
        node["maxItems"] = min(node.get("maxItems", MAX_ITEMS), MAX_ITEMS)
    properties = node.get("properties")
    if node.get("type") == "object" and isinstance(properties, dict):
        node.setdefault("additionalProperties", False)
        if isinstance(properties.get("opts"), dict):
            properties["opts"] = {"type": "string", "enum": [OPTS]}
    for key, value in node.items():
        if key not in ("example", "examples", "enum"):
            _help(value, urls)


def _help_address(node: dict[str, Any], urls: list[str]) -> None:
    pattern = str(node.get("pattern", "")).lower()
    if "ttp" in pattern or node.get("format") == "uri":
        for key in ("pattern", "format"):
            node.pop(key, None)
        node["enum"] = list(urls)


def to_request(run: Run, case: Case[Any], name: str) -> Request:
    """A generated case as a `Request`, with valid credentials."""
    operation = run.contract.operations[name]
    url = run.url(operation, _texts(case.path_parameters))
    if case.query:
        url += "?" + urlencode(case.query, doseq=True, errors="replace")
    # Generated headers are left out: the contract has none but the credentials.
    headers = dict(run.auth())
    content = _content(case.body)
    if content is not None:
        headers["Content-Type"] = "application/json"
    method = case.method.upper() if case.method.upper() in ("GET", "POST") else operation.method
    if not operation.ours:
        headers |= {k: v for k, v in run.samples(operation, "header").items() if k not in headers}
    known = name if method == operation.method else ""
    return Request(method, url, tuple(headers.items()), content or b"", known)


def _texts(values: Any) -> dict[str, str]:  # noqa: ANN401 - whatever was generated
    """What can stand in a path: an empty part would be another path."""
    found = {key: str(value) for key, value in (values or {}).items()}
    kept = {key: text.encode("utf-8", "replace").decode() for key, text in found.items()}
    return {key: text for key, text in kept.items() if text.strip("./ ")}


def _content(body: Any) -> bytes | None:  # noqa: ANN401 - whatever was generated
    if isinstance(body, bytes):
        return body
    try:
        return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    except TypeError:
        return None  # schemathesis' mark for "no body"


def _send(run: Run, case: Case[Any], name: str) -> str:
    """Why the case was held back; empty when it was sent."""
    try:
        run.sender.send(to_request(run, case, name))
    except UnusableError as error:
        return error.reason
    return ""


@observer
class EarlyImport(Observer):
    """Loads schemathesis while a far server takes its time over the first requests."""

    def __init__(self, run: Run) -> None:
        if run.target.concurrent:
            Thread(target=import_module, args=("schemathesis",), daemon=True).start()


@check(
    "schema.examples",
    "schema",
    "The documented examples are accepted and get answers valid by the contract.",
    stage=Stage.FIRST_JOBS,
    shows=("schema", "rules.accepts-what-is-right"),
)
def examples(run: Run) -> None:
    """One right request of every operation."""
    shared = {job.operation for job in cohort(run)} if run.budget.tight and served(run) else set()
    for name in run.contract.operations:
        if name in shared:
            continue  # the first jobs are right requests too
        if name in run.guard.unserved or (name == "getToken" and not run.credentials.client_secret):
            continue
        try:
            run.sender.send(run.right(name))
        except UnusableError as error:
            run.collector.skip("schema.examples", error.reason, name)


@check(
    "schema.generated",
    "schema",
    "Generated requests, valid, invalid and at the limits, get answers valid by the contract.",
    stage=Stage.GENERATED,
    share=0.12,
    shows=("schema", "rules", "wire"),
)
def generated(run: Run) -> None:
    """All phases on every operation; what may cost money only where that is allowed."""
    import schemathesis  # noqa: PLC0415 - takes half a second, and only this check needs it
    from schemathesis import GenerationMode  # noqa: PLC0415 - same

    options = run.options
    urls = [options.source_url or SOURCE, options.target_url or TARGET]
    urls += [] if options.target_url else [OLD]
    schema = schemathesis.openapi.from_dict(for_generation(run.contract, urls))
    far: dict[Request, None] = {}
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        where = f"{operation.method.upper()} {operation.path}"
        name = str(operation.definition.raw.get("operationId") or where)
        if name in run.guard.unserved or not options.wants_operation(name):
            continue
        modes = (GenerationMode.NEGATIVE, GenerationMode.POSITIVE)
        if run.parallel.far():
            far |= dict.fromkeys(_from_afar(run, operation, name, modes))
            continue
        held = _phases(run, operation, name, modes)
        if held:
            run.collector.skip("schema.generated", f"some cases: {held}", name)
    for name in dict.fromkeys(request.operation for request in run.parallel.send_all(far)):
        run.collector.skip("schema.generated", f"some cases: {run.guard.refused}", name)


def _phases(run: Run, operation: Any, name: str, modes: tuple[Any, ...]) -> str:  # noqa: ANN401 - schemathesis types
    most = run.options.profile.schema_examples * 4
    cases = [to_request(run, case, name) for case in _coverage(operation, modes, most)]
    held = run.guard.refused if run.parallel.send_all(dict.fromkeys(cases)) else ""

    def test(case: Case[Any]) -> None:
        nonlocal held
        held = _send(run, case, name) or held

    for mode in modes:
        try:
            _generate(run, operation, mode, test)
        except UnusableError as error:
            held = error.reason
    return held


def _generate(run: Run, operation: Any, mode: Any, test: Callable[[Case[Any]], None]) -> None:  # noqa: ANN401 - schemathesis types
    tested = given(case=operation.as_strategy(generation_mode=mode))(test)
    examples = run.options.profile.schema_examples
    explore(run, profile(run, examples)(seeded(run, tested)))


def _from_afar(run: Run, operation: Any, name: str, modes: tuple[Any, ...]) -> list[Request]:  # noqa: ANN401 - schemathesis types
    """All cases, made while the server answers other checks."""
    cases: list[Case[Any]] = []
    reasons: list[str] = []

    def keep(case: Case[Any]) -> None:
        cases.append(case)

    def make() -> None:
        cases.extend(_coverage(operation, modes, run.options.profile.schema_examples * 4))
        for mode in modes:
            try:
                _generate(run, operation, mode, keep)
            except UnusableError as error:
                reasons.append(error.reason)

    with run.sender.rounds.lane(GENERATING):
        run.sender.rounds.beside(make)
    for reason in reasons:
        run.collector.skip("schema.generated", f"some cases: {reason}", name)
    return [to_request(run, case, name) for case in cases]


def _coverage(operation: Any, modes: tuple[Any, ...], most: int) -> Iterator[Case[Any]]:  # noqa: ANN401 - schemathesis types
    """The cases of schemathesis' coverage phase: each schema keyword at and past its limit."""
    from schemathesis.generation.drivers import CoverageGenerator  # noqa: PLC0415 - slow to import
    from schemathesis.generation.feedback import NO_FEEDBACK  # noqa: PLC0415 - same
    from schemathesis.generation.overrides import Override  # noqa: PLC0415 - same

    project = operation.schema.config
    generator = CoverageGenerator(
        operation=operation,
        generation_modes=list(modes),
        generation_config=project.generation_for(operation=operation, phase="coverage"),
        auth_storage=None,
        override=Override(),
        feedback=NO_FEEDBACK,
    )
    for number, case in enumerate(generator):
        if number >= most:
            return
        yield case
