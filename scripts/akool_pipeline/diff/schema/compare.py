"""Compare two schemas, keyword by keyword, for one direction.

`allOf` is flattened before comparing, so that a property is found wherever a document puts it. A
keyword that is not known here counts as a shift: unknown is never harmless.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from akool_pipeline.diff import words
from akool_pipeline.diff.model import Direction, Effect, Severity
from akool_pipeline.diff.reading import Node, target_of
from akool_pipeline.diff.schema import limits, names, unions
from akool_pipeline.diff.schema.views import (
    NEVER,
    NOTES,
    TEXTUAL,
    View,
    as_schema,
    enum_of,
    formats_of,
    place_of,
    properties_of,
    required_of,
    settle,
    show_types,
    type_effect,
    types_of,
    view,
)
from akool_pipeline.documents.pointer import join
from akool_pipeline.documents.values import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from akool_pipeline.diff.visit import Visit

NARROWS, WIDENS, SHIFTS = Effect.NARROWS, Effect.WIDENS, Effect.SHIFTS

_CHECKED: Final = frozenset(
    {
        "$ref", "allOf", "anyOf", "oneOf", "discriminator", "properties", "required", "items",
        "additionalProperties", "unevaluatedProperties", "patternProperties", "prefixItems", "type",
        "nullable", "enum", "const", "pattern", "format", "multipleOf", "uniqueItems", "default",
        "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "readOnly", "writeOnly",
        "x-decrypted", "$defs", "dependentSchemas", *limits.LENGTHS, *NOTES,
    }
)  # fmt: skip
"""Keywords that have a rule; where `contentEncoding` says a format, see `_flags`."""
_INNER: Final = ("items", "additionalProperties", "unevaluatedProperties", "x-decrypted")
_CONDITIONS: Final = (
    "not", "if", "then", "else", "contains", "propertyNames", "contentSchema", "unevaluatedItems",
)  # fmt: skip
_WIDER_FORMATS: Final = {("int32", "int64"), ("float", "double"), ("date", "date-time")}


def schemas(
    visit: Visit,
    old: Sequence[Node],
    new: Sequence[Node],
    *,
    condition: tuple[str, str] | None = None,
) -> None:
    """Compare schemas as part of `visit`; several on one side mean all of them at once.

    With a `condition` (see `Visit.keyed`) what changes inside counts as one shift of that.
    """
    one, other = list(old), list(new)
    if len(one) == len(other) == 1:
        (before, passed), (after, passed_too) = (
            settle(side, nodes[0]) for side, nodes in ((visit.old, one), (visit.new, other))
        )
        for side, steps in ((visit.old, passed), (visit.new, passed_too)):
            side.visited.update(step.pointer for step in steps)
        if passed and passed_too:  # words beside a reference are words of this place
            _notes(visit, View(tuple(passed)), View(tuple(passed_too)))
            one, other = [before], [after]
    before_view, after_view = view(visit.old, one), view(visit.new, other)
    names.component(visit, before_view, after_view, new)
    visit.keyed(
        (before_view.key, after_view.key),
        lambda inner: _compare(inner, before_view, after_view),
        condition,
    )


def schema_of(visit: Visit, before: Node, after: Node) -> None:
    """Compare what stands under `schema` of a parameter, header or media type."""
    schemas(visit, [before.child("schema")], [after.child("schema")])


def component(visit: Visit, before: Node, after: Node) -> None:
    """Compare two schemas that stand at these places."""
    schemas(visit, [before], [after])


def _compare(visit: Visit, one: View, other: View) -> None:
    _notes(visit, one, other)
    names.enum_names(visit, one, other)
    if unions.compare(visit, one, other, schemas):
        return
    _types(visit, one, other)
    _enum(visit, one, other)
    limits.compare(visit, one, other)
    _patterns(visit, one, other)
    _object(visit, one, other)
    for keyword in _INNER:
        _inner(visit, keyword, one, other)
    _positions(visit, one, other)
    _conditions(visit, one, other)
    _definitions(visit, one, other)
    _default(visit, one, other)
    _rest(visit, one, other)


def _notes(visit: Visit, one: View, other: View) -> None:
    values = _spoken_of(one) | _spoken_of(other)
    for keyword in TEXTUAL:
        words.texts(visit, keyword, one.values(keyword), other.values(keyword), values)
    words.examples(visit, _examples(one), _examples(other))
    for keyword in ("deprecated", "externalDocs", "xml"):
        old, new = (
            Node({keyword: values[0][0]} if values else {}, w.place(keyword).rpartition("/")[0])
            for w in (one, other)
            for values in [w.values(keyword)]
        )
        if keyword != "xml" or not (visit.old.has_xml or visit.new.has_xml):
            words.detail(visit, keyword, old, new)
        elif canonical(old.value) != canonical(new.value):
            visit.effect(SHIFTS, "keyword-changed", place_of(one, other, keyword), "xml changed")


def _spoken_of(schema: View) -> set[str]:
    """Values that a text of the schema may speak of: its own and those of its properties."""
    own = [value for values, _ in schema.values("enum") for value in values]
    for properties, _ in schema.values("properties"):
        for part in properties.values():
            own += as_schema(part).get("enum", [])
    return {value for value in own if isinstance(value, str)}


def _examples(schema: View) -> list[words.Placed]:
    listed = schema.values("examples")
    return [
        *schema.values("example"),
        *((v, join(at, i)) for values, at in listed if isinstance(values, list)
          for i, v in enumerate(values)),
    ]  # fmt: skip


def _types(visit: Visit, one: View, other: View) -> None:
    before, after = types_of(one), types_of(other)
    if before == after:
        return
    is_null = before ^ after == {"null"}
    by_flag = is_null and (one.values("nullable") or other.values("nullable"))
    visit.effect(
        type_effect(before, after),
        "type-changed",
        place_of(one, other, "nullable" if by_flag else "type"),
        f"type {show_types(before)} became {show_types(after)}",
    )


def _enum(visit: Visit, one: View, other: View) -> None:
    before, after = enum_of(one), enum_of(other)
    keyword = "enum" if one.values("enum") or other.values("enum") else "const"
    place = place_of(one, other, keyword)
    if before is None and after is None:
        return
    if after is None:
        visit.effect(WIDENS, "enum-removed", place, "any value is allowed")
    elif before is None:
        only = ", ".join(sorted(after))
        visit.effect(NARROWS, "enum-added", place, f"only {only} allowed")
    elif len(before) == len(after) == 1 and before != after:
        (was,), (now,) = before, after
        visit.effect(SHIFTS, "enum-value-changed", place, f"the only value {was} became {now}")
    else:
        for value in sorted(after - before):
            visit.effect(WIDENS, "enum-value-added", place, f"value {value} is allowed now")
        for value in sorted(before - after):
            visit.effect(
                NARROWS, "enum-value-removed", place, f"value {value} is no longer allowed"
            )


def _patterns(visit: Visit, one: View, other: View) -> None:
    for keyword in ("pattern", "format"):
        before, after = (
            formats_of(w) if keyword == "format" else {str(v) for v, _ in w.values(keyword)}
            for w in (one, other)
        )
        if before == after:
            continue
        effect = NARROWS if before < after else WIDENS if after < before else SHIFTS
        if keyword == "format" and len(before) == len(after) == 1:
            pair = (*before, *after)
            effect = (
                WIDENS if pair in _WIDER_FORMATS
                else NARROWS if pair[::-1] in _WIDER_FORMATS
                else SHIFTS
            )  # fmt: skip
        written = _format_keyword(one, other) if keyword == "format" else keyword
        was, now = (", ".join(sorted(side)) or "none" for side in (before, after))
        message = f"{keyword} {was} became {now}"
        visit.effect(effect, f"{keyword}-changed", place_of(one, other, written), message)


def _format_keyword(one: View, other: View) -> str:
    spellings = ("format", "contentEncoding", "contentMediaType")
    return next(k for k in spellings for w in (other, one) if w.values(k))


def _object(visit: Visit, one: View, other: View) -> None:
    before, after = (
        properties_of(side, w, visit.direction)
        for side, w in ((visit.old, one), (visit.new, other))
    )
    needed_before, needed_after = (
        required_of(side, w, visit.direction) for side, w in ((visit.old, one), (visit.new, other))
    )
    closed = any(v is False for v, _ in one.values("additionalProperties"))
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            place, message = before[name][0].pointer, f"property {name} is gone"
            visit.wire(Severity.BREAKING, "property-removed", place, message)
        elif name not in before:
            is_needed = name in needed_after
            is_bad = closed if visit.direction is Direction.RESPONSE else is_needed
            visit.wire(
                Severity.BREAKING if is_bad else Severity.ADDITIVE,
                "property-added",
                after[name][0].pointer,
                f"new {'required' if is_needed else 'optional'} property {name}",
            )
        else:
            schemas(visit, before[name], after[name])
    for name in sorted(needed_before ^ needed_after):
        if (name in before) != (name in after):
            continue  # reported with the property itself
        is_now = name in needed_after
        visit.effect(
            NARROWS if is_now else WIDENS,
            "required-added" if is_now else "required-removed",
            (other if is_now else one).place("required"),
            f"property {name} became {'required' if is_now else 'optional'}",
        )


def _inner(visit: Visit, keyword: str, one: View, other: View) -> None:
    """A keyword that holds one schema, or a boolean that stands for one."""
    before, after = (w.schemas(keyword) for w in (one, other))
    was_shut, is_shut = (any(n.value == NEVER for n in nodes) for nodes in (before, after))
    if was_shut != is_shut:
        what = "nothing else is" if is_shut else "anything else is"
        place = (other if is_shut else one).place(keyword)
        visit.effect(NARROWS if is_shut else WIDENS, f"{keyword}-changed", place, f"{what} allowed")
    elif not was_shut and (before or after):
        schemas(
            visit,
            before or [Node({}, one.place(keyword))],
            after or [Node({}, other.place(keyword))],
        )


def _positions(visit: Visit, one: View, other: View) -> None:
    """Schemas by position in a list, or by pattern of a name."""
    before, after = (_by_position(w) for w in (one, other))
    for key in sorted(before.keys() | after.keys()):
        if key in before and key in after:
            schemas(visit, before[key], after[key])
        else:
            keyword, place = key[0], (after if key in after else before)[key][0].pointer
            verb = "is new" if key in after else "is gone"
            visit.effect(SHIFTS, "keyword-changed", place, f"{keyword} {key[1]} {verb}")


def _by_position(schema: View) -> dict[tuple[str, str], list[Node]]:
    found: dict[tuple[str, str], list[Node]] = {}
    for keyword in ("prefixItems", "patternProperties"):
        for parts, place in schema.values(keyword):
            entries = parts.items() if isinstance(parts, dict) else enumerate(parts)
            for name, part in entries:
                node = Node(as_schema(part), join(place, name))
                found.setdefault((keyword, str(name)), []).append(node)
    return found


def _definitions(visit: Visit, one: View, other: View) -> None:
    """Schemas that stand inside this one so that others may refer to them."""
    before, after = (
        {name: Node(as_schema(part), join(place, name))
         for named, place in w.values("$defs") for name, part in named.items()}
        for w in (one, other)
    )  # fmt: skip
    for name in sorted(before.keys() | after.keys()):
        if name in before and name in after:
            schemas(visit, [before[name]], [after[name]])
        else:
            verb, node = ("is new", after[name]) if name in after else ("is gone", before[name])
            message = f"definition {name} {verb}"
            visit.add(Severity.DOCUMENTATION, "detail-changed", node.pointer, message)


def _conditions(visit: Visit, one: View, other: View) -> None:
    """Schemas that decide whether something holds: narrower inside can be wider outside."""
    for keyword in _CONDITIONS:
        _condition(visit, keyword, *(w.values(keyword) for w in (one, other)))
    before, after = (_by_name(w, "dependentSchemas") for w in (one, other))
    for name in sorted(before.keys() | after.keys()):
        _condition(visit, "dependentSchemas", before.get(name, []), after.get(name, []))


def _by_name(schema: View, keyword: str) -> dict[str, list[words.Placed]]:
    found: dict[str, list[words.Placed]] = {}
    for named, place in schema.values(keyword):
        for name, part in named.items():
            found.setdefault(name, []).append((part, join(place, name)))
    return found


def _condition(
    visit: Visit, keyword: str, before: list[words.Placed], after: list[words.Placed]
) -> None:
    # Equal ones too: what they refer to may have changed.
    pairs: Iterable[tuple[words.Placed | None, words.Placed | None, str]]
    if len(before) == len(after):
        pairs = ((old, new, new[1]) for old, new in zip(before, after, strict=True))
    else:
        pairs = words.matched(before, after)
    for old, new, place in pairs:
        if old is not None and new is not None:
            pair = [[Node(as_schema(value), at)] for value, at in (old, new)]
            schemas(visit, *pair, condition=(keyword, place))
            continue
        effect = SHIFTS
        if keyword == "not":
            effect = WIDENS if new is None else NARROWS
        verb = "is gone" if new is None else "is new"
        visit.effect(effect, f"{keyword}-changed", place, f"condition {keyword} {verb}")


def _default(visit: Visit, one: View, other: View) -> None:
    before, after = (
        next((canonical(v) for v, _ in w.values("default")), None) for w in (one, other)
    )
    if before == after:
        return
    is_bad = visit.direction is Direction.REQUEST and before is not None
    visit.wire(
        Severity.BREAKING if is_bad else Severity.DOCUMENTATION,
        "default-changed",
        place_of(one, other, "default"),
        f"default {_or_none(before)} became {_or_none(after)}",
    )


def _rest(visit: Visit, one: View, other: View) -> None:
    was_named, is_named = (
        {canonical(v) for v, _ in w.values("$ref") if side.find(target_of(str(v))) is None}
        for side, w in ((visit.old, one), (visit.new, other))
    )
    if was_named != is_named:  # schemas of other documents: only their names are known
        place = place_of(one, other, "$ref")
        visit.effect(SHIFTS, "keyword-changed", place, "it refers to another document")
    known = {*_CHECKED, *_CONDITIONS, *_flags(visit, one, other)}
    for keyword in sorted((one.keywords() | other.keywords()) - known):
        before, after = one.values(keyword), other.values(keyword)
        if keyword.startswith("x-"):
            if keyword not in names.ENUM_NAMES:
                nodes = (Node({keyword: v[0][0]} if v else {}, w.place(keyword).rpartition("/")[0])
                         for w, v in ((one, before), (other, after)))  # fmt: skip
                words.detail(visit, keyword, *nodes)
        elif {canonical(v) for v, _ in before} != {canonical(v) for v, _ in after}:
            place = place_of(one, other, keyword)
            visit.effect(SHIFTS, "keyword-changed", place, f"{keyword} changed")


def _flags(visit: Visit, one: View, other: View) -> Iterable[str]:
    """Note flags of the other direction; yields the keywords that said a format."""
    for keyword in ("readOnly", "writeOnly"):
        was, now = (any(v is True for v, _ in w.values(keyword)) for w in (one, other))
        if was != now:
            message = f"{keyword} {'added' if now else 'removed'}"
            place = place_of(one, other, keyword)
            visit.add(Severity.DOCUMENTATION, "detail-changed", place, message)
    encodings = {v for w in (one, other) for v, _ in w.values("contentEncoding")}
    if encodings <= {"base64"}:
        yield "contentEncoding"
        media = {v for w in (one, other) for v, _ in w.values("contentMediaType")}
        if media <= {"application/octet-stream"}:
            yield "contentMediaType"


def _or_none(value: object) -> str:
    return "none" if value is None else str(value)
