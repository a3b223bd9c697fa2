"""How changes are printed, and what the command answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.pipeline.diff.base import (
    ADDITIVE,
    BASE,
    BODY,
    BREAKING,
    GONE,
    NEITHER,
    POST,
    READ,
    REQUEST,
    edited,
)
from typer.testing import CliRunner

from akool_pipeline.cli import app
from akool_pipeline.diff import Change, compare, render
from akool_pipeline.diff.model import subject

if TYPE_CHECKING:
    from pathlib import Path

WORDS = Change(READ, "text-changed", NEITHER, ("a (GET /a)",), "/a", "text", "Up to 5\n|x", None)
WIRE = Change(
    BREAKING, "r", REQUEST, ("a (GET /a)", "b (GET /b)"), "/x|`y", "m [l](u) <b> @me & \\"
)


def test_a_line_each_and_both_texts_below_what_is_to_be_read() -> None:
    assert render.text([WIRE, WORDS]) == (
        "breaking      a (GET /a), b (GET /b) request: m [l](u) <b> @me & \\ [r] #/x|`y\n"
        "read          a (GET /a): text [text-changed] #/a\n"
        "                was: Up to 5 |x\n"
        "                now: -\n"
        "1 breaking, 0 generated, 1 read, 0 additive, 0 documentation\n"
    )


def test_text_of_no_change_says_so_in_counts() -> None:
    assert render.text([]) == ("0 breaking, 0 generated, 0 read, 0 additive, 0 documentation\n")
    assert render.markdown([]) == "No changes.\n"


def test_a_table_each_in_which_the_words_of_a_page_stay_words() -> None:
    whole = Change(ADDITIVE, "r", NEITHER, (), "/y", "m")
    assert render.markdown([WIRE, WORDS, whole]) == (
        "## Breaking (1)\n\n| operation | direction | change | where |\n|---|---|---|---|\n"
        "| a (GET /a), b (GET /b) | request | m \\[l](u) &lt;b> &#64;me &amp; \\\\ "
        "| ``#/x\\|`y`` |\n\n"
        "## Read these (1)\n\n| operation | where | was | now |\n|---|---|---|---|\n"
        "| a (GET /a) | `#/a` | Up to 5 \\|x | - |\n\n"
        "## Additive (1)\n\n| operation | direction | change | where |\n|---|---|---|---|\n"
        "| all | - | m | `#/y` |\n"
    )
    assert render.markdown([whole], level=4).startswith("#### Additive (1)")


def test_json_has_both_texts_where_words_changed() -> None:
    told = json.loads(render.as_json([WIRE, WORDS]))
    assert told["summary"] == {
        "breaking": 1, "generated": 0, "read": 1, "additive": 0, "documentation": 0
    }  # fmt: skip
    assert told["changes"] == [
        {
            "severity": "breaking",
            "rule": "r",
            "direction": "request",
            "operations": ["a (GET /a)", "b (GET /b)"],
            "pointer": "/x|`y",
            "message": "m [l](u) <b> @me & \\",
        },
        {
            "severity": "read",
            "rule": "text-changed",
            "direction": None,
            "operations": ["a (GET /a)"],
            "pointer": "/a",
            "message": "text",
            "before": "Up to 5\n|x",
            "after": None,
        },
    ]


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("", ""),
        ("/info/version", ""),
        ("/components/schemas/Request", "Request"),
        ("/components/schemas/Request/properties/faces/items/maximum", "Request.faces[]"),
        ("/components/schemas/A/items/items/properties/properties", "A[][].properties"),
        ("/paths/~1a/post/requestBody/content/a~1b/schema/properties/x~1y/type", "x/y"),
        ("/components/schemas/A/properties", "A"),
    ],
)
def test_a_part_has_a_name_for_people(pointer, name) -> None:
    assert subject(pointer) == name
    assert Change(READ, "r", NEITHER, (), pointer, "m").subject == name


class TestTheCommand:
    @pytest.fixture
    def files(self, tmp_path: Path):
        def write(name: str, document: dict[str, Any]) -> str:
            path = tmp_path / name
            path.write_text(json.dumps(document))
            return str(path)

        return write

    def run(self, *arguments: str):
        return CliRunner().invoke(app, ["diff", *arguments])

    def test_exits_1_and_names_operation_and_pointer_on_a_breaking_change(self, files) -> None:
        done = self.run(files("a.json", BASE), files("b.json", edited(BASE, {POST: GONE})))
        assert done.exit_code == 1
        assert "submit (POST /jobs)" in done.stdout
        assert "#/paths/~1jobs/post" in done.stdout

    def test_exits_1_if_generated_code_breaks(self, files) -> None:
        new = edited(BASE, {POST + "/operationId": "send"})
        assert self.run(files("a.json", BASE), files("b.json", new)).exit_code == 1

    @pytest.mark.parametrize(
        "edits",
        [{BODY + "/properties/new": {"type": "string"}}, {POST + "/summary": "Must be sent"}],
    )
    def test_exits_0_on_what_breaks_nobody(self, files, edits) -> None:
        done = self.run(files("a.json", BASE), files("b.json", edited(BASE, edits)))
        assert done.exit_code == 0

    @pytest.mark.parametrize("form", ["text", "markdown", "json"])
    def test_prints_in_the_form_that_is_asked_for(self, files, form) -> None:
        new = edited(BASE, {BODY + "/properties/note/pattern": "^(a|b)"})
        done = self.run(files("a.json", BASE), files("b.json", new), "--format", form)
        show = {"text": render.text, "markdown": render.markdown, "json": render.as_json}[form]
        assert done.stdout == show(compare(BASE, new))

    def test_refuses_what_is_no_contract_in_one_line_with_exit_code_2(self, files) -> None:
        done = self.run(files("a.json", BASE), files("b.json", {"swagger": "2.0"}))
        assert done.exit_code == 2
        assert done.stderr.count("\n") == 1
        assert "only OpenAPI 3.0 and 3.1" in done.stderr
