"""Compare what limits a value: its size, its length, what it is a multiple of."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from akool_pipeline.diff.model import Effect
from akool_pipeline.diff.schema.views import View, place_of, types_of

if TYPE_CHECKING:
    from akool_pipeline.diff.visit import Visit

    Number = int | float
    Bound = tuple[Number, bool]
    """A limit of a number, and whether it excludes itself."""
    Tightness = tuple[Number, bool]
    """How much a limit refuses: more is tighter, whichever side it is on."""

LENGTHS: Final = (
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
    "minContains", "maxContains",
)  # fmt: skip


def compare(visit: Visit, one: View, other: View) -> None:
    """Compare all limits of two schemas."""
    _bounds(visit, one, other)
    _lengths(visit, one, other)
    _multiples(visit, one, other)
    _repeats(visit, one, other)


def _bounds(visit: Visit, one: View, other: View) -> None:
    for plain, sign in (("minimum", 1), ("maximum", -1)):
        before, after = (_bound(w, plain, sign) for w in (one, other))
        _limit(
            visit,
            _bound_place(one, other, plain),
            f"{plain} {_shown_bound(before)} became {_shown_bound(after)}",
            *(None if bound is None else (sign * bound[0], bound[1]) for bound in (before, after)),
        )


def _exclusive(plain: str) -> str:
    return f"exclusive{plain.capitalize()}"


def _bound(schema: View, plain: str, sign: int) -> Bound | None:
    """The strictest lower (`sign` 1) or upper (-1) bound; None if there is none.

    A flag beside the limit (OpenAPI 3.0) and a limit that excludes itself (3.1) read as one, and
    for integers more than 4 is at least 5.
    """
    found: list[Bound] = []
    for node in schema.nodes:
        value, exclusive = node.value.get(plain), node.value.get(_exclusive(plain))
        if _is_number(value):
            found.append((value, exclusive is True))
        if _is_number(exclusive):
            found.append((exclusive, True))
    if types_of(schema) <= {"integer", "null"}:
        found = [(_next_integer(sign * value, excluded=excluded) * sign, False)
                 for value, excluded in found]  # fmt: skip
    return max(found, key=lambda bound: (sign * bound[0], bound[1]), default=None)


def _next_integer(value: Number, *, excluded: bool) -> int:
    return math.floor(value) + 1 if excluded else math.ceil(value)


def _bound_place(one: View, other: View, plain: str) -> str:
    """Where the bound is written: under the keyword that differs, if only one does."""
    exclusive = _exclusive(plain)
    is_same = [v for v, _ in one.values(plain)] == [v for v, _ in other.values(plain)]
    is_there = bool(one.values(exclusive) or other.values(exclusive))
    return place_of(one, other, exclusive if is_same and is_there else plain)


def _shown_bound(bound: Bound | None) -> str:
    if bound is None:
        return "none"
    return f"{_plain(bound[0])}{' itself excluded' if bound[1] else ''}"


def _lengths(visit: Visit, one: View, other: View) -> None:
    for keyword in LENGTHS:
        sign = 1 if keyword.startswith("min") else -1
        before, after = (_length(w, keyword, sign) for w in (one, other))
        _limit(
            visit,
            place_of(one, other, keyword),
            f"{keyword} {_or_none(before)} became {_or_none(after)}",
            *(None if length is None else (sign * length, False) for length in (before, after)),
        )


def _length(schema: View, keyword: str, sign: int) -> Number | None:
    """The strictest value of a limit that counts something; None if there is none."""
    found = [value for value, _ in schema.values(keyword) if _is_number(value)]
    kept = [value for value in found if value > 0 or sign < 0]  # at least 0 says nothing
    return max(kept, key=lambda value: sign * value, default=None)


def _limit(
    visit: Visit, place: str, message: str, before: Tightness | None, after: Tightness | None
) -> None:
    """Report a limit that refuses more or less than it did; None refuses nothing."""
    if after is not None and (before is None or after > before):
        visit.effect(Effect.NARROWS, "limit-tightened", place, message)
    if before is not None and (after is None or after < before):
        visit.effect(Effect.WIDENS, "limit-loosened", place, message)


def _multiples(visit: Visit, one: View, other: View) -> None:
    before, after = (_multiple(w) for w in (one, other))
    if before == after:
        return
    if after is None or (before is not None and before % after == 0):
        effect = Effect.WIDENS
    elif before is None or after % before == 0:
        effect = Effect.NARROWS
    else:
        effect = Effect.SHIFTS
    place = place_of(one, other, "multipleOf")
    message = f"multipleOf {_or_none(before)} became {_or_none(after)}"
    visit.effect(effect, "multiple-changed", place, message)


def _multiple(schema: View) -> Fraction | None:
    """What numbers must be a multiple of, taken together; None if of nothing."""
    found = [Fraction(str(v)) for v, _ in schema.values("multipleOf") if _is_number(v) and v > 0]
    if not found:
        return None
    return Fraction(
        math.lcm(*(value.numerator for value in found)),
        math.gcd(*(value.denominator for value in found)),
    )


def _repeats(visit: Visit, one: View, other: View) -> None:
    was, now = (any(v is True for v, _ in w.values("uniqueItems")) for w in (one, other))
    if was != now:
        effect = Effect.NARROWS if now else Effect.WIDENS
        what = "items must differ" if now else "items may repeat"
        visit.effect(effect, "unique-items-changed", place_of(one, other, "uniqueItems"), what)


def _is_number(value: Any) -> TypeGuard[Number]:  # noqa: ANN401 - any JSON value
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _or_none(value: Number | Fraction | None) -> str:
    return "none" if value is None else _plain(value)


def _plain(value: Number | Fraction) -> str:
    """A number as people write it: 5 rather than 5.0, 0.25 rather than 1/4."""
    return str(int(value)) if value == int(value) else str(float(value))
