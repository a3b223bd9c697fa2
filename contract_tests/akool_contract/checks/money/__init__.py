"""What jobs cost, and what happens when the credits run out."""

from akool_contract.checks.money import credit, quota

__all__ = ["credit", "quota"]
