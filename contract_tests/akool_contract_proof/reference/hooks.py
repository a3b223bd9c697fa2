"""The reference server's webhook message, encrypted and signed as the docs' sample does it."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

if TYPE_CHECKING:
    from akool_contract_proof.reference.auth import Account

BLOCK = 16


def message(
    event: dict[str, Any], account: Account, *, number: int, now: float, as_number: bool
) -> bytes:
    """The body of one delivery; `as_number`: its nonce is a number, not a text."""
    nonce = f"{number:04d}"
    encrypted = _encrypt(json.dumps(event), account.key, account.client_id)
    timestamp = int(now * 1000)
    if as_number:
        nonce = str(int(nonce))
    parts = sorted([account.client_id, str(timestamp), nonce, encrypted])
    signature = hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()
    envelope = {
        "signature": signature,
        "dataEncrypt": encrypted,
        "timestamp": timestamp,
        "nonce": int(nonce) if as_number else nonce,
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
