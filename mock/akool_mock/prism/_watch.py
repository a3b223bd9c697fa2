"""Reloads a file when it has changed. If the file is refused, the log says so."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from akool_mock.prism._errors import PrismError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


LOOK_EVERY_S = 0.5

_logger = logging.getLogger("akool_mock.prism")


class FileWatch:
    """Watches one file.

    Args:
        path: the file.
        reload: called with it, in the watch's thread, after each change.
    """

    def __init__(self, path: Path, reload: Callable[[Path], None]) -> None:
        self._path = path
        self._reload = reload
        self._seen = self._state()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look, twice a second."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._run, name="prism-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stopped.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        self._thread = None

    def look(self) -> None:
        """Reload the file if it has changed since the last look."""
        state = self._state()
        if state in (self._seen, None):
            return
        self._seen = state
        try:
            self._reload(self._path)
        except PrismError as error:
            _logger.warning(
                "%s cannot be served; the mock still serves the old one: %s", self._path, error
            )
        else:
            _logger.info("%s changed and is served again", self._path)

    def _state(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_S):
            self.look()
