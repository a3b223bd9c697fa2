"""Which files of a request need a URL, and which URLs are still valid. No IO."""

from __future__ import annotations

from dataclasses import replace
from inspect import isawaitable, iscoroutine, iscoroutinefunction
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from akool_faceswap._errors import (
    AkoolError,
    ConfigurationError,
    InvalidRequestError,
    UploadError,
)
from akool_faceswap._models.given import LocalFile, files_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from akool_faceswap._core.call import Call
    from akool_faceswap._media.local import Looked

T = TypeVar("T")
MAX_KEPT = 1024
"""Addresses that a client remembers."""
WITHOUT = (
    "{file} is a local file, but the vendor must be able to fetch it. Either pass the public "
    "http(s) URL of a copy; or make the client with one of the uploaders of "
    "`akool_faceswap.uploads`: FaceSwap(uploader=S3(...)), Fsspec(...), or Mock(...) for a mock; "
    "or with a function of your own: uploader(path or bytes, name, media type) -> URL. On the "
    "command line, add --uploader. Pictures are detected without one"
)


class Uploader(Protocol):
    """Puts a file where the vendor can fetch it.

    If its URLs stay valid, an attribute `good_for_s` says for how many seconds. A file that is used
    again in the first half of that time is not uploaded again.
    """

    def __call__(self, content: Path | bytes, name: str, media_type: str, /) -> str:
        """Upload a path or bytes.

        Args:
            content: The file.
            name: A harmless name, ending as its kind does.
            media_type: Such as `image/jpeg`.

        Returns:
            The URL under which it can be fetched.
        """
        ...


class AsyncUploader(Protocol):
    """An `Uploader` for `AsyncFaceSwap`: it may be awaited. If not, it is called in a thread."""

    def __call__(
        self, content: Path | bytes, name: str, media_type: str, /
    ) -> str | Awaitable[str]:
        """See `Uploader`."""
        ...


class Uploads:
    """The files of one client's requests."""

    def __init__(
        self,
        uploader: AsyncUploader | None,
        time: Callable[[], float],
        *,
        awaits: bool,
    ) -> None:
        """Refuse what can only fail later.

        Raises:
            ConfigurationError: It is not a function, or a coroutine function that nobody awaits.
        """
        if uploader is not None and not callable(uploader):
            raise ConfigurationError(
                "uploader must be a function: (path or bytes, name, media type)"
            )
        self.awaited = _is_coroutine(uploader)
        if self.awaited and not awaits:
            raise ConfigurationError(
                "This uploader is a coroutine function: use it with AsyncFaceSwap"
            )
        self.uploader: Any = uploader
        self._time = time
        self._kept: dict[str, tuple[str, float]] = {}

    def look(self, body: object) -> dict[str, Looked]:
        """The files in a request's body, each looked at before the first is uploaded.

        Raises:
            InvalidRequestError: One cannot be swapped; or there is no uploader for them.
        """
        local = tuple(files_in(body))
        if not local:
            return {}
        from akool_faceswap._media.local import look  # noqa: PLC0415 - few programs pass files

        files = {str(file): look(file) for file in local}
        if self.uploader is None:
            raise InvalidRequestError(WITHOUT.format(file=next(iter(files.values())).name))
        return files

    def wanted(self, files: Mapping[str, Looked]) -> list[Looked]:
        """Those of them that have no URL yet, each once."""
        now = self._time()
        by_key = {file.key: file for file in files.values()}
        return [file for key, file in by_key.items() if self._kept.get(key, ("", now))[1] <= now]

    def placed(
        self, call: Call[T], files: Mapping[str, Looked], addresses: Mapping[str, str]
    ) -> Call[T]:
        """The call with an address for every file: fresh ones, and those that are still good.

        Args:
            call: The call.
            files: What `look` found in its body.
            addresses: Of the `wanted` ones, by their keys.
        """
        known = {key: url for key, (url, _) in self._kept.items()} | dict(addresses)
        body: Any = _filled(call.body, {text: known[file.key] for text, file in files.items()})
        self._keep(addresses)
        return replace(call, body=body)

    def _keep(self, addresses: Mapping[str, str]) -> None:
        good_s = float(getattr(self.uploader, "good_for_s", 0))
        if good_s > 0:
            until = self._time() + good_s / 2
            self._kept |= {key: (url, until) for key, url in addresses.items()}
        while len(self._kept) > MAX_KEPT:
            self._kept.pop(next(iter(self._kept)))


def address(file: Looked, given: object) -> str:
    """What an uploader returned, as a URL.

    Raises:
        UploadError: It is not a URL.
    """
    if isawaitable(given):
        if iscoroutine(given):
            given.close()  # it would warn that nobody awaited it
        raise UploadError(
            f"The uploader of {file.name} is a coroutine function: use it with AsyncFaceSwap"
        )
    if not (isinstance(given, str) and given[:8].lower().startswith(("http://", "https://"))):
        raise UploadError(f"The uploader returned {given!r:.60} for {file.name}; it must be a URL")
    return given


def failed(file: Looked, error: Exception) -> AkoolError:
    """What an uploader raised, as one of our errors."""
    if isinstance(error, AkoolError):
        return error
    return UploadError(f"{file.name} could not be uploaded: {type(error).__name__}: {error}")


def _filled(body: object, addresses: Mapping[str, str]) -> object:
    """The body with an address for every file."""
    if isinstance(body, LocalFile):
        return addresses[str(body)]
    if isinstance(body, dict):
        return {key: _filled(value, addresses) for key, value in body.items()}
    if isinstance(body, list | tuple):
        return [_filled(value, addresses) for value in body]
    return body


def _is_coroutine(uploader: object) -> bool:
    call = getattr(uploader, "__call__", None)  # noqa: B004 - of an object, to look at it
    return iscoroutinefunction(uploader) or iscoroutinefunction(call)
