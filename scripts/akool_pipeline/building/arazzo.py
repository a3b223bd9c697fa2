"""What follows a submit, in the OpenAPI Initiative's own words: an Arazzo 1.0 document.

Each operation with `x-job` becomes a workflow: submit, poll until the job is done, delete. The
result's address is an output: the file is not an operation of the contract. Tools of others read
the document, which makes them a third reader of what `x-job` and `x-envelope` say.

Pure.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from akool_openapi.operations import (
    MISSING,
    Address,
    Effect,
    Envelope,
    Expression,
    JobSpec,
    OperationSpec,
    Phase,
    at,
    operations,
)
from akool_openapi.pointer import steps
from akool_pipeline.documents.pointer import of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SOURCE: Final = "contract"
"""What the document calls the contract that it is about."""
RETRY_AFTER_S: Final = 2
RETRIES: Final = 150
"""Five minutes of polling, which is what the mock and most jobs need."""


def describe(document: Mapping[str, Any], contract_url: str) -> dict[str, Any] | None:
    """The Arazzo document of a contract; None if no operation of it starts a job.

    Args:
        document: The contract, whose extensions are valid.
        contract_url: Where it stands, relative to the Arazzo document.
    """
    known = {spec.name: spec for spec in operations(document)}
    workflows = [
        _workflow(document, spec, spec.job, known)
        for spec in known.values()
        if spec.job and spec.job.poll.operation in known
    ]
    if not workflows:
        return None
    info = document["info"]
    return {
        "arazzo": "1.0.1",
        "info": {
            "title": f"What follows a submit: {info['title']}",
            "version": info["version"],
            "description": "Submit, poll until the job is done, delete; one workflow a submit.",
        },
        "sourceDescriptions": [{"name": SOURCE, "url": contract_url, "type": "openapi"}],
        "workflows": workflows,
    }


def _workflow(
    document: Mapping[str, Any],
    submit: OperationSpec,
    job: JobSpec,
    known: Mapping[str, OperationSpec],
) -> dict[str, Any]:
    secured = _credential(document, submit)
    inputs: dict[str, Any] = {}
    if secured:
        inputs["apiKey"] = {"type": "string", "description": f"Sent as {secured['name']}"}
    payload = _example(submit)
    if payload is MISSING:
        inputs["body"] = {"type": "object", "description": "What to submit"}
        payload = "$inputs.body"
    steps = [_submit(submit, job, payload), _poll(document, known[job.poll.operation], job)]
    if job.delete and job.delete.operation in known:
        steps.append(_delete(known[job.delete.operation], job.delete))
    outputs = {"job": "$steps.submit.outputs.job"}
    if "result" in steps[1].get("outputs", {}):
        outputs["result"] = "$steps.poll.outputs.result"
    return {
        "workflowId": submit.name,
        "summary": submit.data.get("summary", submit.name),
        **({"inputs": {"type": "object", "properties": inputs}} if inputs else {}),
        **({"parameters": [secured]} if secured else {}),
        "steps": steps,
        "outputs": outputs,
    }


def _credential(document: Mapping[str, Any], spec: OperationSpec) -> dict[str, Any] | None:
    """The header that carries the key, where an operation takes one."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    for alternative in spec.data.get("security", document.get("security", ())):
        for name in alternative:
            scheme = schemes.get(name, {})
            if scheme.get("type") == "apiKey" and scheme.get("in") in {"header", "query"}:
                return {"name": scheme["name"], "in": scheme["in"], "value": "$inputs.apiKey"}
    return None


def _example(spec: OperationSpec) -> Any:  # noqa: ANN401 - any JSON value
    """The body that the contract shows for an operation, or `MISSING`."""
    content = spec.data.get("requestBody", {}).get("content", {})
    media = content.get("application/json", {})
    if "example" in media:
        return media["example"]
    return next((e["value"] for e in media.get("examples", {}).values() if "value" in e), MISSING)


def _submit(spec: OperationSpec, job: JobSpec, payload: object) -> dict[str, Any]:
    return {
        "stepId": "submit",
        "description": "Starts the job; costs credits."
        if spec.effect is Effect.SPENDS
        else "Starts the job.",
        "operationId": spec.name,
        "requestBody": {"contentType": "application/json", "payload": payload},
        "successCriteria": list(_success(spec.envelope)),
        "outputs": {"job": str(job.id)},
    }


def _poll(document: Mapping[str, Any], spec: OperationSpec, job: JobSpec) -> dict[str, Any]:
    many = _is_list(document, spec, job.jobs)
    one = f"$response.body#{job.jobs}{'/0' if many else ''}"
    status = one + job.status
    done = " || ".join(f"{status} == {_literal(v)}" for v in job.statuses(Phase.SUCCEEDED))
    going = " && ".join(f"{status} != {_literal(v)}" for v in job.statuses(Phase.FAILED))
    step = {
        "stepId": "poll",
        "description": "Asks until the job is done; ends when it failed.",
        "operationId": spec.name,
        **_named(job.poll),
        "successCriteria": [*_success(spec.envelope), {"condition": done}],
        "onFailure": [
            {
                "name": "not-yet",
                "type": "retry",
                "retryAfter": RETRY_AFTER_S,
                "retryLimit": RETRIES,
                "criteria": [{"condition": going}],
            }
        ],
    }
    if job.result is not None:
        step["outputs"] = {"result": one + job.result}
    return step


def _delete(spec: OperationSpec, address: Address) -> dict[str, Any]:
    return {
        "stepId": "delete",
        "description": "Deletes the job and its result.",
        "operationId": spec.name,
        **_named(address),
        "successCriteria": list(_success(spec.envelope)),
    }


def _named(address: Address) -> dict[str, Any]:
    """How a request of the operation names the job that the submit started."""
    job, where = "$steps.submit.outputs.job", address.parameter
    if where.part == "body":
        body: Any = job
        for name in reversed(steps(where.name)):
            body = {name: body}
        return {"requestBody": {"contentType": "application/json", "payload": body}}
    return {"parameters": [{"name": where.name, "in": where.part, "value": job}]}


def _success(envelope: Envelope | None) -> Iterator[dict[str, str]]:
    yield {"condition": "$statusCode == 200"}
    if envelope:
        place = Expression("response", "body", envelope.success)
        yield {"condition": f"{place} == {_literal(envelope.value)}"}


def _literal(value: object) -> str:
    """A literal as Arazzo's simple conditions write it."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value)


def _is_list(document: Mapping[str, Any], spec: OperationSpec, pointer: str) -> bool:
    """Whether a success of `spec` has a list at `pointer`, by its schema."""
    content = spec.data.get("responses", {}).get("200", {}).get("content", {})
    schemas = [content.get("application/json", {}).get("schema", {})]
    for name in steps(pointer):
        schemas = [
            choice["properties"][name]
            for schema in schemas
            for choice in _choices(document, schema)
            if name in choice.get("properties", {})
        ]
    return any(
        choice.get("type") == "array" or "items" in choice
        for schema in schemas
        for choice in _choices(document, schema)
    )


def _choices(
    document: Mapping[str, Any], schema: Mapping[str, Any], seen: frozenset[str] = frozenset()
) -> Iterator[Mapping[str, Any]]:
    """A schema and all that it is put together from, references followed."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        if reference not in seen:
            target = at(document, of(reference))
            if isinstance(target, dict):
                yield from _choices(document, target, seen | {reference})
        return
    yield schema
    for keyword in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(keyword, ()):
            yield from _choices(document, part, seen)
