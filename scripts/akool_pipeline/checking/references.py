"""Whatever refers to an operation, a parameter or a part of a body refers to one that is there.

OpenAPI's own references (links, callbacks, security, discriminators) and those of the extensions
(x-rules, x-business-codes, x-envelope, x-job).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from akool_openapi.operations import Expression, ExtensionError
from akool_pipeline.checking.findings import Finding
from akool_pipeline.checking.shape import layers, leads_to
from akool_pipeline.checking.structure import Operation, follow, operations, path_items, schemas
from akool_pipeline.documents.pointer import join, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

_EMBEDDED: Final = re.compile(r"\{(\$[^{}]+)\}")
_WHOLE_BODY: Final = re.compile(r"(?<=\.)body$")
_ANY: Final[dict[str, Any]] = {}
_NO_ENUM: Final = "there is no enum here whose values could be named: delete it"


def check(data: dict[str, Any]) -> Iterator[Finding]:
    """References that lead nowhere."""
    above = {
        id(operation): item["parameters"]
        for _, item in path_items(data)
        for operation in item.values()
        if isinstance(item.get("parameters"), list)
    }
    whole = _Whole(data, {str(o.value.get("operationId")): o for o in operations(data)}, above)
    yield from _rules(whole)
    yield from _codes(whole)
    yield from _security(whole)
    yield from _discriminators(data)
    yield from _names_of_values(data)
    for operation in operations(data):
        yield from _links(whole, operation)
        yield from _callbacks(whole, operation)
        yield from _job(whole, operation)
        if "x-envelope" in operation.value:
            yield from _envelope(whole, operation)
    yield from _common_envelope(whole)


@dataclass(frozen=True, slots=True)
class _Whole:
    data: dict[str, Any]
    by_id: dict[str, Operation]
    above: dict[int, list[Any]]
    """For the identity of each operation, what its path has for parameters."""

    def unknown(self, name: object, pointer: str) -> Iterator[Finding]:
        """A finding if there is no operation of that operationId."""
        if str(name) not in self.by_id:
            yield Finding(pointer, f"there is no operation {name!r}")

    def broken(self, text: object, operation: Operation, pointer: str) -> Iterator[Finding]:
        """A finding if a runtime expression names what `operation` does not have."""
        if not isinstance(text, str) or not text.startswith(("$request.", "$response.")):
            return  # a constant, or $url, $method, $statusCode: always there
        try:
            expression = Expression.parse(_WHOLE_BODY.sub("body#", text))
        except ExtensionError:
            yield Finding(pointer, f"{text} is not a runtime expression")
            return
        if not self._found(expression, operation.value):
            who = operation.value.get("operationId") or operation.pointer
            yield Finding(pointer, f"{text}: {who} has no such {_word(expression)}")

    def _found(self, expression: Expression, operation: dict[str, Any]) -> bool:
        if expression.part == "body":
            bodies = self.bodies(operation, expression.source)
            return any(leads_to(self.data, body, expression.name) for body in bodies)
        if expression.source == "response":
            names = [
                name.lower()
                for response in _responses(self.data, operation)
                for name in _dict(response.get("headers"))
            ]
            return expression.name.lower() in names
        return any(
            p.get("in") == expression.part
            and (p.get("name") == expression.name or _same_header(p, expression))
            for p in self.parameters(operation)
        )

    def parameters(self, operation: dict[str, Any]) -> list[dict[str, Any]]:
        """The parameters of an operation, its path's too."""
        listed = [*operation.get("parameters", ()), *self.above.get(id(operation), ())]
        return [_dict(follow(self.data, parameter)) for parameter in listed]

    def bodies(self, operation: dict[str, Any], source: str) -> list[Any]:
        """The schemas of an operation's request or successful answers."""
        if source == "request":
            found = [_dict(follow(self.data, operation.get("requestBody")))]
        else:
            found = _responses(self.data, operation)
        contents = [media for one in found for media in _dict(one.get("content")).values()]
        return [_dict(media).get("schema", _ANY) for media in contents]


def _responses(data: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        _dict(follow(data, response))
        for status, response in _dict(operation.get("responses")).items()
        if status.startswith("2") or status == "default"
    ]


def _same_header(parameter: dict[str, Any], expression: Expression) -> bool:
    return (
        expression.part == "header"
        and str(parameter.get("name")).lower() == expression.name.lower()
    )


def _word(expression: Expression) -> str:
    if expression.part == "body":
        return "field in its request" if expression.source == "request" else "field in its answer"
    return "header" if expression.part == "header" else f"{expression.part} parameter"


