"""A package on its way: what is made of its sources, and what is told where it is broken."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openapi_python_client.config import Config, ConfigFile, MetaType
from tests.pipeline.conftest import THINGS
from tests.pipeline.test_generate import ODD, OK

from akool_pipeline.documents.document import Document
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
    assert overrides.stale(None, contract) == []
    assert overrides.stale(tmp_path / "none", contract) == []
    file.write_text("class_overrides: 3\n")
    assert overrides.stale(file, contract) == []


BREAKS = ODD["body of plain values that may be missing"]


def test_what_breaks_the_package_is_found_by_halves_and_leaves_its_classes_stale(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    """One operation of three breaks; of a class that only that one has no override is of use."""
    written: list[Path] = []
    monkeypatch.setattr(sources, "finish", written.append)
    monkeypatch.setattr(checking, "check", lambda _: None)
    things = copy.deepcopy(THINGS)
    fault = {"description": "d", "content": {"application/json": {"schema": {"type": "object"}}}}
    odd = {**BREAKS, "responses": {"200": OK, "400": copy.deepcopy(fault)}}
    shared = [{"name": "q", "in": "query", "schema": {"type": "string"}}]
    things["paths"]["/odd"] = {
        "parameters": shared,
        "post": {"operationId": "odd", **copy.deepcopy(odd)},
        "get": {"operationId": "even", "responses": {"200": OK, "400": fault}},
    }
    file = tmp_path / "generator.yaml"
    file.write_text("class_overrides:\n  EvenResponse400: {class_name: Bad}\n")
    package = tmp_path / "some" / "folder" / "p_api"
    (left,) = generate(Document("c.yaml", things), file, package)
    assert re.sub(r"\d+", "N", str(left)) == (
        "POST /odd (odd): the generated module does not compile: invalid syntax (odd.py, line N)"
    )
    assert left.pointer == "/paths/~1odd/post"
    assert sorted(path.name for path in (package / "api" / "operations").glob("*.py")) == [
        "__init__.py",
        "even.py",
        "list_things.py",
    ]
    assert "q" in (package / "api" / "operations" / "even.py").read_text()
    assert list(package.parent.iterdir()) == [package]
    assert {path.name for path in written} == {"p_api"}
    for path in written:
        first, *more = path.relative_to(package.parent).parts
        assert first.startswith(".generate-")
        assert len(more) <= 2
    file.write_text("class_overrides:\n  OddResponse400: {class_name: Bad}\n")
    assert told(lambda: generate(Document("c.yaml", things), file, package)).startswith(
        f"{file}:2: #/class_overrides/OddResponse400: stale"
    )
    assert capsys.readouterr().out == ""


def test_a_component_that_breaks_the_package_is_found_by_name(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(sources, "finish", lambda _: None)
    monkeypatch.setattr(checking, "check", lambda _: None)

    def compiles(package: Path) -> None:
        for name in ("bad", "worse"):
            if (package / "models" / f"{name}.py").exists():
                raise checking.BrokenPackageError(f"has {name}")

    monkeypatch.setattr(checking, "compiles", compiles)
    things = copy.deepcopy(THINGS)
    model = {"type": "object", "properties": {"x": {"type": "string"}}}
    things["components"]["schemas"] |= dict.fromkeys(("Bad", "Fine", "Worse", "Good"), model)
    things["components"]["schemas"]["Good"] = {
        "type": "object",
        "properties": {"fine": {"$ref": "#/components/schemas/Fine"}},
    }
    package = tmp_path / "p_api"
    left = generate(Document("c.yaml", things), None, package)
    assert [(str(one), one.pointer) for one in left] == [
        ("component Bad: has bad", "/components/schemas/Bad"),
        ("component Worse: has worse", "/components/schemas/Worse"),
    ]
    made = {path.stem for path in (package / "models").glob("*.py")} - {"__init__"}
    assert made == {"fine", "good", "thing"}


def test_a_fault_of_no_part_alone_is_told_of_the_whole(tmp_path: Path, monkeypatch) -> None:
    def compiles(package: Path) -> None:
        if (package / "models" / "thing.py").exists() and (package / "models" / "more.py").exists():
            raise checking.BrokenPackageError("breaks", file="p_api/x.py", line=3)

    monkeypatch.setattr(sources, "finish", lambda _: None)
    monkeypatch.setattr(checking, "check", lambda _: None)
    monkeypatch.setattr(checking, "compiles", compiles)
    things = copy.deepcopy(THINGS)
    things["components"]["schemas"]["More"] = {"type": "object"}
    package = tmp_path / "p_api"
    assert told(lambda: generate(Document("c.yaml", things), None, package)) == (
        "p_api/x.py:3: breaks"
    )
    assert list(tmp_path.iterdir()) == []


def test_what_the_generator_raises_is_told_in_one_line(tmp_path: Path, monkeypatch) -> None:
    from openapi_python_client import Project  # noqa: PLC0415

    def build(_: Project) -> None:
        raise ValueError("no <a.B object at 0x7f> of\n " + "it " * 200)

    monkeypatch.setattr(Project, "build", build)
    lines = told(lambda: generate(Document("c.yaml", THINGS), None, tmp_path / "p_api"))
    said = ("ValueError: no of " + "it " * 200)[:300]
    assert lines.splitlines()[1:] == [
        f"c.yaml: left out: {name}: the generator breaks on it: {said}..."
        for name in ("GET /things (listThings)", "component Thing")
    ]
