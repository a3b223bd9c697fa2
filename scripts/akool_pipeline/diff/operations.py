"""Compare two contracts, operation by operation, and then whatever text is left."""

from __future__ import annotations

import re
from typing import Any, Final

from akool_pipeline.diff.model import Change, Direction, Effect, Report, Severity
from akool_pipeline.diff.prose import report_prose
from akool_pipeline.diff.reading import Operation, callbacks_of, find, follow, operations_of
from akool_pipeline.diff.schemas import Schemas
from akool_pipeline.diff.views import Node, as_schema
from akool_pipeline.documents.pointer import join
from akool_pipeline.documents.values import canonical

_BREAKING, _ADDITIVE, _DOCUMENTATION = Severity
_REQUEST, _RESPONSE, _NONE = Direction
_SUCCESS: Final = re.compile(r"2(\d\d|XX)")


def compare(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """Every change between two valid OpenAPI documents, worst first; none if they say the same."""
    report = Report()
    _Contracts(old, new, report).compare()
    report_prose(old, new, report.changes(), report)
    return report.changes()


class _Contracts:
    def __init__(self, old: dict[str, Any], new: dict[str, Any], report: Report) -> None:
        self.old, self.new, self.report = old, new, report
        self.schemas = Schemas(old, new, report)

    def compare(self) -> None:
        before, after = (operations_of(document) for document in (self.old, self.new))
        for key in before.keys() | after.keys():
            one, other = before.get(key), after.get(key)
            some = other or one
            assert some is not None  # noqa: S101 - key is from one of them
            self.report.operation = some.label
            if one is None:
                self.report.add(_ADDITIVE, "operation-added", some.pointer, "new operation")
            elif other is None:
                self.report.add(_BREAKING, "operation-removed", some.pointer, "operation is gone")
            else:
                self._operation(one, other)
        self.report.operation = ""
        self._unused_schemas()
        self._rules()

    def _unused_schemas(self) -> None:
        """Schemas that no operation refers to, such as what an encrypted body holds.

        Whoever uses them reads them, so they are compared as responses.
        """
        before, after = (
            document.get("components", {}).get("schemas", {}) for document in (self.old, self.new)
        )
        for name in before.keys() & after.keys():
            place = join("/components/schemas", name)
            if place not in self.schemas.visited:
                one, other = (Node(as_schema(s[name]), place) for s in (before, after))
                self.schemas.compare([one], [other], _RESPONSE)

    def _operation(self, one: Operation, other: Operation) -> None:
        self._servers(one, other)
        self._security(one, other)
        before, after = (o.data.get("operationId") for o in (one, other))
        if before is not None and before != after:
            self.report.add(
                _BREAKING,
                "operation-id-changed",
                join(other.pointer, "operationId"),
                f"operationId {before} became {after or 'none'}: generated functions change name",
            )
        self._exchange(one, other, _REQUEST)
        self._callbacks(one, other)

    def _exchange(self, one: Operation, other: Operation, direction: Direction) -> None:
        """Request and responses of one call; `direction` is the one of its request."""
        self._parameters(one, other, direction)
        self._body(one, other, direction)
        self._responses(one, other, direction.opposite)

    def _servers(self, one: Operation, other: Operation) -> None:
        for urls, severity, verb, rule, place in (
            (set(one.servers) - set(other.servers), _BREAKING, "gone", "removed", one),
            (set(other.servers) - set(one.servers), _ADDITIVE, "new", "added", other),
        ):
            for url in sorted(urls):
                self.report.add(
                    severity, f"server-{rule}", place.servers_pointer, f"server {url} is {verb}"
                )

    def _security(self, one: Operation, other: Operation) -> None:
        before, after = (
            {canonical(alternative) for alternative in o.security} or {"{}"} for o in (one, other)
        )
        open_to_all = "{}" in after
        for alternative in sorted(before - after):
            if not open_to_all:
                self.report.add(
                    _BREAKING,
                    "security-removed",
                    other.security_pointer,
                    f"authentication by {_scheme_names(alternative)} is no longer enough",
                    _REQUEST,
                )
        for alternative in sorted(after - before):
            self.report.add(
                _ADDITIVE,
                "security-added",
                other.security_pointer,
                f"authentication by {_scheme_names(alternative)} is accepted",
                _REQUEST,
            )
        for name in sorted({name for alternative in one.security for name in alternative}):
            self._scheme(name)

    def _scheme(self, name: str) -> None:
        place = join("/components/securitySchemes", name)
        before, after = (find(document, place) for document in (self.old, self.new))
        if not (isinstance(before, dict) and isinstance(after, dict)):
            return
        for key in sorted(before.keys() | after.keys()):
            if key in {"description", "bearerFormat"} or key.startswith("x-"):
                continue
            was, now = before.get(key), after.get(key)
            if canonical(was) != canonical(now):
                self.report.add(
                    _BREAKING,
                    "security-scheme-changed",
                    join(place, key),
                    f"{key} of security scheme {name}: {was} became {now}",
                    _REQUEST,
                )

    def _parameters(self, one: Operation, other: Operation, direction: Direction) -> None:
        for key in one.parameters.keys() | other.parameters.keys():
            where, name = key
            before, after = one.parameters.get(key), other.parameters.get(key)
            if after is None and before is not None:
                self.report.add(
                    _BREAKING,
                    "parameter-removed",
                    before.pointer,
                    f"{where} parameter {name} is gone",
                    direction,
                )
            elif before is None and after is not None:
                is_needed = after.schema.get("required") is True
                self.report.add(
                    _BREAKING if is_needed else _ADDITIVE,
                    "parameter-added",
                    after.pointer,
                    f"new {'required' if is_needed else 'optional'} {where} parameter {name}",
                    direction,
                )
            elif before is not None and after is not None:
                self._needed(before, after, f"{where} parameter {name}", direction)
                self._header(before, after, direction)

    def _needed(self, before: Node, after: Node, what: str, direction: Direction) -> None:
        was, now = (node.schema.get("required") is True for node in (before, after))
        if was != now:
            self.report.effect(
                Effect.NARROWS if now else Effect.WIDENS,
                "required-added" if now else "required-removed",
                join(after.pointer, "required"),
                f"{what} became {'required' if now else 'optional'}",
                direction,
            )

    def _header(self, before: Node, after: Node, direction: Direction) -> None:
        """How one parameter or header is written, and its schema."""
        for key in ("style", "explode", "allowReserved", "allowEmptyValue"):
            was, now = before.schema.get(key), after.schema.get(key)
            if was != now:
                self.report.add(
                    _BREAKING,
                    "serialization-changed",
                    join(after.pointer, key),
                    f"{key} {was} became {now}",
                    direction,
                )
        if ("content" in before.schema) != ("content" in after.schema):
            place = join((after if "content" in after.schema else before).pointer, "content")
            message = "it is written in another form"
            self.report.add(_BREAKING, "serialization-changed", place, message, direction)
        elif "content" not in before.schema:
            self._schema(before, after, direction)
        else:
            self._content(before, after, direction)

    def _schema(self, before: Node, after: Node, direction: Direction) -> None:
        one, other = (
            Node(node.schema.get("schema") or {}, join(node.pointer, "schema"))
            for node in (before, after)
        )
        self.schemas.compare([one], [other], direction)

    def _content(self, before: Node, after: Node, direction: Direction) -> None:
        """Media types of a body; the caller of a response may ask for any that it knows."""
        one, other = (node.schema.get("content", {}) for node in (before, after))
        for media in one.keys() | other.keys():
            mine, theirs = (join(node.pointer, "content", media) for node in (before, after))
            if media not in other:
                self.report.add(
                    _BREAKING, "media-type-removed", mine, f"{media} is gone", direction
                )
            elif media not in one:
                self.report.add(_ADDITIVE, "media-type-added", theirs, f"{media} is new", direction)
            else:
                self._schema(Node(one[media], mine), Node(other[media], theirs), direction)
                if canonical(one[media].get("encoding")) != canonical(other[media].get("encoding")):
                    place = join(theirs, "encoding")
                    self.report.add(
                        _BREAKING, "encoding-changed", place, "encoding changed", direction
                    )

    def _body(self, one: Operation, other: Operation, direction: Direction) -> None:
        before, after = (
            follow(document, o.data.get("requestBody"), join(o.pointer, "requestBody"))
            for document, o in ((self.old, one), (self.new, other))
        )
        if before is None and after is not None:
            is_needed = after.schema.get("required") is True
            self.report.add(
                _BREAKING if is_needed else _ADDITIVE,
                "body-added",
                after.pointer,
                f"new {'required' if is_needed else 'optional'} request body",
                direction,
            )
        elif before is not None and after is None:
            self.report.add(
                _BREAKING, "body-removed", before.pointer, "request body is gone", direction
            )
        elif before is not None and after is not None:
            self._needed(before, after, "request body", direction)
            self._content(before, after, direction)

    def _responses(self, one: Operation, other: Operation, direction: Direction) -> None:
        before, after = (
            {
                status: follow(document, value, join(o.pointer, "responses", status))
                for status, value in o.data.get("responses", {}).items()
            }
            for document, o in ((self.old, one), (self.new, other))
        )
        for status in before.keys() | after.keys():
            was, now = before.get(status), after.get(status)
            is_success = bool(_SUCCESS.fullmatch(status))
            if was is None and now is not None:
                severity = _BREAKING if is_success and before else _ADDITIVE
                message = f"answer {status} is new"
                self.report.add(severity, "status-added", now.pointer, message, direction)
            elif now is None and was is not None:
                severity = _BREAKING if is_success or status == "default" else _ADDITIVE
                message = f"answer {status} is gone"
                self.report.add(severity, "status-removed", was.pointer, message, direction)
            elif was is not None and now is not None:
                self._content(was, now, direction)
                self._headers(was, now, direction)

    def _headers(self, was: Node, now: Node, direction: Direction) -> None:
        before, after = (
            {
                name.lower(): (name, follow(document, value, join(node.pointer, "headers", name)))
                for name, value in node.schema.get("headers", {}).items()
            }
            for document, node in ((self.old, was), (self.new, now))
        )
        for key in before.keys() | after.keys():
            name, one = before.get(key, (key, None))
            _, other = after.get(key, (key, None))
            if one is not None and other is None:
                message = f"header {name} is gone"
                self.report.add(_BREAKING, "header-removed", one.pointer, message, direction)
            elif one is None and other is not None:
                message = f"header {name} is new"
                self.report.add(_ADDITIVE, "header-added", other.pointer, message, direction)
            elif one is not None and other is not None:
                self._needed(one, other, f"header {name}", direction)
                self._header(one, other, direction)

    def _callbacks(self, one: Operation, other: Operation) -> None:
        before, after = (
            dict(callbacks_of(document, o)) for document, o in ((self.old, one), (self.new, other))
        )
        for key in before.keys() | after.keys():
            was, now = before.get(key), after.get(key)
            if was is None and now is not None:
                message = f"callback {key} is new"
                self.report.add(_ADDITIVE, "callback-added", now.pointer, message, _RESPONSE)
            elif now is None and was is not None:
                message = f"callback {key} is gone"
                self.report.add(_BREAKING, "callback-removed", was.pointer, message, _RESPONSE)
            elif was is not None and now is not None:
                # The service sends a callback's request, the caller answers it.
                self._exchange(was, now, _RESPONSE)

    def _rules(self) -> None:
        """`x-rules`: a new rule for requests refuses what was accepted before."""
        before, after = (
            {
                str(rule.get("id")): (rule, f"/x-rules/{index}")
                for index, rule in enumerate(document.get("x-rules", []))
                if isinstance(rule, dict)
            }
            for document in (self.old, self.new)
        )
        for name in before.keys() ^ after.keys():
            is_new = name in after
            rule, place = after[name] if is_new else before[name]
            if rule.get("kind") != "request":
                continue
            self.report.operation = ", ".join(rule.get("operations", []))
            self.report.effect(
                Effect.NARROWS if is_new else Effect.WIDENS,
                "rule-added" if is_new else "rule-removed",
                place,
                f"rule {name} is {'new' if is_new else 'gone'}",
                _REQUEST,
            )
        self.report.operation = ""


def _scheme_names(alternative: str) -> str:
    return alternative.translate(str.maketrans("", "", '{}[]":,')) or "nothing"
