"""What is left to do, told whole: each line with its file, its place and its remedy."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from tests.pipeline.conftest import THINGS
from tests.pipeline.test_status import OVERLAY, change

from akool_pipeline.building import build, emit
from akool_pipeline.errors import PipelineError
from akool_pipeline.generating import generate as generating
from akool_pipeline.layout import Layout
from akool_pipeline.releasing import status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from akool_pipeline.documents.document import Document


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A project that is built and released, with a client that no generator wrote."""
    layout = Layout(tmp_path, "things")
    layout.fragments.mkdir(parents=True)
    (layout.fragments / "things.yaml").write_text(json.dumps(THINGS, indent=1))
    layout.overlays.mkdir()
    (layout.overlays / "10-names.yaml").write_text(OVERLAY)
    rebuild(layout)
    layout.released.write_bytes(layout.contract_json.read_bytes())
    (layout.client / "models").mkdir(parents=True)
    (layout.client / "models" / "thing.py").write_text("x = 1\n")
    (layout.client / "py.typed").touch()
    return layout


def rebuild(layout: Layout) -> None:
    emit.write_files(build.files(build.assemble(layout), layout))


def todo(layout: Layout, **options: bool) -> list[str]:
    found = status.look(layout, **{"client": False, **options})
    return [str(one).replace(str(layout.root), "ROOT") for one in found.todo]


def edit(layout: Layout, old: str, new: str) -> None:
    change(layout.fragments / "things.yaml", old, new)


OLD_CONTRACT = "ROOT/openapi/things.yaml: is not what the fragments build: run `make generate`"
SILENT = (
    "ROOT/CHANGELOG.md: does not tell what changed since the last release: run `make changelog`"
)
TOO_LOW = (
    "{place}: #/info/version: {count} changes since the last release break callers: give "
    "info.version a new major version (before 1.0 a new minor one); `akool-faceswap contract "
    "changelog --check` lists them"
)


def test_an_old_contract_is_the_one_thing_to_do(layout: Layout) -> None:
    assert status.look(layout, client=False) == status.Status(())
    edit(layout, '"title": "Things API"', '"title": "Others"')
    assert todo(layout) == [OLD_CONTRACT]
    assert not status.look(layout, client=False).is_whole
    rebuild(layout)
    layout.contract_json.unlink()
    assert todo(layout) == [OLD_CONTRACT.replace(".yaml", ".json")]
    layout.contract.unlink()
    assert todo(layout) == [OLD_CONTRACT]


def test_a_contract_that_is_not_built_as_asked_is_old(layout: Layout) -> None:
    second = json.loads(json.dumps(THINGS).replace("/things", "/more").replace("listT", "moreT"))
    second["info"]["title"] = "Another API"
    second["components"]["schemas"]["Thing"]["properties"]["id"]["type"] = "integer"
    (layout.fragments / "more.yaml").write_text(json.dumps(second))
    assert "conflict" in todo(layout)[0]
    assert todo(layout, by_namespace=True) == [OLD_CONTRACT]
    layout.fragment_overlays.mkdir()
    assert status.version_place(layout) == f"an overlay in {layout.overlays}"
    assert status.version_place(layout, by_namespace=True) == f"{layout.overlays}/10-names.yaml:8"


def test_the_place_of_the_version_is_where_it_is_written(layout: Layout) -> None:
    assert status.version_place(layout) == f"{layout.overlays}/10-names.yaml:8"
    (layout.overlays / "10-names.yaml").unlink()
    assert status.version_place(layout) == f"{layout.fragments}/things.yaml:5"


def test_changes_are_told_in_the_changelog_and_break_only_with_a_new_version(
    layout: Layout,
) -> None:
    edit(layout, '"id": {\n', '"name": {\n')
    edit(layout, '"id"\n', '"name"\n')
    rebuild(layout)
    place = "ROOT/openapi/overlays/10-names.yaml:8"
    assert todo(layout) == [TOO_LOW.format(place=place, count=1), SILENT]
    layout.changelog.write_text("Nothing of it.\n")
    assert SILENT in todo(layout)
    change(layout.overlays / "10-names.yaml", "2.0.0", "3.0.0")
    rebuild(layout)
    assert todo(layout) == [SILENT]
    layout.released.unlink()
    assert todo(layout) == []


