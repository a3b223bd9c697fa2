"""Servers under test, and how one gets a connection to each."""
