"""`akool-faceswap verify`: checks a server against the contract."""

from akool_contract.cli._command import app, understood

__all__ = ["app", "understood"]
