"""Merging: nothing wins by coming last, and the same input gives the same bytes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_pipeline.building import emit, fragments, namespace
from akool_pipeline.building.fragments import Fragment
from akool_pipeline.building.merge import merge
from akool_pipeline.building.validate import validate
from akool_pipeline.documents import pointer
from akool_pipeline.documents.document import Document
from akool_pipeline.errors import PipelineError


def conflicts(fragments) -> list[tuple[str, str]]:
    with pytest.raises(PipelineError) as caught:
        merge(fragments)
    return [(problem.pointer, str(problem)) for problem in caught.value.problems]


def test_operations_of_all_pages_are_in_and_equal_components_are_shared(
    fragment, things, other
) -> None:
    data = merge([fragment("a", things), fragment("b", other)]).data
    assert list(data["paths"]) == ["/others", "/things"]
    assert data["components"] == things["components"]
    assert data["servers"] == things["servers"]


def test_a_single_page_merges_into_itself(fragment, things) -> None:
    data = merge([fragment("a", things)]).data
    security = data["paths"]["/things"]["get"].pop("security")
    assert security == things.pop("security")
    assert data == things


CONFLICTS: dict[str, tuple[str, Any, str, str]] = {
    "same component, another definition": (
        "/components/schemas/Thing",
        {"type": "string"},
        "/components/schemas/Thing",
        "schemas Thing is defined differently",
    ),
    "same security scheme, another definition": (
        "/components/securitySchemes/Key",
        {"type": "http", "scheme": "basic"},
        "/components/securitySchemes/Key",
        "securitySchemes Key is defined differently",
    ),
    "same operationId": (
        "/paths/~1others/get/operationId",
        "listThings",
        "/paths/~1others/get/operationId",
        "operationId listThings given twice",
    ),
    "same path but for a parameter's name": (
        "/paths",
        {"/a/{x}": {"get": {"responses": {}}}},
        "/paths/~1a~1{x}",
        "the same path as /a/{id} except for parameter names",
    ),
    "another tag of the same name": (
        "/tags",
        [{"name": "Things", "x-group": "Other"}],
        "/tags/0",
        "tag Things is defined differently",
    ),
    "another extension of the same name": ("/x-codes", [2], "/x-codes", "x-codes is defined"),
}


@pytest.mark.parametrize("case", CONFLICTS.values(), ids=CONFLICTS.keys())
def test_a_conflict_names_both_fragments_and_the_place(fragment, things, other, case) -> None:
    place, value, pointer, message = case
    things["paths"]["/a/{id}"] = {"delete": {"responses": {}}}
    things |= {"tags": [{"name": "Things", "description": "T"}], "x-codes": [1]}
    holder: Any = other
    *way, last = [part.replace("~1", "/") for part in place[1:].split("/")]
    for part in way:
        holder = holder[part]
    holder[last] = value
    found = conflicts([fragment("a", things), fragment("b", other)])
    assert [where for where, _ in found] == [pointer]
    assert message in found[0][1]
    assert found[0][1].startswith("b.yaml:1: #")
    assert "a.yaml:1" in found[0][1]


def test_the_same_path_and_method_twice_is_a_conflict_even_if_identical(fragment, things) -> None:
    found = conflicts([fragment("a", things), fragment("b", copy.deepcopy(things))])
    assert [where for where, _ in found] == ["/paths/~1things/get"]
    assert "GET /things is described twice" in found[0][1]


def test_all_conflicts_are_told_at_once(fragment, things, other) -> None:
    other["components"]["schemas"]["Thing"]["required"] = []
    other["components"]["securitySchemes"]["Key"]["name"] = "key"
    other["paths"]["/things"] = {"get": {"responses": {}}}
    found = conflicts([fragment("a", things), fragment("b", other)])
    assert {where for where, _ in found} == {
        "/components/schemas/Thing",
        "/components/securitySchemes/Key",
        "/paths/~1things/get",
    }


def test_a_third_fragment_conflicts_with_the_first_and_not_only_with_its_neighbour(
    fragment, things, other
) -> None:
    third = copy.deepcopy(other)
    third["paths"] = {"/third": {"get": {"responses": {}}}}
    third["components"]["schemas"]["Thing"] = {"type": "string"}
    found = conflicts([fragment("a", things), fragment("b", other), fragment("c", third)])
    assert [message.partition(": conflict")[0] for _, message in found] == [
        "c.yaml:1: #/components/schemas/Thing"
    ]


def test_two_pages_may_describe_two_methods_of_one_path(fragment, things, other) -> None:
    other["paths"] = {"/things": {"post": {"responses": {}}}}
    data = merge([fragment("a", things), fragment("b", other)]).data
    assert list(data["paths"]["/things"]) == ["get", "post"]


def test_a_server_that_differs_by_base_path_is_folded_into_the_path(
    fragment, things, other
) -> None:
    third = copy.deepcopy(other)
    third["paths"] = {"/detect": copy.deepcopy(other["paths"]["/others"])}
    third["paths"]["/detect"]["get"]["operationId"] = "detect"
    third["servers"] = [{"url": "https://api.example/interface/detect-api/"}]
    data = merge([fragment("a", things), fragment("b", other), fragment("c", third)]).data
    assert "/interface/detect-api/detect" in data["paths"]
    assert data["servers"] == [{"url": "https://api.example"}]
    assert "servers" not in data["paths"]["/interface/detect-api/detect"]


def test_any_other_server_stays_with_its_path(fragment, things, other) -> None:
    third = copy.deepcopy(other)
    third["paths"] = {"/old": {"get": {"responses": {}}, "post": {"responses": {}}}}
    third["servers"] = [{"url": "https://old.example", "description": "Old"}]
    data = merge([fragment("a", things), fragment("b", other), fragment("c", third)]).data
    assert data["paths"]["/old"]["servers"] == third["servers"]
    assert "servers" not in data["paths"]["/old"]["get"]


def test_servers_on_one_path_from_two_hosts_stay_with_their_operations(
    fragment, things, other
) -> None:
    other["servers"] = [{"url": "https://old.example"}]
    other["paths"] = {"/things": {"post": {"responses": {}}}}
    item = merge([fragment("a", things), fragment("b", other)]).data["paths"]["/things"]
    assert item["post"]["servers"] == [{"url": "https://old.example"}]
    assert "servers" not in item["get"]


def test_what_a_page_says_for_its_path_is_not_for_another_pages_method(
    fragment, things, other
) -> None:
    page = {"name": "page", "in": "query", "schema": {"type": "integer"}}
    things["paths"]["/things"] |= {"parameters": [page], "servers": [{"url": "https://b.example"}]}
    other["paths"] = {"/things": {"post": {"responses": {}}}}
    item = merge([fragment("a", things), fragment("b", other)]).data["paths"]["/things"]
    assert item["get"]["parameters"] == [page]
    assert item["get"]["servers"] == [{"url": "https://b.example"}]
    assert "parameters" not in item["post"]
    assert "servers" not in item["post"]


def test_an_operations_own_parameter_wins_over_its_paths(fragment, things) -> None:
    item = things["paths"]["/things"]
    item["parameters"] = [{"name": n, "in": "query", "schema": {}} for n in ("a", "b")]
    item["get"]["parameters"] = [{"name": "a", "in": "query", "required": True, "schema": {}}]
    merged = merge([fragment("a", things)]).data["paths"]["/things"]["get"]["parameters"]
    assert [(p["name"], p.get("required")) for p in merged] == [("b", None), ("a", True)]


@pytest.mark.parametrize("base", ["", "/base"])
def test_a_parameter_may_refer_to_that_of_another_path(fragment, things, other, base) -> None:
    """A traceback once: the names were looked up in the page, at their places in the whole."""
    page = {"name": "page", "in": "query", "schema": {"type": "integer"}}
    item, refers = other["paths"].pop("/others"), {"$ref": "#/paths/~1others/parameters/0"}
    named = {"$ref": "#/components/parameters/Page"}
    other.setdefault("components", {})["parameters"] = {"Page": refers}
    other["servers"] = [{"url": things["servers"][0]["url"] + base}]
    second = copy.deepcopy(item["get"]) | {"operationId": "second", "parameters": [named]}
    other["paths"] = {
        "/others": item | {"parameters": [page]},
        "/more": {"parameters": [refers], "get": second},
    }
    merged = merge([fragment("a", things), fragment("b", other)]).data
    for path in ("/others", "/more"):
        (found,) = merged["paths"][base + path]["get"]["parameters"]
        while "$ref" in found:
            found = pointer.resolve(merged, pointer.of(found["$ref"]))
        assert found == page


def test_security_is_spelled_out_on_every_operation(fragment, things, other) -> None:
    other["security"] = []
    data = merge([fragment("a", things), fragment("b", other)]).data
    assert data["paths"]["/things"]["get"]["security"] == [{"Key": []}]
    assert data["paths"]["/others"]["get"]["security"] == []


def test_an_operation_knows_the_file_and_line_it_came_from(fragment, things) -> None:
    page = fragment("a", things)
    page.source.lines["/paths/~1things/get/responses"] = 17
    assert merge([page]).locate("/paths/~1things/get/responses/200") == ("a.yaml", 17)


@given(st.permutations(range(5)), st.randoms(use_true_random=False))
def test_the_same_pages_give_the_same_bytes_in_any_order(order, random) -> None:
    pages = []
    for number in range(5):
        keys = ["x", "y", "z"]
        random.shuffle(keys)
        shared = {"type": "object", "properties": {key: {"type": "string"} for key in keys}}
        pages.append(
            {
                "openapi": "3.0.3",
                "info": {"title": "T", "version": "1"},
                "paths": {f"/p{number}": {"get": {"responses": {}}}},
                "components": {"schemas": {"Shared": shared, f"S{number}": {}}},
            }
        )
    found = [Fragment(f"p{n}", Document(f"p{n}", page)) for n, page in enumerate(pages)]
    expected = emit.to_yaml(merge(found).data)
    assert emit.to_yaml(merge([found[index] for index in order]).data) == expected


class TestNamespaces:
    """Several products of one vendor: the fragments' titles tell them apart."""

    def test_what_both_call_alike_gets_the_products_name_in_front(
        self, fragment, things, other
    ) -> None:
        other["info"]["title"] = "Head Swap API"
        other["paths"]["/others"]["get"]["operationId"] = "listThings"
        other["components"]["schemas"]["Thing"] = {"type": "string"}
        other["components"]["securitySchemes"]["Key"]["name"] = "key"
        data = merge(namespace.separate([fragment("a", things), fragment("b", other)])).data
        assert set(data["components"]["schemas"]) == {"ThingsApiThing", "HeadSwapApiThing"}
        get = data["paths"]["/others"]["get"]
        assert get["operationId"] == "headSwapApiListThings"
        assert get["security"] == [{"HeadSwapApiKey": []}]
        items = get["responses"]["200"]["content"]["application/json"]["schema"]["items"]
        assert items == {"$ref": "#/components/schemas/HeadSwapApiThing"}

    def test_a_shared_schema_over_a_clashing_one_is_told_apart_too(
        self, fragment, things, other
    ) -> None:
        for page in (things, other):
            page["components"]["schemas"]["Box"] = {
                "type": "object",
                "properties": {"thing": {"$ref": "#/components/schemas/Thing"}},
            }
        other["info"]["title"] = "Others API"
        other["components"]["schemas"]["Thing"] = {"type": "string"}
        schemas = merge(namespace.separate([fragment("a", things), fragment("b", other)])).data[
            "components"
        ]["schemas"]
        assert schemas["OthersApiBox"]["properties"]["thing"] == {
            "$ref": "#/components/schemas/OthersApiThing"
        }
        assert schemas["ThingsApiBox"]["properties"]["thing"] == {
            "$ref": "#/components/schemas/ThingsApiThing"
        }

    def test_what_does_not_clash_keeps_its_name(self, fragment, things, other) -> None:
        other["info"]["title"] = "Others API"
        pages = [fragment("a", things), fragment("b", other)]
        assert namespace.separate(pages) == pages

    def test_a_conflict_within_one_product_stays_a_conflict(self, fragment, things, other) -> None:
        other["components"]["schemas"]["Thing"] = {"type": "string"}
        pages = namespace.separate([fragment("a", things), fragment("b", other)])
        assert [where for where, _ in conflicts(pages)] == ["/components/schemas/Thing"]

    def test_pages_are_not_changed_by_renaming(self, fragment, things, other) -> None:
        other["info"]["title"] = "Others API"
        other["components"]["schemas"]["Thing"] = {"type": "string"}
        before = json.dumps([things, other])
        namespace.separate([fragment("a", things), fragment("b", other)])
        assert json.dumps([things, other]) == before

    def test_discriminators_follow(self, fragment, things, other) -> None:
        other["info"]["title"] = "Others API"
        other["components"]["schemas"] |= {
            "Thing": {"type": "string"},
            "Any": {
                "oneOf": [{"$ref": "#/components/schemas/Thing"}],
                "discriminator": {
                    "propertyName": "kind",
                    "mapping": {"thing": "#/components/schemas/Thing"},
                },
            },
        }
        schemas = merge(namespace.separate([fragment("a", things), fragment("b", other)])).data[
            "components"
        ]["schemas"]
        assert schemas["Any"]["discriminator"]["mapping"] == {
            "thing": "#/components/schemas/OthersApiThing",
            "Thing": "#/components/schemas/OthersApiThing",
        }


