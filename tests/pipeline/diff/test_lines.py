"""Every line that a person reads of a change, as it is written today: `lines.txt`, there and back.

A record and no proof: the code under test wrote it. It shows what a change does to the lines, and
does not say that they are right; that is held by the other tests of this folder.
`python -m tests.pipeline.diff.test_lines` writes the file anew; read what changed in it.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.pipeline.diff.base import BASE, edited
from tests.pipeline.diff.small import contract, ref, schemas
from tests.pipeline.diff.test_calls import CASES as CALLS
from tests.pipeline.diff.test_extensions import CODE, ENVELOPE, JOB, RULE
from tests.pipeline.diff.test_one_change import COMPONENTS, WIRE, WORDS
from tests.pipeline.diff.test_properties import KEYWORDS
from tests.pipeline.diff.test_request_schemas import CASES as REQUESTS
from tests.pipeline.diff.test_response_schemas import CASES as RESPONSES

from akool_pipeline.diff import compare, render

if TYPE_CHECKING:
    from collections.abc import Iterator

    Document = dict[str, Any]

LINES = Path(__file__).with_name("lines.txt")
TEXT = {"type": "string"}
OBJECTS = {
    "A": {"type": "object", "properties": {"a": TEXT, "same": TEXT}},
    "B": {"type": "object", "properties": {"b": TEXT}},
    "C": {"title": "Third", "type": "integer"},
}


def oauth(needed: list[str], **flow: Any) -> Document:
    offered = {"tokenUrl": "https://a.example/token", "scopes": {"read": "Read", "write": "W"}}
    flows = {"clientCredentials": offered | flow}
    if "implicit" in flow:
        flows = {"implicit": flow["implicit"]}
    named = {"O": {"type": "oauth2", "flows": flows}, "K": {"type": "apiKey", "in": "query",
                                                            "name": "key"}}  # fmt: skip
    return contract(security=[{"O": needed, "K": []}], components={"securitySchemes": named})


def union(*parts: Any, keyword: str = "oneOf", **beside: Any) -> Document:
    return contract(response={keyword: list(parts)} | beside, components=schemas(**OBJECTS))


def told_by(**mapping: str) -> Document:
    tag = {"propertyName": "kind"} | ({"mapping": mapping} if mapping else {})
    return union(ref("A"), ref("B"), discriminator=tag)


def server(url: str, **variables: Any) -> Document:
    return contract(servers=[{"url": url, "variables": variables}, {"url": "https://b.example"}])


def form(**encoding: Any) -> Document:
    content = {"schema": {"properties": {"f": {"type": "array"}}}, "encoding": {"f": encoding}}
    return contract(requestBody={"content": {"multipart/form-data": content}})


def used(name: str | None, **beside: Any) -> Document:
    schema = OBJECTS["A"] | beside
    return contract(
        response={"type": "object", "properties": {"p": schema if name is None else ref(name)}},
        components=schemas(**({"Z": TEXT} | ({} if name is None else {name: schema}))),
    )


def small(extension: str, *values: Any) -> Iterator[tuple[str, Document, Document]]:
    made = [contract() if value is None else contract(**{extension: value}) for value in values]
    for number, (one, other) in enumerate(itertools.pairwise(made)):
        yield f"{extension} {number}", one, other


def pairs() -> Iterator[tuple[str, Document, Document]]:
    """A title and two documents each."""
    for name, edits, *_ in (*CALLS, *REQUESTS, *RESPONSES):
        yield name, BASE, edited(BASE, edits)
    for keyword, (one, other) in KEYWORDS.items():
        yield keyword, contract({keyword: one}), contract({keyword: other})
    for name, (one, other, _) in {**WIRE, **WORDS}.items():
        put = (contract(response=s, components=schemas(**COMPONENTS)) for s in (one, other))
        yield name, *put
    yield from small("x_effect", "reads", "spends", None, "deletes")
    yield from small("x_price", {"credits": 4}, {"credits": 1.5, "perSeconds": 2}, None)
    yield from small("x_envelope", ENVELOPE, ENVELOPE | {"text": "/msg"}, {"success": "a"}, None)
    yield from small("x_job", JOB, JOB | {"id": "$response.body#/id"}, None)
    yield from small(
        "x_job", JOB, JOB | {"resultLifetimeSeconds": 1.5, "statuses": {"failed": [1]}}
    )
    yield from small("x_business_codes", [CODE], [CODE | {"name": "B", "retryable": False}], [])
    yield from small("x_business_codes", [CODE], [CODE | {"operations": [], "meaning": "M"}])
    yield from small("x_rules", [RULE], [RULE | {"code": 8, "text": "T", "kind": "behaviour"}], [])
    yield from small("tags", [{"name": "A"}], [{"name": "B", "description": "Only 3"}])
    few, many = oauth(["read"]), oauth(["read", "write"])
    yield "scopes", few, many
    yield (
        "tokens",
        few,
        oauth(["read"], tokenUrl="https://b.example", refreshUrl="https://c.example"),
    )
    yield "offered", few, oauth(["read"], scopes={"read": "Reads 3 things"})
    yield "flow", few, oauth(["read"], implicit={"authorizationUrl": "https://a.example",
                                                 "scopes": {}})  # fmt: skip
    yield "open", few, few | {"security": [{}]}
    yield "alternative", union(ref("A"), ref("B")), union(ref("A"), ref("B"), ref("C"))
    inline = {"title": "In line", "type": "object"}
    yield "one written out", union(ref("A"), ref("B")), union(ref("A"), ref("B"), inline)
    yield "one with no name", union(ref("A"), ref("B")), union(ref("A"), ref("B"), {"type": "null"})
    yield "some", union(ref("A"), ref("B")), union(ref("A"), ref("B"), keyword="anyOf")
    yield (
        "grown",
        contract(response=ref("A"), components=schemas(**OBJECTS)),
        union(ref("A"), ref("B")),
    )
    yield (
        "condition",
        contract(response=TEXT, components=schemas(**OBJECTS)),
        union({"pattern": "a"}, {"pattern": "b"}, **TEXT),
    )
    yield (
        "tags of alternatives",
        told_by(a="#/components/schemas/A", b="B"),
        told_by(a="#/components/schemas/A", c="B"),
    )
    yield "tags by name", told_by(), told_by(x="A", B="B")
    yield "moved", union(ref("A"), ref("B")), union(ref("B"), OBJECTS["A"] | {"type": "string"})
    yield "server", server("https://a.example"), contract(servers=[{"url": "https://c.example"}])
    yield (
        "first",
        server("https://a.example"),
        contract(servers=[{"url": "https://b.example"}, {"url": "https://a.example"}]),
    )
    where = {"default": "eu", "enum": ["eu", "us"]}
    for other in (where | {"default": "us"}, where | {"enum": ["eu"]}, {"default": "eu"}):
        yield "variable", server("https://{w}.e", w=where), server("https://{w}.e", w=other)
    yield "variable gone", server("https://{w}.e", w=where), server("https://{w}.e")
    yield "encoding", form(), form(contentType="text/csv", style="spaceDelimited")
    yield "explode", form(), form(explode=False)
    yield "renamed", used("A"), used("B")
    yield "inlined", used("A"), used(None)
    yield "replaced", used("A"), used("Z")
    yield (
        "named values",
        contract(TEXT | {"enum": ["a", "b"]}),
        contract(TEXT | {"enum": ["a", "b"], "x-enum-varnames": ["A", "BE"]}),
    )
    hook = {"done": contract(TEXT)["paths"]["/swap"]}
    nameless = contract()
    del nameless["paths"]["/swap"]["post"]["operationId"]
    yield "name of an operation", contract(), nameless
    header = {"headers": {"H": {"schema": TEXT}}, "schemas": {"S": TEXT}}
    yield "components that nobody uses", contract(), contract(components=header)
    yield "webhook", contract(), contract(webhooks=hook)
    yield (
        "webhook inside",
        contract(webhooks=hook),
        contract(webhooks={"done": contract({"type": "integer"})["paths"]["/swap"]}),
    )


def lines() -> str:
    """All of them, each under its title."""
    told: list[str] = []
    for title, one, other in pairs():
        told += [f"== {title}", render.text(compare(one, other))]
        told += [f"== {title}, back", render.text(compare(other, one))]
    return "\n".join(told)


def test_lines_are_those_of_the_record() -> None:
    anew = "`python -m tests.pipeline.diff.test_lines` writes lines.txt; read what changed in it"
    assert lines() == LINES.read_text("utf-8"), anew


if __name__ == "__main__":
    LINES.write_text(lines(), "utf-8")
