"""What two pages say differently is settled before the merge, in an overlay for one of them."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from akool_pipeline.cli import app
from akool_pipeline.documents import document

SETTLE = """\
overlay: 1.0.0
info: {title: Settle, version: '1'}
actions:
  - target: $.components.schemas.Thing.properties.id
    description: The other page is right.
    x-evidence: An answer.
    update:
      type: string
"""


@pytest.fixture
def layout(project, things, other):
    other["components"]["schemas"]["Thing"]["properties"]["id"]["type"] = "integer"
    return project(things=things, others=other)


def build(layout):
    return CliRunner().invoke(app, ["build", "--root", str(layout.root), "--name", "things"])


def write(layout, name: str, text: str) -> None:
    layout.fragment_overlays.mkdir(parents=True, exist_ok=True)
    (layout.fragment_overlays / name).write_text(text)


def test_a_conflict_says_where_it_can_be_settled(layout) -> None:
    done = build(layout)
    assert done.exit_code == 2
    where = layout.fragment_overlays
    assert f"settle it in {where / 'others.yaml'}" in done.stderr or (
        f"settle it in {where / 'things.yaml'}" in done.stderr
    )


@pytest.mark.parametrize(("name", "word"), [("others", "string"), ("things", "integer")])
def test_either_page_can_give_way(layout, name: str, word: str) -> None:
    page = layout.fragments / f"{name}.yaml"
    before = page.read_bytes()
    write(layout, f"{name}.yaml", SETTLE.replace("type: string", f"type: {word}"))
    done = build(layout)
    assert done.exit_code == 0, done.output
    schemas = document.read(layout.contract).data["components"]["schemas"]
    assert schemas["Thing"]["properties"]["id"] == {"type": word}
    assert page.read_bytes() == before


FAULTY = {
    "an action that matches nothing": (
        SETTLE.replace("Thing", "Gone"),
        "others.yaml:4: #/actions/0: stale: it matches nothing any more",
    ),
    "an action that changes nothing": (
        SETTLE.replace("type: string", "type: integer"),
        "others.yaml:4: #/actions/0: stale: it changes nothing",
    ),
    "a wildcard": (
        SETTLE.replace("$.components.schemas.Thing.properties.id", "$.paths.*.*"),
        "others.yaml:4: #/actions/0: its wildcard reaches GET /others",
    ),
    "a reference that it broke": (
        SETTLE.replace("$.components.schemas.Thing.properties.id", "$.components.schemas.Thing")
        .replace("    update:\n      type: string", "    remove: true"),
        "$ref to nowhere: #/components/schemas/Thing",
    ),
    "no reason": (SETTLE.replace("    description", "    x-description"), "a `description`"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), FAULTY.values(), ids=FAULTY.keys())
def test_it_is_held_to_what_every_overlay_is_held_to(layout, text: str, message: str) -> None:
    write(layout, "others.yaml", text)
    done = build(layout)
    assert done.exit_code == 2
    assert message in done.stderr


def test_an_overlay_for_a_fragment_that_is_gone_is_stale(layout) -> None:
    write(layout, "nobody.yaml", SETTLE)
    done = build(layout)
    assert done.exit_code == 2
    assert "nobody.yaml: stale: there is no fragment 'nobody'; delete the file" in done.stderr


def test_what_it_wrote_is_traced_to_it_through_the_merge(layout) -> None:
    text = SETTLE.replace(".properties.id", "").replace(
        "type: string", "properties: {id: {type: string}}\n      example: {id: 3}"
    )
    write(layout, "others.yaml", text)
    (layout.fragments / "things.yaml").unlink()
    done = build(layout)
    assert done.exit_code == 2
    assert "fragments/others.yaml:9: #/components/schemas/Thing/example/id" in done.stderr


def test_a_page_that_does_not_hold_together_is_imported_and_can_be_settled(tmp_path) -> None:
    page = tmp_path / "slips.md"
    page.write_text(
        "```yaml GET /slips\nopenapi: 3.0.3\ninfo: {title: Slips, version: 1.0}\npaths:\n"
        "  /slips:\n    get:\n      parameters:\n      responses:\n        200:\n"
        "          $ref: '#/components/responses/Gone'\n```\n"
    )
    here = ("--root", str(tmp_path), "--contract", "things")
    done = CliRunner().invoke(app, ["import", str(page), *here])
    assert done.exit_code == 0, done.output
    where = tmp_path / "openapi" / "overlays" / "fragments" / "slips.yaml"
    assert f"parameters: must be an array of objects; settle it in {where}" in done.stdout
    where.parent.mkdir(parents=True)
    why = "description: A slip of the page.\n    x-evidence: The page's own table."
    where.write_text(
        "overlay: 1.0.0\ninfo: {title: Settle, version: '1'}\nactions:\n"
        f"  - target: $.paths['/slips'].get.responses['200']\n    {why}\n    remove: true\n"
        f"  - target: $.paths['/slips'].get\n    {why}\n"
        "    update: {parameters: [], responses: {200: {description: Fine}}}\n"
    )
    done = CliRunner().invoke(app, ["build", "--root", str(tmp_path), "--name", "things"])
    assert done.exit_code == 0, done.output
