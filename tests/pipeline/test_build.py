"""The whole of `build` and `generate`: reproducible, all or nothing, and not only for face swap."""

from __future__ import annotations

import copy
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
import yaml
from typer.testing import CliRunner

from akool_openapi import json_path, load, yaml_path
from akool_pipeline.building import build, emit
from akool_pipeline.building.validate import validate
from akool_pipeline.cli import app
from akool_pipeline.documents import document, pointer
from akool_pipeline.errors import PipelineError
from akool_pipeline.generating import generate, sources
from akool_pipeline.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str):
    return CliRunner().invoke(app, [*arguments])


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def places(value: object, place: str = "") -> Iterator[str]:
    """Every pointer into a document."""
    yield place
    entries = value.items() if isinstance(value, dict) else ()
    for key, inside in enumerate(value) if isinstance(value, list) else entries:
        yield from places(inside, pointer.join(place, key))


@pytest.fixture(scope="module")
def built() -> build.Built:
    return build.assemble(Layout(ROOT))


class TestTheCommittedContract:
    def test_is_what_the_fragments_build(self, built: build.Built) -> None:
        assert Layout(ROOT).contract.read_text() == emit.to_yaml(built.data, build.HEADER)
        assert Layout(ROOT).contract_json.read_text() == emit.to_json(built.data)

    def test_is_written_with_its_workflows_and_nothing_else(self, built: build.Built) -> None:
        written = build.files(built, Layout(ROOT))
        assert {path.name for path in written} == {
            "akool-faceswap.yaml",
            "akool-faceswap.arazzo.yaml",
            "contract.json",
        }
        assert {path: path.read_text("utf-8") for path in written} == written

    def test_says_of_every_part_which_file_and_line_it_is_from(self, built: build.Built) -> None:
        containers = {"", "/openapi", "/info", "/paths", "/components"}
        for place in places(built.data):
            file, line = built.locate(place)
            is_merged = place in containers or place.rpartition("/")[0] == "/components"
            assert is_merged or (file is not None and line is not None), place

    def test_is_the_same_for_people_and_for_programs(self) -> None:
        assert yaml.safe_load(yaml_path().read_text("utf-8")) == load()
        assert json.loads(json_path().read_text("utf-8")) == load()

    def test_generates_the_committed_client(self, tmp_path: Path) -> None:
        layout = Layout(ROOT)
        package = tmp_path / "akool_faceswap_api"
        generate.generate(document.read(layout.contract), layout.generator_settings, package)
        assert tree(package) == tree(layout.client)


