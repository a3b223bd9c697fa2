"""What a merge tells and makes of pages, as it does today: `told_merging.txt`.

One page of two is changed at one place at a time, and small pages stand for one rule each. Of a
change the record holds what is told, what is another then in the result, and where it is from.
A record and no proof: the code under test wrote it. It shows what a change does to the lines, and
does not say that they are right; that is held by the other tests of this folder.
`python -m tests.pipeline.test_told_merging` writes the file anew; read what changed in it.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from tests.pipeline.edits import (
    Json,
    changes,
    edits,
    fragment,
    junk,
    news,
    record,
    recorded,
    told,
    unshared,
)
from tests.pipeline.test_nothing_lost import ONE, second

from akool_openapi.pointer import escaped
from akool_pipeline.building import fragments, namespace
from akool_pipeline.building.merge import Merged, merge
from akool_pipeline.documents.pointer import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

TOLD = Path(__file__).with_name("told_merging.txt")
TEXT = {"type": "string"}
ANSWERED: Json = {"responses": {}}
Q = {"name": "q", "in": "query", "schema": TEXT}
UNMERGED = {"x-provenance": 3}
HOST = "https://api.example"


def page(paths: Json, *servers: Any, **root: Any) -> Json:
    """A small page; a path that is a method alone has an operation that says nothing."""
    known = {
        path: {item: copy.deepcopy(ANSWERED)} if isinstance(item, str) else item
        for path, item in paths.items()
    }
    stated = [{"url": s} if isinstance(s, str) else s for s in servers]
    info = {"title": "T", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": known, **root} | (
        {"servers": stated} if stated else {}
    )


def operations(*names: str) -> Json:
    """A path item with an operation of each method that has the name beside it."""
    return {
        method: {"operationId": name, **copy.deepcopy(ANSWERED)}
        for method, _, name in (one.partition(" ") for one in names)
    }


def beside(server: Any) -> list[Json]:
    """A page whose server most pages name, and one with another."""
    return [page({"/a": "get"}, HOST), page({"/b": "get"}, server), page({"/c": "get"}, HOST)]


HERE = "#/paths/~1a/parameters/0"
CASES: dict[str, list[Json]] = {
    "a longer path": beside(f"{HOST}/base/"),
    "a longer path with more": beside({"url": f"{HOST}/base", "description": "D"}),
    "a longer path with another meaning": beside({"url": f"{HOST}/base", "x-a": 1}),
    "a longer path with variables": beside({"url": f"{HOST}/base", "variables": {}}),
    "another host": beside("https://b.example/base"),
    "another scheme": beside("http://api.example/base"),
    "a query": beside(f"{HOST}/base?a=b"),
    "other words": beside({"url": HOST, "description": "D"}),
    "no server": [page({"/a": "get"}, HOST), page({"/b": "get"})],
    "no server first": [page({"/a": "get"}), page({"/b": "get"}, HOST)],
    "no address": [page({"/a": "get"}, {"x": 1}), page({"/b": "get"}, {"url": "None/b"})],
    "two servers": [page({"/a": "get"}, HOST, HOST), page({"/b": "get"}, f"{HOST}/b")],
    "two servers here": [page({"/a": "get"}, HOST), page({"/b": "get"}, f"{HOST}/b", HOST)],
    "a longer path than one of two": [
        page({"/a": "get"}, HOST, {"url": HOST}),
        page({"/b": "get"}, f"{HOST}/b"),
        page({"/c": "get"}, HOST, HOST),
    ],
    "a longer path than one with variables": [
        page({"/a": "get"}, {"url": HOST, "variables": {}}),
        page({"/b": "get"}, f"{HOST}/b"),
        page({"/c": "get"}, {"url": HOST, "variables": {}}),
        page({"/d": "get"}, {"url": f"{HOST}/d", "variables": {}}),
    ],
    "a path of more letters": [
        page({"/a": "get"}, f"{HOST}/v1/"),
        page({"/b": "get"}, f"{HOST}/v12/x"),
        page({"/c": "get"}, f"{HOST}/v1/x"),
    ],
    "as many of each": [page({"/a": "get"}, f"{HOST}/bb"), page({"/b": "get"}, f"{HOST}/aa")],
    "variables": [
        page({"/a": "get"}, {"url": HOST, "variables": {"v": {"default": "a"}}}),
        page({"/b": "get"}, f"{HOST}/aa"),
    ],
    "servers of everything": [
        page(
            {
                "/a": {"servers": [{"url": "https://item.example"}], "get": {}, "put": {}},
                "/b": {"get": {"servers": [{"url": "https://get.example"}]}, "put": {}},
                "/c": {"summary": "S"},
                "/d": {"get": {}, "put": {"servers": [{"url": HOST}]}, "servers": []},
            },
            HOST,
        ),
        page({"/a": "post", "/e": {"get": {}, "put": {}}, "/f": {"x": 1}}, "https://b.example"),
        page({"/g": "get"}, HOST),
    ],
    "all have their own": [
        page({"/a": "get"}, HOST),
        page(
            {
                "/b": {
                    "parameters": [Q, {**Q, "name": "r"}],
                    "servers": [{"url": "https://b.example"}],
                    "get": {"parameters": [Q], "security": [], "servers": [{"url": HOST}]},
                    "put": {
                        "parameters": [{**Q, "in": "header"}, Q],
                        "security": [],
                        "servers": [],
                    },
                }
            },
            "https://c.example",
            security=[{"Key": []}],
        ),
    ],
    "most have their own": [
        page(
            {"/a": {"servers": [{"url": "https://b.example"}], "get": {}, "put": {"servers": []}}},
            HOST,
            security=[{"Key": []}],
        ),
        page({"/b": {"get": {"security": [], "servers": []}}}, HOST, security=[{"Key": []}]),
    ],
    "parameters by reference": [
        page(
            {
                "/a": {
                    "parameters": [Q, {"$ref": "#/components/parameters/Id"}, {**Q, "in": "path"}],
                    "get": {"parameters": [{"$ref": "#/components/parameters/Q"}]},
                    "put": {
                        "parameters": [{**Q, "name": name} for name in ("id", "r", "s")],
                        "responses": {"200": {"links": {"L": {"operationRef": "#/paths/~1a/get"}}}},
                    },
                    "head": {"parameters": [{"$ref": "#/components/parameters/Round"}]},
                    "patch": {},
                },
                "/b": {"parameters": [{"$ref": HERE}], "get": {}},
            },
            f"{HOST}/b",
            components={
                "parameters": {
                    "Q": {"$ref": HERE},
                    "Id": {"name": "id", "in": "path", "required": True, "schema": TEXT},
                    "Round": {"$ref": "#/components/parameters/Round"},
                },
                "links": {
                    "L": {"operationRef": "#/paths/~1a/get"},
                    "M": {"operationRef": "https://else.example/#/paths/~1a/get"},
                },
                "schemas": {
                    "S": {
                        "properties": {
                            "own": {"$ref": "#/paths/~1a/put/parameters/0/schema"},
                            "last": {"$ref": "#/paths/~1a/put/parameters/2/schema"},
                            "two": {"$ref": "#/paths/~1a/parameters/2/schema"},
                            "operationRef": {"operationRef": "#/paths/~1a/get"},
                        }
                    }
                },
            },
        ),
        page({"/c": "get"}, HOST),
        page({"/d": "get"}, HOST),
    ],
    "aliases": [
        page({"x-a": 1, "/a": {"$ref": "#/components/pathItems/A", "parameters": [Q]}},
             "https://b.example", components={"pathItems": {"A": {"get": {}, "x": {}}}}),
        page({"x-a": 1, "/a": {"parameters": [Q], "summary": "S"}, "/b": {"servers": []},
              "/d": "put"}, HOST),
        page({"/a": {"summary": "T"}, "/c": "get"}, HOST),
    ],
    "extensions among paths": [
        page({"/a": "get", "x-a": 1, "x-/b": {"get": {}}}), page({"/b": "get", "x-a": 2})
    ],
    "one path by three names": [
        page({"/a/{x}": "get", "/a/{y}/b": "get"}),
        page({"/a/{y}": "put", "/a/{y}/b": "put"}),
        page({"/a/{z}": "post", "/a{z}": "get"}),
    ],
    "one method three times": [page({"/a": "get"}), page({"/a": "get"}), page({"/a": "get"})],
    "one name for all": [
        page({"/b": operations("get a", "put b")}, webhooks={"w": operations("post a")}),
        page({"/c": operations("get a", "put c")}, components={"callbacks": {"c": {"x": {}}}}),
        page({"/a": {"get": {"operationId": "b", "callbacks": {"c": {"y": operations("put c")}}}}}),
    ],
    "the name of what is no operation": [
        page({"/a": operations("get a")}, components={"links": {"L": {"operationId": "a"}}}),
        page({"/b": "get", "/c": "get"}, **{"x-a": operations("get a")}),
    ],
    "a dialect in one of three": [
        page({"/a": "get"}),
        page({"/b": "get"}, jsonSchemaDialect="https://d.example"),
        page({"/c": "get"}),
    ],
    "a dialect in two": [
        page({"/a": "get"}, jsonSchemaDialect="https://d.example"),
        page({"/b": "get"}, jsonSchemaDialect="https://e.example"),
    ],
    "all versions": [
        page({"/a": "get"}, openapi="3.0.1", components={"schemas": {"A": {"nullable": True}}}),
        page({"/b": "get"}, openapi="3.0.10", components={"schemas": {"A": {"nullable": True}}}),
        page({"/c": "get"}, openapi="3.1.0"),
        page({"/d": "get"}, openapi="3.1.1", components={"schemas": {"B": {"nullable": True}}}),
    ],
    "patches of one version": [
        page({"/a": "get"}, openapi="3.0.2", components={"schemas": {"A": {"nullable": True}}}),
        page({"/b": "get"}, openapi="3.0.10", components={"schemas": {"A": {"nullable": True}}}),
    ],
    "infos": [
        page({"/a": "get"}, info={"title": "B", "version": "1", "x-a": {"a": 1}}),
        page({"/b": "get"}, info={"title": "A", "x-a": {"a": 2}, "summary": "S"}),
        page({"/c": "get"}, info={"title": "B", "version": "2", "summary": "T"}),
    ],
    "no info": [page({"/a": "get"}, info={}), page({"/b": "get"}, info={"title": " "})],
    "tags": [
        page({"/a": "get"}, tags=[{"name": "b"}, {"name": "c/d", "x": 1}]),
        page({"/b": "get"}, tags=[{"name": "a"}, {"name": "b", "description": "D"}]),
    ],
    "webhooks and path items": [
        page({"/a": "get"}, "https://b.example", webhooks={"b": {"get": {}, "x": []}},
             security=[{"K": []}]),
        page({"/b": "get"}, HOST, webhooks={"a": {"servers": [{"url": HOST}], "get": {}}},
             components={"x-b": 1, "pathItems": {"A": {"get": {"security": []}}}}),
        page({"/c": "get"}, HOST, components={"x-a": 2, "x-b": 2, "schemas": {"b": {}, "a": {}}}),
        page({}, HOST, webhooks={"b": {"get": {}, "x": [], "description": "D"}}, security=[]),
    ],
    "webhooks that are alike": [
        page({"/a": "get"}, "https://b.example", webhooks={"b": {"get": {}, "x": []}},
             security=[{"K": []}]),
        page({"/b": "get"}, HOST, webhooks={"a": {"servers": [{"url": HOST}], "get": {}}},
             components={"x-b": 1, "pathItems": {"A": {"get": {"security": []}}}}),
        page({"/c": "get"}, HOST, components={"x-a": 2, "x-b": 1, "schemas": {"b": {}, "a": {}}}),
        page({}, HOST, webhooks={"a": {"servers": [{"url": HOST}], "description": "D", "get": {}}}),
    ],
    "roots that are alike": [
        page({"/a": "get"}, **{"x-b": 1.0, "externalDocs": {"url": "a"}}),
        page({"/b": "get"}, **{"x-a": 1, "x-b": 1, "externalDocs": {"url": "b"}, **UNMERGED}),
    ],
    "roots": [
        page({"/a": "get"}, security=[{"K": []}], **{"x-b": 1, "externalDocs": {"url": "a"}}),
        page({"/b": "get"}, **{"x-a": 1, "x-b": 2, "externalDocs": {"url": "b"}, **UNMERGED}),
    ],
    "references as pages write them": [
        page(
            {"/a/{i}": {"get": {"x-here": TEXT, "parameters": [
                {"$ref": "#/paths/~1a~1{i}/get/x-here"}
            ]}}},
            components={"schemas": {"A": {"example": {"$ref": "#/{a}"}, "$ref": "#/x-{a}"}}},
            **{"x-{a}": {"$ref": "#/components/schemas/%41"}},
        )
    ],
    "long values": [
        page({"/a": "get"}, **{"x-a": "a" * 78}),
        page({"/b": "get"}, **{"x-a": "ä" * 79}),
    ],
}  # fmt: skip


def merged(pages: Sequence[Json], first: Sequence[str] = ()) -> Merged:
    found = [fragment("abcd"[number], data) for number, data in enumerate(unshared([*pages]))]
    before = unshared([one.data for one in found])
    for one in found:
        fragments.check(one.source)
    whole = merge(found, first)
    assert [one.data for one in found] == before, "a fragment is never changed"
    return whole


def notes(whole: Merged) -> Iterator[str]:
    if whole.is_mixed:
        yield "of 3.0 and 3.1"
    yield from map(str, whole.notes)


def origins(whole: Merged) -> Iterator[str]:
    """Where each part is from, unless it is from where it must be by what is around it."""
    for place, _ in walk(whole.data):
        above, _, last = place.rpartition("/")
        around, found = whole.origin(above) if place else None, whole.origin(place)
        if found != (around and (around[0], f"{around[1]}/{last}")):
            yield f"{place} < {found[0].name} #{found[1]}" if found else f"{place} < nobody"


def of_pages() -> Iterator[str]:
    """The second page of two is another at one place."""
    whole = merged([ONE, second()])
    known = [*notes(whole), *origins(whole)]
    yield from ("== two pages", *known)

    def of(data: Json) -> Iterator[str]:
        found = merged([ONE, data])
        yield from changes(whole.data, found.data)
        yield from news(known, [*notes(found), *origins(found)])

    for title, data in edits(second()):
        yield from told(title, lambda data=data: [*of(data)])


def of_cases() -> Iterator[str]:
    """Small pages: the whole that they become, and what is another if the last comes first."""

    def of(pages: list[Json]) -> Iterator[str]:
        whole = merged(pages)
        holders = [id(v) for _, v in walk(whole.data) if isinstance(v, dict | list)]
        assert len({*holders}) == len(holders), "no object stands in two places"
        known = [*notes(whole), *origins(whole)]
        yield from (json.dumps(whole.data), *known)
        turned = merged(pages, "dcb")
        yield from changes(whole.data, turned.data)
        yield from news(known, [*notes(turned), *origins(turned)])

    for title, pages in CASES.items():
        yield from told(title, lambda pages=pages: [*of(pages)])
        # Which of two is told to be against the other.
        yield from told(f"{title}, from the last", lambda pages=pages: [*against(pages)])


def against(pages: list[Json]) -> Iterator[str]:
    merged(pages, "dcb")
    yield from ()


def of_checks() -> Iterator[str]:
    """Something else stands in one place of a page."""
    for title, data in junk(ONE):

        def of(data: Json = data) -> Iterator[str]:
            fragments.check(fragment("p", data).source)
            yield from ()

        yield from told(title, lambda of=of: [*of()])


def pet(title: str, **more: Any) -> Json:
    """A product's page: all that has a name, and all that refers to a name."""
    schema = "#/components/schemas/"
    mapping = {"meow": "Cat", "bark": f"{schema}Dog", "Dog": "https://else.example/Dog"}
    told_by = {"propertyName": "kind"}
    return page(
        {
            f"/{title}": {
                "get": {
                    "operationId": "find",
                    "security": [{"Key": []}, {}],
                    "parameters": [{"$ref": "#/components/parameters/Id"}],
                    "responses": {"200": {"$ref": "#/components/responses/Pet"}},
                    "callbacks": {"c": {"$ref": "#/components/callbacks/Done"}},
                },
                "post": {
                    "operationId": f"{title}Only",
                    "requestBody": {"content": {"a/b": {"schema": {"$ref": f"{schema}Any"}}}},
                    "responses": {"200": {"links": {"again": {"operationId": "find"}}}},
                },
            }
        },
        info={"title": title, "version": "1"},
        security=[{"Key": ["a"], "Same": []}],
        components={
            "schemas": {
                "Pet": {"x-of": title, "discriminator": told_by},
                "Cat": {"allOf": [{"$ref": f"{schema}Pet"}, {"type": "object"}]},
                "Kitten": {"allOf": [{"$ref": f"{schema}Cat"}]},
                "Dog": {"type": "object"},
                "Any": {
                    "oneOf": [{"$ref": f"{schema}Cat"}, {"$ref": f"{schema}Dog"}, {"type": "null"}],
                    "discriminator": {**told_by, "mapping": mapping},
                },
                "Some": {"anyOf": [{"$ref": f"{schema}Cat"}], "discriminator": told_by},
                "Box": {"items": {"$ref": f"{schema}Any"}, "not": {"discriminator": told_by}},
                "Part": {"$ref": f"{schema}Pet/discriminator"},
                "Told": {"anyOf": [], "discriminator": {**told_by, "mapping": {"m": "Pet"}}},
                "Base": {"discriminator": told_by},
                "Heir": {"allOf": [{"$ref": f"{schema}Base"}], "x-of": title},
                "Said": {"type": "string", "description": title},
            },
            "parameters": {"Id": {"name": "id", "in": "query", "schema": {"$ref": f"{schema}Dog"}}},
            "responses": {"Pet": {"content": {"a/b": {"schema": {"$ref": f"{schema}Pet"}}}}},
            "callbacks": {
                "Done": {"{$url}": {"post": {"operationId": "done"}}},
                "Asked": {"{$url}": {"post": {"security": [{"Key": []}]}}},
            },
            "securitySchemes": {
                "Key": {"type": "apiKey", "in": "header", "name": title},
                "Same": {"type": "http", "scheme": "basic"},
            },
        },
        **more,
    )


