"""Webhooks on their way: sealed, carried, delivered."""
