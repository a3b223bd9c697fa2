"""Where the world reports every change that a restart may have to restore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akool_mock._world.settings import MockError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from akool_mock._world.accounts import Account
    from akool_mock._world.clock import ClockState
    from akool_mock._world.jobs import Job


class StorageError(MockError):
    """Something could not be stored, so it was not done."""


class Storage:
    """Stores nothing: everything is forgotten when the process ends.

    `StateFile` stores it: each of its methods returns when the change would survive a kill.
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
        """Mock time jumped, or was frozen or resumed."""

    def clear(self, seed: int, accounts: Iterable[Account]) -> None:
        """Everything was reset; only this seed and the first accounts are left."""

    def close(self) -> None:
        """There will be no more changes."""