class TestFailure:
    """Whatever is wrong, the previous output stays and the error is one line per fault."""

    def test_a_failed_build_leaves_the_previous_contract(self, project, things, other) -> None:
        layout = project(things=things)
        assert run("build", "--root", str(layout.root), "--name", "things").exit_code == 0
        before = tree(layout.root / "openapi")
        other["components"]["schemas"]["Thing"] = {"type": "string"}
        project(others=other)
        done = run("build", "--root", str(layout.root), "--name", "things")
        assert done.exit_code == 2
        *problems, last = done.stderr.splitlines()
        assert len(problems) == 1
        assert "`akool-faceswap contract status` lists what is left to do" in last
        (layout.fragments / "others.yaml").unlink()
        assert tree(layout.root / "openapi") == before

    def test_a_failed_generation_leaves_the_previous_client(self, project, things) -> None:
        layout = project(things=things)
        arguments = ("--root", str(layout.root), "--name", "things")
        assert run("build", *arguments).exit_code == 0
        assert run("generate", *arguments).exit_code == 0
        before = tree(layout.client)
        layout.contract.write_text("openapi: 3.0.3\ninfo: {}\npaths: 3\n")
        done = run("generate", *arguments)
        assert done.exit_code == 2
        assert "Traceback" not in done.output
        assert tree(layout.client) == before
        assert sorted(path.name for path in layout.client.parent.iterdir()) == ["things_api"]

    def test_a_missing_contract_is_one_line(self, tmp_path: Path) -> None:
        done = run("generate", "--root", str(tmp_path))
        assert done.exit_code == 2
        assert done.stderr.count("\n") == 1

    def test_settings_that_are_none_are_refused(self, project, things) -> None:
        layout = project(things=things)
        arguments = ("--root", str(layout.root), "--name", "things")
        run("build", *arguments)
        layout.generator_settings.write_text("class_overrides: 3\n")
        done = run("generate", *arguments)
        assert done.exit_code == 2
        assert "not settings of the generator" in done.stderr

    @pytest.mark.parametrize(
        ("schema", "message"),
        [
            ({"$ref": "#/components/schemas/Thing"}, "the reference leads back to itself"),
            (
                {
                    "type": "object",
                    "required": ["next"],
                    "properties": {"next": {"$ref": "#/components/schemas/Thing"}},
                },
                "no finite value can fill the schema (Thing -> Thing)",
            ),
            ({"type": "strange"}, "not valid OpenAPI"),
            ({"type": "integer", "default": "12"}, "the default does not fit its schema"),
            (
                {"properties": {"n": {"type": "string", "format": "uuid", "default": "x"}}},
                "the default does not fit its schema",
            ),
            ({"type": "string", "pattern": "("}, "not valid OpenAPI"),
        ],
    )
    def test_a_schema_that_cannot_be_used_is_refused_with_its_place(
        self, project, things, schema: Any, message: str
    ) -> None:
        things["components"]["schemas"]["Thing"] = schema
        layout = project(things=things)
        done = run("build", "--root", str(layout.root), "--name", "things")
        assert done.exit_code == 2
        assert message in done.stderr
        assert "things.yaml:" in done.stderr
        assert "#/components/schemas/Thing" in done.stderr
        assert "the merged contract" not in done.stderr, "where is that?"
        assert not layout.contract.exists()

    def test_a_circle_over_several_schemas_is_named_once(self) -> None:
        schemas = {
            name: {
                "type": "object",
                "required": ["x"],
                "properties": {"x": {"$ref": f"#/components/schemas/{target}"}},
            }
            for name, target in (("A", "B"), ("B", "C"), ("C", "A"), ("D", "A"))
        }
        users = {"User": {"items": {"$ref": "#/components/schemas/D"}}}
        with pytest.raises(PipelineError) as caught:
            validate(
                {"openapi": "3.0.3", "components": {"schemas": schemas | users}},
                "c",
                lambda _: (None, 0),
            )
        assert "A -> B -> C -> A" in str(caught.value)
        assert len(caught.value.problems) == 1

    def test_files_are_written_all_or_none(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("old")
        (tmp_path / "b").touch()
        with pytest.raises(OSError, match="b"):
            emit.write_files({tmp_path / "a": "new", tmp_path / "b" / "c": "x"})
        assert (tmp_path / "a").read_text() == "old"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]

    def test_a_tree_is_swapped_in_whole_and_nothing_is_left_beside_it(self, tmp_path: Path) -> None:
        place = tmp_path / "a" / "b" / "place"
        for number in range(2):
            fresh = tmp_path / f"fresh{number}"
            (fresh / "in").mkdir(parents=True)
            (fresh / "in" / f"file{number}").touch()
            emit.replace_tree(fresh, place)
            assert tree(place) == {f"in/file{number}": b""}
            assert [path.name for path in place.parent.iterdir()] == ["place"]
            assert not fresh.exists()

    def test_files_are_for_all_to_read_and_touched_only_if_they_change(
        self, tmp_path: Path
    ) -> None:
        text, raw, deep = tmp_path / "a.txt", tmp_path / "b", tmp_path / "x" / "y" / "c"
        contents: dict[Path, str | bytes] = {text: "ä\n", raw: b"\xff", deep: "c"}
        assert emit.write_files(contents) == [text, raw, deep]
        assert (text.read_bytes(), raw.read_bytes(), deep.read_bytes()) == (
            "ä\n".encode(),
            b"\xff",
            b"c",
        )
        assert {path.stat().st_mode & 0o777 for path in contents} == {0o644}
        inodes = [path.stat().st_ino for path in contents]
        assert emit.write_files({**contents, raw: b"other"}) == [raw]
        assert [path.stat().st_ino == old for path, old in zip(contents, inodes, strict=True)] == [
            True,
            False,
            True,
        ]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b", "x"]

    def test_a_swap_that_fails_brings_the_old_tree_back(self, tmp_path: Path) -> None:
        old = tmp_path / "old"
        old.mkdir()
        (old / "kept").touch()
        with pytest.raises(OSError, match="missing"):
            emit.replace_tree(tmp_path / "missing", old)
        assert (old / "kept").exists()
        assert [path.name for path in tmp_path.iterdir()] == ["old"]


