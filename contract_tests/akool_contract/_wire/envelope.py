"""The sealed message of a webhook: base64 of AES-CBC, opened with the account's own secret."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from akool_contract._wire import strict_json

BLOCK = 16
KEYS = (16, 24, 32)
"""Bytes in a key that AES takes."""


def opened(body: bytes, client_id: str, secret: str) -> dict[str, Any] | None:
    """What a recording keeps of a message: its text, or its error; None: it cannot be known."""
    text = strict_json.read_object(body).get("dataEncrypt")
    if not (client_id and isinstance(text, str) and len(secret.encode()) in KEYS):
        return None
    try:
        return {"message": decrypt(text, secret, client_id)}
    except ValueError as error:
        return {"problem": str(error)}


def decrypt(text: str, secret: str, client_id: str) -> dict[str, Any]:
    """The decrypted message in `dataEncrypt`; raises ValueError."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415 - slow to import

    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error
    if not data or len(data) % BLOCK:
        raise ValueError(f"{len(data)} bytes are not a whole number of 16-byte blocks")
    start = client_id.encode()[:BLOCK]
    vectors = {start.ljust(BLOCK, b"\0"), start.ljust(BLOCK, b" ")}
    problem = ""
    for vector in vectors:
        decryptor = Cipher(algorithms.AES(secret.encode()), modes.CBC(vector)).decryptor()
        plain = decryptor.update(data) + decryptor.finalize()
        pad = plain[-1]
        if not 1 <= pad <= BLOCK or plain[-pad:] != bytes([pad]) * pad:
            problem = "the padding is not PKCS#7"
            continue
        try:
            value = strict_json.read(plain[:-pad])
        except strict_json.JSONFaultError as fault:
            problem = f"the message is not JSON: {fault}"
            continue
        if isinstance(value, dict):
            return value
        problem = f"the message is not an object: {json.dumps(value)[:60]}"
    raise ValueError(problem)
