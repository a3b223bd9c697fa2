"""Compare the ways to authenticate of an operation.

A scheme is known by what it puts on the wire, not by its name: renaming it changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.diff import words
from akool_pipeline.diff.model import Effect, Severity
from akool_pipeline.diff.reading import Node, Side
from akool_pipeline.documents.pointer import join
from akool_pipeline.documents.values import canonical

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_pipeline.diff.visit import Visit

    Alternative = dict[str, list[str]]
    """Scheme names that are needed together, each with its scopes."""
    Key = Callable[[Side, Alternative], str]

_WIRE: Final = ("type", "in", "name", "scheme", "openIdConnectUrl")
_FLOW: Final = ("authorizationUrl", "tokenUrl", "refreshUrl")


def security(visit: Visit, before: Node, after: Node) -> None:
    """Compare what stands under `security` of two nodes; without any the operation is open."""
    left: list[Alternative] = before.value.get("security") or [{}]
    right: list[Alternative] = after.value.get("security") or [{}]
    is_open = {} in right
    for key in (_identity, _names):
        left, right = _pair(visit, left, right, key)
    for alternative in left:
        if not is_open:
            visit.wire(
                Severity.BREAKING,
                "security-removed",
                (after if "security" in after.value else before).at("security"),
                f"authentication by {_shown(alternative)} is no longer enough",
            )
    for alternative in right:
        visit.wire(
            Severity.ADDITIVE,
            "security-added",
            (after if "security" in after.value else before).at("security"),
            f"authentication by {_shown(alternative)} is accepted",
        )


def _pair(
    visit: Visit, left: list[Alternative], right: list[Alternative], key: Key
) -> tuple[list[Alternative], list[Alternative]]:
    """Compare the alternatives that have an equal key; those that are left."""
    open_keys: dict[str, list[Alternative]] = {}
    for alternative in right:
        open_keys.setdefault(key(visit.new, alternative), []).append(alternative)
    rest = []
    for alternative in left:
        found = open_keys.get(key(visit.old, alternative))
        if found:
            _alternative(visit, alternative, found.pop(0))
        else:
            rest.append(alternative)
    remaining = {id(alternative) for group in open_keys.values() for alternative in group}
    return rest, [alternative for alternative in right if id(alternative) in remaining]


def _identity(side: Side, alternative: Alternative) -> str:
    return canonical(
        sorted(
            [canonical(_on_the_wire(_scheme(side, name))), sorted(scopes)]
            for name, scopes in alternative.items()
        )
    )


def _names(_: Side, alternative: Alternative) -> str:
    return canonical(sorted(alternative))


def _scheme(side: Side, name: str) -> Node:
    place = join("/components/securitySchemes", name)
    return side.follow(side.find(place), place) or Node({"undefined": name}, place)


def _on_the_wire(scheme: Node) -> dict[str, Any]:
    value: dict[str, Any] = {key: scheme.value[key] for key in _WIRE if key in scheme.value}
    if value.get("in") == "header":
        value["name"] = str(value.get("name")).lower()
    if "scheme" in value:
        value["scheme"] = str(value["scheme"]).lower()
    if "undefined" in scheme.value:
        value["undefined"] = scheme.value["undefined"]
    flows = scheme.child("flows").value
    if flows:
        value["flows"] = {
            name: {key: flow[key] for key in _FLOW if key in flow}
            for name, flow in flows.items()
            if isinstance(flow, dict)
        }
    return value


def _alternative(visit: Visit, before: Alternative, after: Alternative) -> None:
    by_identity = {canonical(_on_the_wire(_scheme(visit.new, name))): name for name in after}
    for name, scopes in before.items():
        old = _scheme(visit.old, name)
        other = by_identity.get(canonical(_on_the_wire(old)), name)
        visit.part(scheme, old, _scheme(visit.new, other))
        was, now = set(scopes), set(after.get(other, ()))
        for scope in sorted(was ^ now):
            is_new = scope in now
            verb = "is needed" if is_new else "is no longer needed"
            effect = Effect.NARROWS if is_new else Effect.WIDENS
            place = join("/components/securitySchemes", other)
            visit.effect(effect, "scope-changed", place, f"scope {scope} of {other} {verb}")


def scheme(visit: Visit, before: Node, after: Node) -> None:
    """Compare two schemes, of which one takes the other's place."""
    name = after.pointer.rpartition("/")[2]
    one, other = (_flat(_on_the_wire(node)) for node in (before, after))
    for key in sorted(one.keys() | other.keys()):
        was, now = one.get(key), other.get(key)
        if was != now:
            holder = before if now is None else after
            message = f"{key} of security scheme {name}: {was or 'none'} became {now or 'none'}"
            place = holder.pointer + join("", *key.split("."))
            visit.wire(Severity.BREAKING, "security-scheme-changed", place, message)
    _scopes(visit, before, after)
    words.details(visit, before, after, {*_WIRE, "flows"})


def _flat(value: dict[str, Any]) -> dict[str, str]:
    found = {key: str(item) for key, item in value.items() if key != "flows"}
    for name, flow in value.get("flows", {}).items():
        found[f"flows.{name}"] = "offered"
        found.update({f"flows.{name}.{key}": str(item) for key, item in flow.items()})
    return found


def _scopes(visit: Visit, before: Node, after: Node) -> None:
    one, other = (node.child("flows") for node in (before, after))
    for flow in sorted(one.value.keys() & other.value.keys()):
        old, new = (node.child(flow) for node in (one, other))
        was, now = (node.child("scopes") for node in (old, new))
        for name in sorted(was.value.keys() ^ now.value.keys()):
            is_new = name in now.value
            visit.wire(
                Severity.ADDITIVE if is_new else Severity.BREAKING,
                "scope-offered" if is_new else "scope-withdrawn",
                (now if is_new else was).at(name),
                f"scope {name} is {'new' if is_new else 'gone'}",
            )
        for name in sorted(was.value.keys() & now.value.keys()):
            was_said, is_said = (words.placed(node, name) for node in (was, now))
            words.texts(visit, f"scope {name}", was_said, is_said, {*was.value, *now.value})
        words.details(visit, old, new, {"scopes", *_FLOW})


def _shown(alternative: Alternative) -> str:
    return (
        " and ".join(
            f"{name} ({', '.join(scopes)})" if scopes else name
            for name, scopes in alternative.items()
        )
        or "nothing"
    )
