"""Fault rules: faults that apply to every matching request until they are removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akool_mock._world.directives import NONE, parse
from akool_mock._world.settings import MockError

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping
    from typing import Self


_TEXT = (str,), "a text"
_CONDITIONS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "fault": _TEXT,
    "operation": _TEXT,
    "account": _TEXT,
    "job": _TEXT,
    "times": ((int, type(None)), "a whole number"),
    "after": ((int,), "a whole number"),
    "probability": ((int, float), "a number"),
}


class Rule:
    """A fault rule: the same directives for each matching request.

    Args:
        fault: directives, as in the header.
        operation: only this operationId.
        account: only this clientId.
        job: only requests whose path or query names this job.
        times: only this many requests; None: all.
        after: skip this many matching requests first.
        probability: share of the matching requests that it applies to, drawn from the seed.

    Raises:
        MockError: the directives or the numbers make no sense.
    """

    __slots__ = (
        "account",
        "after",
        "directives",
        "fault",
        "id",
        "job",
        "operation",
        "probability",
        "times",
    )

    def __init__(  # noqa: PLR0913 - the conditions of a rule
        self,
        fault: str,
        *,
        operation: str = "",
        account: str = "",
        job: str = "",
        times: int | None = None,
        after: int = 0,
        probability: float = 1.0,
    ) -> None:
        self.directives = parse(fault)
        if self.directives == NONE:
            raise MockError("a fault rule needs a fault, such as http=502")
        if not 0 <= probability <= 1:
            raise MockError(f"probability is a share from 0 to 1, not {probability}")
        if after < 0 or (times is not None and times < 1):
            raise MockError("after counts from 0, times from 1")
        self.fault = fault
        self.id = 0
        self.operation = operation
        self.account = account
        self.job = job
        self.times = times
        self.after = after
        self.probability = probability

    @classmethod
    def from_json(cls, sent: Mapping[str, Any]) -> Self:
        """A rule from its JSON.

        Raises:
            MockError: it makes no sense.
        """
        for name, value in sent.items():
            if name not in _CONDITIONS:
                raise MockError(f"a fault has {', '.join(_CONDITIONS)}; not {name!r}")
            kinds, words = _CONDITIONS[name]
            if not isinstance(value, kinds) or isinstance(value, bool):
                raise MockError(f"a fault's {name} is {words}, not {value!r}")
        if "fault" not in sent:
            raise MockError("a fault rule needs a fault, such as http=502")
        return cls(**sent)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """A rule from what `as_json` made of it, with its number."""
        said = dict(record)
        number = said.pop("id")
        rule = cls(**said)
        rule.id = number
        return rule

    def fits(self, operation: str, account: str, target: bytes) -> bool:
        """Whether it applies to such a request."""
        return (
            (not self.operation or self.operation == operation)
            and (not self.account or self.account == account)
            and (not self.job or self.job.encode() in target)
        )

    def as_json(self) -> dict[str, Any]:
        """The rule as the control plane shows it."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "directives"}


class Faults:
    """The fault rules in force, in the order in which they were added.

    Attributes:
        rules: the rules.
        last_number: number of the rule that was added last; numbers are never used again.
    """

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.last_number = 0

    def add(self, rule: Rule) -> None:
        """Add a rule and number it."""
        self.last_number += 1
        rule.id = self.last_number
        self.rules.append(rule)

    def drop(self, number: int | None = None) -> None:
        """Remove the rule of that number, or all."""
        self.rules = [rule for rule in self.rules if number is not None and rule.id != number]

    def restore(self, records: Iterable[Mapping[str, Any]], last_number: int) -> None:
        """Restore rules from `as_json`, with their numbers."""
        self.rules = [Rule.from_record(record) for record in records]
        self.last_number = last_number

    def as_json(self) -> list[dict[str, Any]]:
        """The rules as the control plane shows them and the state file keeps them."""
        return [rule.as_json() for rule in self.rules]

    def due(
        self, operation: str, account: str, target: bytes, rng: random.Random
    ) -> tuple[list[Rule], bool]:
        """The rules that apply to a request, and whether a rule counted it."""
        due, counted = [], False
        for rule in self.rules:
            if not rule.fits(operation, account, target):
                continue
            counted = counted or rule.after > 0 or rule.times is not None
            if rule.after:
                rule.after -= 1
            elif rule.probability >= 1 or rng.random() < rule.probability:
                due.append(rule)
                if rule.times is not None:
                    rule.times -= 1
        if any(rule.times == 0 for rule in due):
            self.rules = [rule for rule in self.rules if rule.times != 0]
        return due, counted
