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
from akool_faceswap._media.ends import Ends
from akool_faceswap._media.kinds import HEAD_BYTES, is_text, recognise
from akool_faceswap._models.addresses import is_private, is_private_host

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from akool_faceswap._core.timing import RetryPolicy, Timeout
    from akool_faceswap._models.job_state import JobState

    Progress = Callable[[int, int | None], None]


MAX_BYTES = 16 << 30
"""Default for the largest file that is saved: 16 GiB."""
MAX_READ_BYTES = 1 << 30
"""Default for the largest file that is read into memory: 1 GiB."""
MAX_REDIRECTS = 5
MAX_NAME_CHARS = 120
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})", re.ASCII)
_GONE = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_REDIRECTS = {301, 302, 303, 307, 308}
_MAY_PASS = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_DEVICES = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)\d)(?:\..*)?", re.ASCII | re.IGNORECASE)
"""Names that are devices on Windows, with any extension."""


_CODINGS = {"gzip": None, "x-gzip": None, "deflate": None, "br": "brotli", "zstd": "zstd"}
"""Content codings that change bytes, and the extra of httpx2 that decodes them, if it needs one."""


@dataclass(frozen=True, slots=True)
class Download:
    """What to fetch, and how."""

    state: JobState
    url: str
    progress: Progress | None
    timeout: Timeout
    max_bytes: int
    fetched: Callable[[Fetched], None]
    """Called with what was fetched, once it is complete."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What is known about a result file that was downloaded."""

    size: int
    """Bytes."""
    media_type: str
    """Of the format that its first bytes show, such as `image/jpeg`; else what the server said."""
    whole: bool | None
    """True: it ends where its format says, or has the length that the server said while its format
    does not tell. False: it has that length, but its format expected more. None: nothing tells.
    """


_NOWHERE = (
    "The file server redirects into a private network, or from https to http; the client does "
    "not follow"
)


class DroppedError(Exception):
    """This attempt broke off; the next one goes on where it ended. Never leaves the package."""


