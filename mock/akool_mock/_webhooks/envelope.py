"""The bytes of one webhook, encrypted and signed by the client's own cipher."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akool_faceswap.webhooks import wrap
from akool_mock._operations.swaps import result_url
from akool_mock._world.jobs import Status

if TYPE_CHECKING:
    from akool_mock._simulator import Simulator
    from akool_mock._world.accounts import Account
    from akool_mock._world.jobs import Job
    from akool_mock._world.outbox import Delivery

__all__ = ["sealed"]


def sealed(sim: Simulator, job: Job, delivery: Delivery, account: Account, now: float) -> bytes:
    """The request body that the receiver gets at mock time `now`."""
    event: dict[str, Any] = {
        "_id": job.id,
        "status": delivery.status,
        "type": "faceswap",
        "url": result_url(sim, job.origin, job) if delivery.status == Status.SUCCESS else "",
    }
    if sim.settings.extra_fields:
        event["deduction_credit"] = job.cost
    body = wrap(
        event,
        client_id=account.client_id,
        client_secret=account.api_key,
        timestamp_ms=round(now * 1000),
        nonce=f"{sim.rng.randrange(10_000):04d}",
    )
    if delivery.signed:
        return body
    envelope = orjson.loads(body)
    signature = envelope["signature"]
    envelope["signature"] = signature[1:] + ("0" if signature[0] != "0" else "1")
    return orjson.dumps(envelope)