def of_products() -> Iterator[str]:
    """Two products; the second is another at one place."""
    one = pet("Ape")

    def of(*pages: Json) -> Iterator[str]:
        made = [fragment("abcd"[number], data) for number, data in enumerate(pages)]
        for before, after in zip(made, namespace.separate(made), strict=True):
            rest = ({**one.data, "components": {}} for one in (before, after))
            yield from (f"{after.name}{line}" for line in changes(*rest))
            for section, named in after.data.get("components", {}).items():
                for name, value in named.items() if isinstance(named, dict) else ():
                    if value != before.data["components"][section].get(name):
                        yield f"{after.name} {section} {name}: {json.dumps(value)}"

    known = [*of(one, pet("Bee"))]
    yield from ("== two products", *known)
    again = page({"/more": operations("get more")}, info={"title": "Bee", "version": "2"})
    yield from ("== three pages of two products", *news(known, [*of(one, pet("Bee"), again)]))
    for title, data in edits(pet("Bee")):
        if title.endswith("renamed") or title.startswith("/paths"):
            continue
        yield from told(title, lambda data=data: [*news(known, [*of(one, data)])])


ODD = ("a b", "«»", "a/b~c", "a_b", "é", "_", "a b_", "Fine.1-x_y")


def of_odd_names() -> Iterator[str]:
    """Names that OpenAPI does not allow, in every section."""
    texts = dict.fromkeys(ODD, TEXT)
    refers = {f"r{n}": {"$ref": f"#/components/schemas/{quote(escaped(name))}"}
              for n, name in enumerate(ODD)}  # fmt: skip
    pages = [
        page({"/a": operations("get a b")}, components={"schemas": texts | refers}),
        page({"/b": "get"}, components={"schemas": {"é": TEXT}, "headers": {"a b": {}, "b c": {}}}),
        page({"/c": "get"}, components={"x-a b": {}, "examples": {"a b": {"value": "a b"}}}),
        page({"/d": "get"}, info={"title": "Other"}),
    ]
    found, notes = namespace.respell([fragment("abcd"[n], data) for n, data in enumerate(pages)])
    yield from map(str, notes)
    for before, after in zip(pages, found, strict=True):
        yield from changes(before, after.data)
    yield from (f"{place} @ {line}" for place, line in sorted(found[0].source.lines.items()))


SECTIONS: dict[str, Callable[[], Iterator[str]]] = {
    "cases": of_cases,
    "names that are not allowed": of_odd_names,
    "checks": of_checks,
    "products": of_products,
    "pages": of_pages,
}


@pytest.mark.parametrize("name", SECTIONS)
def test_lines_are_those_of_the_record(name: str) -> None:
    anew = "`python -m tests.pipeline.test_told_merging` writes told_merging.txt; read the changes"
    assert [*SECTIONS[name]()] == recorded(TOLD)[name], anew


if __name__ == "__main__":
    record(TOLD, SECTIONS)
