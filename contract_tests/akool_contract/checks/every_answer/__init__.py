"""Checks that look at every answer of a run, whoever asked for it."""

from akool_contract.checks.every_answer import schema, verdicts, wire

__all__ = ["schema", "verdicts", "wire"]
