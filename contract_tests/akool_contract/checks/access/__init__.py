"""Who may ask: credentials, and what one account sees of another."""

from akool_contract.checks.access import auth, isolation

__all__ = ["auth", "isolation"]
