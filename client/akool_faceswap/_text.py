"""Foreign words made fit for a terminal, a log and an error message. Pure."""

from __future__ import annotations

MAX_MSG_CHARS = 500
"""How much of the server's words goes into an error's text."""


def on_one_line(words: str) -> str:
    """Foreign words without what steers a terminal or forges a line."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())


def plain(words: str) -> str:
    """Foreign words for our own texts: on one line, and bounded."""
    return on_one_line(words)[:MAX_MSG_CHARS]
