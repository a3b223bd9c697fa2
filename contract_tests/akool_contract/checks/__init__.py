"""All checks, by layer. Importing this package registers them."""

from akool_contract.checks import (
    auth,
    client,
    credit,
    detection,
    every_answer,
    extremes,
    files,
    generated,
    isolation,
    machine,
    quota,
    retries,
    rules,
    state,
    webhooks,
)

__all__ = [
    "auth",
    "client",
    "credit",
    "detection",
    "every_answer",
    "extremes",
    "files",
    "generated",
    "isolation",
    "machine",
    "quota",
    "retries",
    "rules",
    "state",
    "webhooks",
]
