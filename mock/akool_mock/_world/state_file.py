"""The state file: an accepted job is stored before its answer is sent.

SQLite in write-ahead mode: a commit reaches the operating system before it returns, which is what
survives `kill -9` of this process (a power cut may cost the latest moments). One simulator per
file; a second one is refused.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

import orjson

from akool_mock._world.accounts import Account
from akool_mock._world.clock import ClockState
from akool_mock._world.directives import NONE
from akool_mock._world.ids import Ids
from akool_mock._world.jobs import Job, Media, Plan
from akool_mock._world.settings import MockError
from akool_mock._world.storage import Storage, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from akool_mock._world.world import World


Kinds = type | tuple[type, ...]

_VERSION = 1
_TABLES = """
create table if not exists jobs (id text primary key, at integer, record blob not null) without
rowid; create table if not exists accounts (client_id text primary key, record blob not null);
create table if not exists facts (name text primary key, value blob not null);
"""


class StateFile(Storage):
    """A file that keeps jobs, accounts, clock, seed, faults and settings of one simulator.

    Args:
        path: the file; made if it is not there.

    Raises:
        MockError: it cannot be opened, is no state file, or another simulator is using it.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = path
        try:
            self._db = sqlite3.connect(
                path, isolation_level=None, timeout=0.2, check_same_thread=False
            )
            self._db.execute("pragma locking_mode=exclusive")
            self._db.execute("pragma journal_mode=wal")
            self._db.execute("pragma synchronous=normal")
            self._db.executescript("begin exclusive;" + _TABLES + "commit;")
            version = self._fact("version", _VERSION)
        except sqlite3.OperationalError as error:
            what = "another simulator is using it" if "locked" in str(error) else str(error)
            raise MockError(f"state file {path}: {what}") from None
        except (sqlite3.DatabaseError, ValueError) as error:
            raise MockError(f"state file {path} was not written by this mock: {error}") from None
        if version != _VERSION:
            raise MockError(
                f"state file {path} was written by another version; delete it to start over"
            )
        self._set("version", _VERSION)

    def attach(self, world: World) -> None:
        """Restore what the file knows into a fresh world, and record every change from now on."""
        try:
            with self._guarded():
                self._restore(world)
        except MockError:
            self._db.close()
            raise
        world.storage = self
        for account in world.accounts:
            self.account(account)

    def _restore(self, world: World) -> None:
        with self._reading("the number of starts"):
            starts = int(self._fact("starts", 0)) + 1
        self._set("starts", starts)
        world.restored = starts > 1
        seed = self._fact("seed", world.seed)
        world.reset(seed=seed)
        with self._reading("the settings"):
            world.use(world.settings.changed(self._fact("settings", {})))
        with self._reading("the faults"):
            world.faults.restore(self._fact("faults", []), self._fact("last_fault", 0))
        self._set("seed", seed)
        # Other identifiers than before, even within one second of mock time.
        world.ids = Ids(seed if starts == 1 else hash((seed, starts)))
        clock = self._fact("clock", None)
        if clock is not None:
            with self._reading("the clock"):
                world.clock.restore(ClockState(**clock))
        for client_id, record in self._db.execute("select client_id, record from accounts"):
            with self._reading(f"account {client_id!r}"):
                _restore_account(world, client_id, orjson.loads(record))
        for key, record in self._db.execute("select id, record from jobs order by at, id"):
            with self._reading(f"job {key!r}"):
                job = _job(key, orjson.loads(record))
            world.remember(job)
            if job.webhook:
                world.outbox.plan(job, NONE, after=job.notified)

    def close(self) -> None:
        self._db.close()

    def clear(self, seed: int, accounts: Iterable[Account]) -> None:
        with self._transaction():
            self._db.execute("delete from jobs")
            self._db.execute("delete from accounts")
            self._set("seed", seed)
            self._set("settings", {})
            self._set("faults", [])
        for account in accounts:
            self.account(account)

    def accepted(self, job: Job, account: Account) -> None:
        with self._transaction():
            self._save(job)
            self.account(account)

    def saved(self, job: Job) -> None:
        with self._guarded():
            self._save(job)

    def deleted(self, job: Job) -> None:
        with self._guarded():
            self._db.execute("delete from jobs where id = ?", (job.id,))

    def account(self, account: Account) -> None:
        record = {"api_key": account.api_key, "credits": account.credits, "banned": account.banned}
        with self._guarded():
            self._db.execute(
                "insert or replace into accounts values (?, ?)",
                (account.client_id, orjson.dumps(record)),
            )

    def faults(self, rules: Sequence[Mapping[str, Any]], last_number: int) -> None:
        with self._transaction():
            self._set("faults", rules)
            self._set("last_fault", last_number)

    def settings(self, changed: Mapping[str, Any]) -> None:
        self._set("settings", changed)

    def clock(self, state: ClockState) -> None:
        self._set("clock", {"now": state.now, "frozen": state.frozen, "offset_s": state.offset_s})

    def _save(self, job: Job) -> None:
        plan, media = job.plan, job.media
        record = {
            "account": job.account,
            "operation": job.operation,
            "created": job.created,
            "plan": [getattr(plan, name) for name in Plan.__slots__],
            "media": [media.width, media.height, media.seconds],
            "stem": job.stem,
            "extension": job.extension,
            "origin": job.origin,
            "webhook": job.webhook,
            "cost": job.cost,
            "notified": job.notified,
        }
        at = round(job.created * 1000)
        self._db.execute(
            "insert or replace into jobs values (?, ?, ?)", (job.id, at, orjson.dumps(record))
        )

    def _fact(self, name: str, default: Any) -> Any:  # noqa: ANN401 - JSON
        row = self._db.execute("select value from facts where name = ?", (name,)).fetchone()
        with self._reading(f"fact {name!r}"):
            return default if row is None else orjson.loads(row[0])

    def _set(self, name: str, value: object) -> None:
        with self._guarded():
            self._db.execute(
                "insert or replace into facts values (?, ?)", (name, orjson.dumps(value))
            )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._guarded():
            self._db.execute("begin")
            try:
                yield
                self._db.execute("commit")
            except BaseException:
                if self._db.in_transaction:  # a full disk has rolled it back already
                    self._db.execute("rollback")
                raise

    @contextlib.contextmanager
    def _reading(self, what: str) -> Iterator[None]:
        """Name the record that could not be read."""
        try:
            yield
        except (KeyError, TypeError, ValueError, AttributeError, MockError) as error:
            raise MockError(
                f"state file {self.path}: {what} cannot be read: {error}; delete the file to "
                "start over"
            ) from None

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StorageError(f"state file {self.path}: {error}; nothing was done") from error


