"""Between reading the manifest and the first request: what there is to do, and what it will cost.

Pure, but for two looks at the output folder.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from akool_batch.budget import price_of
from akool_batch.names import file_stem, same_name
from akool_batch.states import BY_HAND, Change, Entry, State
from akool_batch.swaps import SUFFIXES, Kind
from akool_faceswap._errors import InvalidRequestError
from akool_faceswap._http.files import MARKER_CHARS
from akool_faceswap._models.job_kind import clean_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from akool_batch.manifest import Row


_PART = re.compile(r"\.(?P<marker>.+)\.[0-9a-f]{12}\.part")
AGAIN = "again"
LOST = "lost"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the rows that are still to be sent will probably cost."""

    rows: int
    credits: float
    by_kind: Mapping[str, tuple[int, float]]
    """By kind: number of rows, and their credits."""
    unknown_lengths: int
    """Videos without `seconds`: counted as one step each, so the sum is a lower bound."""
    repeated: int
    """Rows with the same request as an earlier row."""


def estimate(rows: Sequence[Row], prices: Mapping[Kind, float]) -> Estimate:
    """The estimate for these rows."""
    counts: Counter[str] = Counter(row.swap.kind for row in rows)
    costs: Counter[str] = Counter()
    for row in rows:
        costs[row.swap.kind] += price_of(row.swap, prices)  # type: ignore[assignment]  # a Counter of floats
    unknown = sum(row.swap.kind is Kind.VIDEO and row.swap.seconds is None for row in rows)
    return Estimate(
        rows=len(rows),
        credits=float(sum(costs.values())),
        by_kind={kind: (counts[kind], float(costs[kind])) for kind in counts},
        unknown_lengths=unknown,
        repeated=len(rows) - len({row.swap.digest for row in rows}),
    )


def settle(entries: Sequence[Entry], orders: Iterable[str]) -> list[Change]:
    """The changes that `--resolve ROW=OUTCOME` asks for.

    OUTCOME is the id of the row's job if it was accepted, `again` to send it (again), or `lost` to
    give it up.

    Raises:
        InvalidRequestError: There is no such row, or it needs no decision of this kind.
    """
    known = {entry.key: entry for entry in entries}
    changes: dict[str, Change] = {}
    for order in orders:
        key, equals, outcome = order.rpartition("=")
        entry = known.get(key)
        if not equals or entry is None:
            raise InvalidRequestError(f"--resolve {order}: write ROW=ID, ROW=again or ROW=lost")
        if key in changes:
            raise InvalidRequestError(f"--resolve names row {key} twice")
        changes[key] = _settled(entry, outcome)
    return list(changes.values())


def _settled(entry: Entry, outcome: str) -> Change:
    if outcome == AGAIN:
        # A request that never arrived cost nothing; a failed job was paid for.
        refund = entry.price if entry.state is State.UNCERTAIN else 0.0
        change = Change(entry.key, State.PLANNED, price=-refund, note="by hand: send it again")
    elif outcome == LOST:
        change = Change(entry.key, State.LOST, note="by hand: given up")
    else:
        note = "by hand: it was accepted"
        change = Change(entry.key, State.SUBMITTED, job_id=clean_id(outcome), note=note)
    if entry.state not in BY_HAND[change.to]:
        raise InvalidRequestError(
            f"--resolve {entry.key}={outcome}: the row is {entry.state}, which "
            "cannot be settled like that"
        )
    return change


def missing_files(entries: Iterable[Entry], out: Path) -> list[Change]:
    """Rows whose file is missing or not whole: it can be fetched again."""
    return [
        Change(entry.key, State.FINISHED, note="its file was missing or cut short")
        for entry in entries
        if entry.state is State.SAVED and _size(out / (entry.file or "")) != entry.size
    ]


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def unexplained(out: Path, keys: Iterable[str]) -> list[str]:
    """Names of files in the folder that look like results of these rows."""
    stems = {same_name(file_stem(key)) for key in keys}
    return sorted(
        path.name
        for path in out.iterdir()
        if path.suffix.lower() in SUFFIXES and same_name(path.stem) in stems
    )


def sweep(out: Path, keys: Iterable[str]) -> int:
    """Remove the partial files of killed downloads of these rows; returns how many."""
    names = [f"{file_stem(key)}{suffix}" for key in keys for suffix in SUFFIXES]
    markers = {name[:MARKER_CHARS] for name in [*names, "report.csv", "report.html"]}
    removed = 0
    for path in out.glob(".*.part"):
        found = _PART.fullmatch(path.name)
        if found is not None and found["marker"] in markers:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
