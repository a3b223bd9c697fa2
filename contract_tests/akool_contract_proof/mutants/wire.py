"""Defects on the wire: a broken proxy, a framework upgrade, a wrong template."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

from akool_contract._wire.http import Request, Response, Upstream
from akool_contract_proof.mutants._kit import (
    answers,
    defect,
    edit,
    operation_of,
    stateful,
    success,
    value,
    with_body,
    with_header,
    with_json,
)

KIND = "wire"


def _raw(answer: Response, old: bytes, new: bytes) -> Response:
    return with_body(answer, answer.body.replace(old, new, 1))


defect(KIND, "getCredit", "the credit is served as text/html", name="credit-as-html")(
    answers("getCredit")(lambda a: with_header(a, "Content-Type", "text/html; charset=utf-8"))
)
defect(KIND, "listResults", "the list is served as text/plain", name="list-as-text")(
    answers("listResults")(lambda a: with_header(a, "Content-Type", "text/plain"))
)
defect(KIND, "swapImage", "no Content-Type on submits", name="submit-without-type")(
    answers("swapImage")(lambda a: with_header(a, "Content-Type", None))
)
defect(KIND, "detectFaces", "application/octet-stream", name="detect-as-binary")(
    answers("detectFaces")(lambda a: with_header(a, "Content-Type", "application/octet-stream"))
)
defect(KIND, "deleteResults", "charset gbk is announced", name="delete-in-gbk")(
    answers("deleteResults")(
        lambda a: with_header(a, "Content-Type", "application/json; charset=gbk")
    )
)
defect(KIND, "getToken", "a byte order mark before the JSON", name="token-with-bom")(
    answers("getToken")(lambda a: with_body(a, b"\xef\xbb\xbf" + a.body))
)
defect(KIND, "swapVideo", "the code is written twice", name="video-code-twice")(
    answers("swapVideo")(lambda a: _raw(a, b"{", b'{"code":1000,'))
)
defect(KIND, "getCredit", "a credit of NaN", name="credit-nan")(
    answers("getCredit")(
        lambda a: (
            with_body(a, b'{"code":1000,"msg":"OK","data":{"credit":NaN}}') if success(a) else a
        )
    )
)
defect(KIND, "getCredit", "a credit that overflows", name="credit-overflows")(
    answers("getCredit")(
        lambda a: (
            with_body(a, b'{"code":1000,"msg":"OK","data":{"credit":1e400}}') if success(a) else a
        )
    )
)
defect(KIND, "listResults", "the body ends early", name="list-truncated")(
    answers("listResults")(lambda a: with_body(a, a.body[:-2]))
)
defect(KIND, "swapPlus", "a script tag follows the JSON", name="plus-trailing-html")(
    answers("swapPlus")(lambda a: with_body(a, a.body + b"<script>"))
)
defect(KIND, "swapImagePro", "an empty body with 200", name="pro-empty-body")(
    answers("swapImagePro")(lambda a: with_body(a, b""))
)
defect(KIND, "detectFacesLegacy", "Python's repr in place of JSON", name="legacy-single-quotes")(
    answers("detectFacesLegacy")(lambda a: with_body(a, a.body.replace(b'"', b"'")))
)
defect(KIND, "deleteResults", "JSONP", name="delete-jsonp")(
    answers("deleteResults")(lambda a: with_body(a, b"callback(" + a.body + b")"))
)
defect(KIND, "getCredit", "latin-1 text in msg", name="credit-latin1")(
    answers("getCredit")(lambda a: _raw(a, b'"OK"', b'"r\xe9ussi"'))
)
defect(KIND, "listResults", "compressed although nobody asked", name="list-gzip")(
    answers("listResults")(
        lambda a: with_header(
            with_body(a, gzip.compress(a.body, mtime=0)), "Content-Encoding", "gzip"
        )
    )
)
defect(KIND, "getToken", "gzip bytes without saying so", name="token-gzip-unsaid")(
    answers("getToken")(lambda a: with_body(a, gzip.compress(a.body, mtime=0)))
)
defect(KIND, "swapImage", "201 Created on submits", name="submit-201")(
    answers("swapImage")(lambda a: replace(a, status=201) if success(a) else a)
)
defect(KIND, "deleteResults", "204 and no body on deletion", name="delete-204")(
    answers("deleteResults")(lambda a: replace(with_body(a, b""), status=204) if success(a) else a)
)
defect(KIND, "swapVideo", "HTTP 400 for parameter errors", name="video-400")(
    answers("swapVideo")(
        lambda a: replace(a, status=400) if value(a.body).get("code") == 1003 else a
    )
)
defect(KIND, "getCredit", "HTTP 500 now and then", name="credit-flaky-500")(
    stateful(
        lambda m, r, up: (
            Response(500, (("Content-Type", "text/html"),), b"<h1>Internal Server Error</h1>")
            if operation_of(r) == "getCredit" and m.count("n") % 5 == 0
            else up(r)
        )
    )
)
defect(KIND, "listResults", "502 from the balancer for unknown ids", name="list-502-when-empty")(
    answers("listResults")(
        lambda a: replace(a, status=502) if value(a.body).get("data") == {"result": []} else a
    )
)
defect(KIND, "listResults", "404 when nothing is found", name="list-404-when-empty")(
    answers("listResults")(
        lambda a: replace(a, status=404) if value(a.body).get("data") == {"result": []} else a
    )
)
defect(KIND, "detectFaces", "500 for a missing picture", name="detect-500-for-missing")(
    answers("detectFaces")(
        lambda a: replace(a, status=500) if a.status in (400, 200) and not success(a) else a
    )
)
defect(KIND, "swapPlus", "a redirect to a login page", name="plus-redirect")(
    answers("swapPlus")(
        lambda a: Response(
            302, (("Location", "https://akool.com/login"), ("Content-Type", "text/html")), b""
        )
    )
)
defect(KIND, "listResults", "answers nothing once in a while", name="list-drops-connection")(
    stateful(
        lambda m, r, up: (
            Response(0, fault="connection closed")
            if operation_of(r) == "listResults" and m.count("n") % 7 == 0
            else up(r)
        )
    )
)
defect(KIND, "deleteResults", "Date is not an HTTP date", name="delete-bad-date")(
    answers("deleteResults")(lambda a: with_header(a, "Date", "2026-11-21T10:00:00"))
)


@defect(KIND, "swapImage", "a stack trace in the answer to a bad body")
def submit_stack_trace(upstream: Upstream) -> Upstream:
    """A framework in debug mode."""

    def send(request: Request) -> Response:
        answer = upstream(request)
        if operation_of(request) == "swapImage" and not value(request.body):
            trace = (
                "SyntaxError: Unexpected\n    at JSON.parse (<anonymous>)\n    at node_modules/x"
            )
            return with_json(answer, {"code": 1003, "msg": trace})
        return answer

    return send


@defect(KIND, "getCredit", "the caller's key is repeated in a header")
def key_in_header(upstream: Upstream) -> Upstream:
    """A debugging aid that was left in."""

    def send(request: Request) -> Response:
        answer = upstream(request)
        key = request.header("x-api-key")
        if operation_of(request) == "getCredit" and key:
            return with_header(answer, "X-Debug-Key", key)
        return answer

    return send


@defect(KIND, "getToken", "the refusal repeats the secret")
def secret_in_refusal(upstream: Upstream) -> Upstream:
    """An error text with the request in it."""

    def send(request: Request) -> Response:
        answer = upstream(request)
        if operation_of(request) == "getToken" and not success(answer):
            body = value(answer.body)
            body["msg"] = f"no such client: {request.body.decode('utf-8', 'replace')}"
            return with_json(answer, body)
        return answer

    return send


@defect(KIND, "swapImage", "a malformed body crashes the server")
def malformed_crashes(upstream: Upstream) -> Upstream:
    """No guard around the parser."""

    def send(request: Request) -> Response:
        if operation_of(request) == "swapImage" and request.body:
            try:
                json.loads(request.body)
            except ValueError:
                return Response(500, (("Content-Type", "text/html"),), b"Internal Server Error")
        return upstream(request)

    return send


@defect(KIND, "deleteResults", "a body that is a list crashes the server")
def list_body_crashes(upstream: Upstream) -> Upstream:
    """`body._ids` of something that is no object."""

    def send(request: Request) -> Response:
        if operation_of(request) == "deleteResults" and request.body[:1] in (b"[", b'"', b"1"):
            return Response(
                500, (("Content-Type", "application/json"),), b'{"message":"Internal error"}'
            )
        return upstream(request)

    return send


@defect(KIND, "swapPlus", "null in place of an object crashes the server")
def null_mapping_crashes(upstream: Upstream) -> Upstream:
    """An unguarded `face_mapping[i].source_face_info`."""

    def send(request: Request) -> Response:
        mapping = value(request.body).get("face_mapping")
        broken = isinstance(mapping, list) and any(
            not isinstance(p, dict) or not isinstance(p.get("source_face_info"), dict)
            for p in mapping
        )
        if operation_of(request) == "swapPlus" and broken:
            return Response(500, (("Content-Type", "application/json"),), b'{"error":"TypeError"}')
        return upstream(request)

    return send


@defect(KIND, "listResults", "a list without _ids crashes the server")
def missing_ids_crashes(upstream: Upstream) -> Upstream:
    """`undefined.split`."""

    def send(request: Request) -> Response:
        if operation_of(request) == "listResults" and "_ids" not in dict(request.query):
            return Response(
                500, (("Content-Type", "text/plain"),), b"Cannot read properties of undefined"
            )
        return upstream(request)

    return send


def _one_route_gone(path: str, status: int) -> None:
    def layer(upstream: Upstream) -> Upstream:
        def send(request: Request) -> Response:
            if request.path == path:
                return Response(status, (("Content-Type", "text/plain"),), b"Cannot find route")
            return upstream(request)

        return send

    name = path.rsplit("/", 1)[1].lower()
    operation = operation_of(Request("GET", "http://x" + path))
    defect(KIND, operation, f"the route answers {status}", name=f"route-gone-{name}")(layer)


_one_route_gone("/api/open/v3/faceswap/result/delbyids", 404)
_one_route_gone("/api/open/v4/faceswap/faceswapPlusByImage", 405)
_one_route_gone("/interface/detect-api/detect_faces", 404)

defect(KIND, "listResults", "an integer id beyond 2^53", name="uid-beyond-doubles")(
    edit("listResults")(
        lambda b: [item.update(uid=9007199254740993123) for item in b["data"]["result"]] and None
    )
)
