"""A page in, everything follows: another product's pages, built, generated and used.

Three made-up shapes beside face swap's four submits: a job that is polled one by one, jobs that are
listed together and have several results each, and an operation that starts no job. No line of
Python is written for them: `any_contract.py` runs with the checkout's client and simulator.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from akool_pipeline.cli import app

ROOT = Path(__file__).resolve().parents[2]
TEXT = {"type": "string"}
DEFECTS = [
    "credits.deducted-once", "credits.refusal-is-free", "credits.same-price", "schema.answer",
    "schema.envelope", "state.deleted-stays-deleted", "state.ids-are-unique", "state.job-ends",
]  # fmt: skip
SWAPS = ["swapImage", "swapVideo", "swapImagePro", "swapPlus"]


def page(paths: dict[str, Any]) -> dict[str, Any]:
    """A docs page of the same vendor, for another product."""
    ours = yaml.safe_load((ROOT / "openapi/fragments/faceswap-plus.yaml").read_text("utf-8"))
    return {
        "openapi": "3.0.3",
        "x-provenance": {"kind": "facts", "pages": ["https://docs.example/other"], "note": "-"},
        "info": {"title": "Other API", "version": "1.0.0"},
        "servers": ours["servers"],
        "security": ours["security"],
        "paths": paths,
        "components": {"securitySchemes": ours["components"]["securitySchemes"]},
    }  # fmt: skip


def obj(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


def answer(**properties: Any) -> dict[str, Any]:
    return obj(["ok", *properties], ok={"type": "boolean"}, why=TEXT, **properties)


def operation(name: str, body_of: dict[str, Any], *parameters: Any, body: Any = None) -> Any:
    content = {"application/json": {"schema": body_of}}
    made = {
        "operationId": name,
        "tags": ["Face Swap"],
        "summary": name,
        "parameters": list(parameters),
        "responses": {"200": {"description": "Answer", "content": content}},
    }
    if body is not None:
        content = {"application/json": {"schema": body}}
        made["requestBody"] = {"required": True, "content": content}
    return made


FILM = obj(["id", "state"], id=TEXT, state=TEXT, file=TEXT, why=TEXT, made={"type": "integer"})
SONG = obj(["key", "stage"], key=TEXT, stage={"type": "integer"},
           files={"type": "array", "items": obj(["at"], at=TEXT)})  # fmt: skip
FILM_ID = {"name": "film_id", "in": "path", "required": True, "schema": TEXT}
KEYS = {"name": "keys", "in": "query", "required": True, "schema": TEXT}
TITLE = obj(["title"], title=TEXT)
PAGES = {
    "films": page({
        "/other/films": {"post": operation("makeFilm", answer(film=FILM), body=TITLE)},
        "/other/films/{film_id}": {
            "get": operation("getFilm", answer(film=FILM), FILM_ID),
            "delete": operation("dropFilm", answer(), FILM_ID),
        },
    }),
    "songs": page({
        "/other/songs": {
            "post": operation(
                "makeSongs", answer(songs={"type": "array", "items": SONG}),
                body=TITLE,
            ),
            "get": operation(
                "listSongs", answer(songs={"type": "array", "items": SONG}),
                KEYS,
            ),
        }
    }),
    "notes": page({"/other/notes": {"post": operation("makeNote", answer(), body=TITLE)}}),
}  # fmt: skip
ENVELOPE = {"success": "$response.body#/ok == true", "text": "/why"}
FILM_JOB = {
    "id": "$response.body#/film/id",
    "poll": {
        "operationId": "getFilm",
        "parameter": "$request.path.film_id",
        "job": "$response.body#/film",
    },
    "fields": {
        "id": "/id",
        "status": "/state",
        "result": "/file",
        "reason": "/why",
        "created": "/made",
    },
    "statuses": {
        "queued": ["waiting"],
        "running": ["shooting"],
        "succeeded": ["done"],
        "failed": ["broken"],
    },
    "resultLifetimeSeconds": 3600,
    "delete": {"operationId": "dropFilm", "parameter": "$request.path.film_id"},
}
SONG_JOB = {
    "id": "$response.body#/songs/0/key",
    "poll": {
        "operationId": "listSongs",
        "parameter": "$request.query.keys",
        "separator": "|",
        "job": "$response.body#/songs",
    },
    "fields": {"id": "/key", "status": "/stage", "result": "/files", "resultItem": "/at"},
    "statuses": {"queued": [0], "running": [1], "succeeded": [2], "failed": [-1]},
}
EXTENSIONS = {
    "['/other/films'].post": {"x-effect": "spends", "x-price": {"credits": 3}, "x-job": FILM_JOB},
    "['/other/films/{film_id}'].get": {"x-effect": "reads"},
    "['/other/films/{film_id}'].delete": {"x-effect": "deletes"},
    "['/other/songs'].post": {"x-effect": "spends", "x-price": {"credits": 2}, "x-job": SONG_JOB},
    "['/other/songs'].get": {"x-effect": "reads"},
    "['/other/notes'].post": {"x-effect": "spends", "x-price": {"credits": 1}},
}


def overlay() -> dict[str, Any]:
    return {
        "overlay": "1.0.0",
        "info": {"title": "What the other product's operations do", "version": "1.0.0"},
        "actions": [
            {
                "target": f"$.paths{target}",
                "description": "What it does is prose only.",
                "x-evidence": "Made up.",
                "update": {"x-envelope": ENVELOPE, **update},
            }
            for target, update in EXTENSIONS.items()
        ],
    }


def built(root: Path, *, extensions: bool) -> Path:
    """Lay the pages beside ours; build and generate there."""
    kept = shutil.ignore_patterns("__pycache__")
    for part in ("openapi", "generated"):
        shutil.copytree(ROOT / part, root / part, ignore=kept)
    for name, document in PAGES.items():
        (root / f"openapi/fragments/{name}.yaml").write_text(json.dumps(document, indent=1))
    if extensions:
        (root / "openapi/overlays/90-other.yaml").write_text(json.dumps(overlay(), indent=1))
    for step in ("build", "generate"):
        done = CliRunner().invoke(app, [step, "--root", str(root)])
        assert done.exit_code == 0, done.output
    return root


def run(root: Path, program: str, *arguments: Path) -> dict[str, Any]:
    """Run a program with what was built and generated there."""
    path = os.pathsep.join(map(str, (root / "openapi", root / "generated")))
    ran = subprocess.run(
        [sys.executable, ROOT / "tests" / "client" / program, *arguments],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def used(root: Path) -> dict[str, Any]:
    """What the client made of it."""
    (root / "out").mkdir()
    told = run(root, "any_contract.py", root / "out")
    assert told["client"].startswith(str(ROOT / "client"))
    assert told["package"].startswith(str(root))
    return told


def held(root: Path) -> dict[str, Any]:
    """What the suite made of it."""
    return run(root, "any_contract_held.py", root / "openapi/akool_openapi/contract.json")


@pytest.fixture(scope="module")
def other(tmp_path_factory) -> Path:
    return built(tmp_path_factory.mktemp("other"), extensions=True)


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> Path:
    return built(tmp_path_factory.mktemp("plain"), extensions=False)


@pytest.fixture(scope="module")
def told(other: Path) -> dict[str, Any]:
    return used(other)


@pytest.fixture(scope="module")
def plain(bare: Path) -> dict[str, Any]:
    return used(bare)


@pytest.fixture(scope="module")
def found(other: Path) -> dict[str, Any]:
    return held(other)


@pytest.fixture(scope="module")
def found_bare(bare: Path) -> dict[str, Any]:
    return held(bare)


@pytest.mark.xdist_group("any-contract")
class TestWithExtensions:
    def test_a_job_is_polled_one_by_one_saved_confirmed_and_deleted(self, told) -> None:
        film = told["blocking"]
        assert film["seen"] == ["IN_QUEUE", "PROCESSING", "SUCCESS"]
        assert film["file"] > 0
        assert film["same"] == [True, True]
        assert film["expires"] == 3600

    def test_jobs_with_several_results_share_their_looks(self, told) -> None:
        songs = told["blocking"]
        assert songs["urls"] == [2, 2, 2, 1]
        assert len(songs["saved"]) == 2  # under two names, though both addresses end alike
        assert min(songs["saved"].values()) > 0
        assert "The job made 2 files; save_all(folder) saves each" in songs["several"]
        assert songs["song_looks"] <= 4  # three jobs: one request for each round, not three

    def test_every_submit_costs_what_the_contract_says(self, told) -> None:
        assert told["blocking"]["spent"] == 3 + 3 * 2 + 4 + 1

    def test_a_job_that_failed_says_why(self, told) -> None:
        assert told["failing"] == {"reason": "no light", "operation": "getFilm"}

    def test_asyncio_waits_for_all_kinds_together(self, told) -> None:
        assert told["async"]["ids"] == [True] * 6

    def test_what_cannot_be_submitted_is_said_in_one_line_and_not_sent(self, told) -> None:
        refused = told["refused"]
        assert refused.pop("sent") == "0"
        assert len(refused) == 6
        assert all("\n" not in text for text in refused.values())
        note, unknown, lacks, none, wrong, other = refused.values()
        assert "makeNote starts no job: the contract has no x-job for it" in note
        assert "client.raw.make_note" in note
        assert "no operation 'nothing'" in unknown
        assert "lacks 'title'" in lacks
        assert "missing a required argument: 'body'" in none
        assert "not list" in wrong
        assert "colour" in other
        assert "has no `delete`" in told["blocking"]["no_delete"]

    def test_an_operation_without_a_job_is_sent_raw(self, told) -> None:
        assert told["blocking"]["note"]["ok"] is True

    def test_the_suite_finds_the_simulator_clean(self, found) -> None:
        code, output = found["clean"]
        assert code == 0, output

    @pytest.mark.parametrize("check", DEFECTS)
    def test_the_suite_finds_a_defect_that_is_put_in(self, found, check) -> None:
        code, checks = found["defects"][check]
        assert code == 1
        assert check in checks

    def test_without_leave_a_server_is_only_read(self, found) -> None:
        assert found["code"] == 0, found["output"]
        assert set(found["others"]) <= {"GET getFilm", "GET listSongs", "HEAD ", "OPTIONS ", "GET "}
        assert (found["jobs"], found["credits"]) == (0, 50)

    def test_swaps_and_the_others_are_served_by_the_same_code(self, told) -> None:
        """Function by function: what one submit and its wait run is the same for every product."""
        # A code that is a number, a reason that is given, an address in the body or not yet cached.
        varies = ("job_state.whole_number", "_text.on_one_line", "wire._url", "addresses.")
        used = {
            name: {function for function in functions if not function.startswith(varies)}
            for name, functions in told["used"].items()
        }
        assert len(used) == 6
        swap = used["swapImage"]
        assert "job_calls.submit_call" in swap
        for name, functions in used.items():
            assert functions == swap, name


@pytest.mark.xdist_group("any-contract")
class TestWithoutExtensions:
    def test_pages_are_served_by_their_schemas(self, plain) -> None:
        assert set(plain["film"]) >= {"ok"}

    def test_submit_says_that_the_contract_has_no_job(self, plain) -> None:
        assert plain["told"].startswith("makeFilm starts no job: the contract has no x-job for it")
        assert "\n" not in plain["told"]

    def test_the_suite_checks_what_applies(self, found_bare) -> None:
        code, output = found_bare["clean"]
        assert code == 0, output

    def test_nothing_is_sent_that_may_spend(self, found_bare) -> None:
        assert found_bare["code"] == 0, found_bare["output"]
        assert not [sent for sent in found_bare["others"] if sent.startswith(("POST", "DELETE"))]
        assert (found_bare["jobs"], found_bare["credits"]) == (0, 50)

    def test_swaps_go_on_as_before(self, plain) -> None:
        assert plain["swapped"] is True


def test_what_serves_jobs_names_no_operation() -> None:
    """Neither the four submits nor what follows them stands in the code that serves them."""
    client = ROOT / "client" / "akool_faceswap"
    files = [
        *(client / "_core" / "waiting").glob("*.py"),
        *(client / "_core" / f"{name}.py" for name in ("job", "job_calls", "operations")),
        *(client / "_async" / f"{name}.py" for name in ("jobs", "polling", "engine")),
        client / "_models" / "job_kind.py",
    ]
    names = [*SWAPS, "listResults", "deleteResults", "faceswap_status", "alg_msg", "createdAt"]
    for file in files:
        code = re.sub(r'"""[\s\S]*?"""', "", file.read_text("utf-8"))
        assert [name for name in names if name in code] == [], file
