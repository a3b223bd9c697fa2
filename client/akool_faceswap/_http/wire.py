"""The only module that speaks HTTP: requests out, answers or classified failures in.

It does not decide about retries: it reports the outcome of a request (`Fate`).
Requests are built here and sent as they are, so that nothing configured on a client that the user
brought along (default headers, auth, redirects) is mixed into them, and our credentials go to the
API's own origin only.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

import httpx2

from akool_faceswap._core.call import Fate, NoAnswer
from akool_faceswap._core.timing import CONNECT_TIMEOUT, READ_ATTEMPT_TIMEOUT, finite
from akool_faceswap._errors import (
    AkoolError,
    DownloadError,
    InvalidRequestError,
    NotDeliveredError,
    RawAnswer,
    RequestTimeoutError,
    TransportError,
    UnreadableAnswerError,
)
from akool_faceswap._text import plain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from akool_faceswap._core.call import Send
    from akool_faceswap._http.deadline import Deadline


MAX_ANSWER_BYTES = 16 << 20
"""Largest answer that is read, after decompression. A list of a thousand results has 0.5 MB."""
LAST_RESORT = 0.1
"""Seconds by which the library's own timeouts come first. They close what was opened; a task that
is cancelled in a TLS handshake would leave that to the garbage collector.
"""

# Connecting failed, or no connection was free: not a byte of the request has left.
_NOT_DELIVERED = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)


class _TooLargeError(Exception):
    """The answer exceeds `MAX_ANSWER_BYTES`."""


class _TooLateError(Exception):
    """The answer was not complete at the deadline."""


@dataclass(frozen=True, slots=True)
class Wire:
    """What sending needs to know besides the connection."""

    base_url: str | None
    """If set, every operation is sent there instead of to the contract's servers."""
    user_agent: str
    monotonic: Callable[[], float]
    deadline: Deadline

    def request(self, step: Send) -> httpx2.Request:
        """The HTTP request for a step.

        Raises:
            InvalidRequestError: Its body is not JSON.
        """
        call = step.call
        url = _url(self.base_url or call.operation.server, call.path)
        if call.params:
            url = url.copy_merge_params(call.params)
        headers = {name.lower(): value for name, value in call.headers.items()} | {
            "accept": "application/json",
            "accept-encoding": "gzip, deflate",
            "user-agent": self.user_agent,
        }
        content: bytes | None = None
        if call.body is not None:
            headers["content-type"] = "application/json"
            content = _encode(call.body)
        if step.credential is not None:
            headers[step.credential.header] = step.credential.value
        connect, read = finite(step.connect_timeout), finite(step.read_timeout)
        timeout = {"connect": connect, "read": read, "write": read, "pool": connect}
        return httpx2.Request(
            call.method, url, headers=headers, content=content, extensions={"timeout": timeout}
        )

    def send(self, client: httpx2.Client, step: Send) -> RawAnswer | NoAnswer:
        """One attempt. Raises nothing that came from the network."""
        started = self.monotonic()
        request = self.request(step)
        try:
            with self.deadline.at(step.deadline):
                response = client.send(request, stream=True, auth=None, follow_redirects=False)
                try:
                    body = _Body(step.deadline, self.monotonic)
                    for chunk in response.iter_bytes():
                        body.add(chunk)
                finally:
                    response.close()
        except Exception as error:  # noqa: BLE001 - a transport may raise anything, and none of it may leave
            return no_answer(error, request, self.monotonic() - started)
        return _answer(response, body)

    async def asend(
        self, client: httpx2.AsyncClient, step: Send, *, ours: bool
    ) -> RawAnswer | NoAnswer:
        """`send`, for asyncio; `ours` says that the connections are the library's own."""
        import asyncio  # noqa: PLC0415 - threads should not pay for it

        started = self.monotonic()
        request = self.request(step)
        request.stream = content = _Content(request.content)
        try:
            async with asyncio.timeout(finite(step.deadline - started + LAST_RESORT)):
                response = await client.send(
                    request, stream=True, auth=None, follow_redirects=False
                )
                try:
                    body = _Body(step.deadline, self.monotonic)
                    async for chunk in response.aiter_bytes():
                        body.add(chunk)
                finally:
                    await response.aclose()
        except Exception as error:  # noqa: BLE001 - see `send`
            # Another transport may take the request without asking for its body as a stream.
            if ours and isinstance(error, TimeoutError) and not content.wanted:
                error = httpx2.ConnectTimeout("no connection in time")
            return no_answer(error, request, self.monotonic() - started)
        return _answer(response, body)


