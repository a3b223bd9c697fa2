"""What a contract says in one place it does not take back in another; told with file and line."""

from __future__ import annotations

from typing import Any

import pytest
from tests.pipeline.contracts import BASE, OBJECT, contract, found
from typer.testing import CliRunner

from akool_openapi import load
from akool_pipeline import checking
from akool_pipeline.cli import app


def test_the_committed_contract_agrees_with_itself() -> None:
    assert found(load()) == []


UNDEFINED = {
    "a name that is none": {**OBJECT, "required": ["a", "b"]},
    "none at all": {"type": "object", "required": ["b"]},
    "in an array": {"type": "array", "items": {**OBJECT, "required": ["b"]}},
    "in a property": {"properties": {"x": {**OBJECT, "required": ["b"]}}},
    "in a composition": {"allOf": [BASE, {"required": ["b"]}]},
    "in a choice": {**OBJECT, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
    "in what is additional": {"additionalProperties": {**OBJECT, "required": ["b"]}},
    "on a condition": {**OBJECT, "if": {"required": ["a"]}, "then": {"required": ["b"]}},
    "as soon as another is there": {**OBJECT, "dependentSchemas": {"a": {"required": ["b"]}}},
    "with another": {**OBJECT, "dependentRequired": {"a": ["a", "b"]}},
    "beside what must not be there": {**OBJECT, "not": {"required": ["c"]}, "required": ["b"]},
}


@pytest.mark.parametrize("schema", UNDEFINED.values(), ids=UNDEFINED.keys())
def test_a_required_name_that_no_schema_defines_is_found(schema: dict[str, Any]) -> None:
    (problem,) = found(contract(schema))
    assert "requires 'b', which is not among its properties" in problem


DEFINED = {
    "a property": {**OBJECT, "required": ["a"]},
    "a property of another part": {"allOf": [BASE, {"required": ["a"]}]},
    "a property of what is composed": {**OBJECT, "anyOf": [{"required": ["a"]}]},
    "a part inside a part": {"allOf": [{"allOf": [{"required": ["a"]}]}, BASE]},
    "a map's key": {"type": "object", "additionalProperties": {}, "required": ["any"]},
    "what must not be there": {**OBJECT, "not": {"required": ["b"]}},
    "a property called required": {"properties": {"required": {"type": "boolean"}}},
    "a key that a pattern allows": {"patternProperties": {"^.$": {}}, "required": ["b"]},
    "a word of 3.1 that 3.0 may use otherwise": {**OBJECT, "dependentRequired": {"a": "b"}},
}


@pytest.mark.parametrize("schema", DEFINED.values(), ids=DEFINED.keys())
def test_a_required_name_that_some_part_defines_is_fine(schema: dict[str, Any]) -> None:
    assert found(contract(schema)) == []


def test_a_component_that_only_requires_is_judged_where_it_is_used() -> None:
    data = contract({"allOf": [BASE, {"$ref": "#/components/schemas/Must"}]})
    data["components"]["schemas"]["Must"] = {"type": "object", "required": ["a"]}
    assert found(data) == []
    data["components"]["schemas"]["S"] = {"$ref": "#/components/schemas/Must"}
    assert len(found(data)) == 1


class TestExamples:
    @pytest.mark.parametrize(
        ("value", "is_good"), [(3, True), ("3", False), (True, False), (None, False)]
    )
    @pytest.mark.parametrize(
        "place",
        [
            "/paths/~/post/parameters/0/example",
            "/paths/~/post/requestBody/content/json/example",
            "/paths/~/post/responses/200/content/json/example",
            "/paths/~/post/responses/200/headers/Where/example",
            "/components/parameters/P/example",
            "/components/responses/R/content/json/example",
        ],
    )
    def test_are_held_to_the_schema_beside_them(self, place, value, is_good) -> None:
        data = contract({"type": "object"})
        *above, last = [
            {"~": "/p", "json": "application/json"}.get(part, part) for part in place.split("/")[1:]
        ]
        holder: Any = data
        for key in above:
            holder = holder[int(key)] if isinstance(holder, list) else holder.setdefault(key, {})
        holder.update({"schema": {"type": "integer"}, last: value})
        problems = found(data)
        assert (not problems) is is_good
        assert is_good or "does not fit its schema" in problems[0]
        del holder[last]
        holder["examples"] = {"one": {"value": value}, "two": {"externalValue": "x"}}
        assert (not found(data)) is is_good

    def test_of_schemas_are_held_to_them_at_any_depth(self) -> None:
        schema = {"properties": {"x": {"items": {"type": "integer", "example": "a"}}}}
        (problem,) = found(contract(schema))
        assert problem.startswith("/components/schemas/S/properties/x/items/example: ")

    def test_in_lists_belong_to_3_1(self) -> None:
        data = contract({"type": ["string", "null"], "examples": ["a", None, 3]})
        data["openapi"] = "3.1.0"
        (problem,) = found(data)
        assert problem.startswith("/components/schemas/S/examples/2: ")

    def test_follow_references_and_name_the_keyword_that_they_break(self) -> None:
        data = contract({"allOf": [{"$ref": "#/components/schemas/N"}], "example": {"n": "long"}})
        data["components"]["schemas"]["N"] = {"properties": {"n": {"maxLength": 3}}}
        (finding,) = checking.check(data)
        assert finding.pointer == "/components/schemas/S/example/n"
        assert finding.because == ("/components/schemas/N/properties/n/maxLength",)

    def test_of_alternatives_tell_the_fault_of_the_one_that_came_furthest(self) -> None:
        good = {"properties": {"d": {"properties": {"x": {"type": "integer"}}}}, "required": ["d"]}
        bad = {"properties": {"d": {"type": "object", "maxProperties": 0}}}
        data = contract({"oneOf": [good, bad], "example": {"d": {"x": "no"}}})
        (problem,) = found(data)
        assert problem.startswith("/components/schemas/S/example/d/x: ")

    def test_that_are_text_of_another_format_are_not_values_of_the_schema(self) -> None:
        data = contract({"type": "object"})
        content = {"text/xml": {"schema": OBJECT, "example": "<a/>"}}
        data["paths"]["/p"]["post"]["responses"]["200"]["content"] = content
        assert found(data) == []

    def test_may_leave_out_what_only_the_other_side_sends(self) -> None:
        data = contract(
            {
                "required": ["id", "secret"],
                "properties": {
                    "id": {"type": "string", "readOnly": True},
                    "secret": {"type": "string", "writeOnly": True},
                },
            }
        )
        operation = data["paths"]["/p"]["post"]
        reference = {"$ref": "#/components/schemas/S"}
        operation["requestBody"]["content"]["application/json"] = {
            "schema": reference,
            "example": {"secret": "s"},
        }
        operation["responses"]["200"]["content"]["application/json"]["example"] = {"id": "i"}
        assert found(data) == []


class TestTheBuild:
    """It stops, and says which overlay action is to be changed."""

    OVERLAY = """\
overlay: 1.0.0
info: {title: T, version: '1'}
actions:
  - target: $.components.schemas.Thing
    description: d
    x-evidence: e
    update:
      required:
        - made
      example:
        id: 3
  - target: $.paths['/things'].get
    description: d
    x-evidence: e
    update:
      x-effect: reads
"""

    def build(self, layout):
        root = ("--root", str(layout.root), "--name", "things")
        return CliRunner().invoke(app, ["build", *root])

    @pytest.fixture
    def layout(self, project, things):
        things["components"]["schemas"]["Thing"]["properties"]["made"] = {"type": "string"}
        layout = project(things=things)
        layout.overlays.mkdir()
        text = self.OVERLAY.replace("id: 3", "id: a\n        made: m")
        (layout.overlays / "10-own.yaml").write_text(text)
        return layout

    def test_passes_what_agrees(self, layout) -> None:
        done = self.build(layout)
        assert done.exit_code == 0, done.output

    def test_stops_at_a_renamed_field_and_names_the_action(self, layout) -> None:
        page = layout.fragments / "things.yaml"
        page.write_text(page.read_text().replace('"made"', '"made_at"'))
        done = self.build(layout)
        assert done.exit_code == 2
        assert (
            "10-own.yaml:9: #/components/schemas/Thing/required/1: requires 'made'" in done.stderr
        )
        assert "(overlay action on line 4, target $.components.schemas.Thing)" in done.stderr
        assert not layout.contract.exists()

    def test_stops_at_an_example_and_names_both_sides(self, layout) -> None:
        path = layout.overlays / "10-own.yaml"
        path.write_text(self.OVERLAY)
        done = self.build(layout)
        assert done.exit_code == 2
        assert (
            "10-own.yaml:11: #/components/schemas/Thing/example/id: the example does" in done.stderr
        )
        assert "against " in done.stderr
        assert "things.yaml:" in done.stderr

    def test_stops_at_an_extension_and_names_its_line(self, layout) -> None:
        path = layout.overlays / "10-own.yaml"
        path.write_text(path.read_text().replace("x-effect: reads", "x-effect: free"))
        done = self.build(layout)
        assert done.exit_code == 2
        assert "10-own.yaml:17: #/paths/~1things/get/x-effect: not what x-effect" in done.stderr
