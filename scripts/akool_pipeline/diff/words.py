"""Words: texts, examples, and details that bind nobody.

A vendor may change what an API means by its prose alone. So a change of words that says what must
be, what is allowed or how many is told apart from other words, with both texts.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.diff.model import Severity
from akool_pipeline.documents.pointer import join, split
from akool_pipeline.documents.values import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from akool_pipeline.diff.reading import Node
    from akool_pipeline.diff.visit import Visit

    Placed = tuple[Any, str]
    """A value and its pointer."""

TEXTS: Final = frozenset({"description", "summary", "title"})
EXAMPLES: Final = frozenset({"example", "examples"})

_BINDING: Final = re.compile(
    r"\b(?:must|required|requires?|only|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million)\b"
    r"|(?<![\w.])\d",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"https?://\S+")
_QUOTED: Final = re.compile(r"`([^`]+)`|\"([^\"]+)\"|'([^']+)'")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+|\s*\n\s*\n\s*|\n\s*(?=[-*|#])")
_LONGEST: Final = 60
_CONTEXT: Final = 2
_MOST_PLACES: Final = 4


def placed(node: Node, key: str) -> list[Placed]:
    """What stands under `key`, with its place; nothing if nothing does."""
    return [(node.value[key], node.at(key))] if key in node.value else []


def texts(
    visit: Visit,
    keyword: str,
    before: Iterable[Placed],
    after: Iterable[Placed],
    values: Collection[str] = (),
) -> None:
    """Report every text that came, went or changed; `values` are those that it may speak of.

    Where there are several on a side, equal ones belong together, then those at one place, then
    the others in their order. How a text is broken into lines does not matter.
    """
    for old, new, place in matched(before, after, _words):
        was, now = (None if side is None else str(side[0]) for side in (old, new))
        visit.add(
            Severity.READ if binds(visit, was, now, values) else Severity.DOCUMENTATION,
            "text-changed",
            place,
            f"{keyword} {_told(was, now)}",
            before=was,
            after=now,
        )


def matched(
    before: Iterable[Placed], after: Iterable[Placed], same: Callable[[Any], str] = canonical
) -> Iterator[tuple[Placed | None, Placed | None, str]]:
    """Pairs of what differs: equal values are left out, then places decide, then order.

    With the place to point to: the new one, or the old one of what is gone.
    """
    left, right = list(before), list(after)
    equal = Counter(same(value) for value, _ in left) & Counter(same(value) for value, _ in right)
    left, right = (_without(side, Counter(equal), same) for side in (left, right))
    by_place = {place: (value, place) for value, place in right}
    rest: list[Placed] = []
    for one in left:
        other = by_place.pop(one[1], None)
        if other is None:
            rest.append(one)
        else:
            yield one, other, other[1]
    others = list(by_place.values())
    yield from ((one, other, other[1]) for one, other in zip(rest, others, strict=False))
    yield from ((one, None, one[1]) for one in rest[len(others) :])
    yield from ((None, other, other[1]) for other in others[len(rest) :])


def _without(
    side: Sequence[Placed], equal: Counter[str], same: Callable[[Any], str]
) -> list[Placed]:
    kept = []
    for value, place in side:
        key = same(value)
        if equal[key] > 0:
            equal[key] -= 1
        else:
            kept.append((value, place))
    return kept


def _words(text: object) -> str:
    return " ".join(str(text).split())


def binds(visit: Visit, before: str | None, after: str | None, values: Collection[str]) -> bool:
    """Whether the sentences that changed say what must be, what is allowed, or how many.

    A sentence does if it holds `must`, `required`, `only`, a number, one of `values`, or in quotes
    a value of any enum of the two documents.
    """
    one, other = (Counter(_sentences(text or "")) for text in (before, after))
    changed = " \n".join([*(one - other), *(other - one)])
    if _BINDING.search(_ADDRESS.sub("", changed)):
        return True
    known = visit.old.enum_values | visit.new.enum_values
    if any(next(filter(None, groups)) in known for groups in _QUOTED.findall(changed)):
        return True
    return any(
        re.search(rf"(?<!\w){re.escape(value)}(?!\w)", changed, re.IGNORECASE)
        for value in values
        if len(value) > 1
    )


def _sentences(text: str) -> list[str]:
    return [_words(part) for part in _SENTENCE_END.split(text) if part.strip()]


def _told(before: str | None, after: str | None) -> str:
    if before is None:
        return f"added: {_cut((after or '').split())}"
    if after is None:
        return f"removed: {_cut(before.split())}"
    one, other = before.split(), after.split()
    shorter = min(len(one), len(other))
    start = next((i for i in range(shorter) if one[i] != other[i]), shorter)
    end = next((i for i in range(shorter - start) if one[-1 - i] != other[-1 - i]), shorter - start)
    start, end = max(start - _CONTEXT, 0), max(end - _CONTEXT, 0)
    was, now = (_cut(side[start : len(side) - end]) for side in (one, other))
    return f"changed: {was} became {now}"


def _cut(words: Sequence[str]) -> str:
    text = " ".join(words)
    return f"“{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}”"


def examples(visit: Visit, before: Iterable[Placed], after: Iterable[Placed]) -> None:
    """Report every example that came, went or changed, in one line each."""
    for old, new, place in matched(before, after):
        if old is None or new is None:
            told = "added" if old is None else "removed"
        else:
            places = [place or "/" for place, _, _ in _differences(old[0], new[0], "")]
            more = len(places) - _MOST_PLACES
            told = f"changed at {', '.join(places[:_MOST_PLACES])}"
            told += f" and {more} more" if more > 0 else ""
        visit.add(Severity.DOCUMENTATION, "example-changed", place, f"example {told}")


def details(visit: Visit, before: Node, after: Node, known: Collection[str] = ()) -> None:
    """Report what differs under keys that no rule knows, as documentation."""
    for key in sorted((before.value.keys() | after.value.keys()) - set(known)):
        detail(visit, key, before, after)


def detail(visit: Visit, key: str, before: Node, after: Node) -> None:
    """Report what differs under one key that no rule knows, as documentation."""
    if key in TEXTS:
        texts(visit, key, placed(before, key), placed(after, key))
        return
    if key == "example":
        examples(visit, placed(before, key), placed(after, key))
        return
    was, now = (_stated(node, key) for node in (before, after))
    for place, one, other in _differences(was, now, ""):
        owner = before if other is _ABSENT else after
        pointer = owner.at(key) + place
        name = key if not place else split(place)[-1]
        if name in TEXTS and all(isinstance(v, str) or v is _ABSENT for v in (one, other)):
            was_text, now_text = ([] if v is _ABSENT else [(v, pointer)] for v in (one, other))
            texts(visit, name, was_text, now_text)
        else:
            visit.add(Severity.DOCUMENTATION, "detail-changed", pointer, _line(name, one, other))


_ABSENT: Final = object()
_FALSE_SAYS_NOTHING: Final = frozenset({"allowReserved", "deprecated"})


def _stated(node: Node, key: str) -> Any:  # noqa: ANN401 - any JSON value
    value = node.value.get(key, _ABSENT)
    return _ABSENT if value is False and key in _FALSE_SAYS_NOTHING else value


def _differences(old: Any, new: Any, place: str) -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401 - JSON
    """The smallest parts that differ; lists of different lengths differ as a whole."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _differences(old.get(key, _ABSENT), new.get(key, _ABSENT), join(place, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, pair in enumerate(zip(old, new, strict=True)):
            yield from _differences(*pair, join(place, index))
    elif _ABSENT in (old, new):
        if old is not new:
            yield place, old, new
    elif canonical(old) != canonical(new):
        yield place, old, new


def _line(name: str, before: Any, after: Any) -> str:  # noqa: ANN401 - any JSON value
    if before is _ABSENT:
        return f"{name} added{_value(after)}"
    if after is _ABSENT:
        return f"{name} removed{_value(before)}"
    if isinstance(before, dict | list) or isinstance(after, dict | list):
        return f"{name} changed"
    return f"{name} changed: {_scalar(before)} became {_scalar(after)}"


def _value(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return "" if isinstance(value, dict | list) else f": {_scalar(value)}"


def _scalar(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return _cut(value.split()) if isinstance(value, str) else canonical(value)
