"""Compare one call: its parameters, its request, its answers, and the calls that it brings about.

The direction of a visit here is that of the request; in a callback the service is the one that
calls, so there it is the response.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from akool_openapi.operations import METHODS
from akool_pipeline.diff import words
from akool_pipeline.diff.model import Effect, Severity
from akool_pipeline.diff.reading import Node, Side, media_type
from akool_pipeline.diff.schema.compare import schema_of
from akool_pipeline.diff.schema.views import part_type, types_of, view
from akool_pipeline.documents.values import canonical

if TYPE_CHECKING:
    from akool_pipeline.diff.visit import Visit

_BREAKING, _ADDITIVE = Severity.BREAKING, Severity.ADDITIVE
_SUCCESS: Final = re.compile(r"2(\d\d|XX)")


@dataclass(frozen=True, slots=True)
class Call:
    """An operation on one side.

    Attributes:
        operation: The operation itself.
        item: The path item that it stands in.
        method: HTTP method, in small letters.
        path: The path with its parameters in braces; empty where the caller names the address.
    """

    operation: Node
    item: Node
    method: str
    path: str = ""


def calls_of(items: dict[str, Node]) -> dict[str, Call]:
    """All operations of some path items, by the item's name and their method."""
    return {
        f"{name} {method.upper()}": Call(item.child(method), item, method)
        for name, item in items.items()
        for method in METHODS
        if isinstance(item.value.get(method), dict)
    }


def exchange(visit: Visit, one: Call, other: Call) -> None:
    """Compare request and answers of an operation."""
    before, after = one.operation, other.operation
    parameters(visit, _parameters(visit.old, one), _parameters(visit.new, other))
    _body(visit, before, after)
    answers = replace(visit, direction=visit.direction.opposite)
    _responses(answers, before, after)
    # The service sends a callback's request, the caller answers it.
    calls(answers, "callback", *(
        calls_of({f"{name} {expression}": item
                  for name, callback in side.map_of(node, "callbacks").items()
                  for expression, item in side.entries(callback).items()})
        for side, node in ((visit.old, before), (visit.new, after))
    ))  # fmt: skip


def parameters(visit: Visit, before: dict[str, Node], after: dict[str, Node]) -> None:
    """Compare parameters by place and name."""
    for key in sorted(before.keys() | after.keys()):
        one, other = before.get(key), after.get(key)
        if other is None:
            visit.wire(_BREAKING, "parameter-removed", _at(one), f"{key} is gone")
        elif one is None:
            is_needed = other.value.get("required") is True
            needed = "required" if is_needed else "optional"
            severity = _BREAKING if is_needed else _ADDITIVE
            visit.wire(severity, "parameter-added", other.pointer, f"new {needed} {key}")
        else:
            visit.part(parameter, one, other)


def _at(node: Node | None) -> str:
    return "" if node is None else node.pointer


def _parameters(side: Side, call: Call) -> dict[str, Node]:
    """All parameters, those of the path item too.

    One of the path is known by its position, since its name is not on the wire.
    """
    names = re.findall(r"\{([^}]*)\}", call.path)
    found: dict[str, Node] = {}
    for owner in (call.item, call.operation):
        for index, raw in enumerate(owner.value.get("parameters", [])):
            node = side.follow(raw, owner.at("parameters", index))
            if node is None:
                continue
            where, name = str(node.value.get("in")), str(node.value.get("name"))
            if where == "path" and name in names:
                name = f"number {names.index(name) + 1}"
            found[f"{where} parameter {name.lower() if where == 'header' else name}"] = node
    return found


def parameter(visit: Visit, before: Node, after: Node) -> None:
    """Compare two parameters of one place and name."""
    where, name = (str(after.value.get(key)) for key in ("in", "name"))
    if before.value.get("name") != after.value.get("name"):
        if where == "path":
            message = f"path parameter {before.value.get('name')} is called {name} now"
            visit.generated("parameter-renamed", after.at("name"), message)
        else:
            words.detail(visit, "name", before, after)
    _needed(visit, before, after, f"{where} parameter {name}")
    _written(visit, before, after, where)
    words.details(visit, before, after, {"name", "in", *_WRITTEN})


def header(visit: Visit, before: Node, after: Node) -> None:
    """Compare two headers of one name."""
    name = after.pointer.rpartition("/")[2]
    _needed(visit, before, after, f"header {name}")
    _written(visit, before, after, "header")
    words.details(visit, before, after, _WRITTEN)


_WRITTEN: Final = frozenset(
    {"required", "style", "explode", "allowEmptyValue", "schema", "content", "example", "examples"}
)


def _needed(visit: Visit, before: Node, after: Node, what: str) -> None:
    was, now = (node.value.get("required") is True for node in (before, after))
    if was != now:
        visit.effect(
            Effect.NARROWS if now else Effect.WIDENS,
            "required-added" if now else "required-removed",
            (after if "required" in after.value else before).at("required"),
            f"{what} became {'required' if now else 'optional'}",
        )


