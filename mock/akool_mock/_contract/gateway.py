"""Between bytes and the contract: parameter values, and answers that went wrong."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from akool_mock._http import Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akool_mock._contract.compiled import Parameter
    from akool_mock._world.faults import Directives

__all__ = ["addresses", "coerced", "query_values", "spoiled", "unavailable"]

_HTML = ((b"content-type", b"text/html; charset=utf-8"),)
_WRONG_TYPES = {
    "html": _HTML,
    "text": ((b"content-type", b"text/plain; charset=utf-8"),),
    "none": (),
}
_GATEWAY_TEXT = {520: "Web server is returning an unknown error"}
TOO_MANY_REQUESTS = 429


def query_values(query: bytes) -> dict[str, list[str]]:
    """Decoded query parameters, each with all its values."""
    values: dict[str, list[str]] = {}
    if not query:
        return values
    text = query.decode("latin-1")
    if "%" not in text and "+" not in text and text.count("=") == 1 and "&" not in text:
        name, _, value = text.partition("=")  # the common case costs a tenth of parse_qsl
        return {name: [value]}
    for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
        values.setdefault(name, []).append(value)
    return values


def coerced(parameter: Parameter, texts: list[str]) -> Any:  # noqa: ANN401 - what the schema says
    """A parameter's value as its schema wants it; what fits no type stays text."""
    kinds = parameter.kinds
    if "array" in kinds:
        parts = texts if len(texts) > 1 else texts[0].split(",")
        items = parameter.validator.schema
        kind = items.get("items", {}).get("type", "string") if isinstance(items, dict) else "string"
        return [_typed(part, frozenset([kind])) for part in parts]
    return _typed(texts[0], kinds)


def _typed(text: str, kinds: frozenset[str]) -> Any:  # noqa: ANN401 - what the schema says
    if "string" in kinds:
        return text
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    try:
        if "integer" in kinds:
            return int(text)
        if "number" in kinds:
            return float(text)
    except ValueError:
        pass
    return text


def addresses(body: object) -> Iterator[str]:
    """Every string in a JSON value that may hold a magic file name."""
    waiting = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            if "mock." in node:
                yield node
        elif isinstance(node, dict):
            waiting.extend(reversed(node.values()))
        elif isinstance(node, list):
            waiting.extend(reversed(node))


def unavailable(status: int) -> Response:
    """What a gateway in front of the API says: an HTML page that no contract knows."""
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
        response = unavailable(directives.http_after)
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
