"""Which fields of answers are documented, also where schemas refer to themselves or to hundreds."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from akool_contract._wire.fields import MOST, fields_of
from akool_openapi.pointer import resolve


def fields(schema: object, **schemas: object) -> Any:
    document = {"components": {"schemas": schemas}}
    return fields_of([schema], lambda node: resolve(document, node))


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def test_fields_come_from_properties_lists_maps_alternatives_and_conditions() -> None:
    schema = {
        "allOf": [{"properties": {"a": {}}}],
        "oneOf": [{"properties": {"b": {"items": {"properties": {"c": {}}}}}}],
        "anyOf": [{"additionalProperties": {"properties": {"d": {}}}}],
        "if": {"properties": {"e": {}}},
        "then": {"properties": {"f": ref("F")}},
        "else": {"properties": {"g": {}}},
    }
    found = fields(schema, F={"items": {"items": {"properties": {"h": {}}}}})
    assert found.names == {"a", "b", "b[].c", "*", "*.d", "e", "f", "f[][].h", "g"}
    assert found.open == frozenset()


def test_one_component_in_two_places_is_listed_in_both() -> None:
    whole = {"properties": {"a": ref("Url"), "b": {"allOf": [ref("Url"), ref("Url")]}}}
    assert fields(whole, Url={"properties": {"url": {}}}).names == {"a", "a.url", "b", "b.url"}


def test_what_stands_in_a_map_is_known_by_any_name() -> None:
    found = fields({"properties": {"m": {"additionalProperties": {"properties": {"x": {}}}}}})
    assert all(map(found.know, ("m", "m.any", "m.any.x")))
    assert not any(map(found.know, ("n", "m.any.y", "m.any.x.z", "n.any.x")))


def test_a_tree_is_listed_once_and_open_below() -> None:
    tree = {"properties": {"name": {}, "children": {"items": ref("Tree")}}}
    found = fields({"properties": {"root": ref("Tree")}}, Tree=tree)
    assert found.names == {"root", "root.name", "root.children"}
    assert found.open == {"root.children[]"}
    assert all(map(found.know, ("root.children[].name", "root.children[].children[].name")))
    assert not any(map(found.know, ("root.age", "root.childrens", "children[].name")))


def test_a_schema_that_is_its_own_alternative_is_open_everywhere() -> None:
    assert fields(ref("A"), A={"anyOf": [ref("A"), {"properties": {"b": {}}}]}).know("anything")


@given(st.integers(2, 12), st.integers(2, 12))
def test_schemas_that_all_refer_to_each_other_are_listed_up_to_a_bound(
    many: int, wide: int
) -> None:
    # Each of `many` refers to all of them by `wide` names: written out, wide ** many fields.
    def one(own: int) -> dict[str, Any]:
        return {"properties": {f"f{own}_{n}": ref(f"S{n % many}") for n in range(wide)}}

    found = fields(ref("S0"), **{f"S{number}": one(number) for number in range(many)})
    assert len(found.names) <= MOST + wide
    assert found.open
    assert found.know("f0_1")
    assert not found.know("g0_1")
