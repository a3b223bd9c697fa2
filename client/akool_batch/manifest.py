"""Manifests: CSV, JSON Lines and Parquet files to rows, all faults found before anything is paid.

Reading is total: a file gives rows, or one `ManifestError` that lists what is wrong and where.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from akool_batch.names import file_stem, same_name
from akool_batch.swaps import NAMES, OWN, Kind, Swap, read_swap
from akool_faceswap._errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import TextIO


MAX_KEY_CHARS = 500
"""A longer name of a row is a mistake in the manifest."""
MAX_LISTED_FAULTS = 20
SEPARATORS = frozenset(";\t|")
"""Separators that spreadsheets of some countries use instead of the comma."""
PARQUET_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a manifest."""

    key: str
    """Names the row in journal, report and file, and never changes. Default: the line number."""
    line: int
    """Where it stands: line of a text file, row of a Parquet file; both from 1."""
    swap: Swap


class ManifestError(InvalidRequestError):
    """The manifest cannot be run as it is; nothing was sent. `faults` says what is wrong where."""

    def __init__(self, message: str, faults: Iterable[str] = ()) -> None:
        self.faults = list(faults)
        shown = [f"\n  {fault}" for fault in self.faults[:MAX_LISTED_FAULTS]]
        hidden = len(self.faults) - len(shown)
        more = f"\n  ... and {hidden} more" if hidden else ""
        super().__init__(message + "".join(shown) + more)


def read_manifest(path: Path, *, default_kind: Kind | None = None) -> list[Row]:
    """Every row of the file.

    Args:
        path: `.csv`, `.jsonl` (or `.ndjson`) or `.parquet`.
        default_kind: Kind of rows that do not name one.

    Raises:
        ManifestError: It cannot be read, a row is wrong, or two rows have the same name.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise ManifestError(
            f"{path.name}: a manifest is a file that ends in {', '.join(sorted(READERS))}"
        )
    try:
        records = list(reader(path))
    except UnicodeDecodeError as error:
        raise ManifestError(
            f"{path.name} is not UTF-8 text; save it as such (spreadsheets say `CSV UTF-8`)"
        ) from error
    except OSError as error:
        raise ManifestError(f"{path.name} cannot be read: {error}") from error
    if not records:
        raise ManifestError(f"{path.name} has no rows")
    return _rows(path, records, default_kind)


def _rows(path: Path, records: list[tuple[int, Any]], default_kind: Kind | None) -> list[Row]:
    rows: list[Row] = []
    faults: list[str] = []
    taken: dict[str, int] = {}
    for line, record in records:
        found = _row(line, record, default_kind, path.parent)
        if isinstance(found, Row):
            # Two names that differ in case only would be one file on many systems.
            first = taken.setdefault(same_name(file_stem(found.key)), line)
            found = found if first == line else [f"`key` {found.key} is that of line {first} too"]
        if isinstance(found, Row):
            rows.append(found)
        else:
            faults += [f"line {line}: {fault}" for fault in found]
    if faults:
        wrong = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
        raise ManifestError(f"{path.name} has {wrong}; nothing was sent:", faults)
    return rows


def _row(line: int, record: object, default_kind: Kind | None, folder: Path) -> Row | list[str]:
    if not isinstance(record, dict):
        return [str(record)]
    try:
        record = _by_lower_case(record)
    except ManifestError as error:
        return [str(error)]
    reading = read_swap(record, default_kind)
    if reading.swap is None:
        return reading.faults
    key = reading.key or str(line)
    if len(key) > MAX_KEY_CHARS:
        return [f"`key` is longer than {MAX_KEY_CHARS} characters"]
    try:
        swap = replace(reading.swap, folder=folder)
        swap.check()
    except InvalidRequestError as error:
        return [str(error)]
    return Row(key, line, swap)


def _by_lower_case(record: dict[Any, Any]) -> dict[str, Any]:
    """The record with column names as in `COLUMNS`: people and spreadsheets vary their case.

    Raises:
        ManifestError: Two names differ in case only.
    """
    found: dict[str, Any] = {}
    for name, value in record.items():
        plain = str(name).strip().lower()
        if plain and plain in found:
            raise ManifestError(f"the column `{plain}` occurs twice")
        found[plain] = value
    return found


def _read_csv(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        separator, skipped = _separator(file)
        reader = csv.reader(file, strict=True, delimiter=separator)
        begins = skipped + 1
        try:
            names = _column_names(path, next(reader, []))
            for cells in reader:
                line, values = skipped + reader.line_num, [cell.strip() for cell in cells]
                if any(values[len(names) :]):
                    yield begins + 1, "it has more cells than the first line has names"
                elif any(values):  # spreadsheets keep rows that were emptied, as `,,,,`
                    yield line, dict(zip(names, values, strict=False))
                begins = line
        except csv.Error as error:
            raise ManifestError(
                f"{path.name} cannot be read from line {begins + 1} on: {error}. A quotation mark "
                "that is never closed looks like this"
            ) from error


def _separator(file: TextIO) -> tuple[str, int]:
    """The separator, and how many lines declared it: Excel understands a line `sep=;`."""
    said = _SEPARATOR_LINE.fullmatch(file.readline().rstrip("\r\n"))
    if said is not None:
        return said[1], 1
    file.seek(0)
    return ",", 0


_SEPARATOR_LINE = re.compile(r'"?sep=([,;|\t])"?[,;|\t]*', re.IGNORECASE)


def _column_names(path: Path, cells: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    if len(names) == 1 and (separators := sorted(SEPARATORS & set(names[0]))):
        raise ManifestError(
            f"{path.name}: its columns are separated by {separators[0]!r}; save it with commas"
        )
    twice = [name for name, count in Counter(names).items() if name and count > 1]
    if twice:
        raise ManifestError(f"{path.name} names the column `{twice[0]}` twice")
    unknown = [name for name in names if name and name not in NAMES and not name.startswith(OWN)]
    if unknown:
        raise ManifestError(
            f"{path.name} has an unknown column: {', '.join(map(_with_hint, unknown))}. "
            f"Your own columns must begin with `{OWN}`"
        )
    return names


def _with_hint(name: str) -> str:
    meant = get_close_matches(name, NAMES, 1)
    return f"`{name:.80}`" + (f" (`{meant[0]}`?)" if meant else "")


def _read_json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open(encoding="utf-8-sig") as file:
        for line, text in enumerate(file, 1):
            if text.strip():
                yield line, _json_record(text.strip())


def _json_record(text: str) -> object:
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        return f"it is not JSON: {error.msg}, at character {error.pos + 1}"
    except (ValueError, RecursionError) as error:
        return f"it is not JSON: {error}"
    return record if isinstance(record, dict) else "it is not a JSON object"


def _read_parquet(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        from pyarrow import ArrowException  # noqa: PLC0415 - an extra
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise ManifestError(
            "Parquet manifests need an extra: pip install 'akool-faceswap[parquet]'"
        ) from None
    try:
        with ParquetFile(path) as file:
            batches = file.iter_batches(batch_size=PARQUET_BATCH)
            records = (record for batch in batches for record in batch.to_pylist())
            yield from enumerate(records, 1)
    except ArrowException as error:
        raise ManifestError(f"{path.name} is not a Parquet file: {error}") from error


READERS = {
    ".csv": _read_csv,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".parquet": _read_parquet,
}
"""File suffix to reader. A record is a mapping, or the error of the line."""