def _rules(whole: _Whole) -> Iterator[Finding]:
    rules = _rows(whole.data, "x-rules")
    yield from _twice(rules, "/x-rules", "id")
    codes = {row.get("code") for row in _rows(whole.data, "x-business-codes")}
    for index, rule in enumerate(rules):
        for number, name in enumerate(rule.get("operations", ())):
            yield from whole.unknown(name, join("/x-rules", index, "operations", number))
        if "code" in rule and codes and rule["code"] not in codes:
            place = join("/x-rules", index, "code")
            yield Finding(place, f"code {rule['code']} is not in x-business-codes")


def _codes(whole: _Whole) -> Iterator[Finding]:
    rows = _rows(whole.data, "x-business-codes")
    yield from _twice(rows, "/x-business-codes", "code")
    yield from _twice(rows, "/x-business-codes", "name")
    for index, row in enumerate(rows):
        for number, name in enumerate(row.get("operations", ())):
            place = join("/x-business-codes", index, "operations", number)
            yield from whole.unknown(name, place)
            yield from _impossible(whole, row.get("code"), str(name), place)


def _impossible(whole: _Whole, code: object, name: str, place: str) -> Iterator[Finding]:
    """A finding if the answers of operation `name` cannot hold `code` where its code stands."""
    operation = whole.by_id.get(name)
    envelope = _envelope_of(whole, operation.value) if operation else None
    if operation is None or envelope is None or not isinstance(envelope.get("code"), str):
        return
    codes = [
        schema
        for body in whole.bodies(operation.value, "response")
        for schema in leads_to(whole.data, body, envelope["code"])
    ]
    listed = [
        part["enum"]
        for schema in codes
        for _, part in layers(whole.data, schema, "")
        if isinstance(part.get("enum"), list)
    ]
    if codes and len(listed) >= len(codes) and not any(code in values for values in listed):
        yield Finding(place, f"the answers of {name} have no code {code}")


def _security(whole: _Whole) -> Iterator[Finding]:
    known = _dict(_dict(whole.data.get("components")).get("securitySchemes"))
    holders = [("", whole.data), *((o.pointer, o.value) for o in whole.by_id.values())]
    for pointer, holder in holders:
        listed = holder.get("security")
        for index, one in enumerate(listed if isinstance(listed, list) else ()):
            for name in _dict(one):
                if name not in known:
                    place = join(pointer, "security", index, name)
                    yield Finding(place, f"there is no security scheme {name!r}")


def _discriminators(data: dict[str, Any]) -> Iterator[Finding]:
    for pointer, schema in schemas(data):
        told = _dict(schema.get("discriminator"))
        for value, target in _dict(told.get("mapping")).items():
            place = join(pointer, "discriminator", "mapping", value)
            text = str(target)
            there = text[1:] if text.startswith("#") else join("/components/schemas", text)
            try:
                resolve(data, there)
            except KeyError:
                yield Finding(place, f"there is no schema {text!r}")


def _names_of_values(data: dict[str, Any]) -> Iterator[Finding]:
    for pointer, schema in schemas(data):
        names, values = schema.get("x-enum-varnames"), schema.get("enum")
        if names is None:
            continue
        place = join(pointer, "x-enum-varnames")
        count = len(values) if isinstance(values, list) else 0
        if not isinstance(names, list) or len(names) != count:
            what = f"must name each of the {count} values of enum" if count else _NO_ENUM
            yield Finding(place, what)
        elif len(set(map(str, names))) != count:
            yield Finding(place, "gives one name twice")


def _links(whole: _Whole, operation: Operation) -> Iterator[Finding]:
    for status, response in _dict(operation.value.get("responses")).items():
        for name, raw in _dict(_dict(follow(whole.data, response)).get("links")).items():
            link = _dict(follow(whole.data, raw))
            here = join(operation.pointer, "responses", status, "links", name)
            yield from _link(whole, operation, link, here)


def _link(
    whole: _Whole, operation: Operation, link: dict[str, Any], here: str
) -> Iterator[Finding]:
    target: Operation | None = None
    if "operationId" in link:
        target = whole.by_id.get(str(link["operationId"]))
        yield from whole.unknown(link["operationId"], join(here, "operationId"))
    elif str(link.get("operationRef", "")).startswith("#"):
        try:
            place = str(link["operationRef"])[1:]
            target = Operation(place, resolve(whole.data, place))
        except KeyError:
            yield Finding(join(here, "operationRef"), f"{link['operationRef']} leads nowhere")
    for name, value in _dict(link.get("parameters")).items():
        place = join(here, "parameters", name)
        yield from whole.broken(value, operation, place)
        if target and not any(
            name in {p.get("name"), f"{p.get('in')}.{p.get('name')}"}
            for p in whole.parameters(target.value)
        ):
            yield Finding(place, f"{target.value.get('operationId')} has no parameter {name!r}")
    body = link.get("requestBody")
    yield from whole.broken(body, operation, join(here, "requestBody"))
    for name, value in _dict(body).items():
        place = join(here, "requestBody", name)
        yield from whole.broken(value, operation, place)
        if target and not _takes(whole, target, join("", name)):
            yield Finding(place, f"{target.value.get('operationId')} takes no field {name!r}")


