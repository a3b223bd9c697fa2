"""Defects of the rules for requests. Importing this package registers them."""

from akool_contract_proof.mutants.rules import edges, other, submits

__all__ = ["edges", "other", "submits"]
