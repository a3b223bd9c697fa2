"""All checks, by layer. Importing this package registers them."""

from akool_contract.checks import (
    access,
    client,
    detection,
    every_answer,
    extremes,
    files,
    generated,
    machine,
    money,
    retries,
    rules,
    state,
    webhooks,
)

__all__ = [
    "access",
    "client",
    "detection",
    "every_answer",
    "extremes",
    "files",
    "generated",
    "machine",
    "money",
    "retries",
    "rules",
    "state",
    "webhooks",
]
