"""`akool-faceswap verify`: hold a server to the contract, and say where it fails."""

from akool_contract.cli._command import app, understood

__all__ = ["app", "understood"]