THINGS: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Things", "version": "1"},
    "servers": [{"url": "https://api.example"}],
    "security": [{"Key": []}],
    "paths": {
        "/things": {"get": {"operationId": "list", "responses": {"200": {"description": "Things"}}}}
    },
    "components": {
        "schemas": {"Thing": {"type": "object", "properties": {"id": {"type": "string"}}}},
        "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "x-api-key"}},
    },
}
JUNK = [None, 1, "x", "#", [], {}, True, [1], [[1]], {"a": 1}, {"$ref": 1}, {"$ref": "#/a"}]
RICH: dict[str, Any] = {
    **copy.deepcopy(THINGS),
    "tags": [{"name": "Things"}],
}
RICH["paths"]["/things"]["parameters"] = [
    {"name": "a", "in": "query", "schema": {"type": "string"}}
]
RICH["paths"]["/things"]["get"]["callbacks"] = {
    "x": {"{$url}": {"post": {"responses": {"200": {"description": "d"}}}}}
}
RICH["components"]["schemas"]["Any"] = {
    "oneOf": [{"$ref": "#/components/schemas/Thing"}],
    "discriminator": {"propertyName": "k", "mapping": {"a": "#/components/schemas/Thing"}},
}


@given(st.sampled_from([place for place, _ in pointer.walk(RICH)]), st.sampled_from(JUNK))
def test_junk_in_any_place_is_a_pipeline_error_or_harmless(place: str, junk: Any) -> None:
    data: Any = copy.deepcopy(RICH)
    *way, last = pointer.split(place) or [""]
    holder = data
    for part in way:
        holder = holder[int(part)] if isinstance(holder, list) else holder[part]
    if not place:
        data = junk
    elif isinstance(holder, list):
        holder[int(last)] = junk
    else:
        holder[last] = junk
    second = copy.deepcopy(THINGS)
    second["paths"] = {"/others": {"get": {"responses": {"200": {"description": "d"}}}}}
    second["info"]["title"] = "Others"
    second["components"]["schemas"]["Thing"] = {"type": "string"}
    assert outcome(data, second) in {"merged", "refused"}


