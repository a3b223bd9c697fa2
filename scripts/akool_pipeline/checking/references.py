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
from akool_pipeline.documents.pointer import join, of, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

_EMBEDDED: Final = re.compile(r"\{(\$[^{}]+)\}")
_WHOLE_BODY: Final = re.compile(r"(?<=\.)body$")
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
            is_sent = expression.source == "request"
            bodies = self.sent(operation) if is_sent else self.answered(operation)
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

    def sent(self, operation: dict[str, Any]) -> list[Any]:
        """The schemas of an operation's request."""
        return _schemas([_dict(follow(self.data, operation.get("requestBody")))])

    def answered(self, operation: dict[str, Any]) -> list[Any]:
        """The schemas of an operation's successful answers."""
        return _schemas(_responses(self.data, operation))


def _schemas(holders: list[dict[str, Any]]) -> list[Any]:
    contents = [media for one in holders for media in _dict(one.get("content")).values()]
    return [_dict(media).get("schema") for media in contents]


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
    rules = whole.data.get("x-rules", [])
    yield from _twice(rules, "/x-rules", "id")
    codes = {row["code"] for row in whole.data.get("x-business-codes", [])}
    for index, rule in enumerate(rules):
        for number, name in enumerate(rule["operations"]):
            yield from whole.unknown(name, join("/x-rules", index, "operations", number))
        if "code" in rule and codes and rule["code"] not in codes:
            place = join("/x-rules", index, "code")
            yield Finding(place, f"code {rule['code']} is not in x-business-codes")


def _codes(whole: _Whole) -> Iterator[Finding]:
    rows = whole.data.get("x-business-codes", [])
    yield from _twice(rows, "/x-business-codes", "code")
    yield from _twice(rows, "/x-business-codes", "name")
    for index, row in enumerate(rows):
        for number, name in enumerate(row["operations"]):
            place = join("/x-business-codes", index, "operations", number)
            yield from whole.unknown(name, place)
            yield from _impossible(whole, row["code"], name, place)


def _impossible(whole: _Whole, code: object, name: str, place: str) -> Iterator[Finding]:
    """A finding if the answers of operation `name` cannot hold `code` where its code stands."""
    operation = whole.by_id.get(name)
    envelope = _envelope_of(whole, operation.value) if operation else None
    if operation is None or envelope is None or "code" not in envelope:
        return
    codes = [
        schema
        for body in whole.answered(operation.value)
        for schema in leads_to(whole.data, body, envelope["code"])
    ]
    listed = [
        part["enum"]
        for schema in codes
        for _, part in layers(whole.data, schema)
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
            there = of(text) if text.startswith("#") else join("/components/schemas", text)
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
    target: dict[str, Any] | None = None
    if "operationId" in link:
        known = whole.by_id.get(str(link["operationId"]))
        target = known.value if known else None
        yield from whole.unknown(link["operationId"], join(here, "operationId"))
    elif str(link.get("operationRef")).startswith("#"):
        try:
            target = resolve(whole.data, of(str(link["operationRef"])))
        except KeyError:
            yield Finding(join(here, "operationRef"), f"{link['operationRef']} leads nowhere")
    for name, value in _dict(link.get("parameters")).items():
        place = join(here, "parameters", name)
        yield from whole.broken(value, operation, place)
        if target and not any(
            name in {p.get("name"), f"{p.get('in')}.{p.get('name')}"}
            for p in whole.parameters(target)
        ):
            yield Finding(place, f"{target.get('operationId')} has no parameter {name!r}")
    body = link.get("requestBody")
    yield from whole.broken(body, operation, join(here, "requestBody"))
    for name, value in _dict(body).items():
        place = join(here, "requestBody", name)
        yield from whole.broken(value, operation, place)
        if target and not _takes(whole, target, join("", name)):
            yield Finding(place, f"{target.get('operationId')} takes no field {name!r}")


def _takes(whole: _Whole, operation: dict[str, Any], pointer: str) -> bool:
    return any(leads_to(whole.data, body, pointer) for body in whole.sent(operation))


def _callbacks(whole: _Whole, operation: Operation) -> Iterator[Finding]:
    for name, raw in _dict(operation.value.get("callbacks")).items():
        for expression in _dict(follow(whole.data, raw)):
            place = join(operation.pointer, "callbacks", name, expression)
            for text in _EMBEDDED.findall(expression):
                yield from whole.broken(text, operation, place)


def _job(whole: _Whole, operation: Operation) -> Iterator[Finding]:
    job = operation.value.get("x-job")
    here = join(operation.pointer, "x-job")
    if job is None:
        return
    yield from whole.broken(job["id"], operation, join(here, "id"))
    for step, keys in (("poll", ("parameter", "job")), ("delete", ("parameter",))):
        address = job.get(step)
        if address is None:
            continue
        target = whole.by_id.get(address["operationId"])
        if target is None:
            yield from whole.unknown(address["operationId"], join(here, step, "operationId"))
            continue
        for key in keys:
            yield from whole.broken(address[key], target, join(here, step, key))
    yield from _job_fields(whole, job, here)


def _job_fields(whole: _Whole, job: dict[str, Any], here: str) -> Iterator[Finding]:
    """Pointers from one job, wherever the poll's answer has it, alone or in a list."""
    who, fields = job["poll"]["operationId"], job["fields"]
    target = whole.by_id.get(who)
    if target is None:
        return
    place = job["poll"]["job"].removeprefix("$response.body#")
    bodies = whole.answered(target.value)
    found = [part for body in bodies for part in leads_to(whole.data, body, place)]
    jobs = found + [part for one in found for part in leads_to(whole.data, one, "/0")]
    for name, pointer in fields.items():
        inside = [p for one in jobs for p in leads_to(whole.data, one, str(fields.get("result")))]
        items = [p for one in inside for p in leads_to(whole.data, one, "/0")]
        holders = jobs if name != "resultItem" else inside + items
        if not any(leads_to(whole.data, one, pointer) for one in holders):
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
    criterion = envelope["success"].partition(" == ")[0]
    yield from whole.broken(criterion, operation, join(here, "success"))
    bodies = whole.answered(operation.value)
    for key in ("code", "text"):
        if key not in envelope or not bodies:
            continue
        if not any(leads_to(whole.data, body, envelope[key]) for body in bodies):
            yield Finding(join(here, key), f"the answers of {who} have no {envelope[key]}")


def _envelope_of(whole: _Whole, operation: dict[str, Any]) -> dict[str, Any] | None:
    found: dict[str, Any] | None = operation.get("x-envelope", whole.data.get("x-envelope"))
    return found


def _twice(rows: list[dict[str, Any]], place: str, key: str) -> Iterator[Finding]:
    count = Counter(row[key] for row in rows)
    for index, row in enumerate(rows):
        if count.pop(row[key], 1) > 1:
            yield Finding(join(place, index, key), f"{key} {row[key]} is given twice")


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