class _Content(httpx2.ByteStream):
    """A request's body that knows whether it was asked for.

    Connecting comes before: until then the server has no whole request to work on.
    """

    wanted = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.wanted = True
        async for chunk in super().__aiter__():
            yield chunk


class _Body:
    """The body as it arrives, bounded in size and time."""

    __slots__ = ("_chunks", "_deadline", "_monotonic", "_size")

    def __init__(self, deadline: float, monotonic: Callable[[], float]) -> None:
        self._chunks: list[bytes] = []
        self._size = 0
        self._deadline = deadline
        self._monotonic = monotonic

    def add(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > MAX_ANSWER_BYTES:
            raise _TooLargeError
        # The library's timeout is per read: a server that drips would hold the call without end.
        if self._monotonic() > self._deadline:
            raise _TooLateError
        self._chunks.append(chunk)

    def whole(self) -> bytes:
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)


def no_answer(error: Exception, request: httpx2.Request, elapsed: float) -> NoAnswer:
    """What an exception while sending says about the request."""
    url = request.url
    where = f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}{url.path}"
    what = f"{request.method} {where} after {elapsed:.1f} s"
    if not isinstance(error, _TooLargeError | _TooLateError):
        what += f": {type(error).__name__}"
    if isinstance(error, _NOT_DELIVERED):
        what += f" ({plain(str(error))})"
        fate, problem = Fate.NOT_DELIVERED, _caused(NotDeliveredError, "Not delivered", what, error)
    elif isinstance(error, httpx2.TimeoutException | _TooLateError | TimeoutError):
        fate, problem = Fate.UNKNOWN, _caused(RequestTimeoutError, "No answer in time", what, error)
    elif isinstance(error, _TooLargeError):
        text = f"The answer is larger than {MAX_ANSWER_BYTES} bytes"
        fate, problem = Fate.UNKNOWN, _caused(UnreadableAnswerError, text, what, error)
    elif isinstance(error, httpx2.DecodingError):
        text = "The answer's compression is broken"
        fate, problem = Fate.UNKNOWN, _caused(UnreadableAnswerError, text, what, error)
    else:
        fate, problem = Fate.UNKNOWN, _caused(TransportError, "The exchange broke off", what, error)
    return NoAnswer(fate, problem)


def _caused(kind: type[AkoolError], text: str, what: str, cause: Exception) -> AkoolError:
    error = kind(f"{text}: {what}")
    error.__cause__ = cause
    return error


def _answer(response: httpx2.Response, body: _Body) -> RawAnswer:
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1")
        for name, value in response.headers.raw
    }
    return RawAnswer(response.status_code, headers, body.whole())


def _encode(body: object) -> bytes:
    try:
        return json.dumps(body, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequestError(f"The request cannot be written as JSON: {error}") from None


@lru_cache(maxsize=64)
def _url(server: str, path: str) -> httpx2.URL:
    """Parsing costs more than the rest of building a request; there are ten of them."""
    return httpx2.URL(server + path)


def bare_request(url: str, headers: Mapping[str, str], deadline: float) -> httpx2.Request:
    """A request for a result file: it lies on a CDN, which must not get our credentials.

    Raises:
        DownloadError: The URL cannot be requested.
    """
    endless = math.isinf(deadline)
    connect = None if endless else CONNECT_TIMEOUT
    read = None if endless else READ_ATTEMPT_TIMEOUT
    timeout = {"connect": connect, "read": read, "write": read, "pool": connect}
    try:
        return httpx2.Request("GET", url, headers=headers, extensions={"timeout": timeout})
    except (httpx2.InvalidURL, ValueError, TypeError) as error:
        raise DownloadError(f"The result has no usable URL: {error}") from error


def peer(response: httpx2.Response) -> str | None:
    """The IP address of the server, if the connection knows it."""
    stream = response.extensions.get("network_stream")
    address = None if stream is None else stream.get_extra_info("server_addr")
    return str(address[0]) if isinstance(address, tuple) and address else None


@cache
def decodable_codings() -> frozenset[str]:
    """The content codings beyond gzip and deflate that httpx2 can decode here."""
    brotli = any(find_spec(name) for name in ("brotli", "brotlicffi"))
    zstd = sys.version_info >= (3, 14) or (find_spec("backports") and find_spec("backports.zstd"))
    found = {"br": brotli, "zstd": zstd}
    return frozenset(coding for coding, known in found.items() if known)
