"""The checks that make requests of their own: what each needs, when it runs, what it may spend."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum, auto
from typing import TYPE_CHECKING, TypeVar

from akool_contract._findings.registry import Clause, clause

if TYPE_CHECKING:
    from akool_contract._run.observers import Observer
    from akool_contract._run.run import Run
    from akool_contract._wire.contract import Shape

CheckFn = Callable[["Run"], None]
_F = TypeVar("_F", bound="CheckFn")
_O = TypeVar("_O", bound="Callable[[Run], Observer]")


class Stage(IntEnum):
    """The parts of a run, in their order. Within one, checks run as they stand in the files."""

    CREDENTIALS = auto()
    """Credentials: later checks use the token that is fetched here."""
    FIRST_JOBS = auto()
    """Submits the jobs that later checks wait for, early, so that they have time to end."""
    FIRST_LOOKS = auto()
    """Must see those jobs before they are done."""
    FREE = auto()
    """Reads and refusals: free of charge."""
    LIMITS = auto()
    """Bodies at the documented limits, picked by hand."""
    GENERATED = auto()
    """Generated bodies: after the picked ones, which need credits first."""
    PRICES = auto()
    """What a job costs, measured while nothing else goes on; later checks use it."""
    ACCOUNTS = auto()
    """Two accounts, side by side."""
    ENDINGS = auto()
    """Waits for the first jobs; afterwards it is known how long jobs take."""
    MANY_JOBS = auto()
    """Submits, lists and deletes many."""
    RESULTS = auto()
    """Files and webhooks of jobs that have ended."""
    WHOLE_LIVES = auto()
    """Jobs from submit to deletion, with the client, and their price."""
    LAST = auto()
    """Checks that look back at the whole run, or use up the credits that are left."""
    LATER = auto()
    """Looks at everything once more, some time after it was done."""

    @property
    def together(self) -> int:
        """Stages of the same number may run side by side; 0: its checks follow each other.

        Credentials come first, because later checks use the token; what looks back comes last.
        Requests that must be refused come before most paid ones: with more budget left, more of
        them may be sent at once.
        """
        if self in (Stage.CREDENTIALS, Stage.LATER):
            return 0
        return 1 + (self > Stage.GENERATED) + (self is Stage.LAST)


@dataclass(frozen=True, slots=True)
class Check:
    """A check that makes requests.

    Attributes:
        clause: the promise that it holds the target to.
        fn: the check itself.
        needs: capabilities of the target, by name.
        operations: at least one of these must be served; empty: it finds out itself. By shape,
            and by name only if the rule is face swap's own.
        together: all of them must be served.
        shows: clauses, or layers, that it is there to test. A violation of one of them while it
            runs is its own failure too. None: it reports under its own name.
        stage: when it runs.
        share: the part of the whole credit budget that it may use up.
        purse: nothing else may spend while it runs: it compares the credit before and after.
    """

    clause: Clause
    fn: CheckFn
    needs: frozenset[str]
    operations: tuple[Shape | str, ...]
    stage: Stage
    share: float
    together: bool = False
    shows: tuple[str, ...] = ()
    purse: bool = False

    @property
    def place(self) -> tuple[Stage, str, int]:
        """Where it comes in a run."""
        return self.stage, self.fn.__module__, self.fn.__code__.co_firstlineno

    def shows_clause(self, name: str) -> bool:
        """Whether a broken clause is one that this check is there to show."""
        return name in self.shows or name.partition(".")[0] in self.shows


CHECKS: list[Check] = []
OBSERVERS: list[Callable[[Run], Observer]] = []
"""Made once for each run; they observe it."""


def check(  # noqa: PLR0913 - what there is to say about a check
    name: str,
    layer: str,
    text: str,
    *,
    stage: Stage,
    needs: Iterable[str] = (),
    operations: Iterable[Shape | str] = (),
    share: float = 1.0,
    together: bool = False,
    shows: Iterable[str] = (),
    purse: bool = False,
) -> Callable[[_F], _F]:
    """Registers a check that makes requests."""

    def register(fn: _F) -> _F:
        promise = clause(name, layer, text)
        named = tuple(operations)
        CHECKS.append(
            Check(promise, fn, frozenset(needs), named, stage, share, together, tuple(shows), purse)
        )
        return fn

    return register


def observer(make: _O) -> _O:
    """Registers what looks on during every run."""
    OBSERVERS.append(make)
    return make


def in_order() -> list[Check]:
    """Every registered check, in the order of a run.

    Raises:
        RuntimeError: the checks are not imported; without any, every server would pass.
    """
    if not CHECKS:
        raise RuntimeError("no checks are registered: use akool_contract.suite")
    return sorted(CHECKS, key=lambda check: check.place)
