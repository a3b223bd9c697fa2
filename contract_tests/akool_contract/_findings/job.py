"""A job of this run, and what was seen of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from akool_openapi.operations import Phase

if TYPE_CHECKING:
    from akool_openapi.operations import JobSpec

SUCCESS, FAILED = 3, 4
FINAL = (SUCCESS, FAILED)
RANKS = {Phase.QUEUED: 1, Phase.RUNNING: 2, Phase.SUCCEEDED: SUCCESS, Phase.FAILED: FAILED}
"""The order of a job's statuses, by phase."""


@dataclass(slots=True)
class Job:
    """One accepted submit."""

    id: str
    operation: str
    account: str
    spec: JobSpec
    ours: bool = True
    """Whether the promises of the face swap pages apply to it."""
    job_id: str = ""
    url: str = ""
    submitted: float = 0.0
    number: int = 0
    webhook: str = ""
    video: bool = False
    status: int = 0
    """One of `RANKS`; 0: none that the contract names was seen."""
    seen_with: int = 0
    """Which round of requests brought the status."""
    finished: float = 0.0
    listed: bool = False
    given_up: bool = False
    """A wait for it has ended without result."""
    deleted: bool = False
    deleted_at: float = 0.0
    deleted_with: int = 0
    """Which round of requests deleted it."""
    delete_unclear: bool = False
    created: str | int = ""
    url_listed: bool = False
    owner: dict[str, Any] = field(default_factory=dict)
    clocks: list[float] = field(default_factory=list)
    """The times of all known clocks at the submit."""

    @property
    def done(self) -> bool:
        """Whether the job was seen finished, either way."""
        return self.status in FINAL

    @property
    def may_be_gone(self) -> bool:
        """Whether a delete named it, answered well or not: nothing of it is promised any more."""
        return self.deleted or self.delete_unclear


def same_file(one: str, other: str) -> bool:
    """Whether two addresses are the same but for the query, where a signature is new each time."""
    return one.partition("?")[0] == other.partition("?")[0]
