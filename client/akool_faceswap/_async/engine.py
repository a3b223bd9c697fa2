"""What takes the steps of `_core.attempts` for asyncio: as `_sync.engine`, with `await`."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from functools import partial
from inspect import isawaitable, iscoroutinefunction
from types import BuiltinFunctionType
from typing import TYPE_CHECKING, Any, TypeVar, cast

import httpx2

from akool_faceswap._core.attempts import steps_of
from akool_faceswap._core.call import Authorize, Send
from akool_faceswap._core.job import masked
from akool_faceswap._core.job_calls import look_call
from akool_faceswap._core.timing import MONOTONIC
from akool_faceswap._core.token_call import get_token_call
from akool_faceswap._errors import ConfigurationError
from akool_faceswap._http.engine import LIMITS, EngineBase, require_class, require_usable
from akool_faceswap._http.environment import understandable
from akool_faceswap._http.uploading import Uploads, address, failed

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from akool_faceswap._async.polling import AsyncPoller
    from akool_faceswap._core.call import Call, Credential, Step, Steps
    from akool_faceswap._core.credentials import Config
    from akool_faceswap._core.settings import Settings
    from akool_faceswap._core.timing import AnyClock, AsyncClock, Clock, Timeout
    from akool_faceswap._http.uploading import AsyncUploader
    from akool_faceswap._media.local import Looked
    from akool_faceswap._models.job_kind import JobKind, JobRef
    from akool_faceswap._models.job_state import JobState


T = TypeVar("T")


class AsyncSystemClock:
    """The machine's time, for asyncio."""

    def monotonic(self) -> float:
        return MONOTONIC()

    def time(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        if not isinstance(time.monotonic, BuiltinFunctionType):
            await _sleep_by_thread(seconds)
        else:
            await asyncio.sleep(seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        await _first_of(event.wait(), self.sleep(seconds))


async def _sleep_by_thread(seconds: float) -> None:
    """Sleep where a test has frozen the clock of the event loop: its timers never come."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()

    def tell() -> None:
        with contextlib.suppress(RuntimeError):  # the loop may have ended meanwhile
            loop.call_soon_threadsafe(over.set)

    timer = threading.Timer(seconds, tell)
    timer.daemon = True
    timer.start()
    try:
        await over.wait()
    finally:
        timer.cancel()


async def _first_of(*awaited: Coroutine[Any, Any, Any]) -> None:
    """Return when one of them is over, and end the others."""
    tasks = [asyncio.ensure_future(each) for each in awaited]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


class _ClockOfThreads:
    """A `Clock` for tasks: what would block the event loop is done by a thread."""

    def __init__(self, clock: Clock) -> None:
        self.monotonic = clock.monotonic
        self.time = clock.time
        self._sleep = clock.sleep

    async def sleep(self, seconds: float) -> None:
        await asyncio.to_thread(self._sleep, seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        if not event.is_set():
            await _first_of(event.wait(), self.sleep(seconds))


def _for_tasks(clock: AnyClock) -> AsyncClock:
    if iscoroutinefunction(clock.sleep):
        return cast("AsyncClock", clock)
    return _ClockOfThreads(cast("Clock", clock))


class AsyncEngine(EngineBase):
    """Calls for the tasks of one event loop."""

    def __init__(  # noqa: PLR0913 - what a client is made of
        self,
        config: Config,
        settings: Settings,
        clock: AnyClock,
        http_client: httpx2.AsyncClient | None,
        transport: httpx2.AsyncBaseTransport | None,
        *,
        uploader: AsyncUploader | None = None,
    ) -> None:
        self.clock = _for_tasks(clock)
        super().__init__(config, settings, self.clock)
        self.uploads = Uploads(uploader, self.clock.time, awaits=True)
        require_class("AsyncFaceSwap", http_client, transport)
        self._given = http_client
        self._transport = transport
        self._loop: asyncio.AbstractEventLoop | None = None
        self.reset()

    def reset(self) -> None:
        """Start without objects of another event loop: its connections end with it."""
        self._token_lock = asyncio.Lock()
        self._own: httpx2.AsyncClient | None = None
        self._poller: AsyncPoller | None = None

    @property
    def poller(self) -> AsyncPoller:
        """What the waits share, made at the first one."""
        from akool_faceswap._async.polling import AsyncPoller  # noqa: PLC0415 - few calls wait

        if self._poller is None:
            self._poller = AsyncPoller(
                self.look, self.settings.polling, self.clock, self.settings.jitter
            )
            if self.closed:
                self._poller.close()
        return self._poller

    def require_open(self) -> None:
        """Refuse to work after `close`, and settle in the event loop that is running."""
        super().require_open()
        self._settle()

    async def run(self, call: Call[T], timeout: Timeout) -> T:
        """Make one call. See `steps_of` for what it raises."""
        self.require_open()
        files = self.uploads.look(call.body)
        if files:
            fresh = {f.key: await self._upload(f) for f in self.uploads.wanted(files)}
            call = self.uploads.placed(call, files, fresh)
        self.admit(call)
        return await self._drive(steps_of(call, self.rules, self.timeout(timeout)))

    async def _upload(self, file: Looked) -> str:
        upload = partial(self.uploads.uploader, file.content, file.name, file.kind.media_type)
        try:
            given = upload() if self.uploads.awaited else await asyncio.to_thread(upload)
            given = await given if isawaitable(given) else given
        except Exception as error:
            raise failed(file, error) from error
        return address(file, given)

    async def look(self, refs: tuple[JobRef, ...], timeout: float) -> dict[str, JobState]:
        """Poll these jobs of a kind once; the poller decides when to poll again."""
        call = look_call(refs[0].kind, [ref.id for ref in refs])
        return masked(await self._drive(steps_of(call, self.once, timeout)), self.rules.redact)

    async def states(
        self, kind: JobKind, ids: Sequence[str], timeout: Timeout
    ) -> dict[str, JobState]:
        """The states of these jobs of a kind; those that the API does not list are left out."""
        return masked(await self.run(look_call(kind, ids), timeout), self.rules.redact)

    def http(self) -> httpx2.AsyncClient:
        """The connection pool, made at first use."""
        if self._given is not None:
            return require_usable(self._given)
        if self._own is None:
            self.require_open()
            with understandable():
                self._own = httpx2.AsyncClient(
                    transport=self._transport, timeout=None, limits=LIMITS
                )
        return self._own

    async def close(self) -> None:
        """Wake every waiter and close what is our own. Idempotent."""
        self._settle()
        self.closed = True
        if self._poller is not None:
            self._poller.close()
        if self._own is not None and self._transport is None:
            await self._own.aclose()

    def _settle(self) -> None:
        """Begin anew in the next event loop.

        Raises:
            ConfigurationError: The one before still runs, in another thread.
        """
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        if self._loop is not None:
            if self._loop.is_running():
                raise ConfigurationError(
                    "This client is in use in another event loop; give each loop its own client"
                )
            self.reset()
        self._loop = loop

    async def _drive(self, steps: Steps[T]) -> T:
        result: Any = None
        while True:
            try:
                step = steps.send(result)
            except StopIteration as done:
                answer: T = done.value
                return answer
            try:
                result = await self._perform(step)
            except BaseException as error:
                steps.throw(error)
                raise

    async def _perform(self, step: Step) -> Any:  # noqa: ANN401 - as `steps_of` says, by kind of step
        self.require_open()
        if isinstance(step, Send):
            ours = self._given is None and self._transport is None
            return self._note(await self.wire.asend(self.http(), step, ours=ours))
        if isinstance(step, Authorize):
            return await self._authorize(step)
        return await self.clock.sleep(step.seconds)

    async def _authorize(self, step: Authorize) -> Credential:
        current = self.tokens.current(step.stale)
        if current is not None:
            return current
        mark = self.tokens.mark()
        async with self._token_lock:
            current = self.tokens.after_queueing(step.stale, mark)
            if current is not None:
                return current
            with self.tokens.fetching():
                left = max(0.0, step.deadline - self.clock.monotonic())
                call = get_token_call(*self.config.pair)
                return self.tokens.store(await self._drive(steps_of(call, self.rules, left)))
