"""What `generate` promises of any contract: whole or by name, importable, named as it says."""

from __future__ import annotations

import copy
import enum
import importlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from akool_pipeline.cli import app
from akool_pipeline.documents.document import Document
from akool_pipeline.errors import PipelineError
from akool_pipeline.generating import checking, sources
from akool_pipeline.generating.generate import generate
from akool_pipeline.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
OK = {"description": "fine"}


def document(data: dict[str, Any]) -> Document:
    return Document("contract.yaml", data)


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in sorted(folder.rglob("*.py"))
        if "__pycache__" not in path.parts
    }


def json_body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def answer(media: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "an answer", "content": {media: {"schema": schema}}}


@pytest.fixture
def package(tmp_path: Path, request, monkeypatch) -> Iterator[Path]:
    """Where a package may be generated and imported from; named after the test."""
    name = re.sub(r"\W", "_", request.node.name)[:60].lower() + "_api"
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path / name
    for module in [m for m in sys.modules if m.partition(".")[0] == name]:
        del sys.modules[module]


def load(package: Path, module: str) -> Any:
    importlib.invalidate_caches()
    return importlib.import_module(f"{package.name}.{module}")


def is_enum(found: object) -> bool:
    return isinstance(found, enum.EnumType)


class TestNames:
    """Modules and classes are called after operationIds and components."""

    def test_tags_and_titles_move_nothing(self, things, tmp_path: Path) -> None:
        plain, moved = copy.deepcopy(things), copy.deepcopy(things)
        item = {"type": "object", "properties": {"title": {"type": "string"}}}
        for data, word in ((plain, None), (moved, "Strange words")):
            get = data["paths"]["/things"]["get"]
            get["responses"]["201"] = answer("application/json", copy.deepcopy(item))
            get["tags"] = [word] if word else []
            data["tags"] = [{"name": "x"}]
            schema = get["responses"]["201"]["content"]["application/json"]["schema"]
            schema["description"] = "same"
            data["components"]["schemas"]["Thing"]["description"] = "same"
            if word:
                schema["title"] = data["components"]["schemas"]["Thing"]["title"] = word
        generate(document(plain), None, tmp_path / "plain")
        generate(document(moved), None, tmp_path / "moved")
        left, right = files(tmp_path / "plain"), files(tmp_path / "moved")
        assert left == right
        assert "api/operations/list_things.py" in left
        assert "models/list_things_response_201.py" in left

    def test_a_title_is_kept_as_words_where_there_are_no_others(self, things, package) -> None:
        things["components"]["schemas"]["Thing"]["title"] = "One thing of many"
        generate(document(things), None, package)
        assert "One thing of many" in load(package, "models").Thing.__doc__

    def test_operations_of_one_python_name_are_both_told(self, things, package) -> None:
        twin = copy.deepcopy(things["paths"]["/things"])
        twin["get"]["operationId"] = "list_things"
        things["paths"]["/twins"] = twin
        with pytest.raises(PipelineError) as caught:
            generate(document(things), None, package)
        (problem,) = caught.value.problems
        assert "GET /things (listThings)" in problem.message
        assert "GET /twins (list_things)" in problem.message
        assert not package.exists()

    def test_an_operation_without_a_name_may_not_take_anothers(self, things, package) -> None:
        twin = copy.deepcopy(things["paths"]["/things"])
        del twin["get"]["operationId"]
        things["paths"]["/list/{x}"] = twin
        twin["parameters"] = [
            {"name": "x", "in": "path", "required": True, "schema": {"type": "string"}}
        ]
        things["paths"]["/things"]["get"]["operationId"] = "getListX"
        with pytest.raises(PipelineError, match="both become the Python name get_list_x"):
            generate(document(things), None, package)

    def test_classes_of_one_module_are_both_told(self, things, package) -> None:
        schemas = things["components"]["schemas"]
        schemas["HTTPThing"] = schemas["HttpThing"] = schemas["Thing"]
        with pytest.raises(PipelineError, match="HTTPThing and HttpThing both become the module"):
            generate(document(things), None, package)
        assert not package.exists()

    @pytest.mark.parametrize(
        ("values", "names"),
        [
            (["asc", "ASC", "Asc"], ["ASC", "ASC_2", "ASC_3"]),
            (["a-b", "a_b", "a b"], ["A_B", "A_B_2", "A_B_3"]),
            (["", "1st", "☃", "☄"], ["VALUE_0", "VALUE_1", "VALUE_2", "VALUE_3"]),
            (["mro", "name", 'quo"te', "back\\slash"], None),
            ([1, -1], ["VALUE_1", "VALUE_NEGATIVE_1"]),
            (["a", "A", None], ["A", "A_2"]),
        ],
    )
    def test_every_value_of_an_enum_has_a_member(self, things, package, values, names) -> None:
        thing = things["components"]["schemas"]["Thing"]
        thing["properties"]["id"] = {"enum": values, "nullable": None in values}
        generate(document(things), None, package)
        model = load(package, "models").Thing
        for value in values:
            assert model.from_dict({"id": value}).to_dict() == {"id": value}
        if names:
            enums = [found for found in vars(load(package, "models")).values() if is_enum(found)]
            assert sorted(member.name for member in enums[0]) == sorted(names)

    def test_stated_names_of_members_win_and_are_told_apart(self, things, package) -> None:
        things["components"]["schemas"]["Size"] = {
            "type": "integer",
            "enum": [1, 2, 3],
            "x-enum-varnames": ["small", "SMALL", "large one"],
        }
        things["components"]["schemas"]["Thing"]["properties"]["size"] = {
            "$ref": "#/components/schemas/Size"
        }
        generate(document(things), None, package)
        size = load(package, "models").Size
        assert {m.name: m.value for m in size} == {"SMALL": 1, "SMALL_2": 2, "LARGE_ONE": 3}


