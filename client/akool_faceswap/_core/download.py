"""Fetching a result file whole or not at all, without a socket or a disk. Pure state machine.

Result files lie on a CDN, not on the API: requests for them carry no credentials and no cookies.
Docs: files are kept for seven days, https://docs.akool.com/ai-tools-suite/faceswap
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from akool_faceswap._errors import DownloadError, Facts, ResultExpired

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from akool_faceswap._core.timing import RetryPolicy, Timeout
    from akool_faceswap._models.job_state import JobState

    Progress = Callable[[int, int | None], None]


MAX_BYTES = 16 << 30
"""Largest file that is saved unless told otherwise: 16 GiB."""
MAX_REDIRECTS = 5
MAX_NAME_CHARS = 120
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})", re.ASCII)
_GONE = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_REDIRECTS = {301, 302, 303, 307, 308}
_MAY_PASS = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_DEVICES = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)\d)(?:\..*)?", re.ASCII | re.IGNORECASE)
"""Names that are devices on Windows, whatever they end in."""


@dataclass(frozen=True, slots=True)
class SaveOrder:
    """What to save, where, and how."""

    state: JobState
    url: str
    path: str | os.PathLike[str]
    progress: Progress | None
    timeout: Timeout
    max_bytes: int


class DroppedError(Exception):
    """This attempt broke off; the next one goes on where it ended. Never leaves the package."""


class Transfer:
    """One file on its way, over as many attempts as it takes."""

    def __init__(
        self, url: str, job_id: str, retry: RetryPolicy, expired: Callable[[], bool], max_bytes: int
    ) -> None:
        self.url = self._start = url
        self.offset = 0
        """Bytes that are safely received."""
        self.total: int | None = None
        """Length of the whole file, once the server has said it."""
        self._validator: str | None = None
        self._facts: Facts = {"job_id": job_id, "operation": "save"}
        self._retry = retry
        self._expired = expired
        self._max_bytes = max_bytes
        self._failures = 0
        self._furthest = 0
        self._redirects = 0
        if not _is_web(url):
            raise self._error("The result has no usable URL")

    @property
    def complete(self) -> bool:
        """Whether every byte is there: a drop after the last one does not matter."""
        return self.total is not None and self.offset == self.total > 0

    def headers(self) -> dict[str, str]:
        """Headers of the next request."""
        # Compressed lengths could not be compared with what arrives.
        headers = {"accept": "*/*", "accept-encoding": "identity"}
        if self.offset and self._validator:
            headers["range"] = f"bytes={self.offset}-"
            headers["if-range"] = self._validator
        return headers

    def head(self, status: int, headers: Mapping[str, str]) -> bool:
        """An answer begins: whether its body belongs at `offset` (False: ask again at `url`).

        Raises:
            DroppedError: It may go better next time.
            ResultExpired: The file is gone, and its time is over.
            DownloadError: It cannot be had.
        """
        if status in _REDIRECTS:
            self._redirect(headers.get("location", ""))
            return False
        self._redirects = 0
        if status == HTTPStatus.OK:
            self._whole(headers)
        elif status == HTTPStatus.PARTIAL_CONTENT:
            self._part(headers)
        elif status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and self.offset:
            self._forget()
            raise DroppedError("the server cannot go on where it stopped")
        elif status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _MAY_PASS:
            raise DroppedError(f"HTTP {status}")
        elif status in _GONE and self._expired():
            raise ResultExpired("The result file is gone", **self._facts)
        else:
            raise self._error(f"The file server answered HTTP {status}")
        return True

    def add(self, size: int) -> None:
        """So many bytes were stored.

        Raises:
            DownloadError: The file is larger than allowed, or than the server said.
        """
        self.offset += size
        if self.offset > self._furthest:
            # Progress; but starting over again and again without getting any further is none.
            self._furthest, self._failures = self.offset, 0
        if self.offset > self._max_bytes:
            raise self._error(f"The file is larger than {self._max_bytes} bytes")
        if self.total is not None and self.offset > self.total:
            raise self._error(f"More arrived than the {self.total} bytes announced")

    def end(self) -> None:
        """The body ended.

        Raises:
            DroppedError: Too early.
            DownloadError: The file is empty.
        """
        if self.total is not None and self.offset < self.total:
            raise DroppedError(f"{self.offset} of {self.total} bytes arrived")
        if self.offset == 0:
            raise self._error("The file is empty")

    def pause(self, trouble: DroppedError, left: float, jitter: Callable[[], float]) -> float:
        """Seconds to let pass after an attempt that broke off.

        Raises:
            DownloadError: It is time to give up.
        """
        if left <= 0:
            raise self.late() from trouble
        self.url = self._start
        if not self._validator:
            self._forget()
        self._failures += 1
        pause = self._retry.delay(self._failures, None, jitter)
        if self._failures >= self._retry.attempts or pause >= left:
            raise self._error(f"The download broke off: {trouble}") from trouble
        return pause

    def late(self) -> DownloadError:
        """The error for a file that is not whole at the deadline."""
        return self._error("The file was not complete in time")

    def _whole(self, headers: Mapping[str, str]) -> None:
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise self._error("The file server compresses, though asked not to")
        self._forget()
        length = headers.get("content-length", "")
        self.total = int(length) if length.isascii() and length.isdecimal() else None
        if self.total is not None and self.total > self._max_bytes:
            raise self._error(f"The file has {self.total} bytes; {self._max_bytes} are allowed")
        self._validator = _validator(headers)

    def _part(self, headers: Mapping[str, str]) -> None:
        match = _CONTENT_RANGE.fullmatch(headers.get("content-range", ""))
        if match is None or not self.offset:
            raise self._error("The file server sent a part that was not asked for")
        first, _, total = (int(number) for number in match.groups())
        other_size = self.total is not None and total != self.total
        # Not every server knows If-Range: what it says of the part must fit what it said before.
        if first != self.offset or other_size or _validator(headers) not in {None, self._validator}:
            self._forget()
            raise DroppedError("the file changed meanwhile")
        self.total = total

    def _forget(self) -> None:
        self.offset, self.total, self._validator = 0, None, None

    def _redirect(self, location: str) -> None:
        self._redirects += 1
        try:
            url = urljoin(self.url, location)
        except ValueError:
            url = ""
        downgrade = self.url.startswith("https:") and not url.startswith("https:")
        if not location or downgrade or not _is_web(url):
            raise self._error("The file server redirects to where nobody should go")
        if self._redirects > MAX_REDIRECTS:
            raise self._error("The file server redirects without end")
        self.url = url

    def _error(self, text: str) -> DownloadError:
        return DownloadError(text, **self._facts)


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _validator(headers: Mapping[str, str]) -> str | None:
    """What tells this version of the file from others: a strong one (RFC 9110, 13.1.5)."""
    etag = headers.get("etag", "")
    return etag if etag.startswith('"') else headers.get("last-modified") or None


def file_name(url: str, job_id: str) -> str:
    """A harmless name for the file of a result, from its URL."""
    try:
        last = unquote(urlsplit(url).path).replace("\\", "/").rsplit("/", 1)[-1]
    except ValueError:
        last = ""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", last).lstrip(".-")[-MAX_NAME_CHARS:].rstrip(".")
    if not name or _DEVICES.fullmatch(name):
        return f"result_{job_id}" + ("." + name.split(".")[-1] if "." in name else "")
    return name


def expired(expires_at: datetime | None, now: float) -> bool:
    """Whether the vendor has deleted the file by now."""
    return expires_at is not None and now >= expires_at.timestamp()
