"""The client: its settings, its life, and every method that does not submit a swap."""

from __future__ import annotations

import os
import random
from contextlib import aclosing
from typing import TYPE_CHECKING, Literal, Self, overload

from akool_faceswap._async.engine import AsyncEngine, AsyncSystemClock
from akool_faceswap._async.operations import AsyncSubmits
from akool_faceswap._core import requests
from akool_faceswap._core.arguments import in_chunks, inline
from akool_faceswap._core.call import callback
from akool_faceswap._core.credentials import resolve
from akool_faceswap._core.job import confirmed, own_jobs, unpicklable
from akool_faceswap._core.job_calls import delete_call, deletion, kind_of_ids
from akool_faceswap._core.settings import settings
from akool_faceswap._core.timing import DEFAULT, Polling, RetryPolicy, Timeout
from akool_faceswap._core.token_call import get_token_call
from akool_faceswap._errors import AkoolError, JobTimeout
from akool_faceswap._http import log
from akool_faceswap._models.job_kind import JobRef, clean_ids
from akool_faceswap._models.job_state import JobState

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable
    from types import TracebackType

    import httpx2

    from akool_faceswap._async.jobs import AsyncJob, AsyncJobResult
    from akool_faceswap._async.raw import AsyncRaw
    from akool_faceswap._core.call import Attempt
    from akool_faceswap._core.timing import AnyClock
    from akool_faceswap._http.uploading import AsyncUploader
    from akool_faceswap._models.account import Credit
    from akool_faceswap._models.detection import Detection
    from akool_faceswap._models.given import Medium
    from akool_faceswap.webhooks import WebhookEvent


