"""Results: the file of a finished job."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akool_faceswap import _saving
from akool_faceswap._download import MAX_BYTES
from akool_faceswap._timing import DEFAULT, Timeout

if TYPE_CHECKING:
    import os
    from datetime import datetime
    from pathlib import Path

    from akool_faceswap._async_engine import AsyncEngine
    from akool_faceswap._engines import Engine
    from akool_faceswap._saving import Progress
    from akool_faceswap._states import JobState


@dataclass(frozen=True, slots=True)
class _Result:
    """A finished job's file, as long as the vendor keeps it."""

    state: JobState
    """What the API said about the job last; `state.raw` is the item as it came."""
    url: str
    """Where the file is, for seven days."""

    @property
    def id(self) -> str:
        """The job's `_id`."""
        return self.state.id

    @property
    def created_at(self) -> datetime | None:
        """When the job was submitted, UTC."""
        return self.state.created_at

    @property
    def expires_at(self) -> datetime | None:
        """When the vendor deletes the file: seven days after submission, UTC."""
        return self.state.expires_at


@dataclass(frozen=True, slots=True)
class JobResult(_Result):
    """A finished job's file, as long as the vendor keeps it."""

    _engine: Engine = field(repr=False, compare=False)

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        progress: Progress | None = None,
        timeout: Timeout = DEFAULT,
        max_bytes: int = MAX_BYTES,
    ) -> Path:
        """Save the file: whole under its name, or not at all.

        After a drop it goes on where it stopped, if the server can; the length is checked.

        Args:
            path: The file to write, or a folder to put it in under a name from its URL.
            progress: Called with the bytes so far and the total, None while that is unknown.
            timeout: Seconds for all attempts; left out ten minutes, None for ever.
            max_bytes: Refuse larger files.

        Returns:
            The path of the file.

        Raises:
            ResultExpired: The vendor has deleted it.
            DownloadError: It could not be fetched or stored; nothing is left at the path.
        """
        order = _saving.Order(self.state, self.url, path, progress, timeout, max_bytes)
        return _saving.save(self._engine, order)


@dataclass(frozen=True, slots=True)
class AsyncJobResult(_Result):
    """A finished job's file, as long as the vendor keeps it."""

    _engine: AsyncEngine = field(repr=False, compare=False)

    async def save(
        self,
        path: str | os.PathLike[str],
        *,
        progress: Progress | None = None,
        timeout: Timeout = DEFAULT,  # noqa: ASYNC109 - spans attempts, not a cancel scope
        max_bytes: int = MAX_BYTES,
    ) -> Path:
        """Save the file: whole under its name, or not at all. See `JobResult.save`."""
        from akool_faceswap._async_saving import asave  # noqa: PLC0415 - brings asyncio

        order = _saving.Order(self.state, self.url, path, progress, timeout, max_bytes)
        return await asave(self._engine, order)
