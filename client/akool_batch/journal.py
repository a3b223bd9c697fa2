"""The journal: what was sent and what came back, on disk before anything depends on it.

SQLite with full synchronization, opened exclusively: two processes can never run one batch, and a
process that is killed leaves the file unlocked and whole. `apply` is the only writer of states and
one call is one transaction; it checks every step against the table of `states`.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from akool_batch.states import FROM, UNPAID, Change, Entry, State
from akool_faceswap._errors import AkoolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from akool_batch.manifest import Row


FORMAT = "akool-faceswap batch 1"
LOCK_WAIT_S = 1.0
"""How long opening waits for another process to let go."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS rows (
  key TEXT PRIMARY KEY, line INTEGER NOT NULL, kind TEXT NOT NULL, digest TEXT NOT NULL,
  state TEXT NOT NULL, job_id TEXT UNIQUE, url TEXT, file TEXT, size INTEGER,
  price REAL NOT NULL DEFAULT 0, code INTEGER, note TEXT
) STRICT, WITHOUT ROWID;
"""
_FIELDS = "key, line, kind, digest, state, job_id, url, file, size, price, code, note"
# A new state replaces code and note, which explain it, and keeps id, URL and file. A row that is
# planned again has none of them.
_STEP = """
UPDATE rows SET state = :to, price = price + :price, code = :code, note = :note,
  job_id = iif(:to = 'planned', NULL, coalesce(:job_id, job_id)),
  url = iif(:to = 'planned', NULL, coalesce(:url, url)),
  file = coalesce(:file, file), size = coalesce(:size, size)
WHERE key = :key AND state IN (SELECT value FROM json_each(:from))
"""


class JournalError(AkoolError):
    """The journal cannot be used, or does not fit the manifest, the account or the step."""


class Journal:
    """The journal of one batch. Threads may share it: they take turns."""

    def __init__(self, path: Path, target: str) -> None:
        """Open or create it. Rows that a dead process was sending become uncertain.

        Args:
            path: The SQLite file.
            target: The API that it belongs to.

        Raises:
            JournalError: Another process uses it, it is not a journal, or it has another target.
        """
        self.path = path
        # The sqlite3 module crashes if one thread closes a connection that another is using, as
        # happens when a run is interrupted while it writes.
        self._turn = threading.RLock()
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                path, timeout=LOCK_WAIT_S, isolation_level=None, check_same_thread=False
            )
        try:
            with self._translated():
                self._db.executescript(
                    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
                    "PRAGMA synchronous = FULL;"
                )
                with self._transaction():
                    for statement in _SCHEMA.strip().split(";\n"):
                        self._db.execute(statement)
                    self._claim("format", FORMAT, f"{path} is not a journal of this version")
                    self._claim(
                        "target", target,
                        f"{path} is the journal of a batch at another address",
                    )  # fmt: skip
                    self._db.execute(
                        "UPDATE rows SET state = ?, note = ? WHERE state = ?",
                        (
                            State.UNCERTAIN,
                            "the run ended while it was being sent",
                            State.SUBMITTING,
                        ),
                    )
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the file, after what is being written."""
        with self._turn:
            self._db.close()

    def adopt(self, rows: Sequence[Row]) -> None:
        """Add the rows of the manifest: new ones are planned, known ones must be unchanged.

        Rows that left the manifest are forgotten, unless something was sent for them.

        Raises:
            JournalError: A row was changed after it had been sent.
        """
        known = {entry.key: entry for entry in self.entries()}
        changed = [
            row
            for row in rows
            if (old := known.get(row.key))
            and old.digest != row.swap.digest
            and old.state not in UNPAID
        ]
        if changed:
            named = ", ".join(f"{row.key} (line {row.line})" for row in changed[:5])
            raise JournalError(
                f"{len(changed)} rows were changed after they had been sent: {named}. Give a "
                "changed row a new `key`, or undo the change"
            )
        wanted = {row.key for row in rows}
        gone = [(e.key,) for e in known.values() if e.key not in wanted and e.state in UNPAID]
        with self._translated(), self._transaction():
            self._db.executemany("DELETE FROM rows WHERE key = ?", gone)
            self._db.executemany(
                "INSERT INTO rows (key, line, kind, digest, state) VALUES (?, ?, ?, ?, 'planned') "
                "ON CONFLICT (key) DO UPDATE SET line = excluded.line, kind = excluded.kind, "
                "state = iif(digest = excluded.digest, state, 'planned'), digest = excluded.digest",
                [(row.key, row.line, row.swap.kind, row.swap.digest) for row in rows],
            )

    def apply(self, changes: Iterable[Change]) -> None:
        """Take all of these steps or none. They are on disk when this returns.

        Raises:
            JournalError: A step is not allowed, or the disk refuses.
        """
        with self._translated(), self._transaction():
            for change in changes:
                done = self._db.execute(
                    _STEP,
                    {
                        **{name: getattr(change, name) for name in Change.__slots__},
                        "from": _json_list(FROM[change.to]),
                    },
                )
                if done.rowcount != 1:
                    raise JournalError(f"Row {change.key} cannot become {change.to} now")

    def entries(self) -> list[Entry]:
        """Every row, in the order of the manifest."""
        with self._translated(), self._turn:
            found = self._db.execute(f"SELECT {_FIELDS} FROM rows ORDER BY line, key")  # noqa: S608 - a constant
            return [_entry(row) for row in found]

    def _claim(self, name: str, value: str, otherwise: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (name, value))
        found = self._db.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()[0]
        if found != value:
            raise JournalError(
                f"{otherwise} ({found}, not {value}): choose another file with --journal"
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._turn:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise JournalError(
                    f"{self.path} is in use: another process runs this batch; wait for it to end"
                ) from error
            raise JournalError(f"{self.path} cannot be used: {error}") from error
        except (sqlite3.Error, OSError) as error:
            raise JournalError(f"{self.path} cannot be used: {error}") from error


def _entry(row: tuple[Any, ...]) -> Entry:
    key, line, kind, digest, state, *rest = row
    return Entry(key, line, kind, digest, State(state), *rest)


def _json_list(states: frozenset[State]) -> str:
    return "[" + ",".join(f'"{state}"' for state in sorted(states)) + "]"
