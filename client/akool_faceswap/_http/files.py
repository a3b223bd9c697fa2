"""A file that appears whole under its name, or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import IO, TYPE_CHECKING

from akool_faceswap._errors import DownloadError, InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator


MARKER_CHARS = 40
"""Letters of the name in the temporary one: it must fit into 255 bytes in any script."""


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
                raise DownloadError(f"{self.path} is not a regular file; it was left alone")
            marker = f".{self.path.name[:MARKER_CHARS]}.{secrets.token_hex(6)}.part"
            self._part = self.path.with_name(marker)
            self._file: IO[bytes] = self._part.open("xb")

    def rewind(self, offset: int) -> None:
        """Keep so many bytes, write on behind them."""
        with _disk("write"):
            self._file.seek(offset)
            self._file.truncate()

    def write(self, chunk: bytes) -> None:
        """Write on."""
        with _disk("write"):
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
