"""The whole suite: `verify` with every check there is."""

from akool_contract import checks
from akool_contract._run.engine import verify

__all__ = ["checks", "verify"]
