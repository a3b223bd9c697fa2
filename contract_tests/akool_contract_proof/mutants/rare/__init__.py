"""Defects that only rare requests show. Importing this package registers them."""

from akool_contract_proof.mutants.rare import extremes, seldom, written

__all__ = ["extremes", "seldom", "written"]
