"""The dashboard's files: which is served under which name, and what a browser may do with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from akool_mock._http import Response, json_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akool_mock._http import Request


_OURS = Path(__file__).parent / "static"
_SWAGGER_UI = Path(__file__).parent / "swagger_ui"
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
    # Only names that are there: what was asked for never becomes a path.
    files = (*_OURS.iterdir(), *_SWAGGER_UI.iterdir())
    known = {file.name: file for file in files if file.suffix in _TYPES}
    return _file(known[name]) if name in known else None


def _guarded(response: Response) -> Response:
    response.headers = (*response.headers, *_HEADERS)
    return response


def _file(path: Path) -> Response:
    kind = ((b"content-type", _TYPES[path.suffix]),)
    return _guarded(Response(headers=kind, render=lambda _: path.read_bytes()))


def _for_this_server(document: Mapping[str, Any]) -> dict[str, Any]:
    """The contract with this server as its only one: what is tried out stays here."""
    paths = {
        path: {key: node for key, node in item.items() if key != "servers"}
        for path, item in document.get("paths", {}).items()
    }
    return {**document, "servers": [{"url": "/"}], "paths": paths}
