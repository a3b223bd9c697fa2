"""The book that a merge keeps: what was met where, what stands against it, what was left out.

Nothing is ever won by coming last. What two fragments say differently on the wire is a conflict;
what they say in other words is taken from the one that comes first, and the other's words are
listed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from akool_pipeline.documents import words
from akool_pipeline.documents.pointer import join
from akool_pipeline.errors import Problem

if TYPE_CHECKING:
    from akool_pipeline.building.fragments import Fragment

_SHOWN: Final = 80
"""Most characters of a value that a message shows; the place says where the rest is."""


class Found(NamedTuple):
    """A part of a fragment.

    Attributes:
        fragment: The fragment.
        place: Pointer to the part, there.
        value: The part itself.
    """

    fragment: Fragment
    place: str
    value: Any

    def at(self, below: str = "") -> str:
        """File and line, as messages write them; of the part, or of something in it."""
        name, line = self.fragment.source.locate(self.place + below)
        return name if line is None else f"{name}:{line}"

    def problem(self, message: str, below: str = "") -> Problem:
        """Something to say about the part, or about something in it."""
        place = self.place + below
        return Problem(message, *self.fragment.source.locate(place), place)


@dataclass(slots=True)
class MergeRecord:
    """What a merge has found so far.

    Attributes:
        problems: Conflicts.
        notes: What was left out, and what was taken in its place.
    """

    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    _first: dict[tuple[str, ...], Found] = field(default_factory=dict)
    _origins: dict[str, Found] = field(default_factory=dict)

    def conflict(self, what: str, first: Found, found: Found) -> None:
        """Report that `found` stands against what was `first`."""
        self.problems.append(found.problem(f"conflict with {first.at()}: {what}"))

    def note(self, message: str, found: Found, below: str = "") -> None:
        """List a part that the merged document does not hold."""
        self.notes.append(found.problem(message, below))

    def first(self, key: tuple[str, ...], found: Found) -> Found:
        """Whatever came first under `key`: `found`, or what was met before."""
        return self._first.setdefault(key, found)

    def share(self, key: tuple[str, ...], found: Found, kind: str) -> bool:
        """Whether `found`, an object of `kind`, is the first under `key`, and so the one to take.

        A later one is compared with the first: other words are listed, another wire is a conflict.
        """
        first = self.first(key, found)
        if first is found:
            return True
        if words.same_on_the_wire(first.value, found.value, kind):
            self.list_words(first, found, kind)
            return False
        there, here = (words.wire(value, kind) for value in (first.value, found.value))
        where, one, other = next(words.differences(there, here, kind))
        name = " ".join(key).removeprefix("components ")
        self.conflict(
            f"{name} is defined differently: here {shown(other)} ({found.at(where)}), "
            f"there {shown(one)} ({first.at(where)})" + (f", at {where}" if where else ""),
            first,
            found,
        )
        return False

    def list_words(self, taken: Found, left: Found, kind: str) -> None:
        """List where `left`, which means the same as `taken`, is written differently."""
        for where, one, other in words.differences(taken.value, left.value, kind):
            self.note(
                f"left out {shown(other)}, taken {shown(one)} of {taken.at(where)}", left, where
            )

    def place(self, merged: str, found: Found) -> None:
        """Remember that what stands at `merged` in the merged document is `found`."""
        self._origins.setdefault(merged, found)

    def take(self, into: dict[str, Any], key: tuple[str, ...], found: Found, kind: str) -> None:
        """Put `found` into the merged document, at `key`, unless another came first."""
        if self.share(key, found, kind):
            into[key[-1]] = found.value
            self.place(join("", *key), found)

    def origin(self, merged: str) -> Found | None:
        """What a place of the merged document comes from; with the place in the fragment."""
        prefix = merged
        while prefix:
            found = self._origins.get(prefix)
            if found is not None:
                return found._replace(place=found.place + merged[len(prefix) :])
            prefix = prefix.rpartition("/")[0]
        return None


def shown(value: object) -> str:
    """A value as a message shows it: cut where it is long, `nothing` where there is none."""
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
