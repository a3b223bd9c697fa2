"""Checks that look at every answer of a run, whoever asked for it."""
