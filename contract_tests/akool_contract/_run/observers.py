"""Observers of a whole run: they are notified of events, and may send requests of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from akool_contract._findings.job import Job


class Observer:
    """Does nothing; an observer overrides the events that it wants."""

    def looked(self) -> None:
        """Between two looks at jobs that are waited for."""

    def ended(self, job: Job) -> None:
        """A job that is waited for was seen finished just now."""

    def checked(self, what: str) -> None:
        """A check, or a part of one, is over: `what` names it."""


class Observers(Observer):
    """Several observers as one, notified in their order."""

    def __init__(self) -> None:
        self.each: list[Observer] = []

    def looked(self) -> None:
        for observer in self.each:
            observer.looked()

    def ended(self, job: Job) -> None:
        for observer in self.each:
            observer.ended(job)

    def checked(self, what: str) -> None:
        for observer in self.each:
            observer.checked(what)
