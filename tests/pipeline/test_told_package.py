"""A package on its way: what is made of its sources, and what is told where it is broken."""

from __future__ import annotations

import copy
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from tests.pipeline.conftest import THINGS
from tests.pipeline.test_generate import OK

from akool_pipeline.documents.document import Document, parse
from akool_pipeline.errors import PipelineError
from akool_pipeline.generating import checking, overrides, settings, sources
from akool_pipeline.generating.generate import generate

if TYPE_CHECKING:
    from collections.abc import Callable

ENTRY = """\
'''It.'''
from .client import AuthenticatedClient, Client
__all__ = ("AuthenticatedClient", "Client")
"""
ENTRY_MADE = '''\
"""It."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client
__all__ = ("AuthenticatedClient", "Client")


def __getattr__(name: str) -> Any:
    # What reads the table of operations needs neither attrs nor an HTTP library.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import client

    return getattr(client, name)
'''
CLIENT = """\
import ssl
import httpx
from typing import Any
x = 'é', httpx
class Client:
    def __exit__(self, *args: Any, **kwargs: Any) -> None: pass
    async def __aexit__(self, *args: object, **kwargs: Any) -> None: pass
"""
CLIENT_MADE = """\
from typing import Any

import httpx2 as httpx

x = "é", httpx


class Client:
    def __exit__(self, *args: Any, **kwargs: Any) -> None:
        pass

    async def __aexit__(self, *args: Any, **kwargs: Any) -> None:
        pass
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package as the generator writes it, in short."""
    package = tmp_path / "p_api"
    (package / "deep").mkdir(parents=True)
    (package / "deep" / "__init__.py").touch()
    (package / "__init__.py").write_text(ENTRY)
    (package / "client.py").write_text(CLIENT, "utf-8")
    (package / "deep" / "m.py").write_text("import httpx\nhttpx.get\n")
    return package


def told(act: Callable[[], object]) -> str:
    with pytest.raises(PipelineError) as caught:
        act()
    return str(caught.value)


def test_sources_are_moved_formatted_and_typed_in_every_module(package: Path) -> None:
    sources.finish(package)
    found = {
        path.relative_to(package).as_posix(): path.read_text("utf-8")
        for path in package.rglob("*")
        if path.is_file()
    }
    assert found == {
        "__init__.py": ENTRY_MADE,
        "client.py": CLIENT_MADE,
        "deep/__init__.py": "",
        "deep/m.py": "import httpx2 as httpx\n\nhttpx.get\n",
        "py.typed": "",
    }


def test_sources_that_the_rewrites_do_not_know_are_refused(package: Path) -> None:
    other = "in a new way: extend akool_pipeline.generating.sources"
    for line in ("from httpx import get", "import httpx.auth", "    import httpx as h"):
        (package / "deep" / "m.py").write_text(f"import httpx\n{line}\n")
        assert told(lambda: sources.finish(package)) == f"m.py: imports httpx {other}"
        assert told(lambda text=line: sources.onto_httpx2(text)) == (
            f"<module>: imports httpx {other}"
        )
    for text in ("x = 1\n", ENTRY + ENTRY):
        assert told(lambda text=text: sources.light(text)) == (
            f"__init__.py: imports its clients {other}"
        )
    (package / "deep" / "m.py").write_text("def f(:\n")
    assert told(lambda: sources.finish(package)) == f"{package}: ruff format failed:"


BROKEN = {
    "no syntax": (
        "x = 1\ndef f(x, x): ...\n",
        (
            "p_api/bad.py:2: the generated module does not compile: duplicate argument 'x' in "
            "function definition (bad.py, line 2)"
        ),
    ),
    "no text": (
        "x = 1\0",
        (
            "p_api/bad.py: the generated module does not compile: source code string cannot "
            "contain null bytes"
        ),
    ),
    "an import of nothing": (
        "from p_api.deep import nothing",
        (
            "p_api: the generated package does not import: p_api.bad: ImportError: cannot import "
            "name 'nothing' from 'p_api.deep' (DIR/p_api/deep/__init__.py)"
        ),
    ),
    "an end": (
        "print('words')\nraise SystemExit",
        "p_api: the generated package does not import: p_api.bad: SystemExit:",
    ),
    "a sudden end": (
        "import os; os._exit(3)",
        "p_api: the generated package does not import: no reason given",
    ),
}


