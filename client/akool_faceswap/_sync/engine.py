"""Carries out the steps of `_core.attempts`: connection, credentials, time, and the shared poller.

`Engine` here and `AsyncEngine` in `_async.engine` are the two shells. All that does not wait is
written once, in `_http.engine` and `_core`.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from inspect import iscoroutinefunction
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
    from collections.abc import Sequence

    from akool_faceswap._core.call import Call, Credential, Step, Steps
    from akool_faceswap._core.credentials import Config
    from akool_faceswap._core.settings import Settings
    from akool_faceswap._core.timing import AnyClock, Clock, Timeout
    from akool_faceswap._http.uploading import Uploader
    from akool_faceswap._media.local import Looked
    from akool_faceswap._models.job_kind import JobKind, JobRef
    from akool_faceswap._models.job_state import JobState
    from akool_faceswap._sync.polling import Poller


T = TypeVar("T")


class SystemClock:
    """The machine's time."""

    def monotonic(self) -> float:
        return MONOTONIC()

    def time(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        condition.wait(seconds)


class Engine(EngineBase):
    """Calls one at a time for each thread; any number of threads."""

    def __init__(  # noqa: PLR0913 - what a client is made of
        self,
        config: Config,
        settings: Settings,
        clock: AnyClock,
        http_client: httpx2.Client | None,
        transport: httpx2.BaseTransport | None,
        *,
        uploader: Uploader | None = None,
    ) -> None:
        if iscoroutinefunction(clock.sleep):
            raise ConfigurationError(
                "clock= of FaceSwap has plain functions; this one has coroutines and goes with "
                "AsyncFaceSwap"
            )
        plain = cast("Clock", clock)
        super().__init__(config, settings, plain)
        self.uploads = Uploads(uploader, plain.time, awaits=False)
        require_class("FaceSwap", http_client, transport)
        self.clock = plain
        self._given = http_client
        self._transport = transport
        self.reset()
        _live.add(self)

    def reset(self) -> None:
        """Start without objects of the parent process: called in the child after a fork."""
        self._lock = threading.Lock()
        self._token_lock = threading.Lock()
        self._own: httpx2.Client | None = None
        self._poller: Poller | None = None

    @property
    def poller(self) -> Poller:
        """What the waits share, made at the first one."""
        from akool_faceswap._sync.polling import Poller  # noqa: PLC0415 - few calls wait

        with self._lock:
            if self._poller is None:
                how = self.settings
                self._poller = Poller(self.look, how.polling, self.clock, how.jitter)
                if self.closed:
                    self._poller.close()
            return self._poller

    def run(self, call: Call[T], timeout: Timeout) -> T:
        """Make one call. See `steps_of` for what it raises."""
        self.require_open()
        files = self.uploads.look(call.body)
        if files:
            fresh = {f.key: self._upload(f) for f in self.uploads.wanted(files)}
            call = self.uploads.placed(call, files, fresh)
        self.admit(call)
        return self._drive(steps_of(call, self.rules, self.timeout(timeout)))

    def _upload(self, file: Looked) -> str:
        try:
            given = self.uploads.uploader(file.content, file.name, file.kind.media_type)
        except Exception as error:
            raise failed(file, error) from error
        return address(file, given)

    def look(self, refs: tuple[JobRef, ...], timeout: float) -> dict[str, JobState]:
        """Poll these jobs of a kind once; the poller decides when to poll again."""
        call = look_call(refs[0].kind, [ref.id for ref in refs])
        return masked(self._drive(steps_of(call, self.once, timeout)), self.rules.redact)

    def states(self, kind: JobKind, ids: Sequence[str], timeout: Timeout) -> dict[str, JobState]:
        """The states of these jobs of a kind; those that the API does not list are left out."""
        return masked(self.run(look_call(kind, ids), timeout), self.rules.redact)

    def http(self) -> httpx2.Client:
        """The connection pool, made at first use."""
        if self._given is not None:
            return require_usable(self._given)
        if self._own is None:
            with self._lock:
                self.require_open()  # `close` may have come meanwhile, and would not come again
                self._own = self._own or self._make()
        return self._own

    def _make(self) -> httpx2.Client:
        with understandable():
            made = httpx2.Client(transport=self._transport, timeout=None, limits=LIMITS)
        return made if self._transport is not None else self.deadline.hold(made)

    def close(self) -> None:
        """Wake every waiter and close what is our own. Idempotent."""
        self.closed = True
        with self._lock:
            own, poller = self._own, self._poller
        if poller is not None:
            poller.close()
        if own is not None and self._transport is None:
            own.close()

    def _drive(self, steps: Steps[T]) -> T:
        result: Any = None
        while True:
            try:
                step = steps.send(result)
            except StopIteration as done:
                answer: T = done.value
                return answer
            try:
                result = self._perform(step)
            except BaseException as error:
                steps.throw(error)
                raise

    def _perform(self, step: Step) -> Any:  # noqa: ANN401 - as `steps_of` says, by kind of step
        self.require_open()
        if isinstance(step, Send):
            return self._note(self.wire.send(self.http(), step))
        if isinstance(step, Authorize):
            return self._authorize(step)
        return self.clock.sleep(step.seconds)

    def _authorize(self, step: Authorize) -> Credential:
        current = self.tokens.current(step.stale)
        if current is not None:
            return current
        mark = self.tokens.mark()
        with self._token_lock:
            current = self.tokens.after_queueing(step.stale, mark)
            if current is not None:
                return current
            with self.tokens.fetching():
                left = max(0.0, step.deadline - self.clock.monotonic())
                call = get_token_call(*self.config.pair)
                return self.tokens.store(self._drive(steps_of(call, self.rules, left)))


_live: weakref.WeakSet[Engine] = weakref.WeakSet()


def _after_fork() -> None:
    """A child process must not use its parent's connections, nor wait for its parent's threads."""
    for engine in list(_live):
        engine.reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
