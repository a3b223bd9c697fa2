"""The list of checks: each a small named function with the sentence of the contract it enforces."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from akool_contract._findings.answer import Answer


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found wrong with one answer."""

    expected: str
    seen: str


@dataclass(frozen=True, slots=True)
class Clause:
    """A named promise of the contract. `text` is our wording of the documented sentence."""

    name: str
    layer: str
    text: str


PassiveFn = Callable[["Answer"], "Iterable[Finding]"]
JudgeFn = Callable[["Answer"], "Iterable[tuple[str, Finding]]"]
_P = TypeVar("_P", bound="PassiveFn")
_J = TypeVar("_J", bound="JudgeFn")


@dataclass(frozen=True, slots=True)
class Passive:
    """A check that looks at every single answer."""

    clause: Clause
    fn: PassiveFn
    of: frozenset[str]
    """Operations whose answers it can find anything in; empty: any."""

    def concerns(self, operation: str) -> bool:
        """Whether an answer of this operation is one for this check."""
        return not self.of or operation in self.of


CLAUSES: dict[str, Clause] = {}
PASSIVE: list[Passive] = []
JUDGES: list[JudgeFn] = []
"""Functions over every answer that find breaches of several registered clauses."""


def clause(name: str, layer: str, text: str) -> Clause:
    """Registers a promise that several places can find broken; the name must be new."""
    if name in CLAUSES:
        raise ValueError(f"check {name!r} is registered twice")
    CLAUSES[name] = Clause(name, layer, text)
    return CLAUSES[name]


def passive(name: str, layer: str, text: str, *, of: Iterable[str] = ()) -> Callable[[_P], _P]:
    """Registers a check over every answer, or those of the operations named."""

    def register(fn: _P) -> _P:
        PASSIVE.append(Passive(clause(name, layer, text), fn, frozenset(of)))
        return fn

    return register


def judge(fn: _J) -> _J:
    """Registers a function over every answer that names the clause itself."""
    JUDGES.append(fn)
    return fn
