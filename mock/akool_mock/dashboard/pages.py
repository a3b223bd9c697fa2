"""The dashboard's files: which is served under which name, and what a browser may do with it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akool_mock._http import Response, json_response, text_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akool_mock._http import Request

__all__ = ["respond"]

_OURS = Path(__file__).parent / "static"
# Swagger UI under the names that docs.html uses, as offapi ships it.
_SWAGGER = {
    "swagger-ui.css": "swagger_style.css",
    "swagger-ui.js": "swagger_bundle.js",
}
_TYPES = {
    ".css": b"text/css; charset=utf-8",
    ".html": b"text/html; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
}
# Nothing from anywhere else, nothing inline: what a request says cannot become script or style.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-cache"),
)
_PAGES = {"": "index.html", "docs": "docs.html"}


def respond(document: Mapping[str, Any], request: Request) -> Response | None:
    """Answer a GET under `/_mock`: a page, an asset, the contract for the reference; or None."""
    path = request.path.removeprefix("/_mock").strip("/")
    if path == "contract.json":
        return _guarded(json_response(_for_this_server(document)))
    if path in _PAGES:
        return _file(_OURS / _PAGES[path])
    folder, _, name = path.partition("/")
    if folder != "assets":
        return None
    if name in _SWAGGER:
        return _swagger(_SWAGGER[name])
    # Only names that are there: what was asked for never becomes a path.
    known = {file.name: file for file in _OURS.iterdir() if file.suffix in _TYPES}
    return _file(known[name]) if name in known else None


def _guarded(response: Response) -> Response:
    response.headers = (*response.headers, *_HEADERS)
    return response


def _file(path: Path) -> Response:
    kind = ((b"content-type", _TYPES[path.suffix]),)
    return _guarded(Response(headers=kind, render=lambda _: path.read_bytes()))


def _swagger(name: str) -> Response:
    # Found, not imported: importing offapi reads all that it has, 9 MB, into memory.
    package = importlib.util.find_spec("offapi")
    for place in (package.submodule_search_locations or ()) if package else ():
        return _file(Path(place) / name)
    return text_response(404, "the API reference needs the package offapi, part of [mock]")


def _for_this_server(document: Mapping[str, Any]) -> dict[str, Any]:
    """The contract with this server as its only one: what is tried out stays here."""
    paths = {
        path: {key: node for key, node in item.items() if key != "servers"}
        for path, item in document.get("paths", {}).items()
    }
    return {**document, "servers": [{"url": "/"}], "paths": paths}
