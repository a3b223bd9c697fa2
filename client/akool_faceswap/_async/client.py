"""`AsyncFaceSwap`: the twin of `FaceSwap` for asyncio. See `_sync.client` for the full texts."""

from __future__ import annotations

import os
import random
from contextlib import aclosing
from typing import TYPE_CHECKING, Literal, Self, overload

from akool_faceswap._async.engine import AsyncEngine, AsyncSystemClock
from akool_faceswap._async.jobs import AsyncJob, aevents
from akool_faceswap._async.operations import AsyncSubmits
from akool_faceswap._core.arguments import callback, in_chunks
from akool_faceswap._core.credentials import resolve, settings
from akool_faceswap._core.job import confirmed, handles
from akool_faceswap._core.lazy import calls
from akool_faceswap._core.timing import DEFAULT, Polling, RetryPolicy, Timeout
from akool_faceswap._errors import AkoolError, JobTimeout
from akool_faceswap._http import log
from akool_faceswap._models.job_state import JobState, clean_id, clean_ids, unlisted

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable
    from types import TracebackType

    import httpx2

    from akool_faceswap._async.jobs import AsyncJobResult
    from akool_faceswap._async.raw import AsyncRaw
    from akool_faceswap._core.call import Attempt
    from akool_faceswap._core.timing import AsyncClock
    from akool_faceswap._models.account import Credit
    from akool_faceswap._models.detection import Detection
    from akool_faceswap.webhooks import WebhookEvent


