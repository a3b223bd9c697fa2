"""All checks, by layer. Importing this package registers them."""

from akool_contract.checks import (
    auth,
    client,
    credit,
    detection,
    files,
    generated,
    isolation,
    later,
    machine,
    retries,
    rules,
    schema,
    state,
    verdicts,
    webhooks,
    wire,
)

__all__ = [
    "auth",
    "client",
    "credit",
    "detection",
    "files",
    "generated",
    "isolation",
    "later",
    "machine",
    "retries",
    "rules",
    "schema",
    "state",
    "verdicts",
    "webhooks",
    "wire",
]
