"""An operation's webhooks, as the contract describes them: its callbacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from akool_mock._contract.samples import CannotAnswer, sample
from akool_mock._world.jobs import Status
from akool_openapi.operations import Expression, ExtensionError, at
from akool_openapi.pointer import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akool_mock._world.jobs import Job
    from akool_mock._world.settings import Settings
    from akool_openapi.operations import OperationSpec


class Event(NamedTuple):
    """The content of a webhook, and whether it travels encrypted in the platform's envelope."""

    content: dict[str, Any]
    sealed: bool = True


def plain_event(settings: Settings, job: Job, status: int, url: str) -> dict[str, Any]:
    """The event fields of the platform's webhook page; `url` is that of the result."""
    event = {"_id": job.id, "status": status, "url": url if status == Status.SUCCESS else ""}
    if settings.extra_fields:
        event["deduction_credit"] = job.cost
    return event


class Callback(NamedTuple):
    """What a contract says of the webhooks of an operation.

    Attributes:
        pointer: where the request's body names the receiver; None if nothing does.
        sealed: they travel in the platform's envelope: a property of the body is `x-decrypted`, or
            the contract does not describe the body.
        event: an example of an event, as JSON.
    """

    pointer: str | None = None
    sealed: bool = True
    event: bytes = b"{}"

    def receiver(self, body: object) -> str:
        """The receiver that a request names; empty if none."""
        found = None if self.pointer is None else at(body, self.pointer)
        return found if isinstance(found, str) else ""


def callback_of(document: Mapping[str, Any], spec: OperationSpec) -> Callback:
    """The operation's first callback whose URL comes from the request body."""
    for callback in spec.data.get("callbacks", {}).values():
        for expression, item in resolve(document, callback).items():
            try:
                found = Expression.parse(expression.strip("{}"))
            except ExtensionError:
                continue
            if (found.source, found.part) == ("request", "body"):
                return Callback(found.name, *_shown(document, item))
    return Callback()


def _shown(document: Mapping[str, Any], item: Mapping[str, Any]) -> tuple[bool, bytes]:
    request = resolve(document, item.get("post", {}).get("requestBody", {}))
    media = request.get("content", {}).get("application/json", {})
    schema = resolve(document, media.get("schema", {}))
    parts = [resolve(document, part) for part in schema.get("properties", {}).values()]
    inner = next((part["x-decrypted"] for part in parts if "x-decrypted" in part), None)
    if inner is None and "example" in media:
        return False, orjson.dumps(media["example"])
    try:
        made = sample(document, inner or schema)
    except CannotAnswer:
        made = None
    sealed = inner is not None or not media
    return sealed, orjson.dumps(made) if isinstance(made, dict) else b"{}"
