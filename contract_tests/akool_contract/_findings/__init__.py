"""Findings: answers, checks by name, and the data of the report."""