class Transfer:
    """One file on its way, over as many attempts as it takes.

    Args:
        download: What to fetch.
        retry: How often, and how far apart.
        expired: Whether its time is over.
        local: The API itself is on this machine or in a private network; results may be too.
        codings: The content codings that can be decoded.
    """

    def __init__(
        self,
        download: Download,
        retry: RetryPolicy,
        expired: Callable[[], bool],
        *,
        local: bool,
        codings: Collection[str],
    ) -> None:
        self.url = self._start = download.url
        self.offset: int
        """Bytes that are safely received."""
        self.total: int | None
        """Length of the whole file, once the server has said it."""
        self.coding = ""
        """The content coding of the body that arrives; empty: it is the file itself."""
        self._download = download
        self._validator: str | None
        self._wire_total: int | None
        """Length of what is compressed."""
        self._ends: Ends | None
        self._held: bytes
        """The first bytes, until there are enough of them to tell what they begin."""
        self._called: str
        self._media_type: str
        self._forget()
        self._facts: Facts = {"job_id": download.state.id, "operation": "save"}
        self._retry = retry
        self._expired = expired
        self._local = local
        self._codings = codings
        self._miscalled = False
        """The server declared a compression that the body does not have."""
        self._ended = False
        self._failures = 0
        self._furthest = 0
        self._redirects = 0
        self._public_peer: bool | None = None
        """Whether the first server that was reached has a public address."""
        if not _is_web(download.url):
            raise self._error("The result has no usable URL")
        if is_private(download.url) and not local:
            raise self._error("The result's URL leads to this machine or into a private network")

    @property
    def complete(self) -> bool:
        """Whether every byte is there: a drop after the last one does not matter."""
        return self.total is not None and self.offset == self.total > 0

    @property
    def ended(self) -> bool:
        """Whether the body came to its end, as the server or the file itself says."""
        return self._ended

    @property
    def written(self) -> int:
        """Bytes that were passed on: all that are received, but the first ones are held back."""
        return self.offset - len(self._held)

    def headers(self) -> dict[str, str]:
        """Headers of the next request."""
        # Compressed lengths could not be compared with what arrives.
        headers = {"accept": "*/*", "accept-encoding": "identity"}
        if self.offset and self._validator:
            headers["range"] = f"bytes={self.offset}-"
            headers["if-range"] = self._validator
        return headers

    def reached(self, peer: str | None) -> None:
        """Note the server's IP address, if the connection knows it: a host name proves nothing.

        Raises:
            DownloadError: A public server redirected to a private one.
        """
        if peer is None:
            return
        private = is_private_host(peer)
        if self._public_peer is None:
            # Behind a proxy all peers are the proxy, which may well be private.
            self._public_peer = not private
        elif private and self._public_peer and not self._local:
            raise self._error(_NOWHERE)

    def head(self, status: int, headers: Mapping[str, str]) -> bool:
        """An answer begins: whether its body belongs at `offset` (False: ask again at `url`).

        Raises:
            DroppedError: It may go better next time.
            ResultExpired: The file is gone, and its time is over.
            DownloadError: It cannot be downloaded.
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
            raise DroppedError("the server cannot continue where it stopped")
        elif status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _MAY_PASS:
            raise DroppedError(f"HTTP {status}")
        elif status in _GONE and self._expired():
            raise ResultExpired("The result file is gone", **self._facts)
        else:
            raise self._error(f"The file server answered HTTP {status}")
        return True

    def add(self, chunk: bytes) -> bytes:
        """These bytes arrived; those that may be passed on.

        Raises:
            DownloadError: The file is larger than allowed, or than the server said; or it is
                neither picture nor video.
        """
        self.offset += len(chunk)
        if self.offset > self._furthest:
            # Progress. Starting over without getting further is no progress.
            self._furthest, self._failures = self.offset, 0
        if self.offset > self._download.max_bytes:
            raise self._error(f"The file is larger than {self._download.max_bytes} bytes")
        if self.total is not None and self.offset > self.total:
            raise self._error(f"More arrived than the {self.total} bytes announced")
        if self._ends is None:
            chunk = self._held = self._held + chunk
            if len(chunk) < HEAD_BYTES and not self.complete:
                return b""
            self._held, self._ends = b"", self._recognised(chunk)
        self._ends.add(chunk)
        return chunk

    def end(self, received: int) -> bytes:
        """The body ended, after so many bytes on the wire; what was still held back.

        Raises:
            DroppedError: Too early.
            DownloadError: The file is empty, or it is neither picture nor video.
        """
        if self.total is not None and self.offset < self.total:
            raise DroppedError(f"{self.offset} of {self.total} bytes arrived")
        if self._wire_total is not None and received < self._wire_total:
            raise DroppedError(f"{received} of {self._wire_total} compressed bytes arrived")
        if self.offset == 0:
            raise self._error("The file is empty")
        rest, self._held = self._held, b""
        if self._ends is None:
            self._ends = self._recognised(rest)
            self._ends.add(rest)
        if self.total is None and self._ends.whole() is False:
            self._forget()
            raise DroppedError("the connection ended before the file did")
        self._ended = True
        return rest

    def undecodable(self) -> DroppedError:
        """The body is not compressed as declared: the next attempt reads it as it is."""
        if self.offset:
            return DroppedError("the compression is broken")
        self._miscalled = True
        self._forget()
        return DroppedError("the file is not compressed as the server says")

    def done(self) -> None:
        """Everything was passed on and stored."""
        whole = None if self._ends is None else self._ends.whole()
        known = True if whole is None and self.total is not None else whole
        self._download.fetched(Fetched(self.offset, self._media_type, known))

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

    def anew(self) -> DownloadError:
        """The error for a download that would start over after pieces were passed on."""
        return self._error(
            "The download broke off and cannot continue; discard what you have received. "
            "save() and read() start again by themselves"
        )

    def late(self) -> DownloadError:
        """The error for a file that is not whole at the deadline."""
        return self._error("The file was not complete in time")

    def _whole(self, headers: Mapping[str, str]) -> None:
        self._forget()
        self.coding = self._coding(headers.get("content-encoding", ""))
        self._called = headers.get("content-type", "").partition(";")[0].strip().lower()
        text = headers.get("content-length", "")
        length = int(text) if text.isascii() and text.isdecimal() else None
        if length is not None and length > self._download.max_bytes:
            raise self._error(
                f"The file has {length} bytes; {self._download.max_bytes} are allowed (`max_bytes`)"
            )
        if self.coding:
            # The length is that of the compressed bytes, and so would be a range.
            self._wire_total = length
        else:
            self.total, self._validator = length, _validator(headers)

    def _coding(self, said: str) -> str:
        """The compression to undo. Object stores keep any word that was uploaded with a file."""
        words = [word for part in said.split(",") if (word := part.strip().lower()) in _CODINGS]
        if self._miscalled or not words:
            return ""
        for word in words:
            extra = _CODINGS[word]
            if extra is not None and word not in self._codings:
                raise self._error(
                    f"The file server compresses with {word}, although it was asked not to, and "
                    f"the decoder is not installed: pip install 'httpx2[{extra}]'"
                )
        return ", ".join(word.removeprefix("x-") for word in words)

    def _recognised(self, head: bytes) -> Ends:
        """What follows a file that begins with these bytes.

        Raises:
            DownloadError: It is neither picture nor video.
        """
        kind = recognise(head)
        foreign = self._called.startswith(("image/", "video/", "audio/")) and not is_text(head)
        if kind is None and not foreign:
            what = self._called or "of no stated type"
            raise self._error(
                f"What came from {urlsplit(self.url).hostname} is neither picture nor video but "
                f"{what}, and begins with {head[:HEAD_BYTES]!r}"
            )
        self._media_type = self._called if kind is None else kind.media_type
        return Ends(kind)

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
        self._held, self._wire_total, self._ends = b"", None, None

    def _redirect(self, location: str) -> None:
        self._redirects += 1
        try:
            url = urljoin(self.url, location)
        except ValueError:
            url = ""
        downgrade = _is_secure(self.url) and not _is_secure(url)
        inward = is_private(url) and not self._local
        if not location or downgrade or inward or not _is_web(url):
            raise self._error(_NOWHERE)
        if self._redirects > MAX_REDIRECTS:
            raise self._error("The file server redirects without end")
        self.url = url

    def _error(self, text: str) -> DownloadError:
        return DownloadError(text, **self._facts)


def _is_secure(url: str) -> bool:
    return url[:6].lower() == "https:"


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
        last = unquote(urlsplit(url).path).replace("\\", "/").rpartition("/")[2]
    except ValueError:
        last = ""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", last).lstrip(".-")[-MAX_NAME_CHARS:].rstrip(".")
    if not name or _DEVICES.fullmatch(name):
        return f"result_{job_id}" + ("." + name.split(".")[-1] if "." in name else "")
    return name


def expired(expires_at: datetime | None, now: float) -> bool:
    """Whether the vendor has deleted the file by now."""
    return expires_at is not None and now >= expires_at.timestamp()
