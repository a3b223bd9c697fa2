"""The list of checks: each a small named function with the sentence of the contract it enforces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from akool_contract._findings.answer import Answer


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found wrong with one answer.

    `cause` says which rule and field is broken, the same for every answer. Default: what was
    expected, without the ids, numbers and addresses in it.
    """

    expected: str
    seen: str
    cause: str = ""

    @property
    def why(self) -> str:
        """The cause, for telling one violation of a check from another."""
        return self.cause or " ".join(VARYING.sub("*", self.expected).split())[:MAX_CAUSE]


@dataclass(frozen=True, slots=True)
class Clause:
    """A named promise of the contract. `text` is our wording of the documented sentence.

    `needs` names the capabilities of a target without which it cannot be tested.
    """

    name: str
    layer: str
    text: str
    needs: tuple[str, ...] = ()


PassiveFn = Callable[["Answer"], "Iterable[Finding]"]
Found = tuple[str, Finding | None]
"""A clause that was tested, and the violation; None: it was kept."""
JudgeFn = Callable[["Answer"], "Iterable[Found]"]
VARYING = re.compile(r"https?://\S+|'[^']*'|\"[^\"]*\"|\S*\d\S*")
"""What differs between two answers that break the same rule in the same place."""
MAX_CAUSE = 120
_P = TypeVar("_P", bound="PassiveFn")
_J = TypeVar("_J", bound="JudgeFn")


@dataclass(frozen=True, slots=True)
class Passive:
    """A check that looks at every single answer."""

    clause: Clause
    fn: PassiveFn
    of: frozenset[str]
    """Operations whose answers it checks; empty: all."""
    when: Callable[[Answer], bool]
    """Whether an answer tests the clause: only such answers count."""


LAYERS = ("wire", "schema", "rules", "auth", "credits", "isolation", "state", "side", "client")
"""In the order of a report."""
CLAUSES: dict[str, Clause] = {}
PASSIVE: list[Passive] = []
JUDGES: list[JudgeFn] = []
"""Functions over every answer that find violations of several clauses."""


def clause(name: str, layer: str, text: str, needs: Iterable[str] = ()) -> Clause:
    """Registers a clause that several places can find broken; the name must be new."""
    if layer not in LAYERS:
        raise ValueError(f"check {name!r} is of no known layer: {layer}")
    if name in CLAUSES:
        raise ValueError(f"check {name!r} is registered twice")
    CLAUSES[name] = Clause(name, layer, text, tuple(needs))
    return CLAUSES[name]


def _always(_answer: Answer) -> bool:
    return True


def passive(
    name: str,
    layer: str,
    text: str,
    *,
    of: Iterable[str] = (),
    when: Callable[[Answer], bool] = _always,
) -> Callable[[_P], _P]:
    """Registers a check over every answer, or over those that `of` and `when` select."""

    def register(fn: _P) -> _P:
        PASSIVE.append(Passive(clause(name, layer, text), fn, frozenset(of), when))
        return fn

    return register


def judge(fn: _J) -> _J:
    """Registers a function over every answer that names the clause itself."""
    JUDGES.append(fn)
    return fn
