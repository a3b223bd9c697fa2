"""The state of the mock: accounts, jobs, time, faults, webhooks and requests.

Knows neither the contract nor HTTP. Every change is stored here before it is answered, and
dashboards and webhook senders are notified. What an answer looks like is decided elsewhere.
"""

from __future__ import annotations

import contextlib
import random
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from akool_mock._world.accounts import Account, Accounts
from akool_mock._world.directives import NONE
from akool_mock._world.faults import Faults, Rule
from akool_mock._world.ids import Ids, result_name
from akool_mock._world.jobs import Job, Jobs, Media, Plan
from akool_mock._world.journal import Journal
from akool_mock._world.outbox import Outbox
from akool_mock._world.planning import planned
from akool_mock._world.settings import MockError
from akool_mock._world.storage import Storage, StorageError
from akool_mock._world.uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from akool_mock._world.clock import Clock
    from akool_mock._world.directives import Directives
    from akool_mock._world.jobs import TargetMedia
    from akool_mock._world.settings import Settings


_KEPT_FAILURES = 20
_SHOWN_IDS = 1000


class Terms(NamedTuple):
    """What the contract says of its jobs, by operation.

    Attributes:
        prices: credits for one request, where it costs any.
        lifetimes: seconds from acceptance that results can be fetched, where that is not left to
            the settings.
        starting: the operations that start jobs.
    """

    prices: Mapping[str, float]
    lifetimes: Mapping[str, float]
    starting: tuple[str, ...]


