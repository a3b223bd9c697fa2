"""Pages of other products, lawful and strange, walk the whole way: import, build, client, mock.

The pages are our own, in the forms that docs platforms serve: other fences, carriage returns, JSON
in a block, webhooks alone, schemas that contain themselves, names that Python keeps for itself,
merge keys, OpenAPI 3.0 beside 3.1, references into `$defs`, `false` as a schema, any media type.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from akool_contract._options import PROFILES, Options
from akool_contract._target.simulated import SimulatorTarget
from akool_contract._wire.contract import Contract
from akool_contract.suite import verify
from akool_pipeline.cli import app

PAGES = Path(__file__).with_name("pages")
PRODUCTS = {
    "assets": (["talking-photo", "upload", "export-xml", "refs"], [
        "GET /api/open/v3/export", "POST /api/open/v3/export",  # a picture; XML
    ]),
    "hooks": (["list-assets", "webhooks"], []),
    "studio": (["background-change", "image-generator"], [
        "POST /api/open/v4/voice/tts (speak)",  # an enum of texts, numbers and true
    ]),
}  # fmt: skip


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("name", PRODUCTS)
def test_they_are_imported_built_generated_served_and_held(name, tmp_path, monkeypatch) -> None:
    pages, left_out = PRODUCTS[name]
    (tmp_path / "openapi").mkdir()
    there = ("--root", str(tmp_path))
    for page in pages:
        address = f"https://docs.example/{page}"
        run("import", str(PAGES / f"{page}.md"), "--address", address, "--contract", name, *there)
    run("build", "--name", name, *there)
    told = run("generate", "--name", name, *there)
    for operation in left_out:
        assert f"left out: {operation}: " in told
    assert told.count("left out: GET") + told.count("left out: POST") == len(left_out)
    assert run("status", "--name", name, *there) == "nothing is left to do\n"
    contract = json.loads((tmp_path / "openapi" / f"{name}.json").read_text())
    report = verify(
        SimulatorTarget(contract),
        Contract(contract),
        Options(profile=PROFILES["quick"], seed=1, allow_submit=True, max_credits=100),
    )
    assert report.violations == []
    assert report.exit_code == 0, report.error
    monkeypatch.syspath_prepend(str(tmp_path / "generated"))
    importlib.invalidate_caches()
    models = importlib.import_module(f"{name}_api.models")
    if name == "assets":
        assert_hostile_names_keep_their_values(models)
    if name == "studio":
        assert contract["openapi"] == "3.1.0"
        raw = importlib.import_module(f"{name}_api.raw").RawOperations
        assert {"create_by_prompt", "post_api_open_v3_content_bgchange"} <= set(dir(raw))
        reply = {"code": 1, "data": {"_id": "a"}}
        assert models.Reply.from_dict(reply).to_dict() == reply
        assert models.Reply.from_dict(reply).data.field_id == "a"
    for module in [module for module in sys.modules if module.startswith(f"{name}_api")]:
        del sys.modules[module]


def assert_hostile_names_keep_their_values(models: Any) -> None:
    wire = {
        "talking_photo_url": "u", "children": [{"talking_photo_url": "v"}], "order": "desc 1",
        "next": {"talking_photo_url": "w"}, "class": "c", "d": "x", "self": "s", "from_dict": True,
        "additional_properties": {"a": "b"}, "x-ratio": 0.5, "1st": 1, "émoji": "e", "on": False,
        "null": None, "a.b/c~d": "z", "import": "i", "Class": "C", "level": -1,
    }  # fmt: skip
    assert models.Segment.from_dict(dict(wire)).to_dict() == wire
    tree = {"name": "a", "kids": {"b": {"name": "c", "shape": {"shapeType": "Circle", "r": 1.5}}}}
    assert models.Tree.from_dict(tree).to_dict() == tree
