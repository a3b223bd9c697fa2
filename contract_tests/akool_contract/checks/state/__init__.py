"""Stories of jobs over several calls: face swap's own, and those that any contract describes."""

from akool_contract.checks.state import any_job, face_swap

__all__ = ["any_job", "face_swap"]