def outcome(data: Any, second: dict[str, Any]) -> str:
    try:
        source = Document("a.yaml", data, {"": 1})
        fragments.check(source)
        pages = [Fragment("a", source), Fragment("b", Document("b.yaml", second, {"": 1}))]
        whole = merge(namespace.separate(pages))
        validate(whole.data, "merged", whole.locate)
    except PipelineError:
        return "refused"
    return "merged"


def test_pages_of_3_0_and_3_1_become_3_1_and_say_the_same_on_the_wire(fragment, things, other):
    old, new = ([one["components"]["schemas"]["Thing"]["properties"]][0] for one in (things, other))
    old |= {
        "a": {"type": "string", "nullable": True, "enum": ["x"]},
        "b": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
        "c": {"$ref": "#/components/schemas/Other", "nullable": True, "description": "kept"},
        "d": {"allOf": [{"$ref": "#/components/schemas/Other"}], "nullable": True, "title": "D"},
        "e": {"type": "integer", "maximum": 3, "exclusiveMaximum": False, "nullable": False},
    }
    new |= {
        "a": {"type": ["string", "null"], "enum": ["x", None]},
        "b": {"type": "number", "exclusiveMinimum": 0},
        "c": {"$ref": "#/components/schemas/Other", "description": "kept"},
        "d": {
            "title": "D",
            "anyOf": [{"allOf": [{"$ref": "#/components/schemas/Other"}]}, {"type": "null"}],
        },
        "e": {"type": "integer", "maximum": 3},
    }
    for one in (things, other):
        one["components"]["schemas"]["Other"] = {"type": "object"}
    other["openapi"] = "3.1.0"
    merged = merge([fragment("a", things), fragment("b", other)])
    assert (merged.data["openapi"], merged.is_mixed) == ("3.1.0", True)
    found = merged.data["components"]["schemas"]["Thing"]["properties"]
    assert {name: found[name] for name in "abcde"} == {name: new[name] for name in "abcde"}
    assert [str(note) for note in merged.notes] == [
        'a.yaml:1: #/openapi: left out "3.0.3", taken "3.1.0"'
    ]
    assert things["openapi"] == "3.0.3"  # a fragment is never changed