class AsyncFaceSwap(AsyncSubmits):
    """Client for the AKOOL Face Swap API, for the tasks of one event loop at a time.

    Takes what `FaceSwap` takes, with an `httpx2.AsyncClient` or async transport. Use it as an async
    context manager, or await `close()`.

    Raises:
        ConfigurationError: Credentials or settings are missing or unusable.
    """

    def __init__(  # noqa: PLR0913 - settings, all by keyword
        self,
        api_key: str | None = None,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        base_url: str | None = None,
        timeout: Timeout = DEFAULT,
        retry: RetryPolicy | None = None,
        polling: Polling | None = None,
        http_client: httpx2.AsyncClient | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        on_attempt: Callable[[Attempt], None] | None = None,
        clock: AsyncClock | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        log.configure(os.environ)
        config = resolve(api_key, client_id, client_secret, base_url, os.environ)
        how = settings(timeout, retry, polling, on_attempt, jitter)
        self._engine = AsyncEngine(config, how, clock or AsyncSystemClock(), http_client, transport)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._engine.config.described()}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; whoever still waits gets `ClientClosedError`. Idempotent."""
        await self._engine.close()

    @property
    def raw(self) -> AsyncRaw:
        """The operations with the generated models, strictly as the contract has them."""
        from akool_faceswap._async.raw import AsyncRaw  # noqa: PLC0415 - see `_core.lazy`

        return AsyncRaw(self._engine)

    # Everything else: reads, and what concerns jobs.

    async def detect_faces_legacy(
        self,
        url: str | None = None,
        *,
        image: str | None = None,
        single_face: bool = False,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
    ) -> Detection:
        """Find the faces in an image, with the older endpoint (deprecated by the vendor).

        See `FaceSwap.detect_faces_legacy`.
        """
        call = calls.detect_faces_legacy_call(url, image, single_face=single_face)
        return await self._engine.run(call, timeout)

    async def credit(self, *, timeout: Timeout = DEFAULT) -> Credit:  # noqa: ASYNC109 - the call's
        """The account's credits.

        Docs: https://docs.akool.com/ai-tools-suite/faceswap/get-credit

        Raises:
            AkoolError: The call failed.
        """
        return await self._engine.run(calls.get_credit_call(), timeout)

    async def token(self, *, timeout: Timeout = DEFAULT) -> str:  # noqa: ASYNC109 - the call's
        """Fetch a token for `client_id` and `client_secret`. The client does so itself when needed.

        Docs: https://docs.akool.com/authentication/usage

        Raises:
            ConfigurationError: The client was made without the pair.
            AkoolError: The call failed.
        """
        return await self._engine.run(calls.get_token_call(*self._engine.config.pair), timeout)

    async def results(self, ids: Iterable[str], *, timeout: Timeout = DEFAULT) -> list[JobState]:  # noqa: ASYNC109 - the call's
        """Look at jobs once. For waiting use `Job.wait`, `wait_all` or `as_completed`.

        Docs: https://docs.akool.com/ai-tools-suite/faceswap/get-result

        Args:
            ids: Any number of `_id`s; they are asked for in chunks.
            timeout: Seconds for each chunk; left out the client's, None for ever.

        Returns:
            One state for each id, in their order, without repetitions. An id that the API does not
            list has `listed` False.

        Raises:
            AkoolError: The call failed.
        """
        states: dict[str, JobState] = {}
        wanted = clean_ids(ids)
        for chunk in in_chunks(wanted, self._engine.poller.core.chunk_size):
            found = await self._engine.run(calls.list_results_call(chunk), timeout)
            states.update(found)
        return [states.get(job_id) or unlisted(job_id) for job_id in wanted]

    async def delete(self, ids: Iterable[str], *, timeout: Timeout = DEFAULT) -> None:  # noqa: ASYNC109 - the call's
        """Delete results at the vendor. It cannot be undone.

        Docs: https://docs.akool.com/ai-tools-suite/faceswap/delete-result

        Args:
            ids: Any number of `_id`s; they are sent in chunks.
            timeout: Seconds for each chunk; left out the client's, None for ever.

        Raises:
            AkoolError: The call failed; earlier chunks are deleted.
        """
        for chunk in in_chunks(clean_ids(ids), self._engine.settings.polling.chunk_size):
            await self._engine.run(calls.delete_results_call(chunk), timeout)

    def job(self, job_id: str) -> AsyncJob:
        """A job that was submitted earlier or elsewhere, from its `_id`. Sends nothing.

        See `FaceSwap.job`.
        """
        return AsyncJob(self._engine, clean_id(job_id))

    async def as_completed(
        self,
        jobs: Iterable[AsyncJob | str],
        *,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
        on_update: Callable[[JobState], None] | None = None,
    ) -> AsyncGenerator[AsyncJob]:
        """The jobs, each as soon as it is finished; `job.result()` then has its file or raises.

        See `FaceSwap.as_completed`.
        """
        handles = self._handles(jobs)
        every = callback("on_update", on_update)
        async with aclosing(aevents(self._engine, handles, timeout, every=every)) as told:
            async for job, event in told:
                if on_update is not None and isinstance(event, JobState):
                    on_update(event)
                if job.known.end is not None:
                    yield job

    @overload
    async def wait_all(
        self,
        jobs: Iterable[AsyncJob | str],
        *,
        timeout: Timeout = ...,  # noqa: ASYNC109 - the call's
        on_update: Callable[[JobState], None] | None = ...,
        return_errors: Literal[False] = ...,
    ) -> list[AsyncJobResult]: ...

    @overload
    async def wait_all(
        self,
        jobs: Iterable[AsyncJob | str],
        *,
        timeout: Timeout = ...,  # noqa: ASYNC109 - the call's
        on_update: Callable[[JobState], None] | None = ...,
        return_errors: Literal[True],
    ) -> list[AsyncJobResult | AkoolError]: ...

    async def wait_all(
        self,
        jobs: Iterable[AsyncJob | str],
        *,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - the call's
        on_update: Callable[[JobState], None] | None = None,
        return_errors: bool = False,
    ) -> list[AsyncJobResult] | list[AsyncJobResult | AkoolError]:
        """Wait for many jobs together: one request for each chunk of ids and round.

        See `FaceSwap.wait_all`.
        """
        handles = self._handles(jobs)
        try:
            async for job in self.as_completed(handles, timeout=timeout, on_update=on_update):
                if not return_errors:
                    await job.result()
        except JobTimeout:
            if not return_errors:
                raise
        if return_errors:
            return [job.outcome() for job in handles]
        return [await job.result() for job in handles]

    async def confirm(self, event: WebhookEvent, *, timeout: Timeout = DEFAULT) -> WebhookEvent:  # noqa: ASYNC109 - the call's
        """Ask the API whether a webhook's event is true; `webhooks.unwrap(..., confirm=...)`.

        Returns:
            The event, `confirmed`, with the URL that the API itself gives.

        Raises:
            WebhookUnconfirmedError: The API says otherwise.
            AkoolError: The call failed.
        """
        return confirmed(event, (await self.results([event.id], timeout=timeout))[0])

    def _handles(self, jobs: Iterable[AsyncJob | str]) -> list[AsyncJob]:
        return handles(jobs, AsyncJob, lambda job: job.belongs_to(self._engine), self.job)
