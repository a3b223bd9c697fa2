"""The states of a row, and the order in which they may follow. Pure.

                 ┌──────────── rejected without work, or never delivered ────────────┐
                 v                                                                   │
    planned ── intent ──> submitting ── id ──> submitted ──> finished ──> saved      │
                              ├──────────────────────────────────────────────────────┘
                              ├──> refused       the API refused; nothing was spent
                              └──> uncertain     unknown; only a person can settle it
    submitted ──> failed   (the job ended with status 4)
    finished ──> lost      (the file has expired)

A row whose process died in `submitting` is uncertain when the journal is opened again. By hand only
(`settle`): uncertain becomes submitted, planned or lost; what ended badly is planned again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a row stands."""

    PLANNED = "planned"
    SUBMITTING = "submitting"
    UNCERTAIN = "uncertain"
    SUBMITTED = "submitted"
    FINISHED = "finished"
    SAVED = "saved"
    REFUSED = "refused"
    FAILED = "failed"
    LOST = "lost"


MEANING = {
    State.PLANNED: "not sent yet",
    State.SUBMITTING: "being sent",
    State.UNCERTAIN: "sent, but nobody knows whether it was accepted",
    State.SUBMITTED: "accepted; the job has not ended yet",
    State.FINISHED: "done, but its file is not here yet",
    State.SAVED: "done, and its file is here",
    State.REFUSED: "the API said no; nothing was spent",
    State.FAILED: "accepted, and the job failed",
    State.LOST: "accepted, but its file is gone or it was given up",
}
"""State to the words of reports."""

FROM: dict[State, frozenset[State]] = {
    State.SUBMITTING: frozenset({State.PLANNED}),
    State.PLANNED: frozenset(
        {State.SUBMITTING, State.UNCERTAIN, State.REFUSED, State.FAILED, State.LOST}
    ),
    State.UNCERTAIN: frozenset({State.SUBMITTING}),
    State.SUBMITTED: frozenset({State.SUBMITTING, State.UNCERTAIN, State.SUBMITTED}),
    State.FINISHED: frozenset({State.SUBMITTED, State.FINISHED, State.SAVED}),
    State.SAVED: frozenset({State.FINISHED}),
    State.REFUSED: frozenset({State.SUBMITTING}),
    State.FAILED: frozenset({State.SUBMITTED, State.FINISHED}),
    State.LOST: frozenset({State.SUBMITTED, State.FINISHED, State.UNCERTAIN}),
}
"""Each state to those that may come before it; the journal refuses all others."""

BY_HAND = {
    State.SUBMITTED: frozenset({State.UNCERTAIN}),
    State.PLANNED: frozenset({State.UNCERTAIN, State.REFUSED, State.FAILED, State.LOST}),
    State.LOST: frozenset({State.UNCERTAIN, State.SUBMITTED, State.FINISHED}),
}
"""The steps that only a person may decide on."""
UNPAID = frozenset({State.PLANNED, State.REFUSED})
"""No credit was spent on these."""
RUNNING = frozenset({State.SUBMITTED, State.FINISHED})
"""Paid for, with something left to do that is free."""


@dataclass(frozen=True, slots=True)
class Change:
    """One step of one row, with new values. None leaves a field as it is."""

    key: str
    to: State
    job_id: str | None = None
    url: str | None = None
    """Address of the result."""
    file: str | None = None
    """Name in the output folder."""
    size: int | None = None
    """Bytes of the file."""
    price: float = 0.0
    """Credits to add to the row's."""
    code: int | None = None
    """The vendor's code, of a refusal."""
    note: str | None = None
    """Why, for people."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row as the journal has it."""

    key: str
    line: int
    kind: str
    digest: str
    state: State
    job_id: str | None
    url: str | None
    file: str | None
    size: int | None
    price: float
    code: int | None
    note: str | None
