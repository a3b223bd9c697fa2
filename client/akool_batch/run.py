"""The part of a batch that calls the API: does what the planner says, and writes it to the journal.

The order is what makes it safe: the intent is on disk before the request is sent, and the id is on
disk before it is used. A row that is cancelled, killed or broken between the two stays `submitting`
in the journal, and counts as uncertain from then on.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from akool_batch.journal import JournalError
from akool_batch.names import file_stem
from akool_batch.plan import Done, Follow, Measure, Sleep, Submit
from akool_batch.states import Change, State
from akool_batch.swaps import SUFFIXES, Kind
from akool_faceswap._errors import (
    AkoolError,
    DownloadError,
    HttpStatusError,
    JobFailed,
    ResultExpired,
    SubmissionUncertain,
    TransportError,
)
from akool_faceswap.codes import RateLimitedError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping
    from pathlib import Path

    from akool_batch.budget import Budget
    from akool_batch.journal import Journal
    from akool_batch.plan import Planner, Step
    from akool_batch.states import Entry
    from akool_batch.swaps import Swap
    from akool_faceswap import AsyncFaceSwap, AsyncJobResult
    from akool_faceswap._core.timing import AsyncClock


logger = logging.getLogger("akool_faceswap")
SENDERS = 32
"""Most submits at once. More rows may be in flight: their jobs wait at the vendor."""
SAVERS = 16
"""Most downloads at once."""
SAVE_TRIES = 3
SAVE_PAUSE_S = 5.0
LONGEST_NAP_S = 3600.0
ACCOUNT_CODES = frozenset({1004, 1006, 1101, 1102, 1103, 1104, 1109, 1200, 1213, 1221})
"""Codes about the account, not about the row: every further row would get the same answer."""


class Recorder:
    """Writes changes to the journal: all that are waiting go into one transaction."""

    def __init__(self, journal: Journal, listen: Callable[[Change], None]) -> None:
        self._journal = journal
        self._listen = listen
        self._heard = True
        self._waiting: list[tuple[Change, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def record(self, change: Change) -> None:
        """Return once the change is on disk.

        Raises:
            JournalError: It cannot be written.
        """
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((change, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await asyncio.shield(written)

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self._journal.apply, [change for change, _ in batch])
            except Exception as error:  # noqa: BLE001 - the waiters must hear of any error
                for _, written in batch:
                    written.set_exception(_as_journal_error(error))
                    written.exception()  # a cancelled waiter no longer asks for it
                continue
            for _, written in batch:
                written.set_result(None)
            for change, _ in batch:
                self._tell(change)

    def _tell(self, change: Change) -> None:
        try:
            self._listen(change)
        except Exception as error:  # noqa: BLE001 - what is shown must not stop what is paid for
            if self._heard:
                self._heard = False
                logger.warning("The progress display failed (%r); the batch goes on", error)

    async def settled(self) -> None:
        """Return once all writes have ended, those that nobody waits for any more included."""
        if self._writer is not None:
            await asyncio.wait({self._writer})


class Batch:
    """One run over the rows that are left."""

    def __init__(  # noqa: PLR0913 - the parts of a run
        self,
        *,
        client: AsyncFaceSwap,
        journal: Journal,
        entries: Mapping[str, Entry],
        swaps: Mapping[str, Swap],
        prices: Mapping[str, float],
        planner: Planner,
        budget: Budget,
        balance: float,
        out: Path,
        patience: float | None,
        clock: AsyncClock,
        listen: Callable[[Change], None],
    ) -> None:
        """Put the parts together.

        Args:
            client: Calls the API.
            journal: Knows every row of `entries`.
            entries: The rows to send and to wait for, by key.
            swaps: What the rows to send ask for, by key.
            prices: Their estimates, by key.
            planner: Says what comes next.
            budget: The planner's.
            balance: Credits of the account before the run.
            out: Folder for the files.
            patience: Seconds to wait for one job; None: no limit.
            clock: The client's.
            listen: Called with each change once it is on disk.
        """
        self._client = client
        self._entries = entries
        self._swaps = swaps
        self._prices = prices
        self._jobs = {key: entry.job_id for key, entry in entries.items() if entry.job_id}
        self._finished = {k for k, entry in entries.items() if entry.state is State.FINISHED}
        self._planner = planner
        self._budget = budget
        self._balance = balance
        self._out = out
        self._patience = patience
        self._clock = clock
        self._recorder = Recorder(journal, listen)
        self._senders = asyncio.Semaphore(SENDERS)
        self._savers = asyncio.Semaphore(SAVERS)
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending: set[asyncio.Task[None]] = set()
        self._interrupted = False
        self._fault: BaseException | None = None
        self.unwritten: dict[str, str] = {}
        """Rows whose job id could not be written down, with the id."""

    async def run(self) -> None:
        """Return when nothing is left to do; cancelling lets requests under way come back first.

        Raises:
            JournalError: The journal cannot be written any more.
        """
        try:
            while not isinstance(step := self._planner.next(self._clock.monotonic()), Done):
                await self._take(step)
        except asyncio.CancelledError:
            self.interrupt("interrupted")
            await self._drain()
            raise
        await self._drain()
        if self._fault is not None:
            raise self._fault

    def interrupt(self, why: str) -> None:
        """Start nothing more, and cancel everything but paid requests in flight."""
        self._interrupted = True
        self._planner.stop(why, abandon=True)
        for task in self._tasks - self._sending:
            task.cancel()
        self._wake.set()

    async def _drain(self) -> None:
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._recorder.settled()

    async def _take(self, step: Step) -> None:
        match step:
            case Submit(key):
                self._start(self._submit(key))
            case Follow(key):
                self._start(self._follow(key))
            case Measure():
                self._start(self._measure())
            case Sleep(seconds):
                self._wake.clear()
                nap = LONGEST_NAP_S if seconds is None else min(seconds, LONGEST_NAP_S)
                await self._clock.wait(self._wake, nap)
            case Done():
                pass

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()
        if not task.cancelled() and (fault := task.exception()) is not None:
            self._fault = self._fault or fault
            self.interrupt(str(fault))

    @contextmanager
    def _critical(self) -> Iterator[None]:
        """This task holds a paid request: `interrupt` leaves it alone."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for the type checker; we are in one
        self._sending.add(task)
        try:
            yield
        finally:
            self._sending.discard(task)

    async def _submit(self, key: str) -> None:
        try:
            async with self._senders:
                with self._critical():
                    await self._send(key)
            if key in self._jobs and not self._interrupted:
                await self._finish(key)
        finally:
            self._planner.settled(key)

    async def _send(self, key: str) -> None:
        swap, price = self._swaps[key], self._prices[key]
        await self._recorder.record(Change(key, State.SUBMITTING, price=price))
        if self._interrupted:
            await self._recorder.record(Change(key, State.PLANNED, price=-price))
            return
        try:
            job = await getattr(self._client, swap.kind.method)(**swap.keywords())
        except SubmissionUncertain as error:
            await self._recorder.record(Change(key, State.UNCERTAIN, note=_why(error)))
            self._planner.uncertain(key)
        except AkoolError as error:
            await self._turned_down(key, error)
        else:
            try:
                await self._recorder.record(Change(key, State.SUBMITTED, job_id=job.id))
            except JournalError:
                self.unwritten[key] = job.id
                raise
            self._jobs[key] = job.id
            self._planner.accepted(key)
            self._wake.set()

    async def _turned_down(self, key: str, error: AkoolError) -> None:
        """Nothing was spent: tell the planner why, and when to retry."""
        about_account = error.code in ACCOUNT_CODES or isinstance(error, HttpStatusError)
        passing = isinstance(error, TransportError | RateLimitedError)
        state = State.PLANNED if about_account or passing else State.REFUSED
        await self._recorder.record(
            Change(key, state, price=-self._prices[key], code=error.code, note=_why(error))
        )
        if about_account:
            self._planner.refused(key)
            self._planner.stop(str(error))
        elif passing:
            self._planner.turned_away(key, self._clock.monotonic())
        else:
            self._planner.refused(key)

    async def _follow(self, key: str) -> None:
        try:
            await self._finish(key)
        finally:
            self._planner.settled(key)

    async def _finish(self, key: str) -> None:
        """From the id to the file on disk. Everything here is free, and may be done again."""
        try:
            result = await self._client.job(self._jobs[key]).wait(timeout=self._patience)
            if key not in self._finished:
                self._finished.add(key)
                await self._recorder.record(Change(key, State.FINISHED, url=result.url))
            suffix = suffix_of(result.url, Kind(self._entries[key].kind).suffix)
            path = self._out / (file_stem(key) + suffix)
            await self._save(result, path)
            size = path.stat().st_size
            change = Change(key, State.SAVED, file=path.name, size=size)
        except JobFailed as error:
            note = error.reason or _why(error)
            change = Change(key, State.FAILED, code=error.code, note=note)
        except ResultExpired as error:
            change = Change(key, State.LOST, note=_why(error))
        except JournalError:
            raise
        except (AkoolError, OSError) as error:
            # It keeps its state, and the next run continues from there.
            state = State.FINISHED if key in self._finished else State.SUBMITTED
            change = Change(key, state, note=_why(error))
        await self._recorder.record(change)

    async def _save(self, result: AsyncJobResult, path: Path) -> None:
        for attempt in range(1, SAVE_TRIES + 1):
            try:
                async with self._savers:
                    await result.save(path)
            except DownloadError:
                if attempt == SAVE_TRIES:
                    raise
                await self._clock.sleep(SAVE_PAUSE_S * attempt)
            else:
                return

    async def _measure(self) -> None:
        try:
            self._budget.measure(self._balance - float(await self._client.credit()))
        except AkoolError as error:
            self._planner.stop(f"the balance cannot be read, so the limit cannot be kept: {error}")
        finally:
            self._planner.measured()


def _as_journal_error(error: Exception) -> JournalError:
    if isinstance(error, JournalError):
        return error
    problem = JournalError(f"The journal cannot take this: {error!r}")
    problem.__cause__ = error
    return problem


def _why(error: Exception) -> str:
    """What happened, without the facts that have columns of their own."""
    return str(error.args[0]) if isinstance(error, AkoolError) else str(error)


def suffix_of(url: str, otherwise: str) -> str:
    """The suffix of a file for what this address serves."""
    suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    return suffix if suffix in SUFFIXES else otherwise
