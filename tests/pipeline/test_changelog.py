"""Versions admit to what breaks, and the CHANGELOG says what changed."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from akool_pipeline.cli import app
from akool_pipeline.errors import PipelineError
from akool_pipeline.layout import Layout
from akool_pipeline.releasing import changelog

ROOT = Path(__file__).resolve().parents[2]


def versioned(document: dict[str, Any], version: str) -> dict[str, Any]:
    result = copy.deepcopy(document)
    result["info"]["version"] = version
    return result


def broken(document: dict[str, Any]) -> dict[str, Any]:
    result = copy.deepcopy(document)
    result["components"]["schemas"]["Thing"]["properties"].clear()
    return result


@pytest.mark.parametrize(
    ("before", "after", "is_admitted"),
    [
        ("1.2.3", "1.2.3", False),
        ("1.2.3", "1.3.0", False),
        ("1.2.3", "2.0.0", True),
        ("0.1.0", "0.1.1", False),
        ("0.1.0", "0.2.0", True),
        ("0.9.0", "1.0.0", True),
        ("1.0.0", "1.0.0", False),
        ("0.1.0", "1.0.0", True),
    ],
)
def test_a_breaking_change_needs_a_major_version(things, before, after, is_admitted) -> None:
    faults = changelog.check(versioned(things, before), versioned(broken(things), after))
    assert bool(faults) is not is_admitted


def test_an_additive_change_needs_none(things) -> None:
    new = copy.deepcopy(things)
    new["components"]["schemas"]["Thing"]["properties"]["more"] = {"type": "string"}
    assert changelog.check(things, new) == []


def test_a_version_that_went_back_is_refused(things) -> None:
    with pytest.raises(PipelineError) as caught:
        changelog.check(versioned(things, "2.0.0"), versioned(things, "1.0.0"))
    assert str(caught.value) == (
        "the contract: #/info/version: version 1.0.0 is older than the released 2.0.0"
    )


def test_a_version_that_is_none_is_refused_with_what_to_do(things) -> None:
    nameless = {key: value for key, value in things.items() if key != "info"}
    says = "is not MAJOR.MINOR.PATCH: give it with an overlay of $.info"
    for read in (changelog.check, changelog.entry):
        for released, now, told in (
            (things, versioned(things, "next"), f"the contract: #/info/version: next {says}"),
            (things, nameless, f"the contract: #/info/version: None {says}"),
            (nameless, things, f"the released contract: #/info/version: None {says}"),
        ):
            with pytest.raises(PipelineError) as caught:
                read(released, now)
            assert str(caught.value) == told


@pytest.mark.parametrize(
    ("stated", "version"),
    [("1.0", (1, 0, 0)), ("v3", (3, 0, 0)), ("2024-05-01", (2024, 5, 1)), ("1.2.3", (1, 2, 3))],
)
def test_a_version_as_pages_write_it_is_filled_up(things, stated: str, version: tuple) -> None:
    assert changelog.version(versioned(things, stated), "f") == version


def test_the_entry_tells_each_change_and_counts_the_prose(things) -> None:
    new = versioned(broken(things), "2.0.0")
    new["paths"]["/things"]["get"]["summary"] = "All"
    assert changelog.entry(things, new) == (
        "### Contract 2.0.0 (was 1.0.0)\n\n"
        "- Breaking: `listThings` response: `Thing.id`: property id is gone.\n"
        "- Documentation: 1 place.\n"
    )
    new["paths"]["/things"]["get"]["description"] = "All of them"
    assert changelog.entry(things, new).endswith("- Documentation: 2 places.\n")


def test_the_entry_names_a_whole_operation_by_its_path(things) -> None:
    new = copy.deepcopy(things)
    new["paths"]["/things"]["post"] = {"responses": {}}
    new["paths"]["/things"]["put"] = {"operationId": "putThing", "responses": {}}
    assert changelog.entry(things, new) == (
        "### Contract 1.0.0\n\n"
        "- Additive: `POST /things`: new operation.\n"
        "- Additive: `putThing (PUT /things)`: new operation.\n"
    )
    assert "- Breaking: `POST /things`: operation is gone.\n" in changelog.entry(new, things)


def test_the_entry_tells_lines_before_words_and_no_other_title(things) -> None:
    new = broken(things)
    things["info"]["description"], new["info"]["description"] = "Up to 50", "Up to 10"
    things["info"]["title"], new["info"]["title"] = "One", "Other"
    things["components"]["schemas"]["Unused"] = {"type": "object"}
    assert changelog.entry(things, new) == (
        "### Contract 1.0.0\n\n"
        "- Breaking: `listThings` response: `Thing.id`: property id is gone.\n"
        "- Breaks generated code: all: `Unused`: schema Unused is gone.\n"
        "\n#### Read these\n\n"
        "| operation | where | was | now |\n|---|---|---|---|\n"
        "| all | `#/info/description` | Up to 50 | Up to 10 |\n"
    )
    assert changelog.entry(new, new) == "### Contract 1.0.0\n\nNo changes.\n"


def test_an_operation_without_a_name_goes_by_its_path(things) -> None:
    del things["paths"]["/things"]["get"]["operationId"]
    assert "- Breaking: `GET /things` response: " in changelog.entry(things, broken(things))


def test_a_new_required_property_is_one_line_without_its_schema(things) -> None:
    new = copy.deepcopy(things)
    thing = new["components"]["schemas"]["Thing"]
    thing["properties"]["faces"] = {"type": "array", "items": {"type": "string", "maxLength": 9}}
    thing["required"].append("faces")
    assert changelog.entry(things, new) == (
        "### Contract 1.0.0\n\n"
        "- Additive: `listThings` response: `Thing.faces`: new required property faces.\n"
    )
    newer = copy.deepcopy(new)
    newer["components"]["schemas"]["Thing"]["properties"]["faces"]["items"]["maxLength"] = 10
    assert "`Thing.faces[]`: maxLength 9 became 10.\n" in changelog.entry(new, newer)


def test_words_to_read_stand_side_by_side_and_whole(things) -> None:
    new = copy.deepcopy(things)
    things["info"]["description"] = "Up to 50 things, | as @you like"
    new["info"]["description"] = "Up to 10 things, | as @you like. " + "word " * 40
    assert changelog.entry(things, new) == (
        "### Contract 1.0.0\n\n#### Read these\n\n"
        "| operation | where | was | now |\n|---|---|---|---|\n"
        "| all | `#/info/description` | Up to 50 things, \\| as &#64;you like "
        f"| Up to 10 things, \\| as &#64;you like. {'word ' * 39}word |\n"
    )


def test_names_of_generated_code_are_told_but_do_not_need_a_version(things) -> None:
    new = copy.deepcopy(things)
    new["paths"]["/things"]["get"]["operationId"] = "allThings"
    assert changelog.check(things, new) == []
    assert "- Breaks generated code: `allThings`: " in changelog.entry(things, new)


def test_an_entry_replaces_the_one_before() -> None:
    tail = f"\n\n## 0.1\n\nWritten before {changelog.END}, as ever.\n"
    once = changelog.insert(f"# C\n\n{changelog.BEGIN}\nold\n{changelog.END}{tail}", "new\n")
    assert once == f"# C\n\n{changelog.BEGIN}\n\nnew\n\n{changelog.END}{tail}"
    assert changelog.insert(once, "new\n") == once


def test_a_changelog_without_a_place_for_the_entry_is_refused() -> None:
    with pytest.raises(PipelineError, match="needs the lines"):
        changelog.insert("# Changelog\n", "new\n")


def test_the_committed_contract_has_not_broken_its_last_release() -> None:
    released = json.loads(Layout(ROOT).released.read_text("utf-8"))
    now = json.loads(Layout(ROOT).contract_json.read_text("utf-8"))
    assert changelog.check(released, now) == []


class TestTheCommands:
    @pytest.fixture
    def layout(self, project, things) -> Layout:
        layout = project(things=things)
        layout.contract_json.write_text(json.dumps(things))
        layout.changelog.write_text(f"{changelog.BEGIN}\n{changelog.END}\n")
        assert self.run("release", layout).exit_code == 0
        return layout

    def run(self, command: str, layout: Layout, *arguments: str):
        root = ("--root", str(layout.root), "--name", "things")
        return CliRunner().invoke(app, [command, *root, *arguments])

    def test_check_passes_and_writes_nothing_when_nothing_broke(self, layout) -> None:
        before = layout.changelog.read_text()
        assert self.run("changelog", layout, "--check").exit_code == 0
        assert layout.changelog.read_text() == before

    def test_check_exits_1_and_says_what_to_do_when_it_broke(self, layout, things) -> None:
        layout.contract_json.write_text(json.dumps(broken(things)))
        done = self.run("changelog", layout, "--check")
        assert done.exit_code == 1
        assert "property id is gone" in done.stderr
        assert "give info.version a new major version" in done.stderr

    def test_the_entry_is_written_even_if_the_version_is_too_low(self, layout, things) -> None:
        layout.contract_json.write_text(json.dumps(broken(things)))
        assert self.run("changelog", layout).exit_code == 1
        assert "property id is gone" in layout.changelog.read_text()

    def test_without_a_release_the_command_says_so_in_one_line(self, layout) -> None:
        layout.released.unlink()
        done = self.run("changelog", layout, "--check")
        assert done.exit_code == 2
        assert done.stderr.count("\n") == 1
