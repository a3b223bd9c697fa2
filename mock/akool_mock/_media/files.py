"""Result files: who may have one when, and which bytes of it.

Before success 403, as observed behind the vendor's CDN; after seven days of mock time gone. Ranges
are served, so that a client can resume a download.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from akool_mock._http import Response, text_response
from akool_mock._world.ids import created_at, result_name, unfold
from akool_mock._world.jobs import Media, Status

if TYPE_CHECKING:
    from akool_mock._http import Request
    from akool_mock._simulator import Simulator
    from akool_mock._world.jobs import Job

__all__ = ["Renderer", "serve"]

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


class Renderer:
    """Makes result files and keeps the latest few; safe to call from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def has(self, key: str) -> bool:
        """Whether the file is drawn already."""
        return key in self._kept

    def __call__(self, key: str, media: Media, extension: str, lines: tuple[str, ...]) -> bytes:
        """The file's bytes."""
        known = self._kept.get(key)
        if known is None:
            from akool_mock._media import pictures  # noqa: PLC0415 - pictures are not needed to start

            known = pictures.render(media, extension, lines)
            with self._lock:
                self._kept[key] = known
                while len(self._kept) > 1 and sum(map(len, self._kept.values())) > _CACHE_BYTES:
                    self._kept.popitem(last=False)
        return known


def serve(sim: Simulator, request: Request, now: float) -> Response | None:
    """The answer to a request for a file; None if the path is not one of ours."""
    face = _FACE.fullmatch(request.path)
    if face:
        media = Media(max(1, int(face[1])), max(1, int(face[2])))
        return _file(sim, request, request.path, media, "jpg", ("MOCK FACE",))
    object_id = unfold(request.path[1:])
    if object_id is None:
        return None
    job = sim.jobs.get(object_id)
    if job is None or result_name(job.id, job.stem, job.extension) != request.path[1:]:
        return text_response(404, "no such result: it was deleted, or never existed")
    status, begun = job.plan.phase(now - job.created)
    if status != Status.SUCCESS:
        return text_response(403, "AccessDenied: this result is not there yet, or never will be")
    if now - job.created - begun >= sim.settings.result_s:
        return text_response(sim.settings.expired_status, "this result has expired")
    return _file(sim, request, job.id, job.media, job.extension, lines(job))


def lines(job: Job) -> tuple[str, ...]:
    """What a result says of itself."""
    return (
        "MOCK RESULT",
        job.operation,
        f"_id {job.id}",
        f"status 3 SUCCESS  {created_at(job.created)}",
    )


def _file(  # noqa: PLR0913, PLR0917 - what a file is made of
    sim: Simulator,
    request: Request,
    key: str,
    media: Media,
    extension: str,
    text: tuple[str, ...],
) -> Response:
    kind = _TYPES.get(extension, b"image/jpeg")
    etag = b'"%s"' % request.path.rpartition("/")[2].encode("ascii", "replace")
    headers = ((b"content-type", kind), (b"accept-ranges", b"bytes"), (b"etag", etag))
    asked = request.header(b"range")
    fresh = request.header(b"if-range") in (None, etag)
    match = _RANGE.fullmatch(asked) if asked and fresh else None
    if match is None or not any(match.groups()):
        return Response(
            200, headers=headers, render=lambda _: sim.renderer(key, media, extension, text)
        )
    first, last = match[1], match[2]

    def part(response: Response) -> bytes:
        data = sim.renderer(key, media, extension, text)
        if first:
            start, stop = int(first), min(int(last) + 1 if last else len(data), len(data))
        else:
            start, stop = max(0, len(data) - int(last)), len(data)
        span = b"%d-%d" % (start, stop - 1) if start < stop else b"*"
        response.status = 206 if start < stop else 416
        response.headers = (*headers, (b"content-range", b"bytes %s/%d" % (span, len(data))))
        return data[start:stop]

    response = Response(206, headers=headers, render=part)
    if sim.renderer.has(key):
        response.content()
    return response
