"""Answers outside the contract: those of gateways, broken servers and bad connections."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson

from akool_mock._http import Response

if TYPE_CHECKING:
    from akool_mock._contract.compiled import Operation
    from akool_mock._world.directives import Directives


_HTML = ((b"content-type", b"text/html; charset=utf-8"),)
_WRONG_TYPES = {
    "html": _HTML,
    "text": ((b"content-type", b"text/plain; charset=utf-8"),),
    "none": (),
}
_GATEWAY_TEXT = {520: "Web server is returning an unknown error"}
TOO_MANY_REQUESTS = 429


def gateway(operation: Operation, status: int) -> Response:
    """An HTTP error: as the operation documents it, else as a gateway in front of it would."""
    documented = operation.answers.get(status)
    if documented is not None and documented.examples:
        return Response(status, orjson.dumps(documented.examples[0]))
    return _unavailable(status)


def _unavailable(status: int) -> Response:
    """The HTML error page of a gateway in front of the API."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = _GATEWAY_TEXT.get(status, "Unknown")
    page = f"<html><title>{status} {phrase}</title><body><h1>{status} {phrase}</h1></body></html>"
    headers: tuple[tuple[bytes, bytes], ...] = _HTML
    if status == TOO_MANY_REQUESTS:
        headers = (*_HTML, (b"retry-after", b"1"))
    return Response(status, page.encode(), headers)


def spoiled(response: Response, directives: Directives) -> Response:
    """An answer to a processed request, as a bad connection or server delivers it."""
    if directives.http_after:
        response = _unavailable(directives.http_after)
    if directives.body == "truncated":
        response.cut = len(response.content()) // 2
    elif directives.body == "malformed":
        response.body = response.content()[:-1] + b",]"
    elif directives.body == "empty":
        response.body, response.render = b"", None
    if directives.content_type:
        response.headers = _WRONG_TYPES[directives.content_type]
    response.reset = response.reset or directives.reset == "after"
    return response