class TestOverrides:
    def settings(self, folder: Path, text: str) -> Path:
        path = folder / "generator.yaml"
        path.write_text(text, "utf-8")
        return path

    def test_what_matches_nothing_is_stale_with_its_line(self, things, tmp_path: Path) -> None:
        path = self.settings(
            tmp_path,
            "class_overrides:\n  Thing: { class_name: Item }\n  Gone: { class_name: Other }\n",
        )
        with pytest.raises(PipelineError) as caught:
            generate(document(things), path, tmp_path / "p_api")
        (problem,) = caught.value.problems
        assert (problem.file, problem.line) == (str(path), 3)
        assert "stale: the client has no class 'Gone'" in problem.message
        assert not (tmp_path / "p_api").exists()

    def test_what_says_what_is_so_anyway_is_stale_too(self, things, tmp_path: Path) -> None:
        path = self.settings(tmp_path, "class_overrides:\n  Thing: { class_name: Thing }\n")
        with pytest.raises(PipelineError, match="no class 'Thing' to be renamed"):
            generate(document(things), path, tmp_path / "p_api")

    def test_ours_have_all_a_class(self) -> None:
        # Generating the committed client is a test of its own; that one would be red if not.
        assert "class_overrides" in Layout(ROOT).generator_settings.read_text("utf-8")

    def test_a_component_called_like_a_class_of_the_code_gets_another_name(
        self, things, package
    ) -> None:
        schemas = things["components"]["schemas"]
        for name in ("Response", "Any", "Unset", "Client", "Self", "T"):
            schemas[name] = {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}},
            }
            schemas["Thing"]["properties"][name] = {"$ref": f"#/components/schemas/{name}"}
        generate(document(things), None, package)
        models = load(package, "models")
        value = {"id": "a", "Response": {"id": "b"}, "T": {"id": "c"}, "Any": {"id": "d"}}
        assert models.Thing.from_dict(value).to_dict() == value
        assert models.ResponseModel.from_dict({"id": "x"}).id == "x"


ODD = {
    "xml answer": {"responses": {"200": answer("application/xml", {"type": "string"})}},
    "picture answer": {
        "responses": {"200": answer("image/png", {"type": "string", "format": "binary"})}
    },
    "picture body": {
        "requestBody": {
            "required": True,
            "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
        },
        "responses": {"200": OK},
    },
    "mixed enum": {
        "requestBody": json_body({"properties": {"a": {"enum": [1, "b"]}}}),
        "responses": {"200": OK},
    },
    "body of plain values that may be missing": {  # the generator's module is no Python
        "requestBody": {
            "content": {
                "application/json": {"schema": {"oneOf": [{"type": "string"}, {"type": "integer"}]}}
            }
        },
        "responses": {"200": OK},
    },
    "odd default": {
        "requestBody": json_body(
            {
                "type": "object",
                "properties": {"a": {"type": "string", "enum": ["x"], "default": "y"}},
            }
        ),
        "responses": {"200": OK},
    },
}


