"""Files that people uploaded, in memory: bounded, the oldest go first."""

from __future__ import annotations

import threading
from collections import OrderedDict

_KEPT_BYTES = 64 << 20
_KEPT_FILES = 1000


class Uploads:
    """Files by where they are served. Safe to use from several threads."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, tuple[bytes, bytes]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def add(self, place: str, kind: bytes, content: bytes) -> None:
        """Keep a file, with its content type."""
        with self._lock:
            old = self._files.pop(place, None)
            self._bytes += len(content) - (0 if old is None else len(old[1]))
            self._files[place] = (kind, content)
            while len(self._files) > 1 and (
                self._bytes > _KEPT_BYTES or len(self._files) > _KEPT_FILES
            ):
                self._bytes -= len(self._files.popitem(last=False)[1][1])

    def get(self, place: str) -> tuple[bytes, bytes] | None:
        """A file's content type and content."""
        return self._files.get(place)
