"""The OpenAPI Overlay Specification 1.0.0, sentence by sentence; the examples are of its kinds.

Where we ask more than it does (a reason, evidence, no action without effect), test_overlays.py
says so.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_pipeline.building.patch import Patch, PatchError, select

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "T", "version": "1"},
    "paths": {
        "/": {"summary": "Old", "get": {"summary": "Old"}},
        "/foo": {
            "get": {
                "description": "Old",
                "parameters": [
                    {"name": "filter", "in": "query"},
                    {"name": "dummy", "in": "query"},
                    {"name": "filter", "in": "header"},
                    {"name": "last", "in": "query"},
                ],
            }
        },
        "/bar": {"get": {"description": "Old", "tags": ["a", "b"]}, "post": {"description": "Old"}},
    },
    "servers": [{"url": "https://a.example"}, {"url": "https://b.example"}],
}


def done(*actions: dict[str, Any], document: dict[str, Any] = DOCUMENT) -> dict[str, Any]:
    patch: Patch[str] = Patch(document)
    for action in actions:
        nodes = select(patch.data, action["target"])
        if action.get("remove"):
            patch.remove(nodes, "me")
        else:
            patch.update(nodes, action["update"], "me", "")
    return patch.data


def names(document: dict[str, Any]) -> list[str]:
    return [p["name"] for p in document["paths"]["/foo"]["get"]["parameters"]]


class TestTargets:
    def test_a_target_that_selects_nothing_changes_nothing(self) -> None:
        assert done({"target": "$.paths['/gone']", "update": {"a": 1}}) == DOCUMENT
        assert done({"target": "$.paths['/gone']", "remove": True}) == DOCUMENT

    @pytest.mark.parametrize(
        "target",
        ["$.info.title", "$.paths['/bar'].get.tags[0]", "$.paths['/foo'].get.parameters[*].name"],
    )
    @pytest.mark.parametrize("move", [{"update": {"a": 1}}, {"remove": True}])
    def test_single_values_can_be_neither_updated_nor_removed(self, target, move) -> None:
        with pytest.raises(PatchError, match="select the object or array that holds it"):
            done({"target": target, **move})

    def test_null_cannot_be_selected_either(self) -> None:
        with pytest.raises(PatchError, match="single value"):
            done({"target": "$.a", "remove": True}, document={"a": None})

    @pytest.mark.parametrize(
        "target", ["", "paths", "$.paths[", "$..", "$[?nothing(@)]", "$ | $.a"]
    )
    def test_what_is_not_jsonpath_is_refused_in_one_line(self, target) -> None:
        with pytest.raises(PatchError, match="is not JSONPath") as caught:
            select(DOCUMENT, target)
        assert "\n" not in str(caught.value)

    def test_a_value_that_two_selectors_meet_is_changed_once(self) -> None:
        target = "$.paths['/foo','/foo'].get.parameters"
        assert names(done({"target": target, "update": {"name": "new"}})).count("new") == 1


class TestUpdates:
    def test_properties_of_the_same_name_are_merged_all_the_way_down(self) -> None:
        new = done(
            {
                "target": "$",
                "update": {
                    "info": {"x-applied": "yes"},
                    "paths": {"/": {"summary": "New", "get": {"summary": "New", "x-limit": 100}}},
                },
            }
        )
        assert new["info"] == {"title": "T", "version": "1", "x-applied": "yes"}
        assert new["paths"]["/"] == {"summary": "New", "get": {"summary": "New", "x-limit": 100}}
        assert new["paths"]["/foo"] == DOCUMENT["paths"]["/foo"]

    def test_targeted_updates_replace_and_add(self) -> None:
        new = done(
            {"target": "$.paths['/foo'].get", "update": {"description": "New"}},
            {
                "target": "$.paths['/bar']",
                "update": {"post": {"description": "Child", "x-safe": False}},
            },
        )
        assert new["paths"]["/foo"]["get"]["description"] == "New"
        assert new["paths"]["/bar"]["get"]["description"] == "Old"
        assert new["paths"]["/bar"]["post"] == {"description": "Child", "x-safe": False}

    def test_a_wildcard_updates_each_place(self) -> None:
        new = done({"target": "$.paths.*.get", "update": {"x-safe": True}})
        assert all(item["get"]["x-safe"] for item in new["paths"].values())
        assert "x-safe" not in new["paths"]["/bar"]["post"]

    def test_a_filter_updates_what_it_chooses(self) -> None:
        target = "$.paths.*.get.parameters[?@.name=='filter' && @.in=='query']"
        new = done({"target": target, "update": {"schema": {"$ref": "#/components/schemas/F"}}})
        chosen = ["schema" in p for p in new["paths"]["/foo"]["get"]["parameters"]]
        assert chosen == [True, False, False, False]

    def test_the_update_of_an_array_is_one_entry_at_its_end(self) -> None:
        entry = {"name": "newParam", "in": "query"}
        new = done({"target": "$.paths.*.get.parameters", "update": entry})
        assert new["paths"]["/foo"]["get"]["parameters"][-1] == entry
        assert len(names(new)) == 5

    def test_a_list_is_an_entry_too(self) -> None:
        new = done({"target": "$.paths['/bar'].get.tags", "update": ["c"]})
        assert new["paths"]["/bar"]["get"]["tags"] == ["a", "b", ["c"]]

    def test_a_list_inside_an_update_goes_to_the_end_of_the_list_there(self) -> None:
        new = done({"target": "$.paths['/bar'].get", "update": {"tags": ["c"]}})
        assert new["paths"]["/bar"]["get"]["tags"] == ["a", "b", "c"]

    def test_an_object_needs_an_object(self) -> None:
        with pytest.raises(PatchError, match="the update must be one too"):
            done({"target": "$.info", "update": "T"})

    def test_an_update_beside_a_remove_has_no_effect(self) -> None:
        new = done({"target": "$.paths['/bar'].get", "remove": True, "update": {"a": 1}})
        assert list(new["paths"]["/bar"]) == ["post"]

    def test_remove_false_is_no_remove(self) -> None:
        new = done({"target": "$.info", "remove": False, "update": {"x": 1}})
        assert new["info"]["x"] == 1


class TestRemoves:
    def test_an_object_leaves_its_map(self) -> None:
        assert "/foo" not in done({"target": "$.paths['/foo']", "remove": True})["paths"]

    def test_an_array_leaves_its_map(self) -> None:
        new = done({"target": "$.paths['/foo'].get.parameters", "remove": True})
        assert "parameters" not in new["paths"]["/foo"]["get"]

    @pytest.mark.parametrize(
        ("selector", "left"),
        [
            ("[?@.name == 'dummy']", [0, 2, 3]),
            ("[0:2]", [2, 3]),
            ("[0,1]", [2, 3]),
            ("[3,0]", [1, 2]),
            ("[-1]", [0, 1, 2]),
            ("[::2]", [1, 3]),
            ("[2:0:-1]", [0, 3]),
            ("[0,0]", [1, 2, 3]),
            ("[*]", []),
            ("[7]", [0, 1, 2, 3]),
        ],
    )
    def test_elements_of_an_array_leave_it_and_no_others(self, selector, left) -> None:
        before = DOCUMENT["paths"]["/foo"]["get"]["parameters"]
        new = done({"target": f"$.paths['/foo'].get.parameters{selector}", "remove": True})
        assert new["paths"]["/foo"]["get"]["parameters"] == [before[i] for i in left]

    def test_what_contains_a_removed_thing_may_be_removed_with_it(self) -> None:
        new = done({"target": "$.paths['/foo']..*[?@]", "remove": True}, document=NESTED)
        assert new["paths"]["/foo"] == {"get": {}}

    def test_the_document_itself_stays(self) -> None:
        with pytest.raises(PatchError, match="whole document"):
            done({"target": "$", "remove": True})


NESTED: dict[str, Any] = {"paths": {"/foo": {"get": {"a": {"b": {}}, "c": [{}]}}}}


class TestOrder:
    def test_an_action_sees_what_the_one_before_left(self) -> None:
        new = done(
            {"target": "$.servers", "remove": True},
            {"target": "$", "update": {"servers": [{"url": "https://sandbox.example"}]}},
        )
        assert new["servers"] == [{"url": "https://sandbox.example"}]

    def test_the_original_stays_as_it_was(self) -> None:
        before = copy.deepcopy(DOCUMENT)
        done({"target": "$.servers[0]", "remove": True}, {"target": "$..get", "update": {"x": {}}})
        assert before == DOCUMENT

    def test_one_update_in_two_places_is_two_values(self) -> None:
        new = done(
            {"target": "$.servers[*]", "update": {"x": {}}},
            {"target": "$.servers[0].x", "update": {"y": 1}},
        )
        assert new["servers"][1]["x"] == {}


ITEMS = st.lists(st.fixed_dictionaries({"n": st.integers(0, 3)}), max_size=6)


@given(ITEMS, st.lists(st.integers(-7, 7), min_size=1, max_size=4))
def test_whatever_indexes_a_union_names_those_elements_leave_and_the_order_stays(
    items: list[dict[str, int]], indexes: list[int]
) -> None:
    gone = {range(len(items))[i] for i in indexes if -len(items) <= i < len(items)}
    new = done(
        {"target": f"$.items[{','.join(map(str, indexes))}]", "remove": True},
        document={"items": items},
    )
    assert new["items"] == [item for i, item in enumerate(items) if i not in gone]


@given(ITEMS, st.integers(0, 3))
def test_authors_keep_their_elements_when_others_are_removed(
    items: list[dict[str, int]], number: int
) -> None:
    patch: Patch[str] = Patch({"items": items})
    patch.update(select(patch.data, "$.items"), {"n": 9}, "me", "/update")
    patch.remove(select(patch.data, f"$.items[?@.n == {number}]"), "other")
    written = patch.writers()
    assert list(written) == [f"/items/{len(patch.data['items']) - 1}"]
    assert patch.data["items"][-1] == {"n": 9}
