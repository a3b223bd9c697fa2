"""Encrypts and sends webhooks."""
