"""Answers to requests that match no operation: with a hint, in JSON if asked for. Pure."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from akool_mock._http import Response, json_response, text_response

if TYPE_CHECKING:
    from akool_mock._contract.compiled import Contract, Route
    from akool_mock._http import Request


_SHOWN = 200
_NEAR = 0.5
_PUNCTUATION = re.compile(r"[^a-z0-9/]")


def no_such_path(contract: Contract, request: Request) -> Response:
    """404, with the most similar path of the contract."""
    near = nearest(contract, request.path)
    hint = f"; the nearest is {near}" if near else ""
    return _told(request, 404, f"the contract has no path {request.path[:_SHOWN]}{hint}")


def no_such_method(request: Request, route: Route) -> Response:
    """405, with the methods that the path takes."""
    methods = ", ".join(route.allowed)
    text = f"{request.path[:_SHOWN]} takes {methods}, not {request.method}"
    response = _told(request, 405, text)
    response.headers = (*response.headers, (b"allow", methods.encode()))
    return response


def misdirected(request: Request, host: str) -> Response:
    """421: the request names a host that is not ours."""
    text = (
        f"{host[:_SHOWN]} is neither loopback nor a host of the contract: "
        f"--host-name {host[:_SHOWN]} has the mock answer to it"
    )
    return _told(request, 421, text)


def nearest(contract: Contract, path: str) -> str:
    """`METHOD path` of the operation whose path is most like this one; empty if none is."""
    wanted = _plain(path)[:_SHOWN]
    known = {_plain(operation.path): operation for operation in contract.operations.values()}
    found = difflib.get_close_matches(wanted, known, n=1, cutoff=_NEAR)
    if not found:
        return ""
    operation = known[found[0]]
    return f"{operation.method} {operation.path}"


def _plain(path: str) -> str:
    return _PUNCTUATION.sub("", path.lower())


def _told(request: Request, status: int, text: str) -> Response:
    fields = request.fields
    asked = fields.get(b"accept", b"") + fields.get(b"content-type", b"")
    if b"json" in asked.lower():
        return json_response({"code": status, "msg": text}, status)
    return text_response(status, text)