def _written(visit: Visit, before: Node, after: Node, where: str) -> None:
    """How a parameter or header is written, and its schema."""
    plain = "form" if where in {"query", "cookie"} else "simple"
    was_style, style = (str(node.value.get("style", plain)) for node in (before, after))
    _serialization(visit, "style", before, after, (was_style, style))
    if _takes_lists(visit.old, before) or _takes_lists(visit.new, after):
        was_exploded = before.value.get("explode", was_style == "form")
        exploded = after.value.get("explode", style == "form")
        _serialization(visit, "explode", before, after, (was_exploded, exploded))
    was, now = (node.value.get("allowEmptyValue") is True for node in (before, after))
    if was != now:
        place = (after if now else before).at("allowEmptyValue")
        message = f"an empty value is {'taken' if now else 'no longer taken'}"
        effect = Effect.WIDENS if now else Effect.NARROWS
        visit.effect(effect, "serialization-changed", place, message)
    if ("content" in before.value) != ("content" in after.value):
        place = (after if "content" in after.value else before).at("content")
        visit.wire(_BREAKING, "serialization-changed", place, "it is written in another form")
    elif "content" in after.value:
        content(visit, before, after)
    else:
        schema_of(visit, before, after)
    _examples(visit, before, after)


def _serialization(
    visit: Visit, key: str, before: Node, after: Node, effective: tuple[object, object]
) -> None:
    """Report a key whose value changed, as it holds whether it is written or not."""
    was, now = effective
    if was != now:
        message = f"{key} {_show(was)} became {_show(now)}"
        visit.wire(_BREAKING, "serialization-changed", _where(key, before, after), message)


def _where(key: str, before: Node, after: Node) -> str:
    """Where `key` is written, in the new document if it can be; else the part itself."""
    writer = next((node for node in (after, before) if key in node.value), None)
    return after.pointer if writer is None else writer.at(key)


def _show(value: object) -> str:
    return value if isinstance(value, str) else canonical(value)


def _takes_lists(side: Side, node: Node) -> bool:
    return bool(types_of(view(side, [node.child("schema")])) & {"array", "object"})


def _examples(visit: Visit, before: Node, after: Node) -> None:
    """`example`, and the values and words of `examples`."""
    was, now = (
        side.map_of(node, "examples") for side, node in ((visit.old, before), (visit.new, after))
    )
    for side, named in ((visit.old, was), (visit.new, now)):
        side.visited.update(entry.pointer for entry in named.values())
    words.examples(visit, _values(before, was), _values(after, now))
    for name in sorted(was.keys() | now.keys()):
        one, other = was.get(name), now.get(name)
        if one is not None and other is not None:
            words.details(visit, one, other, {"value"})
        else:  # its value is told with the others; without one its address is
            there = one or other or before
            if "value" not in there.value:
                nothing = Node({}, there.pointer)
                words.details(visit, one or nothing, other or nothing)


def _values(node: Node, named: dict[str, Node]) -> list[words.Placed]:
    return [
        *words.placed(node, "example"),
        *(placed for entry in named.values() for placed in words.placed(entry, "value")),
    ]


def _body(visit: Visit, before: Node, after: Node) -> None:
    was, now = (
        side.follow(node.value.get("requestBody"), node.at("requestBody"))
        for side, node in ((visit.old, before), (visit.new, after))
    )
    if was is None and now is not None:
        is_needed = now.value.get("required") is True
        message = f"new {'required' if is_needed else 'optional'} request body"
        visit.wire(_BREAKING if is_needed else _ADDITIVE, "body-added", now.pointer, message)
    elif was is not None and now is None:
        visit.wire(_BREAKING, "body-removed", was.pointer, "request body is gone")
    elif was is not None and now is not None:
        visit.part(body, was, now)


def body(visit: Visit, before: Node, after: Node) -> None:
    """Compare two request bodies."""
    _needed(visit, before, after, "request body")
    content(visit, before, after)
    words.details(visit, before, after, {"required", "content"})


def content(visit: Visit, before: Node, after: Node) -> None:
    """Compare media types; the caller of a response may ask for any that it knows."""
    one, other = (
        side.map_of(node, "content", media_type)
        for side, node in ((visit.old, before), (visit.new, after))
    )
    for media in sorted(one.keys() | other.keys()):
        if media not in other:
            visit.wire(_BREAKING, "media-type-removed", one[media].pointer, f"{media} is gone")
        elif media not in one:
            visit.wire(_ADDITIVE, "media-type-added", other[media].pointer, f"{media} is new")
        else:
            visit.part(media_of, one[media], other[media])


def media_of(visit: Visit, before: Node, after: Node) -> None:
    """Compare what one media type holds."""
    schema_of(visit, before, after)
    _examples(visit, before, after)
    was, now = (visit_side.map_of(node, "encoding") for visit_side, node in
                ((visit.old, before), (visit.new, after)))  # fmt: skip
    for name in sorted(was.keys() | now.keys()):
        one, other = (named.get(name, _NOTHING) for named in (was, now))
        plain = tuple(
            part_type(view(side, [media.child("schema")]), side, name)
            for side, media in ((visit.old, before), (visit.new, after))
        )
        visit.keyed(
            ("encoding", one.key, other.key),
            partial(encoding, before=one, after=other, plain=plain),
        )
    words.details(visit, before, after, {"schema", "encoding", *words.EXAMPLES})


