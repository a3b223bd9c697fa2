"""Where a result goes: a file that appears whole or not at all, memory, or a file that is open."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Protocol, TypeVar

from akool_faceswap._errors import DownloadError, InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator


R_co = TypeVar("R_co", covariant=True)
MARKER_CHARS = 40
"""Letters of the name in the temporary one: it must fit into 255 bytes in any script."""


class Destination(Protocol[R_co]):
    """Takes the bytes of a result. Every method may raise `DownloadError`."""

    def write(self, position: int, chunk: bytes) -> None:
        """Write these bytes at that position, and drop what was written behind it."""
        ...

    def commit(self) -> R_co:
        """Everything was written."""
        ...

    def abandon(self) -> None:
        """Leave nothing behind. Does nothing after `commit`."""
        ...


class ResultFile:
    """Where a result is saved: a hidden temporary file beside it, renamed when complete.

    Every method may raise `DownloadError`, when the disk refuses.
    """

    def __init__(self, path: str | os.PathLike[str], name: str) -> None:
        """Begin a file at `path`; if that is a folder, at `name` inside it."""
        try:
            self.path = Path(path)
        except TypeError:
            raise InvalidRequestError(f"path must be a path, not {type(path).__name__}") from None
        with _disk("create"):
            if self.path.is_dir():
                self.path /= name
            if self.path.exists() and not self.path.is_file():
                raise DownloadError(f"{self.path} is not a regular file; it was not changed")
            marker = f".{self.path.name[:MARKER_CHARS]}.{secrets.token_hex(6)}.part"
            self._part = self.path.with_name(marker)
            self._file: IO[bytes] = self._part.open("xb")

    def write(self, position: int, chunk: bytes) -> None:
        """Continue writing, or start again from there."""
        with _disk("write"):
            if self._file.tell() != position:
                self._file.seek(position)
                self._file.truncate()
            self._file.write(chunk)

    def commit(self) -> Path:
        """Make it durable, and visible under its name in one step."""
        with _disk("finish"):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._part.replace(self.path)
            _sync_folder(self.path.parent)
        return self.path

    def abandon(self) -> None:
        """Leave nothing behind. Does nothing after `commit`."""
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)


class OpenFile:
    """A file object of the caller's: written on from where it stands, and left open."""

    def __init__(self, file: BinaryIO) -> None:
        """Begin where it stands.

        Raises:
            InvalidRequestError: It takes text.
        """
        if isinstance(file, io.TextIOBase):
            raise InvalidRequestError("The file takes text; open it with mode 'wb'")
        self._file = file
        self._written = 0
        with _disk("use"):
            self._start = file.tell() if file.seekable() else None
        self._done = False

    def write(self, position: int, chunk: bytes) -> None:
        """Continue writing, or start again from there if the file can seek."""
        with _disk("write"):
            if position != self._written:
                self._back(position)
            view = memoryview(chunk)
            while view:  # raw files and pipes may take less
                view = view[self._file.write(view) or 0 :]
            self._written = position + len(chunk)

    def commit(self) -> None:
        """Leave it behind the last byte."""
        with _disk("finish"):
            self._file.flush()
        self._done = True

    def abandon(self) -> None:
        """Remove what was written, if the file can seek."""
        if not self._done and self._start is not None:
            with contextlib.suppress(OSError, ValueError):
                self._back(0)

    def _back(self, position: int) -> None:
        if self._start is None:
            raise DownloadError(
                "The download started again, and this file object cannot go back: save to a path"
            )
        self._file.seek(self._start + position)
        self._file.truncate()


class Memory:
    """The result as bytes."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def write(self, position: int, chunk: bytes) -> None:
        del self._bytes[position:]
        self._bytes += chunk

    def commit(self) -> bytes:
        """All of it."""
        return bytes(self._bytes)

    def abandon(self) -> None:
        """See `Destination`."""


def target_of(place: Any, name: str) -> ResultFile | OpenFile:  # noqa: ANN401 - checked here
    """The target of a result: a path, a folder or an open file."""
    return OpenFile(place) if hasattr(place, "write") else ResultFile(place, name)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system can open folders."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _disk(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        # ValueError: a path with a NUL byte in it.
        raise DownloadError(f"Could not {what} the file: {error}") from error