class TestLeftOut:
    """What the generator cannot say is left out by name, and the rest is there."""

    @pytest.mark.parametrize("kind", ODD)
    def test_an_operation_goes_and_the_others_stay(self, things, package, kind: str) -> None:
        things["paths"]["/odd"] = {"post": {"operationId": "odd", **copy.deepcopy(ODD[kind])}}
        (item,) = generate(document(things), None, package)
        assert item.name == "POST /odd (odd)"
        assert item.reason
        assert "object at 0x" not in str(item)
        assert "\n" not in str(item)
        there = files(package)
        assert "api/operations/list_things.py" in there
        assert "api/operations/odd.py" not in there
        assert not [name for name in there if "odd" in name]

    def test_an_answer_to_a_failure_goes_alone(self, things, package) -> None:
        get = things["paths"]["/things"]["get"]
        get["responses"]["404"] = answer("application/xml", {"type": "string"})
        (item,) = generate(document(things), None, package)
        assert item.name == "answer 404 of GET /things (listThings)"
        assert load(package, "api.operations.list_things")._get_kwargs()["url"] == "/things"

    def test_a_second_form_of_a_body_goes_alone(self, things, package) -> None:
        get = things["paths"]["/things"].pop("get")
        get["requestBody"] = json_body({"$ref": "#/components/schemas/Thing"})
        get["requestBody"]["content"]["application/xml"] = {"schema": {"type": "string"}}
        things["paths"]["/things"]["post"] = get
        (item,) = generate(document(things), None, package)
        assert item.name == "body application/xml of POST /things (listThings)"

    def test_a_schema_that_nothing_uses_goes_alone(self, things, package) -> None:
        things["components"]["schemas"]["Odd"] = {"enum": [1, "b"]}
        (item,) = generate(document(things), None, package)
        assert "Odd" in str(item)
        assert "Thing" in dir(load(package, "models"))

    def test_what_breaks_the_generator_goes_by_name(self, things, package, monkeypatch) -> None:
        from openapi_python_client.parser import openapi  # noqa: PLC0415

        things["components"]["schemas"]["Bad"] = {
            "type": "object",
            "properties": {"breaks": {"type": "string"}},
        }
        things["paths"]["/bad"] = {
            "post": {
                "operationId": "bad",
                "requestBody": json_body({"$ref": "#/components/schemas/Bad"}),
                "responses": {"200": OK},
            }
        }
        real = openapi.build_schemas

        def breaking(*, components, schemas, config):
            if any(name == "Bad" for name in components):
                raise ValueError("not today")
            return real(components=components, schemas=schemas, config=config)

        monkeypatch.setattr(openapi, "build_schemas", breaking)
        items = generate(document(things), None, package)
        assert [item.name for item in items] == ["POST /bad (bad)", "component Bad"]
        assert all("not today" in item.reason for item in items)
        assert "api/operations/list_things.py" in files(package)

    def test_the_command_lists_them_and_goes_on(self, project, things) -> None:
        things["paths"]["/odd"] = {"post": {"operationId": "odd", **ODD["xml answer"]}}
        layout = project(things=things)
        arguments = ("--root", str(layout.root), "--name", "things")
        runner = CliRunner()
        assert runner.invoke(app, ["build", *arguments]).exit_code == 0
        done = runner.invoke(app, ["generate", *arguments])
        assert done.exit_code == 0
        assert "left out: POST /odd (odd): " in done.stdout
        assert "application/xml" in done.stdout

    @pytest.mark.parametrize("through", ["a choice", "a model", "a list"])
    def test_what_needs_a_component_that_is_left_out_is_left_out_with_it(
        self, things, package, through
    ) -> None:
        # The generator takes a class away and leaves the imports of it, where it had them already.
        ref = {
            name: {"$ref": f"#/components/schemas/{name}"}
            for name in ("Thing", "Odd", "Text", "Holder")
        }
        outer = {
            "a choice": {"type": "object", "oneOf": [ref["Thing"], ref["Holder"]]},
            "a model": {"type": "object", "properties": {"held": ref["Holder"]}},
            "a list": {"type": "array", "items": {"oneOf": [ref["Thing"], ref["Holder"]]}},
        }[through]
        more = {"type": "object", "properties": {"more": {"type": "string"}}}
        things["components"]["schemas"] |= {
            "Outer": outer,
            "Shelf": {"type": "object", "properties": {"held": ref["Holder"]}},
            "Holder": {"type": "object", "properties": {"odd": ref["Odd"]}},
            "Odd": {"type": "object", "allOf": [ref["Text"], more]},
            "Text": {"type": "string"},
        }
        schema = {"$ref": "#/components/schemas/Outer"}
        told = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
        things["paths"]["/odd"] = {"get": {"operationId": "odd", "responses": told}}
        found = {item.name: item.reason for item in generate(document(things), None, package)}
        needs = "it needs what the generator leaves out: "
        assert {"GET /odd (odd)", "component Odd"} <= set(found)
        assert found["component Shelf"] == f"{needs}Odd"
        if through != "a model":  # there the generator finds it by itself
            assert found["GET /odd (odd)"] == f"{needs}Holder"
        assert not [why for why in found.values() if "no class" in why or "import" in why]
        assert "api/operations/list_things.py" in files(package)

    def test_a_component_that_needs_no_class_is_not_missed(self, things, package) -> None:
        thing = {"$ref": "#/components/schemas/Thing"}
        things["components"]["schemas"] |= {
            "Either": {"type": "object", "oneOf": [thing, {"type": "string"}]},
            "Same": {"type": "object", "allOf": [thing]},
            "Yes": {"type": "boolean", "enum": [True]},
            "Maybe": {"type": "string", "enum": ["a", None], "nullable": True},
        }
        assert generate(document(things), None, package) == ()

    def test_an_alternative_that_extends_a_component_is_a_class(self, things, package) -> None:
        # The generator takes none that is written in the place where it is an alternative.
        thing = {"$ref": "#/components/schemas/Thing"}
        more = {"type": "object", "required": ["more"], "properties": {"more": {"type": "string"}}}
        schemas = things["components"]["schemas"]
        schemas["Either"] = {"oneOf": [thing, {"allOf": [thing, more]}]}
        schemas["Holder"] = {
            "type": "object",
            "properties": {"held": {"$ref": "#/components/schemas/Either"}},
        }
        assert generate(document(things), None, package) == ()
        assert "held: EitherType1 | Thing | Unset" in (package / "models/holder.py").read_text()
        assert "more: str" in (package / "models/either_type_1.py").read_text()

    def test_a_module_with_a_fault_of_its_own_costs_one_operation(self, things, package) -> None:
        # The generator writes an `else` without an `if` for a body that may be left out and of
        # which it knows nothing.
        content = {"application/json": {"schema": {"anyOf": [{}, {"not": {}}]}}}
        odd = {"operationId": "odd", "requestBody": {"content": content}}
        things["paths"]["/odd"] = {"post": {**odd, "responses": {"200": {"description": ""}}}}
        (item,) = generate(document(things), None, package)
        assert str(item).startswith("POST /odd (odd): the generated module does not compile")

    def test_conditions_on_an_object_leave_it_an_object(self, things, package) -> None:
        schema = things["components"]["schemas"]["Thing"]
        schema["properties"]["url"] = {"type": "string"}
        schema["anyOf"] = [{"required": ["id"]}, {"required": ["url"], "not": {"required": ["id"]}}]
        assert generate(document(things), None, package) == ()
        assert "url: str | Unset" in (package / "models" / "thing.py").read_text()

    def test_a_contract_of_which_nothing_is_left_is_refused(self, things, package) -> None:
        things["paths"] = {"/odd": {"post": {"operationId": "odd", **ODD["xml answer"]}}}
        with pytest.raises(PipelineError, match="can express no operation") as caught:
            generate(document(things), None, package)
        assert "POST /odd (odd)" in str(caught.value)
        assert not package.exists()


