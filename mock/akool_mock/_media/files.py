"""Serves result files, and ranges of them, so that a client can resume a download.

Before success the answer is 403, as observed behind the vendor's CDN. After seven days of mock time
the file is gone.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from akool_mock._http import Response, text_response
from akool_mock._world.ids import created_at, result_name, unfold
from akool_mock._world.jobs import Media, Status

if TYPE_CHECKING:
    from akool_mock._http import Request
    from akool_mock._world.jobs import Job
    from akool_mock._world.world import World


_FACE = re.compile(r"/face_detect_\d{1,3}_(\d{1,4})x(\d{1,4})\.jpg")
_RANGE = re.compile(rb"bytes=(\d*)-(\d*)")
_CACHE_BYTES = 32 << 20
_TYPES = {
    "jpg": b"image/jpeg",
    "jpeg": b"image/jpeg",
    "png": b"image/png",
    "webp": b"image/webp",
    "bmp": b"image/bmp",
    "gif": b"image/gif",
    "mp4": b"video/mp4",
}


class _Drawing(NamedTuple):
    """All that the bytes of a file depend on: its media, its type, the lines drawn on it."""

    media: Media
    extension: str
    lines: tuple[str, ...]


class _Drawings:
    """Draws result files and keeps the latest few; safe to call from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Drawing, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def has(self, drawing: _Drawing) -> bool:
        """Whether the file is drawn already."""
        return drawing in self._kept

    def bytes_of(self, drawing: _Drawing) -> bytes:
        """The file's bytes."""
        known = self._kept.get(drawing)
        if known is None:
            from akool_mock._media import pictures  # noqa: PLC0415 - not needed to start

            known = pictures.render(*drawing)
            with self._lock:
                self._kept[drawing] = known
                while len(self._kept) > 1 and sum(map(len, self._kept.values())) > _CACHE_BYTES:
                    self._kept.popitem(last=False)
        return known


class Files:
    """The result files of a world.

    Args:
        world: whose jobs.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._drawings = _Drawings()

    def serve(self, request: Request, now: float) -> Response | None:
        """The answer to a request for a file; None if the path is not the mock's."""
        face = _FACE.fullmatch(request.path)
        if face:
            media = Media(max(1, int(face[1])), max(1, int(face[2])))
            return self._file(request, _Drawing(media, "jpg", ("MOCK FACE",)))
        object_id = unfold(request.path[1:])
        if object_id is None:
            return None
        job = self._world.jobs.by_id.get(object_id)
        if job is None or result_name(job.id, job.stem, job.extension) != request.path[1:]:
            return text_response(404, "no such result: it was deleted, or never existed")
        if job.status(now) != Status.SUCCESS:
            return text_response(
                403, "AccessDenied: this result is not there yet, or never will be"
            )
        if self._world.expired(job, now):
            expired = self._world.settings.expired_status
            return text_response(expired, "this result has expired")
        return self._file(request, _Drawing(job.media, job.extension, _lines(job)))

    def _file(self, request: Request, drawing: _Drawing) -> Response:
        kind = _TYPES.get(drawing.extension, b"image/jpeg")
        etag = b'"%s"' % request.path.rpartition("/")[2].encode("ascii", "replace")
        headers = ((b"content-type", kind), (b"accept-ranges", b"bytes"), (b"etag", etag))
        asked = request.header(b"range")
        fresh = request.header(b"if-range") in (None, etag)
        match = _RANGE.fullmatch(asked) if asked and fresh else None
        if match is None or not any(match.groups()):
            return Response(200, headers=headers, render=lambda _: self._drawings.bytes_of(drawing))
        first, last = match[1], match[2]

        def part(response: Response) -> bytes:
            data = self._drawings.bytes_of(drawing)
            if first:
                start, stop = int(first), min(int(last) + 1 if last else len(data), len(data))
            else:
                start, stop = max(0, len(data) - int(last)), len(data)
            span = b"%d-%d" % (start, stop - 1) if start < stop else b"*"
            response.status = 206 if start < stop else 416
            response.headers = (*headers, (b"content-range", b"bytes %s/%d" % (span, len(data))))
            return data[start:stop]

        response = Response(206, headers=headers, render=part)
        if self._drawings.has(drawing):
            response.content()
        return response


def _lines(job: Job) -> tuple[str, ...]:
    """The lines drawn on a result."""
    return (
        "MOCK RESULT",
        job.operation,
        f"_id {job.id}",
        f"status 3 SUCCESS  {created_at(job.created)}",
    )