@pytest.mark.parametrize(("text", "line"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_module_is_told_with_its_fault(tmp_path: Path, text: str, line: str) -> None:
    package = tmp_path / "p_api"
    (package / "deep").mkdir(parents=True)
    for name in ("__init__.py", "deep/__init__.py"):
        (package / name).touch()
    (package / "bad.py").write_text(text)
    assert told(lambda: checking.check(package)).replace(str(tmp_path), "DIR") == line
    assert not list(package.rglob("__pycache__"))


def test_a_module_is_compiled_by_its_own_rules_and_not_by_ours(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("class A:\n    x: (y := 1) = 0\n")  # none with annotations later
    checking.compiles(tmp_path)


def test_settings_are_those_of_the_file_below_what_every_package_needs(tmp_path: Path) -> None:
    file = tmp_path / "generator.yaml"
    file.write_text("field_prefix: f_\npost_hooks: [ruff]\nclass_overrides: {T: {class_name: U}}\n")
    needed = {
        "meta_type": MetaType.NONE,
        "document_source": Path("contract"),
        "file_encoding": "utf-8",
        "overwrite": True,
        "output_path": tmp_path,
    }
    stated: dict[str, Any] = {"field_prefix": "f_", "class_overrides": {"T": {"class_name": "U"}}}
    for path, given in ((file, stated), (None, {})):
        wanted = ConfigFile(**given, post_hooks=[])
        assert settings.read(path, tmp_path) == Config.from_sources(wanted, **needed)
    whole = settings.effective(settings.read(file, tmp_path)).class_overrides
    assert (whole["T"].class_name, whole["Client"].class_name) == ("U", "ClientModel")
    for text in ("class_overrides: 3\n", "[1]\n"):
        file.write_text(text)
        line = told(lambda: settings.read(file, tmp_path))
        assert line.startswith(f"{file}: not settings of the generator: ")


def test_each_stale_override_is_told_and_what_cannot_be_read_is_not_judged(tmp_path: Path) -> None:
    contract = Document("c.yaml", copy.deepcopy(THINGS))
    file = tmp_path / "generator.yaml"
    file.write_text("class_overrides:\n  Thing: {class_name: A}\n  B: {class_name: C}\n  D: {}\n")
    assert [str(one) for one in overrides.stale(file, contract)] == [
        (
            f"{file}:{line}: #/class_overrides/{name}: stale: the client has no class {name!r} to "
            "be renamed; adapt or delete it"
        )
        for name, line in (("B", 3), ("D", 4))
    ]
    file.write_text("class_overrides:\n  Thing: {module_name: item}\n")
    assert overrides.stale(file, contract) == []
    assert overrides.stale(None, contract) == []
    assert overrides.stale(tmp_path / "none", contract) == []
    file.write_text("class_overrides: 3\n")
    assert overrides.stale(file, contract) == []


@pytest.fixture
def written(monkeypatch) -> list[Path]:
    """The packages that are written, each module of an operation or a model an empty file.

    In the place of what takes long: templates, formatter, a process that imports. What is called
    bad or worse is no Python, and what is called one is none beside what is called two.
    """
    packages: list[Path] = []

    def build(project: Project) -> None:
        package = project.config.output_path
        assert package is not None
        if project.config.overwrite:
            shutil.rmtree(package, ignore_errors=True)
        data = project.openapi
        endpoints = [e for c in data.endpoint_collections_by_tag.values() for e in c.endpoints]
        modules = {
            "operations": [str(one.name) for one in endpoints],
            "models": [str(one.class_info.module_name) for one in (*data.models, *data.enums)],
        }
        for folder, names in modules.items():
            (package / folder).mkdir(parents=True)
            for name in names:
                broken = name in {"bad", "worse"} or (name == "one" and "two" in names)
                (package / folder / f"{name}.py").write_text("(" if broken else "")
        packages.append(package)
        sys.stdout.write("the generator's words")

    monkeypatch.setattr(Project, "build", build)
    monkeypatch.setattr(sources, "finish", lambda _: None)
    monkeypatch.setattr(checking, "check", lambda _: None)
    return packages


def modules(package: Path) -> list[str]:
    return sorted(f"{path.parent.name}/{path.stem}" for path in package.glob("*/*.py"))


NEVER_CLOSED = "the generated module does not compile: '(' was never closed"


def test_each_operation_that_breaks_the_package_is_found_among_others(
    tmp_path: Path, written: list[Path], capsys
) -> None:
    things = copy.deepcopy(THINGS)
    query = {"name": "q", "in": "query", "schema": {"$ref": "#/components/schemas/Kind"}}
    things["components"]["schemas"]["Kind"] = {"type": "string", "enum": ["a"]}
    things["components"]["parameters"] = {"Q": query}
    identity = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    things["paths"]["/odd/{id}"] = {
        "parameters": [{"$ref": "#/components/parameters/Q"}, identity],
        "summary": "s",
        **{
            method: {"operationId": name, "responses": {"200": OK}}
            for method, name in (("get", "even"), ("post", "bad"), ("put", "fine"))
        },
    }
    things["paths"]["/worse"] = {"get": {"operationId": "worse", "responses": {"200": OK}}}
    package = tmp_path / "some" / "folder" / "p_api"
    left = generate(Document("c.yaml", things), None, package)
    assert [(str(one), one.pointer) for one in left] == [
        (f"POST /odd/{{id}} (bad): {NEVER_CLOSED} (bad.py, line 1)", "/paths/~1odd~1{id}/post"),
        (f"GET /worse (worse): {NEVER_CLOSED} (worse.py, line 1)", "/paths/~1worse/get"),
    ]
    operations = ["operations/even", "operations/fine", "operations/list_things"]
    assert modules(package) == ["models/kind", "models/thing", *operations]
    for name, text in (("operations", "'even': Operation("), ("raw", "async def even(")):
        assert text in (package / f"{name}.py").read_text()
    assert list(package.parent.iterdir()) == [package]
    assert capsys.readouterr().out == ""
    whole, *parts, again = written
    assert whole == again
    assert whole.name == "p_api"
    assert whole.parent.name.startswith(".generate-")
    assert whole.parent.parent == package.parent
    for part in parts:
        assert part.name == "p_api"
        assert part.parent.parent == whole.parent


def test_each_component_that_breaks_the_package_is_found_with_what_it_refers_to(
    tmp_path: Path, written: list[Path]
) -> None:
    things = copy.deepcopy(THINGS)
    model = {"type": "object", "properties": {"x": {"type": "string"}}}
    schemas = things["components"]["schemas"]
    schemas |= {"Bad": model, "Fine": model, "Worse": model}
    schemas["Good"] = {**model, "properties": {"f": {"$ref": "#/components/schemas/Fine"}}}
    package = tmp_path / "p_api"
    left = generate(Document("c.yaml", things), None, package)
    assert [(str(one), one.pointer) for one in left] == [
        (f"component Bad: {NEVER_CLOSED} (bad.py, line 1)", "/components/schemas/Bad"),
        (f"component Worse: {NEVER_CLOSED} (worse.py, line 1)", "/components/schemas/Worse"),
    ]
    models = ["models/fine", "models/good", "models/thing"]
    assert modules(package) == [*models, "operations/list_things"]
    assert len(written) > 2


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("rest", [{}, {"components": {}}])
def test_a_contract_without_components_is_searched_too(tmp_path: Path, rest: Any) -> None:
    paths = {
        f"/{name}": {"get": {"operationId": name, "responses": {"200": OK}}}
        for name in ("bad", "fine")
    }
    data = {"openapi": "3.0.3", "info": THINGS["info"], "paths": paths, **rest}
    (left,) = generate(Document("c.yaml", data), None, tmp_path / "p_api")
    assert left.name == "GET /bad (bad)"


def test_a_fault_of_no_part_alone_is_told_of_the_whole(tmp_path: Path, written) -> None:
    things = copy.deepcopy(THINGS)
    things["components"]["schemas"] |= {"One": {"type": "object"}, "Two": {"type": "object"}}
    line = told(lambda: generate(Document("c.yaml", things), None, tmp_path / "p_api"))
    assert line == f"p_api/models/one.py:1: {NEVER_CLOSED} (one.py, line 1)"
    assert written
    assert list(tmp_path.iterdir()) == []


def test_a_contract_that_is_none_is_told_with_its_line(tmp_path: Path, written: list[Path]) -> None:
    text = b"openapi: 3.0.3\ninfo:\n  title: T\npaths:\n  /a: {get: {responses: {'200': {}}}}\n"
    lines = told(lambda: generate(parse(text, "c.yaml"), None, tmp_path / "p_api")).splitlines()
    assert [line.partition(": #")[0] for line in lines] == ["c.yaml:2", "c.yaml:5"]
    assert not written


@pytest.mark.usefixtures("written")
def test_an_override_of_a_class_that_is_left_out_is_stale(tmp_path: Path) -> None:
    things = copy.deepcopy(THINGS)
    fault = {"description": "d", "content": {"application/json": {"schema": {"type": "object"}}}}
    for name in ("bad", "fine"):
        operation = {"operationId": name, "responses": {"200": OK, "400": copy.deepcopy(fault)}}
        things["paths"][f"/{name}"] = {"get": operation}
    file, package = tmp_path / "generator.yaml", tmp_path / "p_api"
    file.write_text("class_overrides:\n  FineResponse400: {class_name: F}\n")
    assert len(generate(Document("c.yaml", things), file, package)) == 1
    before = modules(package)
    file.write_text("class_overrides:\n  BadResponse400: {class_name: B}\n")
    assert told(lambda: generate(Document("c.yaml", things), file, package)) == (
        f"{file}:2: #/class_overrides/BadResponse400: stale: the client has no class "
        "'BadResponse400' to be renamed; adapt or delete it"
    )
    assert modules(package) == before


def test_what_the_generator_raises_is_told_in_one_line(tmp_path: Path, monkeypatch) -> None:
    def build(_: Project) -> None:
        raise ValueError("no <a.B object at 0x7f> of\n " + "it " * 200)

    monkeypatch.setattr(Project, "build", build)
    paths = {"/a": {"get": {"responses": {"200": OK}}}}
    lone = Document("c.yaml", {"openapi": "3.0.3", "info": THINGS["info"], "paths": paths})
    line = told(lambda: generate(lone, None, tmp_path / "p_api")).splitlines()[1]
    assert line.startswith("c.yaml: left out: GET /a: the generator breaks on it: ValueError: no")
    lines = told(lambda: generate(Document("c.yaml", THINGS), None, tmp_path / "p_api"))
    said = ("ValueError: no of " + "it " * 200)[:300]
    assert lines.splitlines()[1:] == [
        f"c.yaml: left out: {name}: the generator breaks on it: {said}..."
        for name in ("GET /things (listThings)", "component Thing")
    ]
