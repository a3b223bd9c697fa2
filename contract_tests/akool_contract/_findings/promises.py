"""What the contract promises about a run's own jobs. The ledger checks it."""

from __future__ import annotations

from akool_contract._findings.registry import Clause, clause


def _promise(name: str, text: str) -> Clause:
    """A clause that only a run's own jobs can test."""
    return clause(name, name.partition(".")[0], text, needs=("submit", "state"))


UNIQUE = _promise("state.ids-are-unique", "Every submit gets its own _id and job_id.")
OWN_URL = _promise("state.urls-are-unique", "Every job has its own result url.")
ONLY_ASKED = _promise(
    "state.only-what-was-asked",
    "A result list holds only the results of the ids that were asked for.",
)
UNKNOWN = _promise(
    "state.unknown-ids-left-out", "A result list has no id that no submit has returned."
)
TWICE = _promise("state.no-item-twice", "A result is listed at most as often as it was asked for.")
LISTED = _promise(
    "state.submitted-is-listed",
    "A submitted job is listed by its _id until it is deleted.",
)
DELETED = _promise(
    "state.deleted-stays-deleted", "Deletion is irreversible: a deleted result is gone."
)
FORWARD = _promise(
    "state.status-goes-forward", "faceswap_status goes 1, 2, then 3 or 4, and never back."
)
SAME_URL = _promise(
    "state.url-is-kept",
    "The url that the submit returned, or that was listed first, stays the same.",
)
SAME_TIME = _promise("state.created-is-kept", "createdAt of a job does not change.")
SAME_OWNER = _promise("state.owner-is-kept", "userId and uid are the caller's, on every result.")
SAME_JOB = _promise("state.job-id-is-kept", "A listed job_id is the one that the submit returned.")
IN_ORDER = _promise(
    "state.created-in-order", "A job submitted later is not listed as created earlier."
)
TIMELY = _promise(
    "state.created-is-the-submit", "createdAt is the time at which the job was created."
)
DONE_URL = _promise("state.success-has-url", "At status 3 the result url is available.")
FOREIGN = _promise(
    "isolation.results-are-private",
    "An account sees its own results and nobody else's.",
)
