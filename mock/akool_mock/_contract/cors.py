"""CORS: the headers and preflight answers that let pages of other origins call the API. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akool_mock._http import Response

if TYPE_CHECKING:
    from collections.abc import Collection

    from akool_mock._http import Headers, Request


ANY = "*"
_KEPT_S = 600
"""Seconds that a browser may remember a preflight."""
_ASKED = b"access-control-request-"


def shared(request: Request, response: Response, origins: Collection[str]) -> Response:
    """The same answer, readable for the page that asked if its origin is one of `origins`."""
    headers = _allowed(request, origins)
    if headers:
        exposed = (b"access-control-expose-headers", b"*")
        response.headers = (*response.headers, *headers, exposed)
    return response


def preflight(request: Request, origins: Collection[str]) -> Response | None:
    """The answer to a browser that asks before it sends; None for any other request."""
    method = request.fields.get(_ASKED + b"method")
    if request.method != "OPTIONS" or method is None:
        return None
    headers = _allowed(request, origins)
    if not headers:
        return None
    wanted = request.fields.get(_ASKED + b"headers")
    more: Headers = ((b"access-control-allow-methods", method),)
    if wanted is not None:
        more = (*more, (b"access-control-allow-headers", wanted))
    if request.fields.get(_ASKED + b"private-network") == b"true":
        more = (*more, (b"access-control-allow-private-network", b"true"))
    age = (b"access-control-max-age", b"%d" % _KEPT_S)
    return Response(204, headers=(*headers, *more, age))


def _allowed(request: Request, origins: Collection[str]) -> Headers:
    origin = request.fields.get(b"origin")
    if origin is None:
        return ()
    if ANY in origins:
        return ((b"access-control-allow-origin", b"*"),)
    vary = (b"vary", b"origin")
    if origin.decode("latin-1") in origins:
        return ((b"access-control-allow-origin", origin), vary)
    return ()