def test_a_version_that_is_none_is_told_in_the_place_of_the_changes(layout: Layout) -> None:
    change(layout.overlays / "10-names.yaml", "2.0.0", "next")
    rebuild(layout)
    assert todo(layout) == [
        (
            "the contract: #/info/version: next is not MAJOR.MINOR.PATCH: give it with an overlay "
            "of $.info"
        )
    ]


def test_a_stale_override_comes_in_the_place_of_the_client(layout: Layout, monkeypatch) -> None:
    monkeypatch.setattr(generating, "generate", lambda *_: pytest.fail("was generated"))
    layout.generator_settings.write_text("class_overrides:\n  Gone: {class_name: Other}\n")
    change(layout.overlays / "10-names.yaml", "2.0.0", "1.5.0")
    rebuild(layout)
    older = "the contract: #/info/version: version 1.5.0 is older than the released 2.0.0"
    assert todo(layout, client=True) == [
        (
            "ROOT/openapi/generator.yaml:2: #/class_overrides/Gone: stale: the client has no class "
            "'Gone' to be renamed; adapt or delete it"
        ),
        older,
    ]


def test_a_client_is_the_contracts_where_every_file_is_the_same(layout, monkeypatch) -> None:
    asked: list[tuple[Any, ...]] = []

    def copied(contract: Document, settings: Path | None, package: Path) -> None:
        asked.append((contract.data, settings, package.name))
        assert not package.is_relative_to(layout.root)
        shutil.copytree(layout.root / "fresh", package)

    shutil.copytree(layout.client, layout.root / "fresh")
    monkeypatch.setattr(generating, "generate", copied)
    cache = layout.client / "models" / "__pycache__"
    cache.mkdir()
    (cache / "thing.pyc").touch()
    assert todo(layout, client=True) == []
    old = "ROOT/generated/things_api: is not what the contract generates: run `make generate`"
    for act in (
        (layout.client / "models" / "more.py").touch,
        (layout.client / "models" / "more.py").unlink,
        lambda: (layout.client / "models" / "thing.py").write_text("x = 2\n"),
        lambda: (layout.client / "models" / "thing.py").rename(layout.client / "thing.py"),
    ):
        act()
        expected = [] if getattr(act, "__name__", "") == "unlink" else [old]
        assert todo(layout, client=True) == expected
    layout.generator_settings.write_text("field_prefix: x_\n")
    todo(layout, client=True)
    data = json.loads(layout.contract_json.read_text())
    assert asked[0] == (data, None, "things_api")
    assert asked[-1] == (data, layout.generator_settings, "things_api")


def test_a_client_that_cannot_be_generated_is_told_with_the_reason(layout, monkeypatch) -> None:
    def refuse(*_: object) -> None:
        raise PipelineError("cannot be said", file="c.yaml", line=3)

    monkeypatch.setattr(generating, "generate", refuse)
    assert todo(layout, client=True) == ["c.yaml:3: cannot be said"]


def says(layout: Layout) -> Callable[[str], list[str]]:
    """Lets the script of the contract's page end so, and returns what is left to do."""
    script = layout.root / "scripts" / "contract_page.py"
    script.parent.mkdir()

    def end(text: str) -> list[str]:
        script.write_text(f"import sys\nassert sys.argv[1:] == ['--check']\n{text}\n", "utf-8")
        return todo(layout)

    return end


def test_a_page_of_the_contract_that_is_old_is_told_by_its_script(layout: Layout) -> None:
    end = says(layout)
    page = layout.root / "docs" / "contract.md"
    remedy = "run `make contract-page`"
    assert end("print('all is well')") == []
    assert end(f"sys.exit('{page.resolve()}: is old: {remedy}')") == [
        f"ROOT/docs/contract.md: is old: {remedy}"
    ]
    for text, why in (
        ("sys.exit('one\\ntwo')", "two"),
        ("sys.exit(3)", "said nothing"),
        ("import not_there", "it needs packages that this command installs"),
    ):
        assert end(text) == [f"ROOT/docs/contract.md: was not checked ({why}): {remedy}"]
