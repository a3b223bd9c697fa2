"""The bytes of one webhook, encrypted and signed by the client's own cipher."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akool_faceswap.webhooks import wrap

if TYPE_CHECKING:
    from akool_mock._world.accounts import Account
    from akool_mock._world.outbox import Delivery


def sealed(
    event: dict[str, Any], delivery: Delivery, account: Account, *, now: float, nonce: str
) -> bytes:
    """The request body that the receiver gets.

    Args:
        event: what the webhook says.
        delivery: the webhook; a fault may ask for a wrong signature.
        account: whose key encrypts and signs.
        now: mock time.
        nonce: four digits.
    """
    body = wrap(
        event,
        client_id=account.client_id,
        client_secret=account.api_key,
        timestamp_ms=round(now * 1000),
        nonce=nonce,
    )
    if delivery.signed:
        return body
    envelope = orjson.loads(body)
    signature = envelope["signature"]
    envelope["signature"] = signature[1:] + ("0" if signature[0] != "0" else "1")
    return orjson.dumps(envelope)
