"""What the world tells of every change that may have to survive the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akool_mock._world.settings import MockError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from akool_mock._world.accounts import Account
    from akool_mock._world.clock import ClockState
    from akool_mock._world.jobs import Job


class StorageError(MockError):
    """Something could not be kept, so it did not happen."""


class Storage:
    """Keeps nothing: what happened is forgotten when the process ends.

    `StateFile` keeps it: each of its methods returns when the change would survive a kill.
    """

    def accepted(self, job: Job, account: Account) -> None:
        """A job was accepted, and its account charged."""

    def saved(self, job: Job) -> None:
        """A job has another plan, or another of its webhooks was sent."""

    def deleted(self, job: Job) -> None:
        """A job is gone."""

    def account(self, account: Account) -> None:
        """An account is new or was changed."""

    def faults(self, rules: Sequence[Mapping[str, Any]], last_number: int) -> None:
        """The fault rules are these, and this is the number of the latest."""

    def settings(self, changed: Mapping[str, Any]) -> None:
        """These settings differ from those of the start."""

    def clock(self, state: ClockState) -> None:
        """Mock time jumped, or runs otherwise."""

    def clear(self, seed: int, accounts: Iterable[Account]) -> None:
        """Everything was forgotten but a seed and the accounts of the start."""

    def close(self) -> None:
        """Nothing more will come."""
