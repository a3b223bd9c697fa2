"""What is left of a comparison: differences that no rule of the wire has explained.

They are documentation: descriptions, examples, names, and parts of the contract that no operation
uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.building.fragments import METHODS
from akool_pipeline.diff.model import Change, Report, Severity
from akool_pipeline.documents.pointer import split
from akool_pipeline.documents.values import canonical, differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONGEST: Final = 60


def report_prose(
    old: dict[str, Any], new: dict[str, Any], changes: Iterable[Change], report: Report
) -> None:
    """Add a documentation change for every difference that `changes` does not cover."""
    known = {change.pointer for change in changes}
    prefixes = {prefix for pointer in known for prefix in _prefixes(pointer)}
    for place, before, after in differences(old, new):
        if place in prefixes or any(prefix in known for prefix in _prefixes(place)):
            continue
        report.operation = _operation(place, new) or _operation(place, old)
        report.add(Severity.DOCUMENTATION, _rule(place), place, _message(place, before, after))
    report.operation = ""


def _prefixes(pointer: str) -> Iterator[str]:
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]


def _operation(place: str, document: dict[str, Any]) -> str:
    parts = split(place)
    if len(parts) < 3 or parts[0] != "paths" or parts[2] not in METHODS:  # noqa: PLR2004 - path, method
        return ""
    data = document.get("paths", {}).get(parts[1], {}).get(parts[2], {})
    address = f"{parts[2].upper()} {parts[1]}"
    name = data.get("operationId") if isinstance(data, dict) else None
    return f"{name} ({address})" if name else address


def _rule(place: str) -> str:
    last = split(place)[-1]
    return "text-changed" if last in {"description", "summary", "title"} else "detail-changed"


def _message(place: str, before: Any, after: Any) -> str:  # noqa: ANN401 - any JSON value
    what = split(place)[-1]
    if before is None:
        return f"{what} added: {_short(after)}"
    if after is None:
        return f"{what} removed: {_short(before)}"
    return f"{what} changed: {_short(before)} became {_short(after)}"


def _short(value: Any) -> str:  # noqa: ANN401 - any JSON value
    text = " ".join(value.split()) if isinstance(value, str) else canonical(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