class TestNothingIsReplacedTooEarly:
    def test_a_package_that_does_not_compile_is_refused_with_its_line(self, tmp_path) -> None:
        package = tmp_path / "p"
        package.mkdir()
        (package / "__init__.py").write_text("x = 1\ndef f(body, body): ...\n")
        with pytest.raises(PipelineError) as caught:
            checking.check(package)
        assert "does not compile: duplicate argument" in str(caught.value)
        assert caught.value.problems[0].line == 2

    def test_a_warning_of_the_compiler_is_a_fault(self, tmp_path) -> None:
        package = tmp_path / "p"
        package.mkdir()
        (package / "__init__.py").write_text("x = '\\d'\n")
        with pytest.raises(PipelineError, match="does not compile"):
            checking.check(package)

    def test_a_module_that_does_not_import_is_named(self, tmp_path) -> None:
        package = tmp_path / "p"
        (package / "deep").mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "deep" / "__init__.py").write_text("from p import nothing\n")
        with pytest.raises(PipelineError, match=r"does not import: p\.deep: ImportError"):
            checking.check(package)

    def test_the_old_package_stays_when_the_new_one_is_broken(
        self, things, package, monkeypatch
    ) -> None:
        generate(document(things), None, package)
        before = files(package)
        monkeypatch.setattr(sources, "strict", lambda source: source + "\n(")
        with pytest.raises(PipelineError, match="does not compile"):
            generate(document(things), None, package)
        assert files(package) == before
        assert [path.name for path in package.parent.iterdir()] == [package.name]
