"""The table of defects. Importing this package fills it."""

from __future__ import annotations

import hashlib

from akool_contract_proof.mutants import (
    client,
    credentials,
    derived,
    edges,
    jobs,
    money,
    rare,
    rules,
    schema,
    side,
    slips,
    state,
    wire,
)
from akool_contract_proof.mutants._kit import TABLE, Hook, Layer, Mutant

__all__ = [
    "TABLE",
    "Hook",
    "Layer",
    "Mutant",
    "client",
    "credentials",
    "derived",
    "edges",
    "is_held_out",
    "jobs",
    "money",
    "rare",
    "rules",
    "schema",
    "side",
    "slips",
    "state",
    "wire",
]


def is_held_out(mutant: Mutant) -> bool:
    """Whether it is in the third of the table that is not looked at while checks are written."""
    return hashlib.sha256(mutant.name.encode()).digest()[0] % 3 == 0