_NOTHING: Final = Node({}, "")
"""An encoding that nobody wrote, to which nothing points."""


def encoding(visit: Visit, before: Node, after: Node, plain: tuple[str, ...]) -> None:
    """Compare how one part of a body is written; `plain` are its media types if none is said."""
    kinds = [
        media_type(str(node.value.get("contentType", default)))
        for node, default in zip((before, after), plain, strict=True)
    ]
    if "contentType" not in before.value and "contentType" not in after.value:
        kinds = []  # the type is told, which decides
    styles = [node.value.get("style", "form") for node in (before, after)]
    for key, (was, now) in (("contentType", kinds or ["", ""]), ("style", styles)):
        if was != now:
            place = (after if key in after.value else before).at(key)
            visit.wire(_BREAKING, "encoding-changed", place, f"{key} {was} became {now}")
    was, now = (
        node.value.get("explode", node.value.get("style", "form") == "form")
        for node in (before, after)
    )
    if was != now and ("explode" in before.value or "explode" in after.value):
        place = (after if "explode" in after.value else before).at("explode")
        visit.wire(
            _BREAKING, "encoding-changed", place, f"explode {_show(was)} became {_show(now)}"
        )
    headers(visit, before, after)
    words.details(visit, before, after, {"contentType", "style", "explode", "headers"})


def _responses(visit: Visit, before: Node, after: Node) -> None:
    one, other = (
        {status: answer for status, answer in side.map_of(node, "responses").items()
         if not status.startswith("x-")}
        for side, node in ((visit.old, before), (visit.new, after))
    )  # fmt: skip
    for status in sorted(one.keys() | other.keys()):
        was, now = one.get(status), other.get(status)
        is_success = bool(_SUCCESS.fullmatch(status))
        if was is None and now is not None:
            severity = _BREAKING if is_success and one else _ADDITIVE
            visit.wire(severity, "status-added", now.pointer, f"answer {status} is new")
        elif now is None and was is not None:
            severity = _BREAKING if is_success or status == "default" else _ADDITIVE
            visit.wire(severity, "status-removed", was.pointer, f"answer {status} is gone")
        elif was is not None and now is not None:
            visit.part(response, was, now)
    was_extra, extra = (extensions_of(node.child("responses")) for node in (before, after))
    words.details(visit, was_extra, extra)


def extensions_of(node: Node) -> Node:
    """An object that is a map by name, with nothing left but what extends it."""
    return Node({k: v for k, v in node.value.items() if k.startswith("x-")}, node.pointer)


def response(visit: Visit, before: Node, after: Node) -> None:
    """Compare two answers of one status."""
    content(visit, before, after)
    headers(visit, before, after)
    words.details(visit, before, after, {"content", "headers"})


def headers(visit: Visit, before: Node, after: Node) -> None:
    """Compare headers, whose names are the same in any letters."""
    one, other = (
        side.map_of(node, "headers", str.lower)
        for side, node in ((visit.old, before), (visit.new, after))
    )
    for name in sorted(one.keys() | other.keys()):
        if name not in other:
            visit.wire(_BREAKING, "header-removed", one[name].pointer, f"header {name} is gone")
        elif name not in one:
            visit.wire(_ADDITIVE, "header-added", other[name].pointer, f"header {name} is new")
        else:
            visit.part(header, one[name], other[name])


def calls(visit: Visit, kind: str, before: dict[str, Call], after: dict[str, Call]) -> None:
    """Compare calls that the service makes; `visit` has the direction of their requests."""
    for key in sorted(before.keys() | after.keys()):
        one, other = before.get(key), after.get(key)
        if one is not None and other is not None:
            visit.part(path_words, one.item, other.item)
            visit.keyed(
                ("call", one.operation.key, other.operation.key),
                partial(_call, one=one, other=other),
            )
        elif other is not None:
            place = other.operation.pointer
            visit.wire(_ADDITIVE, f"{kind}-added", place, f"{kind} {key} is new")
        elif one is not None:
            place = one.operation.pointer
            visit.wire(_BREAKING, f"{kind}-removed", place, f"{kind} {key} is gone")


def _call(visit: Visit, one: Call, other: Call) -> None:
    exchange(visit, one, other)
    words.details(visit, one.operation, other.operation, CALL)


CALL: Final = frozenset({"parameters", "requestBody", "responses", "callbacks"})
"""Keys of an operation that are the call itself."""


def path_words(visit: Visit, before: Node, after: Node) -> None:
    """Compare what a path item says beside its operations."""
    words.details(visit, before, after, {*METHODS, "parameters", "servers", "$ref"})