def _takes(whole: _Whole, operation: Operation, pointer: str) -> bool:
    bodies = whole.bodies(operation.value, "request")
    return any(leads_to(whole.data, body, pointer) for body in bodies)


def _callbacks(whole: _Whole, operation: Operation) -> Iterator[Finding]:
    for name, raw in _dict(operation.value.get("callbacks")).items():
        for expression in _dict(follow(whole.data, raw)):
            place = join(operation.pointer, "callbacks", name, expression)
            for text in _EMBEDDED.findall(expression):
                yield from whole.broken(text, operation, place)


def _job(whole: _Whole, operation: Operation) -> Iterator[Finding]:
    job = _dict(operation.value.get("x-job"))
    here = join(operation.pointer, "x-job")
    if not job:
        return
    yield from whole.broken(job.get("id"), operation, join(here, "id"))
    for step in ("poll", "delete"):
        address = _dict(job.get(step))
        target = whole.by_id.get(str(address.get("operationId")))
        if address and target is None:
            place = join(here, step, "operationId")
            yield from whole.unknown(address.get("operationId"), place)
        if target:
            for key in ("parameter", "job") if step == "poll" else ("parameter",):
                yield from whole.broken(address.get(key), target, join(here, step, key))
    yield from _job_fields(whole, job, here)


def _job_fields(whole: _Whole, job: dict[str, Any], here: str) -> Iterator[Finding]:
    """Pointers from one job, wherever the poll's answer has it, alone or in a list."""
    poll = _dict(job.get("poll"))
    target = whole.by_id.get(str(poll.get("operationId")))
    place = str(poll.get("job", "")).removeprefix("$response.body#")
    if target is None:
        return
    bodies = whole.bodies(target.value, "response")
    found = [part for body in bodies for part in leads_to(whole.data, body, place)]
    jobs = found + [part for one in found for part in leads_to(whole.data, one, "/0")]
    fields = _dict(job.get("fields"))
    for name, pointer in fields.items():
        inside = [p for one in jobs for p in leads_to(whole.data, one, str(fields.get("result")))]
        items = [p for one in inside for p in leads_to(whole.data, one, "/0")]
        holders = jobs if name != "resultItem" else inside + items
        if not any(leads_to(whole.data, one, str(pointer)) for one in holders):
            who = poll.get("operationId")
            yield Finding(join(here, "fields", name), f"{who} answers no job with {pointer}")


def _common_envelope(whole: _Whole) -> Iterator[Finding]:
    """What no operation at all answers: a new page may well have an envelope of its own."""
    plain = [
        [*_envelope(whole, one)]
        for one in whole.by_id.values()
        if "x-envelope" not in one.value and "/callbacks/" not in one.pointer
    ]
    if plain:
        everywhere = set.intersection(*({f.pointer for f in found} for found in plain))
        yield from (finding for finding in plain[0] if finding.pointer in everywhere)


def _envelope(whole: _Whole, operation: Operation) -> Iterator[Finding]:
    envelope = _envelope_of(whole, operation.value)
    if envelope is None:
        return
    is_own = "x-envelope" in operation.value
    here = join(operation.pointer, "x-envelope") if is_own else "/x-envelope"
    who = operation.value.get("operationId") or operation.pointer
    criterion = str(envelope.get("success", "")).partition(" == ")[0]
    yield from whole.broken(criterion, operation, join(here, "success"))
    bodies = whole.bodies(operation.value, "response")
    for key in ("code", "text"):
        pointer = envelope.get(key)
        known = any(leads_to(whole.data, body, str(pointer)) for body in bodies)
        if isinstance(pointer, str) and bodies and not known:
            yield Finding(join(here, key), f"the answers of {who} have no {pointer}")


def _envelope_of(whole: _Whole, operation: dict[str, Any]) -> dict[str, Any] | None:
    found = operation.get("x-envelope", whole.data.get("x-envelope"))
    return found if isinstance(found, dict) else None


def _twice(rows: list[dict[str, Any]], place: str, key: str) -> Iterator[Finding]:
    count = Counter(str(row.get(key)) for row in rows if key in row)
    for index, row in enumerate(rows):
        if count[str(row.get(key))] > 1:
            yield Finding(join(place, index, key), f"{key} {row[key]} is given twice")
            count[str(row.get(key))] = 0


def _rows(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = data.get(key)
    return [_dict(row) for row in rows] if isinstance(rows, list) else []


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
