"""Compare what the contract says beyond OpenAPI: effects, prices, envelopes, jobs, codes, rules.

Client, mock and suite act by these, so a change of them is a change on the wire. What each breaks:

- `x-effect`: to `reads` nothing, since who took care still may; every other change breaks.
- `x-price`: dearer breaks, cheaper does not. A price that becomes known breaks nobody.
- `x-envelope`: where success stands, what it is and where its data are break with every change;
  a place for code or text breaks if it moves or goes.
- `x-job`: a place that moves or goes breaks, one that comes does not. A value of the status breaks
  if it moves from one list to another, or begins or ceases to end jobs; a value in no list goes on,
  so values of jobs that go on may come and go. A shorter life of results breaks.
- `x-business-codes`: a code that may no longer be retried breaks; its name is generated code's.
- `x-rules`: a rule for requests that is new, or holds for one operation more, refuses what was
  taken. A rule of behaviour is a promise: it breaks when it goes.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from akool_pipeline.diff import words
from akool_pipeline.diff.model import Direction, Effect, Severity
from akool_pipeline.diff.reading import Node, Side
from akool_pipeline.documents.pointer import join
from akool_pipeline.documents.values import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from akool_pipeline.diff.visit import Visit

    Root = Callable[[str, str, Callable[[Visit], None], Direction], None]
    """Starts a comparison for the operation of a label."""

OF_OPERATIONS: Final = frozenset({"x-effect", "x-price", "x-envelope", "x-job"})
OF_DOCUMENTS: Final = frozenset({"x-envelope", "x-business-codes", "x-rules"})

_BREAKING, _ADDITIVE = Severity.BREAKING, Severity.ADDITIVE
_LASTING: Final = frozenset({"succeeded", "failed"})
"""Phases that end a job."""


def effect(visit: Visit, before: Node, after: Node, method: str) -> None:
    """Compare what a request does; left out, GET and HEAD read and everything else spends."""
    usual = "reads" if method in {"get", "head"} else "spends"
    was, now = (str(node.value.get("x-effect", usual)) for node in (before, after))
    if was != now:
        place = (after if "x-effect" in after.value else before).at("x-effect")
        severity = _ADDITIVE if now == "reads" else _BREAKING
        visit.add(severity, "effect-changed", place, f"it {was}, and now it {now}")


def price(visit: Visit, before: Node, after: Node) -> None:
    """Compare what an accepted request costs."""
    if "x-price" not in before.value and "x-price" not in after.value:
        return
    place = (after if "x-price" in after.value else before).at("x-price")
    was, now = (node.child("x-price").value for node in (before, after))
    if canonical(was) == canonical(now):
        return
    if not was or not now:
        verb, severity = ("is known now", _ADDITIVE) if now else ("is no longer known", _BREAKING)
        visit.add(severity, "price-changed", place, f"the price {verb}")
        return
    is_dearer = now.get("credits", 0) > was.get("credits", 0)
    # Left out, a unit is as long as the video: the longer the unit, the cheaper.
    is_dearer |= now.get("perSeconds", _ENDLESS) < was.get("perSeconds", _ENDLESS)
    message = f"the price became {_shown_price(now)}, was {_shown_price(was)}"
    visit.add(_BREAKING if is_dearer else _ADDITIVE, "price-changed", place, message)


_ENDLESS: Final = float("inf")


def _shown_price(value: dict[str, Any]) -> str:
    unit = f" for each {value['perSeconds']} s" if "perSeconds" in value else ""
    return f"{value.get('credits')} credits{unit}"


def envelope(visit: Visit, before: Node, after: Node) -> None:
    """Compare how answers tell success from failure; each node holds the one that counts."""
    one, other = (node.child("x-envelope") for node in (before, after))
    if bool(one.value) != bool(other.value):
        place = (other if other.value else one).pointer
        message = (
            "the body now tells success; before, the status did" if other.value
            else "the status now tells success; before, the body did"
        )  # fmt: skip
        visit.add(_BREAKING, "envelope-changed", place, message, Direction.RESPONSE)
        return
    _leaves(visit, "envelope", one, other, breaking={"data"})


def _leaves(
    visit: Visit,
    what: str,
    one: Node,
    other: Node,
    *,
    breaking: frozenset[str] | set[str] = frozenset(),
) -> None:
    """Values by their place: one that moves or goes breaks, one that comes only if `breaking`."""
    was, now = (dict(_flat(node.value)) for node in (one, other))
    for place in sorted(was.keys() | now.keys()):
        old, new = was.get(place), now.get(place)
        name = ".".join(place.split("/")[1:])
        rule = f"{what}-changed"
        if old is None and new is not None:
            severity = _BREAKING if name in breaking else _ADDITIVE
            visit.add(severity, rule, other.pointer + place, f"{name} of the {what} is {new}",
                      Direction.RESPONSE)  # fmt: skip
        elif new is None and old is not None:
            message = f"{name} of the {what} is gone, was {old}"
            visit.add(_BREAKING, rule, one.pointer + place, message, Direction.RESPONSE)
        elif old != new:
            message = f"{name} of the {what} is {new}, was {old}"
            visit.add(_BREAKING, rule, other.pointer + place, message, Direction.RESPONSE)


def _flat(value: dict[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    for key, item in value.items():
        here = join(place, key)
        if isinstance(item, dict):
            yield from _flat(item, here)
        else:
            yield here, item if isinstance(item, str) else canonical(item)


def job(visit: Visit, before: Node, after: Node) -> None:
    """Compare how the job that an operation starts is followed."""
    one, other = (node.child("x-job") for node in (before, after))
    if bool(one.value) != bool(other.value):
        is_new = bool(other.value)
        message = f"it {'starts a job now' if is_new else 'no longer starts a job'}"
        place = (other if is_new else one).pointer
        severity = _ADDITIVE if is_new else _BREAKING
        visit.add(severity, "job-changed", place, message, Direction.RESPONSE)
        return
    apart = {"statuses", "resultLifetimeSeconds"}
    _leaves(visit, "job", *(
        Node({k: v for k, v in node.value.items() if k not in apart}, node.pointer)
        for node in (one, other)
    ))  # fmt: skip
    _statuses(visit, one.child("statuses"), other.child("statuses"))
    _lifetime(visit, one, other)


def _statuses(visit: Visit, one: Node, other: Node) -> None:
    was, now = (
        {
            canonical(value): (phase, join(node.pointer, phase))
            for phase, values in node.value.items()
            for value in values
        }
        for node in (one, other)
    )
    for value in sorted(was.keys() | now.keys()):
        (old, there), (new, here) = was.get(value, ("", "")), now.get(value, ("", ""))
        if old == new:
            continue
        is_bad = bool(old and new) or bool(_LASTING & {old, new})
        message = f"status {value} means {new or 'nothing'}, meant {old or 'nothing'}"
        visit.add(
            _BREAKING if is_bad else _ADDITIVE,
            "job-status-changed",
            here or there,
            message,
            Direction.RESPONSE,
        )


def _lifetime(visit: Visit, one: Node, other: Node) -> None:
    key = "resultLifetimeSeconds"
    was, now = (node.value.get(key) for node in (one, other))
    if was != now:
        is_bad = now is None or (was is not None and now < was)
        message = f"results live {_seconds(now)}, lived {_seconds(was)}"
        place = (one if now is None else other).at(key)
        severity = _BREAKING if is_bad else _ADDITIVE
        visit.add(severity, "job-changed", place, message, Direction.RESPONSE)


def _seconds(value: object) -> str:
    return "for a time that is not known" if value is None else f"{value} s"


def codes(root: Root, old: Side, new: Side) -> None:
    """Compare the business codes."""
    one, other = (_entries(side, "x-business-codes", "code") for side in (old, new))
    for code in sorted(one.keys() | other.keys()):
        before, after = one.get(code), other.get(code)
        for label in _labels(old, before) | _labels(new, after) or {""}:
            root(label, f"code {code}", partial(_code, code=code, before=before, after=after),
                 Direction.RESPONSE)  # fmt: skip


def _code(visit: Visit, code: str, before: Node | None, after: Node | None) -> None:
    was, now = (_is_retryable(node) for node in (before, after))
    if before is None or after is None:
        node = before or after
        severity = _BREAKING if was else _ADDITIVE
        message = f"code {code} is {'new' if before is None else 'gone'}"
        rule = "code-added" if before is None else "code-removed"
        visit.wire(severity, rule, "" if node is None else node.pointer, message)
        return
    if was != now:
        message = f"after code {code} the same request {'may' if now else 'must not'} be sent again"
        place = (after if "retryable" in after.value else before).at("retryable")
        severity = _ADDITIVE if now else _BREAKING
        visit.wire(severity, "code-retryable-changed", place, message)
    if before.value.get("name") != after.value.get("name"):
        called = " became ".join(str(node.value.get("name")) for node in (before, after))
        visit.generated("code-renamed", after.at("name"), f"name of code {code}: {called}")
    covered, covers = (set(node.value.get("operations", ())) for node in (before, after))
    for name in sorted(covered ^ covers):
        verb = "may come" if name in covers else "is no longer documented"
        place = after.at("operations")
        visit.wire(_ADDITIVE, "code-operations-changed", place, f"code {code} {verb} from {name}")
    was_meant, is_meant = (words.placed(node, "meaning") for node in (before, after))
    words.texts(visit, "meaning", was_meant, is_meant)
    words.details(visit, before, after, {"code", "retryable", "name", "operations", "meaning"})


def _is_retryable(node: Node | None) -> bool:
    return node is not None and node.value.get("retryable") is True


def rules(root: Root, old: Side, new: Side) -> None:
    """Compare the rules that JSON Schema cannot say."""
    one, other = (_entries(side, "x-rules", "id") for side in (old, new))
    for name in sorted(one.keys() | other.keys()):
        before, after = one.get(name), other.get(name)
        covered, covers = _covered(before), _covered(after)
        for operation in sorted(covered | covers):
            kinds = covered.get(operation), covers.get(operation)
            node = after if operation in covers else before
            if kinds[0] == kinds[1] or node is None:
                continue
            label = new.operations.get(operation) or old.operations.get(operation, operation)
            for kind, verb, does in (
                (kinds[0], "no longer holds", Effect.WIDENS), (kinds[1], "holds", Effect.NARROWS)
            ):  # fmt: skip
                direction = Direction.REQUEST if kind == "request" else Direction.RESPONSE
                if kind is not None:
                    key = f"rule {name} {operation} {verb}"
                    told = partial(_holds, does=does, node=node, message=f"rule {name} {verb}")
                    root(label, key, told, direction)
        if before is not None and after is not None:
            for label in _labels(old, before) | _labels(new, after) or {""}:
                root(label, f"rule {name}", partial(_rule, before=before, after=after),
                     Direction.NONE)  # fmt: skip


def _holds(visit: Visit, does: Effect, node: Node, message: str) -> None:
    rule = "rule-added" if does is Effect.NARROWS else "rule-removed"
    visit.effect(does, rule, node.pointer, message)


def _covered(rule: Node | None) -> dict[str, str]:
    """Kind of a rule, by the operations that it holds for."""
    if rule is None:
        return {}
    return {str(name): str(rule.value.get("kind")) for name in rule.value.get("operations", ())}


def _rule(visit: Visit, before: Node, after: Node) -> None:
    was, now = (str(node.value.get("text")) for node in (before, after))
    if was.split() != now.split():  # every word of a rule binds
        visit.add(Severity.READ, "text-changed", after.at("text"), "text of the rule changed",
                  before=was, after=now)  # fmt: skip
    if before.value.get("code") != after.value.get("code"):
        shown = " became ".join(str(node.value.get("code", "none")) for node in (before, after))
        place = (after if "code" in after.value else before).at("code")
        message = f"code of a request that breaks the rule: {shown}"
        visit.add(_BREAKING, "rule-code-changed", place, message, Direction.RESPONSE)
    words.details(visit, before, after, {"id", "kind", "operations", "text", "code"})


def _entries(side: Side, key: str, name: str) -> dict[str, Node]:
    return {
        str(entry.get(name)): Node(entry, join("", key, index))
        for index, entry in enumerate(side.data.get(key, []))
        if isinstance(entry, dict)
    }


def _labels(side: Side, entry: Node | None) -> set[str]:
    if entry is None:
        return set()
    return {side.operations.get(name, str(name)) for name in entry.value.get("operations", ())}
