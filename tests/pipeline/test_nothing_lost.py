"""What stands in a fragment stands in the merged document, or is listed, or is a conflict."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from akool_pipeline.building.fragments import Fragment, check, load_folder
from akool_pipeline.building.merge import merge
from akool_pipeline.documents import pointer
from akool_pipeline.documents.document import Document
from akool_pipeline.errors import PipelineError

OK = {"200": {"description": "ok"}}
ONE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Things",
        "version": "1",
        "description": "D",
        "summary": "S",
        "contact": {"name": "N", "x-c": "c"},
        "license": {"name": "L"},
        "termsOfService": "https://a.example/terms",
        "x-info": "i",
    },
    "servers": [
        {
            "url": "https://{host}.example",
            "description": "Main",
            "variables": {"host": {"default": "api", "enum": ["api"], "description": "Host"}},
            "x-server": "s",
        }
    ],
    "security": [{"Key": ["scope"]}],
    "tags": [{"name": "T", "description": "Tag", "externalDocs": {"url": "https://t.example"}}],
    "externalDocs": {"url": "https://docs.example", "description": "Docs"},
    "x-root": {"a": "b"},
    "paths": {
        "x-paths": "p",
        "/things/{id}": {
            "summary": "Item",
            "description": "Item text",
            "x-item": "i",
            "servers": [{"url": "https://item.example"}],
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                {"name": "q", "in": "query", "schema": {"type": "string"}},
            ],
            "get": {
                "operationId": "getThing",
                "tags": ["T"],
                "parameters": [{"name": "q", "in": "query", "schema": {"type": "integer"}}],
                "responses": OK,
                "security": [],
                "x-operation": "o",
                "callbacks": {"done": {"{$url}": {"post": {"responses": OK}}}},
            },
            "post": {"servers": [{"url": "https://post.example"}], "responses": OK},
        },
        "/alias": {
            "$ref": "#/components/pathItems/Shared",
            "parameters": [{"name": "z", "in": "query", "schema": {"type": "string"}}],
            "servers": [{"url": "https://alias.example"}],
        },
        "/empty": {"parameters": [{"name": "e", "in": "query", "schema": {"type": "string"}}]},
    },
    "webhooks": {"done": {"post": {"operationId": "hear", "responses": OK}}},
    "components": {
        "x-components": "c",
        "schemas": {
            "Thing": {
                "type": "object",
                "title": "Thing",
                "required": ["id"],
                "properties": {"id": {"type": "string", "example": "1", "default": "x"}},
            }
        },
        "pathItems": {"Shared": {"get": {"operationId": "shared", "responses": OK}}},
        "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "k"}},
        "examples": {"E": {"value": {"a": "b"}, "summary": "E"}},
    },
}


def second() -> dict[str, Any]:
    """Another page of the same product: other paths, the same of all else."""
    page = copy.deepcopy(ONE)
    item = page["paths"].pop("/things/{id}")
    item["get"]["operationId"] = "getOther"
    page["paths"] = {"x-paths": "p", "/others/{id}": item}
    del page["webhooks"], page["components"]["pathItems"]
    return page


LEAVES = [
    place
    for place, value in pointer.walk(second())
    if isinstance(value, str) and place != "/openapi" and not place.endswith("/in")
]
MARK = "a-mark-that-stands-nowhere-else"


def put(data: Any, place: str, value: object) -> None:
    *way, last = pointer.split(place)
    holder = pointer.resolve(data, pointer.join("", *way))
    holder[int(last) if isinstance(holder, list) else last] = value


def account(first: dict[str, Any], other: dict[str, Any]) -> tuple[str, set[str]]:
    """What a merge says: the document and its notes, or its conflicts; and the places noted."""
    pages = [Fragment(name, Document(name, d)) for name, d in (("a", first), ("b", other))]
    try:
        for page in pages:
            check(page.source)
        merged = merge(pages)
    except PipelineError as error:
        return "conflict: " + str(error), {p.pointer or "" for p in error.problems}
    notes = {note.pointer or "" for note in merged.notes}
    return json.dumps(merged.data) + "".join(map(str, merged.notes)), notes


def is_told(place: str, said: str, places: set[str]) -> bool:
    return MARK in said or any(place == p or place.startswith(p + "/") for p in places if p)


@pytest.mark.parametrize("place", LEAVES)
def test_a_text_at_any_place_is_merged_or_listed_or_a_conflict(place: str) -> None:
    other = second()
    put(other, place, MARK)
    assert is_told(place, *account(copy.deepcopy(ONE), other))


OBJECTS = [place for place, value in pointer.walk(second()) if isinstance(value, dict)]


@pytest.mark.parametrize("place", OBJECTS)
def test_a_new_key_at_any_place_is_merged_or_listed_or_a_conflict(place: str) -> None:
    other = second()
    pointer.resolve(other, place)["x-new"] = MARK
    assert is_told(place, *account(copy.deepcopy(ONE), other))


GONE = [
    place
    for place, _ in pointer.walk(ONE)
    if place and not place.startswith(("/openapi", "/paths", "/webhooks"))
]


@pytest.mark.parametrize("place", GONE)
def test_what_only_the_first_page_says_is_still_said(place: str) -> None:
    other = second()
    if not place.startswith("/components/pathItems"):
        *way, last = pointer.split(place)
        holder = pointer.resolve(other, pointer.join("", *way))
        if isinstance(holder, list):
            del holder[int(last)]
        else:
            del holder[last]
    first = copy.deepcopy(ONE)
    value = pointer.resolve(first, place)
    said, _ = account(first, other)
    if not said.startswith("conflict"):
        texts = [v for _, v in pointer.walk(value) if isinstance(v, str)]
        assert [text for text in texts if text not in said] == []


class TestOneByOne:
    """What was lost in silence once."""

    def notes(self, *pages: Fragment) -> list[str]:
        return [str(note) for note in merge(pages).notes]

    def test_variables_of_a_server_keep_the_server_apart(self, fragment, things, other) -> None:
        other["servers"] = [{**things["servers"][0], "variables": {"v": {"default": "1"}}}]
        data = merge([fragment("a", things), fragment("b", other)]).data
        servers = [data["servers"], data["paths"]["/others"].get("servers")]
        assert {json.dumps(s) for s in servers} == {
            json.dumps(page["servers"]) for page in (things, other)
        }

    def test_a_page_without_servers_is_listed(self, fragment, things, other) -> None:
        del other["servers"]
        assert self.notes(fragment("a", things), fragment("b", other)) == [
            "b.yaml:1: #: names no server: those of a.yaml:1 are taken"
        ]

    def test_another_version_of_the_same_title_is_listed(self, fragment, things, other) -> None:
        other["info"]["version"] = "2.0.0"
        merged = merge([fragment("a", things), fragment("b", other)])
        assert merged.data["info"] == things["info"]
        assert [str(n) for n in merged.notes] == [
            'b.yaml:1: #/info/version: left out "2.0.0", taken "1.0.0" of a.yaml:1'
        ]

    def test_other_titles_are_joined_and_the_first_licence_is_kept(
        self, fragment, things, other
    ) -> None:
        other["info"] |= {"title": "Others API", "license": {"name": "L"}, "contact": {"name": "C"}}
        info = merge([fragment("a", things), fragment("b", other)]).data["info"]
        assert info == {
            "title": "Others API + Things API",
            "version": "1.0.0",
            "license": {"name": "L"},
            "contact": {"name": "C"},
        }

    def test_a_page_that_comes_first_gives_the_words(self, fragment, things, other) -> None:
        things["components"]["securitySchemes"]["Key"]["description"] = "one"
        other["components"]["securitySchemes"]["Key"]["description"] = "other"
        pages = [fragment("a", things), fragment("b", other)]
        for first, said, left in (
            ((), "one", "b"),
            (["b"], "other", "a"),
            (["x", "b"], "other", "a"),
        ):
            merged = merge(pages, first)
            assert merged.data["components"]["securitySchemes"]["Key"]["description"] == said
            (note,) = merged.notes
            assert note.file == f"{left}.yaml"
            assert note.pointer == "/components/securitySchemes/Key/description"

    def test_a_conflict_shows_both_values_and_their_lines(self, fragment, things, other) -> None:
        place = "/components/schemas/Thing/properties/id/type"
        pages = [fragment("a", things), fragment("b", other)]
        other["components"]["schemas"]["Thing"]["properties"]["id"]["type"] = "integer"
        pages[0].source.lines[place], pages[1].source.lines[place] = 7, 9
        with pytest.raises(PipelineError) as caught:
            merge(pages)
        assert str(caught.value) == (
            "b.yaml:1: #/components/schemas/Thing: conflict with a.yaml:1: schemas Thing is "
            'defined differently: here "integer" (b.yaml:9), there "string" (a.yaml:7), '
            "at /properties/id/type"
        )

    def test_webhooks_of_two_pages_unite(self, fragment, things, other) -> None:
        for name, page in (("made", things), ("gone", other)):
            page |= {"openapi": "3.1.0", "webhooks": {name: {"post": {"responses": {}}}}}
        data = merge([fragment("a", things), fragment("b", other)]).data
        assert list(data["webhooks"]) == ["gone", "made"]
        assert data["webhooks"]["gone"]["post"]["security"] == [{"Key": []}]

    def test_a_page_of_webhooks_alone_is_a_page(self, fragment, things) -> None:
        hooks = {
            "openapi": "3.1.0",
            "info": things["info"],
            "webhooks": {"made": {"post": {"responses": {}}}},
        }
        check(fragment("h", hooks).source)
        assert merge([fragment("h", hooks)]).data["paths"] == {}

    def test_an_operation_id_given_twice_is_found_in_a_webhook_too(
        self, fragment, things, other
    ) -> None:
        for page in (things, other):
            page["openapi"] = "3.1.0"
        hook = {"operationId": "listThings", "responses": {}}
        other["webhooks"] = {"made": {"post": hook}}
        with pytest.raises(PipelineError, match="operationId listThings given twice") as caught:
            merge([fragment("a", things), fragment("b", other)])
        assert caught.value.problems[0].pointer == "/webhooks/made/post/operationId"

    def test_a_dialect_is_not_put_on_a_page_that_states_none(self, fragment, things, other) -> None:
        for page in (things, other):
            page["openapi"] = "3.1.0"
        other["jsonSchemaDialect"] = "https://dialect.example"
        with pytest.raises(PipelineError, match="states no jsonSchemaDialect") as caught:
            merge([fragment("a", things), fragment("b", other)])
        assert caught.value.problems[0].file == "a.yaml"
        things["jsonSchemaDialect"] = other["jsonSchemaDialect"]
        data = merge([fragment("a", things), fragment("b", other)]).data
        assert data["jsonSchemaDialect"] == "https://dialect.example"

    def test_an_older_patch_of_openapi_is_listed(self, fragment, things, other) -> None:
        other["openapi"] = "3.0.1"
        merged = merge([fragment("a", things), fragment("b", other)])
        assert merged.data["openapi"] == "3.0.3"
        assert [n.pointer for n in merged.notes] == ["/openapi"]

    def test_security_and_servers_reach_operations_behind_a_reference(
        self, fragment, things, other
    ) -> None:
        for page in (things, other):
            page["openapi"] = "3.1.0"
        other["paths"] = {"/others": {"$ref": "#/components/pathItems/Others"}}
        other["components"]["pathItems"] = {"Others": {"get": {"responses": {}}}}
        other["servers"] = [{"url": "https://others.example"}]
        check(fragment("b", other).source)
        data = merge([fragment("a", things), fragment("b", other)]).data
        operation = data["components"]["pathItems"]["Others"]["get"]
        assert operation["security"] == [{"Key": []}]
        assert operation["servers"] == other["servers"]
        assert data["paths"]["/others"]["servers"] == other["servers"]

    def test_references_into_paths_follow_what_is_moved(self, fragment, things, other) -> None:
        third = copy.deepcopy(other)
        operation = other["paths"]["/others"]["get"] | {"operationId": "third"}
        third["servers"] = [{"url": "https://api.example/base"}]
        third["paths"] = {
            "/a/{id}": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "get": operation
                | {"parameters": [{"name": "q", "in": "query", "schema": {"type": "integer"}}]},
            }
        }
        here = "#/paths/~1a~1%7Bid%7D"
        third["components"]["schemas"]["Refers"] = {
            "properties": {
                "above": {"$ref": f"{here}/parameters/0/schema"},
                "own": {"$ref": f"{here}/get/parameters/0/schema"},
                "answer": {"$ref": here + "/get/responses/200/content/application~1json/schema"},
            }
        }
        third["components"]["links"] = {
            "L": {"operationRef": here + "/get"},
            "M": {"$ref": here + "/get/responses/200/links/m"},
        }
        third["paths"]["/a/{id}"]["get"]["responses"]["200"]["links"] = {"m": {"operationId": "x"}}
        check(fragment("c", third).source)
        page = fragment("c", third)
        page.source.lines["/paths/~1a~1{id}/parameters/0"] = 33
        merged = merge([fragment("a", things), fragment("b", other), page])
        refers = merged.data["components"]["schemas"]["Refers"]["properties"]
        found = [
            pointer.resolve(merged.data, pointer.of(refers[name]["$ref"]))
            for name in ("above", "own", "answer")
        ]
        assert found[:2] == [{"type": "string"}, {"type": "integer"}]
        assert found[2]["type"] == "array"
        link = merged.data["components"]["links"]["L"]["operationRef"]
        assert link == "#/paths/~1base~1a~1%7Bid%7D/get"
        other_link = merged.data["components"]["links"]["M"]["$ref"]
        assert pointer.resolve(merged.data, pointer.of(other_link)) == {"operationId": "x"}
        assert merged.locate("/paths/~1base~1a~1{id}/get/parameters/0/schema") == ("c.yaml", 33)

    def test_two_files_of_one_name_are_one_fragment_too_many(self, project, things, other) -> None:
        layout = project(things=things)
        (layout.fragments / "things.json").write_text(json.dumps(other))
        with pytest.raises(PipelineError, match=r"is the same fragment as things\.json"):
            load_folder(layout.fragments)
