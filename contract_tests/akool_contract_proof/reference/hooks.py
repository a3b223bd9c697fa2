"""The reference server's webhook message, encrypted and signed as the docs' sample does it."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

if TYPE_CHECKING:
    from akool_contract_proof.reference.core import Job, Reference

BLOCK = 16
SUCCESS = 3


def message(server: Reference, job: Job, status: int) -> bytes:
    """The body of one delivery for `job` at `status`."""
    event: dict[str, Any] = {"_id": job.id, "status": status, "type": "faceswap"}
    event["url"] = job.url if status == SUCCESS else ""
    if server.variant.webhook_deduction:
        event["deduction_credit"] = job.price
    nonce = f"{job.number:04d}"
    encrypted = _encrypt(json.dumps(event), job.account.key, job.account.client_id)
    timestamp = int(server.clock() * 1000)
    if server.variant.webhook_nonce == "number":
        nonce = str(int(nonce))
    parts = sorted([job.account.client_id, str(timestamp), nonce, encrypted])
    signature = hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()
    numeric = server.variant.webhook_nonce == "number"
    envelope = {
        "signature": signature,
        "dataEncrypt": encrypted,
        "timestamp": timestamp,
        "nonce": int(nonce) if numeric else nonce,
    }
    return json.dumps(envelope).encode()


def _encrypt(text: str, secret: str, client_id: str) -> str:
    data = text.encode()
    pad = BLOCK - len(data) % BLOCK
    cipher = Cipher(algorithms.AES(secret.encode()), modes.CBC(client_id.encode()[:BLOCK]))
    encryptor = cipher.encryptor()
    return base64.b64encode(
        encryptor.update(data + bytes([pad]) * pad) + encryptor.finalize()
    ).decode()
