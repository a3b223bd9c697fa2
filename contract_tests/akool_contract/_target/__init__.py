"""Servers under test, and how to connect to each."""
