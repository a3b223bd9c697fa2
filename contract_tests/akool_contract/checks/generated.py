"""Requests that schemathesis generates from the contract: positive, negative, coverage, examples.

Its own checks look at HTTP statuses, which say nothing here (everything is 200), so only its
generation is used: every case goes through the session and is judged by the code-based checks.
"""

from __future__ import annotations

import json
from functools import partial
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from hypothesis import given

from akool_contract._generate.cases import operations_of
from akool_contract._generate.explore import GENERATING, explore, finds, profile, seeded
from akool_contract._run.observers import Observer
from akool_contract._run.plan import Stage, check, observer
from akool_contract._wire.errors import UnusableError
from akool_contract._wire.http import Request
from akool_contract.checks._shared.jobs import cohort, served
from akool_contract.oracle.samples import OLD, SOURCE, TARGET

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemathesis import Case

    from akool_contract._generate.cases import Made, Operation
    from akool_contract._run.run import Run


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
    options = run.options
    urls = [options.source_url or SOURCE, options.target_url or TARGET]
    urls += [] if options.target_url else [OLD]
    far: dict[Request, None] = {}
    for operation in operations_of(run.contract, urls):
        name = operation.name
        if name in run.guard.unserved or not options.wants_operation(name):
            continue
        if run.parallel.far():
            far |= dict.fromkeys(_from_afar(run, operation))
            continue
        held = _phases(run, operation)
        if held:
            run.collector.skip("schema.generated", f"some cases: {held}", name)
    for name in dict.fromkeys(request.operation for request in run.parallel.send_all(far)):
        run.collector.skip("schema.generated", f"some cases: {run.guard.refused}", name)


def _phases(run: Run, operation: Operation) -> str:
    name, examples = operation.name, run.options.profile.schema_examples
    cases = [to_request(run, case, name) for case in operation.covering(examples * 4).cases]
    held = run.guard.refused if run.parallel.send_all(dict.fromkeys(cases)) else ""

    def test(case: Case[Any]) -> None:
        nonlocal held
        held = _send(run, case, name) or held

    def each(cases: Iterable[Case[Any]]) -> None:
        for case in cases:
            test(case)

    for mode in operation.modes:
        made = operation.drawn(mode, examples, run.options.seed)
        held = made.reason or held
        if not finds(run, partial(each, made.cases)):
            continue
        try:  # hypothesis makes them once more, and shrinks what was found
            tested = given(case=operation.strategy(mode))(test)
            explore(run, profile(run, examples)(seeded(run, tested)))
        except UnusableError as error:
            held = error.reason
    return held


def _from_afar(run: Run, operation: Operation) -> list[Request]:
    """All cases, made while the server answers other checks."""
    found: list[Made] = []
    examples = run.options.profile.schema_examples

    def make() -> None:
        found.append(operation.covering(examples * 4))
        found.extend(operation.drawn(mode, examples, run.options.seed) for mode in operation.modes)

    with run.sender.rounds.lane(GENERATING):
        run.sender.rounds.beside(make)
    for made in found:
        if made.reason:
            run.collector.skip("schema.generated", f"some cases: {made.reason}", operation.name)
    return [to_request(run, case, operation.name) for made in found for case in made.cases]