class AsyncFaceSwap(AsyncSubmits):
    """Client for the AKOOL Face Swap API.

    `FaceSwap` may be shared between threads; `AsyncFaceSwap` serves the tasks of one event loop at
    a time. Use it as a context manager, or call `close()` at the end. Every method takes
    `timeout=`, seconds for the whole call. Default: the client's timeout. None: no timeout.
    Every error is an `AkoolError`.

    Args:
        api_key: The API key. Default: `AKOOL_API_KEY`.
        client_id: With `client_secret`, instead of a key: the client fetches a token at its first
            call, and a new one when the API refuses it. Default: `AKOOL_CLIENT_ID`.
        client_secret: Default: `AKOOL_CLIENT_SECRET`.
        base_url: Another server for every operation, such as a mock. Default: `AKOOL_BASE_URL`.
        timeout: Seconds for one call; default: 60. None: no timeout.
        retry: How calls are retried. Submits of unknown outcome are never retried.
        polling: How jobs are polled while you wait.
        http_client: Your own httpx2 client, for proxies or TLS settings. It is not closed here. On
            your client, httpx2's timeouts apply, and those start again with every read. So a slow
            server can hold a thread of `FaceSwap` longer than the timeout.
        transport: Your own httpx2 transport. The same timeouts apply.
        on_attempt: Called after every attempt of every call, in the calling thread.
        uploader: Uploads local files to where the vendor can fetch them, if you pass a path, bytes
            or an open file instead of a URL. `uploader(path or bytes, name, media type)` returns
            the URL. `akool_faceswap.uploads` has ready ones.
        clock: Time, for tests. `AsyncFaceSwap` takes either kind, `FaceSwap` a `Clock`.
        jitter: Random numbers in [0, 1), for tests.

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
        uploader: AsyncUploader | None = None,
        clock: AnyClock | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        log.configure(os.environ)
        config = resolve(api_key, client_id, client_secret, base_url, os.environ)
        how = settings(timeout, retry, polling, on_attempt, jitter)
        self._engine = AsyncEngine(
            config, how, clock or AsyncSystemClock(), http_client, transport, uploader=uploader
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._engine.config.described()}>"

    __reduce__ = unpicklable("Make a client there, with the same settings")

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
        """Close the connections. Open waits raise `ClientClosedError`. Idempotent."""
        await self._engine.close()

    @property
    def raw(self) -> AsyncRaw:
        """The operations with the generated models, exactly as in the contract."""
        from akool_faceswap._async.raw import AsyncRaw  # noqa: PLC0415 - brings the generated models

        return AsyncRaw(self._engine)

    # Everything else: reads, and what concerns jobs.

    async def detect_faces_legacy(
        self,
        url: Medium | None = None,
        *,
        image: Medium | None = None,
        single_face: bool = False,
        timeout: Timeout = DEFAULT,
    ) -> Detection:
        """Find the faces in an image, with the older endpoint (deprecated by the vendor).

        Docs: https://docs.akool.com/ai-tools-suite/faceswap/face-detect

        Args:
            url: URL of the image (`image_url`), or a local file.
            image: The image itself in base64 (`img`), instead of `url`.
            single_face: Only the largest face.
            timeout: Seconds; default: the client's timeout. None: no timeout.

        Raises:
            DetectionError: The image could not be read.
            AkoolError: The call failed.
        """
        address, text, file = inline(url, image)
        call = requests.detect_faces_legacy_call(address, text, single_face=single_face)
        found = await self._engine.run(call, timeout)
        return found if file is None else found.of(file)

    async def credit(self, *, timeout: Timeout = DEFAULT) -> Credit:
        """The account's credits.

        Docs: https://docs.akool.com/ai-tools-suite/faceswap/get-credit

        Raises:
            AkoolError: The call failed.
        """
        return await self._engine.run(requests.get_credit_call(), timeout)

    async def token(self, *, timeout: Timeout = DEFAULT) -> str:
        """Fetch a token for `client_id` and `client_secret`. The client also does this itself.

        Docs: https://docs.akool.com/authentication/usage

        Raises:
            ConfigurationError: The client has no `client_id` and `client_secret`.
            AkoolError: The call failed.
        """
        return await self._engine.run(get_token_call(*self._engine.config.pair), timeout)

    async def results(
        self, ids: Iterable[str], *, operation: str | None = None, timeout: Timeout = DEFAULT
    ) -> list[JobState]:
        """Poll jobs once. To wait, use `Job.wait`, `wait_all` or `as_completed`.

        Docs: https://docs.akool.com/ai-tools-suite/faceswap/get-result

        Args:
            ids: Any number of ids; they are asked for in chunks.
            operation: The operation that started them; default: a face swap.
            timeout: Seconds for each chunk; default: the client's timeout. None: no timeout.

        Returns:
            One state for each id, in the same order, without duplicates. If the API does not list
            an id, `listed` is False.

        Raises:
            AkoolError: The call failed.
        """
        states: dict[str, JobState] = {}
        kind = kind_of_ids(operation, requests.SWAP)
        wanted = clean_ids(ids, kind.spec.poll.separator)
        for chunk in in_chunks(wanted, self._engine.poller.schedule.chunk_size(kind)):
            states.update(await self._engine.states(kind, chunk, timeout))
        return [states.get(job_id) or kind.unlisted(job_id) for job_id in wanted]

    async def delete(
        self, ids: Iterable[str], *, operation: str | None = None, timeout: Timeout = DEFAULT
    ) -> None:
        """Delete results at the vendor. It cannot be undone.

        Docs: https://docs.akool.com/ai-tools-suite/faceswap/delete-result

        Args:
            ids: Any number of ids; they are sent in chunks.
            operation: The operation that started them; default: a face swap.
            timeout: Seconds for each chunk; default: the client's timeout. None: no timeout.

        Raises:
            InvalidRequestError: The contract has no way to delete these.
            AkoolError: The call failed; earlier chunks are deleted.
        """
        kind = kind_of_ids(operation, requests.SWAP)
        at_once = self._engine.settings.polling.chunk_size
        size = 1 if deletion(kind).separator is None else at_once
        for chunk in in_chunks(clean_ids(ids, kind.spec.poll.separator), size):
            await self._engine.run(delete_call(kind, chunk), timeout)

    def job(self, job_id: str, *, operation: str | None = None) -> AsyncJob:
        """A job that was submitted earlier or elsewhere, from its id. Sends nothing.

        Args:
            job_id: A face swap's `_id`, or the id of another job.
            operation: The operation that started it; default: a face swap.

        Raises:
            InvalidRequestError: It cannot be an id, or the operation starts no job.
        """
        from akool_faceswap._async.jobs import AsyncJob  # noqa: PLC0415 - see `AsyncSubmits`

        kind = kind_of_ids(operation, requests.SWAP)
        return AsyncJob(self._engine, JobRef(kind, kind.clean(job_id)))

    async def as_completed(
        self,
        jobs: Iterable[AsyncJob | str],
        *,
        timeout: Timeout = DEFAULT,
        on_update: Callable[[JobState], None] | None = None,
    ) -> AsyncGenerator[AsyncJob]:
        """The jobs, each as soon as it is finished; `job.result()` then has its file or raises.

        The jobs share their polls: one request for each chunk of ids.

        Args:
            jobs: Jobs of this client, or their ids.
            timeout: Seconds for all; default: 30 minutes (`Polling.timeout`). None: no timeout.
            on_update: Called with every change of state of any job.

        Raises:
            JobTimeout: The deadline passed; `pending` lists the jobs that are not finished.
            AkoolError: The API refused the poll.
        """
        from akool_faceswap._async.jobs import events  # noqa: PLC0415 - see `AsyncSubmits`

        own = self._own(jobs)
        every = callback("on_update", on_update)
        async with aclosing(events(self._engine, own, timeout, every=every)) as told:
            async for job, event in told:
                if on_update is not None and isinstance(event, JobState):
                    on_update(event)
                if job.record.end is not None:
                    yield job

    @overload
    async def wait_all(
        self,
        jobs: Iterable[AsyncJob | str],
        *,
        timeout: Timeout = ...,
        on_update: Callable[[JobState], None] | None = ...,
        return_errors: Literal[False] = ...,
    ) -> list[AsyncJobResult]: ...

    @overload
    async def wait_all(
        self,
        jobs: Iterable[AsyncJob | str],
        *,
        timeout: Timeout = ...,
        on_update: Callable[[JobState], None] | None = ...,
        return_errors: Literal[True],
    ) -> list[AsyncJobResult | AkoolError]: ...

    async def wait_all(
        self,
        jobs: Iterable[AsyncJob | str],
        *,
        timeout: Timeout = DEFAULT,
        on_update: Callable[[JobState], None] | None = None,
        return_errors: bool = False,
    ) -> list[AsyncJobResult] | list[AsyncJobResult | AkoolError]:
        """Wait for many jobs together. They share their polls: one request for each chunk of ids.

        Args:
            jobs: Jobs of this client, or their ids.
            timeout: Seconds for all; default: 30 minutes (`Polling.timeout`). None: no timeout.
            on_update: Called with every change of state of any job.
            return_errors: Put a failed job's error into the list instead of its result. At the
                deadline, put in a `JobTimeout` for each pending job.

        Returns:
            The results in the order of the jobs.

        Raises:
            JobFailed: As soon as one job fails; the others go on.
            JobTimeout: The deadline passed; `pending` lists the jobs that are not finished.
            AkoolError: The API refused the poll.
        """
        own = self._own(jobs)
        try:
            async for job in self.as_completed(own, timeout=timeout, on_update=on_update):
                if not return_errors:
                    await job.result()
        except JobTimeout:
            if not return_errors:
                raise
        if return_errors:
            return [job.outcome() for job in own]
        return [await job.result() for job in own]

    async def confirm(
        self, event: WebhookEvent, *, operation: str | None = None, timeout: Timeout = DEFAULT
    ) -> WebhookEvent:
        """Ask the API whether a webhook's event is true; `webhooks.unwrap(..., confirm=...)`.

        Args:
            event: What the webhook says.
            operation: The operation that started the job; default: a face swap.
            timeout: Seconds; default: the client's timeout. None: no timeout.

        Returns:
            The event, `confirmed`, with the URL from the API.

        Raises:
            WebhookUnconfirmedError: The API says otherwise.
            AkoolError: The call failed.
        """
        looks = kind_of_ids(operation, requests.SWAP).looks
        (state,) = await self.results([event.id], operation=operation, timeout=timeout)
        return confirmed(event, state, looks)

    def _own(self, jobs: Iterable[AsyncJob | str]) -> list[AsyncJob]:
        from akool_faceswap._async.jobs import AsyncJob  # noqa: PLC0415 - see `AsyncSubmits`

        return own_jobs(jobs, AsyncJob, lambda job: job.belongs_to(self._engine), self.job)
