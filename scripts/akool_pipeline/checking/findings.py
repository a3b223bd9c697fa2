"""What the checks find: a place, what is wrong there, and which other places brought it about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in the contract that does not agree with the rest of it.

    Attributes:
        pointer: Where it is.
        message: What is wrong and what to do, in one line.
        because: Pointers of what it disagrees with, where that is something in the contract.
    """

    pointer: str
    message: str
    because: tuple[str, ...] = ()