class World:
    """The state of one simulator. Hold `lock` to read or change several parts of it.

    Args:
        settings: the settings at the start, and again after a reset.
        clock: mock time.
        seed: seed of ids, failures and jitter.
        operations: operations that a fault may be about.
        terms: what the contract says of its jobs.

    Attributes:
        accounts: who may call.
        jobs: what was accepted.
        faults: the fault rules.
        journal: the latest requests and answers.
        outbox: webhooks to be sent, and their log.
        epoch: changes with the settings; what was read in another epoch is stale.
        ids: fresh identifiers.
        rng: chance, from the seed.
        plan: the plan of a job without faults.
        list_items: cache of encoded jobs; see `_operations/results.py`.
        storage: stores what a restart must restore.
        failures: what went wrong inside, newest last; empty unless there is a bug.
        revision: grows when there is something new to see.
        origin: where it is served, as `http://host:port`.
        curl: options that curl needs to call it.
        hosts: names besides loopback under which the control plane answers.
        restored: it continued from a state file.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        seed: int,
        operations: Collection[str],
        terms: Terms,
    ) -> None:
        self.clock = clock
        self.operations = operations
        self.terms = terms
        self.lock = threading.RLock()
        self.storage = Storage()
        self.failures: deque[str] = deque(maxlen=_KEPT_FAILURES)
        self.revision = 0
        self.origin = "http://127.0.0.1"
        self.curl = ""
        self.hosts: frozenset[str] = frozenset()
        self.restored = False
        self._initial = settings
        self._listeners: list[Callable[[], None]] = []
        self._begin(seed)
        clock.when_moved(self._time_moved)

    def _begin(self, seed: int) -> None:
        settings = self._initial
        self.seed = seed
        self.rng = random.Random(f"outcomes {seed}")  # noqa: S311 - repeatable on purpose
        self.ids = Ids(seed)
        self.jobs = Jobs()
        self.faults = Faults()
        self.accounts = Accounts(f"akool_mock {seed}".encode())
        self.accounts.add(Account(settings.client_id, settings.api_key, settings.credits))
        self.uploads = Uploads()
        self.journal = Journal(settings.journal)
        self.outbox = Outbox(settings.webhook_retry_s, settings.webhook_log)
        self.list_items: dict[tuple[str, int, float, str], bytes] = {}
        self.use(settings)

    def reset(self, *, seed: int | None = None) -> None:
        """Forget all but the clock and where it is served; start from a seed."""
        with self.lock:
            self._begin(self.seed if seed is None else seed)
            self.storage.clear(self.seed, self.accounts)
            self.changed()

    def use(self, settings: Settings) -> None:
        """Use other settings from now on; jobs that were accepted keep their plan."""
        self.settings = settings
        self.epoch = object()
        self.list_items.clear()
        self.plan = Plan(settings.queue_s, settings.processing_s)
        self.accounts.accept_any = settings.accept_any_key

    def change_settings(self, values: Mapping[str, Any]) -> None:
        """Change settings by name, and for restarts too if there is a state file.

        Raises:
            MockError: a name is unknown, or a value makes no sense.
        """
        settings = self.settings.changed(values)
        started, now = self._initial.as_json(), settings.as_json()
        self.storage.settings({name: now[name] for name in now if now[name] != started[name]})
        self.use(settings)
        self.changed()

    def listen(self, tell: Callable[[], None]) -> None:
        """Call a function whenever there is something new to show or to send."""
        self._listeners.append(tell)

    def unlisten(self, tell: Callable[[], None]) -> None:
        """No longer call that function."""
        self._listeners.remove(tell)

    def changed(self) -> None:
        """Notify the listeners: there is something new to show or to send."""
        self.revision += 1
        for tell in self._listeners:
            tell()

    def _time_moved(self) -> None:
        with self.lock:
            self.storage.clock(self.clock.state)
            self.changed()

    def keep(self, account: Account) -> None:
        """Store a new or changed account."""
        self.storage.account(account)
        self.changed()

    def accept(self, job: Job, account: Account, directives: Directives) -> None:
        """Store a job, in the state file if there is one, before its answer is sent."""
        self.storage.accepted(job, account)
        self.remember(job)
        if job.webhook:
            self.outbox.plan(job, directives)
        self.changed()

    def submit(  # noqa: PLR0913 - what a job is made of
        self,
        account: Account,
        operation: str,
        target: TargetMedia,
        *,
        now: float,
        base: str,
        cost: float,
        webhook: str,
        directives: Directives,
    ) -> Job:
        """Charge the account and accept a job.

        Raises:
            Refusal: 1006, there are not enough credits.
            StorageError: the job cannot be kept. Either way nothing was taken and there is no job.
        """
        job = Job(
            self.ids.object_id(now),
            account.client_id,
            operation,
            now,
            planned(self.plan, self.settings, directives, self.rng),
            target.media,
            target.stem,
            target.extension,
            base,
            webhook,
            cost,
        )
        with account.charged(cost):
            self.accept(job, account, directives)
        if directives.poll:
            fault = ",".join(f"{name}={value}" for name, value in directives.poll)
            # The job is stored. If the fault cannot be, it lasts as long as the process.
            self.faults.add(Rule(fault, job=job.id, times=1))
            with contextlib.suppress(StorageError):
                self._keep_faults()
        return job

    def seed_jobs(
        self, account: Account, operation: str, *, count: int, age_s: float, base: str
    ) -> list[str]:
        """Accept jobs that nobody submitted or pays for; the ids of the first thousand."""
        created = self.clock.time() - age_s
        media = Media(*self.settings.image_size)
        ids = []
        for number in range(count):
            job = Job(
                id=self.ids.object_id(created),
                account=account.client_id,
                operation=operation,
                created=created,
                plan=self.plan,
                media=media,
                stem="seeded",
                extension="jpg",
                origin=base,
            )
            self.accept(job, account, NONE)
            if number < _SHOWN_IDS:
                ids.append(job.id)
        return ids

    def remember(self, job: Job) -> None:
        """Keep a job in memory; beyond `max_jobs` the oldest go."""
        for gone in self.jobs.add(job, self.settings.max_jobs):
            # If the file cannot be changed now, the next start drops it for the same reason.
            with contextlib.suppress(StorageError):
                self.storage.deleted(gone)

    def forget(self, job: Job) -> None:
        """Delete a job for good."""
        self.storage.deleted(job)
        self.jobs.remove(job)
        self.changed()

    def force(self, job: Job, status: int) -> None:
        """Set a job's state, which then stays; its remaining webhooks follow the new plan."""
        with self.lock:
            now = self.clock.time()
            before, job.plan = job.plan, job.plan.forced(now - job.created, status)
            try:
                self.storage.saved(job)
            except StorageError:
                job.plan = before
                raise
            self.list_items.clear()
            if job.webhook:
                self.outbox.drop(job.id)
                self.outbox.plan(job, NONE, after=job.notified)
            self.changed()

    def expired(self, job: Job, now: float) -> bool:
        """Whether the result of a job that has succeeded can no longer be fetched."""
        life_s = self.terms.lifetimes.get(job.operation)
        if life_s is not None:
            return now - job.created >= life_s
        return now - job.created - job.plan.phase(now - job.created)[1] >= self.settings.result_s

    def price(self, operation: str) -> float:
        """Credits for one request: as the settings say, else the contract."""
        stated = self.settings.prices.get(operation)
        return self.terms.prices.get(operation, 0.0) if stated is None else stated

    def base(self, found: str) -> str:
        """Base URL of all files: that of the settings, or else `found`."""
        return self.settings.result_base or found

    def result_url(self, base: str, job: Job) -> str:
        """The result's URL, which is given out before there is a result."""
        return f"{self.base(base)}/{result_name(job.id, job.stem, job.extension)}"

    def add_fault(self, rule: Rule) -> Rule:
        """Add a fault rule; it gets its number.

        Raises:
            MockError: it is about an operation that the contract does not have.
        """
        if rule.operation and rule.operation not in self.operations:
            known = ", ".join(self.operations)
            raise MockError(f"no operation {rule.operation!r} for a fault; there are: {known}")
        with self.lock:
            self.faults.add(rule)
            try:
                self._keep_faults()
            except StorageError:
                self.faults.drop(rule.id)
                raise
            self.changed()
        return rule

    def drop_faults(self, number: int | None = None) -> None:
        """Remove one fault rule, or all."""
        with self.lock:
            before = self.faults.rules
            self.faults.drop(number)
            try:
                self._keep_faults()
            except StorageError:
                self.faults.rules = before
                raise
            self.changed()

    def due_faults(self, operation: str, account: str, target: bytes) -> list[Rule]:
        """The fault rules that apply to a request; those with a limit have counted it."""
        due, counted = self.faults.due(operation, account, target, self.rng)
        if counted:
            # If the count cannot be stored, it lasts as long as the process.
            with contextlib.suppress(StorageError):
                self._keep_faults()
        return due

    def _keep_faults(self) -> None:
        self.storage.faults(self.faults.as_json(), self.faults.last_number)
