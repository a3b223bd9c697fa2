"""A team never has to guess the next step: each thing to do has a file, a line and a remedy."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from tests.pipeline.conftest import THINGS
from typer.testing import CliRunner

from akool_pipeline.cli import app
from akool_pipeline.documents import document
from akool_pipeline.layout import Layout
from akool_pipeline.releasing import changelog, status

ROOT = Path(__file__).resolve().parents[2]
OVERLAY = """\
overlay: 1.0.0
info: {title: T, version: '1'}
actions:
  - target: $.info
    description: d
    x-evidence: e
    update:
      version: 2.0.0
"""


def run(command: str, layout: Layout, *arguments: str):
    root = ("--root", str(layout.root), "--name", layout.name)
    return CliRunner().invoke(app, [command, *arguments, *root])


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Path:
    """A project in which nothing is left to do: made once, copied for each test."""
    layout = Layout(tmp_path_factory.mktemp("finished"), "things")
    layout.fragments.mkdir(parents=True)
    (layout.fragments / "things.yaml").write_text(json.dumps(THINGS, indent=1))
    layout.overlays.mkdir()
    (layout.overlays / "10-names.yaml").write_text(OVERLAY)
    for command in ("build", "release", "generate"):
        done = run(command, layout)
        assert done.exit_code == 0, done.output
    assert done.stdout.endswith("nothing is left to do\n")
    return layout.root


@pytest.fixture
def layout(finished, tmp_path) -> Layout:
    """A project in which nothing is left to do."""
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)
    return Layout(tmp_path, "things")


def todo(layout: Layout) -> list[str]:
    done = run("status", layout)
    assert done.exit_code == (0 if "nothing is left" in done.stdout else 1)
    return re.findall(r"(?m)^ +\d+\. (.*)$", done.stdout)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_nothing_is_left_to_do_where_all_belongs_together(layout) -> None:
    assert todo(layout) == []


def test_a_stale_action_comes_first_and_stops_the_rest(layout) -> None:
    overlay = layout.overlays / "10-names.yaml"
    change(overlay, "$.info", "$.gone")
    (one,) = todo(layout)
    assert one.startswith(f"{overlay}:4: #/actions/0: stale: it matches nothing any more")
    assert "the next steps need this" in run("status", layout).stdout


def test_a_conflict_says_where_to_settle_it(layout, project, other) -> None:
    other["components"]["schemas"]["Thing"]["properties"]["id"]["type"] = "integer"
    project(others=other)
    (one,) = todo(layout)
    assert re.search(
        r"fragments/\w+\.yaml:\d+: .*conflict.*; settle it in .*overlays/fragments/", one
    )


def test_a_new_page_asks_for_the_build_and_then_for_the_client(layout, project, other) -> None:
    project(others=other)
    (one,) = todo(layout)
    assert one == f"{layout.contract}: is not what the fragments build: run `make generate`"
    assert run("build", layout).exit_code == 0
    assert f"{layout.client}: is not what the contract generates: run `make generate`" in todo(
        layout
    )


def test_an_override_that_renames_nothing_is_told_with_its_line(layout) -> None:
    text = "class_overrides:\n  Thing: {class_name: Item}\n  Gone: {class_name: Other}\n"
    layout.generator_settings.write_text(text)
    (one,) = todo(layout)
    assert one.startswith(
        f"{layout.generator_settings}:3: #/class_overrides/Gone: stale: the client"
    )
    done = run("generate", layout)
    assert done.exit_code == 2
    assert "#/class_overrides/Gone: stale" in done.stderr
    layout.generator_settings.write_text(text.rpartition("  Gone")[0])
    assert run("generate", layout).exit_code == 0
    assert todo(layout) == []


def test_an_override_whose_new_name_another_class_has_is_stale_all_the_same(
    layout, project, things
) -> None:
    things["components"]["schemas"]["Gone"] = {"type": "object"}
    project(things=things)
    layout.generator_settings.write_text("class_overrides:\n  Missing: {class_name: Thing}\n")
    assert run("build", layout).exit_code == 0
    assert "#/class_overrides/Missing: stale" in run("generate", layout).stderr


def test_a_version_that_is_too_low_and_a_silent_changelog_are_told(layout) -> None:
    page = layout.fragments / "things.yaml"
    change(page, '"id": {\n', '"name": {\n')
    change(page, '"id"\n', '"name"\n')
    for command in ("build", "generate"):
        assert run(command, layout).exit_code == 0
    version, told = todo(layout)
    assert version.startswith(f"{layout.overlays / '10-names.yaml'}:8: #/info/version: ")
    assert "give info.version a new major version" in version
    assert told.startswith(f"{layout.changelog}: does not tell what changed")
    assert run("changelog", layout).exit_code == 1
    (version,) = todo(layout)
    change(layout.overlays / "10-names.yaml", "2.0.0", "3.0.0")
    for command in ("build", "generate", "changelog"):
        assert run(command, layout).exit_code == 0
    assert todo(layout) == []


STALE = {
    "an action": ('actions = ["10-names.yaml $.gone"]', "there is no overlay action"),
    "a rule": ('rules = ["gone"]', "there is no rule 'gone'"),
}


@pytest.mark.parametrize(("line", "message"), STALE.values(), ids=STALE.keys())
def test_a_decision_that_names_nothing_is_stale_with_its_line(layout, line, message) -> None:
    entry = '[[decision]]\nquestion = "q"\ndecision = "d"\n'
    layout.decisions.write_text(f'{entry}actions = ["10-names.yaml $.info"]\n\n{entry}{line}\n')
    (one,) = todo(layout)
    assert one.startswith(f"{layout.decisions}:9: stale: {message}")
    assert run("build", layout).exit_code == 2
    layout.decisions.write_text(f'{entry}actions = ["10-names.yaml $.info"]\n')
    assert todo(layout) == []


def test_a_decision_may_name_an_action_for_one_fragment(layout) -> None:
    layout.fragment_overlays.mkdir()
    (layout.fragment_overlays / "things.yaml").write_text(OVERLAY.replace("version: 2", "x-of: 2"))
    layout.decisions.write_text(
        '[[decision]]\nquestion = "q"\ndecision = "d"\n'
        'actions = ["fragments/things.yaml $.info", "fragments/things.yaml $.gone"]\n'
    )
    (one,) = todo(layout)
    assert "'fragments/things.yaml $.gone'" in one


def test_a_listed_page_without_a_fragment_is_stale_with_its_line(layout) -> None:
    layout.page_list.write_text('[[page]]\nfragment = "gone"\nurl = "https://a.example/gone.md"\n')
    (one,) = todo(layout)
    assert one.startswith(f"{layout.page_list}:2: stale: there is no fragment 'gone'")


def test_a_note_on_a_fragment_that_is_gone_is_stale_with_its_line(layout) -> None:
    layout.provenance.write_text(json.dumps({"things": {}, "gone": {}}, indent=2))
    (one,) = todo(layout)
    assert one.startswith(f"{layout.provenance}:3: #/gone: stale: there is no fragment 'gone'")


def test_importing_a_page_says_what_comes_next(layout, other, tmp_path) -> None:
    page = tmp_path / "others.md"
    page.write_text(f"# P\n\n````yaml GET /others\n{json.dumps(other)}\n````\n")
    options = ("--root", str(layout.root), "--contract", "things")
    done = CliRunner().invoke(app, ["import", str(page), *options])
    assert done.exit_code == 0
    assert "to do, in this order:\n" in done.stdout
    assert "run `make generate`" in done.stdout


def test_the_project_has_nothing_left_to_decide() -> None:
    """What `make rebuild` writes by itself may be left, after a refresh; CI holds commits to it."""
    left = [str(problem) for problem in status.look(Layout(ROOT)).todo]
    written = ("info.version", "run `make changelog`", "run `make contract-page`")
    assert [text for text in left if not any(word in text for word in written)] == []


class TestAnotherRoot:
    """Lint and changelog need nothing of this project in the folder that they work on."""

    def test_lint_without_node_says_which_rules_it_did_not_run(self, layout) -> None:
        done = run("lint", layout)
        assert done.exit_code == 0
        skipped, last = done.stdout.splitlines()
        assert skipped.startswith("not run, because they need Node")
        assert skipped.endswith(": recommended-strict")
        assert last == f"{layout.contract}: 0 findings"
        layout.lint_rules.write_text("extends: [minimal]\nrules: {a: off, b: error, c: {x: 1}}\n")
        assert run("lint", layout).stdout.splitlines()[0].endswith(": minimal, b, c")

    def test_lint_finds_what_does_not_agree(self, layout) -> None:
        text = layout.contract.read_text()
        layout.contract.write_text(text.replace("required:\n      - id", "required:\n      - di"))
        done = run("lint", layout)
        assert done.exit_code == 1
        assert "requires 'di'" in done.stderr

    @pytest.mark.node
    def test_lint_with_node_takes_redoclys_own_rules(self, layout, node_tools) -> None:
        redocly = node_tools / ".bin" / "redocly"
        done = run("lint", layout, "--redocly", str(redocly))
        assert done.exit_code == 1
        assert "[info-license]" in done.stderr
        assert not layout.lint_findings.parent.exists()

    def test_a_changelog_is_begun_where_there_is_none(self, layout) -> None:
        assert run("changelog", layout).exit_code == 0
        text = layout.changelog.read_text()
        assert changelog.insert(text, "x") != text
        assert "### Contract 2.0.0\n\nNo changes.\n" in text

    def test_a_changelog_without_a_release_says_how_there_comes_to_be_one(self, layout) -> None:
        layout.released.unlink()
        done = run("changelog", layout)
        assert done.exit_code == 2
        assert "`akool-faceswap contract release` saves" in done.stderr


def test_two_products_in_one_contract_have_one_to_do_list(layout, project, things) -> None:
    things["info"]["title"] = "Others API"
    things["paths"]["/others"] = things["paths"].pop("/things")
    things["paths"]["/others"]["get"]["operationId"] = "listOthers"
    things["components"]["schemas"]["Thing"]["properties"]["id"]["type"] = "integer"
    project(others=things)
    shutil.rmtree(layout.client)
    option = ("--on-conflict", "namespace")
    assert run("build", layout, *option).exit_code == 0
    done = run("generate", layout, *option)
    assert done.exit_code == 0
    assert "is not what" not in done.stdout
    assert "Thing" in str(document.read(layout.contract).data["components"]["schemas"])