_NUMBER = (int, float)
_ACCOUNT: dict[str, Kinds] = {"api_key": str, "credits": _NUMBER, "banned": bool}
_JOB: dict[str, Kinds] = {
    "account": str, "operation": str, "created": _NUMBER, "plan": list, "media": list, "stem": str,
    "extension": str, "origin": str, "webhook": str, "cost": _NUMBER, "notified": int,
}  # fmt: skip
_PLAN: tuple[Kinds, ...] = (_NUMBER, _NUMBER, int, int, _NUMBER, str)
_MEDIA: tuple[Kinds, ...] = (int, int, _NUMBER)


def _checked(record: Any, kinds: Mapping[str, Kinds]) -> dict[str, Any]:  # noqa: ANN401 - JSON
    if not isinstance(record, dict) or record.keys() != kinds.keys():
        raise ValueError(f"it does not have the fields {', '.join(kinds)}")
    wrong = [name for name, kind in kinds.items() if not isinstance(record[name], kind)]
    if wrong:
        raise ValueError(f"of a wrong type: {', '.join(wrong)}")
    return record


def _parts(name: str, values: list[Any], kinds: Sequence[Kinds]) -> list[Any]:
    if len(values) != len(kinds) or not all(map(isinstance, values, kinds)):
        raise ValueError(f"{name} is not valid")
    return values


def _restore_account(world: World, client_id: str, said: object) -> None:
    record = _checked(said, _ACCOUNT)
    account = world.accounts.by_client.get(client_id)
    if account is None:
        account = world.accounts.add(Account(client_id, record["api_key"], 0.0))
    account.credits = record["credits"]
    account.banned = record["banned"]


def _job(key: str, said: object) -> Job:
    record = _checked(said, _JOB)
    plan = Plan(*_parts("plan", record["plan"], _PLAN))
    media = Media(*_parts("media", record["media"], _MEDIA))
    return Job(id=key, **{**record, "plan": plan, "media": media})