class TestAnotherProduct:
    """Pages that have nothing to do with face swap go through unchanged code."""

    @pytest.fixture
    def client(self, project, things, other, monkeypatch):
        del other["paths"]["/others"]["get"]["operationId"]
        layout = project(things=things, others=other)
        arguments = ("--root", str(layout.root), "--name", "things")
        for command in ("build", "generate"):
            done = run(command, *arguments)
            assert done.exit_code == 0, done.output
        monkeypatch.syspath_prepend(str(layout.client.parent))
        yield "things_api"
        for name in [name for name in sys.modules if name.partition(".")[0] == "things_api"]:
            del sys.modules[name]

    def test_its_generated_client_reads_its_answers(self, client: str) -> None:
        listing = importlib.import_module(f"{client}.api.operations.list_things")
        api = importlib.import_module(f"{client}.client")
        assert listing._get_kwargs() == {"method": "get", "url": "/things"}
        answer = httpx2.Response(200, json=[{"id": "a", "extra": 1}])
        parsed = listing._parse_response(client=api.Client(base_url=""), response=answer)
        assert [thing.id for thing in parsed] == ["a"]
        assert parsed[0].additional_properties == {"extra": 1}

    def test_an_operation_without_a_name_gets_a_function_too(self, client: str) -> None:
        others = importlib.import_module(f"{client}.api.operations.get_others")
        assert others._get_kwargs()["url"] == "/others"


def test_building_again_changes_nothing(project, things) -> None:
    layout = project(things=things)
    arguments = ("--root", str(layout.root), "--name", "things")
    assert "written" in run("build", *arguments).stdout
    before = {p: p.stat().st_mtime_ns for p in (layout.contract, layout.contract_json)}
    assert "up to date" in run("build", *arguments).stdout
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_the_commands_run_without_the_command_line_package(project, things) -> None:
    layout = project(things=things)
    done = subprocess.run(
        [sys.executable, "-m", "akool_pipeline", "build", "--root", layout.root],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.endswith("akool-faceswap.yaml: written\n")


class TestOntoHttpx2:
    def test_the_generators_import_is_moved(self) -> None:
        moved = sources.onto_httpx2("import ssl\nimport httpx\n\nhttpx.Client()\n")
        assert moved == "import ssl\nimport httpx2 as httpx\n\nhttpx.Client()\n"

    def test_moving_twice_changes_nothing(self) -> None:
        moved = sources.onto_httpx2("import httpx\n")
        assert sources.onto_httpx2(moved) == moved

    @pytest.mark.parametrize(
        "line",
        [
            "from httpx import Client",
            "import httpx as h",
            "    import httpx.x",
            "from httpx._a import b",
        ],
    )
    def test_an_import_of_another_form_is_refused(self, line: str) -> None:
        with pytest.raises(PipelineError, match="imports httpx in a new way"):
            sources.onto_httpx2(line + "\n")

    def test_the_committed_client_imports_no_httpx(self) -> None:
        for path in Layout(ROOT).client.rglob("*.py"):
            assert sources.onto_httpx2(path.read_text("utf-8")) == path.read_text("utf-8")


def test_overlaid_fragments_are_not_changed(things) -> None:
    before = copy.deepcopy(things)
    emit.to_yaml(things)
    assert things == before
