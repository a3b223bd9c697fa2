"""Files that people upload, `/_mock/files`: so that local pictures have an address like any other.

`POST /_mock/files?name=me.jpg` takes the bytes of a picture or a video and answers `{"url": ...}`;
that address serves them. What is kept is bounded: the oldest go first.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from akool_mock._http import Request, Response, base_of, json_response, text_response
from akool_mock._media.names import sized

if TYPE_CHECKING:
    from akool_mock._world.world import World


PREFIX = "files"
_UNSAFE = re.compile(r"[^A-Za-z0-9._=,-]")
_NAME_CHARS = 120
_TYPE = re.compile(rb"(?:image|video)/[a-z0-9.+-]{1,40}")


def respond(world: World, request: Request, path: str) -> Response:
    """Answer a request under `/_mock/files`.

    Args:
        world: where the files are kept.
        request: the request.
        path: what follows the prefix.
    """
    if request.method == "POST" and not path:
        return _take(world, request)
    if request.method not in {"GET", "HEAD"} or not path:
        return text_response(405, "POST /_mock/files?name=NAME, GET what it answers")
    kept = world.uploads.get(path)
    if kept is None:
        return text_response(404, "no such file: it was never uploaded, or newer files replaced it")
    kind, content = kept
    # Only ever a picture or a video to a browser, whatever the bytes are.
    headers = ((b"content-type", kind), (b"x-content-type-options", b"nosniff"))
    return Response(200, content, headers=headers)


def _take(world: World, request: Request) -> Response:
    kind = request.header(b"content-type") or b""
    if not request.body or not _TYPE.fullmatch(kind):
        text = "send a picture or a video, with its content-type: image/... or video/..."
        return json_response({"error": text}, 400)
    asked = parse_qs(request.query.decode("latin-1")).get("name", ["file"])[-1]
    name = _UNSAFE.sub("_", asked)[-_NAME_CHARS:].lstrip(".") or "file"
    if kind.startswith(b"image/"):
        name = sized(name, request.body)
    place = f"{hashlib.sha256(request.body).hexdigest()[:32]}/{name}"
    world.uploads.add(place, kind, request.body)
    base = base_of(request, world.origin, trust_proxy=world.settings.trust_proxy)
    return json_response({"url": f"{base}/_mock/{PREFIX}/{place}"})
