"""What a program did while it ran against the simulator, in a few lines. Pure."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from akool_openapi.operations import MISSING, at, operations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from akool_mock._world.journal import Entry
    from akool_openapi.operations import Envelope

__all__ = ["summary"]

MAX_LINES = 40
"""Most lines of each sort that are shown."""
HTTP_BAD = 400


def summary(
    contract: Mapping[str, Any],
    entries: Iterable[Entry],
    refused: Mapping[str, int],
    dropped: int = 0,
) -> list[str]:
    """One line for each thing that was called, and for each that was refused.

    Args:
        contract: what says whether an answer is a refusal.
        entries: the requests, oldest first.
        refused: how often which host was asked for that is not the contract's.
        dropped: older requests that are not kept any more.
    """
    envelopes = {spec.name: spec.envelope for spec in operations(contract)}
    called: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for entry in entries:
        what = entry.operation or f"{entry.request.method} {entry.request.path}"
        called[what] += 1
        problem = _problem(entry, envelopes.get(entry.operation))
        if problem:
            wrong[f"{what}: {problem}"] += 1
    lines = ["akool-faceswap mock: nothing was called"] if not called else [_title(called, dropped)]
    lines += _lines("called", called)
    lines += _lines("refused", wrong)
    lines += _lines("not a host of the contract", Counter(dict(refused)))
    return lines


def _title(called: Counter[str], dropped: int) -> str:
    older = f", and {dropped} before them" if dropped else ""
    number = called.total()
    return f"akool-faceswap mock: {number} request{'' if number == 1 else 's'}{older}"


def _lines(label: str, counts: Counter[str]) -> Iterator[str]:
    for what, number in counts.most_common(MAX_LINES):
        yield f"  {label}: {what}" + (f" ({number} times)" if number > 1 else "")
    if len(counts) > MAX_LINES:
        yield f"  {label}: {len(counts) - MAX_LINES} more"


def _problem(entry: Entry, envelope: Envelope | None) -> str:
    """Why the answer is no success; empty if it is one."""
    try:
        body = json.loads(entry.response.body)
    except ValueError:
        body = None
    bad = entry.response.status >= HTTP_BAD
    if envelope is None or not isinstance(body, dict):
        return f"HTTP {entry.response.status}" if bad else ""
    if envelope.succeeded(body) and not bad:
        return ""
    parts = [at(body, place) for place in (envelope.code, envelope.text) if place is not None]
    told = " ".join(str(part) for part in parts if part is not MISSING)
    return told or f"HTTP {entry.response.status}"
